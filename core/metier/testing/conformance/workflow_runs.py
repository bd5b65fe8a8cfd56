"""Checks of workflows: their demos, results and signatures, and whether runs repeat."""

from __future__ import annotations

import inspect
import json
import math
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from metier.errors import MetierError, UsageError
from metier.plugins.samples import paths_in
from metier.results.record import RunRecord
from metier.results.result import Result
from metier.results.table import counted
from metier.testing.conformance.check import (
    Check,
    CheckOutcome,
    in_a_line,
    judged,
    not_run,
)
from metier.testing.conformance.subject import Subject, describe
from metier.testing.conformance.subprocesses import ran_elsewhere
from metier.texts.texts import Texts
from metier.workflows.comparison import run_differences
from metier.workflows.contract import Workflow

_NO_WORKFLOW = "it brings no workflow that can be imported"
_NO_DEMO = "no workflow has a demo that can be run"
_SHORTEST = 8
"""Characters of a string in a demo that is taken for a text; shorter ones are choices."""


def _demo(subject: Subject) -> CheckOutcome:
    if not subject.workflows:
        return not_run(_NO_WORKFLOW)
    return judged(_problems_of_demo(subject), ", ".join(subject.demos))


def _problems_of_demo(subject: Subject) -> Iterator[str]:
    for name, workflow in subject.workflows.items():
        demo = subject.demos.get(name)
        if demo is None:
            yield f"{name} has no demo."
        elif isinstance(demo, MetierError):
            yield f"{name}: {in_a_line(demo)}"
        else:
            for parameter in workflow.parameters:
                if parameter.required and parameter.name not in demo:
                    yield f"{name}: the demo leaves out {parameter.name!r}, which has no default."
    for name, outside in _outside(subject):
        yield f"{name}: {outside!r} is not inside its package."


def _outside(subject: Subject) -> Iterator[tuple[str, str]]:
    package = subject.folder.resolve()
    for name, workflow in subject.workflows.items():
        files = {
            parameter.name
            for parameter in workflow.parameters
            if parameter.is_input or parameter.is_path
        }
        for key, text in subject.specs[name].demo.items():
            if key in files and not (package / text).resolve().is_relative_to(package):
                yield name, text


def _results(subject: Subject) -> CheckOutcome:
    if not subject.runnable:
        return not_run(_NO_DEMO)
    return judged(
        (line for name in subject.runnable for line in _problems_of_run(subject, name)),
        ", ".join(subject.runnable),
    )


def _problems_of_run(subject: Subject, name: str) -> Iterator[str]:
    result = subject.first_runs[name]
    if isinstance(result, BaseException):
        yield f"{name}: its demo fails: {describe(result, subject)}"
        return
    try:
        yield from (f"{name}: {line}" for line in problems_of_result(result))
    except Exception as error:  # the result's methods are the plugin's own code
        yield f"{name}: {describe(error, subject)}"
    assert result.record is not None  # the contract attaches one
    strings = set(_strings(result.record.model_dump(mode="json")))
    for text in _texts_of(subject.runnable[name]):
        if any(text in string for string in strings):
            yield f"{name}: its run record holds the text {text[:60]!r}."


def problems_of_result(result: Result) -> Iterator[str]:
    """Problems of keeping or showing a result.

    Raises:
        Whatever the result's own methods do.
    """
    for path, number in _numbers("", result.model_dump(exclude={"record"})):
        if not math.isfinite(number):
            yield f"result{path} is {number}, for which JSON has no number."
            return
    text = result.to_json()
    if type(result).model_validate_json(text).to_json() != text:
        yield "its JSON is not read back as the same result."
    try:
        json.dumps(result.rows(), allow_nan=False)
    except (TypeError, ValueError) as error:
        yield f"rows() holds what JSON has not: {error}."
    if not result.headline().strip():
        yield "headline() says nothing."
    result.to_html()


def _numbers(path: str, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, float):
        yield path, value
    elif isinstance(value, Mapping):
        for key, content in value.items():
            yield from _numbers(f"{path}.{key}", content)
    elif isinstance(value, list | tuple | set | frozenset):
        for element in value:
            yield from _numbers(f"{path}[]", element)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, content in value.items():
            yield key
            yield from _strings(content)
    elif isinstance(value, list):
        for element in value:
            yield from _strings(element)


