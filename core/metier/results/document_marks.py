"""The marks of documents: where rows of tables stand in them, with a number for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from metier.results.document_position import DocumentPosition, positions_of
from metier.results.result_document import ResultDocument
from metier.results.table import Column, Table


@dataclass(frozen=True, slots=True)
class DocumentMark:
    """A passage of a document with the row that leads to it.

    Attributes:
        position: in the document, never outside of its text and never empty in a text.
        number: of the row, counted from 1 over all tables; rows that lead to the same passage first
            have the same number.
        table: index of the table.
        row: index of the row in the table.
        column: index of its cell in the row.
    """

    position: DocumentPosition
    number: int
    table: int
    row: int
    column: int


def document_marks(
    tables: Sequence[Table], documents: Iterable[ResultDocument]
) -> list[DocumentMark]:
    """The marks that tables leave in documents, in the order of the rows.

    Positions in documents that are not there leave none.
    """
    lengths = {document.id: len(document.text) for document in documents}
    marks: list[DocumentMark] = []
    numbers: dict[tuple[str, int, int], int] = {}
    for index, table in enumerate(tables):
        for row, cells in enumerate(table.rows):
            positions = list(_positions(cells, lengths))
            for column, position in positions:
                _, first = positions[0]
                passage = (first.document, first.start, first.end)
                number = numbers.setdefault(passage, len(numbers) + 1)
                marks.append(DocumentMark(position, number, index, row, column))
    return marks


def position_columns(table: Table) -> list[int]:
    """Indices of the columns that lead to documents, but for hidden ones."""
    return [
        index
        for index, column in enumerate(table.fields)
        if not column.hidden and any(positions_of(row[index]) for row in table.rows)
    ]


def numbered_tables(tables: Sequence[Table], documents: Iterable[ResultDocument]) -> list[Table]:
    """Tables whose positions in the documents are called by their numbers, such as `[3] 7.2`."""
    numbers = {(mark.table, mark.row): mark.number for mark in document_marks(tables, documents)}
    return [
        replace(
            table,
            rows=[
                tuple(_numbered(cell, numbers.get((index, row))) for cell in cells)
                for row, cells in enumerate(table.rows)
            ],
        )
        for index, table in enumerate(tables)
    ]


def _numbered(cell: object, number: int | None) -> object:
    positions = positions_of(cell)
    if number is None or not positions:
        return cell
    numbered = tuple(
        replace(position, label=f"[{number}] {position}" if index == 0 else str(position))
        for index, position in enumerate(positions)
    )
    return numbered if isinstance(cell, tuple) else numbered[0]


def with_offsets(table: Table, documents: Sequence[ResultDocument]) -> Table:
    """A table with the page, start and end of its positions in columns of their own.

    A matrix, which has many columns of positions, or labels in its cells, stays as it is.
    """
    leading = {index for index in position_columns(table) if table.fields[index].kind != "label"}
    if not leading or len(leading) > 2:
        return table
    by_id = {document.id: document for document in documents}
    columns: list[str | Column] = []
    cells: list[list[object]] = [[] for _ in table.rows]
    for index, column in enumerate(table.columns):
        columns.append(column)
        facts = [_facts(row[index], by_id) for row in table.rows] if index in leading else []
        names = [name for name in ("document", "page", "start", "end") if any(facts)]
        several = len({fact.get("document") for fact in facts} - {None}) > 1
        has_pages = any(fact.get("page") for fact in facts)
        left_out = {"document": not several, "page": not has_pages}
        names = [name for name in names if not left_out.get(name)]
        columns += [f"{table.fields[index].name} {name}" for name in names]
        for row, values in enumerate(table.rows):
            cells[row] += [values[index], *(facts[row].get(name) for name in names)]
    return replace(table, columns=tuple(columns), rows=[tuple(row) for row in cells])


def _facts(cell: object, documents: Mapping[str, ResultDocument]) -> dict[str, object]:
    """Where the first position of a cell is; empty for a cell without one."""
    for position in positions_of(cell):
        document = documents.get(position.document)
        page = document.page_at(position.start) if document is not None else None
        name = document.name if document is not None else position.document
        return {"document": name, "page": page, "start": position.start, "end": position.end}
    return {}


def _positions(
    cells: Sequence[object], lengths: dict[str, int]
) -> Iterator[tuple[int, DocumentPosition]]:
    for column, cell in enumerate(cells):
        for position in positions_of(cell):
            if position.document in lengths:
                yield column, _inside(position, lengths[position.document])


def _inside(position: DocumentPosition, length: int) -> DocumentPosition:
    """The position within a text of this length."""
    start = min(max(position.start, 0), max(length - 1, 0))
    end = min(max(position.end, start + 1), length)
    parts = tuple((max(first, start), min(last, end)) for first, last in position.parts)
    return DocumentPosition(
        position.document,
        start,
        end,
        str(position),
        position.tone,
        tuple((first, last) for first, last in parts if first < last),
    )
