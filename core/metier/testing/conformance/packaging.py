"""Checks of how a plugin is packaged: its metadata, whether it loads, its hooks."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator

from metier.errors import MetierError, MetierWarning, PluginError
from metier.plugins.compatibility import API_GROUP, APIS
from metier.plugins.discovery import FAILURES
from metier.plugins.hookspecs import HookSpecs
from metier.plugins.host import PluginHost
from metier.results.record import RunRecord
from metier.results.table import counted
from metier.testing.conformance.check import (
    Check,
    CheckOutcome,
    in_a_line,
    judged,
    not_run,
)
from metier.testing.conformance.subject import Subject
from metier.testing.conformance.subprocesses import imported_elsewhere

_SENT = ("Write to anna@example.org on 5 May.", "")
"""Texts for a guard: one with something to hide, and one with nothing."""

_ITS_OWN = "it is part of metier and has no metadata of its own"


def _metadata(subject: Subject) -> CheckOutcome:
    if subject.entry is None:
        return not_run(_ITS_OWN)
    return judged(_problems_of_metadata(subject), f"{subject.plugin.origin}, API {APIS[0]}")


def _problems_of_metadata(subject: Subject) -> Iterator[str]:
    from packaging.requirements import InvalidRequirement, Requirement

    entry = subject.entry
    assert entry is not None
    if not entry.apis:
        yield f"No entry point of the group {API_GROUP!r} names {entry.module!r}."
    for api in sorted(set(entry.apis) - set(APIS)):
        yield f"It is declared for version {api} of the plugin API; metier has {', '.join(APIS)}."
    required = []
    for line in entry.requires:
        try:
            required.append(Requirement(line))
        except InvalidRequirement:
            yield f"Its requirement {line!r} cannot be read."
    own = [
        requirement
        for requirement in required
        if requirement.name == "metier" and requirement.marker is None
    ]
    if not own:
        yield "It does not require metier."
    for requirement in own:
        bounds = {specifier.operator for specifier in requirement.specifier}
        if bounds != {">="}:
            yield f"It requires {str(requirement)!r}, which is not a lower bound alone."


def _loads(subject: Subject) -> CheckOutcome:
    if subject.fault:
        return judged([subject.fault], "")
    faults = [
        in_a_line(workflow)
        for workflow in subject.loaded.values()
        if isinstance(workflow, MetierError)
    ]
    return judged(faults, f"{subject.plugin.module}, {counted(len(subject.loaded), 'workflow')}")


def _hooks(subject: Subject) -> CheckOutcome:
    if subject.is_own:
        return not_run("it registers what it brings itself")
    implemented = _implemented(subject)
    return judged(_problems_of_hooks(subject), ", ".join(implemented) or "implements none")


def _implemented(subject: Subject) -> list[str]:
    module = sys.modules[subject.plugin.module]
    return [name for name in _known() if callable(getattr(module, name, None))]


def _known() -> list[str]:
    return [name for name in vars(HookSpecs) if name.startswith("metier_")]


def _problems_of_hooks(subject: Subject) -> Iterator[str]:
    module = sys.modules[subject.plugin.module]
    host = subject.new_host()
    with warnings.catch_warnings(action="ignore"):  # what a hook lacks is said below
        host.activate()
        host.readers()
        host.model_families()
    for plugin in host.plugins:
        if plugin.name == subject.plugin.name and plugin.status in FAILURES:
            yield plugin.reason
            return  # pluggy says the same of what follows
    yield from _problems_of_guard(host)
    yield from _problems_of_observer(host)
    for name in dir(module):
        unknown = name.startswith("metier_") and name not in _known()
        if unknown and callable(getattr(module, name)):
            yield f"{name}() looks like a hook, and metier has none of that name."
    if subject.plugin.domain is not None and hasattr(module, "metier_domains"):
        yield "metier_domains() is never asked, as the plugin has a domain.yaml."


def _problems_of_guard(host: PluginHost) -> Iterator[str]:
    try:
        host.before_send(_SENT, "the conformance suite")
    except PluginError as error:
        yield f"metier_before_send() failed: {in_a_line(error)}"
    except MetierError:  # it may stop what it likes
        pass


def _problems_of_observer(host: PluginHost) -> Iterator[str]:
    with warnings.catch_warnings(record=True, action="always", category=MetierWarning) as caught:
        host.run_finished(RunRecord(workflow="core/search"))
    yield from (f"metier_run_finished() failed: {warning.message}" for warning in caught)


CHECKS = (
    Check(
        "loads",
        "It can be active, and its package and the code of each workflow can be imported.",
        "Mend what is named, at the file and line where it is raised.",
        _loads,
        needs_code=False,
    ),
    Check(
        "metadata",
        "Its metadata says which version of the plugin API it is written for, and requires metier "
        "with a lower bound alone: what does not fit is told before any code is imported.",
        'Declare 1 = "PACKAGE" under [project.entry-points."metier.api"], require metier>=VERSION, '
        "and install the plugin again.",
        _metadata,
        needs_code=False,
    ),
    Check(
        "hooks",
        "Every hook it implements is one that metier calls, is marked, and answers.",
        "Spell the hook as in the documentation and mark it with @metier.hookimpl, or give a "
        "function that is none another name.",
        _hooks,
    ),
)


HEAVY = (
    "torch",
    "transformers",
    "tokenizers",
    "sklearn",
    "hdbscan",
    "scipy",
    "pandas",
    "pyarrow",
)
"""Packages that take a second or more to import, or most of a second."""


def _import_budget(subject: Subject) -> CheckOutcome:
    modules = imported_elsewhere(subject.names, subject.plugin.module)
    return judged(_problems(subject, modules), f"{len(modules)} modules, none of them heavy")


def _problems(subject: Subject, modules: list[str]) -> Iterator[str]:
    roots = {name.partition(".")[0] for name in modules}
    for heavy in HEAVY:
        if heavy in roots:
            yield f"It imports {heavy}."
    code = {spec.call.partition(":")[0] for spec in subject.specs.values()}
    for module in sorted(code - {subject.plugin.module}):
        if module in modules:
            yield f"It imports {module}, the code of a workflow."


IMPORT_CHECKS = (
    Check(
        "import-budget",
        "Finding the plugin and importing its package, as every listing and every hook does, "
        "imports no heavy library and no workflow.",
        "Import them inside the functions that use them, and keep the package's __init__.py to its "
        "hooks.",
        _import_budget,
    ),
)
