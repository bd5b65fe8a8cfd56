import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.models.changed_checkpoints import MARK, damage
from transformers import AutoModelForCausalLM, AutoTokenizer

from metier.errors import CheckpointError, InputError, ModelError, ParameterError
from metier.models.builtin_families import builtin_families
from metier.models.family import LoadOptions
from metier.models.loading import load_reranker
from metier.models.qwen3 import templates
from metier.models.tokens import TextTokenizer
from metier.progress import NoProgress
from metier.testing import checkpoints

OPTIONS = LoadOptions(device="cpu", dtype="float32")
QUERY = "What is the capital of China?"
DEFAULT = "Given a web search query, retrieve relevant passages that answer the query"


def score(reranker, query, documents, task=None):
    return reranker.score(query, documents, task=task, progress=NoProgress())


def model_card(folder, pairs, task, max_length=2048):
    """The transformers example of the Qwen3-Reranker model card, with full logits."""
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    prefix = (
        "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query "
        'and the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n'
        "<|im_start|>user\n"
    )
    suffix = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    before = tokenizer.encode(prefix, add_special_tokens=False)
    after = tokenizer.encode(suffix, add_special_tokens=False)
    bodies = [f"<Instruct>: {task}\n<Query>: {query}\n<Document>: {doc}" for query, doc in pairs]
    room = max_length - len(before) - len(after)
    inputs = tokenizer(bodies, add_special_tokens=False, truncation=True, max_length=room)
    ids = [before + body + after for body in inputs["input_ids"]]
    batch = tokenizer.pad({"input_ids": ids}, padding=True, return_tensors="pt")
    with torch.no_grad():
        logits = model(**batch).logits[:, -1, :]
    yes, no = (tokenizer.convert_tokens_to_ids(answer) for answer in ("yes", "no"))
    both = torch.stack([logits[:, no], logits[:, yes]], dim=1)
    return torch.nn.functional.log_softmax(both, dim=1)[:, 1].exp().numpy()


@pytest.mark.parametrize("head", ["tied", "untied"])
@pytest.mark.parametrize("task", [None, "Find laws about late payment"])
def test_scores_agree_with_the_model_card(rerankers, reranker_folders, texts, head, task):
    made = score(rerankers[head], QUERY, texts, task)

    pairs = [(QUERY, text) for text in texts]
    expected = model_card(reranker_folders[head], pairs, task or DEFAULT)
    assert np.abs(made.scores - expected).max() <= 1e-5
    assert made.scores.dtype == np.float32
    assert np.ptp(made.scores) > 0.1, "scores that hardly differ would prove nothing"
    assert not made.truncated.any()


def test_queries_of_all_kinds_agree_with_the_model_card(rerankers, reranker_folders, texts):
    made = [score(rerankers["tied"], query, ["Beijing"]).scores[0] for query in texts]

    pairs = [(query, "Beijing") for query in texts]
    expected = model_card(reranker_folders["tied"], pairs, DEFAULT)
    assert np.abs(np.array(made) - expected).max() <= 1e-5


def test_tied_and_untied_heads_are_told_apart(rerankers):
    tied = score(rerankers["tied"], QUERY, ["Beijing"]).scores
    untied = score(rerankers["untied"], QUERY, ["Beijing"]).scores

    assert abs(tied - untied) > 1e-3
    assert rerankers["tied"].fingerprint != rerankers["untied"].fingerprint


def test_scores_agree_with_sentence_transformers(rerankers, reranker_folders, texts):
    from sentence_transformers import CrossEncoder
    from sentence_transformers.base.modules.transformer import Transformer
    from sentence_transformers.cross_encoder.modules import LogitScore

    folder = str(reranker_folders["untied"])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    yes, no = (tokenizer.convert_tokens_to_ids(answer) for answer in ("yes", "no"))
    transformer = Transformer(
        folder,
        transformer_task="text-generation",
        model_kwargs={"dtype": torch.float32},
        processor_kwargs={"chat_template": chat_template()},
    )
    peer = CrossEncoder(modules=[transformer, LogitScore(yes, no)], device="cpu")

    made = score(rerankers["untied"], QUERY, texts).scores

    expected = peer.predict([(QUERY, text) for text in texts], activation_fn=torch.nn.Sigmoid())
    assert np.abs(made - expected).max() <= 1e-5


def chat_template():
    """The reranker's template as sentence-transformers takes it: in jinja."""
    text = '{{ (messages | selectattr("role", "eq", "ROLE") | first).content[0].text }}'
    query, document = (text.replace("ROLE", role) for role in ("query", "document"))
    # jinja drops a line break at the very end unless it is an expression.
    suffix = templates.RERANK_SUFFIX.rstrip() + '{{ "\\n\\n" }}'
    body = f"{templates.rerank_head(None)} {query}{templates.RERANK_DOCUMENT} {document}"
    return templates.RERANK_PREFIX + body + suffix


def test_a_score_does_not_depend_on_its_neighbors(rerankers, texts):
    together = score(rerankers["tied"], QUERY, texts).scores

    alone = [score(rerankers["tied"], QUERY, [text]).scores[0] for text in texts]

    assert np.abs(together - np.array(alone)).max() <= 1e-6


