from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from tests.core.models.changed_checkpoints import MARK, damage
from tests.core.models.encoder_architectures import write_kind

from metier.errors import CheckpointError, InputError, ModelError
from metier.models.embedder import TokenStateEmbedder, TokenStateStreamer
from metier.progress import NoProgress
from metier.testing import checkpoints

E5 = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "


def embed(embedder, texts, task=None, side="document", dim=None):
    return embedder.embed(
        texts,
        prompt=embedder.prompt(task, side),
        dim=dim or embedder.profile.dim,
        progress=NoProgress(),
    )


def peer_of(folder):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})


@pytest.mark.parametrize("pooling", ["mean", "cls", "lasttoken"])
@pytest.mark.parametrize("include_prompt", [True, False])
def test_vectors_agree_with_sentence_transformers(folders, texts, load, pooling, include_prompt):
    folder = checkpoints.write_encoder(
        folders / f"{pooling}-{include_prompt}",
        pooling=pooling,
        include_prompt=include_prompt,
        prompts={"query": "query: ", "document": "a passage of a document: "},
    )
    embedder, peer = load(folder), peer_of(folder)

    queries = embed(embedder, texts, side="query")
    documents = embed(embedder, texts, side="document")

    assert np.abs(queries.vectors - peer.encode_query(texts)).max() <= 1e-5
    assert np.abs(documents.vectors - peer.encode_document(texts)).max() <= 1e-5
    assert queries.truncated.any()
    assert queries.tokens.max() == embedder.profile.max_tokens == 128


def test_a_prompt_named_passage_is_the_one_of_documents(folders, texts, load):
    prompts = {"query": "query: ", "corpus": "other: ", "passage": "passage: "}
    folder = checkpoints.write_encoder(folders / "passage", prompts=prompts)

    made = embed(load(folder), texts, side="document").vectors

    assert np.abs(made - peer_of(folder).encode(texts, prompt_name="passage")).max() <= 1e-5


def test_a_folder_written_by_sentence_transformers_is_read(folders, encoder_folder, texts, load):
    peer = peer_of(encoder_folder)
    peer.prompts = {"query": "find: ", "document": ""}
    peer.save(str(folders / "saved"), create_model_card=False)
    modules = json.loads((folders / "saved" / "modules.json").read_text())
    assert (
        modules[1]["type"] == "sentence_transformers.sentence_transformer.modules.pooling.Pooling"
    )

    made = embed(load(folders / "saved"), texts, side="query").vectors

    assert np.abs(made - peer.encode_query(texts)).max() <= 1e-5


def test_both_spellings_of_a_pooling_are_read_alike(folders, load):
    old = checkpoints.write_encoder(folders / "old", pooling="cls", legacy_keys=True)
    new = checkpoints.write_encoder(folders / "new", pooling="cls", legacy_keys=False)

    assert load(old).fingerprint == load(new).fingerprint
    assert load(new).profile.pooling == "cls"


def test_rows_are_of_unit_length_without_a_normalize_step(folders, texts, load):
    folder = checkpoints.write_encoder(folders / "raw", normalize=False)

    made = embed(load(folder), texts).vectors

    assert np.linalg.norm(made, axis=1) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "cls", "lasttoken"])
def test_a_vector_does_not_depend_on_its_neighbors(folders, texts, load, pooling):
    embedder = load(checkpoints.write_encoder(folders / f"alone-{pooling}", pooling=pooling))

    together = embed(embedder, texts).vectors

    alone = np.concatenate([embed(embedder, [text]).vectors for text in texts])
    assert np.abs(together - alone).max() <= 1e-6


def test_no_instruction_reaches_a_model_that_was_not_trained_on_any(folders, load):
    prompts = {"query": "query: ", "document": "doc: ", "corpus": "other: "}
    embedder = load(checkpoints.write_encoder(folders / "prompted", prompts=prompts))

    assert not embedder.profile.instruction_aware
    assert embedder.prompt("a task", "query") == embedder.prompt(None, "query")
    assert embedder.prompt("a task", "query").prefix == "query: "
    assert embedder.prompt("a task", "query").task is None
    assert embedder.prompt(None, "document").prefix == "doc: "


def test_a_task_replaces_the_one_in_an_instruct_prompt(folders, load):
    embedder = load(checkpoints.write_encoder(folders / "e5", prompts={"query": E5}))

    assert embedder.profile.instruction_aware
    assert embedder.prompt(None, "query").prefix == E5
    assert embedder.prompt("Find laws", "query").prefix == "Instruct: Find laws\nQuery: "
    assert embedder.prompt(None, "document").prefix == ""
    assert embedder.prompt("Find laws", "document").prefix == "Instruct: Find laws\nQuery: "


