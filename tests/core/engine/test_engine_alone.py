"""An Engine without a Runtime: models, `Instruction` objects and ledgers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from metier import Instruction
from metier.engine.engine import Engine
from metier.engine.ledger import Ledger
from metier.engine.model_loading import Models
from metier.errors import UsageError
from metier.models.embedder import TokenStates
from metier.progress import NoProgress
from metier.testing import FakeEmbedder, FakeReranker

FIND = Instruction(id="find", task="Find the toy", kind="retrieval", dim=32)
SORT = Instruction(id="sort", task="Sort toys by size", kind="clustering", sides="both")
TEXTS = ["a bear", "a steam train"]


class TokenEmbedder(FakeEmbedder):
    """Pools by the mean, and has one token state for each text; counts the texts it embeds."""

    def __init__(self) -> None:
        super().__init__()
        self.profile = replace(self.profile, pooling="mean")
        self.embedded: list[str] = []

    def embed(self, texts, *, prompt, dim, progress):
        self.embedded += texts
        return super().embed(texts, prompt=prompt, dim=dim, progress=progress)

    def token_states(self, texts, *, prompt, progress):
        vectors = super().embed(texts, prompt=prompt, dim=self.profile.dim, progress=progress)
        return [
            TokenStates(np.array([[0, len(text)]], np.int32), row[np.newaxis].astype(np.float16))
            for text, row in zip(texts, vectors.vectors, strict=True)
        ]

    def embed_keeping(self, texts, *, prompt, dim, progress, keep):
        for text, states in zip(
            texts, self.token_states(texts, prompt=prompt, progress=progress), strict=True
        ):
            keep(text, states)
        return self.embed(texts, prompt=prompt, dim=dim, progress=progress)


def engine(*models, **options) -> Engine:
    return Engine(Models(*models, **options), NoProgress())


def test_the_sides_are_those_of_the_general_call():
    alone = engine(FakeEmbedder())
    for side, embed in (("query", alone.embed_queries), ("document", alone.embed_documents)):
        general = alone.embed(TEXTS, side, instruction=SORT, dim=32)
        assert np.array_equal(embed(TEXTS, instruction=SORT, dim=32), general)
        assert embed(TEXTS, instruction=SORT, dim=32).provenance == general.provenance


def test_an_instruction_decides_the_size_where_the_call_does_not():
    alone = engine(FakeEmbedder())
    assert alone.embed_queries(TEXTS, instruction=FIND).shape == (2, 32)
    assert alone.embed_queries(TEXTS, instruction=FIND, dim=40).shape == (2, 40)
    (part,) = alone.stream(TEXTS, instruction=FIND)
    assert np.array_equal(part, alone.embed_documents(TEXTS, instruction=FIND))


def test_an_engine_that_records_shares_the_models_and_writes_into_every_ledger():
    outer, inner = Ledger(), Ledger()
    alone = engine(FakeEmbedder(), FakeReranker())
    recording = alone.recording(outer).recording(inner)
    recording.embed_queries(TEXTS, instruction=FIND)
    recording.rerank("a bear", TEXTS)
    alone.embed_queries(TEXTS)
    assert recording.embedder is alone.embedder
    assert outer == inner
    assert (outer.texts_embedded, outer.texts_reranked) == (2, 2)
    assert [use.dim for use in outer.instructions] == [32]


def test_tokens_are_counted_with_the_prompt_of_the_side():
    alone = engine(FakeEmbedder())
    bare = alone.count_tokens(TEXTS)
    assert alone.count_tokens(TEXTS, instruction=FIND) == bare
    counts = alone.count_tokens(TEXTS, instruction=FIND, side="query")
    assert all(count > before for count, before in zip(counts, bare, strict=True))


def test_a_reranker_that_is_required_is_there_or_an_error_is_raised():
    reranker = FakeReranker()
    assert engine(FakeEmbedder(), reranker).require_reranker() is reranker
    with pytest.raises(UsageError, match="no reranker"):
        engine(FakeEmbedder()).require_reranker()


def test_token_states_are_offered_where_the_model_pools_by_the_mean():
    model = TokenEmbedder()
    assert engine(model).token_embedder is model
    model.profile = replace(model.profile, pooling="last")
    assert engine(model).token_embedder is None
    assert engine(FakeEmbedder()).token_embedder is None


@pytest.mark.parametrize("memorize", [False, True])
def test_token_states_pass_through_caches(tmp_path: Path, memorize: bool):
    model, kept = TokenEmbedder(), {}
    cached = engine(model, cache=tmp_path)

    def sink(text: str, states: TokenStates) -> bool:
        kept[text] = states
        return True

    cached.embed_documents(TEXTS[:1])
    vectors = cached.embed(TEXTS, "document", memorize=memorize, states=sink)
    assert cached.token_embedder is cached.embedder
    assert list(kept) == TEXTS[1:], "only the states of computed texts"
    assert model.embedded == TEXTS
    assert np.array_equal(vectors, engine(FakeEmbedder()).embed_documents(TEXTS))
