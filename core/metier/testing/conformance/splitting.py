"""The check of what divides a domain's documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from metier.chunking.sectioning import sections_of
from metier.errors import MetierError
from metier.testing.conformance.check import Check, Seen, in_a_line, judged, not_run
from metier.testing.conformance.failure import told
from metier.testing.conformance.hostile import HOSTILE
from metier.testing.conformance.subject import Subject
from metier.texts.item import Item
from metier.texts.splitter import Splitter
from metier.texts.texts import Texts


def _splitter(subject: Subject) -> Seen:
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
        problems += _problems(subject, splitter, documents)
    calls = ", ".join(str(domain.splitter) for domain in declared)
    return judged(problems, f"{calls} on {len(documents)} documents")


def _problems(subject: Subject, splitter: Splitter, documents: list[Item]) -> Iterator[str]:
    divided = 0
    for one in documents:
        try:
            divided += bool(sections_of(one.text, one.id, splitter))
        except MetierError as error:
            yield in_a_line(error)
        except (Exception, SystemExit) as error:  # of a plugin's code: it may be any
            yield f"{one.id}: {told(error, subject)}"
    if not divided:
        yield "It divides none of the texts of the demos."


def _documents(subject: Subject) -> Iterator[Item]:
    """The texts of the demos, and under each kind of name what nobody would give on purpose."""
    suffixes = {".txt"}
    for arguments in subject.runnable.values():
        for value in arguments.values():
            if isinstance(value, Texts):
                yield from value
            elif isinstance(value, Path):
                for file in sorted([value] if value.is_file() else value.rglob("*")):
                    if file.is_file():
                        suffixes.add(file.suffix)
                        yield Item(file.name, file.read_text("utf-8", "replace"))
    for suffix in sorted(suffixes):
        for kind, text in HOSTILE.items():
            valid = text.encode("utf-8", "replace").decode()  # as documents are
            if valid.strip():
                yield Item(f"{kind}{suffix}", valid)


CHECKS = (
    Check(
        "splitter",
        "What divides the documents of a domain gives sections that are in order and inside of the "
        "text, of the demos' texts and of whatever else it is given.",
        "Let splitter: in domain.yaml name a function that yields Sections whose start is not "
        "before the end of the one before, and whose end is not after the end of the text.",
        _splitter,
    ),
)
