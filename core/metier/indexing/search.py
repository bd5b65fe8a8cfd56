"""Searching an index: candidates by vectors and by terms, and the stages that order them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from metier.indexing.search_results import Hit
from metier.indexing.token_reading import Reading, TokenReader, WordReader
from metier.retrieval.ranking import Candidates, RankedDocument, chunks_wanted, rank
from metier.retrieval.snippet import Snippet, snippet

if TYPE_CHECKING:
    import numpy.typing as npt

    from metier.engine.engine import Engine
    from metier.indexing.conditions import Condition
    from metier.indexing.store import Matches, Row, Store
    from metier.models.embedder import TokenStates, TokenStateSink
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings
    from metier.retrieval.terms import Analyzer

_WIDTHS = (1, 4, 16)
"""How many times as many chunks are asked for while they are of too few documents."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a search asks for.

    Attributes:
        settings: weights of the stages, and what terms are made of.
        instruction: for the queries; None for the model's default.
        top_k: how many documents.
        where: what their fields have to be.
        dim: numbers of rotated vectors to compare; None for all of the vectors as they are.
        rerank: whether the Runtime's reranker reads the best.
        snippets: whether hits say why they were found, which takes some time.
    """

    settings: RetrievalSettings
    instruction: Instruction | None
    top_k: int
    where: Condition | None = None
    dim: int | None = None
    rerank: bool = False
    snippets: bool = True


class Searcher:
    """Searches one store with the models of an Engine, and remembers tokens it looked at."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store
        self._tokens = TokenReader(engine)
        self._words: tuple[tuple[str, str], WordReader] | None = None

    def keep_tokens(
        self, settings: RetrievalSettings, instruction: Instruction | None
    ) -> TokenStateSink | None:
        """What to tell the tokens of chunks that are embedded; None where no search needs them."""
        return self._tokens.keep(instruction) if settings.interaction else None

    def search(self, queries: Sequence[str], wanted: SearchRequest) -> list[list[Hit]]:
        """The hits of each query, best first; see `Index.search`."""
        full = self._store.manifest.provenance.dim
        told: dict[str, TokenStates] = {}

        def tell(query: str, states: TokenStates) -> bool:
            told[query] = states
            return True

        vectors = self._engine.embed(
            queries,
            "query",
            instruction=wanted.instruction,
            dim=full,
            states=tell if self._tokens.reads(wanted.settings) else None,
        )
        count = chunks_wanted(wanted.top_k)
        near = self._store.nearest(vectors, count, wanted.where, dim=wanted.dim)
        words = self._reader(wanted.settings)
        read = self._tokens.read(
            queries, told, wanted.settings, wanted.instruction, words.analyzer, self._store.rarity
        )
        readings: Sequence[Reading | None] = [None] * len(queries) if read is None else read
        aspects = self._aspects(queries, wanted)
        return [
            self._hits(query, vector, found, wanted, words, reading, aspect)
            for query, vector, found, reading, aspect in zip(
                queries, np.asarray(vectors), near, readings, aspects, strict=True
            )
        ]

    def _reader(self, settings: RetrievalSettings) -> WordReader:
        """What makes terms; the same one until the settings say otherwise."""
        made_of = (settings.terms, settings.language)
        known = self._words
        if known is None or known[0] != made_of:
            known = self._words = (made_of, WordReader(settings))
        return known[1]

    def _aspects(
        self, queries: Sequence[str], wanted: SearchRequest
    ) -> list[npt.NDArray[np.float32] | None]:
        """The vector of what each query asks of its subject."""
        asked = [wanted.settings.aspect_of(query) for query in queries]
        known = sorted({one for one in asked if one is not None})
        if not known:
            return [None] * len(asked)
        full = self._store.manifest.provenance.dim
        made = self._engine.embed(
            known, "query", instruction=wanted.instruction, dim=full, memorize=True
        )
        vectors = dict(zip(known, np.asarray(made), strict=True))
        return [None if one is None else vectors[one] for one in asked]

    def _hits(
        self,
        query: str,
        vector: npt.NDArray[np.float32],
        near: Matches,
        wanted: SearchRequest,
        words: WordReader,
        reading: Reading | None,
        asked: npt.NDArray[np.float32] | None,
    ) -> list[Hit]:
        settings = _settings(wanted.settings, reading)
        if not settings.interaction:
            reading = None
        terms = words.analyzer.names(query) if settings.lexical else []
        candidates, rows = self._candidates(vector, near, terms, wanted)
        contents = [row.chunk.content for row in rows]

        def by_tokens(places: Sequence[int]) -> npt.NDArray[np.float32]:
            assert reading is not None
            return reading.scores([contents[one] for one in places])

        def by_aspect(places: Sequence[int]) -> npt.NDArray[np.float32]:
            assert asked is not None
            ids = [candidates.ids[one] for one in places]
            cosines = self._cosines(ids, asked)
            return np.array([cosines.get(one, 0.0) for one in ids], dtype=np.float32)

        def by_heading(places: Sequence[int]) -> npt.NDArray[np.float32]:
            headings = [rows[one].chunk.heading for one in places]
            cosines = self._headings(headings, vector, wanted)
            whole = candidates.dense[list(places)]
            return np.array(
                [cosines.get(one, other) for one, other in zip(headings, whole, strict=True)],
                dtype=np.float32,
            )

        def by_words(places: Sequence[int]) -> list[Sequence[str]]:
            return [words.names(candidates.ids[one], contents[one]) for one in places]

        def by_reranker(places: Sequence[int]) -> npt.NDArray[np.float32]:
            read = [contents[one] for one in places]
            ranked = self._engine.rerank(query, read, instruction=wanted.instruction)
            scores = np.empty(len(read), dtype=np.float32)
            scores[[one.index for one in ranked]] = [one.score for one in ranked]
            return scores

        found = rank(
            candidates,
            settings,
            wanted.top_k,
            aspect=by_aspect if asked is not None else None,
            interaction=by_tokens if reading is not None else None,
            heading=by_heading if any(row.chunk.heading for row in rows) else None,
            terms=by_words,
            rerank=by_reranker if wanted.rerank else None,
        )
        hits = [_hit(number, one, rows[one.place]) for number, one in enumerate(found, start=1)]
        if not wanted.snippets:
            return hits
        return [
            replace(hit, snippet=self._snippet(query, rows[one.place], words.analyzer, reading))
            for hit, one in zip(hits, found, strict=True)
        ]

    def _candidates(
        self,
        vector: npt.NDArray[np.float32],
        near: Matches,
        terms: Sequence[str],
        wanted: SearchRequest,
    ) -> tuple[Candidates, list[Row]]:
        """What either search found, with its scores in both.

        Where the chunks of few documents stand before all others, more are asked for, until there
        are as many documents as are wanted, or it is a thousand chunks and more.
        """
        least = chunks_wanted(wanted.top_k)
        for width in _WIDTHS:
            count = width * least
            if width > 1:
                asked = vector[np.newaxis]
                (near,) = self._store.nearest(asked, count, wanted.where, dim=wanted.dim)
            candidates, rows = self._best_chunks(vector, near, terms, count, wanted)
            if len(near.ids) < count or len(set(candidates.documents)) >= wanted.top_k:
                break
        return candidates, rows

    def _best_chunks(
        self,
        vector: npt.NDArray[np.float32],
        near: Matches,
        terms: Sequence[str],
        count: int,
        wanted: SearchRequest,
    ) -> tuple[Candidates, list[Row]]:
        dense = dict(zip(near.ids, near.scores.tolist(), strict=True))
        lexical: dict[str, float] = {}
        if terms:
            found = self._store.search_terms(terms, count, wanted.where)
            lexical = dict(zip(found.ids, found.scores.tolist(), strict=True))
            far = [one for one in found.ids if one not in dense]
            if wanted.dim is None or wanted.dim >= len(vector):
                dense |= self._cosines(far, vector)
            unmatched = [one for one in near.ids if one not in lexical]
            if unmatched:
                scores = self._store.score_terms(terms, unmatched)
                lexical |= zip(unmatched, scores.tolist(), strict=True)
        rows = self._store.rows(list(dict.fromkeys([*near.ids, *lexical])))
        ids = [row.chunk.id for row in rows]  # what is removed meanwhile is not found
        least = min(dense.values(), default=0.0)  # by short vectors the rest is no nearer than this
        candidates = Candidates(
            ids,
            [row.chunk.document_id for row in rows],
            np.array([dense.get(one, least) for one in ids], dtype=np.float32),
            np.array([lexical[one] for one in ids], dtype=np.float32) if terms else None,
        )
        return candidates, rows

    def _cosines(self, ids: list[str], vector: npt.NDArray[np.float32]) -> dict[str, float]:
        """The cosines of chunks with a vector, but for those that were removed meanwhile."""
        if not ids:
            return {}
        vectors = self._store.vectors(ids)
        if len(vectors) < len(ids):  # a store does not say which it passed over
            return self._cosines([row.chunk.id for row in self._store.rows(ids)], vector)
        return dict(zip(ids, (vectors @ vector).tolist(), strict=True))

    def _headings(
        self, headings: Sequence[str], vector: npt.NDArray[np.float32], wanted: SearchRequest
    ) -> dict[str, float]:
        """The cosine of a query with each heading; the empty one has none."""
        known = sorted({one for one in headings if one})
        if not known:
            return {}
        made = self._engine.embed(
            known,
            "document",
            instruction=wanted.instruction,
            dim=len(vector),
            progress=False,
            memorize=True,
        )
        return dict(zip(known, (np.asarray(made) @ vector).tolist(), strict=True))

    def _snippet(
        self, query: str, row: Row, analyzer: Analyzer, reading: Reading | None
    ) -> Snippet:
        chunk = row.chunk
        before = len(chunk.content) - len(chunk.text)

        def likeness(stretches: Sequence[tuple[int, int]]) -> list[float]:
            assert reading is not None
            moved = [(start + before, end + before) for start, end in stretches]
            return reading.likeness(chunk.content, moved)

        found = snippet(
            query,
            chunk.text,
            analyzer,
            self._store.rarity,
            likeness if reading is not None else None,
        )
        return replace(found, start=chunk.start + found.start, end=chunk.start + found.end)


def _settings(wanted: RetrievalSettings, reading: Reading | None) -> RetrievalSettings:
    """What the domain wants, with what the model can."""
    if reading is not None and not reading.is_legible and wanted.lexical:
        return wanted.model_copy(
            update={"dense": 0.0, "interaction": 0.0, "heading": 0.0, "aspect": 0.0}
        )
    return wanted.of_model(reads_tokens=reading is not None)


def _hit(rank: int, found: RankedDocument, row: Row) -> Hit:
    chunk = row.chunk
    return Hit(
        rank=rank,
        score=found.score,
        id=chunk.id,
        document_id=chunk.document_id,
        source=row.source,
        place=chunk.place,
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        scores=found.scores,
        fields=row.fields,
    )
