"""Ranking: stages fused by their weights, documents by their best chunks, ties by id."""

from __future__ import annotations

import numpy as np
import pytest

from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval.ranking import CLOSE_LOOK, Candidates, rank

BOTH = RetrievalSettings(dense=1, lexical=1, interaction=0)
ALL = RetrievalSettings(dense=1, lexical=1, interaction=2)


def candidates(
    dense: list[float], lexical: list[float] | None, documents: str | list[str] | None = None
) -> Candidates:
    names = [f"{place:03}" for place in range(len(dense))]
    return Candidates(
        [f"chunk-{name}" for name in names],
        list(documents) if documents is not None else names,
        np.array(dense, dtype=np.float32),
        None if lexical is None else np.array(lexical, dtype=np.float32),
    )


def order(found) -> list[int]:
    return [one.place for one in found]


def test_stages_count_by_their_weights():
    given = candidates([0.9, 0.5, 0.1], [0.0, 0.6, 0.7])
    found = rank(given, BOTH, 3)
    assert order(found) == [1, 0, 2]
    assert found[0].score == found[0].scores["fused"] == pytest.approx((0.5 + 0.6) / 2)
    by_vectors = RetrievalSettings(dense=1, lexical=0, interaction=0)
    assert order(rank(given, by_vectors, 3)) == [0, 1, 2]
    by_words = RetrievalSettings(dense=0, lexical=3, interaction=0)
    assert order(rank(given, by_words, 3)) == [2, 1, 0]


def test_a_score_is_no_other_for_what_else_was_found():
    few = rank(candidates([0.9, 0.5], [0.0, 0.6]), BOTH, 2)
    many = rank(candidates([0.9, 0.5, 0.95, 0.2], [0.0, 0.6, 0.9, 0.9]), BOTH, 4)
    assert {one.place: one.score for one in few}.items() <= {
        one.place: one.score for one in many
    }.items()


def test_a_document_has_the_best_of_its_chunks_in_each_stage():
    given = candidates([0.9, 0.2, 0.8], [0.0, 0.9, 0.4], "aab")
    first, second = rank(given, BOTH, 5)
    assert (first.place, second.place) == (1, 2)
    assert first.scores == pytest.approx({"dense": 0.9, "lexical": 0.9, "fused": 0.9})


def test_equal_documents_stand_in_the_order_of_their_ids():
    given = candidates([0.5, 0.5, 0.5, 0.5 + 1e-8], [0.1] * 4, ["d", "b", "c", "a"])
    assert order(rank(given, BOTH, 4)) == [3, 1, 2, 0]


def test_interaction_is_asked_for_the_best_and_decides_among_them():
    given = candidates([0.5, 0.6, 0.1], [0.5, 0.4, 0.1])
    scores = np.array([0.9, 0.2, 0.1], dtype=np.float32)
    found = rank(given, ALL, 3, interaction=lambda places: scores[list(places)])
    assert order(found) == [0, 1, 2]
    assert found[0].score == pytest.approx((0.5 + 0.5 + 2 * 0.9) / 4, abs=1e-6)


def test_what_interaction_did_not_look_at_counts_as_the_worst_it_saw():
    count = CLOSE_LOOK + 20
    given = candidates([1 - place / 100 for place in range(count)], None)
    asked: list[int] = []

    def look(places):
        asked.extend(places)
        return np.full(len(places), 0.3, dtype=np.float32)

    found = rank(given, ALL, count, interaction=look)
    assert asked == list(range(CLOSE_LOOK))
    assert order(found) == list(range(count))
    assert ["interaction" in one.scores for one in found] == [True] * CLOSE_LOOK + [False] * 20
    assert found[-1].score == pytest.approx((given.dense[-1] + 2 * 0.3) / 3, abs=1e-6)


