"""Embedding of streams: the vectors of a list, window by window, from any iterable."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

from metier import Embeddings, MetierWarning, Runtime, Texts
from metier.errors import (
    ErrorPosition,
    InputError,
    ModelError,
    ParameterError,
    UnknownNameError,
    UsageError,
)
from metier.registry.instruction import Instruction

BOTH = Instruction(id="sort", task="Sort toys by kind", kind="clustering", sides="both", dim=48)


def toys(number: int) -> list[str]:
    return [f"a toy number {n} {'of wood ' * (n % 4)}" for n in range(number)]


@pytest.mark.parametrize(
    ("number", "window", "sizes"),
    [(2, 3, [2]), (6, 3, [3, 3]), (7, 3, [3, 3, 1]), (3, 1, [1, 1, 1])],
)
def test_a_stream_gives_the_vectors_of_a_list_in_order(qwen3_rt, number, window, sizes):
    parts = list(qwen3_rt.stream_documents(iter(toys(number)), window=window))
    assert [part.shape for part in parts] == [(size, 64) for size in sizes]
    assert all(part.dtype == np.float32 for part in parts)
    plain = qwen3_rt.embed_documents(toys(number))
    np.testing.assert_allclose(np.concatenate(parts), plain, atol=1e-6)


def test_instruction_and_size_are_those_of_a_list(qwen3_rt):
    for options in ({"instruction": BOTH}, {"instruction": BOTH, "dim": 32}, {"dim": 40}):
        (part,) = qwen3_rt.stream_documents(toys(3), **options)
        np.testing.assert_allclose(part, qwen3_rt.embed_documents(toys(3), **options), atol=1e-6)


def test_no_more_than_a_window_is_read_ahead(qwen3_rt):
    taken = itertools.count()
    last = -1

    def endless():
        nonlocal last
        for last in taken:
            yield f"toy {last}"

    stream = qwen3_rt.stream_documents(endless(), window=4)
    assert last == -1
    next(stream)
    assert last == 3
    next(stream)
    assert last == 7
    stream.close()
    assert list(stream) == []
    assert last == 7


def test_a_consumer_may_stop_and_the_source_goes_on(qwen3_rt):
    source = (f"toy {n}" for n in itertools.count())
    for part in qwen3_rt.stream_documents(source, window=4):
        assert part.shape == (4, 64)
        break
    assert next(source) == "toy 4"


def test_texts_are_a_stream_too(qwen3_rt):
    (part,) = qwen3_rt.stream_documents(Texts.of(["a", "b"]))
    assert part.shape == (2, 64)


@pytest.mark.parametrize(
    ("texts", "options", "error", "said"),
    [
        ("a bear", {}, UsageError, "texts is one string"),
        ({"text": "a"}, {}, UsageError, "of type dict"),
        (7, {}, UsageError, "of type int"),
        (["a"], {"window": 0}, ParameterError, "window=0 is less than 1"),
        (["a"], {"instruction": "toys/find"}, UnknownNameError, "no instruction"),
        (["a"], {"dim": 65}, UsageError, "dim=65"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_read(qwen3_rt, texts, options, error, said):
    with pytest.raises(error, match=said):
        qwen3_rt.stream_documents(texts, **options)


@pytest.mark.parametrize("bad", [None, "b\ud800", 7])
def test_an_unusable_text_is_named_by_its_place_in_the_stream(qwen3_rt, bad):
    stream = qwen3_rt.stream_documents(["a", "b", "c", "d", bad], window=3)
    assert next(stream).shape == (3, 64)
    with pytest.raises(InputError, match=r"^Text 4 ") as raised:
        next(stream)
    assert raised.value.what.startswith("Text 4 ")


def test_an_error_of_the_model_names_the_place_in_the_stream(qwen3_rt, tmp_path):
    class Broken:
        profile, prompt = qwen3_rt.embedder.profile, qwen3_rt.embedder.prompt
        fingerprint, device, dtype = "broken", "cpu", "float32"

        def embed(self, texts, *, prompt, dim, progress):
            if "stop" in texts:
                raise ModelError(
                    "The model gave no usable vector for $position.",
                    position=ErrorPosition(index=texts.index("stop")),
                )
            count = len(texts)
            ones = np.full((count, dim), dim**-0.5, np.float32)
            return Embeddings(ones, np.ones(count, np.int32), np.zeros(count, bool))

    for cache in (False, tmp_path):
        rt = Runtime(Broken(), cache=cache, plugins=[], progress=False)
        stream = rt.stream_documents(["one", "two", "three", "four", "stop", "six"], window=3)
        assert next(stream).shape == (3, 64)
        with pytest.raises(ModelError, match="for text 4"):
            next(stream)


def test_cut_texts_are_counted_and_said_once_when_the_stream_ends(qwen3_rt):
    texts = ["word " * 3000, "a", "b", "word " * 3000, "c"]
    stream = qwen3_rt.stream_documents(texts, window=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            next(stream)
    with pytest.warns(MetierWarning, match="2 of 5 texts were longer") as said:
        assert next(stream, None) is None
    assert len(said) == 1
    assert said[0].filename == __file__


def test_cut_texts_are_said_of_a_stream_that_is_closed(qwen3_rt):
    stream = qwen3_rt.stream_documents(["word " * 3000, "a", "b"], window=2)
    next(stream)
    with pytest.warns(MetierWarning, match="1 of 2 texts were longer"):
        stream.close()


def test_a_size_without_mrl_is_warned_of_once_and_where_the_call_stands(rt):
    with pytest.warns(MetierWarning, match="no MRL") as said:
        stream = rt.stream_documents(["a", "b", "c"], dim=64, window=1)
    assert len(said) == 1
    assert said[0].filename == __file__
    assert [part.shape for part in stream] == [(1, 64)] * 3


def test_a_record_counts_the_texts_of_a_stream(installed, qwen3_rt):
    work = '''
from metier import Result, Runtime, Texts, workflow

class Count(Result):
    count: int

    def headline(self):
        return str(self.count)

    def tables(self):
        return []

    def rows(self):
        return []

@workflow("toys/count")
def count(rt: Runtime, texts: Texts) -> Count:
    """Count."""
    return Count(count=sum(len(part) for part in rt.stream_documents(texts.strings, window=2)))
'''
    installed.add("toys", work=work)
    toys = Runtime(qwen3_rt.embedder, progress=False)
    result = toys.run("toys/count", ["a", "b", "word " * 3000])
    assert result.count == 3
    assert (result.record.texts_embedded, result.record.texts_truncated) == (3, 1)
    assert result.record.models[0].role == "embedder"
