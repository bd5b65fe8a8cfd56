"""Texts longer than the model reads: the vector of all of their parts, or of their beginning."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from tests.core.toys import BOTH_TASK, QUERY_TASK

from metier import MetierWarning, Runtime
from metier.engine.ledger import Ledger
from metier.errors import (
    ErrorPosition,
    InputError,
    ModelError,
    ParameterError,
    UsageError,
)
from metier.models.embedder import Embeddings
from metier.progress import NoProgress
from metier.testing import FakeEmbedder, checkpoints

BEARS = "The bear is brown and has soft fur. "
TRAINS = "The train runs on rails of steel. "
SHORT = ["a bear", "A steam train runs on rails.", "a box of wood", "a bear"]


@pytest.fixture(scope="module")
def small_qwen3(one_thread, tmp_path_factory):
    """A tiny Qwen3 model that reads 128 tokens, follows instructions and has MRL."""
    folder = checkpoints.write_qwen3_embedder(
        tmp_path_factory.mktemp("models") / "qwen3", max_positions=128
    )
    return Runtime(folder, device="cpu", dtype="float32", plugins=[], progress=False)


def runtime(embedder, **options):
    return Runtime(embedder, plugins=[], progress=False, **options)


@pytest.mark.parametrize("side", ["query", "document"])
def test_texts_that_fit_have_the_same_vectors_to_the_last_bit(rt, small_qwen3, side):
    for of_model in (rt, small_qwen3):
        embed = of_model.embed_queries if side == "query" else of_model.embed_documents
        assert np.array_equal(embed(SHORT, long_texts="pool"), embed(SHORT))
        mixed = [SHORT[0], BEARS * 60, *SHORT[1:]]
        beside_a_long_one = np.delete(embed(mixed, long_texts="pool"), 1, axis=0)
        np.testing.assert_allclose(beside_a_long_one, embed(SHORT), atol=1e-6)


@pytest.mark.parametrize("instruction", [None, QUERY_TASK, BOTH_TASK])
@pytest.mark.parametrize("side", ["query", "document"])
@pytest.mark.parametrize("dim", [64, 40])
def test_a_long_text_is_the_mean_of_its_parts_by_their_tokens(small_qwen3, instruction, side, dim):
    engine = small_qwen3.engine
    text = BEARS * 7 + TRAINS * 11
    options = {"instruction": instruction, "side": side}
    (parts,) = engine.divide([text], side, instructions=[instruction])
    assert len(parts) > 2
    strings = [part.text for part in parts]
    (alone,) = engine.count_tokens([""], **options)
    weights = np.array(engine.count_tokens(strings, **options)) - alone
    mean = np.average(engine.embed(strings, dim=dim, **options), axis=0, weights=weights)
    (vector,) = engine.embed([text], dim=dim, long_texts="pool", **options)
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-6)


@pytest.mark.parametrize("instruction", [None, BOTH_TASK])
def test_parts_fit_under_the_prompt_and_cover_all_but_whitespace(small_qwen3, instruction):
    engine = small_qwen3.engine
    limit = engine.embedder.profile.max_tokens
    texts = [
        " \n" + BEARS * 9 + "\n\n" + TRAINS * 5,
        "word" * 200,  # no boundary at all
        "熊は茶色で毛が柔らかい。" * 20,
        "a\tb\r\n" * 90,
        "a bear",
    ]
    divided = engine.divide(texts, "document", instructions=[instruction])
    for text, parts in zip(texts, divided, strict=True):
        assert [part.text for part in parts] == [text[part.start : part.end] for part in parts]
        strings = [part.text for part in parts]
        counts = engine.count_tokens(strings, instruction=instruction, side="document")
        assert max(counts) <= limit
        starts = [0, *(part.end for part in parts)]
        ends = [*(part.start for part in parts), len(text)]
        between = [text[start:end] for start, end in zip(starts, ends, strict=True)]
        assert not "".join(between).strip()
    assert divided[-1] == [(0, 6, "a bear")]


def test_parts_fit_under_every_instruction_that_is_named():
    engine = runtime(FakeEmbedder(max_tokens=60)).engine
    text = " ".join(f"w{number}" for number in range(150))
    both = engine.divide([text], "document", instructions=[None, BOTH_TASK])
    assert both == engine.divide([text], "document", instructions=[BOTH_TASK])
    assert both != engine.divide([text], "document")


@pytest.mark.parametrize(("words", "parts"), [(59, 1), (60, 2), (100, 2), (150, 3)])
def test_a_text_has_as_few_parts_as_fit_of_about_one_length(words, parts):
    engine = runtime(FakeEmbedder(max_tokens=60)).engine  # one token closes a text
    text = "".join(f"# Heading {n}\n\n" for n in range(words // 3)) + " ".join("w" * (words % 3))
    lengths = [len(part.text) for part in engine.divide([text], "document")[0]]
    assert len(lengths) == parts, "headings begin no part"
    assert max(lengths) < 2 * min(lengths)


def test_the_end_of_a_long_text_counts(rt):
    texts = [BEARS * 40 + BEARS * 60, BEARS * 40 + TRAINS * 60]
    with pytest.warns(MetierWarning, match="2 of 2 texts were longer"):
        cut = rt.embed_documents(texts)
    assert np.array_equal(cut[0], cut[1])
    about_trains = rt.embed_documents([TRAINS])[0]
    same, other = rt.embed_documents(texts, long_texts="pool") @ about_trains
    assert other > same + 0.1


def test_nothing_is_warned_of_where_all_is_read(rt):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        vectors = rt.embed_queries(["a", BEARS * 100], long_texts="pool")
    assert [str(warning.message) for warning in caught] == []
    assert vectors.shape[0] == 2


def test_equal_texts_have_equal_vectors_and_one_provenance(rt):
    long = rt.embed_documents([BEARS * 60, "a bear", BEARS * 60], long_texts="pool")
    assert np.array_equal(long[0], long[2])
    assert long.provenance == rt.embed_documents(["a bear"]).provenance
    assert (rt.embed_queries(["a bear"]) @ long.T).shape == (1, 3)
    np.testing.assert_allclose(np.linalg.norm(long, axis=1), 1.0, atol=1e-6)


def test_a_text_that_is_too_long_by_its_whitespace_only_is_whole():
    rt = runtime(FakeEmbedder(max_tokens=60))
    ledger = Ledger()
    padded = "\n" * 300 + "a bear" + " " * 300
    vector = rt.engine.recording(ledger).embed([padded], "document", long_texts="pool")
    assert np.array_equal(vector, rt.embed_documents(["a bear"]))
    assert (ledger.texts_divided, ledger.text_parts) == (0, 0)


def test_parts_are_counted_and_so_are_texts_that_have_some():
    engine = runtime(FakeEmbedder(max_tokens=60)).engine
    texts = ["a bear", "bear " * 100, "train " * 150, "a train"]
    pooled, cut = Ledger(), Ledger()
    engine.recording(pooled).embed(texts, "document", long_texts="pool")
    engine.recording(cut).embed(texts, "document")
    assert (pooled.texts_embedded, pooled.texts_divided, pooled.text_parts) == (7, 2, 5)
    assert pooled.texts_truncated == 0
    assert (cut.texts_embedded, cut.texts_divided, cut.text_parts) == (4, 0, 0)
    assert cut.texts_truncated == 2


def test_the_cache_keeps_parts_as_texts(tmp_path):
    texts = ["a bear", BEARS * 20, "a train"]
    first, second = Ledger(), Ledger()
    rt = runtime(FakeEmbedder(max_tokens=60), cache=tmp_path)
    plain = rt.engine.recording(first).embed(texts, "document", long_texts="pool")
    again = runtime(FakeEmbedder(max_tokens=60), cache=tmp_path).engine
    kept = again.recording(second).embed(texts, "document", long_texts="pool", dim=64)
    assert first.texts_recalled == 0
    assert second.texts_recalled == second.texts_embedded == first.texts_embedded > 3
    fresh = runtime(FakeEmbedder(max_tokens=60)).embed_documents(texts, long_texts="pool", dim=64)
    np.testing.assert_allclose(kept, fresh, atol=1e-6)
    assert plain.shape == (3, 256)


class Steps(NoProgress):
    """Progress that keeps what it is told."""

    def __init__(self):
        self.begun: list[tuple[str, int]] = []
        self.steps = 0

    def begin(self, label, total):
        self.begun.append((label, total))

    def advance(self, steps=1):
        self.steps += steps


@pytest.mark.parametrize("cached", [False, True])
def test_progress_counts_parts(rt, tmp_path, cached):
    steps = Steps()
    of_model = runtime(rt.embedder, cache=tmp_path if cached else False)
    texts = ["a bear", BEARS * 60, "a bear", BEARS * 60]
    (count,) = {len(parts) for parts in of_model.engine.divide([BEARS * 60], "document")}
    of_model.engine.embed(texts, "document", long_texts="pool", progress=steps)
    assert steps.begun == [("embedding documents", 2 + 2 * count)]
    assert steps.steps == 2 + 2 * count


def test_an_error_names_the_text_and_not_its_part():
    class Broken(FakeEmbedder):
        """A model that gives no vector for what begins with `stop`."""

        def embed(self, texts, **options) -> Embeddings:
            for index, text in enumerate(texts):
                if text.startswith("stop"):
                    raise ModelError(
                        "No vector for $position.", position=ErrorPosition(index=index)
                    )
            return super().embed(texts, **options)

    rt = runtime(Broken(max_tokens=60))
    texts = ["go " * 200, "go " * 100, "go " * 100 + "\n\n" + "stop " * 50, "go"]
    with pytest.raises(ModelError, match="No vector for text 2"):
        rt.embed_documents(texts, long_texts="pool")
    with pytest.raises(InputError, match="Text 1 is empty"):
        rt.embed_documents(["go " * 200, " "], long_texts="pool")


def test_a_prompt_that_leaves_no_room_for_parts_is_an_error_only_where_a_text_is_long():
    rt = runtime(FakeEmbedder(max_tokens=38))
    assert rt.embed_queries(["a bear"], instruction=QUERY_TASK, long_texts="pool").shape == (1, 48)
    with pytest.raises(UsageError, match=r"1 of the texts are longer.*\n.*\n.*long_texts='cut'"):
        rt.embed_queries(["a bear", "go " * 99], instruction=QUERY_TASK, long_texts="pool")


def test_any_other_word_for_long_texts_is_refused_before_the_model_is_loaded():
    rt = Runtime("no/such-model", plugins=[], progress=False)
    with pytest.raises(ParameterError, match="'mean' is neither 'pool' nor 'cut'"):
        rt.engine.embed(["a"], "document", long_texts="mean")
