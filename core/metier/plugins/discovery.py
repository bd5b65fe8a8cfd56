"""Plugins that are installed: found, read and classified, without importing any of them."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from metier.errors import MetierError, PluginError, UnknownNameError
from metier.plugins.compatibility import API_GROUP, InstalledDistributions
from metier.plugins.selection import ALL, NONE, Selection, normalized
from metier.registry.domain import Domain
from metier.registry.pack import load_domain

E = TypeVar("E", bound=MetierError)

GROUP = "metier.plugins"
MANIFEST = "domain.yaml"
OWN_DOMAIN = "core"
"""The domain of metier itself, which no plugin may bring."""

_NAME = re.compile(r"\w[\w.-]*")
"""Names of plugins, which lists of names separated by commas can hold."""

LISTING = "Runtime().plugins.plugins lists what is installed."

_SITES = ("site-packages", "dist-packages")

PluginStatus = Literal["active", "disabled", "incompatible", "broken", "conflict", "shadowed"]

FAILURES: tuple[PluginStatus, ...] = ("incompatible", "broken", "conflict")
"""Statuses of plugins that should be active and cannot be."""


class PluginEntry(NamedTuple):
    """An entry point of the group, and what its distribution declares.

    Attributes:
        name: of the entry point.
        module: the package that it names.
        distribution: empty if the metadata is damaged, as is the version.
        version: of the distribution.
        apis: versions of the plugin API that it declares.
        requires: requirements of the distribution, as in its metadata.
        hidden_by: another version of the distribution that Python finds first; empty if this
            version is imported.
    """

    name: str
    module: str
    distribution: str
    version: str
    apis: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    hidden_by: str = ""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An installed plugin and its status.

    Attributes:
        name: entry-point name.
        module: import name of its package.
        distribution: what pip calls it.
        version: its version.
        status: `active`; `disabled` by a list; `incompatible`, as its metadata requires another
            version or extra of metier; `broken` by a fault of its own; in `conflict` with a plugin
            of the same domain or name; `shadowed` by another version that is first on the path.
        reason: why it is not active; empty for an active one.
        domain: what its `domain.yaml` declares; None without one.
    """

    name: str
    module: str
    distribution: str
    version: str
    status: PluginStatus = "active"
    reason: str = ""
    domain: Domain | None = None

    @property
    def origin(self) -> str:
        """`metier-finance 0.1.0`."""
        return f"{self.distribution} {self.version}".strip() or f"the plugin {self.name!r}"


def discover(selection: Selection | None = None) -> tuple[Plugin, ...]:
    """All plugins installed now, each with its status, sorted by name.

    Args:
        selection: which may be active; None for all.
    """
    return classify(load(find()), selection or Selection())


def find(installed: Iterable[Distribution] | None = None) -> tuple[PluginEntry, ...]:
    """Phase 1: entry points from distribution metadata, sorted, each version of one once."""
    live: dict[tuple[str, str], PluginEntry] = {}
    hidden: set[PluginEntry] = set()
    for distribution in distributions() if installed is None else installed:
        for entry in _entries_of(distribution):
            # the first on the path is imported; an editable install can be listed twice
            first = live.setdefault((entry.distribution, entry.name), entry)
            if entry.version != first.version:
                hidden.add(entry._replace(hidden_by=f"{first.distribution} {first.version}"))
    return tuple(sorted((*live.values(), *hidden), key=_by_name))


def load(entries: Iterable[PluginEntry]) -> tuple[Plugin, ...]:
    """Phase 2: read each plugin's manifest from its package folder, without importing it."""
    installed = InstalledDistributions()
    return tuple(_load_entry(entry, installed) for entry in entries)


def classify(plugins: Iterable[Plugin], selection: Selection) -> tuple[Plugin, ...]:
    """Phase 3: apply the selection, then find plugins that bring the same domain or name."""
    chosen = [selected(plugin, selection) for plugin in plugins]
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
    return names - {""}


