"""The closing token is looked for in what a model is fed, not in what it says of itself."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.diagnosis.fixed_models import FixedEmbedder, FixedReranker

from metier.diagnosis.checks import PROBES
from metier.diagnosis.tokenizer_checks import (
    embedder_template_checks,
    embedder_tokenizer_checks,
    reranker_template_checks,
)
from metier.models.builtin_families import builtin_families
from metier.models.catalog import CatalogMatch, released_model
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder
from metier.models.qwen3.qwen3_embedder import Qwen3Embedder
from metier.models.tokens import TokenBatch
from metier.progress import NoProgress


class Twice(Qwen3Embedder):
    """Feeds the closing token a second time."""

    def _tokenize(self, texts, prompt, shared, rest):
        read = super()._tokenize(texts, prompt, shared, rest)
        return TokenBatch([np.append(ids, ids[-1:]) for ids in read.ids], read.truncated)


class Never(Qwen3Embedder):
    """Feeds no closing token."""

    def _tokenize(self, texts, prompt, shared, rest):
        read = super()._tokenize(texts, prompt, shared, rest)
        return TokenBatch([ids[:-1] for ids in read.ids], read.truncated)


class Another(Qwen3Embedder):
    """Feeds another token at the end."""

    def _tokenize(self, texts, prompt, shared, rest):
        read = super()._tokenize(texts, prompt, shared, rest)
        return TokenBatch([np.append(ids[:-1], ids[-1:] + 1) for ids in read.ids], read.truncated)


@pytest.fixture
def qwen3(qwen3_folder, one_thread):
    return load_embedder(str(qwen3_folder), LoadOptions("cpu", "float32"), builtin_families())


def closing(embedder, folder):
    (check,) = [
        check
        for check in embedder_tokenizer_checks(embedder, folder)
        if check.name == "closing token"
    ]
    return check


def test_a_text_that_ends_once_in_the_closing_token_passes(qwen3, qwen3_folder):
    check = closing(qwen3, qwen3_folder)
    assert check.status == "pass"
    assert f"ends {len(PROBES)} texts exactly once" in check.detail


@pytest.mark.parametrize("kind", [Twice, Never, Another])
def test_an_embedder_that_feeds_another_ending_is_told_though_it_counts_right(
    qwen3, qwen3_folder, kind
):
    counted = qwen3.count_tokens(["x"], prompt=qwen3.prompt(None, "document"))
    qwen3.__class__ = kind
    assert qwen3.count_tokens(["x"], prompt=qwen3.prompt(None, "document")) == counted
    check = closing(qwen3, qwen3_folder)
    assert check.status == "fail"
    assert "'' is read as [" in check.detail


def test_of_any_other_embedder_the_tokens_it_says_it_read_are_counted(qwen3_folder):
    model = FixedEmbedder(lambda texts, side: np.ones((len(texts), 4), np.float32))
    check = closing(model, qwen3_folder)
    assert check.status == "fail"
    assert check.detail.endswith("'x' is read as 1 tokens, not as 2")


@pytest.mark.parametrize("side", ["query", "document"])
def test_token_ids_are_those_that_embedding_reads(qwen3, side):
    prompt = qwen3.prompt(None, side)
    texts = [*PROBES, "word " * 3000]
    ids = qwen3.token_ids(texts, prompt=prompt)
    read = qwen3.embed(texts, prompt=prompt, dim=64, progress=NoProgress())
    assert [len(text_ids) for text_ids in ids] == read.tokens.tolist()
    assert len(ids[-1]) == qwen3.profile.max_tokens
    assert read.truncated.tolist() == [False] * len(PROBES) + [True]
    assert len({int(text_ids[-1]) for text_ids in ids}) == 1


SMALL = released_model("Qwen/Qwen3-Embedding-0.6B")
RERANKER = released_model("Qwen/Qwen3-Reranker-0.6B")


def embedder(**task):
    return FixedEmbedder(lambda texts, side: None, **task)


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
        check
        for check in embedder_template_checks(embedder(default_task=task), CatalogMatch(SMALL, by))
        if check.status != "pass"
    ]
    assert (check.name, check.status) == ("default query prompt", status)
    assert "answer the query.\\nQuery:' is not 'Instruct: Given a web" in check.detail
    assert ("trained further" in check.fix) == (by == "shape")


def test_of_a_model_that_is_not_known_the_default_task_is_its_own():
    own = embedder(default_task="Find it")
    assert set(statuses(embedder_template_checks(own, None))) == {"query prompt", "document prompt"}


def test_a_released_reranker_has_the_default_task_of_its_model_card():
    class Pointed(FixedReranker):
        def render(self, query, document, *, task):
            return super().render(query, document, task=task or "Find it.")

    names = ["reranker prompt", "default reranker prompt"]
    for kind, found in ((FixedReranker, ["pass", "pass"]), (Pointed, ["pass", "fail"])):
        checks = reranker_template_checks(kind(lambda q, ds: []), CatalogMatch(RERANKER, "id"))
        assert statuses(checks) == dict(zip(names, found, strict=True))
    assert len(reranker_template_checks(Pointed(lambda q, ds: []), None)) == 1
