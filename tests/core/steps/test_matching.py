"""Two tables of texts: the nearest of each side in the other."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from metier.steps.matching import MatchResult, match_texts, nearest_rows
from metier.texts.texts import Texts

TASK = "core/text-matching"
APPLICANTS = Texts.of(
    [
        {"id": "ann", "text": "Nurse with ten years in intensive care", "city": "Bern"},
        {"id": "bob", "text": "Carpenter who builds kitchens and stairs", "city": "Basel"},
        {"id": "eve", "text": "Collects stamps of the Faroe Islands", "city": "Chur"},
    ]
)
POSITIONS = Texts.of(
    [
        {"id": "p1", "text": "We look for a carpenter for our joinery", "pay": 30},
        {"id": "p2", "text": "Hospital hires nurses for its intensive care unit", "pay": 40},
    ]
)


@pytest.fixture(scope="module")
def result(rt) -> MatchResult:
    return match_texts(rt, APPLICANTS, POSITIONS, instruction=TASK, top_k=1)


def test_mutual_best_matches_are_each_othersnearest_rows(result):
    mutual = {(pair.left.id, pair.right.id) for pair in result.pairs if pair.mutual}
    assert mutual == {("ann", "p2"), ("bob", "p1")}
    assert all(pair.rank == pair.rank_back == 1 for pair in result.pairs if pair.mutual)


def test_ranks_and_scores_are_those_of_the_cosines(rt, result):
    every = match_texts(rt, APPLICANTS, POSITIONS, instruction=TASK, top_k=9)
    left = np.asarray(rt.embed_documents(APPLICANTS, instruction=TASK))
    right = np.asarray(rt.embed_documents(POSITIONS, instruction=TASK))
    cosines = left @ right.T
    assert len(every.pairs) == 6
    for pair in every.pairs:
        row = [item.id for item in APPLICANTS].index(pair.left.id)
        column = [item.id for item in POSITIONS].index(pair.right.id)
        assert pair.score == pytest.approx(cosines[row, column], abs=1e-4)
        assert pair.rank == 1 + (cosines[row] > cosines[row, column]).sum()
        assert pair.rank_back == 1 + (cosines[:, column] > cosines[row, column]).sum()


def test_a_text_that_nothing_is_near_to_is_told(result):
    assert result.unmatched_left == ("eve",)
    assert result.unmatched_right == ()
    assert "Nothing is near to 1 on the left: eve" in result.notes()


def test_columns_of_both_sides_come_back(result):
    row = next(row for row in result.rows() if row["left_id"] == "ann")
    assert (row["left_city"], row["right_pay"], row["right_id"]) == ("Bern", 40, "p2")


def test_a_match_goes_through_json(result):
    assert MatchResult.model_validate_json(result.to_json()) == result


def test_the_workflow_matches_two_tables(rt, result):
    run = rt.run("core/match", APPLICANTS, POSITIONS, top_k=1)
    assert run.pairs == result.pairs
    assert set(run.record.inputs) == {"left", "right"}


def test_own_columns_named_id_and_text_leave_the_ids_and_texts_of_the_result(rt):
    left = Texts.of(
        [{"key": "ann", "job": "Nurse in intensive care", "id": 7, "text": "first"}],
        text_field="job",
        id_field="key",
    )
    result = match_texts(rt, left, POSITIONS, instruction=TASK, top_k=1)
    row = result.rows()[0]
    assert (row["left_id"], row["left_text"]) == (7, "first")
    assert (row["metier_left_id"], row["metier_left_text"]) == ("ann", "Nurse in intensive care")
    assert (row["right_id"], row["right_text"]) == ("p2", POSITIONS[1].text)
    table = result.tables()[0]
    cells = dict(zip([field.name for field in table.fields], table.rows[0], strict=True))
    assert (cells["left id"], cells["left_id"], cells["left_text"]) == ("ann", 7, "first")


def test_equally_near_texts_stand_in_their_order_and_are_not_sorted_whole():
    numbers = np.random.default_rng(0).standard_normal((2500, 8)).astype(np.float32)
    vectors = numbers / np.linalg.norm(numbers, axis=1, keepdims=True)
    vectors[[2400, 100, 1700]] = vectors[7]
    expected = np.argsort(-np.round(vectors @ vectors.T, 6), axis=1, kind="stable")[:, :3]
    tracemalloc.start()
    try:
        nearest = nearest_rows(vectors, vectors, 3)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert nearest[1700].tolist() == [7, 100, 1700]
    assert (nearest == expected).all()
    assert peak < 2500 * 2500 * 8  # as many positions take, sorted whole


@pytest.mark.parametrize(("left", "right"), [((), POSITIONS), (APPLICANTS, ()), ((), ())])
def test_a_table_without_texts_has_no_matches(rt, left, right):
    first, second = (Texts(side) if side == () else side for side in (left, right))
    result = match_texts(rt, first, second, instruction=TASK)
    assert result.pairs == ()
    assert len(result.unmatched_left) == len(first)
    assert result.rows() == []
