"""The host: one plugin manager per Runtime, and the typed facade over its hooks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from metier.errors import (
    MetierError,
    PluginError,
    UnknownNameError,
    UsageError,
    close_names,
    warn_caller,
)
from metier.plugins import builtin
from metier.plugins.discovery import FAILURES, Plugin, discover, names_of, rescan_path
from metier.plugins.hookspecs import PROJECT, HookSpecs, check_hooks
from metier.plugins.importing import import_code, on_stderr, settle
from metier.plugins.selection import Select, choose_plugins, is_strict, normalized
from metier.registry.domain import Domain, WorkflowSpec
from metier.registry.registry import ProvidedDomain

if TYPE_CHECKING:
    from metier.models.family import ModelFamily
    from metier.texts.reader import Reader
    from metier.texts.splitter import Splitter
    from metier.workflows.contract import Workflow
    from metier.workflows.record import RunRecord

T = TypeVar("T")


class PluginHost:
    """Plugins of one Runtime. Manifests are read at once, code is imported at first use (that of a
    plugin without a manifest at once, to ask what it brings).

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
        self._own = [(domain, builtin.ITSELF) for domain in builtin.metier_domains()]
        self._plugins, self._domains = self._found()
        if self._strict:
            self.activate()
            self.require_usable()

    def refresh(self) -> None:
        """Look again at what is installed and configured: also plugins installed since are found.

        Code that is imported stays as it is, also that of a plugin updated meanwhile.

        Raises:
            As the constructor; then everything stays as it was.
        """
        with self.refreshing():
            pass

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        """`refresh`, for those who build on what was found: if they fail, all is as it was."""
        rescan_path()
        with self._lock:
            before = self._plugins, self._domains, self._manager
            try:
                self._plugins, self._domains = self._found()
                self._manager = None
                if self._strict:
                    self.activate()
                    self.require_usable()
                yield
            except BaseException:
                self._plugins, self._domains, self._manager = before
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
            reasons: dict[tuple[str, str], list[str]] = {}  # those in conflict share one
            for one in failed:
                reasons.setdefault((one.status, one.reason), []).append(one.origin)
            raise PluginError(
                f"{count} cannot be used, and metier was asked to be strict about that.",
                why="\n".join(
                    f"{', '.join(origins)}: {status}: {reason}"
                    for (status, reason), origins in reasons.items()
                ),
                fix="Mend, uninstall or block them, or leave out --strict (METIER_STRICT).",
            )

    def _found(self) -> tuple[list[Plugin], list[tuple[Domain, Plugin]]]:
        selection = choose_plugins(self._select, self._block)
        plugins, domains = settle(discover(selection), selection)
        if self._select != "all":
            _check_selected(self._select, plugins)
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
        """What a plugin brings if it is active, made in code or declared; else what it declares."""
        key = _key(plugin)
        found = [one for one, owner in self._domains if _key(owner) == key]
        return tuple(found) or ((plugin.domain,) if plugin.domain is not None else ())

    def workflows(self) -> dict[str, tuple[WorkflowSpec, Plugin]]:
        """Workflows of metier and of active plugins by full id, sorted; none is imported."""
        found = {
            f"{domain.domain}/{spec.id}": (spec, plugin)
            for domain, plugin in (*self._own, *self._domains)
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
        module, function = _module_of(spec.call, plugin, f"{full_id!r}")
        target = getattr(module, function, None)
        if not isinstance(target, Workflow) or target.id != full_id:
            raise PluginError(
                f"{spec.call!r} of {plugin.origin} is not the workflow {full_id!r}.",
                why=_why_not_it(module, function, target),
                fix=f"Let call: in domain.yaml name a function of @workflow({full_id!r}).",
            )
        return target

    def load_splitter(self, domain: Domain) -> Splitter | None:
        """Import what divides a domain's documents; None where it declares nothing.

        Raises:
            PluginError: its code cannot be imported, or is no function; or no active plugin has it,
                as where a pack takes it over from a domain that is gone.
        """
        call = domain.splitter
        if call is None:
            return None
        owners = [plugin for own, plugin in (*self._own, *self._domains) if own.splitter == call]
        if not owners:
            raise PluginError(
                f"No active plugin brings the splitter {call!r} of the domain {domain.domain!r}.",
                fix="See what is installed with: metier plugins",
            )
        what = f"The splitter of {domain.domain!r}"
        module, function = _module_of(call, owners[0], what)
        target = getattr(module, function, None)
        if not callable(target):
            public = [one for one in vars(module) if not one.startswith("_")]
            raise PluginError(
                f"{what} by {owners[0].origin} is {call!r}, which is no function.",
                why=_why_missing(module, function, public) if target is None else None,
                fix="Let splitter: in domain.yaml name a function of a text and a name that gives "
                "Sections.",
            )
        found: Splitter = target
        return found

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
            if plugin.status in FAILURES:
                raise PluginError(
                    f"Nothing was sent to {destination}: {plugin.origin} is not loaded, and it may "
                    "be a guard of what leaves the machine.",
                    why=plugin.reason,
                    fix="Mend it, or block it with block_plugins=[...].",
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
        """Tell every observer that a run ended well; one that fails does not undo the run.

        Raises:
            MetierError: an observer failed, and the host is strict.
        """
        for name, observer in self._implementations("metier_run_finished"):
            try:
                _called(name, observer, record=record)
            except MetierError as error:
                if self._strict:
                    raise
                warn_caller(f"Not told of the run: {error}")

    def _answers(self, hook: str) -> list[list[Any]]:
        """What every plugin brings; a hook may return None for nothing, or be a generator.

        A plugin whose hook fails is broken from then on, and left out.
        """
        answers = []
        for name, call in self._implementations(hook):
            try:
                answers.append(_called(name, lambda call=call: list(call() or ())))
            except MetierError as error:
                failed = [one for one in self.plugins if one.name == name]
                if self._strict or not failed:
                    raise
                with self._lock:
                    self._activated().unregister(name=name)
                    self._leave_out(failed[0], f"{hook}() failed: {error.what}")
        return answers

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
        except (MetierError, ValueError, pluggy.PluginValidationError) as error:
            # pluggy keeps the name of a plugin whose hooks it refused
            if manager.has_plugin(plugin.name):
                manager.unregister(name=plugin.name)
            self._leave_out(plugin, str(error))

    def _leave_out(self, plugin: Plugin, reason: str) -> None:
        key = _key(plugin)
        broken = replace(plugin, status="broken", reason=reason)
        self._plugins = [broken if _key(one) == key else one for one in self._plugins]
        if not self._strict:  # else the caller raises it
            warn_caller(f"The plugin {plugin.name!r} ({plugin.origin}) is left out: {reason}")

    def _missing(self, full_id: str, known: Mapping[str, object]) -> UsageError:
        domain = full_id.partition("/")[0]
        for plugin in self.plugins:
            if domain in names_of(plugin) and plugin.status not in ("active", "shadowed"):
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


def _check_selected(select: Collection[str], plugins: Sequence[Plugin]) -> None:
    known = {name for plugin in plugins for name in names_of(plugin)}
    for name in select:
        if normalized(name) not in {normalized(one) for one in known}:
            raise UnknownNameError(
                "plugin", name, known, fix="See what is installed with: metier plugins"
            )
        for plugin in plugins:
            called = {normalized(one) for one in names_of(plugin)}
            if normalized(name) in called and plugin.status not in ("active", "shadowed"):
                raise PluginError(**_unusable(plugin, f"The plugin {name!r} cannot be used"))


def _key(plugin: Plugin) -> tuple[str, str, str]:
    return plugin.distribution, plugin.version, plugin.name


def _unusable(plugin: Plugin, what: str) -> dict[str, str]:
    return {
        "what": f"{what}: the plugin {plugin.name!r} ({plugin.origin}) is {plugin.status}.",
        "why": plugin.reason,
        "fix": f"See: metier plugins show {plugin.name}",
    }


def _module_of(call: str, plugin: Plugin, what: str) -> tuple[ModuleType, str]:
    """The module that a manifest names, imported, and the name in it.

    Raises:
        PluginError: it stands outside of the plugin's package, or cannot be imported.
    """
    module, _, name = call.partition(":")
    if module.partition(".")[0] != plugin.module:
        raise PluginError(
            f"{what} of {plugin.origin} points at {call!r}.",
            why=f"A plugin's code must stand in its own package {plugin.module!r}.",
        )
    return import_code(module, plugin), name


def _why_not_it(module: ModuleType, function: str, target: object) -> str:
    """Why what a manifest calls is not the workflow it says."""
    from metier.workflows.contract import Workflow

    if isinstance(target, Workflow):
        return f"The function is decorated with @workflow({target.id!r})."
    if target is not None:
        return "It is not decorated with @workflow."
    workflows = [name for name, one in vars(module).items() if isinstance(one, Workflow)]
    return _why_missing(module, function, workflows)


def _why_missing(module: ModuleType, function: str, known: Sequence[str]) -> str:
    close = close_names(function, known)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"There is no {function!r} in {module.__name__!r}.{hint}"


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
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"The plugin {name!r} failed: {type(error).__name__}: {error}.",
            fix="Report it to the plugin's authors, or leave it out with block_plugins=[...].",
        ) from error
