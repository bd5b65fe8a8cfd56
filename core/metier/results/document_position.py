"""Where a row of a table stands in a document of the result: a cell that leads to the passage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

MarkTone = Literal["good", "warning", "bad", "neutral"]
"""What a mark or a label says to a reader at a glance: its color and its line."""

TONE_COLORS: dict[MarkTone, str] = {
    "good": "#2f8f5b",
    "warning": "#d99a00",
    "bad": "#c8413b",
    "neutral": "#7a869a",
}
"""Colors of labels by their tone."""


@dataclass(frozen=True, slots=True)
class DocumentPosition:
    """A passage of a document: a cell that shows its label and leads to the passage on a page.

    A cell holds one, or a tuple of several. The passage is marked in the document. In a column of
    the kind `label` its label is one of the labels.

    Attributes:
        document: id of a `ResultDocument` of the result.
        start: offset of its first character in the text of the document.
        end: offset after its last one.
        label: where it is, for people, such as `7.2 Fees, page 3`.
        tone: how it is marked.
        parts: what matters most in it, such as changed words, as offsets (start, end) in the
            document, in order.
    """

    document: str
    start: int
    end: int
    label: str = ""
    tone: MarkTone = "neutral"
    parts: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        return self.label or f"{self.document}, characters {self.start} to {self.end}"


def positions_of(cell: object) -> tuple[DocumentPosition, ...]:
    """The positions in documents that a cell holds; none for any other cell."""
    cells = cell if isinstance(cell, tuple) else (cell,)
    positions = tuple(part for part in cells if isinstance(part, DocumentPosition))
    return positions if len(positions) == len(cells) else ()


def moved_position(cell: object, ids: Mapping[str, str]) -> object:
    """A cell with its positions in documents under other ids; any other cell as it is.

    Args:
        cell: of a table.
        ids: the new ones by the old ones.
    """
    moved = tuple(
        replace(position, document=ids.get(position.document, position.document))
        for position in positions_of(cell)
    )
    return (moved if isinstance(cell, tuple) else moved[0]) if moved else cell