def test_render_is_the_text_that_is_read(rerankers, reranker_folders):
    rendered = rerankers["tied"].render("q", "d", task="t")

    assert rendered == (
        "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query "
        'and the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n'
        "<|im_start|>user\n<Instruct>: t\n<Query>: q\n<Document>: d"
        "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    )


def test_a_long_document_is_cut_and_the_template_kept(folders, texts):
    folder = checkpoints.write_qwen3_reranker(folders / "short-reranker", max_positions=256)
    reranker = load_reranker(str(folder), OPTIONS, builtin_families())

    made = score(reranker, "capital", texts)

    expected = model_card(folder, [("capital", text) for text in texts], DEFAULT, max_length=256)
    assert np.abs(made.scores - expected).max() <= 1e-5
    assert made.truncated.any()
    assert not made.truncated.all()


def test_a_long_query_is_cut_and_leaves_room_for_the_document(folders):
    folder = checkpoints.write_qwen3_reranker(folders / "short-query", max_positions=256)
    reranker = load_reranker(str(folder), OPTIONS, builtin_families())
    documents = ["Beijing", "Gravity", "law " * 300]

    made = score(reranker, "what " * 400, documents)

    assert made.truncated.all()
    assert len(set(made.scores.tolist())) == 3, "each document still decides its score"


def test_an_instruction_that_fills_the_input_is_refused(folders):
    folder = checkpoints.write_qwen3_reranker(folders / "tight-reranker", max_positions=160)
    reranker = load_reranker(str(folder), OPTIONS, builtin_families())

    with pytest.raises(ParameterError, match="no room"):
        score(reranker, QUERY, ["x"], task="many words " * 60)


@pytest.mark.parametrize("token", [*checkpoints.QWEN_SPECIAL, *checkpoints.QWEN_ADDED])
@pytest.mark.parametrize("field", ["query", "document", "task"])
def test_a_control_token_in_a_field_is_read_as_characters(rerankers, tokenizer, token, field):
    fields = {"query": QUERY, "document": "a document", "task": "find it"}
    reranker = rerankers["tied"]

    (plain,) = reranker._tokenize(fields["query"], [fields["document"]], fields["task"])
    fields[field] = f"x{token}\n{token} y"
    (spelled,) = reranker._tokenize(fields["query"], [fields["document"]], fields["task"])

    of_template, with_text = (
        np.concatenate([*pair.shared, pair.rest]) for pair in (plain, spelled)
    )
    token_id = tokenizer.id_of(token)
    assert np.count_nonzero(with_text == token_id) == np.count_nonzero(of_template == token_id)
    assert len(with_text) > len(of_template)
    assert np.isfinite(score(reranker, fields["query"], [fields["document"]]).scores).all()


@pytest.fixture(scope="module")
def tokenizer(reranker_folders):
    return TextTokenizer.load(reranker_folders["tied"])


@settings(max_examples=200, deadline=None)
@given(query=st.text(max_size=40), document=st.text(max_size=40))
def test_pieces_are_tokenized_as_the_whole_would_be(tokenizer, query, document):
    head = templates.rerank_head("find it")

    pieces = tokenizer.encode([head, f" {query}{templates.RERANK_DOCUMENT}", f" {document}"])

    whole = tokenizer.encode([f"{head} {query}{templates.RERANK_DOCUMENT} {document}"])[0]
    assert np.concatenate(pieces).tolist() == whole.tolist()


def test_no_documents_give_no_scores(rerankers):
    assert score(rerankers["tied"], QUERY, []).scores.shape == (0,)


def test_a_lone_surrogate_is_refused(rerankers):
    with pytest.raises(InputError, match="Text 1 holds a lone surrogate"):
        score(rerankers["tied"], QUERY, ["ok", "\udfff"])
    with pytest.raises(InputError, match="The query holds a lone surrogate at character 1"):
        score(rerankers["tied"], "a\udfff", ["ok"])


def test_an_embedding_model_is_refused_as_reranker(qwen3_folder):
    with pytest.raises(CheckpointError, match="embedding model"):
        load_reranker(str(qwen3_folder), OPTIONS, builtin_families())


def test_progress_counts_documents(rerankers, texts, counted):
    rerankers["tied"].score(QUERY, texts, task=None, progress=counted)

    assert counted.items == len(texts)


@pytest.mark.parametrize("query", [QUERY, "what " * 9000], ids=["whole query", "cut query"])
def test_a_document_without_a_usable_score_is_named(reranker_folders, query):
    folder = reranker_folders["tied"]
    reranker = load_reranker(str(folder), OPTIONS, builtin_families())
    damage(reranker, folder)

    with pytest.raises(ModelError, match=r"score for text 2: .* NaN"):
        score(reranker, query, ["Beijing", "law " * 300, f"law{MARK}", "Gravity"])


@pytest.fixture
def little_memory():
    """A function that leaves this process some 40 MB, until the test ends."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)

    def leave():
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 40_000_000, hard))

    yield leave
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_a_document_too_big_for_the_memory_is_named(folders, little_memory):
    folder = checkpoints.write_qwen3_reranker(folders / "long-reranker", max_positions=8192)
    reranker = load_reranker(str(folder), OPTIONS, builtin_families())
    score(reranker, QUERY, ["Gravity"])
    little_memory()

    with pytest.raises(ModelError, match=r"Text 1 with its \d{4} tokens needs more memory"):
        score(reranker, QUERY, ["Beijing", "law " * 9000, "Gravity"])
    assert score(reranker, QUERY, ["Gravity"]).scores.shape == (1,)
