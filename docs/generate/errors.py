"""The errors: their classes and codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from docs.generate.page import Entry, Page, Section, code

from metier.errors import CODES, MetierError

_INTRODUCTION = """
Every error that metier raises on purpose is a `metier.MetierError`. Its text says what failed, why
it usually does and what to do. Its fields are data: `code`, `what`, `why`, `fix`, `position`
(source, line, column, row, index, parameter), `parameters` and `problems`. `to_dict()` returns them
for JSON.
"""
_CLASSES = "The classes with their bases. The exit code is the one of the command line."
_CODES = "Codes stay the same between releases; messages may change."


def errors_page(codes: Mapping[str, str] = CODES) -> Page:
    """Every class of error, and every code."""
    sections = (
        Section(
            "Classes",
            _CLASSES,
            columns=("class", "base", "code", "exit code", "meaning"),
            entries=tuple(_classes(MetierError)),
        ),
        Section(
            "Codes",
            _CODES,
            columns=("code", "meaning"),
            entries=tuple(Entry(name, (), meaning) for name, meaning in sorted(codes.items())),
        ),
    )
    return Page("Errors", _INTRODUCTION, sections)


def _classes(kind: type[MetierError]) -> Iterator[Entry]:
    """A class and those derived from it in the same module."""
    base = kind.__base__.__name__ if kind.__base__ else ""
    meaning = (kind.__doc__ or "").strip().partition("\n")[0]
    yield Entry(kind.__name__, (code(base), code(kind.code), str(kind.exit_code)), meaning)
    for derived in kind.__subclasses__():
        if derived.__module__ == kind.__module__:
            yield from _classes(derived)