def conflict(plugin: Plugin, claim: str, rivals: Iterable[Plugin]) -> Plugin:
    """The plugin, in conflict with others that bring the same.

    Args:
        plugin: one of the rivals.
        claim: what they all bring, such as `domain 'games'`.
        rivals: all of them, so that each gives the same reason.
    """
    listed = list(rivals)
    origins = sorted({rival.origin for rival in listed})
    one_each = len(origins) == len(listed)
    first = min(rival.distribution if one_each else rival.name for rival in listed)
    return replace(
        plugin,
        status="conflict",
        reason=f"{claim} is brought by {' and '.join(origins)}: uninstall all but one, or block "
        f"those you do not mean, such as METIER_BLOCK_PLUGINS={first}, block = [{first!r}] under "
        f"[plugins] in metier.toml, or block_plugins=[{first!r}]",
    )


def _by_name(entry: PluginEntry) -> tuple[str, str, str, str, str]:
    """Sort key: by name, and for one distribution the version first that is imported."""
    return entry.name, entry.module, entry.distribution, entry.hidden_by, entry.version


def _entries_of(distribution: Distribution) -> list[PluginEntry]:
    try:
        entries = distribution.entry_points
    except Exception:  # no entry_points.txt at all: the others stay usable
        return []
    plugins = entries.select(group=GROUP)
    if not plugins:
        return []
    name, version, requires = _facts_of(distribution)
    apis = entries.select(group=API_GROUP)
    return [
        PluginEntry(
            entry.name,
            entry.value,
            name,
            version,
            tuple(sorted(api.name for api in apis if api.value == entry.value)),
            requires,
        )
        for entry in plugins
    ]


def _facts_of(distribution: Distribution) -> tuple[str, str, tuple[str, ...]]:
    """Name, version and requirements; empty if METADATA is missing, as after a failed removal."""
    try:
        facts = distribution.metadata  # parsed anew each time it is asked for
        name, version = facts["Name"] or "", facts["Version"] or ""
        return normalized(name), version, tuple(facts.get_all("Requires-Dist") or ())
    except Exception:  # versions of Python differ in how they report missing metadata
        return "", "", ()


