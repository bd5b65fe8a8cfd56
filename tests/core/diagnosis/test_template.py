"""Prompts are compared letter by letter, that of no task only where a model is known."""

from __future__ import annotations

import pytest
from tests.core.diagnosis.given import GivenEmbedder, GivenReranker

from metier.diagnosis.tokenizer_checks import embedder_template_checks, reranker_template_checks
from metier.models.catalog import CatalogMatch, named

SMALL = named("Qwen/Qwen3-Embedding-0.6B")
RERANKER = named("Qwen/Qwen3-Reranker-0.6B")


def embedder(**task):
    return GivenEmbedder(lambda texts, side: None, **task)


def statuses(checks):
    return {check.name: check.status for check in checks}


@pytest.mark.parametrize("by", ["id", "shape"])
def test_a_released_embedder_has_the_default_task_of_its_model_card(by):
    assert statuses(embedder_template_checks(embedder(), CatalogMatch(SMALL, by))) == {
        "query prompt": "pass",
        "document prompt": "pass",
        "default query prompt": "pass",
    }


@pytest.mark.parametrize(("by", "status"), [("id", "fail"), ("shape", "warn")])
def test_another_default_task_is_wrong_unless_a_model_may_be_trained_further(by, status):
    task = "Given a web search query, retrieve relevant passages that answer the query."
    (check,) = [
        one
        for one in embedder_template_checks(embedder(default_task=task), CatalogMatch(SMALL, by))
        if one.status != "pass"
    ]
    assert (check.name, check.status) == ("default query prompt", status)
    assert "answer the query.\\nQuery:' is not 'Instruct: Given a web" in check.detail
    assert ("trained further" in check.fix) == (by == "shape")


def test_of_a_model_that_is_not_known_the_default_task_is_its_own():
    own = embedder(default_task="Find it")
    assert set(statuses(embedder_template_checks(own, None))) == {"query prompt", "document prompt"}


def test_a_released_reranker_has_the_default_task_of_its_model_card():
    class Pointed(GivenReranker):
        def render(self, query, document, *, task):
            return super().render(query, document, task=task or "Find it.")

    names = ["reranker prompt", "default reranker prompt"]
    for kind, found in ((GivenReranker, ["pass", "pass"]), (Pointed, ["pass", "fail"])):
        checks = reranker_template_checks(kind(lambda q, ds: []), CatalogMatch(RERANKER, "id"))
        assert statuses(checks) == dict(zip(names, found, strict=True))
    assert len(reranker_template_checks(Pointed(lambda q, ds: []), None)) == 1
