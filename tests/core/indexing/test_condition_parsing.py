"""Parsing of conditions written as text."""

from __future__ import annotations

import pytest

from metier import field
from metier.errors import UsageError
from metier.indexing.condition_parsing import parse_condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("year>=2020", field("year") >= 2020),
        (" year >= 2020 ", field("year") >= 2020),
        ("year<2020.5", field("year") < 2020.5),
        ("year<=-1", field("year") <= -1),
        ("year>0", field("year") > 0),
        ("court=Lyon", field("court") == "Lyon"),
        ("court==Court of Appeal, Lyon", field("court") == "Court of Appeal, Lyon"),
        ("court!=Lyon", field("court") != "Lyon"),
        ("final=true", field("final") == True),  # noqa: E712
        ("final!=False", field("final") != False),  # noqa: E712
        ('final="true"', field("final") == "true"),
        ('said=">>"', field("said") == ">>"),
        ('zip="01234"', field("zip") == "01234"),
        ("zip=01234", field("zip") == "01234"),
        ('year="2020"', field("year") == "2020"),
        ('kind in ["a", 2]', field("kind").is_in(["a", 2])),
        ("year of issue=1", field("year of issue") == 1),
        ('"a>b">=3', field("a>b") >= 3),
        ("formula=a=b", field("formula") == "a=b"),
        ("said='; DROP TABLE chunks; --", field("said") == "'; DROP TABLE chunks; --"),
        ("in=x", field("in") == "x"),
        ("kind=[1]", field("kind") == "[1]"),
        ("kind=null", field("kind") == "null"),
    ],
)
def test_a_field_an_operator_and_a_value_are_a_condition(text, condition):
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    ("text", "correction"),
    [
        ("year>>2000", "write >,"),
        ("year => 2000", "write >=,"),
        ("year=<2000", "write <=,"),
        ("year <<2000", "write <,"),
        ('"a>b"<>3', "write !=,"),
        ("year===2000", "write ==,"),
    ],
)
def test_a_wrong_operator_is_refused_with_the_right_one(text, correction):
    with pytest.raises(UsageError, match="is not a condition") as refused:
        parse_condition(text)
    assert correction in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "year",
        "year>=",
        ">=2020",
        "year 2020",
        "kind in a",
        "kind in [[1]]",
        "=",
        "1 or 1",
        "a= >1",
    ],
)
def test_other_text_is_an_error_that_shows_examples(text):
    with pytest.raises(UsageError, match="is not a condition") as refused:
        parse_condition(text)
    assert "year>=2020" in str(refused.value)
