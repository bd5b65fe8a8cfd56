"""Several results as one: what a workflow returned as a list or a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from pydantic import Field, SerializeAsAny, field_validator

from metier.errors import UsageError
from metier.results.document_position import moved_position
from metier.results.figure import Figure
from metier.results.result import Result
from metier.results.result_document import ResultDocument
from metier.results.table import Column, Table, result_name


class ResultGroup(Result):
    """Several results by name, shown one after another.

    Its JSON holds each part with the fields of its own class, but not which class that is: read
    each of `parts` with its own class. The group is not read back.

    Attributes:
        parts: at least one.
    """

    parts: dict[str, SerializeAsAny[Result]] = Field(min_length=1)

    @field_validator("parts", mode="before")
    @classmethod
    def _refuse_json(cls, parts: Any) -> Any:
        """Refuse parts that are no results, such as those of JSON.

        Raises:
            UsageError: one is.
        """
        if isinstance(parts, Mapping):
            for name, part in parts.items():
                if not isinstance(part, Result):
                    raise UsageError(
                        f"The part {name!r} of a ResultGroup is of type {type(part).__name__}, not "
                        "a Result.",
                        why="The JSON of a group does not say of which class each part is.",
                        fix="Read each of its parts with its own class, such as "
                        "SearchResult.model_validate(parts[name]).",
                    )
        return parts

    def title(self) -> str:
        titles = list(dict.fromkeys(part.title() for part in self.parts.values()))
        return ", ".join(titles[:3]) + (" ..." if len(titles) > 3 else "")

    def headline(self) -> str:
        return "; ".join(f"{name}: {part.headline()}" for name, part in self.parts.items())

    def tables(self) -> list[Table]:
        overview = Table(
            "Parts",
            (Column("part"), Column("result")),
            [(name, part.headline()) for name, part in self.parts.items()],
            head=len(self.parts),
        )
        ids = self._document_ids()
        named = [
            replace(_moved(table, ids[name]), title=_named(name, table.title))
            for name, part in self.parts.items()
            for table in part._all_tables()
        ]
        return [overview, *named]

    def _all_documents(self) -> list[ResultDocument]:
        ids = self._document_ids()
        documents = {
            ids[name][document.id]: replace(document, id=ids[name][document.id])
            for name, part in self.parts.items()
            for document in part._all_documents()
        }
        return list(documents.values())

    def _document_ids(self) -> dict[str, dict[str, str]]:
        """For each part the ids of its documents in the group: the same text has one id."""
        texts: dict[str, str] = {}
        ids: dict[str, dict[str, str]] = {}
        for name, part in self.parts.items():
            ids[name] = {}
            for document in part._all_documents():
                free = document.id
                while texts.get(free, document.text) != document.text:
                    free = f"{name}: {free}"
                texts[free] = document.text
                ids[name][document.id] = free
        return ids

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        return {
            f"{name}: {group}": texts
            for name, part in self.parts.items()
            for group, texts in part.columns_by_group().items()
        }

    def _without_lost_cross_tables(self) -> Self:
        parts = {name: part._without_lost_cross_tables() for name, part in self.parts.items()}
        return super()._without_lost_cross_tables().model_copy(update={"parts": parts})

    def figures(self) -> list[Figure]:
        return [
            replace(figure, title=_named(name, figure.title))
            for name, part in self.parts.items()
            for figure in part.figures()
        ]

    def notes(self) -> list[str]:
        of_parts = [f"{name}: {note}" for name, part in self.parts.items() for note in part.notes()]
        return [*of_parts, *super().notes()]

    def rows(self) -> list[dict[str, Any]]:
        rows = [(name, row) for name, part in self.parts.items() for row in part.rows()]
        column = result_name("part", {field for _, row in rows for field in row})
        return [{column: name, **row} for name, row in rows]


def _moved(table: Table, ids: Mapping[str, str]) -> Table:
    """The table with its positions in documents under other ids."""
    if all(old == new for old, new in ids.items()):
        return table
    rows = [tuple(moved_position(cell, ids) for cell in row) for row in table.rows]
    return replace(table, rows=rows)


def _named(part: str, title: str) -> str:
    return f"{part}: {title}" if title else part
