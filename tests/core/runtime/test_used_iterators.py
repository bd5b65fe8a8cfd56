"""Iterators that give nothing are refused wherever texts are taken; empty lists are meant."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from metier import Documents, Runtime, Texts
from metier.errors import InputError
from metier.sklearn import TextEmbedder
from metier.testing.fakes import FakeEmbedder, FakeReranker

CALLS = {
    "embed_documents": lambda rt, texts: rt.embed_documents(texts),
    "embed_queries": lambda rt, texts: rt.embed_queries(texts),
    "stream_documents": lambda rt, texts: list(rt.stream_documents(texts)),
    "rerank": lambda rt, texts: rt.rerank("a fox", texts),
    "count_tokens": lambda rt, texts: rt.engine.count_tokens(texts),
    "search_many": lambda rt, texts: rt.index(["a fox"]).search_many(texts),
}
REFUSED = {
    "Texts.of": lambda rt, texts: Texts.of(texts),
    "Documents.of": lambda rt, texts: Documents.of(texts),
    "core/search": lambda rt, texts: rt.run("core/search", texts, query="a fox"),
    "TextEmbedder": lambda rt, texts: TextEmbedder(rt.embedder).fit_transform(texts),
    "index": lambda rt, texts: rt.index(texts),
    "add": lambda rt, texts: rt.index(["a fox"]).add(texts),
    "update": lambda rt, texts: rt.index(["a fox"]).update(texts),
}


@pytest.fixture(scope="module")
def rt():
    return Runtime(FakeEmbedder(), FakeReranker(), plugins=[], progress=False)


def used() -> Iterator[str]:
    """A generator that was read to its end."""
    texts = (text for text in ("a fox", "a crow"))
    assert len(list(texts)) == 2
    return texts


@pytest.mark.parametrize("nothing", [used, lambda: iter([]), lambda: map(str, [])])
@pytest.mark.parametrize("call", (CALLS | REFUSED).values(), ids=CALLS | REFUSED)
def test_an_iterator_that_gives_nothing_is_an_error_that_says_so(rt, call, nothing):
    with pytest.raises(InputError, match=r"There is no text in .*iterator") as refused:
        call(rt, nothing())
    assert "can be read once" in refused.value.why
    assert refused.value.code == "no-texts"


@pytest.mark.parametrize("nothing", [[], ()])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_empty_list_is_meant_and_gives_an_empty_result(rt, call, nothing):
    assert len(call(rt, nothing)) == 0


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_iterator_that_gives_texts_is_as_good_as_a_list(rt, call):
    assert len(call(rt, iter(["a fox", "a crow"]))) == len(call(rt, ["a fox", "a crow"]))


def test_an_awaited_search_takes_no_iterator_of_queries(rt):
    with pytest.raises(InputError):
        asyncio.run(rt.index(["a fox"]).asearch(iter(["a fox"])))