def test_fewer_hits_are_the_first_of_more():
    given = candidates(
        [1 - place / 100 for place in range(70)], [(place % 7) / 10 for place in range(70)]
    )
    look = lambda places: np.array([(place % 5) / 5 for place in places], dtype=np.float32)  # noqa: E731
    assert (
        order(rank(given, ALL, 5, interaction=look))
        == order(rank(given, ALL, 60, interaction=look))[:5]
    )


def test_headings_are_compared_where_tokens_are_and_count_by_their_weight():
    given = candidates([0.5] * (CLOSE_LOOK + 1), None)
    asked: list[list[int]] = []

    def look(places):
        asked.append(list(places))
        return np.array([0.1 if place else 0.9 for place in places], dtype=np.float32)

    settings = RetrievalSettings(dense=1, lexical=0, interaction=1, heading=2)
    found = rank(given, settings, CLOSE_LOOK + 1, interaction=look, heading=look)
    assert asked == [list(range(CLOSE_LOOK))] * 2
    assert found[0].score == pytest.approx((0.5 + 0.9 + 2 * 0.9) / 4)
    assert "heading" not in found[-1].scores
    without = rank(given, settings.model_copy(update={"heading": 0.0}), 1, heading=look)
    assert without[0].scores.keys() == {"dense", "fused"}


def test_without_interaction_the_other_stages_count_as_ever():
    given = candidates([0.9, 0.5], [0.0, 0.6])
    assert rank(given, ALL, 2) == rank(given, BOTH, 2)


def test_a_reranker_orders_the_best_and_keeps_what_was_before():
    given = candidates([0.9, 0.8, 0.7], [0.1, 0.1, 0.1])
    scores = np.array([0.2, 0.9, 0.2], dtype=np.float32)
    found = rank(given, BOTH, 2, rerank=lambda places: scores[list(places)])
    assert order(found) == [1, 0]
    assert found[0].score == found[0].scores["rerank"] == pytest.approx(0.9)
    assert found[0].scores["fused"] == pytest.approx(0.45)


def test_a_search_by_terms_alone_takes_the_vectors_where_a_query_has_no_terms():
    by_words = RetrievalSettings(dense=0, lexical=1, interaction=0)
    found = rank(candidates([0.1, 0.9], None), by_words, 2)
    assert order(found) == [1, 0]
    assert found[0].score == pytest.approx(0.9)


def test_feedback_draws_up_what_is_like_the_best():
    terms = [["storm", "delay"]] * 5 + [["price"], ["storm", "flood"]]
    given = candidates([0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.49], None)
    asked: list[int] = []

    def of(places):
        asked.extend(places)
        return [terms[place] for place in places]

    settings = RetrievalSettings(dense=1, lexical=0, interaction=0, feedback=1)
    found = rank(given, settings, 7, terms=of)
    assert asked == [0, 1, 2, 3, 4, 5, 6]
    assert order(found) == [0, 1, 2, 3, 4, 6, 5]
    assert found[0].scores["feedback"] > found[5].scores["feedback"] > 0
    assert found[6].scores["feedback"] == 0
    assert order(rank(given, ALL, 7, terms=of)) == [0, 1, 2, 3, 4, 5, 6]


def test_where_nothing_was_found_nothing_is_like_the_best():
    by_words = RetrievalSettings(dense=0, lexical=1, interaction=0, feedback=1)
    given = candidates([0.9, 0.1], [0.0, 0.0])
    found = rank(given, by_words, 2, terms=lambda places: [["storm"] for _ in places])
    assert [one.score for one in found] == [0.0, 0.0]
    assert all("feedback" not in one.scores for one in found)


def test_of_equal_chunks_a_document_is_shown_by_the_one_of_the_lower_id():
    (found,) = rank(candidates([0.5, 0.5], None, "aa"), BOTH, 2)
    assert found.place == 0


def test_nothing_is_ranked_of_nothing():
    assert rank(candidates([], []), ALL, 3, rerank=lambda places: np.empty(0, np.float32)) == []
