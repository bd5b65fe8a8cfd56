"""The protocol of stores: rows with vectors, searched by similarity, by terms and by id."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from metier.indexing.field_values import content_id

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.chunking.chunk import Chunk
    from metier.indexing.conditions import Condition
    from metier.indexing.field_values import Value
    from metier.indexing.manifest import Manifest
    from metier.indexing.verification import VerificationReport
    from metier.progress import Progress


ID = "id"
"""The name by which conditions know the id of a document."""


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk with its fields and the source of its document.

    Attributes:
        chunk: the text and its location.
        fields: of the document and of the section, without missing values. Of two with the same
            name the section's is here.
        source: where the document came from, such as a file or a folder.
    """

    chunk: Chunk
    fields: Mapping[str, Value] = field(default_factory=dict)
    source: str = ""

    @property
    def compared(self) -> dict[str, Value]:
        """What conditions compare: the fields, and as `id` the id unless a field has this name."""
        return {ID: self.chunk.document_id, **self.fields}

    @property
    def digest(self) -> str:
        """Hash of what can change while the chunk id stays: fields, source and location."""
        chunk = self.chunk
        return content_id([dict(self.fields), self.source, chunk.start, chunk.end, chunk.location])


Analyze = Callable[[str], Sequence[str]]
"""Splits a text into the terms of lexical search; the same function for chunks and queries."""


class Matches(NamedTuple):
    """The chunks that match a query, best first; equal scores are in the order of the ids.

    Attributes:
        ids: ids of k chunks.
        scores: (k,) float32.
    """

    ids: list[str]
    scores: npt.NDArray[np.float32]


class StoredDocument(NamedTuple):
    """A document in a store.

    Attributes:
        source: where it came from.
        chunks: digest of the row by chunk id.
    """

    source: str
    chunks: dict[str, str]


class Store(Protocol):
    """Rows and vectors by chunk id. `put` is atomic.

    Attributes:
        manifest: model, instruction, domain and settings of the index.
        path: folder or address; None for a store in memory.
    """

    @property
    def manifest(self) -> Manifest: ...
    @property
    def path(self) -> str | None: ...

    def put(self, rows: Sequence[Row], vectors: npt.NDArray[np.float32]) -> None:
        """Add rows, or replace rows with the same chunk id.

        Args:
            rows: n rows.
            vectors: (n, dim) unit vectors.
        """

    def remove(self, ids: Collection[str]) -> None:
        """Remove chunks; unknown ids are ignored."""

    def contents(self) -> dict[str, StoredDocument]:
        """Return the documents in the store, by id."""

    def __len__(self) -> int:
        """Return the number of chunks."""

    def nearest(
        self,
        queries: npt.NDArray[np.float32],
        count: int,
        where: Condition | None = None,
        *,
        dim: int | None = None,
    ) -> list[Matches]:
        """Return the nearest chunks of each query, scored by cosine.

        Args:
            queries: (q, dim) unit vectors.
            count: maximum number of chunks for a query.
            where: condition that chunks have to meet.
            dim: number of dimensions to compare, after a rotation fitted to the vectors; None for
                all.
        """

    def search_terms(
        self, terms: Sequence[str], count: int, where: Condition | None = None
    ) -> Matches:
        """Return the chunks with the highest BM25 scores for some terms.

        Chunks without any of the terms are left out. Scores are in [0, 1], as `Bm25.scores` gives
        them.
        """

    def score_terms(self, terms: Sequence[str], ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the (n,) BM25 scores of n chunks; 0 for chunks without any of the terms."""

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of a term, which is above 0."""

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """Return the rows of chunks, in the order of the ids; unknown ids are left out."""

    def vectors(self, ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the (n, dim) unit vectors of chunks, as `rows` orders them."""

    def has_headings(self) -> bool:
        """Return whether any chunk has a title or heading."""

    def fields(self) -> list[str]:
        """Return the names of fields; a store on disk includes those of removed documents."""

    def begin_source(self, source: str) -> None:
        """Record that a write of all documents of a source has begun."""

    def end_sources(self, sources: Collection[str]) -> None:
        """Record that all documents of sources are written; unknown sources are ignored."""

    def unfinished(self) -> list[str]:
        """Return the sources that were begun and not ended."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Return a context in which this thread reads one version, whatever others write."""

    def writing(self, opened: Manifest) -> AbstractContextManager[None]:
        """Return a context in which this thread writes to the index that was opened.

        Args:
            opened: its manifest at that time.

        Raises:
            UsageError: it was rebuilt: with other settings before, or at all during the writing.
            InputError: it was dropped.
        """

    def damaged(self, ids: Sequence[str]) -> set[str]:
        """Return the ids of those chunks that are not what was written."""

    def verify(self, progress: Progress) -> VerificationReport:
        """Compare everything with its checksum."""

    def purge(self, progress: Progress) -> None:
        """Remove from disk what is not in the index any more."""

    def compact(self) -> None:
        """Clean up after writes: refresh the term index, and fit a funnel if it is worth it."""

    def drop(self) -> None:
        """Remove everything, the manifest last."""
