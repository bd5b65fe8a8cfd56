"""Terms: what lexical search compares, per kind of text and language, each with its place."""

from __future__ import annotations

import random
import threading
import unicodedata

import pytest

from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval.terms import Analyzer, TermCache

WORDS = Analyzer(RetrievalSettings())
AS_WRITTEN = Analyzer(RetrievalSettings(language="none"))
IDENTIFIERS = Analyzer(RetrievalSettings(terms="identifiers"))


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
    german = Analyzer(RetrievalSettings(language="german"))
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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("gr\u00f6\u00dfeBerechnen", ["gr\u00f6sse", "berechnen", "gr\u00f6sseberechnen"]),
        ("caf\u00e9_url", ["caf\u00e9", "url", "caf\u00e9_url"]),
        (
            "\u0420\u0430\u0437\u043c\u0435\u0440\u0424\u0430\u0439\u043b\u0430",
            [
                "\u0440\u0430\u0437\u043c\u0435\u0440",
                "\u0444\u0430\u0439\u043b\u0430",
                "\u0440\u0430\u0437\u043c\u0435\u0440\u0444\u0430\u0439\u043b\u0430",
            ],
        ),
        ("HTTPServer2", ["http", "server", "2", "httpserver2"]),
        ("\uff28\uff34\uff34\uff30Server2", ["http", "server", "2", "httpserver2"]),
        ("\u0928\u092e\u0938\u094d\u0924\u0947", ["\u0928\u092e\u0938\u094d\u0924\u0947"]),
    ],
)
def test_identifiers_of_any_alphabet_are_divided_at_their_capitals(text, names):
    assert IDENTIFIERS.names(text) == names


@pytest.mark.parametrize("analyzer", [WORDS, AS_WRITTEN, IDENTIFIERS], ids=["w", "n", "i"])
@pytest.mark.parametrize(
    "text",
    [
        "\ud55c\uad6d\uc5b4 \ud559\uad50",
        "\u304c\u3063\u3053\u3046 \u30ac\u30c3\u30b3\u30a6",
        "caf\u00e9_b\u00fccher na\u00efve",
        "Vi\u1ec7t Nam",
    ],
)
def test_accents_and_syllables_may_be_encoded_in_one_or_in_parts(analyzer, text):
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    assert analyzer.names(apart) == analyzer.names(text)
    last = list(analyzer.words(apart))[-1]
    assert last.end == len(apart)
    assert unicodedata.normalize("NFC", apart[last.start : last.end]) in text


def test_half_width_letters_are_those_of_full_width():
    assert WORDS.names("\uff76\uff9e\uff6f\uff7a\uff73") == WORDS.names("\u30ac\u30c3\u30b3\u30a6")


@pytest.mark.parametrize(
    "sign", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u202e", "\ufe0f"]
)
def test_what_is_not_seen_is_no_part_of_a_word(sign):
    text = f"{sign}The indem{sign}nifi{sign}{sign}cation sur{sign}vives. Cafe{sign}\u0301{sign}"
    plain = "The indemnification survives. Caf\u00e9"
    for analyzer in (WORDS, AS_WRITTEN, IDENTIFIERS):
        assert analyzer.names(text) == analyzer.names(plain)
        for seen, unseen in zip(analyzer.words(plain), analyzer.words(text), strict=True):
            stretch = text[unseen.start : unseen.end]
            assert unseen.name == seen.name
            assert (
                unicodedata.normalize("NFC", stretch.replace(sign, ""))
                == (plain[seen.start : seen.end])
            )
            assert sign not in (stretch[0], stretch[-1])


def test_signs_stay_no_part_of_a_word():
    assert AS_WRITTEN.names("Acme\u2122 25\u2103 1\u00bd m\u00b2\u2026") == [
        "acme",
        "25",
        "1\u00bd",
        "m2",
    ]


def test_no_term_has_a_space_in_it():
    names = AS_WRITTEN.names("\ufdfa")  # four words in one character
    assert len(names) == 4
    assert not any(" " in name for name in names)


def test_an_i_is_an_i_with_or_without_a_dot_on_its_capital():
    turkish = Analyzer(RetrievalSettings(language="turkish"))
    assert AS_WRITTEN.names("\u0130stanbul ISTANBUL") == ["istanbul", "istanbul"]
    assert turkish.names("\u0130zmir ISPARTA") == turkish.names("izmir \u0131sparta")
    assert turkish.names("ISPARTA") != turkish.names("isparta")


