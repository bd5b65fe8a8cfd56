"""Aliases: other names of an instruction, and what becomes of a name that goes out of use."""

from __future__ import annotations

import sys
import warnings
from types import FrameType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from metier.errors import MetierWarning, UsageError
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
    warnings.warn(
        f"{given!r} is deprecated: use {use!r}.{note}", MetierWarning, stacklevel=_level_outside()
    )


def retired(alias: Alias, given: str, use: str) -> UsageError:
    """The error for a name that is out of use; arguments as of `warn_deprecated`."""
    return UsageError(
        f"The instruction name {given!r} is retired.",
        why=alias.note or None,
        fix=f"Use {use!r}.",
    )


def _level_outside() -> int:
    """The `stacklevel` for `warn_deprecated` that points at the first caller outside of metier."""
    frame, level = sys._getframe(2), 2
    while frame.f_back is not None and _is_ours(frame):
        frame, level = frame.f_back, level + 1
    return level


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == "metier"
