"""The text of a new instruction pack: valid as it is, and meant to be changed."""

from __future__ import annotations

import re

from metier.errors import UsageError
from metier.registry.ids import NAME_PATTERN

_YAML = """\
# An instruction pack. Check it with: metier pack check FILE
schema: 1
domain: {domain}
title: {title}
{extends}instructions:
  - id: find-{domain}
    version: 1  # raise it whenever the task changes: every vector changes with it
    task: Given a question about {words}, retrieve passages that answer it
    kind: retrieval
  - id: group-{domain}
    version: 1
    task: Group texts about {words} by their subject
    kind: clustering
    sides: both
"""
_TOML = """\
# An instruction pack. Check it with: metier pack check FILE
schema = 1
domain = "{domain}"
title = "{title}"
{extends}
[[instructions]]
id = "find-{domain}"
version = 1  # raise it whenever the task changes: every vector changes with it
task = "Given a question about {words}, retrieve passages that answer it"
kind = "retrieval"

[[instructions]]
id = "group-{domain}"
version = 1
task = "Group texts about {words} by their subject"
kind = "clustering"
sides = "both"
"""
_EXTENDS_YAML = "extends: {}\noverrides: []  # ids of instructions there that this pack replaces\n"
_EXTENDS_TOML = (
    'extends = "{}"\noverrides = []  # ids of instructions there that this pack replaces\n'
)


def new_pack(domain: str, *, extends: str | None = None, toml: bool = False) -> str:
    """A pack with an instruction of each common shape.

    Args:
        domain: name of its domain.
        extends: the domain it builds on, if any.
        toml: TOML rather than YAML.

    Raises:
        UsageError: `domain` is not a valid name.
    """
    if not re.fullmatch(NAME_PATTERN, domain) or len(domain) > 58:
        raise UsageError(
            f"{domain!r} is not a name for a domain.",
            why="Names are lower-case words of letters and digits, joined by single hyphens, of "
            "at most 58 characters here.",
        )
    words = domain.replace("-", " ")
    text, extension = (_TOML, _EXTENDS_TOML) if toml else (_YAML, _EXTENDS_YAML)
    return text.format(
        domain=domain,
        title=f"About {words}",
        words=words,
        extends=extension.format(extends) if extends else "",
    )
