"""The adapter answers as a SentenceTransformer of the same checkpoint, with our instructions."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from tests.core.evaluation.folders import DOCUMENTS, write_collection

from metier import MetierWarning, Runtime
from metier.adapters import SentenceTransformerAdapter, get_detailed_instruct
from metier.errors import DimError, InputError, ParameterError, UnknownNameError

TASK = "Identify loan applications with geopolitical risk factors"
TEXTS = [
    "The supplier's port was closed by the blockade.",
    "She repaid every loan on time.",
    "中国的首都是北京。",
    "wax",
]
QUERIES = {"q1": "ship at the harbour in the rain", "q2": "wax of bees", "q3": "the road"}
JUDGMENTS = {"q1": {"anchor"}, "q2": {"honey", "candle"}, "q3": {"bridge"}}


@pytest.fixture(scope="module")
def peer(one_thread, qwen3_folder):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(qwen3_folder), device="cpu", model_kwargs={"dtype": torch.float32}
    )


@pytest.fixture
def model(qwen3_rt):
    return SentenceTransformerAdapter(qwen3_rt)


def close(ours, theirs):
    return ours == pytest.approx(np.asarray(theirs), abs=2e-5)


def test_vectors_are_those_of_a_sentence_transformer(model, peer):
    assert close(model.encode(TEXTS), peer.encode(TEXTS))
    assert close(model.encode_query(TEXTS), peer.encode_query(TEXTS))
    assert close(model.encode_document(TEXTS), peer.encode_document(TEXTS))
    assert close(model.encode(TEXTS, prompt_name="query"), peer.encode(TEXTS, prompt_name="query"))
    raw = "Represent this: "
    assert close(model.encode(TEXTS, prompt=raw), peer.encode(TEXTS, prompt=raw))
    assert close(model.encode_query(TEXTS, prompt=raw), peer.encode_query(TEXTS, prompt=raw))
    shorter = {"truncate_dim": 32, "normalize_embeddings": True}
    assert close(model.encode(TEXTS, **shorter), peer.encode(TEXTS, **shorter))
    assert model.get_embedding_dimension() == peer.get_embedding_dimension()
    assert model.prompts == peer.prompts


def test_a_string_gives_a_row_and_the_options_choose_the_form(model, peer):
    (text, *_) = TEXTS
    assert close(model.encode(text), peer.encode(text))
    assert model.encode(text).shape == (64,)
    row = model.encode_query(text, convert_to_tensor=True, show_progress_bar=False)
    assert close(row, peer.encode_query(text, convert_to_tensor=True))
    assert row.dtype == torch.float32
    listed = model.encode(np.array(TEXTS), convert_to_numpy=False, batch_size=2)
    assert [type(row) for row in listed] == [torch.Tensor] * len(TEXTS)
    assert model.encode([]).shape == (0, 64)


def test_similarities_are_those_of_a_sentence_transformer(model, peer):
    queries, documents = model.encode_query(TEXTS), model.encode_document(TEXTS)
    assert close(model.similarity(queries, documents), peer.similarity(queries, documents))
    shorter = torch.from_numpy(documents[:, :32])
    pairs = (torch.from_numpy(queries[:, :32]), shorter)
    assert close(model.similarity_pairwise(*pairs), peer.similarity_pairwise(*pairs))
    assert close(model.similarity(queries[0], documents), peer.similarity(queries[0], documents))


def test_an_instruction_is_read_before_queries_and_by_both_sides_where_it_is_for_both(qwen3_rt):
    model = SentenceTransformerAdapter(qwen3_rt, TASK)
    wanted = qwen3_rt.embed_queries(TEXTS, instruction=TASK)
    assert np.array_equal(model.encode_query(TEXTS), wanted)
    assert np.array_equal(model.encode(TEXTS), qwen3_rt.embed_documents(TEXTS))
    assert model.prompts == {"query": f"Instruct: {TASK}\nQuery:", "document": ""}
    both = "core/text-matching"
    assert qwen3_rt.instructions.get(both).sides == "both"
    alike = SentenceTransformerAdapter(qwen3_rt, both)
    found = alike.encode(TEXTS)
    assert close(found, qwen3_rt.embed_documents(TEXTS, instruction=both))
    assert not np.allclose(found, model.encode(TEXTS))


def test_a_prompt_name_may_be_an_instruction_or_a_prompt_of_your_own(model, qwen3_rt):
    found = model.encode(TEXTS, prompt_name="core/passage-search")
    assert np.array_equal(found, qwen3_rt.embed_queries(TEXTS, instruction="core/passage-search"))
    assert np.array_equal(
        model.encode_query(TEXTS, prompt_name=TASK), qwen3_rt.embed_queries(TEXTS, instruction=TASK)
    )
    own = SentenceTransformerAdapter(
        qwen3_rt, prompts={"finance": "loan: "}, default_prompt_name="finance"
    )
    loans = model.encode([f"loan: {text}" for text in TEXTS])
    assert close(own.encode(TEXTS), loans)
    with pytest.raises(UnknownNameError, match="no prompt 'core/passage-serach'") as refused:
        model.encode(TEXTS, prompt_name="core/passage-serach")
    assert "Did you mean 'core/passage-search'" in str(refused.value)
    with pytest.raises(UnknownNameError, match=r"no prompt 'clustering'[^$]*a task in words"):
        model.encode(TEXTS, prompt_name="clustering")
    with pytest.raises(UnknownNameError, match="core/passage-search"):
        SentenceTransformerAdapter(qwen3_rt, "core/passage-serach")


def test_a_text_with_an_instruction_gets_no_second_one(model, peer, qwen3_rt):
    pasted = [get_detailed_instruct(TASK, text) for text in TEXTS]
    assert pasted[3] == f"Instruct: {TASK}\nQuery:wax"
    wanted = qwen3_rt.embed_queries(TEXTS, instruction=TASK)
    assert close(model.encode(pasted), wanted)
    assert close(model.encode_query(pasted), wanted)
    assert close(model.encode(pasted), peer.encode(pasted))
    both = SentenceTransformerAdapter(qwen3_rt, "core/text-matching")
    for encode in (both.encode, both.encode_query, both.encode_document):
        assert close(encode(pasted), wanted)
    mixed = model.encode_query([pasted[0], TEXTS[1], pasted[2]], dim=32)
    assert close(mixed[[0, 2]], qwen3_rt.embed_queries(TEXTS, instruction=TASK, dim=32)[[0, 2]])
    assert close(mixed[1], qwen3_rt.embed_queries(TEXTS, dim=32)[1])


@pytest.mark.parametrize("name", ["truncate_dim", "output_dimension", "dim"])
def test_every_name_of_the_vector_size_shortens_vectors(model, name):
    found = model.encode(TEXTS, **{name: 32})
    assert found.shape == (4, 32)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-6)
    with pytest.raises(DimError, match="2560 is more than"):
        model.encode(TEXTS, **{name: 2560})


def test_the_size_of_the_model_holds_where_a_call_names_none(qwen3_rt):
    model = SentenceTransformerAdapter(qwen3_rt, truncate_dim=48)
    assert model.get_sentence_embedding_dimension() == model.encode("wax").size == 48
    assert model.encode("wax", dim=32).size == 32
    assert model.encode("wax", prompt="a: ").size == 48
    with model.truncate_embeddings(40):
        assert model.encode_query("wax").size == 40
    with pytest.raises(DimError, match="dim=0 is not a positive"):
        model.encode("wax", dim=0)
    assert (model.truncate_dim, model.max_seq_length) == (48, qwen3_rt.embedder.profile.max_tokens)
    assert model.device == torch.device("cpu")


def test_what_an_adapter_cannot_do_is_refused_with_what_to_do(model):
    refused = {
        "Two vector sizes: truncate_dim=32, dim=64": {"truncate_dim": 32, "dim": 64},
        "batch_size=0 is less than 1": {"batch_size": 0},
        "quantize_embeddings": {"precision": "int8"},
        "one vector a text": {"output_value": "token_embeddings"},
        r"metier.Runtime\(..., device='cuda'\)": {"device": "cuda"},
        "Did you mean 'truncate_dim'": {"truncate_dims": 32},
    }
    for message, options in refused.items():
        with pytest.raises(ParameterError, match=message):
            model.encode(TEXTS, **options)
    with pytest.raises(InputError, match="Text 1 is empty"):
        model.encode(["wax", ""])
    with pytest.raises(ParameterError, match="rt is of type int"):
        SentenceTransformerAdapter(7)
    with pytest.warns(MetierWarning, match="max_seq_length=16 changes nothing"):
        model.max_seq_length = 16
    model.max_seq_length = 32_768


def test_evaluators_of_sentence_transformers_give_the_figures_of_the_real_model(model, peer):
    from sentence_transformers.sentence_transformer.evaluation import (
        EmbeddingSimilarityEvaluator,
        InformationRetrievalEvaluator,
        TripletEvaluator,
    )

    names = list(DOCUMENTS)
    first, second = (list(DOCUMENTS.values())[part] for part in (slice(0, 3), slice(3, 6)))
    evaluators = [
        EmbeddingSimilarityEvaluator(first, second, [0.1, 0.9, 0.5], main_similarity="cosine"),
        InformationRetrievalEvaluator(QUERIES, DOCUMENTS, JUDGMENTS, mrr_at_k=[5]),
        TripletEvaluator(first, second, names[:3]),
    ]
    for evaluator in evaluators:
        ours, theirs = model.evaluate(evaluator), evaluator(peer)
        assert ours == pytest.approx(theirs, abs=1e-4)


@pytest.mark.filterwarnings(  # of calls that mteb makes
    "ignore:The fill_missing parameter:DeprecationWarning",
    "ignore:The .get_sentence_embedding_dimension. method:FutureWarning",
)
def test_mteb_gives_the_figures_of_the_real_model(model, peer, tmp_path):
    mteb = pytest.importorskip("mteb", reason="mteb is not installed")
    from metier.evaluation.mteb import MtebTask

    judged = "".join(f"{q}\t{d}\t1\n" for q, every in JUDGMENTS.items() for d in every)
    folder = write_collection(tmp_path / "x", queries=QUERIES, judgments=judged)
    options = {"cache": None, "show_progress_bar": False, "co2_tracker": False}
    assert model.mteb_model_meta.name == "metier/qwen3"
    ours, theirs = (
        mteb.evaluate(each, MtebTask(folder), **options).task_results[0].scores["test"][0]
        for each in (model, peer)
    )
    assert 0 < ours["ndcg_at_10"] < 1
    assert ours["ndcg_at_10"] == pytest.approx(theirs["ndcg_at_10"], abs=1e-5)
    assert ours["mrr_at_10"] == pytest.approx(theirs["mrr_at_10"], abs=1e-5)


@pytest.mark.parametrize("cache", [False, True])
def test_prompts_of_a_folder_are_used_as_by_sentence_transformers(cache, one_thread, tmp_path):
    from sentence_transformers import SentenceTransformer

    from metier.testing import checkpoints

    prompts = {"query": "query: ", "document": "passage: ", "topic": "topic: "}
    folder = checkpoints.write_encoder(
        tmp_path / "model", prompts=prompts, default_prompt_name="topic", include_prompt=False
    )
    peer = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
    model = SentenceTransformerAdapter(Runtime(folder, cache=cache, progress=False))
    assert close(model.encode(TEXTS), peer.encode(TEXTS))
    assert close(model.encode_query(TEXTS), peer.encode_query(TEXTS))
    assert close(model.encode_document(TEXTS), peer.encode_document(TEXTS))
    assert close(model.encode(TEXTS, prompt="query: "), peer.encode(TEXTS, prompt="query: "))
    assert not np.allclose(model.encode(TEXTS), model.encode_query(TEXTS))


def test_a_pickle_and_a_copy_have_the_same_model(one_thread, qwen3_folder):
    model = SentenceTransformerAdapter(str(qwen3_folder), TASK, truncate_dim=32)
    wanted = model.encode_query("wax")
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert np.array_equal(other.encode_query("wax"), wanted)


def test_a_model_name_makes_a_runtime(one_thread, qwen3_folder):
    found = SentenceTransformerAdapter(str(qwen3_folder)).encode("wax")
    again = SentenceTransformerAdapter(Runtime(qwen3_folder).config).encode("wax")
    assert np.array_equal(found, again)
