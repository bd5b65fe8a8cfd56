from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.assertion.tables import read_table

from metier.assertion.assertion import PRECEDENCE, Assertion
from metier.assertion.rules import AssertionRules
from metier.texts.phrases import Phrases

RULES = {language: AssertionRules.load(language) for language in AssertionRules.languages()}
TERMS = Phrases(["late*", "bankrupt*", "missed", "no ... income", "behind (on|with)"])
WORDS = sorted(
    {
        word
        for case in read_table(Path(__file__).with_name("english.txt"))
        for word in case.sentence.split(" ")
    }
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from([*WORDS, "\u200b", "不", "nicht", "\n\n", "2009", "9", "🙂"]), max_size=25
    ).map(" ".join),
)


def check(text: str, assertion: Assertion) -> None:
    assert text[assertion.start : assertion.end] == assertion.target
    found = {modifier.status for modifier in assertion.modifiers}
    expected = tuple(status for status in PRECEDENCE if status in found) or ("affirmed",)
    assert assertion.statuses == expected
    assert assertion.status == assertion.statuses[0]
    positions = [(modifier.start, modifier.end) for modifier in assertion.modifiers]
    assert positions == sorted(positions)
    for modifier in assertion.modifiers:
        assert 0 <= modifier.start < modifier.end <= len(text)
        assert text[modifier.start : modifier.end] == modifier.text


@pytest.mark.parametrize("language", RULES)
@given(text=TEXTS)
def test_any_text_is_judged_with_offsets_that_hold_the_words(language: str, text: str):
    rules = RULES[language]
    check(text, rules.judge(text))
    check(text, rules.judge(text, TERMS))
    for assertion in rules.judge_each(text, TERMS):
        check(text, assertion)


@given(text=TEXTS, data=st.data())
def test_any_span_of_a_text_is_judged(text: str, data: st.DataObject):
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assertion = RULES["en"].judge_span(text, start, end)
    assert (assertion.start, assertion.end, assertion.basis) == (start, end, "span")
    check(text, assertion)


@given(text=TEXTS)
def test_the_same_text_gives_the_same_assertion(text: str):
    assert RULES["en"].judge(text, TERMS) == RULES["en"].judge(text, TERMS)
