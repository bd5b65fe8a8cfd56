"""The adapter scores pairs as the reranker of the Runtime, in the forms of a CrossEncoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from metier import Runtime
from metier.adapters import CrossEncoderAdapter
from metier.errors import ParameterError, UsageError
from metier.testing import FakeEmbedder, FakeReranker

DOCUMENTS = ["bees make honey and wax", "a bridge carries the road", "honey"]


@pytest.fixture
def model(qwen3_rt):
    return CrossEncoderAdapter(qwen3_rt)


def test_pairs_get_the_probabilities_of_the_reranker(model, qwen3_rt):
    pairs = [("honey", DOCUMENTS[0]), ("the road", DOCUMENTS[1]), ("honey", DOCUMENTS[2])]
    found = model.predict(pairs, batch_size=2, show_progress_bar=False)
    for (query, document), score in zip(pairs, found, strict=True):
        (wanted,) = qwen3_rt.rerank(query, [document])
        assert score == pytest.approx(wanted.score, abs=1e-6)
    assert (found.dtype, found.shape) == (np.float32, (3,))
    assert model.predict(pairs[0]) == pytest.approx(found[0], abs=1e-6)
    assert torch.equal(model.predict(pairs, convert_to_tensor=True), torch.from_numpy(found))
    assert isinstance(model.predict(pairs, convert_to_numpy=False)[2], torch.Tensor)


def test_documents_are_ranked_as_a_cross_encoder_ranks_them(model, qwen3_rt):
    wanted = qwen3_rt.rerank("honey", DOCUMENTS, top_k=2)
    found = model.rank("honey", DOCUMENTS, top_k=2, return_documents=True)
    assert [entry["corpus_id"] for entry in found] == [entry.index for entry in wanted]
    assert [entry["text"] for entry in found] == [entry.text for entry in wanted]
    assert set(model.rank("honey", DOCUMENTS)[0]) == {"corpus_id", "score"}


def test_an_instruction_changes_the_scores(model, qwen3_rt):
    task = "Find the sentences that are about food"
    wanted = qwen3_rt.rerank("honey", DOCUMENTS, instruction=task)
    for found in (
        CrossEncoderAdapter(qwen3_rt, task).rank("honey", DOCUMENTS),
        model.rank("honey", DOCUMENTS, prompt=task),
        model.rank("honey", DOCUMENTS, prompt_name=task),
    ):
        assert found[0]["score"] == pytest.approx(wanted[0].score, abs=1e-6)
    assert model.rank("honey", DOCUMENTS)[0]["score"] != pytest.approx(wanted[0].score, abs=1e-6)


def test_an_evaluator_of_sentence_transformers_takes_it():
    from sentence_transformers.cross_encoder.evaluation import CrossEncoderRerankingEvaluator

    model = CrossEncoderAdapter(Runtime(FakeEmbedder(), FakeReranker(), progress=False))
    samples = [{"query": "honey of bees", "positive": DOCUMENTS[:1], "negative": DOCUMENTS[1:]}]
    evaluator = CrossEncoderRerankingEvaluator(samples, at_k=3, name="shop")
    assert evaluator(model)["shop_mrr@3"] == 1.0


def test_a_runtime_without_a_reranker_and_inputs_that_are_no_pairs_are_refused(rt, model):
    with pytest.raises(UsageError, match="There is no reranker"):
        CrossEncoderAdapter(rt)
    with pytest.raises(ParameterError, match="Input 1 is no pair"):
        model.predict([("honey", "wax"), ("honey", "wax", "bees")])
    with pytest.raises(ParameterError, match="Input 0 is no pair"):
        model.predict(["honey"])
