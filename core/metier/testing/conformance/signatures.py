"""The check of what people read of a workflow before they run it."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from typing import Any

from metier.testing.conformance.check import Check, Seen, counted, judged, not_run
from metier.testing.conformance.subject import Subject
from metier.workflows.contract import Workflow
from metier.workflows.result import Result


def _signatures(subject: Subject) -> Seen:
    if not subject.workflows:
        return not_run("it brings no workflow that can be imported")
    problems = (line for one in subject.workflows.values() for line in _problems(one))
    count = sum(len(one.parameters) for one in subject.workflows.values())
    workflows = counted(len(subject.workflows), "workflow")
    return judged(problems, f"{counted(count, 'parameter')} of {workflows}")


def _problems(workflow: Workflow[Any]) -> Iterator[str]:
    function = inspect.unwrap(workflow)
    hints = typing.get_type_hints(function)
    first = next(iter(inspect.signature(function).parameters), None)
    if first is None or first not in hints:
        yield f"{workflow.id}: the first parameter, the Runtime, has no type."
    made = hints.get("return")
    if not (isinstance(made, type) and issubclass(made, Result)) or made is Result:
        yield f"{workflow.id}: what it returns is not annotated as a result of its own kind."
    if not workflow.summary.strip():
        yield f"{workflow.id}: it has no docstring."
    for parameter in workflow.parameters:
        if not parameter.description.strip():
            yield f"{workflow.id}: the parameter {parameter.name!r} has no description."


CHECKS = (
    Check(
        "signatures",
        "Every workflow has a docstring and a typed result, and every parameter a type and a "
        "description: Python, the command line and its help are made of these.",
        "Write Annotated[TYPE, Field(description=...)] for each parameter, and a subclass of "
        "metier.Result after the arrow.",
        _signatures,
    ),
)
