"""Sentences: exact spans, in order, that leave nothing out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.texts.checks import is_blank
from metier.texts.sentences import sentences

anything = st.text() | st.text("aB. \n!?\"')\u3002\u300d-1")


@given(anything)
def test_every_span_is_where_it_says(text):
    for span in sentences(text):
        assert text[span.start : span.end] == span.text
        assert span.text == span.text.strip() != ""


@given(anything)
def test_spans_stand_in_order_with_nothing_that_is_visible_between(text):
    end = 0
    for span in sentences(text):
        assert is_blank(text[end : span.start])
        assert span.start >= end
        end = span.end
    assert is_blank(text[end:])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("He earns 3.5 million. So what?", ["He earns 3.5 million.", "So what?"]),
        ("Really?! Yes... maybe.", ["Really?!", "Yes...", "maybe."]),
        ("See example.com for more.", ["See example.com for more."]),
        ("\u4f60\u597d\u3002\u518d\u89c1\uff01", ["\u4f60\u597d\u3002", "\u518d\u89c1\uff01"]),
        ("\u300c\u4f60\u597d\u3002\u300d\u4ed6\u8d70\u4e86\u3002",
         ["\u300c\u4f60\u597d\u3002\u300d", "\u4ed6\u8d70\u4e86\u3002"]),
        ("A title\n\nA paragraph", ["A title", "A paragraph"]),
        ("Risks:\n- default\n- fraud", ["Risks:", "- default", "- fraud"]),
        ("a line\nthat goes on", ["a line\nthat goes on"]),
        ("", []),
        (" \n ", []),
        ("He paid.\n\n\u200b\n\nShe did not.", ["He paid.", "She did not."]),
    ],
)  # fmt: skip
def test_texts_are_cut_where_a_reader_would(text, expected):
    assert [span.text for span in sentences(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith saw Mr. J. Doe.",
        "Take approx. 5 mg, e.g. at noon.",
        "See no. 7 and sec. 12 of it.",
        "1. The first entry of a list",
        "Acme Inc. owes the U.S. government.",
        "pt. denies pain",
        "A 54 y.o. male takes 5 mg b.i.d. for a week.",
        "He is N.P.O. 12 hours before.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text):
    assert [span.text for span in sentences(text)] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "The answer is no. We left.",
        "She sells art. He buys it.",
        "They work for Acme Inc. We do not.",
        "Loans, debts, etc. The rest is fine.",
        "He rose at 5 a.m. He slept.",
        "Take one q.d. Come back in a week.",
        "I chose plan b. It failed.",
    ],
)
def test_a_word_that_can_be_an_abbreviation_may_end_a_sentence(text):
    assert len(sentences(text)) == 2


@pytest.mark.parametrize("piece", [".", "!?", ". ", "\n", "\n ", "1.", "a.", '."', "\u3002", " "])
def test_a_long_run_of_anything_takes_no_time(piece):
    text = "x" + piece * (200_000 // len(piece)) + "x"
    start = time.perf_counter()
    sentences(text)
    assert time.perf_counter() - start < 5