def _load_entry(entry: PluginEntry, installed: InstalledDistributions) -> Plugin:
    plugin = Plugin(entry.name, entry.module, entry.distribution, entry.version)
    if not entry.distribution or not entry.version:
        return _broken(plugin, "its metadata has no name or version: install it again")
    if entry.hidden_by:
        reason = f"Python finds {entry.hidden_by} first: uninstall one of the two"
        return replace(plugin, status="shadowed", reason=reason)
    fault = _fault_of(entry)
    if fault:
        return _broken(plugin, fault)
    misfit = installed.misfit(entry.apis, entry.requires)
    if misfit:
        plugin = replace(plugin, status="incompatible", reason=misfit)
    try:
        spec = find_spec(entry.module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # finders of editable installs can raise anything
        return _broken(plugin, f"{type(error).__name__}: {error}")
    if spec is None:
        return _broken(plugin, f"its package {entry.module!r} is not importable")
    folders = spec.submodule_search_locations
    if folders is not None and not any(map(os.path.isdir, folders)):
        return _broken(
            plugin,
            f"its package {entry.module!r} is not in a folder but inside "
            f"{next(iter(folders), 'an archive')}: metier reads the files of a plugin from a "
            "folder, so install it with pip",
        )
    manifest = _manifest(spec)
    if manifest is None:
        return plugin
    try:
        domain = load_domain(manifest)
    except MetierError as error:
        return _broken(plugin, str(error))
    if domain.domain == OWN_DOMAIN:
        return _broken(plugin, not_its_own(domain))
    return replace(plugin, domain=domain)


def _fault_of(entry: PluginEntry) -> str:
    """Why an entry point can be no plugin; empty if it can."""
    if not _NAME.fullmatch(entry.name) or normalized(entry.name) in (ALL, NONE):
        return (
            f"its entry point has the name {entry.name!r}, by which it can be neither chosen nor "
            "blocked: letters, digits, '.', '-' and '_' are needed"
        )
    if not re.fullmatch(r"[A-Za-z_]\w*", entry.module):
        return f"its entry point {entry.module!r} is not the name of a top-level package"
    if entry.module in sys.stdlib_module_names or entry.module == "metier":
        owner = "metier itself" if entry.module == "metier" else "Python itself"
        return f"its entry point {entry.module!r} is not a package of its own but one of {owner}"
    return ""


def not_its_own(domain: Domain) -> str:
    """Why a plugin cannot bring the domain of metier itself."""
    return f"it brings the domain {domain.domain!r}, which is metier's own: choose another name"


def _broken(plugin: Plugin, reason: str) -> Plugin:
    """The plugin as broken, unless it is incompatible, which may be the reason."""
    if plugin.status == "incompatible":
        return plugin
    return replace(plugin, status="broken", reason=reason)


def _manifest(spec: ModuleSpec) -> Path | None:
    for folder in spec.submodule_search_locations or ():
        manifest = Path(folder) / MANIFEST
        if manifest.is_file():
            return manifest
    return None


def selected(plugin: Plugin, selection: Selection, domains: Iterable[str] = ()) -> Plugin:
    """The plugin, disabled if a selection does not allow it.

    Args:
        plugin: as found.
        selection: by any of its names.
        domains: names of those that it makes in code.
    """
    if plugin.status == "shadowed":
        return plugin
    refusal = selection.refusal(names_of(plugin) | {*domains})
    return replace(plugin, status="disabled", reason=refusal) if refusal else plugin


def _claims_of(plugin: Plugin) -> list[str]:
    """What only one active plugin may have."""
    if plugin.status != "active":
        return []
    domain = [f"domain {plugin.domain.domain!r}"] if plugin.domain is not None else []
    return [*domain, f"plugin name {plugin.name!r}"]


def _conflicting(plugin: Plugin, claims: Mapping[str, list[Plugin]]) -> Plugin:
    for claim in _claims_of(plugin):
        if len(claims[claim]) > 1:
            return conflict(plugin, claim, claims[claim])
    return plugin


def rescan_path() -> None:
    """Let Python find what has been installed since it started.

    Python reads `.pth` files, with which editable installations name folders, only when it starts.
    Lines with code are not run: such installations need a new interpreter.
    """
    for entry in list(sys.path):
        if Path(entry).name in _SITES and Path(entry).is_dir():
            for listing in sorted(Path(entry).glob("*.pth")):
                _add_folders(listing)
    importlib.invalidate_caches()


def _add_folders(listing: Path) -> None:
    try:
        lines = listing.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        if line.strip() and not line.startswith(("#", "import ", "import\t")):
            folder = listing.parent / line.strip()
            if str(folder) not in sys.path and folder.is_dir():
                sys.path.append(str(folder))


def check_selected(select: Collection[str], plugins: Sequence[Plugin]) -> None:
    """Refuse names of plugins that are not installed, or not active.

    Raises:
        UnknownNameError: no plugin has the name.
        PluginError: the plugin is not active; with the reason.
    """
    known = {name for plugin in plugins for name in names_of(plugin)}
    for name in select:
        if normalized(name) not in {*map(normalized, known)}:
            raise UnknownNameError("plugin", name, known, fix=LISTING)
        for plugin in plugins:
            names = {*map(normalized, names_of(plugin))}
            if normalized(name) in names and plugin.status not in ("active", "shadowed"):
                raise unusable(PluginError, plugin, f"The plugin {name!r} cannot be used")


def unusable(kind: type[E], plugin: Plugin, what: str) -> E:
    """The error about a plugin that is not active, with the reason."""
    return kind(
        f"{what}: the plugin {plugin.name!r} ({plugin.origin}) is {plugin.status}.",
        why=plugin.reason,
        fix=LISTING,
        code="unusable-plugin",
        parameters={"plugin": plugin.name},
    )
