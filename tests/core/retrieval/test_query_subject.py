"""What a query looks for, without the words that ask and the names of values of fields."""

from __future__ import annotations

import pytest

from metier.registry.retrieval_settings import NamedField, NamedValue, RetrievalSettings
from metier.retrieval.query_subject import read_query

SETTINGS = RetrievalSettings(
    named=0.1,
    named_fields=(
        NamedField(
            field="language",
            values=(
                NamedValue(values=("Python",), words=("python", "py")),
                NamedValue(values=("C++",), words=("c++",)),
                NamedValue(values=("TypeScript", "TSX"), words=("typescript",)),
                NamedValue(values=("Go",), words=("golang",), unclear=("go",)),
                NamedValue(values=("C",), unclear=("c",)),
            ),
        ),
    ),
    requests=("how to", "how do i", "write a function to"),
)


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("how do I open a port in Python 3.12?", "open a port", "python"),
        ("Python: how to open a port", "open a port", "python"),
        ("python how to  open a port", "open a port", "python"),
        ("write a Python function to open a port", "open a port", "python"),
        ("open a port with C++", "open a port", "c++"),
        ("open a port in C", "open a port", "c"),
        ("Go: open a port", "open a port", "go"),
        ("open a port in go.", "open a port", "go"),
        ("open a port in golang", "open a port", "go"),
        ("go to the next page", "go to the next page", None),
        ("what happens in go to statements", "what happens in go to statements", None),
        ("vitamin c", "vitamin c", None),
        ("copy a pythonic list", "copy a pythonic list", None),
        ("call C++ from Python", "call C++ from Python", None),
        ("show how to open a port", "show how to open a port", None),
        ("how to", "how to", None),
        ("python", "python", "python"),
    ],
)
def test_names_and_words_that_ask_are_left_out(query: str, text: str, language: str | None) -> None:
    subject = read_query(query, SETTINGS)
    assert subject.text == text
    expected = {} if language is None else {"language": frozenset({language})}
    assert subject.values == expected


def test_a_name_may_mean_several_values() -> None:
    subject = read_query("open a port (typescript)", SETTINGS)
    assert subject.values == {"language": {"typescript", "tsx"}}
    assert subject.text == "open a port"


def test_only_the_first_line_of_a_query_is_read_so() -> None:
    subject = read_query("Python: open a port\nas in py, how to", SETTINGS)
    assert subject.text == "open a port\nas in py, how to"


def test_a_query_without_rules_is_searched_as_it_is() -> None:
    query = " how to  use python? "
    assert read_query(query, RetrievalSettings()).text == query
