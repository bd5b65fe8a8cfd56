"""The plugin that is checked: alone, with models that need no download."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.errors import MetierError, PluginError, UsageError
from metier.plugins import builtin
from metier.plugins.discovery import OWN_DOMAIN, Plugin, PluginEntry, find
from metier.plugins.host import PluginHost
from metier.plugins.importing import import_code
from metier.plugins.samples import demo_arguments, package_folder
from metier.registry.domain import Domain, WorkflowSpec
from metier.registry.registry import Registry
from metier.runtime.runtime import Runtime
from metier.testing.conformance.check import in_a_line
from metier.testing.fakes import FakeEmbedder, FakeReranker

if TYPE_CHECKING:
    from metier.models.embedder import Embedder
    from metier.results.result import Result
    from metier.workflows.contract import Workflow


class Subject:
    """A plugin as the checks see it. What several checks need is made once, at its first use.

    Args:
        plugin: as a host found it, active or not.
        embedder: what vector sizes are measured with; None to leave that out.
    """

    def __init__(self, plugin: Plugin, *, embedder: Embedder | None = None) -> None:
        self.plugin = plugin
        self.embedder = embedder

    @classmethod
    def named(cls, name: str, *, embedder: Embedder | None = None) -> Subject:
        """The installed plugin that a name means; `core` is the domain of metier itself.

        Args:
            name: of the plugin, of its distribution or of a domain it brings.
            embedder: see the constructor.

        Raises:
            UnknownNameError: nothing of that name is installed.
            UsageError: it may not be active here.
        """
        if name == OWN_DOMAIN:
            return cls(builtin.ITSELF, embedder=embedder)
        plugin = PluginHost(strict=False).find_plugin(name)
        if plugin.status == "disabled":
            raise UsageError(
                f"The plugin {plugin.name!r} ({plugin.origin}) is disabled and cannot be checked.",
                why=plugin.reason,
                fix="Allow it, or check it in another folder.",
            )
        return cls(plugin, embedder=embedder)

    @property
    def is_own(self) -> bool:
        """Whether it is metier itself, whose domain comes by no entry point."""
        return self.plugin is builtin.ITSELF

    @property
    def names(self) -> list[str]:
        """What may be active while it is checked: itself alone."""
        return [] if self.is_own else [self.plugin.name]

    @cached_property
    def fault(self) -> str:
        """Why nothing of the plugin can be used; empty where it can."""
        try:
            _ = self.host
            import_code(self.plugin.module, self.plugin)
        except MetierError as error:
            return in_a_line(error)
        return ""

    @cached_property
    def host(self) -> PluginHost:
        """A host in which only this plugin is active."""
        return self.new_host()

    def new_host(self) -> PluginHost:
        """A host of its own for a check that calls hooks."""
        return PluginHost(self.names, strict=False)

    @cached_property
    def entry(self) -> PluginEntry | None:
        """Its entry point; None for metier itself."""
        key = (self.plugin.distribution, self.plugin.name)
        return next((entry for entry in find() if (entry.distribution, entry.name) == key), None)

    @cached_property
    def folder(self) -> Path:
        """Its package's folder."""
        return package_folder(self.plugin)

    @cached_property
    def domains(self) -> tuple[Domain, ...]:
        """Its domains."""
        layer = "core" if self.is_own else "plugin"
        return tuple(
            provided.domain for provided in self.host.provided() if provided.layer == layer
        )

    @cached_property
    def registry(self) -> Registry:
        """Its instructions and those of metier itself, without any pack."""
        return Registry(self.host.provided())

    @cached_property
    def specs(self) -> Mapping[str, WorkflowSpec]:
        """Its workflows by full id, as its domains announce them."""
        return {
            f"{domain.domain}/{spec.id}": spec
            for domain in self.domains
            for spec in domain.workflows
        }

    @cached_property
    def loaded(self) -> Mapping[str, Workflow[Any] | MetierError]:
        """The code of each workflow, or the error of importing it."""
        loaded: dict[str, Workflow[Any] | MetierError] = {}
        for name in self.specs:
            try:
                workflow = self.host.load_workflow(name)
                _ = workflow.parameters
                loaded[name] = workflow
            except MetierError as error:
                loaded[name] = error
        return loaded

    @property
    def workflows(self) -> Mapping[str, Workflow[Any]]:
        """The workflows whose code and signature can be read."""
        return {
            name: workflow
            for name, workflow in self.loaded.items()
            if not isinstance(workflow, MetierError)
        }

    @cached_property
    def excuses(self) -> Mapping[str, str]:
        """Checks that its domains excuse, with the reason; none where it cannot be used."""
        if self.fault:
            return {}
        return {
            name: reason
            for domain in self.domains
            for name, reason in domain.conformance.excuses.items()
        }

    @cached_property
    def rt(self) -> Runtime:
        """A Runtime with this plugin alone and models that compare words."""
        return Runtime(
            FakeEmbedder(),
            FakeReranker(),
            cache=False,
            plugins=self.names,
            strict=False,
            progress=False,
        )

    @cached_property
    def demos(self) -> Mapping[str, dict[str, Any] | MetierError]:
        """Arguments of the demo of each workflow that has one, or the error of reading it."""
        demos: dict[str, dict[str, Any] | MetierError] = {}
        for name, workflow in self.workflows.items():
            spec = self.specs[name]
            if spec.demo:
                try:
                    readers = self.rt.plugins.readers()
                    demos[name] = demo_arguments(workflow, spec, self.plugin, readers)
                except MetierError as error:
                    demos[name] = error
        return demos

    @property
    def runnable(self) -> Mapping[str, dict[str, Any]]:
        """Arguments of the workflows that have a demo with nothing wrong."""
        return {
            name: demo for name, demo in self.demos.items() if not isinstance(demo, MetierError)
        }

    def run(self, name: str, arguments: Mapping[str, Any]) -> Result:
        """Run a workflow with the models that compare words, whatever warnings it gives.

        Raises:
            Whatever the workflow does.
        """
        with warnings.catch_warnings(action="ignore"):
            result: Result = self.workflows[name](self.rt, **arguments)
        return result

    @cached_property
    def first_runs(self) -> Mapping[str, Result | BaseException]:
        """The result of each demo, or what it raises."""
        results: dict[str, Result | BaseException] = {}
        for name, arguments in self.runnable.items():
            try:
                results[name] = self.run(name, arguments)
            except (Exception, SystemExit) as error:  # of a plugin's code: it may be any
                results[name] = error
        return results


def describe(error: BaseException, subject: Subject) -> str:
    """What was raised, and the last line of the plugin that led to it, else the last line."""
    if isinstance(error, MetierError):
        return in_a_line(error)
    message = " ".join(f"{type(error).__name__}: {error}".split())
    frames = traceback.extract_tb(error.__traceback__)
    for frame in (_own(frames, subject) or frames)[-1:]:
        return f"{message[:300]} ({frame.filename}:{frame.lineno})"
    return message[:300]


def _own(
    frames: Sequence[traceback.FrameSummary], subject: Subject
) -> list[traceback.FrameSummary]:
    try:
        folder = subject.folder
    except PluginError:  # a plugin may be a single file
        return []
    return [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
