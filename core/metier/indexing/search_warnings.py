"""Warnings: sources that are not whole yet, and fields and ids that no document has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from metier.errors import did_you_mean, warn_caller
from metier.indexing.store import ID
from metier.texts.rows import ID_FIELDS

if TYPE_CHECKING:
    from metier.indexing.conditions import Condition
    from metier.indexing.store import Store, StoredDocument

MOST_NAMED = 12
"""Fields or ids that a warning names."""


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
    for name in sorted(where.names().difference(known, [ID])) if len(store) else ():
        if name.lower() in ID_FIELDS:
            hint = f"The id of a document is its field {ID!r}."
        else:
            hint = did_you_mean(name, known) or _known(known)
        warn_caller(f"Nothing was found, and no document has the field {name!r}. {hint}")


def warn_of_unknown_ids(ids: Sequence[str], stored: Mapping[str, StoredDocument]) -> None:
    """Warn of ids of documents that are not stored."""
    unknown = [name for name in ids if name not in stored]
    if not unknown:
        return
    named = ", ".join(map(repr, unknown[:MOST_NAMED]))
    more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
    hint = did_you_mean(unknown[0], stored) if len(unknown) == 1 else None
    warn_caller(
        f"{len(unknown)} of {len(ids)} ids are of no document in the index: {named}{more}."
        + (f" {hint}" if hint else "")
    )


def _known(fields: Sequence[str]) -> str:
    more = f" and {len(fields) - MOST_NAMED} more" if len(fields) > MOST_NAMED else ""
    named = ", ".join(map(repr, fields[:MOST_NAMED]))
    return f"Known: {named}{more}." if fields else "They have none."
