"""Judgments (qrels): which document answers which query, and how well."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from metier.close_names import did_you_mean
from metier.errors import ErrorPosition, InputError
from metier.texts.reader import decode

_FORM = "Its columns, with tabs between them: query-id, corpus-id, score."

_OF_TREC = ("0", "Q0")
"""What stands in the second of TREC's four cells."""

_HIGHEST = 10_000
"""A score above it is no grade: the file holds something else in this column."""


def read_judgments(
    path: Path, *, queries: Collection[str], documents: Collection[str]
) -> dict[str, dict[str, int]]:
    """Read tab-separated judgments: query, document, grade.

    A first line of names is known by its last cell, which is no number. Lines of TREC's own layout,
    with a cell between query and document that holds 0 or Q0 and means nothing, are read, too.

    Args:
        path: the file.
        queries: ids that may be named.
        documents: ids that may be named.

    Returns:
        Grades by document, by query; 0 was judged and does not answer.

    Raises:
        InputError: a line cannot be read, names what is not there, or repeats another one.
    """
    grades: dict[str, dict[str, int]] = {}
    for number, query, document, grade in _lines(path, queries):
        position = ErrorPosition(path.name, number)
        _require_known(query, queries, "query", position)
        _require_known(document, documents, "document", position)
        of_query = grades.setdefault(query, {})
        if of_query.get(document, grade) != grade:
            raise InputError(
                f"$position: the document {document!r} has another score for the query {query!r} "
                "on a line before.",
                position=position,
                fix="Keep one of them.",
            )
        of_query[document] = grade
    if not grades:
        raise InputError(f"{path.name} holds no judgment.", fix=_FORM)
    return grades


def file_bytes(path: Path) -> bytes:
    """What a file holds.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read: {error.strerror or error}.",
            fix="Check the file's permissions.",
        ) from None


def _lines(path: Path, queries: Collection[str]) -> Iterator[tuple[int, str, str, int]]:
    text = decode(file_bytes(path), path.name)
    for number, line in enumerate(text.split("\n"), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not any(cells):
            continue
        grade = _grade(cells[-1])
        if grade is None and number == 1 and cells[0] not in queries:
            continue  # the names of the columns
        wrong = _problem(cells, grade)
        if grade is None or wrong:
            raise InputError(
                f"$position: no judgment: {_shortened(line)!r}.",
                position=ErrorPosition(path.name, number),
                why=wrong,
                fix=_FORM,
            )
        yield number, cells[0], cells[-2], grade


def _problem(cells: Sequence[str], grade: int | None) -> str:
    """Why a line is no judgment; empty where it is one."""
    if len(cells) not in (3, 4):
        return f"It has {len(cells)} cell{'' if len(cells) == 1 else 's'}."
    if len(cells) == 4 and cells[1] not in _OF_TREC:
        return f"Of four cells the second is 0, as TREC writes it, and here it is {cells[1]!r}."
    if grade is None:
        return "A score is a whole number, 0 for a document that does not answer."
    return f"A score is {_HIGHEST:,} at most." if grade > _HIGHEST else ""


def _shortened(line: str) -> str:
    return line if len(line) <= 80 else line[:77] + "..."


def _grade(cell: str) -> int | None:
    """A grade; negative ones, which TREC uses for spam, answer nothing."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return max(int(value), 0) if value.is_integer() else None


def _require_known(name: str, known: Collection[str], what: str, position: ErrorPosition) -> None:
    if name not in known:
        raise InputError(
            f"$position: there is no {what} {name!r}.",
            why=did_you_mean(name, known),
            fix=f"Name a {what} by its field _id, or leave the line out.",
            position=position,
        )
