"""Search in texts: the step every search workflow stands on, and its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from metier.registry.instruction import Instruction
from metier.registry.reranking import choose_rerank
from metier.workflows.result import Result
from metier.workflows.table import Table, shorten

if TYPE_CHECKING:
    from metier.runtime import Runtime

RECALL = 50
"""How many of the nearest passages a reranker reads."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that can be found.

    Attributes:
        id: unique in a search.
        text: what is shown.
        place: where it stands, for people (`shop/cart.py:12`, `supply.txt, 7.2`).
        content: what is compared with the query; None for `text`.
        facts: what else a result row should carry; a fact named as a field of `Hit` gives
            way to it.
    """

    id: str
    text: str
    place: str
    content: str | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)


class Hit(BaseModel):
    """A passage that was found.

    Attributes:
        rank: 1 for the best.
        score: what the hits are ordered by: the reranker's probability where there is one, else
            the cosine.
        cosine: of the query's and the passage's vectors.
        rerank: the reranker's probability, None where none was used.
    """

    model_config = ConfigDict(frozen=True)

    rank: int
    id: str
    place: str
    score: float
    cosine: float
    rerank: float | None = None
    text: str
    facts: dict[str, str | int] = Field(default_factory=dict)


class SearchResult(Result):
    """What was found for a query, best first."""

    query: str
    noun: str
    searched: int
    hits: tuple[Hit, ...]

    def headline(self) -> str:
        return f"Best {len(self.hits)} of {self.searched} {self.noun} for: {self.query}"

    def tables(self) -> list[Table]:
        return [
            Table(
                "",
                ("", "score", "where", "text"),
                [(hit.rank, hit.score, hit.place, shorten(hit.text, 220)) for hit in self.hits],
            )
        ]

    def rows(self) -> list[dict[str, Any]]:
        rows = []
        for hit in self.hits:
            row = hit.model_dump(exclude={"facts"})
            rows.append({**row, **{key: hit.facts[key] for key in hit.facts if key not in row}})
        return rows


def search_passages(
    rt: Runtime,
    query: str,
    passages: Sequence[Passage],
    *,
    instruction: str | Instruction,
    noun: str = "passages",
    top_k: int = 10,
    dim: int | None = None,
    rerank: bool | None = None,
) -> SearchResult:
    """Find the passages that answer a query under an instruction.

    Args:
        rt: the Runtime.
        query: in the user's words.
        passages: what is searched.
        instruction: id or `Instruction`.
        noun: what the passages are, for people.
        top_k: how many hits.
        dim: vector size; None for the instruction's default.
        rerank: let the Runtime's reranker order the nearest passages; None if it has one and the
            instruction does not say otherwise.
    """
    from metier.retrieval.exact import nearest

    # before the passages are embedded, which may take long: a reranker that is not there fails now
    declared = rt.instructions.resolve(instruction).instruction.rerank
    choice = choose_rerank(requested=rerank, declared=declared)
    use_reranker = choice.required or (choice.wanted and rt.reranker is not None)
    contents = [passage.content or passage.text for passage in passages]
    documents = rt.embed_documents(contents, instruction=instruction, dim=dim)
    queries = rt.embed_queries([query], instruction=instruction, dim=dim)
    found, cosines = nearest(queries, documents, max(top_k, RECALL) if use_reranker else top_k)
    order = [(int(index), float(score)) for index, score in zip(found[0], cosines[0], strict=True)]
    scores: dict[int, float] = {}
    if use_reranker:
        candidates = [contents[index] for index, _ in order]
        for ranked in rt.rerank(query, candidates, instruction=instruction):
            scores[order[ranked.index][0]] = ranked.score
        order.sort(key=lambda pair: (-scores[pair[0]], -pair[1], passages[pair[0]].id))
    return SearchResult(
        query=query,
        noun=noun,
        searched=len(passages),
        hits=tuple(
            Hit(
                rank=rank,
                id=passages[index].id,
                place=passages[index].place,
                score=round(scores.get(index, cosine), 6),
                cosine=round(cosine, 6),
                rerank=round(scores[index], 6) if index in scores else None,
                text=passages[index].text,
                facts=dict(passages[index].facts),
            )
            for rank, (index, cosine) in enumerate(order[:top_k], start=1)
        ),
    )