def _texts_of(arguments: Mapping[str, Any]) -> Iterator[str]:
    for value in arguments.values():
        if isinstance(value, Texts):
            yield from (text for text in value.strings if len(text) >= _SHORTEST)
        elif isinstance(value, str) and " " in value.strip() and len(value) >= _SHORTEST:
            yield value
        for path in paths_in(value):
            if path.is_file():
                yield from (line for line in _lines(path) if len(line) >= 4 * _SHORTEST)


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8", errors="ignore").splitlines()]


def _reproducible(subject: Subject) -> CheckOutcome:
    first = {
        name: result
        for name, result in subject.first_runs.items()
        if not isinstance(result, BaseException)
    }
    if not first:
        return not_run(_NO_DEMO)
    return judged(_differences(subject, first), ", ".join(first))


def _differences(subject: Subject, first: Mapping[str, Result]) -> Iterator[str]:
    name = subject.domains[0].domain if subject.is_own else subject.plugin.name
    elsewhere = ran_elsewhere(name)
    for workflow, result in first.items():
        again = subject.run(workflow, subject.runnable[workflow]).record
        other = elsewhere.get(workflow)
        if other is None:
            raise UsageError(f"{workflow} was not run in the new process.")
        assert result.record is not None  # the contract attaches one
        assert again is not None
        for where, record in (
            ("run again", again),
            ("run in another process", RunRecord.model_validate(other)),
        ):
            for change in run_differences(result.record, record, 0.0)[:3]:
                yield (
                    f"{workflow}, {where}: {change.what} is {change.now}, and was "
                    f"{change.recorded}."
                )


CHECKS = (
    Check(
        "demo",
        "Every workflow has a demo: arguments with samples that come with the plugin. People see "
        "it in `metier demo`, and the checks that follow run it.",
        "Add demo: to the workflow in domain.yaml, and ship the files it names in the package.",
        _demo,
    ),
    Check(
        "results",
        "What a workflow returns can be kept and shown: strict JSON that is read back as the same "
        "result, rows, a headline, a page. Its run record holds no text.",
        "Return a subclass of metier.Result of plain fields: no NaN or infinity (None for no "
        "number), no object that JSON cannot hold.",
        _results,
    ),
    Check(
        "reproducible",
        "The same inputs give the same result: again, and in another process.",
        "Give everything that draws at random a seed, and sort what comes from sets and folders.",
        _reproducible,
    ),
)


def _signatures(subject: Subject) -> CheckOutcome:
    if not subject.workflows:
        return not_run("it brings no workflow that can be imported")
    workflows = subject.workflows.values()
    problems = (line for workflow in workflows for line in _problems(workflow))
    parameters = counted(sum(len(workflow.parameters) for workflow in workflows), "parameter")
    return judged(problems, f"{parameters} of {counted(len(workflows), 'workflow')}")


def _problems(workflow: Workflow[Any]) -> Iterator[str]:
    function = inspect.unwrap(workflow)
    hints = typing.get_type_hints(function)
    first = next(iter(inspect.signature(function).parameters), None)
    if first is None or first not in hints:
        yield f"{workflow.id}: the first parameter, the Runtime, has no type."
    if not workflow.result_types or Result in workflow.result_types:
        yield f"{workflow.id}: what it returns is not annotated as a result of its own kind."
    if not workflow.summary.strip():
        yield f"{workflow.id}: it has no docstring."
    for parameter in workflow.parameters:
        if not parameter.description.strip():
            yield f"{workflow.id}: the parameter {parameter.name!r} has no description."


SIGNATURE_CHECKS = (
    Check(
        "signatures",
        "Every workflow has a docstring and a typed result, and every parameter a type and a "
        "description: Python, the command line and its help are made of these.",
        "Write Annotated[TYPE, Field(description=...)] for each parameter, and a subclass of "
        "metier.Result after the arrow.",
        _signatures,
    ),
)
