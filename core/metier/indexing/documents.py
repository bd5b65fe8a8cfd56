"""Reading of documents in any accepted form, checked in windows of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from itertools import chain, islice
from typing import Any

from metier.errors import InputError, ParameterError
from metier.indexing.field_values import content_id
from metier.texts.checks import NO_TEXTS, used_up
from metier.texts.rows import Item, field_of_id, id_as_string, require_id, rows_of
from metier.texts.stream import TextStream
from metier.texts.texts import UNNAMED, Documents, Texts, not_used_up

WINDOW = 1024
"""Number of rows read and checked at a time."""


def source_of(documents: object, source: str | None) -> str:
    """Return the name of the source of documents: `source`, else the source of the texts.

    Bytes of a file name that are not valid Unicode are escaped.
    """
    name = source or (documents.source if isinstance(documents, Texts | TextStream) else UNNAMED)
    return name.encode("utf-8", "backslashreplace").decode()


def generate_id(row: object) -> str:
    """Return an id made from the content of a row (a string or a record) that has none.

    The id does not depend on the position of the row.
    """
    if isinstance(row, Mapping):
        return content_id({str(key): value for key, value in row.items()})
    return content_id(row)


def no_documents(source: str) -> InputError:
    """The error for an update with no documents, which would remove all of the source."""
    return InputError(
        f"There are no documents in {source}.",
        why="The index would lose all that it has of this source.",
        fix="Check what is given. If the source has nothing any more, say so with $allow_empty.",
        code=NO_TEXTS,
        parameters={"allow_empty": True},
    )


def documents_of(documents: object, source: str, *, window: int = WINDOW) -> Iterator[Item]:
    """Yield the documents of texts, strings, records, a data frame or an endless iterable.

    A row without an id gets one made from its content, so that the id does not depend on the
    position of the row. Rows that are equal and have no id are one document.

    Args:
        documents: `Texts`, a `TextStream`, or rows as `Texts.of` takes them; an iterator is read
            as documents are needed.
        source: name of the source, for messages.
        window: number of rows checked at a time.

    Raises:
        InputError: a text cannot be used, two documents have the same id, or an iterator gives no
            row.
    """
    if isinstance(documents, Texts | TextStream):
        yield from documents
        return
    rows = rows_of(documents, source)
    seen_ids: set[str] = set()
    generated_ids: set[str] = set()
    count = 0
    while batch := list(islice(rows, window)):
        location = f"{source}, from row {count + 1} on" if count else source
        count += len(batch)
        identified = _with_ids(batch, generated_ids)
        if not identified:
            continue  # all rows repeat earlier ones
        for item in Documents.of(identified, source=location):
            if item.id in seen_ids:
                raise InputError(
                    f"Two documents of {source} have the id {item.id!r}.",
                    fix="Give each document an id of its own.",
                )
            seen_ids.add(item.id)
            yield item
    if not count and not isinstance(documents, Sized):
        raise used_up(source)


def require_documents(
    documents: Iterator[Item], source: str, *, allow_empty: bool
) -> Iterator[Item]:
    """Return the documents, once the first has been read.

    Args:
        documents: from `documents_of`.
        source: name of the source, for messages.
        allow_empty: whether there may be none.

    Raises:
        InputError: there are none.
    """
    try:
        first = list(islice(documents, 1))
    except InputError as error:
        if not (allow_empty and error.code == NO_TEXTS):
            raise
        first = []
    if not first and not allow_empty:
        raise no_documents(source)
    return chain(first, documents)


def _with_ids(rows: list[Any], generated_ids: set[str]) -> list[Any]:
    """Return the rows with ids, without repeated rows that have no id of their own.

    Args:
        rows: strings, records or items.
        generated_ids: ids generated for earlier rows; new ids are added.
    """
    identified: list[Any] = []
    for row in rows:
        if isinstance(row, str) or (isinstance(row, Mapping) and _has_no_id(row)):
            row_id = generate_id(row)
            if row_id not in generated_ids:
                generated_ids.add(row_id)
                identified.append(_with_id(row, row_id))
        else:
            identified.append(row)
    return identified


def _with_id(row: str | Mapping[Any, Any], row_id: str) -> Item | dict[str, Any]:
    if isinstance(row, str):
        return Item(row_id, row)
    record = {str(key): value for key, value in row.items()}
    return {**record, field_of_id([record]) or "id": row_id}


def _has_no_id(row: Mapping[Any, Any]) -> bool:
    key = field_of_id([row])
    return key is None or id_as_string(row.get(key)) is None


def ids_of(documents: object) -> list[str]:
    """The distinct ids in a list, column or other iterable, as an index keeps them, in order.

    Raises:
        ParameterError: it is no such iterable, or holds something that is no id.
        InputError: it is an iterator that gives nothing.
    """
    is_table = isinstance(documents, Mapping) or hasattr(documents, "columns")
    if isinstance(documents, str | bytes) or is_table or not isinstance(documents, Iterable):
        shown = f"is of type {type(documents).__name__}," if is_table else f"{documents!r} is"
        raise ParameterError(
            f"documents {shown} no list of ids."
            if is_table
            else f"documents={shown} no list of ids.",
            fix="Give its column of ids." if is_table else "Put it in a list: [id].",
            parameter="documents",
        )
    listed = documents if isinstance(documents, Sized) else not_used_up(documents, "documents")
    ids: dict[str, None] = {}
    for position, value in enumerate(listed, start=1):
        require_id(value, position)
        name = id_as_string(value)
        if name is None:
            raise ParameterError(
                f"Of the ids, number {position} is missing: {value!r}.",
                fix="Leave it out.",
                parameter="documents",
            )
        ids[name] = None
    return list(ids)
