"""Metrics of a ranking, against figures worked out by hand."""

from __future__ import annotations

import math

import pytest

from metier.errors import MissingExtraError
from metier.evaluation.search_task import ranking_metrics

pytest.importorskip("ir_measures", reason="the extra eval is not installed")


def metrics(grades, found):
    by_query = ranking_metrics({"q": grades}, {"q": found})
    return {name: values["q"] for name, values in by_query.items()}


def test_gains_are_linear():
    got = metrics({"a": 3, "b": 1}, ["b", "x", "a"])
    ideal = 3 + 1 / math.log2(3)
    assert got["ndcg@10"] == pytest.approx((1 + 3 / math.log2(4)) / ideal)


def test_equal_places_are_ordered_as_found_and_not_by_id():
    found = [f"d{number}" for number in range(50)]
    assert metrics({"d9": 1}, found)["mrr@10"] == pytest.approx(1 / 10)
    assert metrics({"d10": 1}, found)["mrr@10"] == 0.0


def test_recall_counts_a_hundred():
    found = [f"d{number}" for number in range(100)]
    assert metrics({"d99": 1, "elsewhere": 2}, found)["recall@100"] == 0.5


def test_a_query_that_found_nothing_counts_as_zero():
    by_query = ranking_metrics({"p": {"a": 1}, "q": {"a": 1}}, {"p": ["a"], "q": []})
    assert by_query["ndcg@10"] == {"p": 1.0, "q": 0.0}


def test_a_document_judged_irrelevant_earns_nothing():
    assert metrics({"a": 0, "b": 1}, ["a", "b"])["ndcg@10"] == pytest.approx(1 / math.log2(3))


def test_without_ir_measures_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ir_measures", None)
    with pytest.raises(MissingExtraError, match=r"metier\[eval\]"):
        ranking_metrics({"q": {"a": 1}}, {"q": ["a"]})
