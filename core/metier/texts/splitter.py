"""`Splitter`: a function that divides documents of one kind into sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document that is not mixed with others, such as a clause or a function.

    Attributes:
        start: offset of its first character.
        end: offset after its last one.
        headings: outermost first, its own last: `("7. Fees", "7.2")`.
        fields: what hits in it show and conditions compare, beside the fields of the document and
            above those of the same names: `{"kind": "function"}`. Models do not read them.
    """

    start: int
    end: int
    headings: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)


class Splitter(Protocol):
    """Divides documents of one kind.

    Sections that are too long for a model are divided further.
    """

    def __call__(self, text: str, name: str) -> Iterable[Section]:
        """The sections of a document, in order and without overlap.

        Text between them becomes sections without headings. No section at all means that the
        splitter does not know documents of this kind.

        Args:
            text: the document.
            name: its id, which is a file's path where it came from a file (`shop/cart.py`).
        """


def undivided(text: str, name: str) -> Iterable[Section]:
    """A splitter without sections: documents that fit stay whole, whatever their domain says."""
    return ()
