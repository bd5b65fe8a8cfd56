"""Checks of what a plugin declares: its manifest, ids, instructions, safety statement."""

from __future__ import annotations

import re
import typing
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from metier.errors import MetierWarning, PluginError, UsageError
from metier.evaluation.evidence import AGAIN, problems_of
from metier.registry.domain import Domain
from metier.registry.ids import NAME_PATTERN
from metier.registry.instruction import Instruction
from metier.registry.lint import lint
from metier.registry.pack import EVIDENCE
from metier.results.table import counted
from metier.testing.conformance.check import (
    Check,
    CheckOutcome,
    in_a_line,
    judged,
    not_run,
)
from metier.testing.conformance.subject import Subject

_NO_DOMAIN = "it brings no domain"

_PEOPLE = """
applicant borrower candidate caregiver child children citizen client consumer customer debtor
defendant employee guest learner litigant man member men passenger patient people person prisoner
pupil resident student suspect tenant victim voter witness woman women worker
"""
_PERSON = re.compile(rf"\b({'|'.join(_PEOPLE.split())})s?\b", re.IGNORECASE)
_FEWEST_WORDS = 3


def _manifest(subject: Subject) -> CheckOutcome:
    if not subject.domains:
        return not_run(_NO_DOMAIN)
    names = ", ".join(domain.domain for domain in subject.domains)
    return judged(_problems_of_manifest(subject), names)


def _problems_of_manifest(subject: Subject) -> Iterator[str]:
    if not subject.is_own and subject.plugin.domain is None:
        yield "Its domain is made in code, so that every listing has to import the plugin."
    for domain in subject.domains:
        if not domain.instructions and not domain.workflows:
            yield f"The domain {domain.domain!r} has neither instructions nor workflows."
        if domain.title.casefold() == domain.domain:
            yield f"The title of the domain {domain.domain!r} says no more than its name."
        counts = Counter(spec.summary for spec in domain.workflows)
        for summary in (summary for summary, times in counts.items() if times > 1):
            yield f"Two workflows have the summary {summary!r}."


def _ids(subject: Subject) -> CheckOutcome:
    count = sum(len(domain.instructions) for domain in subject.domains)
    if not count and not subject.specs:
        return not_run("it brings neither instructions nor workflows")
    known = f"{counted(count, 'instruction')}, {counted(len(subject.specs), 'workflow')}"
    return judged(_problems_of_ids(subject), known)


def _problems_of_ids(subject: Subject) -> Iterator[str]:
    if not subject.is_own and not re.fullmatch(NAME_PATTERN, subject.plugin.name):
        yield f"The entry point {subject.plugin.name!r} is not in lower case with single hyphens."
    for domain in subject.domains:
        names = [domain.domain, *(spec.id for spec in domain.workflows)]
        for instruction in domain.instructions:
            names += [instruction.id, *(alias.name for alias in instruction.aliases)]
            if instruction.domain != domain.domain:
                yield f"{instruction.full_id} stands in the domain {domain.domain!r}."
            yield from _problems_of_lookup(subject, instruction)
        for name in names:
            if not re.fullmatch(NAME_PATTERN, name):
                yield f"{name!r} is not in lower case with single hyphens."
    for workflow in subject.workflows.values():
        if workflow.instruction is not None and workflow.instruction not in subject.registry:
            yield f"{workflow.id} names the instruction {workflow.instruction!r}, and none has it."


def _problems_of_lookup(subject: Subject, instruction: Instruction) -> Iterator[str]:
    if subject.registry.get(instruction.full_id) != instruction:
        yield f"{instruction.full_id} leads to another instruction."
    for alias in instruction.aliases:
        name = f"{instruction.domain}/{alias.name}"
        try:
            with warnings.catch_warnings(action="ignore", category=MetierWarning):
                target = subject.registry.get(name)
        except UsageError as error:
            if alias.status != "retired":
                yield f"The alias {name!r} leads nowhere: {in_a_line(error)}"
            continue
        if target.id != instruction.id or alias.status == "retired":
            yield f"The alias {name!r} of {instruction.full_id} leads to {target.full_id}."


