"""Warnings of searches: sources that are not whole yet, and fields that no document has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.errors import did_you_mean, warn_caller

if TYPE_CHECKING:
    from metier.indexing.conditions import Condition
    from metier.indexing.store import Store

MOST_NAMED = 12
"""Fields that a warning names."""


def warn_of_unfinished(store: Store) -> None:
    """Warn of sources of which not all documents are in a store."""
    sources = store.unfinished()
    if sources:
        warn_caller(
            f"Not all documents of {', '.join(sources)} are in the index: they are being "
            "written, or that was interrupted. Give them again, and it goes on from there."
        )


def warn_of_unknown_fields(store: Store, where: Condition) -> None:
    """Warn of fields in a condition that no document has."""
    known = store.fields()
    for name in sorted(where.names().difference(known)) if len(store) else ():
        hint = did_you_mean(name, known) or _known(known)
        warn_caller(f"Nothing was found, and no document has the field {name!r}. {hint}")


def _known(fields: Sequence[str]) -> str:
    more = f" and {len(fields) - MOST_NAMED} more" if len(fields) > MOST_NAMED else ""
    named = ", ".join(map(repr, fields[:MOST_NAMED]))
    return f"Known: {named}{more}." if fields else "They have none."
