"""The closing token is looked for in what a model is fed, not in what it says of itself."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.diagnosis.given import GivenEmbedder

from metier.diagnosis.checks import PROBES
from metier.diagnosis.tokenizer_checks import embedder_tokenizer_checks
from metier.models.builtin_families import builtin_families
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
        one for one in embedder_tokenizer_checks(embedder, folder) if one.name == "closing token"
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
    model = GivenEmbedder(lambda texts, side: np.ones((len(texts), 4), np.float32))
    check = closing(model, qwen3_folder)
    assert check.status == "fail"
    assert check.detail.endswith("'x' is read as 1 tokens, not as 2")


@pytest.mark.parametrize("side", ["query", "document"])
def test_token_ids_are_those_that_embedding_reads(qwen3, side):
    prompt = qwen3.prompt(None, side)
    texts = [*PROBES, "word " * 3000]
    ids = qwen3.token_ids(texts, prompt=prompt)
    read = qwen3.embed(texts, prompt=prompt, dim=64, progress=NoProgress())
    assert [len(one) for one in ids] == read.tokens.tolist()
    assert len(ids[-1]) == qwen3.profile.max_tokens
    assert read.truncated.tolist() == [False] * len(PROBES) + [True]
    assert len({int(one[-1]) for one in ids}) == 1
