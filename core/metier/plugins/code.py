"""The code of plugins: importing it, and the domains that are made in it."""

from __future__ import annotations

import importlib
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType

from metier.errors import PluginError
from metier.plugins.discovery import Plugin, conflict
from metier.plugins.output import on_stderr
from metier.registry.domain import Domain


def import_code(module: str, plugin: Plugin) -> ModuleType:
    """Import a module of a plugin; what it prints goes to standard error.

    Raises:
        PluginError: it raised something, with the line that did.
    """
    try:
        with on_stderr():
            return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"The code of {plugin.origin} cannot be imported: "
            f"{type(error).__name__}: {error}{_place(error)}.",
            fix=f"Reinstall or update it, or leave it out: pip uninstall {plugin.distribution}",
        ) from error


def settle(plugins: Iterable[Plugin]) -> tuple[list[Plugin], list[tuple[Domain, Plugin]]]:
    """Find what plugins bring; one without a manifest is imported and asked.

    Returns:
        The plugins, of which some may have become broken or a conflict, and each domain of those
        that are active.
    """
    settled: list[tuple[Plugin, list[Domain]]] = []
    for plugin in plugins:
        try:
            settled.append((plugin, _domains_of(plugin)))
        except PluginError as error:
            settled.append((replace(plugin, status="broken", reason=str(error)), []))
    owners: dict[str, list[Plugin]] = defaultdict(list)
    for plugin, domains in settled:
        for name in {domain.domain for domain in domains}:
            owners[name].append(plugin)
    checked = [(_checked(plugin, domains, owners), domains) for plugin, domains in settled]
    return [plugin for plugin, _ in checked], [
        (domain, plugin)
        for plugin, domains in checked
        if plugin.status == "active"
        for domain in domains
    ]


def _domains_of(plugin: Plugin) -> list[Domain]:
    if plugin.status != "active":
        return []
    return [plugin.domain] if plugin.domain is not None else _domains_in_code(plugin)


def _domains_in_code(plugin: Plugin) -> list[Domain]:
    hook = getattr(import_code(plugin.module, plugin), "metier_domains", None)
    try:
        with on_stderr():
            domains = list(hook()) if hook is not None else []
    except Exception as error:  # whatever a plugin raises, the others stay usable
        raise PluginError(
            f"metier_domains() of {plugin.origin} failed: {type(error).__name__}: {error}"
            f"{_place(error)}."
        ) from error
    for domain in domains:
        if not isinstance(domain, Domain):
            raise PluginError(
                f"metier_domains() of {plugin.origin} returned something of type "
                f"{type(domain).__name__}, not a metier.Domain."
            )
    return domains


def _checked(
    plugin: Plugin, domains: Iterable[Domain], owners: Mapping[str, Sequence[Plugin]]
) -> Plugin:
    """The plugin, in conflict if another brings one of its domains: nobody said which is meant."""
    for domain in domains:
        others = [one for one in owners[domain.domain] if one != plugin]
        if others:
            return conflict(plugin, f"domain {domain.domain!r}", others)
    return plugin


def _place(error: BaseException) -> str:
    """The file and line that raised, unless that is Python's own import machinery or this file."""
    own = (__file__, importlib.__file__)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename not in own and not frame.filename.startswith("<frozen"):
            return f" ({frame.filename}:{frame.lineno})"
    return ""
