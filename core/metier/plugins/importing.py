"""Imports the code of plugins and finds their domains. What it prints goes to standard error,
as standard output is for results."""

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
from typing import TYPE_CHECKING, Any, TextIO

from metier.close_names import did_you_mean
from metier.errors import PluginError
from metier.plugins.discovery import OWN_DOMAIN, Plugin, conflict, not_its_own, selected
from metier.plugins.process_state import kept_process_state
from metier.plugins.selection import Selection
from metier.registry.domain import Domain

if TYPE_CHECKING:
    from metier.texts.splitter import Splitter
    from metier.workflows.contract import Workflow

_lock = threading.Lock()
_inside = 0
_own: tuple[TextIO, TextIO] | None = None


@contextmanager
def on_stderr() -> Iterator[None]:
    """Send what is printed in this context to standard error.

    Threads may enter and leave in any order: the first to enter redirects, the last to leave
    restores. If a plugin replaces one of the streams, that is undone too, as results go there.
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

    Warns:
        MetierWarning: it changed something for the whole process, which was set back.
    """
    try:
        with on_stderr(), kept_process_state(plugin.origin):
            return importlib.import_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise PluginError(
            f"The code of {plugin.origin} cannot be imported: "
            f"{type(error).__name__}: {_message_of(error)}{_line_of(error)}.",
            fix=f"{_remedy(plugin)}. If it is yours, the whole traceback: "
            f'python -c "import {module}"',
        ) from error


def import_workflow(full_id: str, call: str, plugin: Plugin) -> Workflow[Any]:
    """Import a workflow that a manifest names.

    Args:
        full_id: `domain/name`.
        call: `module:function`.
        plugin: that brings it.

    Raises:
        PluginError: its code cannot be imported, or is no workflow of that id.
    """
    from metier.workflows.contract import Workflow

    module, function = _import_target(call, plugin, f"{full_id!r}")
    target = getattr(module, function, None)
    if isinstance(target, Workflow) and target.id == full_id:
        return target
    if isinstance(target, Workflow):
        why = f"The function is decorated with @workflow({target.id!r})."
    elif target is not None:
        why = "It is not decorated with @workflow."
    else:
        workflows = [name for name, value in vars(module).items() if isinstance(value, Workflow)]
        why = _missing(module, function, workflows)
    raise PluginError(
        f"{call!r} of {plugin.origin} is not the workflow {full_id!r}.",
        why=why,
        fix=f"Let call: in domain.yaml name a function of @workflow({full_id!r}).",
    )


def import_splitter(domain: str, call: str, plugin: Plugin) -> Splitter:
    """Import the splitter that a manifest names.

    Args:
        domain: whose documents it divides.
        call: `module:function`.
        plugin: that brings it.

    Raises:
        PluginError: its code cannot be imported, or is no function.
    """
    what = f"The splitter of {domain!r}"
    module, function = _import_target(call, plugin, what)
    target = getattr(module, function, None)
    if not callable(target):
        public = [name for name in vars(module) if not name.startswith("_")]
        raise PluginError(
            f"{what} by {plugin.origin} is {call!r}, which is no function.",
            why=_missing(module, function, public) if target is None else None,
            fix="Let splitter: in domain.yaml name a function of a text and a name that gives "
            "Sections.",
        )
    splitter: Splitter = target
    return splitter


def _import_target(call: str, plugin: Plugin, what: str) -> tuple[ModuleType, str]:
    """The module that a manifest names, imported, and the name in it.

    Raises:
        PluginError: it is outside of the plugin's package, or cannot be imported.
    """
    module, _, name = call.partition(":")
    if module.partition(".")[0] != plugin.module:
        raise PluginError(
            f"{what} of {plugin.origin} points at {call!r}.",
            why=f"A plugin's code must stand in its own package {plugin.module!r}.",
        )
    return import_code(module, plugin), name


