"""Headings of Markdown and numbered ones; lists and code have none."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.chunking.sections import sections_by_heading


def sections(text: str) -> list[tuple[str, ...]]:
    return [one.headings for one in sections_by_heading(dedent(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\nx\n## B #\ny\n# C\nz", [("A",), ("A", "B"), ("C",)]),
        ("### Deep\nx\n# Top\ny", [("Deep",), ("Top",)]),
        ("A\n===\nx\n\nB\n---\ny\n", [("A",), ("A", "B")]),
        ("# A\n\n## B\nx", [("A", "B")]),
        ("# A\n# B\n", [("B",)]),
        ("# A\nx\n```\n# no\n```\n~~~\n```\n# no\n~~~\n# B\ny", [("A",), ("B",)]),
        ("#no\n#\n   \ntext", []),
        ("a | b\n---|---\n\n---\n\ntext\nmore\n---\n", []),
        ("1. Scope\n\nx\n\n1.1 Who\n\ny\n\n2 What\nz",
         [("1. Scope",), ("1. Scope", "1.1 Who"), ("2 What",)]),
        ("1. Milk\n2. Eggs\n3. Bread", []),
        ("1. Milk\n\n2. Eggs\n\n3. Bread\n\n", [("3. Bread",)]),
        ("It cost\n\n12 dollars and\n\nmore", []),
        ("1. This is a whole sentence.\n\nx", []),
        ("# A\nx\n\n1. Scope\n\ny", [("A",)]),
        ("1. \u603b\u5219\r\n\r\nx\r\n\r\n2. \u9644\u5219\r\n\r\ny",
         [("1. \u603b\u5219",), ("2. \u9644\u5219",)]),
        ("", []),
    ],
)  # fmt: skip
def test_headings_are_those_a_reader_sees(text, expected):
    assert sections(text) == expected


@given(st.text() | st.text("# 1.A\na=-`~\r"))
def test_sections_lie_end_to_end(text):
    found = sections_by_heading(text)
    assert all(one.start < one.end for one in found)
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]
    assert not found or found[-1].end == len(text)


def test_a_number_stands_under_no_other_number() -> None:
    text = "4 Fees\n\nTen.\n\n6.1 Late fees\n\nTwo.\n\n7 Law\n\n7.1 Courts\n\nNone.\n"
    assert [section.headings for section in sections_by_heading(text)] == [
        ("4 Fees",),
        ("6.1 Late fees",),
        ("7 Law", "7.1 Courts"),
    ]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# Programming in C#", "Programming in C#"),
        ("## F# and C# ##", "F# and C#"),
        ("# Closed # ", "Closed"),
        ("# #5", "#5"),
    ],
)
def test_only_signs_set_off_by_a_blank_close_a_markdown_heading(line, title):
    assert sections(f"{line}\n\ntext\n") == [(title,)]
