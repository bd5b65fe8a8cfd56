"""Ids: `domain/name` for workflows, `domain/name@version` for instructions."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from metier.datafiles.data_model import DataModel
from metier.errors import UsageError, warn_caller

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
            why="An id reads domain/name or domain/name@version, in lower case without spaces; a "
            "task in words has three words or more.",
            fix="Runtime().instructions.list() has all ids. For a task of your own, give a "
            "metier.Instruction.",
            code="invalid-instruction-id",
        )
    version = match["version"]
    return InstructionId(match["domain"], match["name"], int(version) if version else None)


AliasStatus = Literal["active", "deprecated", "retired"]


class Alias(DataModel):
    """Another name in the same domain; the instruction it stands in is what to use instead."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name = Field(description="The other name.")
    status: AliasStatus = Field(
        default="active",
        description="active: as good as the id; deprecated: works and warns; retired: an error "
        "that names the id.",
    )
    note: str = Field(
        default="", max_length=300, description="Why the name goes out of use, for people."
    )

    def __str__(self) -> str:
        return self.name


def _long_form(written: Any) -> Any:
    return {"name": written} if isinstance(written, str) else written


AliasField = Annotated[Alias, BeforeValidator(_long_form, json_schema_input_type=Name | Alias)]
"""An alias as files may write it: a name alone is an active one."""


def warn_deprecated(alias: Alias, written: str, use: str) -> None:
    """Warn the caller outside of metier that a name goes out of use.

    Args:
        alias: that the caller used.
        written: what the caller wrote.
        use: id to write instead.
    """
    note = f" {alias.note}" if alias.note else ""
    warn_caller(f"{written!r} is deprecated: use {use!r}.{note}")


def retired(alias: Alias, written: str, use: str) -> UsageError:
    """The error for a name that is out of use; arguments as of `warn_deprecated`."""
    return UsageError(
        f"The instruction name {written!r} is retired.",
        why=alias.note or None,
        fix=f"Use {use!r}.",
    )
