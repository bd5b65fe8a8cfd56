"""Judgements (qrels): which document answers which query, and how well."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from metier.errors import InputError, close_names
from metier.texts.reader import decode

_FORM = "Its columns, with tabs between them: query-id, corpus-id, score."


def read_judgements(
    path: Path, *, queries: Collection[str], documents: Collection[str]
) -> dict[str, dict[str, int]]:
    """Read tab-separated judgements: query, document, grade.

    A first line of names is known by its last cell, which is no number. Lines of TREC's own layout,
    with a fourth cell between query and document that means nothing, are read, too.

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
        place = f"{path.name}, line {number}"
        _require_known(query, queries, "query", place)
        _require_known(document, documents, "document", place)
        of_query = grades.setdefault(query, {})
        if of_query.get(document, grade) != grade:
            raise InputError(
                f"{place}: the document {document!r} has another score for the query {query!r} "
                "on a line before.",
                fix="Keep one of them.",
            )
        of_query[document] = grade
    if not grades:
        raise InputError(f"{path.name} holds no judgement.", fix=_FORM)
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
        if grade is None or len(cells) not in (3, 4):
            raise InputError(
                f"{path.name}, line {number}: no judgement: {_shortened(line)!r}.",
                why="A score is a whole number, 0 for a document that does not answer."
                if len(cells) in (3, 4)
                else f"It has {len(cells)} cell{'' if len(cells) == 1 else 's'}.",
                fix=_FORM,
            )
        yield number, cells[0], cells[-2], grade


def _shortened(line: str) -> str:
    return line if len(line) <= 80 else line[:77] + "..."


def _grade(cell: str) -> int | None:
    """A grade; negative ones, which TREC uses for spam, answer nothing."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return max(int(value), 0) if value.is_integer() else None


def _require_known(name: str, known: Collection[str], what: str, place: str) -> None:
    if name in known:
        return
    close = close_names(name, known)
    raise InputError(
        f"{place}: there is no {what} {name!r}.",
        why=f"Did you mean {close[0]!r}?" if close else None,
        fix=f"Ids are those of the field _id (or id) of the {what}s.",
    )
