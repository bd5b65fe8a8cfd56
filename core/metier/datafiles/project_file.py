"""`metier.toml`: which plugins a project uses, and its own packs."""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from metier.datafiles.loader import read_source, validate
from metier.datafiles.remote import Remote
from metier.errors import PackError, UsageError

FILE_NAME = "metier.toml"


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
        profiles: model servers by the names that models are asked for with.
    """

    path: Path | None = None
    allow: tuple[str, ...] | None = None
    block: tuple[str, ...] = ()
    strict: bool = False
    packs: tuple[Path, ...] = ()
    profiles: Mapping[str, Remote] = field(default_factory=dict)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Plugins(_Table):
    allow: tuple[str, ...] | None = Field(
        default=None,
        description="The only plugins that may be active, by plugin, distribution or domain. "
        "Empty: none; left out: all of them.",
    )
    block: tuple[str, ...] = Field(
        default=(), description="Plugins that may not be active, named in the same way."
    )
    strict: bool = Field(
        default=False, description="Whether a plugin that cannot be used is an error."
    )


class _Packs(_Table):
    paths: tuple[str, ...] = Field(
        default=(),
        description="Instruction packs of the project, the strongest last. Relative paths are "
        "taken from the file's folder.",
    )


def _check_profile(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise ValueError("the name of a profile has letters, digits, - and _")
    if name == _EMBEDDED:
        raise ValueError(f"{_EMBEDDED} is the model on this machine; name the profile otherwise")
    return name


_EMBEDDED = "embedded"  # as `metier.models.model_lookup` has it, of a layer above

ProfileName = Annotated[str, AfterValidator(_check_profile)]
"""The name of a profile: letters, digits, `-` and `_`."""


class ProjectTables(_Table):
    """The tables of the file and their keys; the reference shows its JSON Schema."""

    plugins: _Plugins = _Plugins()
    packs: _Packs = _Packs()
    profiles: dict[ProfileName, Remote] = Field(
        default={}, description="Model servers, by the names that models are asked for with."
    )


def find_project(start: Path | None = None) -> Path | None:
    """The project's file: in a folder, else in the nearest one above it that has one.

    The root of a repository, which holds `.git`, is the last folder looked in.

    Args:
        start: the folder to begin with; None for the current one.

    Raises:
        UsageError: the file is in a folder above, and belongs to another user.
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
    """Refuse a file above a folder that is not owned by this user, root or the folder's owner.

    In a folder that everybody may write to, such as that of temporary files, anyone could change
    the instructions of all who work below it, and block the plugin that guards what they send.
    """
    if sys.platform == "win32":  # files there have no numeric owner
        return
    owner = path.lstat().st_uid
    if owner not in (0, os.geteuid(), folder.stat().st_uid):
        raise UsageError(
            f"{path} is not yours.",
            why="It is above the current folder, and belongs to another user than that folder.",
            fix=f"Copy it here if you trust it, or write a {FILE_NAME} of your own here; it may be "
            "empty.",
        )


def read_project(start: Path | None = None) -> ProjectFile:
    """Read the project's file.

    Args:
        start: as of `find_project`.

    Raises:
        UsageError: as `find_project`; or it cannot be read, is not TOML, or has a key or value
            that it cannot have.
    """
    path = find_project(start)
    if path is None:
        return ProjectFile()
    if path.exists() and not path.is_file():  # to read a pipe may never end
        raise UsageError(f"{path} cannot be read: it is not a file.", fix="Remove it.")
    try:
        tables = validate(read_source(path, str(path)), ProjectTables)
    except PackError as error:
        raise UsageError(
            error.what,
            why=error.why,
            fix=error.fix,
            position=error.position,
            problems=error.problems,
        ) from None
    return ProjectFile(
        path=path,
        allow=tables.plugins.allow,
        block=tables.plugins.block,
        strict=tables.plugins.strict,
        profiles={
            name: server.relative_to(path.parent) for name, server in tables.profiles.items()
        },
        packs=tuple(path.parent / os.path.expanduser(pack) for pack in tables.packs.paths),
    )