def _missing(module: ModuleType, function: str, known: Sequence[str]) -> str:
    hint = did_you_mean(function, known)
    return f"There is no {function!r} in {module.__name__!r}.{f' {hint}' if hint else ''}"


def settle(
    plugins: Iterable[Plugin], selection: Selection
) -> tuple[list[Plugin], list[tuple[Domain, Plugin]]]:
    """Find the domains of plugins; a plugin without a manifest is imported for it.

    Args:
        plugins: as discovered.
        selection: may block a domain that is made in code.

    Returns:
        The plugins, some of them now broken or in conflict, and each domain of the active ones.
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
    module = import_code(plugin.module, plugin)
    try:
        with on_stderr():
            hook = getattr(module, "metier_domains", None)
            domains = list(hook()) if hook is not None else []
            hooks = [name for name, value in vars(module).items() if _is_hook(name, value)]
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a plugin raises, the others stay usable
        raise PluginError(
            f"metier_domains() of {plugin.origin} failed: {type(error).__name__}: {error}"
            f"{_line_of(error)}.",
            fix=f"{_remedy(plugin)}. If it is yours, run its conformance checks.",
            code="plugin-call-failed",
            parameters={"plugin": plugin.name},
        ) from error
    for domain in domains:
        if not isinstance(domain, Domain):
            raise PluginError(
                f"metier_domains() of {plugin.origin} returned something of type "
                f"{type(domain).__name__}, not a metier.Domain."
            )
    if not domains and not hooks:
        raise PluginError(
            f"{plugin.origin} brings nothing: its package {plugin.module!r} holds no domain.yaml "
            "and no hook.",
            why="A domain.yaml that is not among the package's data is left out of its wheel.",
            fix="If it is yours, let its build include domain.yaml, and install it again; "
            "otherwise report it to the plugin's authors.",
        )
    _refuse_foreign(domains, plugin)
    return domains


def _is_hook(name: str, value: object) -> bool:
    """Whether it is a hook, or would be one with its mark."""
    return name.startswith("metier_") or hasattr(value, "metier_impl")


def _refuse_foreign(domains: Sequence[Domain], plugin: Plugin) -> None:
    """Refuse domains that break the rules of manifests, which `model_copy` does not check."""
    names = [domain.domain for domain in domains]
    for domain in domains:
        if domain.domain == OWN_DOMAIN:
            raise PluginError(f"{plugin.origin} cannot be used: {not_its_own(domain)}.")
        if names.count(domain.domain) > 1:
            raise PluginError(
                f"metier_domains() of {plugin.origin} returned the domain {domain.domain!r} twice."
            )
        for instruction in domain.instructions:
            if instruction.domain != domain.domain:
                raise PluginError(
                    f"{plugin.origin} registers {instruction.full_id} in its domain "
                    f"{domain.domain!r}.",
                    why="A plugin registers only under its own domain.",
                )


def _checked(
    plugin: Plugin, domains: Iterable[Domain], owners: Mapping[str, Sequence[Plugin]]
) -> Plugin:
    """The plugin, in conflict if another brings one of its domains."""
    for domain in domains:
        if len(owners[domain.domain]) > 1:
            return conflict(plugin, f"domain {domain.domain!r}", owners[domain.domain])
    return plugin


def _remedy(plugin: Plugin) -> str:
    """What a user of the plugin can do about its code."""
    return (
        f"Update it, or leave it out: pip uninstall {plugin.distribution}, or for now "
        f"METIER_BLOCK_PLUGINS={plugin.name}"
    )


def _message_of(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _line_of(error: BaseException) -> str:
    """The file and line that raised, import machinery and this file left out."""
    if isinstance(error, SyntaxError):  # raised by the import machinery, about a file
        return f" ({error.filename}:{error.lineno})"
    own = (__file__, importlib.__file__)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename not in own and not frame.filename.startswith("<frozen"):
            return f" ({frame.filename}:{frame.lineno})"
    return ""
