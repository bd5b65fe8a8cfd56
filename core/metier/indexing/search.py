"""Searching an index: candidates by vectors and by terms, and the stages that order them."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metier.errors import PluginError
from metier.indexing.near_search import near_search
from metier.indexing.search_results import Hit
from metier.retrieval.query_subject import read_query
from metier.retrieval.query_words import QueryWords
from metier.retrieval.ranking import RankedDocument, candidate_count, rank
from metier.retrieval.snippet import Snippet, snippet
from metier.retrieval.stages.stage import SearchCandidate, SearchContext, SearchStage
from metier.retrieval.stages.table import Stages, call_stage, stage_weights
from metier.retrieval.terms import TermCache
from metier.retrieval.token_reading import QueryTokens, TokenReader

if TYPE_CHECKING:
    import numpy.typing as npt

    from metier.engine.engine import Engine
    from metier.indexing.near_search import NearRule, NearSearch
    from metier.indexing.search_options import SearchOptions
    from metier.indexing.store import Matches, Row, Store
    from metier.models.embedder import TokenStates, TokenStateSink
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings


_WIDTHS = (1, 4, 16)
"""How many times as many chunks are asked for while they are of too few documents."""


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What a search does: its options, and what was decided where they leave it open.

    Attributes:
        options: as they were given.
        settings: weights of the stages, and what terms are made of.
        stages: that there are.
        instruction: for the queries; None for the model's default.
        rerank: whether the reranker reads the best.
    """

    options: SearchOptions
    settings: RetrievalSettings
    stages: Stages
    instruction: Instruction | None = None
    rerank: bool = False


@dataclass(frozen=True, slots=True)
class _Query:
    """A query of a search, and what was found out about it with the others.

    Attributes:
        text: as given.
        vector: (dim,) of it.
        nearest: the first chunks by vectors.
        tokens: the query token by token; None where they do not count.
        terms: that lexical search looks for; empty where it does not count.
        weights: of each stage for this query.
    """

    text: str
    vector: npt.NDArray[np.float32]
    nearest: Matches
    tokens: QueryTokens | None
    terms: Sequence[str]
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """n chunks with their scores in both searches, as `SearchContext` has them."""

    rows: list[Row]
    dense: npt.NDArray[np.float32]
    lexical: npt.NDArray[np.float32] | None


