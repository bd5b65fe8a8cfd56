"""Terms: what lexical search compares, per kind of text and language, each with its place."""

from __future__ import annotations

import threading

import pytest

from metier.registry.retrieval import RetrievalSettings
from metier.retrieval.terms import Analyser

WORDS = Analyser(RetrievalSettings())
AS_WRITTEN = Analyser(RetrievalSettings(language="none"))
IDENTIFIERS = Analyser(RetrievalSettings(terms="identifiers"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The Indemnifying Parties indemnify", ["indemnifi", "parti", "indemnifi"]),
        ("What is it, and whose?", ["whose"]),
        ("hepatitis-B, 1,000 mg", ["hepat", "b", "1", "000", "mg"]),
        ("the buyer's and the buyers\u2019 goods", ["buyer", "buyer", "good"]),
        ("\uff26\uff35\uff2c\uff2c width \ufb01nds", ["full", "width", "find"]),
        ("", []),
        (" .,;! \n", []),
    ],
)
def test_english_words_come_as_stems_without_common_ones(text, names):
    assert WORDS.names(text) == names


def test_without_a_language_words_stay_as_they_are():
    assert AS_WRITTEN.names("The parties indemnify") == ["the", "parties", "indemnify"]


def test_a_language_has_its_own_stems():
    german = Analyser(RetrievalSettings(language="german"))
    assert german.names("Lieferungen Lieferung") == ["liefer", "liefer"]
    assert WORDS.names("Lieferungen Lieferung") == ["lieferungen", "lieferung"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("\u5317\u4eac\u5927", ["\u5317", "\u5317\u4eac", "\u4eac", "\u4eac\u5927", "\u5927"]),
        ("\u6771\u4eac tower", ["\u6771", "\u6771\u4eac", "\u4eac", "tower"]),
        ("\u0e01\u0e02", ["\u0e01", "\u0e01\u0e02", "\u0e02"]),
        ("a\u5317b", ["\u5317", "b"]),
    ],
)
def test_scripts_without_spaces_become_pairs_of_characters(text, names):
    assert WORDS.names(text) == names


def test_marks_stay_in_their_word():
    assert AS_WRITTEN.names("\u0939\u093f\u0928\u094d\u0926\u0940 cafe\u0301") == [
        "\u0939\u093f\u0928\u094d\u0926\u0940",
        "caf\u00e9",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("parseHTTPUrl", ["pars", "http", "url", "parsehttpurl"]),
        ("max_retries=3.5", ["max", "retri", "max_retries", "3.5"]),
        ("def sort(xs):", ["def", "sort", "xs"]),
        ("__init__", ["init"]),
        ("x2y", ["x", "2", "y", "x2y"]),
    ],
)
def test_identifiers_come_in_their_parts_and_whole(text, names):
    assert IDENTIFIERS.names(text) == names


def test_phrases_are_words_and_each_two_neighbours():
    phrases = Analyser(RetrievalSettings(terms="phrases"))
    assert phrases.names("the net sales of stores") == [
        "net",
        "sale",
        "store",
        "net_sale",
        "sale_store",
    ]
    assert [word.name for word in phrases.words("net sales")] == ["net", "sale"]
    assert phrases.names("sales") == ["sale"]


@pytest.mark.parametrize("analyser", [WORDS, AS_WRITTEN, IDENTIFIERS])
def test_a_term_stands_where_it_says(analyser):
    text = "The b\u00fcyer\u2019s parseHttp_Url of \u5317\u4eac\u5927 \ufb01nds 3.5 caf\u00e9s"
    terms = list(analyser.words(text))
    assert len(terms) > 10
    for term in terms:
        assert term.name in analyser.names(text[term.start : term.end])


def test_threads_may_share_one():
    analyser = Analyser(RetrievalSettings())
    words = [
        f"{stem}{ending}" for stem in ("walk", "load", "sign") for ending in ("ing", "ed", "s")
    ]
    found: list[list[str]] = []

    def work() -> None:
        found.append([name for _ in range(50) for name in analyser.names(" ".join(words))])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(["walk"] * 3 + ["load"] * 3 + ["sign"] * 3) * 50] * 4
