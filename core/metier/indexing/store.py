"""What a store is: rows with their vectors, found by nearness, by words and by id."""

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


@dataclass(frozen=True, slots=True)
class Row:
    """What a store keeps of a chunk, besides its vector.

    Attributes:
        chunk: the text, and where it stands.
        fields: of the document: numbers, texts, true and false. What is missing is left out.
        source: what the document came from, such as a file or a folder.
    """

    chunk: Chunk
    fields: Mapping[str, Value] = field(default_factory=dict)
    source: str = ""

    @property
    def digest(self) -> str:
        """Hash of what may change while the chunk keeps its id: fields, source and place."""
        chunk = self.chunk
        return content_id([dict(self.fields), self.source, chunk.start, chunk.end, chunk.place])


Analyze = Callable[[str], Sequence[str]]
"""A text to its terms, which lexical search compares; the same for chunks and queries."""


class Matches(NamedTuple):
    """Chunks found for a query, best first; equal scores in the order of the ids.

    Attributes:
        ids: of k chunks.
        scores: (k,) float32.
    """

    ids: list[str]
    scores: npt.NDArray[np.float32]


class StoredDocument(NamedTuple):
    """A document that a store holds.

    Attributes:
        source: what it came from.
        chunks: the ids of its chunks, each with the digest of its row.
    """

    source: str
    chunks: dict[str, str]


class Store(Protocol):
    """Rows by the id of their chunk. A put happens wholly or not at all.

    Attributes:
        manifest: what the index was made with.
        path: the folder or address, None for one in memory.
    """

    @property
    def manifest(self) -> Manifest: ...
    @property
    def path(self) -> str | None: ...

    def put(self, rows: Sequence[Row], vectors: npt.NDArray[np.float32]) -> None:
        """Add rows, or replace those whose chunk id is there; `vectors` is (n, dim), unit rows."""

    def remove(self, ids: Collection[str]) -> None:
        """Remove chunks; ids that are not there are passed over."""

    def contents(self) -> dict[str, StoredDocument]:
        """The documents that are held, by id."""

    def __len__(self) -> int:
        """How many chunks there are."""

    def nearest(
        self,
        queries: npt.NDArray[np.float32],
        count: int,
        where: Condition | None = None,
        *,
        dim: int | None = None,
    ) -> list[Matches]:
        """The nearest chunks of each of (q, dim) unit queries, with their cosines.

        A `dim` below that of the vectors compares them by their first numbers after a rotation
        that is fitted to them.
        """

    def search_terms(
        self, terms: Sequence[str], count: int, where: Condition | None = None
    ) -> Matches:
        """The chunks that have most of some terms, by BM25; those with none of them are not found.

        The score is a share of the best thinkable, as `Bm25.scores` gives it.
        """

    def score_terms(self, terms: Sequence[str], ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n,) the scores that `matching` would give these chunks, 0 for what it would not find."""

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term, above 0."""

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """The rows of chunks that are there, in the order of the ids."""

    def vectors(self, ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dim) unit vectors of chunks that are there, in the order of the ids."""

    def has_headings(self) -> bool:
        """Whether any chunk stands under a title or heading."""

    def fields(self) -> list[str]:
        """The names of the fields of documents; on disk those of documents that are gone, too."""

    def begin_source(self, source: str) -> None:
        """Note that all documents of a source are about to be written."""

    def end_sources(self, sources: Collection[str]) -> None:
        """Note that all documents of sources have been written; other names are passed over."""

    def unfinished(self) -> list[str]:
        """Sources that were begun and not ended: the writer was interrupted, or is at it."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Inside, what this thread reads is of one moment, whatever other processes write."""

    def compact(self) -> None:
        """Tidy up after writes, index terms anew if that is needed, and fit a funnel if it pays."""

    def drop(self) -> None:
        """Remove everything, the manifest last."""
