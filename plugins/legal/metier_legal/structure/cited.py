"""Contracts as documents of a result, with the outline of their headings."""

from __future__ import annotations

from collections.abc import Iterator

from metier.plugin import DocumentHeading, Item, ResultDocument
from metier_legal.structure.contract import Contract


def cited_contract(contract: Contract, item: Item) -> ResultDocument:
    """A contract as a document that rows of a result lead into.

    Args:
        contract: as `read_contract` reads it.
        item: that it was read from, which has the pages.
    """
    return ResultDocument.of(item, _outline(contract))


def _outline(contract: Contract) -> Iterator[DocumentHeading]:
    """Each heading once, where it stands; a title without text of its own begins its first clause.

    Titles above a clause that are not found in it as they are written are left out.
    """
    above: tuple[str, ...] = ()
    for clause in contract.clauses:
        start = clause.start
        for level, title in enumerate(clause.path, start=1):
            is_own = level == len(clause.path)
            if clause.path[:level] == above[:level] and not is_own:
                continue
            offset = contract.text.find(title, start, clause.end)
            if offset >= 0 or is_own:
                start = max(start, offset)
                yield DocumentHeading(title, start, level)
                start += len(title) if offset >= 0 else 0
        above = clause.path
