"""Aliases: other names of an instruction, and what becomes of a name that goes out of use."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from metier.errors import UsageError, warn_caller
from metier.registry.ids import Name

Status = Literal["active", "deprecated", "retired"]


class Alias(BaseModel):
    """Another name in the same domain; the instruction it stands in is what to use instead."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name = Field(description="The other name.")
    status: Status = Field(
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


def warn_deprecated(alias: Alias, given: str, use: str) -> None:
    """Say, where the caller outside of metier stands, that a name goes out of use.

    Args:
        alias: the name's.
        given: what the caller wrote.
        use: id to write instead.
    """
    note = f" {alias.note}" if alias.note else ""
    warn_caller(f"{given!r} is deprecated: use {use!r}.{note}")


def retired(alias: Alias, given: str, use: str) -> UsageError:
    """The error for a name that is out of use; arguments as of `warn_deprecated`."""
    return UsageError(
        f"The instruction name {given!r} is retired.",
        why=alias.note or None,
        fix=f"Use {use!r}.",
    )
