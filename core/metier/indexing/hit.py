"""A hit: a document that a search found, shown by its best chunk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metier.indexing.values import Value
    from metier.retrieval.snippet import Snippet


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found.

    Attributes:
        rank: 1 for the best.
        score: what the hits are ordered by.
        id: of the chunk that answers best.
        document_id: of the document.
        source: what the document came from, such as a file or a folder.
        place: where the chunk stands, for people.
        start: first character of the chunk in the document.
        end: the character after its last.
        text: of the chunk.
        scores: of each stage by name: `dense` is the cosine, or by short vectors the most that it
            can be of what the terms alone found; `lexical` BM25 as a share of the best thinkable,
            `aspect` the cosine with what is asked of the subject, `interaction` the likeness token
            by token, `heading` the cosine with title and headings alone, `feedback` the likeness
            to the best of what was found, `fused` their weighted mean, `rerank` the reranker's
            probability. A stage that did not look at the document is missing.
        fields: of the document.
        snippet: the part of the chunk that answers best, with the words it shares with the query;
            its `start` and `end` are characters of the document. None where nobody asked for it.
    """

    rank: int
    score: float
    id: str
    document_id: str
    source: str
    place: str
    start: int
    end: int
    text: str
    scores: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)
    snippet: Snippet | None = None
