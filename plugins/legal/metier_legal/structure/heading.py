"""A heading of a contract: where a clause begins."""

from __future__ import annotations

from dataclasses import dataclass

from metier_legal.structure.numbering import Number

APART = -1
"""Level of what stands under nothing and holds nothing: contents and signatures."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a clause begins.

    Attributes:
        start: offset of its first character.
        level: 0 for articles, schedules and unnumbered headings, 1 for `5.`, 2 for `5.1` ...
        label: the number with the title, as far as it has them.
        holds_below: whether later clauses of a higher level still stand under it when it has a
            text of its own.
        number: of a decimal one; 5.1 stands under 5 and under no other number.
        article: number of an article; 2.01 stands under article II, or under none of a number.
    """

    start: int
    level: int
    label: str
    holds_below: bool = True
    number: Number | None = None
    article: int | None = None
