import json
import random

import numpy as np
import pytest
import torch
from tests.core.models.changed_checkpoints import MARK, damage
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer

from metier.errors import CheckpointError, DimError, InputError, ModelError, ParameterError
from metier.models.embedder import Prompt
from metier.progress import NoProgress
from metier.testing import checkpoints

TASK = "Identify loan applications with signs of delinquency risk"
RAW = Prompt("document")


def embed(embedder, texts, prompt=RAW, dim=64):
    return embedder.embed(texts, prompt=prompt, dim=dim, progress=NoProgress())


def model_card(folder, texts, max_length=8192):
    """The transformers example of the Qwen3-Embedding model card: left padding, last token."""
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModel.from_pretrained(folder, dtype=torch.float32)
    batch = tokenizer(
        texts, padding=True, truncation=True, max_length=max_length, return_tensors="pt"
    )
    with torch.no_grad():
        hidden = model(**batch).last_hidden_state
    left_padded = batch["attention_mask"][:, -1].sum() == batch["attention_mask"].shape[0]
    assert left_padded
    return torch.nn.functional.normalize(hidden[:, -1], p=2, dim=1).numpy()


@pytest.mark.parametrize("task", [None, TASK])
def test_queries_agree_with_the_model_card(qwen3, qwen3_folder, texts, task):
    prompt = qwen3.prompt(task, "query")
    default = "Given a web search query, retrieve relevant passages that answer the query"

    made = embed(qwen3, texts, prompt)

    expected = model_card(
        qwen3_folder, [f"Instruct: {task or default}\nQuery:{text}" for text in texts]
    )
    assert np.abs(made.vectors - expected).max() <= 1e-5
    assert max(made.tokens) > 600
    assert not made.truncated.any()


def test_documents_agree_with_the_model_card(qwen3, qwen3_folder, texts):
    made = embed(qwen3, texts, qwen3.prompt(None, "document"))

    assert np.abs(made.vectors - model_card(qwen3_folder, texts)).max() <= 1e-5
    assert min(made.tokens) == 2


def test_both_sides_agree_with_sentence_transformers(qwen3, qwen3_folder, texts):
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(
        str(qwen3_folder), device="cpu", model_kwargs={"dtype": torch.float32}
    )

    queries = embed(qwen3, texts, qwen3.prompt(None, "query")).vectors
    documents = embed(qwen3, texts, qwen3.prompt(None, "document")).vectors
    asked = embed(qwen3, texts, qwen3.prompt(TASK, "query")).vectors

    told = f"Instruct: {TASK}\nQuery:"
    assert np.abs(queries - peer.encode_query(texts)).max() <= 1e-5
    assert np.abs(documents - peer.encode_document(texts)).max() <= 1e-5
    assert np.abs(asked - peer.encode(texts, prompt=told)).max() <= 1e-5


def test_a_vector_does_not_depend_on_its_neighbors(qwen3, texts):
    together = embed(qwen3, texts).vectors

    alone = np.concatenate([embed(qwen3, [text]).vectors for text in texts])

    assert np.abs(together - alone).max() <= 1e-6


def test_the_order_of_texts_is_kept_and_equal_texts_are_equal(qwen3, texts):
    order = list(range(len(texts)))
    random.Random(3).shuffle(order)

    made = embed(qwen3, texts).vectors
    shuffled = embed(qwen3, [texts[index] for index in order]).vectors

    assert np.abs(shuffled - made[order]).max() <= 1e-6
    first, second = (index for index, text in enumerate(texts) if text == "Beijing")
    assert (made[first] == made[second]).all()


def test_a_dim_is_sliced_before_it_is_normalized(qwen3, texts):
    full = embed(qwen3, texts).vectors

    short = embed(qwen3, texts, dim=32).vectors

    expected = full[:, :32] / np.linalg.norm(full[:, :32], axis=1, keepdims=True)
    assert np.abs(short - expected).max() <= 1e-6
    assert np.linalg.norm(short, axis=1) == pytest.approx(1.0, abs=1e-6)


