"""A result with texts, scores and columns of its input, for tests of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from pydantic import BaseModel
from tests.core.results.test_result import Toys

from metier.results.own_columns import OwnFields, own_names, rows_beside
from metier.results.table import Column, Excerpt, Table


class Item(BaseModel):
    text: str
    fields: OwnFields


class Story(Toys):
    """A result with texts, scores and columns of the input of every type."""

    items: tuple[Item, ...]

    @classmethod
    def of(cls, texts: Sequence[str], own: Sequence[Mapping[str, Any]] = ()) -> Story:
        fields = own or [{}] * len(texts)
        return cls(
            items=tuple(
                Item(text=text, fields=own) for text, own in zip(texts, fields, strict=True)
            )
        )

    def rows(self):
        found = [
            {"id": str(row), "text": item.text, "score": row / len(self.items)}
            for row, item in enumerate(self.items)
        ]
        return rows_beside(found, [item.fields for item in self.items])

    def tables(self):
        names = own_names(item.fields for item in self.items)
        columns = ("id", Column("score", "score"), Column("text"))
        rows = [
            (
                str(row),
                row / len(self.items),
                Excerpt(item.text, ((0, 2),)),
                *map(item.fields.get, names),
            )
            for row, item in enumerate(self.items)
        ]
        return [
            Table(
                "Stories",
                (*columns, *(Column(name, hidden=True, own=True) for name in names)),
                rows,
            )
        ]


def own_columns(row: int) -> dict[str, Any]:
    """Twelve columns, one of each type that tables of users have."""
    return {
        "whole": row,
        "amount": row / 4,
        "price": Decimal(row) / 100,
        "paid": row % 2 == 0,
        "due": date(2024, 1, 1 + row % 28),
        "seen": datetime(2024, 1, 1, 12, row % 60, 30),
        "opens": time(8, row % 60),
        "branch": f"Zürich {row}",
        "tags": ["a", str(row)],
        "place": {"city": "Bern", "row": row},
        "big": 10**17 + row,
        "gap": None if row % 3 else float("nan"),
    }


def stories(count: int = 300) -> Story:
    texts = tuple(f"Story {row}: a bear, a train, and more." for row in range(count))
    return Story.of(texts, [own_columns(row) for row in range(count)])


def sheet_of(path: Path) -> list[dict[str, Any]]:
    """Rows of the first sheet, as openpyxl reads them."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    names, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]