class Searcher:
    """Searches one store with the models of an engine, and remembers tokens it looked at."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store
        self._tokens = TokenReader(engine)
        self._terms: tuple[tuple[str, str], TermCache] | None = None

    def with_engine(self, engine: Engine) -> Searcher:
        """A searcher that uses another engine and what this one remembers."""
        clone = copy.copy(self)
        clone._engine = engine
        clone._tokens = TokenReader(engine)
        return clone

    def keep_tokens(
        self, settings: RetrievalSettings, instruction: Instruction | None
    ) -> TokenStateSink | None:
        """A sink for token states of chunks that are embedded; None where no search needs it."""
        return self._tokens.keep(instruction) if settings.interaction else None

    def search(self, queries: Sequence[str], plan: SearchPlan) -> list[list[Hit]]:
        """The hits of each query, best first; see `Index.search`."""
        return self._search(queries, plan, *self._embed(queries, plan))

    def search_near(self, queries: Sequence[str], plan: SearchPlan, rule: NearRule) -> NearSearch:
        """What is near each query, in the hits and in each document; see `Index.search_near`."""
        vectors, states = self._embed(queries, plan)
        hits = self._search(queries, plan, vectors, states)
        analyzer = self._term_cache(plan.settings).analyzer
        words = [QueryWords(analyzer, query) for query in queries]
        return near_search(self._store, hits, vectors, words, rule, plan.options.where)

    def _embed(
        self, queries: Sequence[str], plan: SearchPlan
    ) -> tuple[npt.NDArray[np.float32], dict[str, TokenStates]]:
        """The vectors of queries, (queries, dim), and the states of their tokens if they count."""
        states: dict[str, TokenStates] = {}

        def keep(query: str, of_query: TokenStates) -> bool:
            states[query] = of_query
            return True

        vectors = self._engine.embed(
            _subjects(queries, plan),
            "query",
            instruction=plan.instruction,
            dim=self._store.manifest.provenance.dim,
            states=keep if self._tokens.reads(plan.settings) else None,
            long_texts="pool",  # as the parts of a long document are all compared
        )
        return np.asarray(vectors), states

    def _search(
        self,
        queries: Sequence[str],
        plan: SearchPlan,
        vectors: npt.NDArray[np.float32],
        states: dict[str, TokenStates],
    ) -> list[list[Hit]]:
        options, settings, instruction = plan.options, plan.settings, plan.instruction
        count = self._candidate_count(options)
        nearest = self._store.nearest(vectors, count, options.where, dim=options.dim)
        terms = self._term_cache(settings)
        tokens = self._tokens.read(
            queries, states, settings, instruction, terms.analyzer, self._store.rarity
        )
        query_vectors = self._query_vectors(queries, plan)
        hits = []
        for text, subject, vector, matches, read in zip(
            queries, _subjects(queries, plan), vectors, nearest, tokens, strict=True
        ):
            weights = _weights(plan, read)
            words = terms.analyzer.names(subject) if weights["lexical"] else []
            used = read if weights["interaction"] else None
            query = _Query(text, vector, matches, used, words, weights)
            hits.append(self._hits(query, plan, terms, query_vectors))
        return hits

    def _term_cache(self, settings: RetrievalSettings) -> TermCache:
        """What makes terms; the same one until the settings say otherwise."""
        made_of = (settings.terms, settings.language)
        known = self._terms
        if known is None or known[0] != made_of:
            known = self._terms = (made_of, TermCache(settings))
        return known[1]

    def _query_vectors(
        self, queries: Sequence[str], plan: SearchPlan
    ) -> dict[str, npt.NDArray[np.float32]]:
        """The vectors of the texts that stages ask for, see `SearchStage.query_texts`."""
        weights = stage_weights(plan.settings, plan.stages)
        stages = [plan.stages[name] for name, weight in weights.items() if weight]
        texts = sorted(
            {
                text
                for stage in stages
                for query in queries
                for text in _query_texts(stage, query, plan.settings)
            }
        )
        if not texts:
            return {}
        vectors = self._engine.embed(
            texts,
            "query",
            instruction=plan.instruction,
            dim=self._store.manifest.provenance.dim,
            memorize=True,
        )
        return dict(zip(texts, np.asarray(vectors), strict=True))

    def _hits(
        self,
        query: _Query,
        plan: SearchPlan,
        terms: TermCache,
        query_vectors: dict[str, npt.NDArray[np.float32]],
    ) -> list[Hit]:
        candidates = self._candidates(query, plan.options)
        context = SearchContext(
            query=query.text,
            vector=query.vector,
            settings=plan.settings,
            weights=query.weights,
            candidates=[_candidate(row, plan.options.parts) for row in candidates.rows],
            dense=candidates.dense,
            lexical=candidates.lexical,
            engine=self._engine,
            instruction=plan.instruction,
            terms=terms,
            rarity=self._store.rarity,
            cosines=self._cosines,
            tokens=query.tokens,
            query_vectors=query_vectors,
            rerank=plan.rerank,
        )
        ranked = rank(context, plan.stages.values(), plan.options.top_k)
        rows = [candidates.rows[document.position] for document in ranked]
        snippets = self._snippets(context, rows) if plan.options.snippets else [None] * len(rows)
        return [
            _hit(number, document, row, why)
            for number, (document, row, why) in enumerate(
                zip(ranked, rows, snippets, strict=True), start=1
            )
        ]

    def _candidate_count(self, options: SearchOptions) -> int:
        """How many chunks either search looks for: not more than there are."""
        return min(candidate_count(options.top_k), max(1, len(self._store)))

    def _candidates(self, query: _Query, options: SearchOptions) -> _Candidates:
        """What either search found, with its scores in both.

        Where the chunks of few documents stand before all others, more are asked for, until there
        are as many documents as are wanted, or it is a thousand chunks and more.
        """
        least = self._candidate_count(options)
        nearest = query.nearest
        for width in _WIDTHS:
            count = width * least
            if width > 1:
                vectors = query.vector[np.newaxis]
                (nearest,) = self._store.nearest(vectors, count, options.where, dim=options.dim)
            candidates = self._best_chunks(query, nearest, count, options)
            documents = {_part_id(row, options.parts) for row in candidates.rows}
            if len(nearest.ids) < count or len(documents) >= options.top_k:
                break
        return candidates

    def _best_chunks(
        self, query: _Query, nearest: Matches, count: int, options: SearchOptions
    ) -> _Candidates:
        dense = dict(zip(nearest.ids, nearest.scores.tolist(), strict=True))
        lexical: dict[str, float] = {}
        if query.terms:
            matches = self._store.search_terms(query.terms, count, options.where)
            lexical = dict(zip(matches.ids, matches.scores.tolist(), strict=True))
            far = [id for id in matches.ids if id not in dense]
            if options.dim is None or options.dim >= len(query.vector):
                dense |= self._cosines(far, query.vector)
            unmatched = [id for id in nearest.ids if id not in lexical]
            if unmatched:
                scores = self._store.score_terms(query.terms, unmatched)
                lexical |= zip(unmatched, scores.tolist(), strict=True)
        # what was removed meanwhile has no row
        rows = self._store.rows(list(dict.fromkeys([*nearest.ids, *lexical])))
        ids = [row.chunk.id for row in rows]
        least = min(dense.values(), default=0.0)  # by short vectors the rest is no nearer than this
        return _Candidates(
            rows,
            np.array([dense.get(id, least) for id in ids], dtype=np.float32),
            np.array([lexical[id] for id in ids], dtype=np.float32) if query.terms else None,
        )

    def _cosines(self, ids: Sequence[str], vector: npt.NDArray[np.float32]) -> dict[str, float]:
        """The cosines of chunks with a vector, but for those that were removed meanwhile."""
        if not ids:
            return {}
        vectors = self._store.vectors(ids)
        if len(vectors) < len(ids):  # a store does not say which it passed over
            return self._cosines([row.chunk.id for row in self._store.rows(ids)], vector)
        return dict(zip(ids, (vectors @ vector).tolist(), strict=True))

    def _snippets(self, context: SearchContext, rows: Sequence[Row]) -> list[Snippet]:
        terms = {term.name for term in context.terms.analyzer.words(context.query)}
        return [self._snippet(context, terms, row) for row in rows]

    def _snippet(self, context: SearchContext, terms: set[str], row: Row) -> Snippet:
        chunk, tokens = row.chunk, context.tokens
        before = len(chunk.content) - len(chunk.text)

        def similarities(stretches: Sequence[tuple[int, int]]) -> list[float]:
            assert tokens is not None
            moved = [(start + before, end + before) for start, end in stretches]
            return tokens.similarities(chunk.content, moved)

        within = snippet(
            terms,
            chunk.text,
            context.terms.analyzer,
            self._store.rarity,
            None if tokens is None else similarities,
        )
        return within.moved(chunk.start)


def _subjects(queries: Sequence[str], plan: SearchPlan) -> list[str]:
    """What queries look for, whose vectors and terms are compared; tokens are all compared."""
    return [
        # what is no text is refused where it is embedded
        read_query(query, plan.settings).text if isinstance(query, str) else query
        for query in queries
    ]


def _weights(plan: SearchPlan, tokens: QueryTokens | None) -> dict[str, float]:
    """The weights of the stages for a query, as far as the model can serve them."""
    settings = plan.settings.of_model(reads_tokens=tokens is not None)
    weights = stage_weights(settings, plan.stages)
    if tokens is not None and not tokens.is_legible and weights["lexical"]:
        for name in weights:
            if plan.stages[name].needs_known_language:
                weights[name] = 0.0
    return weights


def _query_texts(stage: SearchStage, query: str, settings: RetrievalSettings) -> Sequence[str]:
    texts = call_stage(stage, stage.query_texts, query, settings)
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        raise PluginError(
            f"The search stage {stage.name!r} gave no list of texts but a {type(texts).__name__}.",
            fix="Let query_texts() return a list of strings, which may be empty.",
        )
    return texts


def _part_id(row: Row, names: Sequence[str]) -> str:
    """What chunks of one hit have in common: the document, and the values of some fields."""
    if not names:
        return row.chunk.document_id
    return json.dumps([row.chunk.document_id, *(row.fields.get(name) for name in names)])


def _candidate(row: Row, parts: Sequence[str]) -> SearchCandidate:
    chunk = row.chunk
    return SearchCandidate(
        id=chunk.id,
        document_id=_part_id(row, parts),
        content=chunk.content,
        heading=chunk.heading,
        source=row.source,
        fields=row.fields,
    )


def _hit(rank: int, document: RankedDocument, row: Row, why: Snippet | None) -> Hit:
    chunk = row.chunk
    return Hit(
        rank=rank,
        score=document.score,
        id=chunk.id,
        document_id=chunk.document_id,
        source=row.source,
        location=chunk.location,
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        scores=document.scores,
        fields=row.fields,
        snippet=why,
    )
