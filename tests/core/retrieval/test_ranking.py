"""Ranking: stages fused by their weights, documents by their best chunks, ties by id."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from metier import MetierError, Runtime
from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval.ranking import rank
from metier.retrieval.stages.stage import SearchCandidate, SearchContext, SearchPhase, SearchStage
from metier.retrieval.stages.table import STAGES, stage_weights
from metier.retrieval.terms import TermCache
from metier.testing.fakes import FakeEmbedder

BOTH = RetrievalSettings(dense=1, lexical=1, interaction=0)
ALL = RetrievalSettings(dense=1, lexical=1, interaction=2)
CLOSE_LOOK = ALL.close_look


class ScoredStage(SearchStage):
    """Gives the scores of a function, and remembers the positions it was asked for."""

    summary = "scores of a function"

    def __init__(self, name, score, phase=SearchPhase.CLOSE_LOOK):
        self.name, self.phase, self.score, self.asked = name, phase, score, []

    def scores(self, context, positions):
        self.asked.append(list(positions))
        return np.array([self.score(position) for position in positions], dtype=np.float32)


def context(dense, lexical, documents=None, contents=None):
    ids = [f"{position:03}" for position in range(len(dense))]
    names = documents or ids
    texts = contents or [""] * len(dense)
    settings = RetrievalSettings()
    return SearchContext(
        query="a storm",
        vector=np.zeros(8, dtype=np.float32),
        settings=settings,
        weights={},
        candidates=[
            SearchCandidate(f"chunk-{id}", name, text)
            for id, name, text in zip(ids, names, texts, strict=True)
        ],
        dense=np.array(dense, dtype=np.float32),
        lexical=None if lexical is None else np.array(lexical, dtype=np.float32),
        engine=Runtime(FakeEmbedder(), plugins=[], progress=False).engine,
        instruction=None,
        terms=TermCache(settings),
        rarity=lambda term: 1.0,
        cosines=lambda ids, vector: {},
    )


def ranked(given, settings, top_k, *others):
    """The ranking by the stages of metier, some of them replaced by others."""
    stages = {**STAGES, **{stage.name: stage for stage in others}}
    weights = stage_weights(settings, stages)
    return rank(
        replace(
            given,
            settings=settings,
            weights=weights,
            rerank="rerank" in {stage.name for stage in others},
        ),
        stages.values(),
        top_k,
    )


def order(documents) -> list[int]:
    return [document.position for document in documents]


def test_stages_count_by_their_weights():
    given = context([0.9, 0.5, 0.1], [0.0, 0.6, 0.7])
    found = ranked(given, BOTH, 3)
    assert order(found) == [1, 0, 2]
    assert found[0].score == found[0].scores["fused"] == pytest.approx((0.5 + 0.6) / 2)
    by_vectors = RetrievalSettings(dense=1, lexical=0, interaction=0)
    assert order(ranked(given, by_vectors, 3)) == [0, 1, 2]
    by_words = RetrievalSettings(dense=0, lexical=3, interaction=0)
    assert order(ranked(given, by_words, 3)) == [2, 1, 0]


def test_a_score_is_no_other_for_what_else_was_found():
    few = ranked(context([0.9, 0.5], [0.0, 0.6]), BOTH, 2)
    many = ranked(context([0.9, 0.5, 0.95, 0.2], [0.0, 0.6, 0.9, 0.9]), BOTH, 4)
    assert {one.position: one.score for one in few}.items() <= {
        one.position: one.score for one in many
    }.items()


def test_a_document_has_the_best_of_its_chunks_in_each_stage():
    given = context([0.9, 0.2, 0.8], [0.0, 0.9, 0.4], "aab")
    first, second = ranked(given, BOTH, 5)
    assert (first.position, second.position) == (1, 2)
    assert first.scores == pytest.approx({"dense": 0.9, "lexical": 0.9, "fused": 0.9})


def test_equal_documents_stand_in_the_order_of_their_ids():
    given = context([0.5, 0.5, 0.5, 0.5 + 1e-8], [0.1] * 4, ["d", "b", "c", "a"])
    assert order(ranked(given, BOTH, 4)) == [3, 1, 2, 0]


def test_a_close_look_is_asked_for_the_best_and_decides_among_them():
    given = context([0.5, 0.6, 0.1], [0.5, 0.4, 0.1])
    documents = ranked(given, ALL, 3, ScoredStage("interaction", [0.9, 0.2, 0.1].__getitem__))
    assert order(documents) == [0, 1, 2]
    assert documents[0].score == pytest.approx((0.5 + 0.5 + 2 * 0.9) / 4, abs=1e-6)


def test_what_a_close_look_did_not_reach_counts_as_the_worst_it_saw():
    count = CLOSE_LOOK + 20
    given = context([1 - position / 100 for position in range(count)], None)
    look = ScoredStage("interaction", lambda position: 0.3)
    documents = ranked(given, ALL, count, look)
    assert look.asked == [list(range(CLOSE_LOOK))]
    assert order(documents) == list(range(count))
    assert ["interaction" in document.scores for document in documents] == (
        [True] * CLOSE_LOOK + [False] * 20
    )
    assert documents[-1].score == pytest.approx((given.dense[-1] + 2 * 0.3) / 3, abs=1e-6)


def test_settings_say_how_many_are_looked_at_closely():
    given = context([1 - position / 100 for position in range(30)], None)
    look = ScoredStage("interaction", lambda position: 0.3)
    settings = ALL.model_copy(update={"close_look": 10})
    documents = ranked(given, settings, 30, look)
    assert look.asked == [list(range(10))]
    assert ["interaction" in document.scores for document in documents] == [True] * 10 + [
        False
    ] * 20


def test_fewer_hits_are_the_first_of_more():
    given = context(
        [1 - position / 100 for position in range(70)], [(row % 7) / 10 for row in range(70)]
    )
    look = ScoredStage("interaction", lambda position: (position % 5) / 5)
    assert order(ranked(given, ALL, 5, look)) == order(ranked(given, ALL, 60, look))[:5]


def test_stages_of_a_close_look_see_the_same_candidates_and_count_by_their_weights():
    given = context([0.5] * (CLOSE_LOOK + 1), None)
    tokens, headings = (
        ScoredStage(name, lambda position: 0.1 if position else 0.9)
        for name in ("interaction", "heading")
    )
    settings = RetrievalSettings(dense=1, lexical=0, interaction=1, heading=2)
    documents = ranked(given, settings, CLOSE_LOOK + 1, tokens, headings)
    assert tokens.asked == headings.asked == [list(range(CLOSE_LOOK))]
    assert documents[0].score == pytest.approx((0.5 + 0.9 + 2 * 0.9) / 4)
    assert "heading" not in documents[-1].scores
    without = ranked(given, settings.model_copy(update={"heading": 0.0}), 1, tokens, headings)
    assert without[0].scores.keys() == {"dense", "interaction", "fused"}


def test_without_interaction_the_other_stages_count_as_ever():
    given = context([0.9, 0.5], [0.0, 0.6])
    assert ranked(given, ALL, 2) == ranked(given, BOTH, 2)


def test_a_reranker_orders_the_best_and_keeps_what_was_before():
    given = context([0.9, 0.8, 0.7], [0.1, 0.1, 0.1])
    reranker = ScoredStage("rerank", [0.2, 0.9, 0.2].__getitem__, SearchPhase.RERANK)
    reranker.always = True
    first, second = ranked(given, BOTH, 2, reranker)
    assert (first.position, second.position) == (1, 0)
    assert first.score == first.scores["rerank"] == pytest.approx(0.9)
    assert first.scores["fused"] == pytest.approx(0.45)


def test_a_search_by_terms_alone_takes_the_vectors_where_a_query_has_no_terms():
    by_words = RetrievalSettings(dense=0, lexical=1, interaction=0)
    found = ranked(context([0.1, 0.9], None), by_words, 2)
    assert order(found) == [1, 0]
    assert found[0].score == pytest.approx(0.9)


def test_feedback_draws_up_what_is_like_the_best():
    contents = ["storm delay"] * 5 + ["price", "storm flood"]
    given = context([0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.49], None, contents=contents)
    settings = RetrievalSettings(dense=1, lexical=0, interaction=0, feedback=1)
    documents = ranked(given, settings, 7)
    assert order(documents) == [0, 1, 2, 3, 4, 6, 5]
    assert documents[0].scores["feedback"] > documents[5].scores["feedback"] > 0
    assert documents[6].scores["feedback"] == 0
    assert order(ranked(given, ALL, 7)) == [0, 1, 2, 3, 4, 5, 6]


def test_where_nothing_was_found_nothing_is_like_the_best():
    by_words = RetrievalSettings(dense=0, lexical=1, interaction=0, feedback=1)
    given = context([0.9, 0.1], [0.0, 0.0], contents=["storm", "storm"])
    documents = ranked(given, by_words, 2)
    assert [document.score for document in documents] == [0.0, 0.0]
    assert all("feedback" not in document.scores for document in documents)


def test_of_equal_chunks_a_document_is_shown_by_the_one_of_the_lower_id():
    (found,) = ranked(context([0.5, 0.5], None, "aa"), BOTH, 2)
    assert found.position == 0


def test_nothing_is_ranked_of_nothing():
    assert ranked(context([], []), ALL, 3) == []


@pytest.mark.parametrize("scores", [[0.5], [0.5, np.nan], [[0.5, 0.5]], []])
def test_a_stage_that_gives_no_number_for_a_candidate_is_refused(scores):
    class BrokenStage(ScoredStage):
        def scores(self, context, positions):
            return np.array(scores, dtype=np.float32)

    broken = BrokenStage("interaction", None)
    with pytest.raises(MetierError, match="'interaction' gave no scores for 2 candidates"):
        ranked(context([0.9, 0.1], None), ALL, 2, broken)
