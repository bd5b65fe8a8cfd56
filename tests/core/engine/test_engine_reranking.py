"""Reranking: every document once, best first."""

from __future__ import annotations

import pytest
from tests.core.toys import QUERY_TASK

from metier import Texts
from metier.errors import InputError, ParameterError, UnknownNameError, UsageError


def test_reranking_gives_every_document_once_best_first(qwen3_rt):
    documents = ["a bear", "a train", "a box", "a bear"]
    ranked = qwen3_rt.rerank("a bear", documents)
    assert sorted(one.index for one in ranked) == [0, 1, 2, 3]
    assert all(one.text == documents[one.index] for one in ranked)
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    places = [one.index for one in ranked]
    assert places.index(0) < places.index(3)


def test_reranking_may_give_only_the_best(qwen3_rt):
    documents = Texts.of(["a bear", "a train", "a box"])
    every = qwen3_rt.rerank("a bear", documents, instruction=QUERY_TASK)
    assert qwen3_rt.rerank("a bear", documents, instruction=QUERY_TASK, top_k=2) == every[:2]
    assert qwen3_rt.rerank("a bear", []) == []


@pytest.mark.parametrize(
    ("query", "documents", "options", "error", "said"),
    [
        ("a", "one string", {}, UsageError, "documents is one string"),
        ("a", ["b"], {"top_k": 0}, ParameterError, "top_k=0 is less than 1"),
        (["a"], ["b"], {}, InputError, "of type list"),
        ("a\udc00", ["b"], {}, InputError, "lone surrogate"),
        ("a", ["b", None], {}, InputError, "Text 1 is of type NoneType"),
        ("a", ["b", ""], {}, InputError, "Text 1 is empty"),
        (" ", ["b"], {}, InputError, "The query is empty"),
        ("a", ["b"], {"instruction": "toys/find"}, UnknownNameError, "no instruction"),
    ],
)
def test_what_cannot_be_reranked_is_refused(qwen3_rt, query, documents, options, error, said):
    with pytest.raises(error, match=said):
        qwen3_rt.rerank(query, documents, **options)


def test_a_runtime_without_a_reranker_says_how_to_get_one(rt):
    assert rt.reranker is None
    with pytest.raises(UsageError, match=r"no reranker\.\nName one: reranker='Qwen/"):
        rt.rerank("a", ["b"])
