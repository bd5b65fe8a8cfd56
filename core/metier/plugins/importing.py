"""What plugins print: standard output belongs to results, so it goes to standard error."""

from __future__ import annotations

import importlib
import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import TextIO

from metier.errors import PluginError
from metier.plugins.discovery import OWN_DOMAIN, Plugin, conflict, not_its_own, selected
from metier.plugins.selection import Selection
from metier.registry.domain import Domain

_lock = threading.Lock()
_inside = 0
_own: tuple[TextIO, TextIO] | None = None


@contextmanager
def on_stderr() -> Iterator[None]:
    """Send what is printed meanwhile to standard error.

    Threads may enter and leave in any order: the first one in redirects, the last one out restores.
    Streams that a plugin puts in the place of either are taken away again: results would go there.
    """
    global _inside, _own
    with _lock:
        if not _inside:
            _own = sys.stdout, sys.stderr
            sys.stdout = sys.stderr
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _own is not None:
                sys.stdout, sys.stderr = _own
                _own = None


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
            f"{type(error).__name__}: {_said(error)}{_place(error)}.",
            fix=f"{_way_out(plugin)}. If it is yours, the whole traceback: "
            f'python -c "import {module}"',
        ) from error


def settle(
    plugins: Iterable[Plugin], selection: Selection
) -> tuple[list[Plugin], list[tuple[Domain, Plugin]]]:
    """Find what plugins bring; one without a manifest is imported and asked.

    Args:
        plugins: as discovered.
        selection: may block a domain that only code tells of.

    Returns:
        The plugins, of which some may have become broken or a conflict, and each domain of those
        that are active.
    """
    settled: list[tuple[Plugin, list[Domain]]] = []
    for plugin in plugins:
        try:
            domains = _domains_of(plugin)
        except PluginError as error:
            settled.append((replace(plugin, status="broken", reason=str(error)), []))
            continue
        if plugin.status == "active":
            plugin = selected(plugin, selection, (domain.domain for domain in domains))
        settled.append((plugin, domains if plugin.status == "active" else []))
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
    except (Exception, SystemExit) as error:  # whatever a plugin raises, the others stay usable
        raise PluginError(
            f"metier_domains() of {plugin.origin} failed: {type(error).__name__}: {error}"
            f"{_place(error)}.",
            fix=f"{_way_out(plugin)}. If it is yours: metier plugins check {plugin.name}",
        ) from error
    for domain in domains:
        if not isinstance(domain, Domain):
            raise PluginError(
                f"metier_domains() of {plugin.origin} returned something of type "
                f"{type(domain).__name__}, not a metier.Domain."
            )
    _refuse_foreign(domains, plugin)
    return domains


def _refuse_foreign(domains: Sequence[Domain], plugin: Plugin) -> None:
    """What pydantic would refuse can be made past it (`model_copy`), so it is checked again."""
    names = [domain.domain for domain in domains]
    for domain in domains:
        if domain.domain == OWN_DOMAIN:
            raise PluginError(f"{plugin.origin} cannot be used: {not_its_own(domain)}.")
        if names.count(domain.domain) > 1:
            raise PluginError(
                f"metier_domains() of {plugin.origin} returned the domain {domain.domain!r} twice."
            )
        for one in domain.instructions:
            if one.domain != domain.domain:
                raise PluginError(
                    f"{plugin.origin} registers {one.full_id} in its domain {domain.domain!r}.",
                    why="A plugin registers only under its own domain.",
                )


def _checked(
    plugin: Plugin, domains: Iterable[Domain], owners: Mapping[str, Sequence[Plugin]]
) -> Plugin:
    """The plugin, in conflict if another brings one of its domains: nobody said which is meant."""
    for domain in domains:
        if len(owners[domain.domain]) > 1:
            return conflict(plugin, f"domain {domain.domain!r}", owners[domain.domain])
    return plugin


def _way_out(plugin: Plugin) -> str:
    """What who installed a plugin can do about its code."""
    return (
        f"Update it, or leave it out: pip uninstall {plugin.distribution}, or for now "
        f"METIER_BLOCK_PLUGINS={plugin.name}"
    )


def _said(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _place(error: BaseException) -> str:
    """The file and line that raised, unless that is Python's own import machinery or this file."""
    if isinstance(error, SyntaxError):  # raised by the machinery, about a file
        return f" ({error.filename}:{error.lineno})"
    own = (__file__, importlib.__file__)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename not in own and not frame.filename.startswith("<frozen"):
            return f" ({frame.filename}:{frame.lineno})"
    return ""