def test_the_default_prompt_stands_in_where_a_side_has_none(folders, load):
    folder = checkpoints.write_encoder(
        folders / "default", prompts={"sts": "compare: "}, default_prompt_name="sts"
    )
    embedder = load(folder)

    assert embedder.prompt(None, "query").prefix == "compare: "
    assert embedder.prompt(None, "document").prefix == "compare: "


def test_the_longest_input_falls_back_to_tokenizer_and_positions(folders, load):
    folder = checkpoints.write_encoder(folders / "no-length", max_seq_length=None)
    greedy = checkpoints.write_encoder(folders / "greedy", max_seq_length=100_000)

    assert load(folder).profile.max_tokens == 160
    assert load(greedy).profile.max_tokens == 160


def test_lower_case_of_the_folder_is_applied(folders, texts, load):
    folder = checkpoints.write_encoder(folders / "lower")
    path = folder / "tokenizer.json"
    text = path.read_text(encoding="utf-8").replace('"lowercase":true', '"lowercase":false')
    path.write_text(text.replace('"lowercase": true', '"lowercase": false'), encoding="utf-8")
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(config | {"do_lower_case": False}))
    cased = load(folder)
    (folder / "sentence_bert_config.json").write_text(
        json.dumps({"max_seq_length": 128, "do_lower_case": True})
    )
    lowered = load(folder)

    assert cased.fingerprint != lowered.fingerprint
    upper, lower = embed(lowered, ["BEIJING", "beijing"]).vectors
    assert (upper == lower).all()
    upper, lower = embed(cased, ["BEIJING", "beijing"]).vectors
    assert (upper != lower).any()
    assert np.abs(embed(lowered, texts).vectors - peer_of(folder).encode(texts)).max() <= 1e-5


def test_matryoshka_is_claimed_only_where_the_folder_says_so(folders, load):
    folder = checkpoints.write_encoder(folders / "mrl", prompts={})
    plain = load(folder).profile
    path = folder / "config_sentence_transformers.json"
    path.write_text(json.dumps({"matryoshka_dims": [32, 16, 8]}))
    named = load(folder).profile

    assert (plain.mrl, plain.min_dim) == (False, 32)
    assert (named.mrl, named.min_dim) == (True, 8)


@pytest.mark.parametrize("pooling", ["max", "weightedmean", ["mean", "cls"]])
@pytest.mark.parametrize("legacy_keys", [True, False])
def test_a_pooling_metier_does_not_run_is_named(folders, load, pooling, legacy_keys):
    name = f"refused-{'-'.join(pooling)}-{legacy_keys}"
    folder = checkpoints.write_encoder(folders / name, pooling=pooling, legacy_keys=legacy_keys)

    with pytest.raises(CheckpointError, match="Supported: mean, cls, lasttoken"):
        load(folder)


@pytest.mark.parametrize(
    "kind", ["sentence_transformers.models.Dense", "custom_code.Pooling", "modeling.Normalize"]
)
def test_a_module_metier_does_not_run_is_named(folders, load, kind):
    folder = checkpoints.write_encoder(folders / kind)
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"idx": 3, "name": "3", "path": "3_More", "type": kind})
    (folder / "modules.json").write_text(json.dumps(modules))

    with pytest.raises(CheckpointError, match=kind):
        load(folder)


def test_code_in_a_model_folder_is_never_run(folders, load):
    folder = checkpoints.write_encoder(folders / "code")
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "modeling.Model"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modeling.py").write_text("raise SystemExit('run')")

    with pytest.raises(CheckpointError, match="no code from a model folder"):
        load(folder)


def test_a_module_outside_the_folder_is_refused(folders, load):
    folder = checkpoints.write_encoder(folders / "outside")
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["path"] = "../encoder/1_Pooling"
    (folder / "modules.json").write_text(json.dumps(modules))

    with pytest.raises(CheckpointError, match="own folder only"):
        load(folder)


@pytest.mark.parametrize("before", [0, 2, 5000])
def test_a_text_without_a_usable_vector_is_named(encoder_folder, load, before):
    embedder = load(encoder_folder)
    damage(embedder, encoder_folder)

    with pytest.raises(ModelError, match=rf"vector for text {before}: .* NaN"):
        embed(embedder, ["law"] * before + [f"law{MARK}", "Beijing"])


@pytest.mark.parametrize("before", [0, 2, 5000])
def test_a_text_without_tokens_is_named(folders, load, before):
    folder = checkpoints.write_encoder(folders / f"no-template-{before}")
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"post_processor": None}))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 160})
    )
    embedder = load(folder)

    with pytest.raises(InputError, match=f"Text {before} gives no token"):
        embed(embedder, ["law"] * before + ["", "Beijing"])