@pytest.mark.parametrize("terms", ["words", "phrases", "identifiers"])
def test_any_text_has_its_terms_where_they_say(terms):
    analyzer = Analyzer(RetrievalSettings(terms=terms))
    pieces = [
        *"aAzZ09_-.'\u2019 \n\u00e9\u00df\u0130\u0131\u03a3\u03c2\ufb01\uff21",
        *"\uff76\uff9e\u304b\u3099\u1112\u1161\u11ab",
        "\u5317\u4eac",
        "e\u0301",
        "\U0001f642\u200d",
        "\ufdfa",
        "parseURL2",
    ]
    rng = random.Random(0)
    for _ in range(300):
        text = "".join(rng.choices(pieces, k=30))
        words = list(analyzer.words(text))
        assert [word.name for word in words] == analyzer.names(text)[: len(words)]
        for word in words:
            assert 0 <= word.start < word.end <= len(text)
            assert word.name in analyzer.names(text[word.start : word.end])


def test_phrases_are_words_and_each_two_neighbors():
    phrases = Analyzer(RetrievalSettings(terms="phrases"))
    assert phrases.names("the net sales of stores") == [
        "net",
        "sale",
        "store",
        "net_sale",
        "sale_store",
    ]
    assert [word.name for word in phrases.words("net sales")] == ["net", "sale"]
    assert phrases.names("sales") == ["sale"]


@pytest.mark.parametrize("analyzer", [WORDS, AS_WRITTEN, IDENTIFIERS])
def test_a_term_stands_where_it_says(analyzer):
    text = "The b\u00fcyer\u2019s parseHttp_Url of \u5317\u4eac\u5927 \ufb01nds 3.5 caf\u00e9s"
    terms = list(analyzer.words(text))
    assert len(terms) > 10
    for term in terms:
        assert term.name in analyzer.names(text[term.start : term.end])


def test_threads_may_share_one():
    analyzer = Analyzer(RetrievalSettings())
    words = [
        f"{stem}{ending}" for stem in ("walk", "load", "sign") for ending in ("ing", "ed", "s")
    ]
    found: list[list[str]] = []

    def work() -> None:
        found.append([name for _ in range(50) for name in analyzer.names(" ".join(words))])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(["walk"] * 3 + ["load"] * 3 + ["sign"] * 3) * 50] * 4


def test_the_terms_that_are_kept_are_bounded_and_always_those_of_the_chunk():
    cache = TermCache(RetrievalSettings(language="none"), limit=10)
    for _ in range(3):
        for number in range(20):
            text = " ".join(f"word{number}" for _ in range(number))
            assert cache.names(str(number), text) == tuple(text.split())
    assert cache.names("long", "a " * 50) == ("a",) * 50


FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
HEART_ON_FIRE = "\u2764\ufe0f\u200d\U0001f525"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize("analyzer", [WORDS, AS_WRITTEN, IDENTIFIERS])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("good \U0001f642\U0001f642", ["good", "\U0001f642", "\U0001f642"]),
        ("\u2764\ufe0f\u2764", ["\u2764", "\u2764"]),
        ("\U0001f44d\U0001f3fd\U0001f44d", ["\U0001f44d\U0001f3fd", "\U0001f44d"]),
        (f"toy{FAMILY}{FAMILY}", ["toy", FAMILY, FAMILY]),
        (HEART_ON_FIRE, [HEART_ON_FIRE.replace("\ufe0f", "")]),
        (
            "\U0001f1eb\U0001f1f7\U0001f1e9\U0001f1ea",
            ["\U0001f1eb\U0001f1f7", "\U0001f1e9\U0001f1ea"],
        ),
        (SCOTLAND, [SCOTLAND]),
        ("\U0001f642\u200d toy", ["\U0001f642", "toy"]),
        ("\u20ac 5 \u00a7 \u2122 \u2192", ["5"]),
    ],
)
def test_an_emoji_is_a_term_and_another_sign_is_none(analyzer, text, names):
    assert analyzer.names(text) == names
    for term in analyzer.words(text):
        stretch = text[term.start : term.end]
        assert stretch.replace("\ufe0f", "") == term.name


@pytest.mark.parametrize("analyzer", [WORDS, IDENTIFIERS])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("C++, c# F#", ["c", "c++", "c", "c#", "f", "f#"]),
        ("the .NET runtime", ["net", ".net", "runtim"]),
        ("toy.net net", ["toy", "net", "net"]),
        ("abc++ c+++ c##", ["abc", "c", "c"]),
    ],
)
def test_names_with_signs_are_terms_whole_and_without_them(analyzer, text, names):
    assert [name for name in analyzer.names(text) if name != "the"] == names
