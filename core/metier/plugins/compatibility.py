"""Whether a plugin is compatible with what is installed. Only metadata is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, metadata, version
from typing import TYPE_CHECKING

from metier import __version__

if TYPE_CHECKING:
    from packaging.requirements import Requirement

API_GROUP = "metier.api"
"""Entry points `VERSION = package`: that package is written for that version of the plugin API."""

APIS = ("1",)
"""Versions of the plugin API that this metier has; a plugin that declares none has the first."""

_WITH_EXTRAS = re.compile(r"metier\s*\[", re.IGNORECASE)


class InstalledDistributions:
    """Installed distributions, looked up once for many plugins."""

    def __init__(self) -> None:
        self._missing: dict[str, tuple[str, ...]] = {}

    def misfit(self, apis: Collection[str], required: Iterable[str]) -> str:
        """Why a plugin cannot be used here; empty if it can.

        Args:
            apis: versions of the plugin API that it declares.
            required: requirements of its distribution, as in its metadata.
        """
        if apis and not set(apis) & set(APIS):
            return (
                f"it is written for version {' or '.join(sorted(apis))} of the plugin API, and "
                f"metier {__version__} has version {' and '.join(APIS)}: update one of the two"
            )
        with_extras = [line for line in required if _WITH_EXTRAS.match(line)]
        for extra in _extras_in(with_extras) if with_extras else ():
            missing = self._missing_of(extra)
            if missing:
                return (
                    f"it needs the extra {extra!r} of metier, of which is missing: "
                    f"{', '.join(missing)}; install it with: pip install 'metier[{extra}]'"
                )
        return ""

    def _missing_of(self, extra: str) -> tuple[str, ...]:
        if extra not in self._missing:
            self._missing[extra] = ()  # an extra that names itself has nothing to add
            self._missing[extra] = tuple(sorted(set(self._search(extra))))
        return self._missing[extra]

    def _search(self, extra: str) -> Iterator[str]:
        known, lines = _own()
        if known and extra not in known:
            yield f"all of it, as metier {__version__} has no such extra"
        for requirement in _parsed(lines):
            marker = requirement.marker
            if marker is None or marker.evaluate({"extra": ""}):
                continue
            if not marker.evaluate({"extra": extra}):
                continue
            if requirement.name == "metier":
                for inner in sorted(requirement.extras):
                    yield from self._missing_of(inner)
                continue
            try:
                installed = version(requirement.name)
            except PackageNotFoundError:
                yield requirement.name
                continue
            if not requirement.specifier.contains(installed, prereleases=True):
                yield f"{requirement.name}{requirement.specifier} (this is {installed})"


def _own() -> tuple[frozenset[str], list[str]]:
    """The extras of metier itself, and its requirements."""
    from packaging.utils import canonicalize_name

    try:
        own = metadata("metier")
    except PackageNotFoundError:  # run from its sources: nothing says what an extra needs
        return frozenset(), []
    extras = frozenset(map(canonicalize_name, own.get_all("Provides-Extra") or ()))
    return extras, list(own.get_all("Requires-Dist") or ())


def _extras_in(required: Iterable[str]) -> list[str]:
    from packaging.utils import canonicalize_name

    return sorted(
        {
            canonicalize_name(extra)
            for requirement in _parsed(required)
            # a requirement under an extra of the plugin is not needed by the plugin alone
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            for extra in requirement.extras
        }
    )


def _parsed(lines: Iterable[str]) -> Iterator[Requirement]:
    # imported only here: most plugins need no extra, and listings stay quick
    from packaging.requirements import InvalidRequirement, Requirement

    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue
