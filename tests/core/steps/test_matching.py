"""Two tables of texts: the nearest of each side in the other."""

from __future__ import annotations

import numpy as np
import pytest

from metier.steps.matching import MatchResult, match_texts
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


def test_mutual_best_matches_are_each_others_nearest(result):
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
