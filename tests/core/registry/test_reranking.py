"""Whether a search reranks: the call decides, else the instruction, else the Runtime."""

from __future__ import annotations

import pytest

from metier.errors import UsageError
from metier.registry.instruction import Instruction
from metier.registry.retrieval_settings import choose_rerank
from metier.steps.searching import Passage, search_passages

PASSAGES = [Passage(name, f"a {name}", name) for name in ("bear", "train", "kite")]


def find(rerank: bool | None) -> Instruction:
    return Instruction(id="find", task="Find the toy", kind="retrieval", rerank=rerank)


@pytest.mark.parametrize(
    ("requested", "declared", "wanted", "required", "source"),
    [
        (True, False, True, True, "call"),
        (False, True, False, False, "call"),
        (None, True, True, False, "instruction"),
        (None, False, False, False, "instruction"),
        (None, None, True, False, "default"),
    ],
)
def test_the_first_that_speaks_decides(requested, declared, wanted, required, source):
    choice = choose_rerank(requested=requested, declared=declared)
    assert (choice.wanted, choice.required, choice.source) == (wanted, required, source)
    assert choice.reason


@pytest.mark.parametrize(
    ("declared", "requested", "reranked"),
    [(None, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
def test_a_search_does_as_the_call_or_its_instruction_says(qwen3_rt, declared, requested, reranked):
    result = search_passages(
        qwen3_rt, "a bear", PASSAGES, instruction=find(declared), rerank=requested
    )
    assert ["rerank" in hit.scores for hit in result.hits] == [reranked] * 3


def test_only_a_call_may_demand_a_reranker_that_is_not_there(rt):
    hits = search_passages(rt, "a bear", PASSAGES, instruction=find(True)).hits
    assert all("rerank" not in hit.scores for hit in hits)
    with pytest.raises(UsageError, match="no reranker"):
        search_passages(rt, "a bear", PASSAGES, instruction=find(None), rerank=True)


def test_whether_a_reranker_follows_changes_no_vector():
    assert find(True).digest == find(False).digest == find(None).digest