def _instructions(subject: Subject) -> CheckOutcome:
    own = [instruction for domain in subject.domains for instruction in domain.instructions]
    if not own:
        return not_run("it brings no instructions")
    domains = {instruction.domain for instruction in own}
    others = [known for known in subject.registry if known.domain not in domains]
    problems = (
        f"{finding.instruction}: {finding.problem} {finding.reason}"
        for finding in lint(own, others)
    )
    return judged(problems, counted(len(own), "instruction"))


def _safety(subject: Subject) -> CheckOutcome:
    if not subject.domains:
        return not_run(_NO_DOMAIN)
    is_stated = any(domain.safety is not None for domain in subject.domains)
    scope = "stated" if is_stated else "needs none: flags nothing and speaks of no people"
    return judged(_problems_of_safety(subject), scope)


def _problems_of_safety(subject: Subject) -> Iterator[str]:
    for domain in subject.domains:
        if domain.safety is None:
            why = _needs_safety(subject, domain)
            if why:
                yield f"The domain {domain.domain!r} has no safety statement, and {why}."
            continue
        for field, statement in domain.safety.model_dump().items():
            if len(statement.split()) < _FEWEST_WORDS:
                yield f"safety.{field} of {domain.domain!r} says nothing: {statement!r}."


def _needs_safety(subject: Subject, domain: Domain) -> str:
    """Why a domain needs a statement; empty where nothing shows that it does."""
    for instruction in domain.instructions:
        if instruction.kind == "flagging":
            return f"{instruction.full_id} flags texts"
    for name, workflow in subject.workflows.items():
        if name.startswith(f"{domain.domain}/") and _flags(workflow):
            return f"{name} flags texts"
    for text in _texts(subject, domain):
        person = _PERSON.search(text)
        if person:
            return f"it speaks of people ({person[0]!r} in {text!r})"
    return ""


def _flags(workflow: typing.Any) -> bool:
    from metier.steps.flag_report import FlagReport

    return any(issubclass(result, FlagReport) for result in workflow.result_types)


def _texts(subject: Subject, domain: Domain) -> Iterator[str]:
    yield domain.title
    yield from (instruction.task for instruction in domain.instructions)
    yield from (spec.summary for spec in domain.workflows)
    for name, workflow in subject.workflows.items():
        if name.startswith(f"{domain.domain}/"):
            yield from (parameter.description for parameter in workflow.parameters)


CHECKS = (
    Check(
        "manifest",
        "Its domain is declared in domain.yaml, so that listings import no plugin, and says in its "
        "title and summaries what it brings.",
        "Declare the domain in domain.yaml beside the package's __init__.py; give it a title for "
        "people and each workflow a summary of its own.",
        _manifest,
    ),
    Check(
        "ids",
        "Every id is in lower case with single hyphens, stands under the domain and leads to what "
        "it names; so does every alias, and the instruction of every workflow.",
        "Rename what is named, or mend the id it should lead to. A released id keeps its meaning: "
        "give the old name as an alias.",
        _ids,
    ),
    Check(
        "instruction-lint",
        "No instruction reads as models were not trained to read them, or repeats another one.",
        "Rewrite the task as the reason says. If it is released already, raise its version.",
        _instructions,
    ),
    Check(
        "safety",
        "A domain that flags texts, or whose texts are about people, says what its results are for "
        "and not for, and what happens to the texts.",
        "Write safety: with intended_use, not_for and data_handling into domain.yaml.",
        _safety,
    ),
)


def _evidence(subject: Subject) -> CheckOutcome:
    paths = _files(subject)
    if not paths:
        return not_run("it keeps no evidence")
    domains = [domain.domain for domain in subject.domains]
    problems = (line for path in paths for line in problems_of(path, domains, subject.registry))
    return judged(problems, counted(len(paths), "file"))


def _files(subject: Subject) -> list[Path]:
    try:
        return sorted(subject.folder.glob(f"*{EVIDENCE}"))
    except PluginError:  # a plugin may be a single file
        return []


EVIDENCE_CHECKS = (
    Check(
        "evidence",
        f"Figures of a sweep that the package keeps (NAME{EVIDENCE}) are whole, and speak of the "
        "domain, the instructions and the settings of searches as they are now.",
        AGAIN,
        _evidence,
    ),
)
