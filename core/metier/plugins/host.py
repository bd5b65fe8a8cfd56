"""The host: one plugin manager per Runtime, and the typed facade over its hooks."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pluggy

from metier.errors import MetierError, MetierWarning, PluginError, UnknownNameError, UsageError
from metier.plugins.code import import_code, settle
from metier.plugins.discovery import Plugin, discover, names_of
from metier.plugins.hookspecs import PROJECT, HookSpecs
from metier.plugins.output import on_stderr
from metier.registry.domain import Domain, WorkflowSpec
from metier.registry.registry import Provided

if TYPE_CHECKING:
    from metier.models.family import ModelFamily
    from metier.texts.reader import Reader
    from metier.workflows.contract import Workflow
    from metier.workflows.record import RunRecord

T = TypeVar("T")


class PluginHost:
    """Plugins of one Runtime. Manifests are read at once, code is imported at first use (that of a
    plugin without a manifest at once, to ask what it brings).

    Args:
        select: `all`, or names of plugins, distributions or domains; the others stay disabled.

    Raises:
        UnknownNameError: a selected name is not installed.
        PluginError: a selected plugin is broken, or two of the selected collide.
    """

    def __init__(self, select: Literal["all"] | Collection[str] = "all") -> None:
        if isinstance(select, str) and select != "all":
            raise UsageError(f"plugins={select!r} is one name.", fix=f"Write plugins=[{select!r}].")
        self._plugins, self._domains = settle(discover(select))
        if select != "all":
            self._check_selected(select)
        self._lock = threading.RLock()
        self._manager: pluggy.PluginManager | None = None

    def _check_selected(self, select: Collection[str]) -> None:
        known = {name for plugin in self._plugins for name in names_of(plugin)}
        for name in select:
            if name not in known:
                raise UnknownNameError(
                    "plugin", name, known, fix="See what is installed with: metier plugins"
                )
            for plugin in self._plugins:
                if name in names_of(plugin) and plugin.status != "active":
                    raise PluginError(**_unusable(plugin, f"The plugin {name!r} cannot be used"))

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin found, active or not, sorted by name."""
        return tuple(self._plugins)

    def provided(self) -> list[Provided]:
        """The domains of active plugins."""
        return [Provided(domain, "plugin", plugin.origin) for domain, plugin in self._domains]

    def domains_of(self, plugin: Plugin) -> tuple[Domain, ...]:
        """What a plugin brings if it is active, made in code or declared; else what it declares."""
        key = (plugin.distribution, plugin.name)
        found = [one for one, owner in self._domains if (owner.distribution, owner.name) == key]
        return tuple(found) or ((plugin.domain,) if plugin.domain is not None else ())

    def workflows(self) -> dict[str, tuple[WorkflowSpec, Plugin]]:
        """Workflows of active plugins by full id, sorted; none is imported."""
        found = {
            f"{domain.domain}/{spec.id}": (spec, plugin)
            for domain, plugin in self._domains
            for spec in domain.workflows
        }
        return {full_id: found[full_id] for full_id in sorted(found)}

    def load_workflow(self, full_id: str) -> Workflow[Any]:
        """Import a workflow's code.

        Raises:
            UsageError: no plugin brings it, or one that is not active.
            PluginError: its code cannot be imported, or is no workflow of that id.
        """
        from metier.workflows.contract import Workflow

        known = self.workflows()
        if full_id not in known:
            raise self._missing(full_id, known)
        spec, plugin = known[full_id]
        module_name, _, function = spec.call.partition(":")
        if module_name.partition(".")[0] != plugin.module:
            raise PluginError(
                f"{full_id!r} of {plugin.origin} points at {spec.call!r}.",
                why=f"A workflow's code must stand in its plugin's own package {plugin.module!r}.",
            )
        target = getattr(import_code(module_name, plugin), function, None)
        if not isinstance(target, Workflow) or target.id != full_id:
            raise PluginError(
                f"{spec.call!r} of {plugin.origin} is not the workflow {full_id!r}.",
                why=f"domain.yaml names a function that is not decorated with "
                f"@workflow({full_id!r}).",
            )
        return target

    def model_families(self) -> list[ModelFamily]:
        """Model families, those of plugins before the built-in ones."""
        return [family for every in self._answers("metier_model_families") for family in every]

    def readers(self) -> list[Reader]:
        """File readers, the one that wins for a suffix after those it wins over."""
        return [reader for every in reversed(self._answers("metier_readers")) for reader in every]

    def before_send(self, texts: Sequence[str], destination: str) -> list[str]:
        """Let every guard look at texts about to leave the machine.

        Raises:
            PluginError: a guard failed, or a plugin that may be one could not be loaded.
            MetierError: a guard stopped them.
        """
        guards = list(self._implementations("metier_before_send"))
        for plugin in self.plugins:
            if plugin.status in ("broken", "conflict"):
                raise PluginError(
                    f"Nothing was sent to {destination}: {plugin.origin} is not loaded, and it may "
                    "be a guard of what leaves the machine.",
                    why=plugin.reason,
                    fix="Mend it, or say which plugins to use with plugins=[...].",
                )
        guarded = list(texts)
        for name, guard in guards:
            said = _called(name, guard, texts=guarded, destination=destination)
            if isinstance(said, str) or not isinstance(said, Sequence):
                raise PluginError(
                    f"The guard of {name!r} returned no list of texts but a "
                    f"{type(said).__name__}; nothing was sent to {destination}."
                )
            if len(said) != len(texts) or not all(isinstance(text, str) for text in said):
                raise PluginError(
                    f"The guard of {name!r} returned {len(said)} texts, or what is none, for "
                    f"{len(texts)}; nothing was sent to {destination}."
                )
            guarded = list(said)
        return guarded

    def run_finished(self, record: RunRecord) -> None:
        """Tell every observer that a run ended well; one that fails does not undo the run."""
        for name, observer in self._implementations("metier_run_finished"):
            try:
                _called(name, observer, record=record)
            except MetierError as error:
                warnings.warn(f"Not told of the run: {error}", MetierWarning, stacklevel=4)

    def _answers(self, hook: str) -> list[list[Any]]:
        """What every plugin brings; a hook may return None for nothing, or be a generator."""
        return [
            _called(name, lambda call=call: list(call() or ()))
            for name, call in self._implementations(hook)
        ]

    def _implementations(self, hook: str) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Who implements a hook, in pluggy's order of calling."""
        for found in reversed(getattr(self._activated().hook, hook).get_hookimpls()):

            def call(found: Any = found, **offered: Any) -> Any:
                return found.function(*(offered[name] for name in found.argnames))

            yield found.plugin_name, call

    def _activated(self) -> pluggy.PluginManager:
        """The manager with every active plugin imported; one that fails becomes broken."""
        with self._lock:
            if self._manager is None:
                self._manager = self._make_manager()
            return self._manager

    def _make_manager(self) -> pluggy.PluginManager:
        from metier.plugins import builtin

        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(HookSpecs)
        manager.register(builtin, "=metier")  # a name no entry point can have
        # pluggy asks the plugin registered last first
        for plugin in reversed(self.plugins):
            if plugin.status == "active":
                self._register(manager, plugin)
        return manager

    def _register(self, manager: pluggy.PluginManager, plugin: Plugin) -> None:
        try:
            manager.register(import_code(plugin.module, plugin), plugin.name)
            _refuse_wrappers(manager, plugin)
            manager.check_pending()  # a hook that metier does not have: usually a misspelt one
        except (MetierError, ValueError, pluggy.PluginValidationError) as error:
            # pluggy keeps the name of a plugin whose hooks it refused
            if manager.has_plugin(plugin.name):
                manager.unregister(name=plugin.name)
            self._put(replace(plugin, status="broken", reason=str(error)))

    def _put(self, plugin: Plugin) -> None:
        key = (plugin.distribution, plugin.name)
        self._plugins = [
            plugin if (one.distribution, one.name) == key else one for one in self._plugins
        ]

    def _missing(self, full_id: str, known: Mapping[str, object]) -> UsageError:
        domain = full_id.partition("/")[0]
        for plugin in self.plugins:
            if domain in names_of(plugin) and plugin.status != "active":
                return UsageError(**_unusable(plugin, f"{full_id!r} cannot run"))
        domains = {name.partition("/")[0] for name in known}
        if "/" in full_id and domain not in domains:
            return UsageError(
                f"There is no workflow {full_id!r}: no plugin brings the domain {domain!r}.",
                why=f"Domains with workflows: {', '.join(sorted(domains)) or 'none'}.",
                fix="See what is installed with: metier plugins",
            )
        return UnknownNameError(
            "workflow", full_id, known, fix="See what is installed with: metier plugins"
        )


