"""Ids: `domain/name` for workflows, `domain/name@version` for instructions."""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from metier.errors import UsageError

NAME_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""Lower-case words of letters and digits, joined by single hyphens."""

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=64)]
"""A name in a data file."""

LAST_VERSION = 999_999_999
"""The largest version that an id can name."""

_ID = re.compile(r"(?:(?P<domain>[^/@\s]+)/)?(?P<name>[^/@\s]+)(?:@(?P<version>[1-9][0-9]{0,8}))?")


class InstructionId(NamedTuple):
    """A parsed instruction id; `domain` and `version` are None where the user left them out."""

    domain: str | None
    name: str
    version: int | None


def parse_instruction_id(text: str) -> InstructionId:
    """Read `finance/delinquency-risk@1`, `finance/delinquency-risk` or `delinquency-risk`.

    Raises:
        UsageError: it has another form.
    """
    match = _ID.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise UsageError(
            f"{text!r} is not an instruction id.",
            why="An id reads domain/name or domain/name@version, in lower case without spaces.",
            fix="List the ids with: metier instructions list",
        )
    version = match["version"]
    return InstructionId(match["domain"], match["name"], int(version) if version else None)