def test_a_dim_beyond_the_model_is_refused(qwen3):
    with pytest.raises(DimError, match="from 1 to 64"):
        embed(qwen3, ["x"], dim=65)


def test_no_texts_give_no_vectors(qwen3):
    made = embed(qwen3, [], dim=48)

    assert made.vectors.shape == (0, 48)
    assert made.tokens.shape == made.truncated.shape == (0,)


def test_a_document_gets_an_instruction_only_when_it_is_asked_for(qwen3):
    assert qwen3.prompt(None, "document").prefix == ""
    assert qwen3.prompt("same", "document").prefix == qwen3.prompt("same", "query").prefix
    assert qwen3.prompt("same", "query").render("x") == "Instruct: same\nQuery:x"


def test_the_closing_token_is_appended_where_the_tokenizer_lacks_the_template(
    folders, qwen3, texts, load
):
    folder = checkpoints.write_qwen3_embedder(folders / "no-template", end_token_template=False)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer("x").input_ids[-1] != tokenizer.convert_tokens_to_ids("<|endoftext|>")

    made = embed(load(folder), texts).vectors

    assert (made == embed(qwen3, texts).vectors).all()


def test_tokens_are_counted_with_the_closing_token_once(qwen3, qwen3_folder, texts):
    tokenizer = AutoTokenizer.from_pretrained(qwen3_folder)
    prompt = qwen3.prompt(TASK, "query")

    counts = qwen3.count_tokens(texts, prompt=prompt)

    expected = [len(tokenizer(prompt.render(text)).input_ids) for text in texts]
    assert counts == expected
    assert embed(qwen3, texts, prompt).tokens.tolist() == expected


def test_a_long_text_is_cut_on_the_right_and_keeps_instruction_and_closing_token(
    folders, texts, load
):
    folder = checkpoints.write_qwen3_embedder(folders / "short", max_positions=64)
    embedder = load(folder)
    prompt = embedder.prompt("find", "query")

    made = embed(embedder, texts, prompt)

    expected = model_card(folder, [prompt.render(text) for text in texts], max_length=64)
    assert embedder.profile.max_tokens == 64
    assert np.abs(made.vectors - expected).max() <= 1e-5
    assert made.tokens.max() == 64
    counts = np.array(embedder.count_tokens(texts, prompt=prompt))
    assert (made.truncated == (counts > 64)).all()
    assert made.truncated.any()


def test_an_instruction_that_fills_the_input_is_refused(folders, load):
    folder = checkpoints.write_qwen3_embedder(folders / "tight", max_positions=24)
    embedder = load(folder)

    with pytest.raises(ParameterError, match="no room for a text"):
        embed(embedder, ["x"], embedder.prompt("many words " * 20, "query"))


def test_a_lone_surrogate_is_named_with_its_place(qwen3):
    with pytest.raises(InputError, match=r"Text 1 .*character 2"):
        embed(qwen3, ["fine", "ab\ud800"], qwen3.prompt(TASK, "query"))


@pytest.mark.parametrize("before", [0, 2, 5000])
def test_a_text_without_a_usable_vector_is_named(qwen3_folder, load, before):
    embedder = load(qwen3_folder)
    damage(embedder, qwen3_folder)
    prompt = embedder.prompt(TASK, "query")

    with pytest.raises(ModelError, match=rf"vector for text {before}: .* NaN"):
        embed(embedder, ["law"] * before + [f"law{MARK}", "Beijing"], prompt)


def test_progress_counts_texts(qwen3, texts, counted):
    qwen3.embed(texts, prompt=RAW, dim=64, progress=counted)

    assert counted.items == len(texts)


