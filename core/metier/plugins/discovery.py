"""Discovery in three pure phases: find entry points, load manifests, classify. No plugin runs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, EntryPoint, distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from metier.errors import MetierError
from metier.registry.domain import Domain
from metier.registry.pack import load_domain

GROUP = "metier.plugins"
MANIFEST = "domain.yaml"

Status = Literal["active", "disabled", "broken", "conflict"]


class Found(NamedTuple):
    """An entry point of the group; distribution and version are empty in damaged metadata."""

    name: str
    module: str
    distribution: str
    version: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """A found plugin and what became of it.

    Attributes:
        name: entry-point name.
        module: import name of its package.
        distribution: what pip calls it.
        version: its version.
        status: `active`, `disabled` (asked for), `broken` (its fault) or `conflict` (two
            plugins bring the same domain or have the same name).
        reason: why it is not active; empty for an active one.
        domain: what its `domain.yaml` declares; None without one.
    """

    name: str
    module: str
    distribution: str
    version: str
    status: Status = "active"
    reason: str = ""
    domain: Domain | None = None

    @property
    def origin(self) -> str:
        """`metier-finance 0.1.0`."""
        return f"{self.distribution} {self.version}".strip() or f"the plugin {self.name!r}"


def discover(select: Literal["all"] | Collection[str] = "all") -> tuple[Plugin, ...]:
    """All plugins installed now, each with its status, sorted by name.

    Args:
        select: `all`, or the names (entry point, distribution or domain) that may be active.
    """
    return classify(load(find()), select)


def find(installed: Iterable[Distribution] | None = None) -> tuple[Found, ...]:
    """Phase 1: entry points from distribution metadata, sorted, each distribution once."""
    seen: dict[tuple[str, str], Found] = {}
    for distribution in distributions() if installed is None else installed:
        for entry in _entry_points(distribution):
            # both are None where METADATA is missing: a half-removed installation
            name = _normalised(distribution.name or "")
            version = distribution.version or ""
            # an editable install can list a distribution twice: the first on the path is live
            seen.setdefault((name, entry.name), Found(entry.name, entry.value, name, version))
    return tuple(sorted(seen.values()))


def load(found: Iterable[Found]) -> tuple[Plugin, ...]:
    """Phase 2: read each plugin's manifest from its package folder, without importing it."""
    return tuple(_load_one(one) for one in found)


def classify(
    plugins: Iterable[Plugin], select: Literal["all"] | Collection[str] = "all"
) -> tuple[Plugin, ...]:
    """Phase 3: apply the selection, then find plugins that bring the same domain or name."""
    chosen = [_selected(plugin, select) for plugin in plugins]
    claims: dict[str, list[Plugin]] = defaultdict(list)
    for plugin in chosen:
        for claim in _claims_of(plugin):
            claims[claim].append(plugin)
    return tuple(_conflicting(plugin, claims) for plugin in chosen)


def names_of(plugin: Plugin) -> set[str]:
    """Everything a user may call a plugin: entry point, distribution, domain."""
    names = {plugin.name, plugin.distribution}
    if plugin.domain is not None:
        names.add(plugin.domain.domain)
    return names


def conflict(plugin: Plugin, claim: str, others: Iterable[Plugin]) -> Plugin:
    """A plugin that may not bring what others bring, too."""
    rivals = " and ".join(other.origin for other in others)
    return replace(
        plugin,
        status="conflict",
        reason=f"{claim} is also brought by {rivals}: uninstall one, or name the distribution to "
        "use with plugins=[...]",
    )


def _entry_points(distribution: Distribution) -> list[EntryPoint]:
    try:
        return list(distribution.entry_points.select(group=GROUP))
    except (
        Exception
    ):  # a file that is no entry_points.txt: whose ever it is, the others stay usable
        return []


def _load_one(found: Found) -> Plugin:
    plugin = Plugin(found.name, found.module, found.distribution, found.version)
    if not found.distribution or not found.version:
        return replace(
            plugin, status="broken", reason="its metadata has no name or version: install it again"
        )
    if not re.fullmatch(r"[A-Za-z_]\w*", found.module):
        return replace(
            plugin,
            status="broken",
            reason=f"its entry point {found.module!r} is not the name of a top-level package",
        )
    try:
        spec = find_spec(found.module)
    except Exception as error:  # finders of editable installs can raise anything
        return replace(plugin, status="broken", reason=f"{type(error).__name__}: {error}")
    if spec is None:
        return replace(
            plugin, status="broken", reason=f"its package {found.module!r} is not importable"
        )
    manifest = _manifest(spec)
    if manifest is None:
        return plugin
    try:
        return replace(plugin, domain=load_domain(manifest))
    except MetierError as error:
        return replace(plugin, status="broken", reason=str(error))


def _manifest(spec: ModuleSpec) -> Path | None:
    for folder in spec.submodule_search_locations or ():
        manifest = Path(folder) / MANIFEST
        if manifest.is_file():
            return manifest
    return None


def _selected(plugin: Plugin, select: Literal["all"] | Collection[str]) -> Plugin:
    if select == "all" or names_of(plugin) & set(select):
        return plugin
    return replace(plugin, status="disabled", reason="not among the plugins asked for")


def _claims_of(plugin: Plugin) -> list[str]:
    """What one active plugin alone may have."""
    if plugin.status != "active":
        return []
    domain = [f"domain {plugin.domain.domain!r}"] if plugin.domain is not None else []
    return [*domain, f"plugin name {plugin.name!r}"]


def _conflicting(plugin: Plugin, claims: Mapping[str, list[Plugin]]) -> Plugin:
    for claim in _claims_of(plugin):
        others = [other for other in claims[claim] if other != plugin]
        if others:
            return conflict(plugin, claim, others)
    return plugin


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
