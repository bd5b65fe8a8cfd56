"""Queries in a language that the model cannot read are searched by their words."""

from __future__ import annotations

import pytest

from metier.registry.retrieval_settings import RetrievalSettings

POEMS = ["\u5e8a\u524d\u660e\u6708", "\u5ef6\u9072\u4ea4\u8ca8", "\u9580\u524d\u5927\u6a39"]


def test_a_query_the_model_cannot_read_is_searched_by_its_words(rt):
    poems = rt.index({"id": str(n), "text": text} for n, text in enumerate(POEMS))
    hits = poems.search("\u5ef6\u9072\u8ca8")
    assert hits[0].text == POEMS[1]
    assert "interaction" not in hits[0].scores
    assert hits[0].score == pytest.approx(hits[0].scores["lexical"])
    assert "interaction" in poems.search("a late delivery")[0].scores


@pytest.mark.parametrize(
    "text", [" ".join(POEMS), "\u0437\u0430\u0434\u0435\u0440\u0436\u043a\u0430"]
)
def test_that_a_model_cannot_read_a_query_is_seen_without_interaction_too(rt, text):
    settings = RetrievalSettings(dense=1, lexical=0.5, interaction=0)
    poems = rt.index({"id": str(n), "text": text} for n, text in enumerate(POEMS))
    for hit in poems.search(text, retrieval=settings):
        assert hit.score == pytest.approx(hit.scores["lexical"])


def test_a_long_query_the_model_cannot_read_is_searched_by_its_words(rt, recwarn):
    poems = rt.index({"id": str(n), "text": text} for n, text in enumerate(POEMS))
    hits = poems.search(
        "clause " + POEMS[1] * 200, retrieval=RetrievalSettings(dense=1, lexical=0.5, interaction=1)
    )
    assert not recwarn, "all of the query is read"
    assert hits[0].text == POEMS[1]
    assert "interaction" not in hits[0].scores
