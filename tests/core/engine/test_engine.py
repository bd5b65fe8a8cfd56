"""Embedding: texts to unit rows, sizes, instructions, what is kept and what may be compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.toys import BOTH_TASK, QUERY_TASK

from metier import Runtime, Texts
from metier.engine.ledger import Ledger
from metier.errors import DimError, InputError, MetierWarning, UnknownNameError, UsageError
from metier.texts.checks import is_blank

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda text: not is_blank(text)
)


def check_vectors(vectors: np.ndarray, shape: tuple[int, int]) -> None:
    assert vectors.shape == shape
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_vectors_are_unit_rows_in_the_order_of_the_texts(rt):
    texts = ["a bear", "a steam train", "a bear"]
    vectors = rt.embed_documents(texts)
    check_vectors(vectors, (3, 384))
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-6)
    assert vectors[0] @ vectors[1] < 0.9
    check_vectors(rt.embed_queries(["a bear"]), (1, 384))


@settings(max_examples=15)
@given(st.lists(ANY_TEXT, max_size=4))
def test_any_unicode_has_a_vector(rt, texts):
    check_vectors(rt.embed_documents(texts), (len(texts), 384))


def test_no_texts_have_no_vectors(rt, qwen3_rt):
    assert rt.embed_documents([]).shape == (0, 384)
    assert qwen3_rt.embed_queries([]).shape == (0, 64)


@pytest.mark.parametrize(
    "texts", [Texts.of(["a", "b"]), ("a", "b"), np.array(["a", "b"]), (t for t in "ab")]
)
def test_texts_may_come_in_any_collection_of_strings(rt, texts):
    np.testing.assert_allclose(rt.embed_documents(texts), rt.embed_documents(["a", "b"]), atol=1e-6)


@pytest.mark.parametrize("method", ["embed_documents", "embed_queries"])
@pytest.mark.parametrize(
    ("texts", "error", "said"),
    [
        ("a bear", UsageError, r"texts is one string\.\nPut it in a list"),
        (b"a bear", UsageError, "one string"),
        ({"text": "a bear"}, UsageError, "of type dict"),
        ({"a bear", "a cat"}, UsageError, "is a set, which has no order"),
        (["a", "\u200b\ufeff"], InputError, "Text 1 holds no visible character"),
        (None, UsageError, "of type NoneType"),
        ([7], InputError, "Text 0 is of type int"),
        (["a", None], InputError, "Text 1 is of type NoneType"),
        (["a", "b\ud800"], InputError, "Text 1 holds a lone surrogate at character 1"),
        (["a", "", " "], InputError, "Text 1 is empty"),
        (["a", "\n\t"], InputError, "Text 1 is empty"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(rt, method, texts, error, said):
    with pytest.raises(error, match=said):
        getattr(rt, method)(texts)


def test_a_size_above_the_models_own_is_refused(rt):
    with pytest.raises(DimError, match=r"dim=385 is more than 'embedded' has.*\n.*at most 384"):
        rt.embed_documents(["a bear"], dim=385)


def test_a_size_below_that_of_a_model_without_mrl_is_used_with_a_warning(rt):
    with pytest.warns(MetierWarning, match="no MRL") as warned:
        vectors = rt.embed_documents(["a bear"], dim=64)
    check_vectors(vectors, (1, 64))
    assert warned[0].filename == __file__
    full = rt.embed_documents(["a bear"], dim=384)[0, :64]
    np.testing.assert_allclose(vectors[0], full / np.linalg.norm(full), atol=1e-5)


def test_a_size_a_model_is_trained_for_is_used_in_silence(qwen3_rt):
    check_vectors(qwen3_rt.embed_documents(["a bear"], dim=32), (1, 32))
    check_vectors(qwen3_rt.embed_queries(["a bear"], instruction=QUERY_TASK), (1, 48))
    check_vectors(qwen3_rt.embed_queries(["a bear"], instruction=QUERY_TASK, dim=40), (1, 40))


def test_cut_texts_are_warned_of_where_the_call_stands(rt):
    with pytest.warns(MetierWarning, match="1 of 2 texts were longer than") as warned:
        rt.embed_queries(["a", "word " * 300])
    assert warned[0].filename == __file__


def test_an_instruction_reaches_the_sides_it_is_for(qwen3_rt):
    bare = qwen3_rt.embed_documents(["a bear"])
    assert (qwen3_rt.embed_documents(["a bear"], instruction=QUERY_TASK, dim=64) == bare).all()
    assert not np.allclose(qwen3_rt.embed_documents(["a bear"], instruction=BOTH_TASK), bare)
    asked = qwen3_rt.embed_queries(["a bear"], instruction=QUERY_TASK, dim=64)
    assert not np.allclose(asked, qwen3_rt.embed_queries(["a bear"]))


def test_an_unknown_instruction_is_refused_before_anything_is_embedded(installed):
    installed.add("toys")
    rt = Runtime("no/such-model", progress=False)
    with pytest.raises(UnknownNameError, match="Did you mean 'toys/find'"):
        rt.embed_queries(["a"], instruction="toys/fnid")


def test_vectors_that_are_to_be_kept_are_computed_once(qwen3_rt):
    rt = Runtime(qwen3_rt.embedder, plugins=[], progress=False)
    first, second = Ledger(), Ledger()
    signs = ["a bear", "a train", "a box"]

    full = rt.engine.recording(first).embed(
        signs, "query", instruction=QUERY_TASK, dim=64, memorize=True
    )
    again = rt.engine.recording(second).embed(
        signs[:2], "query", instruction=QUERY_TASK, dim=32, memorize=True
    )

    plain = qwen3_rt.embed_queries(signs, instruction=QUERY_TASK, dim=64)
    np.testing.assert_allclose(full, plain, atol=1e-6)
    np.testing.assert_allclose(
        again, qwen3_rt.embed_queries(signs[:2], instruction=QUERY_TASK, dim=32), atol=1e-6
    )
    assert (first.texts_recalled, second.texts_recalled) == (0, 2)


def test_vectors_are_kept_by_instruction_and_by_no_other_runtime(qwen3_rt):
    one, other = (Runtime(qwen3_rt.embedder, plugins=[], progress=False) for _ in range(2))
    one.engine.embed(["a bear"], "query", instruction=QUERY_TASK, memorize=True)
    ledger = Ledger()
    one.engine.recording(ledger).embed(["a bear"], "query", instruction=BOTH_TASK, memorize=True)
    other.engine.recording(ledger).embed(["a bear"], "query", instruction=QUERY_TASK, memorize=True)
    one.engine.recording(ledger).embed_queries(["a bear"], instruction=QUERY_TASK)
    assert ledger.texts_recalled == 0


def test_vectors_say_what_they_were_made_with(qwen3_rt):
    documents = qwen3_rt.embed_documents(["a bear"], instruction=BOTH_TASK, dim=32)
    (streamed,) = qwen3_rt.stream_documents(["a bear"], instruction=BOTH_TASK, dim=32)
    assert documents.provenance == streamed.provenance
    assert (
        documents.provenance.fingerprint,
        documents.provenance.dim,
        documents.provenance.digest,
    ) == (
        qwen3_rt.embedder.fingerprint,
        32,
        BOTH_TASK.digest,
    )
    queries = qwen3_rt.embed_queries(["a bear"], instruction=QUERY_TASK, dim=32)
    bare = qwen3_rt.embed_documents(["a bear"], dim=32)
    assert (queries @ bare.T).shape == (1, 1)
    with pytest.raises(UsageError, match=r"instruction: find@1 .* and sort@1"):
        queries @ documents.T


def test_vectors_of_two_models_are_not_compared(rt, qwen3_rt):
    with pytest.raises(UsageError, match=r"They differ in\n  model: .*\n  dim: 384 and 64"):
        rt.embed_queries(["a bear"]) @ qwen3_rt.embed_documents(["a bear"]).T


def test_a_model_that_follows_no_instruction_compares_under_any(rt):
    grouped = rt.embed_documents(["a bear"], instruction=BOTH_TASK)
    assert float((grouped @ rt.embed_documents(["a bear"]).T)[0, 0]) == pytest.approx(1.0)


def test_a_frame_is_not_taken_for_its_column_names(rt):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": [1, 2], "text": ["one", "two"]})

    with pytest.raises(UsageError, match="DataFrame"):
        rt.embed_documents(frame)
