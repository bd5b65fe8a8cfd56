"""The host: one plugin manager per Runtime, and the typed facade over its hooks."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import pluggy

from metier.errors import MetierError, PluginError, UnknownNameError
from metier.plugins.discovery import Plugin, discover, names_of
from metier.plugins.hookspecs import PROJECT, HookSpecs
from metier.registry.domain import WorkflowSpec
from metier.registry.registry import Provided

if TYPE_CHECKING:
    from metier.models.family import ModelFamily
    from metier.texts.reader import Reader
    from metier.workflows.contract import Workflow
    from metier.workflows.record import RunRecord


class PluginHost:
    """Plugins of one Runtime. Manifests are read at once, code is imported at first use.

    Args:
        select: `all`, or names of plugins, distributions or domains; the others stay disabled.

    Raises:
        UnknownNameError: a selected name is not installed.
    """

    def __init__(self, select: Literal["all"] | Collection[str] = "all") -> None:
        self._plugins = {plugin.name: plugin for plugin in discover(select)}
        if select != "all":
            known = {name for plugin in self._plugins.values() for name in names_of(plugin)}
            for name in select:
                if name not in known:
                    raise UnknownNameError(
                        "plugin", name, known, fix="See what is installed with: metier plugins"
                    )
        self._manager: pluggy.PluginManager | None = None

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin found, active or not, sorted by name."""
        return tuple(sorted(self._plugins.values(), key=lambda plugin: plugin.name))

    def provided(self) -> list[Provided]:
        """The domains of active plugins."""
        domains = []
        for plugin in self.plugins:
            if plugin.status != "active":
                continue
            if plugin.domain is not None:
                domains.append(Provided(plugin.domain, "plugin", plugin.origin))
            else:
                domains.extend(self._domains_from_code(plugin))
        return domains

    def workflows(self) -> dict[str, tuple[WorkflowSpec, Plugin]]:
        """Workflows of active plugins by full id, sorted; nothing is imported."""
        return dict(
            sorted(
                (f"{plugin.domain.domain}/{spec.id}", (spec, plugin))
                for plugin in self.plugins
                if plugin.status == "active" and plugin.domain is not None
                for spec in plugin.domain.workflows
            )
        )

    def load_workflow(self, full_id: str) -> Workflow[Any]:
        """Import a workflow's code.

        Raises:
            UnknownNameError: no active plugin brings it.
            PluginError: its code cannot be imported, or is no workflow of that id.
        """
        from metier.workflows.contract import Workflow

        known = self.workflows()
        if full_id not in known:
            raise UnknownNameError(
                "workflow", full_id, known, fix="See what is installed with: metier plugins"
            )
        spec, plugin = known[full_id]
        module_name, _, function = spec.call.partition(":")
        if module_name.partition(".")[0] != plugin.module:
            raise PluginError(
                f"{full_id!r} of {plugin.origin} points at {spec.call!r}.",
                why=f"A workflow's code must stand in its plugin's own package {plugin.module!r}.",
            )
        target = getattr(self._import(module_name, plugin), function, None)
        if not isinstance(target, Workflow) or target.id != full_id:
            raise PluginError(
                f"{spec.call!r} of {plugin.origin} is not the workflow {full_id!r}.",
                why=f"domain.yaml names a function that is not decorated with "
                f"@workflow({full_id!r}).",
            )
        return target

    def model_families(self) -> list[ModelFamily]:
        """Model families, those of plugins before the built-in ones."""
        return [family for every in self._call("metier_model_families") for family in every]

    def readers(self) -> list[Reader]:
        """File readers; for a suffix two know, the last one wins: built-in ones come first."""
        return [reader for every in reversed(self._call("metier_readers")) for reader in every]

    def before_send(self, texts: Sequence[str], destination: str) -> list[str]:
        """Let every guard look at texts about to leave the machine.

        Raises:
            PluginError: a guard returned another number of texts.
            MetierError: a guard stopped them.
        """
        guarded = list(texts)
        for guard in reversed(self._activated().hook.metier_before_send.get_hookimpls()):
            offered = {"texts": guarded, "destination": destination}
            taken = {name: offered[name] for name in guard.argnames}
            guarded = list(guard.function(**taken))
            if len(guarded) != len(texts):
                raise PluginError(
                    f"The guard of {guard.plugin_name!r} returned {len(guarded)} texts for "
                    f"{len(texts)}; nothing was sent to {destination}."
                )
        return guarded

    def run_finished(self, record: RunRecord) -> None:
        """Tell every observer that a run ended well."""
        self._call("metier_run_finished", record=record)

    def _call(self, hook: str, **arguments: Any) -> list[Any]:
        results: list[Any] = getattr(self._activated().hook, hook)(**arguments)
        return results

    def _activated(self) -> pluggy.PluginManager:
        """The manager with every active plugin imported; one that fails becomes broken."""
        if self._manager is None:
            from metier.plugins import builtin

            manager = pluggy.PluginManager(PROJECT)
            manager.add_hookspecs(HookSpecs)
            manager.register(builtin, "metier")
            for plugin in self.plugins:
                if plugin.status == "active":
                    self._register(manager, plugin)
            self._manager = manager
        return self._manager

    def _register(self, manager: pluggy.PluginManager, plugin: Plugin) -> None:
        try:
            manager.register(self._import(plugin.module, plugin), plugin.name)
        except (MetierError, pluggy.PluginValidationError) as error:
            # pluggy keeps the name of a plugin whose hooks it refused
            manager.unregister(name=plugin.name)
            self._plugins[plugin.name] = replace(plugin, status="broken", reason=str(error))

    def _import(self, module: str, plugin: Plugin) -> ModuleType:
        try:
            return importlib.import_module(module)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise PluginError(
                f"The code of {plugin.origin} cannot be imported: "
                f"{type(error).__name__}: {error} ({place.filename}:{place.lineno}).",
                fix=f"Reinstall or update it, or leave it out: pip uninstall {plugin.distribution}",
            ) from error

    def _domains_from_code(self, plugin: Plugin) -> Iterable[Provided]:
        try:
            hook = getattr(self._import(plugin.module, plugin), "metier_domains", None)
            domains = list(hook()) if hook is not None else []
        except Exception as error:  # whatever a plugin raises, the others stay usable
            self._plugins[plugin.name] = replace(plugin, status="broken", reason=str(error))
            return []
        return [Provided(domain, "plugin", plugin.origin) for domain in domains]
