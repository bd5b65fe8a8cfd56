"""Writing documents into a store: what is there is kept, the rest is embedded as it comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from metier.errors import InputError, ModelError
from metier.indexing.field_values import fields_of, value_of
from metier.indexing.store import Row, Store, StoredDocument
from metier.texts.checks import lone_surrogate
from metier.texts.rows import Item

if TYPE_CHECKING:
    import numpy.typing as npt

    from metier.chunking.chunk import Chunk

WINDOW = 1024
"""Chunks embedded and written together: what an interrupt can cost."""

BATCH = 64
"""Documents that are cut into chunks together."""

Cut = Callable[[Sequence[Item]], "Sequence[Sequence[Chunk]]"]
"""Documents into the chunks of each."""

Embed = Callable[[Iterable[str], int], "Iterator[npt.NDArray[np.float32]]"]
"""Texts and a window of them into arrays (k, dim), in the order of the texts."""


@dataclass(slots=True)
class WriteReport:
    """What writing documents did.

    Attributes:
        documents: how many were given.
        embedded: chunks that were embedded and added.
        kept: chunks that were there already.
        removed: chunks that were removed, since their document changed or went.
    """

    documents: int = 0
    embedded: int = 0
    kept: int = 0
    removed: int = 0


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
    """Bring documents into a store, in memory bounded by a window of them.

    A chunk that is there is not embedded again. New chunks of a document are written before its
    old ones are removed, so that a document is never missing, and whoever is interrupted may
    begin again at any point. Until all documents of a source are written the store says that it
    was begun, from the first change on or, where nothing is held, at once.

    Args:
        store: what is written.
        documents: as many as there are, each with an id of its own.
        source: what they came from.
        cut: how they become chunks.
        embed: how chunks become vectors.
        whole: whether these are all documents of the source; those held of it, or of a source
            inside it, that are not among them are removed.
        window: chunks that are embedded and written together.

    Raises:
        InputError: a document has the id of one from another source, or a field that is not valid
            Unicode.
        ModelError: a vector holds NaN or infinity.
    """
    held = store.contents()
    writing = _Writing(store, held, source, cut, whole)
    if not held:
        writing.begin()
    try:
        for vectors in embed(writing.texts(documents, window), window):
            writing.put(vectors)
    except Exception:
        if not held and not writing.done.embedded:
            store.end_sources([source])  # told, and the store is as it was
        raise
    writing.finish()
    if whole:
        writing.remove_all_but_seen()
        store.end_sources([one for one in store.unfinished() if _covers(source, one)])
    return writing.done


class _Writing:
    """What has been read of the documents and not been written yet."""

    def __init__(
        self, store: Store, held: dict[str, StoredDocument], source: str, cut: Cut, whole: bool
    ) -> None:
        self.done = WriteReport()
        self._store = store
        self._held = held
        self._source = source
        self._cut = cut
        self._is_to_begin = whole
        self._seen: set[str] = set()
        self._new: deque[Row] = deque()
        self._read = 0
        self._relabeled: list[Row] = []
        self._gone: deque[tuple[int, list[str]]] = deque()  # once so many new ones are written

    def begin(self) -> None:
        """Note in the store, once, that all documents of the source are being written."""
        if self._is_to_begin:
            self._store.begin_source(self._source)
            self._is_to_begin = False

    def texts(self, documents: Iterable[Item], window: int) -> Iterator[str]:
        """What has to be embedded of the documents."""
        source = iter(documents)
        while batch := list(islice(source, BATCH)):
            for document in batch:
                _require_unicode(document)
            for document, chunks in zip(batch, self._cut(batch), strict=True):
                for row in self._new_of(document, chunks):
                    self._new.append(row)
                    self._read += 1
                    yield row.chunk.content
            if len(self._relabeled) >= window:
                self._relabel()

    def put(self, vectors: npt.NDArray[np.float32]) -> None:
        """Write as many of the new rows as there are vectors, then remove what they replace."""
        rows = [self._new.popleft() for _ in range(len(vectors))]
        plain = np.asarray(vectors)
        _require_finite(rows, plain)
        self.begin()
        self._store.put(rows, plain)
        self.done.embedded += len(rows)
        self._remove_replaced()

    def finish(self) -> None:
        """Write what needs no new vector."""
        self._relabel()
        self._remove_replaced()

    def remove_all_but_seen(self) -> None:
        """Remove the documents of the source that were not among the given ones."""
        gone = [
            chunk
            for document, held in self._held.items()
            if document not in self._seen and _covers(self._source, held.source)
            for chunk in held.chunks
        ]
        self._remove(gone)

    def _new_of(self, document: Item, chunks: Sequence[Chunk]) -> list[Row]:
        """The rows of a document that are not held; what else changed of it is noted."""
        self._seen.add(document.id)
        self.done.documents += 1
        fields = fields_of(document.fields)
        rows = [Row(chunk, fields, self._source) for chunk in chunks]
        held = self._held.get(document.id)
        if held is None:
            return rows
        if not (_covers(self._source, held.source) or _covers(held.source, self._source)):
            raise InputError(
                f"The document {document.id!r} of {self._source} has the id of one that the index "
                f"holds of {held.source}.",
                why="It would take its place.",
                fix="Keep each in an index of its own, or give one of them another id. Files have "
                "their path in the folder as id: build again of the folder above both "
                "(rebuild=True, --rebuild).",
            )
        new = [row for row in rows if row.chunk.id not in held.chunks]
        kept = [row for row in rows if row.chunk.id in held.chunks]
        self.done.kept += len(kept)
        self._relabeled += [row for row in kept if row.digest != held.chunks[row.chunk.id]]
        gone = held.chunks.keys() - {row.chunk.id for row in rows}
        if gone:
            self._gone.append((self._read + len(new), sorted(gone)))
        return new

    def _relabel(self) -> None:
        """Write rows whose text is as it was and whose fields or place are not."""
        if self._relabeled:
            rows = {row.chunk.id: row for row in self._relabeled}
            with self._store.snapshot():  # what another process removed meanwhile stays removed
                there = [row.chunk.id for row in self._store.rows(list(rows))]
                vectors = self._store.vectors(there)
            self.begin()
            self._store.put([rows[one] for one in there], vectors)
            self._relabeled = []

    def _remove_replaced(self) -> None:
        gone: list[str] = []
        while self._gone and self._gone[0][0] <= self.done.embedded:
            gone += self._gone.popleft()[1]
        self._remove(gone)

    def _remove(self, ids: list[str]) -> None:
        if ids:
            self.begin()
            self._store.remove(ids)
            self.done.removed += len(ids)


def _require_finite(rows: Sequence[Row], vectors: npt.NDArray[np.float32]) -> None:
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        row = rows[int(np.argmin(finite))]
        raise ModelError(
            f"The vector of the document {row.chunk.document_id!r} holds NaN or infinity.",
            why="Nothing can be compared with it. Nothing of its window was written.",
            fix="Use dtype='float32', or another model.",
        )


def _require_unicode(document: Item) -> None:
    """A store on disk keeps nothing else, and one in memory shall hold the same."""
    for name, value in document.fields.items():
        kept = value_of(value)
        if lone_surrogate(f"{name}{kept}" if isinstance(kept, str) else str(name)) is None:
            continue
        raise InputError(
            f"The field {str(name)!r} of the document {document.id!r} is not valid Unicode.",
            why="It holds a lone surrogate: usually the rest of a broken JSON or UTF-16 export.",
            fix="Mend it, or leave the field out.",
        )


def _covers(source: str, other: str) -> bool:
    """Whether a source is another one, or a folder that holds it."""
    return other == source or other.startswith(f"{source.rstrip('/')}/")