def states_of(embedder, texts, side="document"):
    prompt = embedder.prompt(None, side)
    return embedder.token_states(texts, prompt=prompt, progress=NoProgress())


def test_they_agree_with_sentence_transformers(encoder_folder, texts, load):
    from sentence_transformers import SentenceTransformer

    embedder = load(encoder_folder)
    peer = SentenceTransformer(str(encoder_folder), device="cpu")
    found = states_of(embedder, texts)

    others = peer.encode(texts, output_value="token_embeddings")
    read = peer.tokenizer(texts, truncation=True, max_length=peer.max_seq_length)["input_ids"]
    for own, other, ids in zip(found, others, read, strict=True):
        known = ~np.isin(ids, peer.tokenizer.all_special_ids)
        expected = other.numpy()[known]
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        assert own.vectors.shape == expected.shape
        assert np.abs(own.vectors - expected).max(initial=0) <= 2e-3
    assert max(len(ids) for ids in read) == embedder.profile.max_tokens


@pytest.mark.parametrize("kind", ["bert", "roberta", "mpnet"])
def test_a_text_has_the_same_states_whatever_stands_beside_it(folders, texts, load, kind):
    embedder = load(write_kind(folders / f"states-{kind}", kind))
    together = states_of(embedder, texts)
    for text, beside in zip(texts[:6], together, strict=False):
        (alone,) = states_of(embedder, [text])
        assert np.array_equal(alone.spans, beside.spans)
        assert np.abs(alone.vectors - beside.vectors).max(initial=0) <= 2e-3


def test_the_prompt_is_read_and_left_out(folders, load):
    folder = checkpoints.write_encoder(folders / "prompted", prompts={"query": "query: "})
    embedder = load(folder)
    text = "the capital of China"
    (bare,), (prompted,) = states_of(embedder, [text]), states_of(embedder, [text], side="query")
    assert np.array_equal(bare.spans, prompted.spans)
    assert [text[start:end] for start, end in bare.spans] == text.split()
    assert not np.allclose(bare.vectors, prompted.vectors, atol=1e-2)


def test_a_text_of_nothing_but_special_tokens_has_none(encoder_folder, load):
    found, _ = states_of(load(encoder_folder), ["", "law"])
    assert found.vectors.shape == (0, load(encoder_folder).profile.dim)
    assert found.bytes == 0


def test_a_text_that_is_not_unicode_is_refused(encoder_folder, load):
    with pytest.raises(InputError, match="Unicode"):
        states_of(load(encoder_folder), ["law", "\ud800"])


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
def test_they_may_be_had_with_the_vectors_of_one_reading(folders, texts, load, kind):
    embedder = load(write_kind(folders / f"both-{kind}", kind))
    prompt = embedder.prompt(None, "document")
    told = {}

    def keep(text, states):
        told[text] = states
        return True

    made = embedder.embed_keeping(texts * 2, prompt=prompt, dim=8, progress=NoProgress(), keep=keep)
    alone = embedder.embed(texts * 2, prompt=prompt, dim=8, progress=NoProgress())
    np.testing.assert_allclose(made.vectors, alone.vectors, atol=2e-3)
    assert np.array_equal(made.tokens, alone.tokens)
    assert len(told) > 1
    assert set(told) <= set(texts)
    for text, states in zip(told, states_of(embedder, list(told)), strict=True):
        assert np.array_equal(told[text].spans, states.spans)
        assert np.abs(told[text].vectors - states.vectors).max(initial=0) <= 2e-3


def test_states_are_told_until_nobody_wants_more(encoder_folder, texts, load):
    embedder = load(encoder_folder)
    told = []

    def keep(text, states):
        told.append(text)
        return len(told) < 3

    prompt = embedder.prompt(None, "document")
    made = embedder.embed_keeping(texts, prompt=prompt, dim=8, progress=NoProgress(), keep=keep)
    assert len(told) == 3
    assert made.vectors.shape == (len(texts), 8)


def test_a_decoder_claims_none(qwen3, encoder_folder, load):
    assert not isinstance(qwen3, TokenStateEmbedder)
    assert not isinstance(qwen3, TokenStateStreamer)
    assert isinstance(load(encoder_folder), TokenStateEmbedder)
    assert isinstance(load(encoder_folder), TokenStateStreamer)


def test_a_task_cannot_put_control_tokens_into_a_prompt(folders, load):
    prompt = "[CLS] Instruct: Find it\nQuery: "
    embedder = load(checkpoints.write_encoder(folders / "control-task", prompts={"query": prompt}))

    def count(task):
        asked = embedder.prompt(task, "query")
        return embedder.count_tokens(["the capital"], prompt=asked)[0]

    assert count("Find it") == count(None)
    assert count("Find it [SEP]") == count("Find it") + 5, "[, s, ##e, ##p and ]"
