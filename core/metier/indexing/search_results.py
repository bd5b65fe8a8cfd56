"""What a search returns, and the explanation of what it would do."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from metier.indexing.field_values import Value
from metier.retrieval.ranking import candidate_count
from metier.retrieval.snippet import Snippet

if TYPE_CHECKING:
    from metier.indexing.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found.

    Attributes:
        rank: 1 for the best.
        score: what the hits are ordered by.
        id: of the chunk that answers best; in the result of a workflow of what was searched.
        document_id: of the document.
        source: what the document came from, such as a file or a folder.
        location: where the chunk stands, for people.
        start: first character of the chunk in the document.
        end: the character after its last.
        text: of the chunk.
        scores: of each stage by name: `dense` is the cosine, or by short vectors the highest that
            it can be of what the terms alone found; `lexical` BM25 as a share of the highest
            possible score, `aspect` how much nearer it is to what is asked of the subject than to
            what else could be asked, `interaction` the similarity token by token, `heading` the
            cosine with title and headings alone, `feedback` the similarity to the best of what was
            found, `fused` their weighted mean,
            `rerank` the reranker's probability. A stage that did not look at the document is
            missing.
        fields: of the document, and above them those of the section that the chunk is in.
        snippet: the part of the chunk that answers best, with the words it shares with the query;
            its `start` and `end` are characters of the document. None where nobody asked for it.
    """

    rank: int
    score: float
    id: str
    document_id: str
    source: str
    location: str
    start: int
    end: int
    text: str
    scores: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)
    snippet: Snippet | None = None

    @property
    def place(self) -> str:
        """Deprecated name of `location`."""
        warnings.warn("Hit.place is now Hit.location.", DeprecationWarning, stacklevel=2)
        return self.location


@dataclass(frozen=True, slots=True)
class SearchExplanation:
    """What a search would do.

    Attributes:
        instruction: of its queries; None for none.
        dim: dimensions of the vectors in the index.
        dim_reason: where that size comes from.
        compared: dimensions of each that are compared first.
        rotated: whether those are dimensions of vectors rotated to the axes of this index.
        shortlist: chunks that are then compared by all dimensions; None where none are.
        nearness: the same as a sentence, with the recall that was measured.
        search: the stages that order what was found, with their weights.
        rerank: whether the reranker reads the best.
        rerank_reason: why.
    """

    instruction: str | None
    dim: int
    dim_reason: str
    compared: int
    rotated: bool
    shortlist: int | None
    nearness: str
    search: str
    rerank: bool
    rerank_reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        rows = {
            "instruction": self.instruction or "none",
            "dim": f"{self.dim}: {self.dim_reason}",
            "nearness": self.nearness,
            "search": self.search,
            "reranker": f"{'used' if self.rerank else 'not used'}: {self.rerank_reason}",
        }
        return "\n".join(f"{name:<12} {text}" for name, text in rows.items())


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """How a search compares vectors.

    Attributes:
        compared: dimensions of each vector that are compared first.
        rotated: whether of rotated vectors.
        shortlist: chunks that are then compared by all dimensions; None where none are.
        sentence: the same for people.
    """

    compared: int
    rotated: bool
    shortlist: int | None
    sentence: str

    @classmethod
    def of(cls, manifest: Manifest, dim: int | None = None, top_k: int = 10) -> VectorSearch:
        """How an index with this manifest compares them.

        Args:
            manifest: of the index.
            dim: dimensions the search asks for; None for all.
            top_k: documents it asks for.
        """
        full, funnel = manifest.provenance.dim, manifest.funnel
        if dim is not None and dim < full:
            return cls(
                dim,
                True,
                None,
                f"the first {dim} of {full} dimensions of every vector, rotated to the axes of "
                "this index, and no others, as the call asks",
            )
        if funnel is None or funnel.is_exact:
            return cls(full, False, None, f"exact: all {full} dimensions of every vector")
        count = candidate_count(top_k)
        width = funnel.width(count)
        few, many = funnel.recall
        return cls(
            funnel.dim,
            True,
            width,
            f"funnel: a shortlist of {width} for {count} candidates by the first {funnel.dim} of "
            f"{full} dimensions, rotated to the axes of this index, then exact; it found {few:.2%} "
            f"of the 10 and {many:.2%} of the 100 nearest of a sample",
        )
