"""Snippets: the sentence that answers, the words it shares with the query, where they stand."""

from __future__ import annotations

import random
from typing import Any

import pytest

from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval import snippet as snippets
from metier.retrieval.snippet import LENGTH, Snippet
from metier.retrieval.terms import Analyzer

ANALYSER = Analyzer(RetrievalSettings())
PASSAGE = (
    "The goods are blue. Neither party is liable for delays that storms or floods cause. "
    "Delays are reported in writing."
)


def even(term: str) -> float:
    return 1.0


def snippet(query: str, passage: str, analyzer: Analyzer, *others: Any) -> Snippet:
    terms = {term.name for term in analyzer.words(query)}
    return snippets.snippet(terms, passage, analyzer, *others)


def test_the_sentence_with_most_of_the_query_is_shown_with_its_words():
    found = snippet("liability for storm delays", PASSAGE, ANALYSER, even)
    assert found.sentence.startswith("Neither party is liable")
    assert PASSAGE[found.start : found.end] == found.text
    assert found.text.startswith(found.sentence)
    shown = [found.text[start:end] for start, end in found.matches]
    assert shown == ["delays", "storms", "Delays"]
    assert set(found.words) == {"delays", "storms"}


def test_rare_words_decide_and_come_first():
    rarity = {"delai": 0.1, "blue": 9.0}
    found = snippet("blue delays", PASSAGE, ANALYSER, lambda term: rarity.get(term, 0.0))
    assert found.sentence == "The goods are blue."
    assert found.words == ("blue", "delays")


def test_what_a_model_knows_decides_where_no_word_is_shared():
    asked: list[str] = []

    def likeness(stretches):
        asked.extend(PASSAGE[start:end] for start, end in stretches)
        return [0.1, 0.2, 0.7]

    found = snippet("notify us", PASSAGE, ANALYSER, even, likeness)
    assert len(asked) == 3
    assert found.sentence == asked[2] == "Delays are reported in writing."
    assert (found.words, found.matches) == ((), ())


def test_where_nothing_says_which_there_is_no_best_sentence():
    found = snippet("notify us", PASSAGE, ANALYSER, even)
    assert (found.sentence, found.words) == ("", ())
    assert PASSAGE.startswith(found.text)


@pytest.mark.parametrize("before", [0, 500, 5000])
def test_of_a_long_sentence_the_part_with_the_words_is_shown(before):
    passage = "word " * (before // 5) + "a zeppelin of tin " + "word " * 400
    found = snippet("zeppelin", passage, ANALYSER, even)
    assert len(found.text) <= LENGTH
    assert [found.text[start:end] for start, end in found.matches] == ["zeppelin"]
    assert passage[found.start : found.end] == found.text
    assert not found.text.startswith("ord")
    assert not found.text.endswith("wor")


@pytest.mark.parametrize("passage", ["x" * 5000, "\u5317\u4eac" * 900, "a", "\n a \n"])
def test_a_passage_without_words_to_cut_between_is_cut_all_the_same(passage):
    found = snippet("x \u5317\u4eac a", passage, ANALYSER, even)
    assert 0 < len(found.text) <= LENGTH
    assert passage[found.start : found.end] == found.text
    assert all(0 <= start < end <= len(found.text) for start, end in found.matches)


def test_neighboring_matches_of_a_script_without_spaces_are_one():
    passage = "\u6211\u5728\u5317\u4eac\u5927\u5b78\u8b80\u66f8\u3002"
    found = snippet("\u5317\u4eac\u5927\u5b78", passage, ANALYSER, even)
    assert [found.text[start:end] for start, end in found.matches] == ["\u5317\u4eac\u5927\u5b78"]


@pytest.mark.parametrize("terms", ["words", "phrases", "identifiers"])
def test_every_place_of_a_snippet_is_one_of_the_passage(terms):
    analyzer = Analyzer(RetrievalSettings(terms=terms))
    pieces = [
        "storm ",
        "Delay",
        "parseUrl_2 ",
        ". ",
        "\n\n",
        "\u3002",
        "\u5317\u4eac",
        "e\u0301",
        "\ufb01",
    ]
    pieces += [
        "\u1112\u1161\u11ab",
        "\uff76\uff9e",
        "\u0130",
        "\U0001f642",
        "\u2019s ",
        "- ",
        "\x00",
        "x" * 50,
    ]
    rng = random.Random(0)
    for _ in range(200):
        passage = "".join(rng.choices(pieces, k=rng.choice([1, 9, 90])))
        query = "".join(rng.choices(pieces, k=6))
        if not passage.strip():
            continue
        found = snippet(query, passage, analyzer, even)
        assert 0 < len(found.text) <= max(LENGTH, len(passage))
        assert passage[found.start : found.end] == found.text
        assert found.sentence in passage
        ends = [0, *(end for _, end in found.matches)]
        assert all(
            before <= start < end <= len(found.text)
            for before, (start, end) in zip(ends, found.matches, strict=False)
        )
        wanted = set(analyzer.names(query))
        assert all(wanted & set(analyzer.names(word)) for word in found.words)


def test_the_work_grows_with_the_passage_and_not_with_its_square():
    # ten thousand matches in one sentence: with every pair of them it would take minutes
    found = snippet("\u5317\u4eac", "\u5317\u4eac" * 10_000, ANALYSER, even)
    assert len(found.matches) == LENGTH / 2


CODE = '''\
def total(prices, tax_rate):
    """Add up the prices."""
    amount = sum(prices)
    }
    return amount * (1 + tax_rate)
'''
IDENTIFIERS = Analyzer(RetrievalSettings(terms="identifiers"))


def test_source_code_is_compared_line_by_line_and_the_lines_are_numbered():
    found = snippet("apply the tax rate to the amount", CODE, IDENTIFIERS, even)
    assert [line.text for line in found.lines] == [CODE.splitlines()[4].strip()]
    (line,) = found.lines
    assert CODE[line.start : line.end] == line.text == found.sentence
    assert [line.text[start:end] for start, end in line.matches] == ["amount", "tax", "rate"]
    (moved,) = found.moved(100).lines
    assert (moved.start, moved.end, moved.text) == (line.start + 100, line.end + 100, line.text)


def test_lines_that_answer_as_well_are_given_too_and_none_where_nothing_answers():
    found = snippet("prices", CODE, IDENTIFIERS, even)
    assert [line.text for line in found.lines] == [CODE.splitlines()[n].strip() for n in (0, 1, 2)]
    assert snippet("unrelated", CODE, IDENTIFIERS, even).lines == ()
    assert snippet("prices", CODE, ANALYSER, even).lines == ()
    asked: list[str] = []

    def likeness(stretches):
        asked.extend(CODE[start:end] for start, end in stretches)
        return [0.0, 0.0, 0.0, 1.0]

    assert snippet("unrelated", CODE, IDENTIFIERS, even, likeness).lines[0].text == asked[3]
    assert "}" not in asked
