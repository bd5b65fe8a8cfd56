"""Search in texts: the step of every search workflow, and its result."""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import InitVar, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from metier.chunking.chunk import content_of
from metier.chunking.chunker import Chunker
from metier.indexing.search_options import SearchOptions
from metier.indexing.search_results import Hit
from metier.registry.instruction import Instruction
from metier.results.left_out import to_left_out
from metier.results.own_columns import hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table, shorten
from metier.retrieval.snippet import Snippet
from metier.texts.reader import LeftOut
from metier.texts.rows import Item
from metier.texts.splitter import Section, Splitter, undivided

if TYPE_CHECKING:
    from metier.indexing.index import Index
    from metier.registry.retrieval_settings import RetrievalSettings
    from metier.runtime.runtime import Runtime


_LONGEST_SHOWN = 500
"""Characters of a query that a headline shows."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that can be found.

    Attributes:
        id: unique in a search.
        text: what is shown.
        location: where it is, for people (`shop/cart.py:12`, `supply.txt, 7.2`).
        content: what is compared with the query; None for `text`.
        title: read before it, and before each part of a passage too long for the model.
        facts: fields of its hit, and more columns of a result row.
        document: what it is a part of, such as a contract; empty for itself.
        place: deprecated name of `location`.
    """

    id: str
    text: str
    location: str = ""
    content: str | None = None
    title: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    document: str = ""
    place: InitVar[str | None] = None

    def __post_init__(self, place: str | None) -> None:
        if place is not None:
            text = "Passage(place=...) is now Passage(location=...)"
            warnings.warn(text, DeprecationWarning, stacklevel=3)
            object.__setattr__(self, "location", place)


class SearchResult(Result):
    """What was found for a query, best first.

    Attributes:
        query: in the user's words.
        noun: what the passages are.
        searched: how many passages there were.
        hits: the passages found; `id` and `document_id` are those of the passage, and `fields` its
            facts.
    """

    query: str
    noun: str
    searched: int
    hits: tuple[Hit, ...]

    def title(self) -> str:
        return f"Search in {self.noun}"

    def headline(self) -> str:
        query = self.query
        if len(query) > _LONGEST_SHOWN:
            query = shorten(query, _LONGEST_SHOWN)
        return f"Best {len(self.hits)} of {self.searched} {self.noun} for: {query}"

    def tables(self) -> list[Table]:
        own = hidden_columns([hit.fields for hit in self.hits])
        return [
            Table(
                "",
                ("rank", Column("score", "score"), "where", "text", *own),
                [
                    (
                        hit.rank,
                        hit.score,
                        hit.location,
                        excerpt_of(hit),
                        *hidden_cells(hit.fields, own),
                    )
                    for hit in self.hits
                ],
                head=len(self.hits),
            )
        ]

    def rows(self) -> list[dict[str, Any]]:
        return rows_beside(map(hit_row, self.hits), [hit.fields for hit in self.hits])


HIT_COLUMNS = (
    *("rank", "id", "location", "score", "cosine", "rerank"),
    *("text", "snippet", "words", "sentence"),
)
"""Names in `hit_row`."""


def hit_row(hit: Hit) -> dict[str, Any]:
    """Columns of a hit in the rows of a result, without its fields."""
    snippet = hit.snippet or Snippet("", 0, 0)
    return {
        "rank": hit.rank,
        "id": hit.id,
        "location": hit.location,
        "score": hit.score,
        "cosine": hit.scores.get("dense"),
        "rerank": hit.scores.get("rerank"),
        "text": hit.text,
        "snippet": snippet.text,
        "words": ", ".join(snippet.words),
        "sentence": snippet.sentence,
    }


def excerpt_of(hit: Hit) -> Excerpt:
    """The passage with its snippet marked, or what in it answers best."""
    language = str(hit.fields.get("language", ""))
    snippet = hit.snippet
    if snippet is None or language:
        return Excerpt(hit.text, language=language)
    best = snippet.sentence or snippet.text
    start = hit.text.find(best)
    return Excerpt(hit.text, ((start, start + len(best)),) if best and start >= 0 else ())


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
    retrieval: RetrievalSettings | None = None,
    skipped: Sequence[LeftOut | str] = (),
) -> SearchResult:
    """Find the passages that answer a query under an instruction.

    Args:
        rt: the Runtime.
        query: in the user's words.
        passages: what is searched, as `Runtime.index` does: one too long for the model is cut into
            parts and ranked by the best of them.
        instruction: id or `Instruction`; its domain says how the stages of a search are weighted.
        noun: what the passages are, for people.
        top_k: how many hits.
        dim: vector size; None for the instruction's default.
        rerank: let the Runtime's reranker order the best passages; None if it has one and neither
            the instruction nor its domain says otherwise.
        retrieval: weights of the stages; None for those of the domain.
        skipped: files without passages since they cannot be read, each with the reason.
    """
    if rerank:
        rt.engine.require_reranker()  # before the passages are embedded
    index = index_passages(rt, passages, instruction, dim, noun)
    known = {passage.id: passage for passage in passages}
    prepared = PreparedSearch(index, known, noun, to_left_out(skipped), retrieval)
    options = SearchOptions(top_k, rerank=rerank, retrieval=retrieval)
    result = prepared.search(rt, query, options)
    watch = _watch.get()
    if watch is not None:
        watch.append((prepared, options, result))
    return result


