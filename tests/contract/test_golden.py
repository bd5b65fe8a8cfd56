"""The numbers of golden.json: what metier computes does not change unless it is meant to.

Between kinds of CPU floats differ in the last bits; tests/contract/golden.py says what is allowed.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from tests.contract import golden


@pytest.fixture(scope="module")
def models(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> golden.Models:
    return golden.Models(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(golden.GOLDEN.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("section", golden.SECTIONS)
def test_results_are_those_of_the_golden_record(section, models, known):
    found = golden.record(section, models)
    assert list(golden.differences(known[section], found)) == []


def test_the_record_has_every_stage_of_a_search(known):
    stages = {
        stage
        for case in known["searches"].values()
        if "hits" in case
        for hit in case["hits"]
        for stage in hit[4]
    }
    assert stages == {
        "dense",
        "lexical",
        "aspect",
        "clause_type",
        "interaction",
        "heading",
        "feedback",
        "fused",
        "rerank",
        "short_form",
    }


HITS = {"hits": [["a", 0.9, {"dense": 0.8}], ["b", 0.5, {"dense": 0.4}], ["c", 0.2, {}]]}


@pytest.mark.parametrize(
    ("change", "count", "exact_count"),
    [
        pytest.param({}, 0, 0, id="equal"),
        pytest.param({"sha256": "1"}, 0, 1, id="hash"),
        pytest.param({"score": 0.500001}, 0, 1, id="last digits"),
        pytest.param({"score": 0.51}, 1, 1, id="score"),
        pytest.param({"flagged": False}, 1, 1, id="flag"),
        pytest.param({"size": 3}, 1, 1, id="count"),
        pytest.param({"more": 1}, 1, 1, id="more"),
        pytest.param({"words": ["tie"]}, 1, 1, id="length"),
    ],
)
def test_a_difference_beyond_the_last_digits_is_reported(change, count, exact_count):
    value = {"sha256": "0", "score": 0.5, "flagged": True, "size": 2, "words": ["tie", "knot"]}
    changed = {**value, **change}
    assert len(list(golden.differences(value, changed))) == count
    assert len(list(golden.differences(value, changed, exact=True))) == exact_count


def test_hits_may_change_places_only_where_their_scores_are_equal():
    swapped = deepcopy(HITS)
    swapped["hits"][:2] = swapped["hits"][1::-1]
    assert list(golden.differences(HITS, swapped))
    near = deepcopy(HITS)
    near["hits"][1][1] = 0.89999
    other = {"hits": [near["hits"][1], near["hits"][0], near["hits"][2]]}
    assert list(golden.differences(near, other)) == []
    assert list(golden.differences(near, other, exact=True))


def test_another_hit_is_reported_but_for_a_tie_with_the_last():
    other = deepcopy(HITS)
    other["hits"][1][0] = "d"
    assert list(golden.differences(HITS, other))
    other = deepcopy(HITS)
    other["hits"][2][0] = "d"
    assert list(golden.differences(HITS, other)) == []


def test_a_written_record_is_read_back_as_it_was(known):
    assert json.loads(golden.as_text(known)) == known
