"""Result of a search with several queries: each query's best, and queries against documents."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from metier.indexing.search_results import Hit
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, ScoredPassage, Table
from metier.steps.searching import HIT_COLUMNS, excerpt_of, hit_row

_NOTHING = "nothing near"
_FAR = "-"
"""What a cell of the matrix holds where nothing in the document is near."""

_ALL_SHOWN = 12
"""Most documents that all have a column of the matrix; of more those where something is near."""

_ORDER = "The first near one of the search, which weighs words too; another cosine can be higher."
_PASSAGES = "Best passage of each document"


class Match(BaseModel):
    """The best of a document for a query.

    Attributes:
        score: its cosine with the query.
        id: of the passage.
        location: where it stands, for people.
        text: of the passage.
        language: programming language of source code; empty for prose.
    """

    model_config = ConfigDict(frozen=True)

    score: float
    id: str
    location: str
    text: str
    language: str = ""


class QueryResult(BaseModel):
    """What was found for one query of several.

    Attributes:
        id: of the query; its number where the queries are lines of a text file.
        query: its text.
        fields: the other fields of its row in the input.
        near: whether anything is near: a hit, or a passage of one of the documents.
        hits: the passages found, best first.
        near_ranks: ranks of the hits that are near.
        matches: of what is near in each document the passage with the highest cosine, in the order
            of the result's `documents`; None where nothing in the document is near.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    query: str
    fields: OwnFields = Field(default_factory=dict)
    near: bool
    hits: tuple[Hit, ...]
    near_ranks: tuple[int, ...] = ()
    matches: tuple[Match | None, ...] = ()


