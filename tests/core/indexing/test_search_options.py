"""Options of a search: checked when they are made, and given as a value or as keywords."""

from __future__ import annotations

from dataclasses import fields

import pytest

from metier import RetrievalSettings, SearchOptions
from metier.errors import InputError, ParameterError
from metier.indexing.search_options import SearchKeywords

NOTES = [{"id": str(n), "text": f"A storm of {n} days."} for n in range(4)]


def test_keywords_are_the_fields_of_the_options():
    assert list(SearchKeywords.__annotations__) == [field.name for field in fields(SearchOptions)]


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"top_k": 0}, "less than 1"),
        ({"top_k": True}, "not a whole number"),
        ({"dim": 1.5}, "not a whole number"),
        ({"where": "year > 3"}, "where="),
        ({"retrieval": {"dense": 1}}, "not RetrievalSettings"),
        ({"parts": "name"}, "no list of names"),
    ],
)
def test_what_cannot_be_an_option_is_refused_when_options_are_made(keywords, message):
    with pytest.raises(ParameterError, match=message):
        SearchOptions(**keywords)


def test_a_search_takes_options_and_keywords_above_them(words_rt):
    index = words_rt.index(NOTES)
    options = SearchOptions(top_k=2, snippets=False, retrieval=RetrievalSettings(interaction=0))
    hits = index.search("storm", options=options)
    assert len(hits) == 2
    assert hits == index.search_many(["storm"], options=options)[0]
    (hit,) = index.search("storm", options=options, top_k=1)
    assert hit.snippet is None
    assert index.explain(options=options, dim=8).compared == 8


def test_a_keyword_that_is_no_option_is_refused(words_rt):
    index = words_rt.index(NOTES)
    with pytest.raises(TypeError, match=r"no option 'topk'\. Did you mean 'top_k'"):
        index.search("storm", topk=1)


@pytest.mark.parametrize("is_on_disk", [False, True])
def test_more_hits_than_there_are_documents_are_all_of_them(words_rt, tmp_path, is_on_disk):
    index = words_rt.index(NOTES, at=tmp_path / "notes" if is_on_disk else None)
    for top_k in (5, 10**6, 2**63, 10**30):
        assert len(index.search("storm", top_k=top_k)) == len(NOTES)
    index.remove([note["id"] for note in NOTES])
    assert index.search("storm", top_k=10**30) == []


def test_a_query_without_a_visible_character_is_refused_as_an_empty_one_is(words_rt):
    index = words_rt.index(NOTES)
    with pytest.raises(InputError, match="The query holds no visible character"):
        index.search("\u200b\ufeff")
