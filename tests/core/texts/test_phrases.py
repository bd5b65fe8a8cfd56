from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.errors import ParameterError
from metier.texts.phrase_tokens import Tokens
from metier.texts.phrases import Phrases, PhraseTrie


def found(patterns: list[str], text: str) -> list[str]:
    return [span.text for span in Phrases(patterns).find(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("late", "I was late, later and LATE.", ["late", "LATE"]),
        ("bankrupt*", "Bankrupt people file for bankruptcy.", ["Bankrupt", "bankruptcy"]),
        ("behind on", "behind\n  on it", ["behind\n  on"]),
        ("behind on", "behind, on it", []),
        ("ex-husband", "My ex-husband, my ex husband, my exhusband", ["ex-husband", "ex husband"]),
        ("can't", "I can\u2019t and CAN'T but can not", ["can\u2019t", "CAN'T"]),
        ("won", "I won't. I won!", ["won"]),
        ("brother's", "my brother\u2019s and my brothers", ["brother\u2019s"]),
        ("brother", "my brother's", ["brother"]),
        ("(late|behind) [on]", "late on rent, behind it", ["late on", "behind"]),
        (
            "no ... income",
            "no steady income; no other kind of income",
            ["no steady income", "no other kind of income"],
        ),
        ("no ... income", "no one of us has income", []),
        ("no ... income", "no, my income", []),
        ("{number} dpd", "90 DPD, 90dpd, x dpd", ["90 DPD", "90dpd"]),
        ("in {year}", "in 2009, in 1850, in 20099", ["in 2009"]),
        ("dpd", "90dpd dpd9 adpd", ["dpd"]),
        ("x", "x2 mx x", ["x"]),
        ("s/p", "S/P fall, s / p", ["S/P", "s / p"]),
        ("破产", "我申请了破产。", ["破产"]),
        ("caf\u00e9", "Cafe\u0301 and CAF\u00c9", ["Cafe\u0301", "CAF\u00c9"]),
        ("late", "la\u00adte la\u200bte", ["la\u00adte", "la\u200bte"]),
        ("stra\u00dfe*", "STRASSEN", ["STRASSEN"]),
        ("l'ancien", "l\u2019ancien propri\u00e9taire", ["l\u2019ancien"]),
        ("ancien", "l\u2019ancien propri\u00e9taire", ["ancien"]),
        ("?", "why? \uff1f", ["?", "\uff1f"]),
        ("..", "well.. then.", [".."]),
    ],
)
def test_patterns_are_found(pattern: str, text: str, expected: list[str]):
    assert found([pattern], text) == expected


def test_the_longest_of_several_patterns_is_found():
    assert found(["late", "late fee", "late fee*"], "a late fee and late fees") == [
        "late fee",
        "late fees",
    ]


def test_patterns_of_the_same_words_give_all_their_payloads():
    trie: PhraseTrie[int] = PhraseTrie({"person": ["friend", "old friend*"]})
    for number, pattern in enumerate(["my {person}", "my friend", "my fr*", "my"]):
        trie.add(pattern, number)
    [match] = trie.matches(Tokens.of("my friend"))
    assert sorted(match.payloads) == [0, 1, 2]
    [match] = trie.matches(Tokens.of("my old friends"))
    assert (match.first, match.last, match.payloads) == (0, 3, [0])


def test_a_pattern_that_begins_with_a_name_is_found():
    trie: PhraseTrie[str] = PhraseTrie({"person": ["old friend*", "{number} people"]})
    trie.add("{person} left", "left")
    assert [
        match.payloads for match in trie.matches(Tokens.of("4 people left, old friends left"))
    ] == [
        ["left"],
        ["left"],
    ]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(late", "'\\(' is not closed"),
        ("late)", "'\\)' closes nothing"),
        ("[late]", "no word at all"),
        ("", "no word at all"),
        ("... late", "between two words"),
        ("no ... ... late", "between two words"),
        ("{person} left", "no words are called 'person'. Known: number, year"),
        ("{nummber} left", "Did you mean 'number'?"),
        ("a { b", "is not part of a name"),
        ("l*te", "'l\\*te' is no word"),
        ("*", "'\\*' is no word"),
        (" ".join(["(a|b|c|d)"] * 9), "more than 20,000 sequences"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str, reason: str):
    with pytest.raises(ParameterError, match=reason):
        Phrases(["fine", pattern])


def test_phrases_need_a_list_of_patterns():
    with pytest.raises(ParameterError, match="at least one pattern"):
        Phrases([])
    with pytest.raises(ParameterError, match="at least one pattern"):
        Phrases("missed")
    assert repr(Phrases(["a", "b"])) == "Phrases(['a', 'b'])"


@given(st.text(max_size=60))
def test_tokens_have_their_offsets_in_order(text: str):
    tokens = Tokens.of(text)
    position = 0
    for key, start, end in zip(tokens.keys, tokens.starts, tokens.ends, strict=True):
        assert position <= start < end <= len(text)
        assert key
        position = end


@given(
    st.lists(st.sampled_from(["a", "b", "ab", ",", ".", "1", "不", "x-y", "can't"]), max_size=12)
)
def test_spans_are_in_order_and_hold_their_text(words: list[str]):
    text = " ".join(words)
    spans = Phrases(["a b", "a ... b", "ab*", "{number}", "\u4e0d a", "x y", "can't"]).find(text)
    position = 0
    for span in spans:
        assert position <= span.start < span.end
        assert text[span.start : span.end] == span.text
        position = span.end