class BatchResult(Result):
    """What was found for several queries, in their order.

    A passage is near a query if its cosine reaches a threshold, or if it holds all words of the
    query, by their stems and without common words; a single word has to be in its title or
    headings. The best match of a query is the first of its hits that is near, in the order of the
    search, which weighs more than cosines. Set against a document a query has the near passage with
    the highest cosine.

    Attributes:
        noun: what the passages are.
        searched: how many passages there were.
        threshold: least cosine of a match that is near by its cosine.
        documents: what the passages are parts of, such as contracts, set against the queries; empty
            where there is one or where there are more than 60.
        queries: what was found for each.
    """

    noun: str
    searched: int
    threshold: float
    documents: tuple[str, ...] = ()
    queries: tuple[QueryResult, ...]

    def title(self) -> str:
        return f"{len(self.queries)} queries in {self.noun}"

    def headline(self) -> str:
        near = sum(query.near for query in self.queries)
        return (
            f"{near} of {len(self.queries)} queries with a near match among {self.searched} "
            f"{self.noun} (cosine at least {self.threshold:.2f}, or all words)"
        )

    def tables(self) -> list[Table]:
        tables = [
            self._best_table(),
            self._matrix_table(),
            self._passages_table(),
            self._hits_table(),
        ]
        return [table for table in tables if table is not None]

    def matrix(self) -> list[list[float | None]]:
        """Cosines, (queries, documents), of the best of each document; None where none is near."""
        return [
            [None if match is None else match.score for match in query.matches]
            for query in self.queries
        ]

    def best(self, query: QueryResult) -> Match | None:
        """The first of the hits that is near, else the near passage with the highest cosine.

        The order of the search weighs more than cosines. None where nothing is near.
        """
        for hit in query.hits:
            if hit.rank in query.near_ranks:
                return _match(hit)
        near = [match for match in query.matches if match is not None]
        return max(near, key=lambda match: match.score, default=None)

    def rows(self) -> list[dict[str, Any]]:
        """One flat mapping per hit, and one for a query without hits."""
        pairs = [(query, hit) for query in self.queries for hit in query.hits or (None,)]
        rows = [
            {
                "query_id": query.id,
                "query": query.query,
                "near": hit is not None and hit.rank in query.near_ranks,
                **(dict.fromkeys(HIT_COLUMNS) if hit is None else hit_row(hit)),
            }
            for query, hit in pairs
        ]
        of_hits = [{} if hit is None else hit.fields for _, hit in pairs]
        return rows_beside(rows_beside(rows, of_hits), [query.fields for query, _ in pairs])

    def _best_table(self) -> Table:
        own = hidden_columns([query.fields for query in self.queries])
        rows = [
            (
                query.id,
                query.query,
                _highest_cosine(query) if best is None else best.score,
                _NOTHING if best is None else best.location,
                "" if best is None else _excerpt_in(query, best),
                *hidden_cells(query.fields, own),
            )
            for query, best in ((query, self.best(query)) for query in self.queries)
        ]
        columns = (
            *("id", Column("query", main=True), Column("cosine", "score")),
            *(Column("where", main=True), Column("text", main=True)),
        )
        return Table(
            "Best match of each query", (*columns, *own), rows, note=_ORDER, head=len(rows)
        )

    def _matrix_table(self) -> Table | None:
        positions = self._shown_documents()
        if not positions:
            return None
        names = [self.documents[position] for position in positions]
        columns = (Column("query"), *(Column(name, "score") for name in names))
        rows = [
            (Excerpt(query.query), *(_cell(query.matches[position]) for position in positions))
            for query in self.queries
        ]
        note = (
            f"Cosine of the best passage; {_FAR} where nothing is near. The passages are listed in "
            f"'{_PASSAGES}' on a page and in a workbook."
        )
        left_out = len(self.documents) - len(positions)
        if left_out:
            note += (
                f" Left out: {left_out} of {len(self.documents)} documents, in which nothing is "
                "near to any query."
            )
        return Table("Queries and documents", columns, rows, note=note, head=len(rows))

    def _shown_documents(self) -> list[int]:
        """Positions of the documents of the matrix: of many those where something is near."""
        positions = range(len(self.documents))
        if len(self.documents) <= _ALL_SHOWN:
            return list(positions)
        return [
            position
            for position in positions
            if any(query.matches[position] is not None for query in self.queries)
        ]

    def _passages_table(self) -> Table | None:
        if not self._shown_documents():
            return None
        rows = [
            (query.query, document, match.score, match.location, _excerpt(match))
            for query in self.queries
            for document, match in zip(self.documents, query.matches, strict=True)
            if match is not None
        ]
        columns = (
            *(Column("query", "label"), Column("document", "label"), Column("cosine", "score")),
            *("where", Column("text", main=True)),
        )
        return Table(_PASSAGES, columns, rows, head=0)

    def _hits_table(self) -> Table:
        own = hidden_columns([hit.fields for query in self.queries for hit in query.hits])
        rows = [
            (
                query.query,
                hit.rank,
                hit.score,
                hit.location,
                excerpt_of(hit),
                *hidden_cells(hit.fields, own),
            )
            for query in self.queries
            for hit in query.hits
        ]
        columns = (Column("query", "label"), "rank", Column("score", "score"), "where", "text")
        return Table("All matches", (*columns, *own), rows, head=0, printed=False)


def _match(hit: Hit) -> Match:
    """A hit as the match of its document."""
    return Match(
        score=round(hit.scores.get("dense", 0.0), 4),
        id=hit.document_id,
        location=hit.location,
        text=hit.text,
        language=str(hit.fields.get("language", "")),
    )


def _highest_cosine(query: QueryResult) -> float | None:
    return max((hit.scores["dense"] for hit in query.hits if "dense" in hit.scores), default=None)


def _excerpt_in(query: QueryResult, match: Match) -> Excerpt:
    """The passage, with what answers the query marked where it is one of the hits."""
    for hit in query.hits:
        if (hit.document_id, hit.text) == (match.id, match.text):
            return excerpt_of(hit)
    return _excerpt(match)


def _cell(match: Match | None) -> ScoredPassage | str:
    if match is None:
        return _FAR
    return ScoredPassage(match.score, match.location, _excerpt(match))


def _excerpt(match: Match) -> Excerpt:
    return Excerpt(match.text, language=match.language)
