"""Checks of workflows and splitters with hostile inputs."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from metier.chunking.sections import sections_of
from metier.errors import MetierError
from metier.plugins.samples import paths_in
from metier.results.table import counted
from metier.testing.conformance.check import (
    Check,
    CheckOutcome,
    in_a_line,
    judged,
    not_run,
)
from metier.testing.conformance.subject import Subject, describe
from metier.testing.conformance.workflow_runs import problems_of_result
from metier.texts.rows import Item
from metier.texts.splitter import Splitter
from metier.texts.texts import Texts
from metier.workflows.parameter import Parameter

HOSTILE: Mapping[str, str] = MappingProxyType(
    {
        "an empty text": "",
        "a blank text": " \t\n ",
        "a line of 100,000 characters": "several words " * 2_500 + "x" * 65_000,
        "control characters": "a\x01b\x07 \x1b[31mc\x1b[0m\x7f \x85d",
        "a NUL": "before\x00after",
        "a lone surrogate": "before \ud800 after",
        "text from right to left": "\u202e\u05e9\u05dc\u05d5\u05dd\u202c \u0645\u0631\u062d",
        "emoji": "🙂 👩‍👩‍👧‍👦 🏳️‍🌈 ✅",
    }
)
"""Texts that break programs, by what they are."""


def _hostile(subject: Subject) -> CheckOutcome:
    tried = {
        name: [
            parameter
            for parameter in workflow.parameters
            if parameter.is_input or parameter.is_string or parameter.is_path
        ]
        for name, workflow in subject.workflows.items()
        if name in subject.runnable and not isinstance(subject.first_runs[name], BaseException)
    }
    if not any(tried.values()):
        return not_run("no workflow with a demo that runs takes a text, a query or a file")
    with tempfile.TemporaryDirectory() as folder:
        problems = [
            line
            for name, parameters in tried.items()
            for parameter in parameters
            for line in _problems(subject, name, parameter, Path(folder))
        ]
    count = sum(len(parameters) for parameters in tried.values())
    return judged(problems, f"{counted(count, 'input')}, {len(HOSTILE)} texts and more for each")


def _problems(subject: Subject, name: str, parameter: Parameter, scratch: Path) -> Iterator[str]:
    base = subject.runnable[name]
    values: dict[str, Any]
    if parameter.is_path:
        sample = base.get(parameter.name)
        values = dict(_paths(sample[0] if parameter.is_paths and sample else sample, scratch))
        if parameter.is_paths:
            values = {kind: [path] for kind, path in values.items()}
    elif parameter.is_input:
        values = {"no text at all": [], **{kind: [text] for kind, text in HOSTILE.items()}}
    else:
        values = dict(HOSTILE)
    for kind, value in values.items():
        wrong = _answer(subject, name, {**base, parameter.name: value})
        if wrong:
            yield f"{name}, {kind} for {parameter.name!r}: {wrong}"


def _answer(subject: Subject, name: str, arguments: Mapping[str, Any]) -> str:
    """The problem with the answer; empty for a result that can be kept, or a good error."""
    try:
        result = subject.run(name, arguments)
        return next(problems_of_result(result), "")
    except MetierError as error:
        return "" if error.fix else f"the error does not say what to do: {error.what}"
    except (Exception, SystemExit) as error:  # of a plugin's code: it may be any
        return describe(error, subject)


def _paths(sample: Any, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Hostile files and folders of the kind that the demo gives."""
    suffix, in_folder = _kind_of(sample)
    yield "a path that is not there", scratch / "nothing" / f"there{suffix}"
    empty = scratch / "empty"
    empty.mkdir(exist_ok=True)
    yield "an empty folder", empty
    for number, (kind, text) in enumerate(HOSTILE.items()):
        folder = scratch / f"{number}{suffix}"
        folder.mkdir(exist_ok=True)
        file = folder / f"hostile{suffix}"
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        yield f"a file of {kind}", folder if in_folder else file


def _kind_of(sample: Any) -> tuple[str, bool]:
    """The suffix of the demo's files, and whether the demo gives a folder of them."""
    if isinstance(sample, Path) and sample.is_dir():
        suffixes = Counter(path.suffix for path in sample.rglob("*") if path.is_file())
        return max(sorted(suffixes), key=suffixes.__getitem__, default=".txt"), True
    return (sample.suffix if isinstance(sample, Path) else "") or ".txt", False


CHECKS = (
    Check(
        "hostile-input",
        "Every input that is empty, blank, very long, or full of control characters, broken "
        "Unicode, right-to-left text or emoji gets a result or an error of metier that says what "
        "to do, and never another exception.",
        "Let the types of the signature refuse what cannot be used (metier.Texts does), and raise "
        "an error of metier.errors with fix= for the rest.",
        _hostile,
    ),
)


def _splitter(subject: Subject) -> CheckOutcome:
    declared = [domain for domain in subject.domains if domain.splitter is not None]
    if not declared:
        return not_run("it declares no splitter")
    documents = list(_documents(subject))
    problems: list[str] = []
    for domain in declared:
        try:
            splitter = subject.host.load_splitter(domain)
        except MetierError as error:
            problems.append(in_a_line(error))
            continue
        assert splitter is not None  # it is declared
        problems += _splitter_problems(subject, splitter, documents)
    calls = ", ".join(str(domain.splitter) for domain in declared)
    return judged(problems, f"{calls} on {len(documents)} documents")


def _splitter_problems(
    subject: Subject, splitter: Splitter, documents: list[Item]
) -> Iterator[str]:
    divided = 0
    for document in documents:
        try:
            divided += bool(sections_of(document.text, document.id, splitter))
        except MetierError as error:
            yield in_a_line(error)
        except (Exception, SystemExit) as error:  # of a plugin's code: it may be any
            yield f"{document.id}: {describe(error, subject)}"
    if not divided:
        yield "It divides none of the texts of the demos."


def _documents(subject: Subject) -> Iterator[Item]:
    """The texts of the demos, and hostile texts under each suffix of their files."""
    suffixes = {".txt"}
    for arguments in subject.runnable.values():
        for value in arguments.values():
            if isinstance(value, Texts):
                yield from value
            for path in paths_in(value):
                for file in sorted([path] if path.is_file() else path.rglob("*")):
                    if file.is_file():
                        suffixes.add(file.suffix)
                        yield Item(file.name, file.read_text("utf-8", "replace"))
    for suffix in sorted(suffixes):
        for kind, text in HOSTILE.items():
            valid = text.encode("utf-8", "replace").decode()  # as documents are
            if valid.strip():
                yield Item(f"{kind}{suffix}", valid)


SPLITTER_CHECKS = (
    Check(
        "splitter",
        "What divides the documents of a domain gives sections that are in order and inside of the "
        "text, of the demos' texts and of whatever else it is given.",
        "Let splitter: in domain.yaml name a function that yields Sections whose start is not "
        "before the end of the one before, and whose end is not after the end of the text.",
        _splitter,
    ),
)