def test_a_half_precision_model_gives_nearly_the_same_vectors(qwen3, qwen3_folder):
    from metier.models.builtin_families import builtin_families
    from metier.models.family import LoadOptions
    from metier.models.loading import load_embedder

    options = LoadOptions(device="cpu", dtype="bfloat16")
    half = load_embedder(str(qwen3_folder), options, builtin_families())

    made = embed(half, ["a short text"]).vectors

    assert (half.dtype, qwen3.dtype) == ("bfloat16", "float32")
    assert half.fingerprint == qwen3.fingerprint
    assert made.dtype == np.float32
    assert (made * embed(qwen3, ["a short text"]).vectors).sum() > 0.99


def test_a_checkpoint_without_sentence_transformers_files_is_read_at_its_last_token(
    folders, qwen3, load
):
    folder = checkpoints.write_qwen3_embedder(folders / "bare", sentence_transformers=False)

    bare = load(folder)

    assert (embed(bare, ["x"]).vectors == embed(qwen3, ["x"]).vectors).all()
    assert bare.fingerprint == qwen3.fingerprint


def write_prompts(folder, **prompts):
    path = folder / "config_sentence_transformers.json"
    path.write_text(json.dumps({"prompts": prompts}))


def test_the_default_task_of_a_model_trained_further_is_used(folders, load):
    folder = checkpoints.write_qwen3_embedder(folders / "legal")
    write_prompts(folder, query="Instruct: Find the clause\nQuery:", document="")
    embedder = load(folder)

    assert embedder.prompt(None, "query").task == "Find the clause"
    assert embedder.prompt(TASK, "query").prefix == f"Instruct: {TASK}\nQuery:"


def test_a_model_trained_with_prompts_of_another_form_gets_those(folders, texts, load):
    from sentence_transformers import SentenceTransformer

    folder = checkpoints.write_qwen3_embedder(folders / "other-form")
    write_prompts(folder, query="search: ", document="text: ")
    embedder = load(folder)
    peer = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})

    made = embed(embedder, texts, embedder.prompt(TASK, "query"))

    assert (embedder.profile.family, embedder.profile.pooling) == ("encoder", "last")
    assert not embedder.profile.instruction_aware
    assert np.abs(made.vectors - peer.encode_query(texts)).max() <= 1e-5


def test_an_empty_query_prompt_says_nothing(folders, load):
    folder = checkpoints.write_qwen3_embedder(folders / "empty-prompt")
    write_prompts(folder, query="", document="")

    assert load(folder).prompt(None, "query").prefix.startswith("Instruct: Given a web search")


def test_a_tokenizer_of_another_model_is_refused(folders, load):
    folder = checkpoints.write_qwen3_embedder(folders / "foreign")
    path = folder / "tokenizer.json"
    text = path.read_text(encoding="utf-8").replace("<|endoftext|>", "<|other|>")
    path.write_text(text, encoding="utf-8")
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config["pad_token"] = "<|other|>"
    (folder / "tokenizer_config.json").write_text(json.dumps(config))

    with pytest.raises(CheckpointError, match="endoftext"):
        load(folder)


@pytest.mark.parametrize("side", ["query", "document"])
def test_only_the_last_token_of_a_text_is_the_end_token(qwen3, qwen3_folder, side):
    backend = Tokenizer.from_file(str(qwen3_folder / "tokenizer.json"))
    control = [backend.token_to_id(token) for token in checkpoints.QWEN_SPECIAL]
    control += [backend.token_to_id(token) for token in checkpoints.QWEN_ADDED]
    spelled = "".join([*checkpoints.QWEN_SPECIAL, *checkpoints.QWEN_ADDED])
    prompt = qwen3.prompt(spelled if side == "query" else None, side)

    (ids,) = qwen3.token_ids([f"{spelled} x {spelled}"], prompt=prompt)

    assert np.flatnonzero(np.isin(ids, control)).tolist() == [len(ids) - 1]
    assert backend.decode(ids[:-1].tolist()) == prompt.render(f"{spelled} x {spelled}")
    assert qwen3.count_tokens([f"{spelled} x {spelled}"], prompt=prompt) == [len(ids)]
