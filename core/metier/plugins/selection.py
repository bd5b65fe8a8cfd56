"""Which plugins may be active: by the call, the environment or the project."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from metier.close_names import close_names, suggest
from metier.datafiles.project_file import ProjectFile, read_project
from metier.errors import UsageError
from metier.settings import configured

Select = Literal["all"] | Collection[str]

ALL, NONE = "all", "none"
"""What METIER_PLUGINS says, alone, where every plugin or none may be active."""

_CLOSE = 0.75
"""Similarity of two names, in [0, 1], from which on one is taken for a misspelling."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Names (of plugins, distributions or domains) that may be active, and that may not.

    Attributes:
        allowed: the only ones that may be; None for all.
        allowed_by: where that is set, for people.
        blocked: those that may not be, each with where that is set; stronger than `allowed`.
    """

    allowed: frozenset[str] | None = None
    allowed_by: str = ""
    blocked: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, names: Iterable[str]) -> str:
        """Why a plugin with these names may not be active; empty if it may."""
        called = {normalized(name) for name in names}
        for name in sorted(self.blocked):
            if normalized(name) in called:
                return f"{name!r} is blocked by {self.blocked[name]}"
        if self.allowed is None or any(normalized(name) in called for name in self.allowed):
            return ""
        if not self.allowed:
            return f"no plugin is allowed by {self.allowed_by}"
        return f"not among the plugins allowed by {self.allowed_by}"

    def doubts(self, known: Iterable[str]) -> list[str]:
        """Warnings about names that no plugin has, but an installed plugin has a similar one.

        A blocked plugin need not be installed; one whose name is misspelled would stay active
        without notice.

        Args:
            known: every name of every plugin.
        """
        names = sorted(known)
        there = {normalized(name) for name in names}
        plain = {_tail(name): name for name in names}
        listed = {**dict.fromkeys(self.allowed or (), self.allowed_by), **self.blocked}
        doubts = []
        for name in sorted(listed):
            if normalized(name) not in there:
                for close in close_names(_tail(name), plain, limit=1, cutoff=_CLOSE):
                    doubts.append(
                        f"No plugin is called {name!r}, which {listed[name]} names. "
                        f"{suggest([plain[close]])}"
                    )
        return doubts


def choose_plugins(
    plugins: Select = "all",
    block: Collection[str] = (),
    *,
    environment: Mapping[str, str] | None = None,
    project: ProjectFile | None = None,
) -> Selection:
    """Plugins that may be active: those of the call, else of METIER_PLUGINS, else of `metier.toml`.

    A plugin is blocked if any of the three blocks it.

    Args:
        plugins: `all` if the call names none, or names.
        block: names that the call blocks.
        environment: variables; None for those of the process.
        project: None for the file of the current folder.

    Raises:
        UsageError: one name instead of a list of them, `all` or `none` among names, or a project
            file that cannot be read.
    """
    settings = read_project() if project is None else project
    _require_list("plugins", None if plugins == "all" else plugins)
    _require_list("block_plugins", block)
    blocked = {name: _location(settings, "block") for name in settings.block}
    named = _names(configured("block_plugins", environment))
    _require_names("METIER_BLOCK_PLUGINS", named)
    blocked |= dict.fromkeys(named, "METIER_BLOCK_PLUGINS")
    blocked |= dict.fromkeys(block, "block_plugins=[...]")
    if plugins != "all":
        return Selection(frozenset(plugins), "plugins=[...]", blocked)
    listed = _names(configured("plugins", environment))
    if listed == [ALL]:
        return Selection(blocked=blocked)
    if listed == [NONE]:
        return Selection(frozenset(), "METIER_PLUGINS=none", blocked)
    if listed:
        _require_names("METIER_PLUGINS", listed)
        return Selection(frozenset(listed), "METIER_PLUGINS", blocked)
    if settings.allow is not None:
        return Selection(frozenset(settings.allow), _location(settings, "allow"), blocked)
    return Selection(blocked=blocked)


def is_strict(
    strict: bool | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    project: ProjectFile | None = None,
) -> bool:
    """Whether a plugin that cannot be used is an error: the call, METIER_STRICT, `metier.toml`.

    Raises:
        UsageError: METIER_STRICT is neither 0 nor 1, or the project file cannot be read.
    """
    if strict is not None:
        return strict
    value = configured("strict", environment)
    if value is None:
        return (read_project() if project is None else project).strict
    if value not in ("0", "1"):
        raise UsageError(
            f"METIER_STRICT={value!r} is neither 0 nor 1.",
            fix="Set it to 1 to fail where a plugin cannot be used, or to 0 not to.",
        )
    return value == "1"


def normalized(name: str) -> str:
    """A name as names are compared, which is as pip does: `Metier_Legal` is `metier-legal`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _tail(name: str) -> str:
    """A name without the prefix of most distributions, which would make all similar."""
    return normalized(name).removeprefix("metier-")


def _names(value: str | None) -> list[str]:
    parts = [part.strip() for part in (value or "").split(",") if part.strip()]
    return [part.lower() if part.lower() in (ALL, NONE) else part for part in parts]


def _location(project: ProjectFile, key: str) -> str:
    return f"{key!r} in {project.path}"


def _require_names(variable: str, names: Collection[str]) -> None:
    for word in (ALL, NONE):
        if word in names:
            raise UsageError(
                f"{variable} names {word!r}, which is the name of no plugin.",
                fix="Set METIER_PLUGINS=none, and nothing else in it, to have no plugin active.",
            )


def _require_list(parameter: str, names: Collection[str] | None) -> None:
    if isinstance(names, str):
        raise UsageError(
            f"{parameter}={names!r} is one name.", fix=f"Write {parameter}=[{names!r}]."
        )
