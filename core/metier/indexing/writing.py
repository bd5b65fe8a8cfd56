"""Writing of documents into a store; only new chunks are embedded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.errors import InputError, ModelError
from metier.indexing.failures import end_sources, reporting_written
from metier.indexing.field_values import value_of
from metier.indexing.search_warnings import warn_of_overlapping_source
from metier.indexing.store import Row, Store, StoredDocument
from metier.texts.checks import lone_surrogate
from metier.texts.rows import Item

if TYPE_CHECKING:
    import numpy.typing as npt

    from metier.chunking.chunk import Chunk
    from metier.indexing.field_values import Value

WINDOW = 1024
"""Number of chunks embedded and written at a time; an interrupt loses at most as many."""

BATCH = 64
"""Number of documents cut into chunks at a time."""

Cut = Callable[[Sequence[Item]], "Sequence[Sequence[Chunk]]"]
"""Cuts documents into chunks; returns the chunks of each."""

Embed = Callable[[Iterable[str], int], "Iterator[npt.NDArray[np.float32]]"]
"""Embeds texts in windows of a given size; yields (k, dim) arrays in the order of the texts."""


@dataclass(slots=True)
class WriteReport:
    """Numbers of documents and chunks that a write handled.

    Attributes:
        documents: number of documents passed in.
        embedded: number of chunks that were embedded and added.
        kept: number of chunks that were in the index already.
        removed: number of chunks that were removed, since their document changed or was removed.
        relabeled: number of kept chunks that got other fields or another location.
        recalled: number of the embedded chunks whose vectors came from a cache.
    """

    documents: int = 0
    embedded: int = 0
    kept: int = 0
    removed: int = 0
    relabeled: int = field(default=0, repr=False, compare=False)
    recalled: int = field(default=0, repr=False, compare=False)


def write(
    store: Store,
    documents: Iterable[Item],
    source: str,
    *,
    cut: Cut,
    embed: Embed,
    whole: bool,
    window: int = WINDOW,
) -> WriteReport:
    """Write documents into a store, in windows that bound the memory needed.

    Chunks that are in the store are not embedded again. New chunks of a document are written
    before its old ones are removed, so that a document is never missing, and an interrupted write
    can be repeated. A source is marked as unfinished with the first change, or at once if the
    store is empty, until all its documents are written.

    Args:
        store: the store to write to.
        documents: any number of documents with different ids.
        source: where the documents came from.
        cut: cuts documents into chunks.
        embed: embeds chunks.
        whole: whether these are all documents of the source; others of this source, or of a source
            inside it, are then removed.
        window: number of chunks embedded and written at a time.

    Raises:
        InputError: a document has the id of one from another source, or a field that is not valid
            Unicode.
        ModelError: a vector contains NaN or infinity.

    Errors say what was written before them.
    """
    writer = _Writer(store, store.contents(), source, cut, whole)
    with reporting_written(writer.report):
        writer.write(documents, embed, window)
        if whole:
            writer.remove_missing()
    if whole:
        end_sources(store, source, _covers)
    return writer.report


class _Writer:
    """Rows that were read from documents and are not written yet."""

    def __init__(
        self, store: Store, stored: dict[str, StoredDocument], source: str, cut: Cut, whole: bool
    ) -> None:
        self.report = WriteReport()
        self._store = store
        self._stored = stored
        self._source = source
        self._cut = cut
        self._is_whole = self._needs_begin = whole
        self._seen: set[str] = set()  # document ids
        self._new: deque[Row] = deque()  # not embedded yet
        self._new_count = 0  # new rows so far, embedded or not
        sources = {document.source for document in stored.values()} - {source}
        self._overlapping = sorted(  # whose documents are doubled where other ids come with them
            name
            for name in sources
            if _covers(name, source) or (not whole and _covers(source, name))
        )
        self._damaged: set[str] = set()  # ids of stored chunks that are not what was written
        self._relabeled: list[Row] = []  # with other fields or another location, same text
        # chunk ids to remove once that many new rows are written
        self._replaced: deque[tuple[int, list[str]]] = deque()

    def begin(self) -> None:
        """Mark the source as unfinished, once, if all its documents are being written."""
        if self._needs_begin:
            self._store.begin_source(self._source)
            self._needs_begin = False

    def write(self, documents: Iterable[Item], embed: Embed, window: int) -> None:
        """Write documents, and remove the chunks that theirs replace."""
        was_unfinished = self._source in self._store.unfinished()
        if not self._stored:
            self.begin()
        elif self._needs_begin:  # all documents of the source
            self._set_damaged_aside(
                [name for name, doc in self._stored.items() if _covers(self._source, doc.source)]
            )
        try:
            for vectors in embed(self.texts(documents, window), window):
                self.put(vectors)
        except Exception:
            if not (self._stored or self.report.embedded or was_unfinished):
                # the store is as before
                with suppress(InputError):  # the error that led here says more
                    self._store.end_sources([self._source])
            raise
        self.finish()

    def texts(self, documents: Iterable[Item], window: int) -> Iterator[str]:
        """Yield the texts of the documents that have to be embedded."""
        source = iter(documents)
        while batch := list(islice(source, BATCH)):
            for document in batch:
                _fields_of(document.id, document.fields)
            if not self._is_whole:
                self._set_damaged_aside([document.id for document in batch])
            for document, chunks in zip(batch, self._cut(batch), strict=True):
                for row in self._new_rows(document, chunks):
                    self._new.append(row)
                    self._new_count += 1
                    yield row.chunk.content
            if len(self._relabeled) >= window:
                self._relabel()

    def put(self, vectors: npt.NDArray[np.float32]) -> None:
        """Write the next new rows with their vectors, then remove the rows they replace."""
        rows = [self._new.popleft() for _ in range(len(vectors))]
        plain = np.asarray(vectors)
        _require_finite(rows, plain)
        self.begin()
        self._store.put(rows, plain)
        self._damaged.difference_update(row.chunk.id for row in rows)
        self.report.embedded += len(rows)
        self._remove_replaced()

    def finish(self) -> None:
        """Write the remaining changes, which need no new vectors."""
        self._relabel()
        self._remove_replaced()

    def remove_missing(self) -> None:
        """Remove stored documents of the source that were not among the documents."""
        missing = [
            chunk_id
            for document_id, document in self._stored.items()
            if document_id not in self._seen and _covers(self._source, document.source)
            for chunk_id in document.chunks
        ]
        self._remove([*missing, *sorted(self._damaged)])

    def _set_damaged_aside(self, documents: Sequence[str]) -> None:
        """Treat the damaged chunks of documents as not stored, so that they are embedded again."""
        owners = {
            chunk_id: document_id
            for document_id in documents
            if document_id in self._stored
            for chunk_id in self._stored[document_id].chunks
        }
        damaged = self._store.damaged(list(owners)) if owners else set()
        self._damaged |= damaged
        for chunk_id in damaged:
            del self._stored[owners[chunk_id]].chunks[chunk_id]

    def _new_rows(self, document: Item, chunks: Sequence[Chunk]) -> list[Row]:
        """Return the new rows of a document, and record its other changes."""
        self._seen.add(document.id)
        self.report.documents += 1
        fields = _fields_of(document.id, document.fields)
        rows = [_row_of(chunk, fields, self._source) for chunk in chunks]
        stored = self._stored.get(document.id)
        if stored is None:
            if self._overlapping:
                warn_of_overlapping_source(self._source, self._overlapping)
                self._overlapping = []  # once
            return rows
        if not (_covers(self._source, stored.source) or _covers(stored.source, self._source)):
            raise InputError(
                f"The document {document.id!r} of {self._source} has the id of a document of "
                f"{stored.source} in the index.",
                why="It would replace that document.",
                fix="Keep each in an index of its own, or give one of them another id. Files have "
                "their path in the folder as id: build again of the folder above both ($rebuild).",
                parameters={"rebuild": True},
            )
        new = [row for row in rows if row.chunk.id not in stored.chunks]
        kept = [row for row in rows if row.chunk.id in stored.chunks]
        self.report.kept += len(kept)
        self._relabeled += [row for row in kept if row.digest != stored.chunks[row.chunk.id]]
        replaced = stored.chunks.keys() - {row.chunk.id for row in rows}
        if replaced:
            self._replaced.append((self._new_count + len(new), sorted(replaced)))
        return new

    def _relabel(self) -> None:
        """Write rows whose fields or location changed and whose text did not."""
        if self._relabeled:
            rows = {row.chunk.id: row for row in self._relabeled}
            with self._store.snapshot():  # rows that another process removed stay removed
                present = [row.chunk.id for row in self._store.rows(list(rows))]
                vectors = self._store.vectors(present)
            self.begin()
            self._store.put([rows[chunk_id] for chunk_id in present], vectors)
            self.report.relabeled += len(present)
            self._relabeled = []

    def _remove_replaced(self) -> None:
        removed: list[str] = []
        while self._replaced and self._replaced[0][0] <= self.report.embedded:
            removed += self._replaced.popleft()[1]
        self._remove(removed)

    def _remove(self, ids: list[str]) -> None:
        if ids:
            self.begin()
            self._store.remove(ids)
            self.report.removed += len(ids)


def _require_finite(rows: Sequence[Row], vectors: npt.NDArray[np.float32]) -> None:
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        row = rows[int(np.argmin(finite))]
        raise ModelError(
            f"The vector of the document {row.chunk.document_id!r} contains NaN or infinity.",
            why="It cannot be compared with other vectors. Its window was not written.",
            fix="Use dtype='float32', or another model.",
        )


def _row_of(chunk: Chunk, fields: Mapping[str, Value], source: str) -> Row:
    """Return the row of a chunk; fields of its section are above those of its document."""
    if not chunk.fields:
        return Row(chunk, fields, source)
    own = _fields_of(chunk.document_id, chunk.fields)
    return Row(replace(chunk, fields={}), {**fields, **own}, source)


def _fields_of(document_id: str, raw_fields: Mapping[str, Any]) -> dict[str, Value]:
    """Return the fields of a document or of a section of it as stores keep them.

    Raises:
        InputError: a field has no plain value, or is not valid Unicode, as a store on disk requires
            and so does every store.
    """
    fields = {}
    for name, raw in raw_fields.items():
        try:
            value = value_of(raw)
        except TypeError as error:
            raise InputError(
                f"The field {str(name)!r} of the document {document_id!r} cannot be kept.",
                why=f"{error} An index keeps texts, numbers, times, and lists and dicts of them.",
                fix="Convert it to one of these, or leave the field out.",
            ) from None
        if lone_surrogate(f"{name}{value}" if isinstance(value, str) else str(name)) is not None:
            raise InputError(
                f"The field {str(name)!r} of the document {document_id!r} is not valid Unicode.",
                why="It contains a lone surrogate, usually from a broken JSON or UTF-16 export.",
                fix="Correct it, or leave the field out.",
            )
        if value is not None:
            fields[str(name)] = value
    return fields


def _covers(source: str, other: str) -> bool:
    """Return whether a source equals another one, or is a folder that contains it."""
    return other == source or other.startswith(f"{source.rstrip('/')}/")
