"""`metier.toml`: which plugins a project uses, and its own packs."""

from __future__ import annotations

import itertools
import os
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from metier.errors import UsageError, close_names

FILE_NAME = "metier.toml"
MAX_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What a project says; everything is empty where it says nothing.

    Attributes:
        path: the file; None where there is none.
        allow: the only plugins that may be active, by plugin, distribution or domain; None for all
            of them.
        block: plugins that may not be active.
        strict: a plugin that cannot be used is an error.
        packs: instruction packs, the strongest last; relative ones are taken from the file's
            folder.
    """

    path: Path | None = None
    allow: tuple[str, ...] | None = None
    block: tuple[str, ...] = ()
    strict: bool = False
    packs: tuple[Path, ...] = ()


class Key(NamedTuple):
    """A key of the file.

    Attributes:
        takes: type of its value; a list is one of texts.
        meaning: what it says, for the reference.
    """

    takes: type
    meaning: str


KEYS: Mapping[str, Mapping[str, Key]] = MappingProxyType(
    {
        "plugins": {
            "allow": Key(
                list,
                "The only plugins that may be active, by plugin, distribution or domain. Empty: "
                "none; left out: all of them.",
            ),
            "block": Key(list, "Plugins that may not be active, named in the same way."),
            "strict": Key(bool, "Whether a plugin that cannot be used is an error."),
        },
        "packs": {
            "paths": Key(
                list,
                "Instruction packs of the project, the strongest last. Relative paths are taken "
                "from the file's folder.",
            ),
        },
    }
)
"""Every key by its table."""

_WORDS = {list: "a list of texts", bool: "true or false"}


def find_project(start: Path | None = None) -> Path | None:
    """The project's file: in a folder, else in the nearest one above it that has one.

    The root of a repository, which holds `.git`, is the last folder looked in.

    Args:
        start: the folder to begin with; None for the current one.

    Raises:
        UsageError: the file stands above that folder and is of somebody else, whom nobody asked.
    """
    here = (Path() if start is None else start) / FILE_NAME
    if os.path.lexists(here):
        return here
    try:
        folder = here.parent.resolve()
    except OSError:  # the current folder is gone
        return None
    for below, above in itertools.pairwise((folder, *folder.parents)):
        if os.path.lexists(below / ".git"):
            return None
        path = above / FILE_NAME
        if os.path.lexists(path):
            _refuse_foreign(path, folder)
            return path
    return None


def _refuse_foreign(path: Path, folder: Path) -> None:
    """Refuse a file that neither this user, the system nor the owner of the folder put there.

    In a folder that everybody may write to, such as that of temporary files, anyone could change
    the instructions of all who work below it, and block the plugin that guards what they send.
    """
    if sys.platform == "win32":  # which tells no owner
        return
    owner = path.lstat().st_uid
    if owner not in (0, os.geteuid(), folder.stat().st_uid):
        raise UsageError(
            f"{path} is not yours.",
            why="It stands above the current folder, and belongs to another user than that does.",
            fix=f"Copy it here if you trust it, or write a {FILE_NAME} of your own here; it may be "
            "empty.",
        )


def read_project(start: Path | None = None) -> ProjectFile:
    """Read the project's file.

    Args:
        start: as of `find_project`.

    Raises:
        UsageError: as `find_project`; or it cannot be read, is no TOML, or has a key or value it
            cannot have.
    """
    path = find_project(start)
    if path is None:
        return ProjectFile()
    text = _text(path)
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{path}: nested deeper than any project file is.") from None
    except ValueError as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}.",
            why="Usually a text without quotes, or a bracket that is not closed.",
        ) from None
    _check(content, text, path)
    plugins, packs = content.get("plugins", {}), content.get("packs", {})
    return ProjectFile(
        path=path,
        allow=tuple(plugins["allow"]) if "allow" in plugins else None,
        block=tuple(plugins.get("block", ())),
        strict=plugins.get("strict", False),
        packs=tuple(path.parent / os.path.expanduser(one) for one in packs.get("paths", ())),
    )


def _text(path: Path) -> str:
    try:
        if not path.is_file():  # to read what is none, such as a pipe, may never end
            raise OSError("it is not a file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise OSError(f"it has more than {MAX_BYTES:,} bytes")
        return raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}.", fix="Mend the file, or remove it."
        ) from None


def _check(content: Mapping[str, Any], text: str, path: Path) -> None:
    for table, inner in content.items():
        if table not in KEYS:
            raise _unknown(table, "", tuple(KEYS), text, path)
        if not isinstance(inner, dict):
            raise UsageError(
                f"{_where(table, text, path)}: {table!r} is no table.",
                fix=f"Write [{table}] on a line of its own, and its keys below.",
            )
        for key, value in inner.items():
            if key not in KEYS[table]:
                raise _unknown(key, f" in [{table}]", tuple(KEYS[table]), text, path)
            wanted = KEYS[table][key].takes
            if not isinstance(value, wanted) or (
                isinstance(value, list) and not all(isinstance(one, str) for one in value)
            ):
                raise UsageError(
                    f"{_where(key, text, path)}: {key!r} in [{table}] is not {_WORDS[wanted]}."
                )


def _unknown(key: str, inside: str, known: tuple[str, ...], text: str, path: Path) -> UsageError:
    close = close_names(key, known)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."
    return UsageError(f"{_where(key, text, path)}: unknown key {key!r}{inside}.", why=hint)


def _where(key: str, text: str, path: Path) -> str:
    """The file, and the line where a key that stands there in plain words is given."""
    plain = re.compile(rf"""\s*\[?\s*["']?{re.escape(key)}["']?\s*[\]=.]""")
    for number, line in enumerate(text.splitlines(), start=1):
        if plain.match(line):
            return f"{path}, line {number}"
    return str(path)