@dataclass(frozen=True, slots=True)
class PreparedSearch:
    """Passages that were embedded once, to search in them again.

    Attributes:
        index: of the passages.
        passages: by id.
        noun: what they are, for people.
        skipped: files without passages, each with the reason.
        retrieval: weights of the stages; None for those of the domain.
    """

    index: Index
    passages: Mapping[str, Passage]
    noun: str
    skipped: tuple[LeftOut, ...]
    retrieval: RetrievalSettings | None

    def search(self, rt: Runtime, query: str, options: SearchOptions) -> SearchResult:
        """Find the passages that answer a query.

        Args:
            rt: whose engine embeds the query; it has the models of the index.
            query: in the user's words.
            options: of the search.
        """
        hits = self.index.with_engine(rt.engine).search(query, options=options)
        return SearchResult(
            query=query,
            noun=self.noun,
            searched=len(self.passages),
            skipped=self.skipped,
            hits=passage_hits(hits, self.passages),
        )


Watched = tuple[PreparedSearch, SearchOptions, SearchResult]

_watch: ContextVar[list[Watched] | None] = ContextVar("watch", default=None)


@contextmanager
def watch_searches() -> Iterator[list[Watched]]:
    """Collect every search of `search_passages` inside: what it prepared, asked and found."""
    searches: list[Watched] = []
    token = _watch.set(searches)
    try:
        yield searches
    finally:
        _watch.reset(token)


def index_passages(
    rt: Runtime,
    passages: Sequence[Passage],
    instruction: str | Instruction,
    dim: int | None,
    noun: str,
) -> Index:
    """An index in memory in which every passage is one document."""
    items = [
        Item(
            passage.id,
            passage.content or passage.text,
            {"title": passage.title} if passage.title else {},
        )
        for passage in passages
    ]
    return rt.index(items, instruction=instruction, dim=dim, source=noun, splitter=undivided)


def document_passages(
    rt: Runtime,
    documents: Sequence[Item],
    *,
    splitter: Splitter,
    instruction: str | Instruction,
) -> list[Passage]:
    """The passages of documents, cut where an index with this splitter cuts them.

    Each is a section of the splitter, or a part of one that is too long for the model. It is
    compared under the headings of its section, and the document's title is read before it. Ids are
    such as `contract.txt:120-480`, with the offsets in the document.

    Args:
        rt: its model counts the tokens.
        documents: their titles are the fields `title`, `headline` or `subject`.
        splitter: divides documents into sections.
        instruction: id or `Instruction` of the search.

    Returns:
        Passages in order, with the facts `source`, `start` and `end`.
    """
    if not isinstance(instruction, Instruction):
        instruction = rt.instructions.get(instruction)
    chunker = Chunker.of(rt.embedder, {}, max_tokens=None, overlap=None, splitter=splitter)
    passages = []
    for document, chunks in zip(
        documents, chunker.chunk(documents, rt.embedder, instruction), strict=True
    ):
        sections = list(splitter(document.text, document.id))
        for chunk in chunks:
            heading = _heading_at(sections, chunk.start)
            passages.append(
                Passage(
                    id=f"{document.id}:{chunk.start}-{chunk.end}",
                    text=chunk.text,
                    location=f"{document.id}, {heading}" if heading else document.id,
                    content=content_of(heading, chunk.text),
                    title=document.title or "",
                    facts={
                        "source": document.id,
                        "start": chunk.start,
                        "end": chunk.end,
                        **document.fields,
                        **chunk.fields,
                    },
                    document=document.id,
                )
            )
    return passages


def _heading_at(sections: Sequence[Section], offset: int) -> str:
    """Headings of the section that holds an offset; empty where none does."""
    index = bisect_right(sections, offset, key=lambda section: section.start) - 1
    if index < 0 or offset >= sections[index].end:
        return ""
    return ", ".join(sections[index].headings)


def passage_hits(hits: Sequence[Hit], passages: Mapping[str, Passage]) -> tuple[Hit, ...]:
    """The hits of an index of passages, with what the passages, here by id, say of themselves."""
    return tuple(_hit(hit, passages[hit.document_id]) for hit in hits)


def _hit(hit: Hit, passage: Passage) -> Hit:
    """The hit of an index as that of a passage, which is found as a whole."""
    return replace(
        hit,
        score=round(hit.score, 6),
        id=passage.id,
        location=passage.location,
        start=0,
        end=len(passage.text),
        text=passage.text,
        scores={name: round(score, 6) for name, score in hit.scores.items()},
        fields=dict(passage.facts),
    )
