"""Warnings: sources that are not whole or overlap, conditions that compare texts, unknown names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from metier.close_names import did_you_mean
from metier.errors import warn_caller
from metier.indexing.comparable_values import (
    Moment,
    Number,
    duration_of,
    moment_of,
    number_of,
    time_of,
)
from metier.indexing.conditions import AnyOf, Comparison, Group, Not, OneOf
from metier.indexing.store import ID
from metier.texts.rows import ID_FIELDS

if TYPE_CHECKING:
    from metier.indexing.conditions import Condition
    from metier.indexing.store import Store, StoredDocument

MOST_NAMED = 12
"""Fields or ids that a warning names."""


def warn_of_search(
    store: Store, where: Condition | None, hit_lists: Sequence[Sequence[object]]
) -> None:
    """Warn of what a search could not see, or did not understand.

    Args:
        store: that was searched.
        where: condition that documents had to meet.
        hit_lists: what was found for each query.
    """
    warn_of_unfinished(store)
    if where is not None and hit_lists:
        is_empty = not any(hit_lists)
        warn_of_texts_compared(store, where, is_empty=is_empty)
        if is_empty:
            warn_of_unknown_fields(store, where)


def warn_of_unfinished(store: Store) -> None:
    """Warn of sources of which not all documents are in a store."""
    sources = store.unfinished()
    if sources:
        warn_caller(
            f"Not all documents of {', '.join(sources)} are in the index: they are being "
            "written, or that was interrupted. Give them again, and it goes on from there."
        )


def warn_of_overlapping_source(source: str, others: Sequence[str]) -> None:
    """Warn that new documents were read from a source that overlaps others of the index."""
    named = ", ".join(map(repr, others[:MOST_NAMED]))
    warn_caller(
        f"The index has documents of {named}, which overlap with {source!r}: what both hold is in "
        "it twice, under different ids. Update the index with the outer folder alone, or build it "
        "again.",
    )


def warn_of_texts_compared(store: Store, where: Condition, *, is_empty: bool) -> None:
    """Warn of texts that dates or numbers are compared with, such as `01.03.2024` and `1,5`.

    Args:
        store: where the documents are.
        where: the condition.
        is_empty: whether nothing was found; only then a text that is to be equal is doubted.
    """
    for name, text in dict.fromkeys(_doubtful_texts(where, is_empty)):
        if _has_any(store, Comparison(name, ">=", Moment(1))):
            kind = "dates"
            form = "Write a date in ISO 8601 (2024-03-31); in Python, date(2024, 3, 31)."
        elif _has_numbers(store, name):
            kind = "numbers"
            form = "Write a number such as 1234.5, with a point and no other signs."
        else:
            continue
        warn_caller(
            f"The field {name!r} has {kind}, and {text!r} is none: it is compared as a text. {form}"
        )


def _doubtful_texts(where: Condition, is_empty: bool) -> Iterator[tuple[str, str]]:
    """Yield fields with texts that have digits and spell no date, number, time or duration."""
    if isinstance(where, Group):
        for part in where.parts:
            yield from _doubtful_texts(part, is_empty)
    elif isinstance(where, Not):
        yield from _doubtful_texts(where.condition, is_empty)
    elif isinstance(where, Comparison | OneOf):
        is_range = isinstance(where, Comparison) and where.operator != "=="
        values = where.values if isinstance(where, OneOf) else (where.value,)
        for value in values if is_range or is_empty else ():
            if isinstance(value, str) and any(map(str.isdigit, value)) and not _is_read(value):
                yield where.name, value


def _is_read(text: str) -> bool:
    readers = (number_of, moment_of, time_of, duration_of)
    return any(read(text) is not None for read in readers)


def _has_numbers(store: Store, name: str) -> bool:
    zero = Number(0.0)
    return _has_any(store, AnyOf((Comparison(name, ">=", zero), Comparison(name, "<", zero))))


def _has_any(store: Store, where: Condition) -> bool:
    """Return whether any document meets a condition."""
    vector = np.eye(1, store.manifest.provenance.dim, dtype=np.float32)
    (matches,) = store.nearest(vector, 1, where)
    return bool(matches.ids)


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