def _refuse_wrappers(manager: pluggy.PluginManager, plugin: Plugin) -> None:
    """Hooks are called one by one, so that a wrapper round them would never run."""
    for caller in manager.get_hookcallers(manager.get_plugin(plugin.name)) or ():
        for found in caller.get_hookimpls():
            if found.plugin_name == plugin.name and (found.wrapper or found.hookwrapper):
                raise PluginError(
                    f"{caller.name}() of {plugin.origin} is a wrapper, and metier calls none.",
                    fix="Mark it with @metier.hookimpl alone.",
                )


def _unusable(plugin: Plugin, what: str) -> dict[str, str]:
    return {
        "what": f"{what}: the plugin {plugin.name!r} ({plugin.origin}) is {plugin.status}.",
        "why": plugin.reason,
        "fix": f"See: metier plugins show {plugin.name}",
    }


def _called(name: str, call: Callable[..., T], **offered: Any) -> T:
    """What a plugin's hook returns.

    Raises:
        MetierError: the hook raised it; anything else it raised becomes a PluginError.
    """
    try:
        with on_stderr():
            return call(**offered)
    except MetierError:
        raise
    except Exception as error:
        raise PluginError(
            f"The plugin {name!r} failed: {type(error).__name__}: {error}.",
            fix="Report it to the plugin's authors, or leave the plugin out with plugins=[...].",
        ) from error
