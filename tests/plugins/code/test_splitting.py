"""Functions of a source as sections: the same stretches, by their offsets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier.chunking.chunking import chunk
from metier.texts.rows import Item
from metier_code.parsing.definitions import parse
from metier_code.parsing.languages import language_of
from metier_code.splitting import code_sections


def words(texts: list[str]) -> list[int]:
    return [len(text.split()) for text in texts]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_sections_are_the_definitions_whatever_ends_a_line(
    samples: Callable[[str], Path], newline: str
) -> None:
    files = [path for path in samples("metier_code").rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        text = path.read_text().replace("\n", newline)
        sections = list(code_sections(text, path.name))
        assert [
            (one.headings, text[one.start : one.end].replace(newline, "\n")) for one in sections
        ] == [
            ((one.name,) if one.name else (), one.text)
            for one in parse(text, language_of(path)).definitions
            if language_of(path)
        ]


def test_functions_on_one_line_and_letters_of_several_bytes_are_where_they_are() -> None:
    text = 'const \u00e9 = "\U0001f600"; const f = () => 1; const g = () => 2\n'
    found = [text[one.start : one.end] for one in code_sections(text, "a.js")]
    assert found == ["const f = () => 1;", "const g = () => 2"]


@pytest.mark.parametrize(("name", "text"), [("a.md", "def f(): pass"), ("a.txt", "def f(:")])
def test_what_is_no_source_has_no_sections(name: str, text: str) -> None:
    assert list(code_sections(text, name)) == []


def test_a_source_is_chunked_by_its_functions() -> None:
    text = "import os\n\n\nclass A:\n    def f(self):\n        return 1\n\n\ndef g():\n    pass\n"
    found = chunk(Item("shop/a.py", text), counter=words, max_tokens=50, splitter=code_sections)
    assert [(one.location, one.text.split()[0]) for one in found] == [
        ("shop/a.py:1", "import"),
        ("shop/a.py:4, A", "class"),
        ("shop/a.py:5, A.f", "def"),
        ("shop/a.py:9, g", "def"),
    ]
