"""The plugin host of a Runtime: which plugins are usable, and typed calls of their hooks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pluggy

from metier.errors import (
    MetierError,
    PluginError,
    UnknownNameError,
    UsageError,
    warn_caller,
)
from metier.plugins import builtin
from metier.plugins.discovery import (
    FAILURES,
    LISTING,
    Plugin,
    check_selected,
    discover,
    names_of,
    rescan_path,
    unusable,
)
from metier.plugins.guards import guard_texts, stamp_of
from metier.plugins.hookspecs import (
    PROJECT,
    HookSpecs,
    call_hook,
    check_answer,
    check_hooks,
    implementations_of,
    replaced_readers,
)
from metier.plugins.importing import (
    import_code,
    import_splitter,
    import_workflow,
    settle,
)
from metier.plugins.selection import Select, choose_plugins, is_strict, normalized
from metier.registry.domain import Domain, WorkflowSpec
from metier.registry.registry import ProvidedDomain

if TYPE_CHECKING:
    from metier.models.family import ModelFamily
    from metier.results.record import RunRecord
    from metier.retrieval.stages.table import Stages
    from metier.texts.reader import Reader
    from metier.texts.splitter import Splitter
    from metier.workflows.contract import Workflow


class PluginHost:
    """Plugins of one Runtime.

    Manifests are read when the host is made. Code is imported at first use; only the code of a
    plugin without a manifest is imported at once, to ask which domains it has.

    Args:
        select: `all`, or names of plugins, distributions or domains; the others stay disabled. For
            `all` METIER_PLUGINS decides, else `metier.toml`.
        block: names that stay disabled, besides those of METIER_BLOCK_PLUGINS and `metier.toml`.
        strict: import the code of every active plugin now, and raise if one cannot be used. None
            takes METIER_STRICT, else `metier.toml`, else False.

    Raises:
        UsageError: `metier.toml` or METIER_STRICT cannot be read.
        UnknownNameError: a selected name is not installed.
        PluginError: a selected plugin is not active, or strict and any plugin cannot be used.
    """

    def __init__(
        self,
        select: Select = "all",
        *,
        block: Collection[str] = (),
        strict: bool | None = None,
    ) -> None:
        self._select = select
        self._block = block
        self._strict = is_strict(strict)
        self._lock = threading.RLock()
        self._manager: pluggy.PluginManager | None = None
        self._stages: Stages | None = None
        self._warned: set[str] = set()
        self._own = [(domain, builtin.ITSELF) for domain in builtin.metier_domains()]
        self._plugins, self._domains = self._find()
        if self._strict:
            self.activate()
            self.require_usable()

    def refresh(self) -> None:
        """Find plugins again, with those installed since, and read the configuration again.

        Imported code stays, also that of a plugin that was updated since.

        Raises:
            The errors of the constructor; the host is then unchanged.
        """
        with self.refreshing():
            pass

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        """`refresh` as a context: if its body raises, the host is as before."""
        rescan_path()
        with self._lock:
            before = self._plugins, self._domains, self._manager, self._stages
            try:
                self._plugins, self._domains = self._find()
                self._manager = self._stages = None
                if self._strict:
                    self.activate()
                    self.require_usable()
                yield
            except BaseException:
                self._plugins, self._domains, self._manager, self._stages = before
                raise

    def activate(self) -> None:
        """Import the code of every active plugin, which the first call of a hook does otherwise.

        Warns:
            MetierWarning: a plugin's code is broken; the others are used.
        """
        self._activated()

    def require_usable(self) -> None:
        """Refuse plugins that should be active and cannot be.

        Raises:
            PluginError: there are some; the message names each with its reason.
        """
        failed = [plugin for plugin in self.plugins if plugin.status in FAILURES]
        if failed:
            count = "1 plugin" if len(failed) == 1 else f"{len(failed)} plugins"
            reasons: dict[tuple[str, str], list[str]] = {}  # plugins in conflict share one
            for plugin in failed:
                reasons.setdefault((plugin.status, plugin.reason), []).append(plugin.origin)
            raise PluginError(
                f"{count} cannot be used, and metier was asked to be strict about that.",
                why="\n".join(
                    f"{', '.join(origins)}: {status}: {reason}"
                    for (status, reason), origins in reasons.items()
                ),
                fix="Repair, uninstall or block them, or leave out $strict (METIER_STRICT).",
                parameters={"strict": True},
            )

    def _find(self) -> tuple[list[Plugin], list[tuple[Domain, Plugin]]]:
        selection = choose_plugins(self._select, self._block)
        plugins, domains = settle(discover(selection), selection)
        if self._select != "all":
            check_selected(self._select, plugins)
        names = {name for plugin in plugins for name in names_of(plugin)}
        for doubt in selection.doubts(names | {domain.domain for domain, _ in domains}):
            warn_caller(doubt)
        return plugins, domains

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin found, active or not, sorted by name."""
        return tuple(self._plugins)

    def provided(self) -> list[ProvidedDomain]:
        """The domain of metier itself, and those of active plugins."""
        return [
            *(ProvidedDomain(domain, "core", itself.origin) for domain, itself in self._own),
            *(ProvidedDomain(domain, "plugin", plugin.origin) for domain, plugin in self._domains),
        ]

    def domains_of(self, plugin: Plugin) -> tuple[Domain, ...]:
        """Domains of a plugin: declared, or made in code if it is active."""
        key = _key(plugin)
        domains = tuple(domain for domain, owner in self._domains if _key(owner) == key)
        return domains or ((plugin.domain,) if plugin.domain is not None else ())

    def find_plugin(self, name: str) -> Plugin:
        """The installed plugin that a name means, active or not.

        Args:
            name: of the plugin, of its distribution or of a domain it brings.

        Raises:
            UnknownNameError: no plugin has it.
        """
        known: set[str] = set()
        for plugin in self.plugins:
            names = names_of(plugin) | {domain.domain for domain in self.domains_of(plugin)}
            if normalized(name) in map(normalized, names):
                return plugin
            known |= names
        raise UnknownNameError("plugin", name, known, fix=LISTING)

    def workflows(self) -> dict[str, tuple[WorkflowSpec, Plugin]]:
        """Workflows of metier and of active plugins by full id, sorted; none is imported."""
        workflows = {
            f"{domain.domain}/{spec.id}": (spec, plugin)
            for domain, plugin in (*self._own, *self._domains)
            for spec in domain.workflows
        }
        return {full_id: workflows[full_id] for full_id in sorted(workflows)}

    def load_workflow(self, full_id: str) -> Workflow[Any]:
        """Import a workflow's code.

        Raises:
            UsageError: no plugin brings it, or one that is not active.
            PluginError: its code cannot be imported, or is no workflow of that id.
        """
        known = self.workflows()
        if full_id not in known:
            raise self._missing(full_id, known)
        spec, plugin = known[full_id]
        return import_workflow(full_id, spec.call, plugin)

    def load_splitter(self, domain: Domain) -> Splitter | None:
        """Import the splitter of a domain; None if it declares none.

        Raises:
            PluginError: its code cannot be imported, or is no function; or no active plugin has it,
                as for a pack that extends a domain which is not installed.
        """
        call = domain.splitter
        if call is None:
            return None
        owners = [
            plugin for known, plugin in (*self._own, *self._domains) if known.splitter == call
        ]
        if not owners:
            raise PluginError(
                f"No active plugin brings the splitter {call!r} of the domain {domain.domain!r}.",
                fix=LISTING,
                code="splitter-not-found",
            )
        return import_splitter(domain.domain, call, owners[0])

    def model_families(self) -> list[ModelFamily]:
        """Model families, those of plugins before the built-in ones."""
        return list(chain.from_iterable(self._answers("metier_model_families").values()))

    def readers(self) -> list[Reader]:
        """File readers; for one suffix the last one takes precedence.

        Warns:
            MetierWarning: once, a plugin's reader takes precedence over another for a suffix.
        """
        answers = self._answers("metier_readers")
        for message in replaced_readers(answers):
            if message not in self._warned:
                self._warned.add(message)
                warn_caller(message)
        return list(chain.from_iterable(reversed(answers.values())))

    def search_stages(self) -> Stages:
        """Search stages by name, built-in ones first; plugins are asked once, so stages may cache.

        Raises:
            PluginError: a plugin's stage cannot be used, or two have the same name.
        """
        from metier.retrieval.stages.table import with_stages

        with self._lock:
            if self._stages is None:
                *plugins, built_in = self._answers("metier_search_stages").values()
                self._stages = with_stages(chain(built_in, *plugins))
            return self._stages

    def before_send(self, texts: Sequence[str], destination: str) -> list[str]:
        """Pass texts that are about to leave the machine through every guard.

        Raises:
            PluginError: a guard failed, or a plugin that may be one could not be loaded.
            MetierError: a guard stopped them.
        """
        return guard_texts(self._guards(), self.plugins, texts, destination)

    def guard_stamp(self) -> str:
        """A hash that changes with the guards and their mode; see `guards.stamp_of`."""
        return stamp_of(self._guards(), self.plugins)

    def run_finished(self, record: RunRecord) -> None:
        """Call every observer of a run that ended well, each with a copy of the record.

        A failure does not undo the run.

        Raises:
            MetierError: an observer failed, and the host is strict.
        """
        for name, observer in self._implementations("metier_run_finished"):
            try:
                call_hook(name, observer, record=record.model_copy(deep=True))
            except MetierError as error:
                if self._strict:
                    raise
                warn_caller(f"Not told of the run: {error}")

    def _answers(self, hook: str) -> dict[str, list[Any]]:
        """Answers of all plugins to a hook, which may return None or be a generator, by plugin.

        A plugin whose hook fails is marked as broken and left out from then on.
        """
        answers = {}
        for name, call in self._implementations(hook):
            try:
                answer = call_hook(name, lambda call=call: list(call() or ()))
                check_answer(hook, answer, name)
                answers[name] = answer
            except MetierError as error:
                failed = [plugin for plugin in self.plugins if plugin.name == name]
                if self._strict or not failed:
                    raise
                with self._lock:
                    self._activated().unregister(name=name)
                    self._leave_out(failed[0], f"{hook}() failed: {error.what}")
        return answers

    def _guards(self) -> dict[str, Callable[..., Any]]:
        return dict(self._implementations("metier_before_send"))

    def _implementations(self, hook: str) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Plugins that implement a hook, with their functions, in pluggy's order of calling."""
        return implementations_of(self._activated(), hook)

    def _activated(self) -> pluggy.PluginManager:
        """The manager with every active plugin imported; one that fails becomes broken."""
        with self._lock:
            if self._manager is None:
                self._manager = self._make_manager()
            return self._manager

    def _make_manager(self) -> pluggy.PluginManager:
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(HookSpecs)
        manager.register(builtin, builtin.ITSELF.name)
        # pluggy asks the plugin registered last first
        for plugin in reversed(self.plugins):
            if plugin.status == "active":
                self._register(manager, plugin)
        return manager

    def _register(self, manager: pluggy.PluginManager, plugin: Plugin) -> None:
        try:
            module = import_code(plugin.module, plugin)
            check_hooks(manager, module, plugin)
            manager.register(module, plugin.name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # attributes of a module may raise anything
            # pluggy keeps the name of a plugin whose hooks it refused
            if manager.has_plugin(plugin.name):
                manager.unregister(name=plugin.name)
            self._leave_out(plugin, str(error) or type(error).__name__)

    def _leave_out(self, plugin: Plugin, reason: str) -> None:
        key = _key(plugin)
        broken = replace(plugin, status="broken", reason=reason)
        self._plugins = [broken if _key(other) == key else other for other in self._plugins]
        if not self._strict:  # else the caller raises it
            warn_caller(f"The plugin {plugin.name!r} ({plugin.origin}) is left out: {reason}")

    def _missing(self, full_id: str, known: Mapping[str, object]) -> UsageError:
        domain = full_id.partition("/")[0]
        for plugin in self.plugins:
            if domain in names_of(plugin) and plugin.status not in ("active", "shadowed"):
                return unusable(UsageError, plugin, f"{full_id!r} cannot run")
        domains = {name.partition("/")[0] for name in known}
        if "/" in full_id and domain not in domains:
            return UsageError(
                f"There is no workflow {full_id!r}: no plugin brings the domain {domain!r}.",
                why=f"Domains with workflows: {', '.join(sorted(domains)) or 'none'}.",
                fix=LISTING,
                code="unknown-workflow-domain",
            )
        return UnknownNameError("workflow", full_id, known, fix="Runtime().workflows lists them.")


def _key(plugin: Plugin) -> tuple[str, str, str]:
    return plugin.distribution, plugin.version, plugin.name
