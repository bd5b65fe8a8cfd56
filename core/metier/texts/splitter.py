"""A splitter: where the parts of a document begin and end, as a trade sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document that is kept apart from others, such as a clause or a function.

    Attributes:
        start: offset of its first character.
        end: offset after its last one.
        headings: what it stands under, outermost first, its own last; `("7. Fees", "7.2")`.
    """

    start: int
    end: int
    headings: tuple[str, ...] = ()


class Splitter(Protocol):
    """Divides documents of one kind.

    A splitter knows nothing of models: sections that are too long for one are divided further.
    """

    def __call__(self, text: str, name: str) -> Iterable[Section]:
        """The sections of a document, in order and apart from each other.

        What lies between them belongs to the document as well, under no heading. No section at all
        means that this is no document the splitter knows.

        Args:
            text: the document.
            name: its id, which is a file's path where it came from a file (`shop/cart.py`).
        """


def undivided(text: str, name: str) -> Iterable[Section]:
    """No section: a document stays whole if it fits, whatever its domain has for a splitter."""
    return ()
