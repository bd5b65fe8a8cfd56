"""What a search in contracts finds: the best clauses, and the best of each contract."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from metier import Hit, Result, Snippet
from metier.plugin import (
    Column,
    DocumentPosition,
    Excerpt,
    MarkTone,
    OwnFields,
    Table,
    hidden_cells,
    hidden_columns,
    rows_beside,
)
from metier_legal.searching.query_forms import QueryForm
from metier_legal.structure import Clause

_LONGEST_SHOWN = 200
"""Characters of a query that a headline shows."""
_NOTHING = "nothing near"
_TONES: dict[str, MarkTone] = {"yes": "good", "no": "neutral"}


class ClauseHit(BaseModel):
    """A clause that was found: `text` is the contract's from `start` to `end`.

    Attributes:
        rank: 1 for the best.
        score: what the hits are ordered by.
        scores: of each stage by name, see `metier.Hit`.
        id: the contract and the offsets, `supply.txt:120-480`.
        contract: id of the contract.
        location: the contract and the headings that the clause stands under.
        number: as it is written; empty without one.
        title: of its own heading, without the number.
        path: headings, outermost first.
        kind: what the clause is for, such as `clause` or `schedule`.
        page: counted from 1; None where the contract has no pages.
        text: the whole clause.
        is_near: whether it is near the query, see `ClauseSearchResult`.
        snippet: its best sentences; offsets are those of the contract.
        fields: of the contract's row in the input.
    """

    model_config = ConfigDict(frozen=True)

    rank: int
    score: float
    scores: dict[str, float]
    id: str
    contract: str
    location: str
    number: str
    title: str
    path: tuple[str, ...]
    kind: str
    page: int | None
    start: int
    end: int
    text: str
    is_near: bool
    snippet: Snippet | None = None
    fields: OwnFields = Field(default_factory=dict)

    @property
    def cosine(self) -> float | None:
        """Its cosine with the query."""
        return self.scores.get("dense")

    @property
    def label(self) -> str:
        """Its headings on one line."""
        return ", ".join(self.path)

    @property
    def position(self) -> DocumentPosition:
        """The clause in its contract, with its best sentences as what matters most."""
        parts = () if self.snippet is None else ((self.snippet.start, self.snippet.end),)
        tone: MarkTone = "good" if self.is_near else "neutral"
        return DocumentPosition(
            self.contract, self.start, self.end, self.location, tone=tone, parts=parts
        )

    @property
    def excerpt(self) -> Excerpt:
        """The clause with what answers best marked."""
        if self.snippet is None:
            return Excerpt(self.text)
        best = self.snippet.sentence or self.snippet.text
        start = self.text.find(best)
        return Excerpt(self.text, ((start, start + len(best)),) if best and start >= 0 else ())


class ContractHits(BaseModel):
    """What a contract has for a query.

    Attributes:
        contract: its id.
        title: of its row in the input; empty without one.
        best: the near clause that the search puts first, with its rank in `hits` if it is there;
            None where nothing is near.
        more: how many other passages of it are near.
    """

    model_config = ConfigDict(frozen=True)

    contract: str
    title: str
    best: ClauseHit | None
    more: int


class ClauseSearchResult(Result):
    """The clauses that answer a query, best first, and the best of each contract.

    A clause is near if its cosine with the query reaches a threshold, or if it holds all words of
    the query, by their stems and without common words; a single word has to be in its headings.

    Attributes:
        query: the words, or the clause that others are to be like.
        query_form: which of them it was taken for.
        searched: how many clauses there were.
        threshold: least cosine of a clause that is near by its cosine.
        hits: the best clauses.
        contracts: for each contract its best, in the order of their first near clause in `hits`,
            then those whose near clauses rank lower, and those with nothing near last; empty where
            there is one contract, and where all are single clauses.
    """

    query: str
    query_form: QueryForm
    searched: int
    threshold: float
    hits: tuple[ClauseHit, ...]
    contracts: tuple[ContractHits, ...] = ()

    def title(self) -> str:
        return "Search in clauses"

    def headline(self) -> str:
        query = " ".join(self.query.split())
        shown = query if len(query) <= _LONGEST_SHOWN else f"{query[:_LONGEST_SHOWN]}…"
        headline = f"Best {len(self.hits)} of {self.searched} clauses for: {shown}"
        if self.contracts:
            near = sum(contract.best is not None for contract in self.contracts)
            headline += f" ({near} of {len(self.contracts)} contracts have something near)"
        return headline

    def tables(self) -> list[Table]:
        contracts = [self._contracts_table()] if self.contracts else []
        return [*contracts, self._clauses_table()]

    def rows(self) -> list[dict[str, Any]]:
        return rows_beside(map(_row, self.hits), [hit.fields for hit in self.hits])

    def _contracts_table(self) -> Table:
        best = [contract.best for contract in self.contracts if contract.best is not None]
        has_pages = any(clause.page is not None for clause in best)
        columns = (
            *(Column("contract", main=True), Column("best clause", main=True)),
            *(Column("cosine", "score"), Column("more near", "count"), Column("text", main=True)),
            *(Column("page", "number", hidden=not has_pages), Column("id", hidden=True)),
        )
        note = (
            "Contracts follow the order of their first near clause below; those with nothing near "
            f"are last. {self._near_note}"
        )
        return Table("Contracts", columns, list(map(_cells, self.contracts)), note=note)

    def _clauses_table(self) -> Table:
        own = hidden_columns([hit.fields for hit in self.hits])
        cited = {document.id for document in self.cited_documents}
        rows = [
            (
                hit.rank,
                hit.score,
                "yes" if hit.is_near else "no",
                hit.position if hit.contract in cited else hit.location,
                hit.excerpt,
                hit.kind,
                hit.page,
                hit.start,
                hit.end,
                *hidden_cells(hit.fields, own),
            )
            for hit in self.hits
        ]
        columns = (
            *("rank", Column("score", "score"), Column("near", "label", tones=_TONES), "where"),
            *("text", Column("kind", "label", hidden=True), Column("page", "number", hidden=True)),
            *(Column("start", "number", hidden=True), Column("end", "number", hidden=True)),
        )
        title = "Clauses" if self.contracts else ""
        note = (
            "The score orders the clauses of this search, by meaning, words and kinds of clauses "
            "together; scores of two searches cannot be compared."
        )
        if not self.contracts:
            note = f"{note} {self._near_note}"
        return Table(title, (*columns, *own), rows, head=len(self.hits), note=note)

    @property
    def _near_note(self) -> str:
        return (
            f"Near is a cosine of at least {self.threshold:.2f}, or all words of the query. The "
            "cosine compares meanings only: 1 is the same text."
        )


def _cells(contract: ContractHits) -> tuple[object, ...]:
    """The cells of a contract in the table of contracts."""
    name, best = contract.title or contract.contract, contract.best
    if best is None:
        return (name, _NOTHING, None, contract.more, "", None, contract.contract)
    where = best.label or "before the first heading"
    cells = (name, where, best.cosine, contract.more, best.excerpt, best.page)
    return (*cells, contract.contract)


def clause_hit(hit: Hit, clause: Clause, *, is_near: bool, rank: int, own: OwnFields) -> ClauseHit:
    """The hit of an index as the whole clause that it is a part of.

    Args:
        hit: a chunk.
        clause: that it is a part of.
        is_near: whether the chunk is near the query.
        rank: in the list that it is shown in.
        own: fields of the contract's row in the input.
    """
    where = f"{hit.document_id}, {clause.label}" if clause.label else hit.document_id
    return ClauseHit(
        rank=rank,
        score=round(hit.score, 6),
        scores={name: round(score, 6) for name, score in hit.scores.items()},
        id=f"{hit.document_id}:{clause.start}-{clause.end}",
        contract=hit.document_id,
        location=where,
        number=clause.number,
        title=clause.title,
        path=clause.path,
        kind=clause.kind,
        page=clause.page,
        start=clause.start,
        end=clause.end,
        text=clause.text,
        is_near=is_near,
        snippet=hit.snippet,
        fields=own,
    )


def _row(hit: ClauseHit) -> dict[str, Any]:
    snippet = hit.snippet or Snippet("", 0, 0)
    return {
        "rank": hit.rank,
        "id": hit.id,
        "contract": hit.contract,
        "location": hit.location,
        "number": hit.number,
        "heading": hit.title,
        "kind": hit.kind,
        "page": hit.page,
        "start": hit.start,
        "end": hit.end,
        "near": hit.is_near,
        "score": hit.score,
        "cosine": hit.cosine,
        "rerank": hit.scores.get("rerank"),
        "text": hit.text,
        "snippet": snippet.text,
        "words": ", ".join(snippet.words),
        "sentence": snippet.sentence,
    }
