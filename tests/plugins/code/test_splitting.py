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


@pytest.mark.parametrize(
    ("text", "language", "name", "headings"),
    [
        ("def fit_line(points):\n    return slope(points)\n", "Python", "fit_line", ()),
        (
            "// The best line.\nfunc FitLine(points []Point) Line {\n\treturn slope(points)\n}\n",
            "Go",
            "FitLine",
            ("FitLine",),
        ),
        (
            "class Fit {\n    public static double fitLine(List<Point> points) {\n"
            "        return Math.abs(slope(points));\n    }\n}\n",
            "Java",
            "fitLine",
            ("fitLine",),
        ),
        ("const fit = (points) => {\n  return slope(points)\n}", "JavaScript", "fit", ()),
        ("const fit = (points: Point[]): Line => slope(points)", "TypeScript", "fit", ()),
        (
            "vector<double> fit(vector<Point> points) {\n    return {slope(points)};\n}",
            "C++",
            "fit",
            (),
        ),
        ("static double fit(struct point *p) {\n    return p->x;\n}", "C", "fit", ()),
        ("pub fn fit(points: &[Point]) -> Line {\n    slope(points)\n}", "Rust", "fit", ()),
        ("def fit(points)\n  points.each { |point| slope point }\nend", "Ruby", "fit", ()),
        ("fun fit(points: List<Point>): Line {\n  return slope(points)\n}", "Kotlin", "fit", ()),
        ("function fit($points) {\n  return slope($points);\n}", "PHP", "fit", ()),
        ("fit <- function(points) {\n  slope(points, TRUE)\n}", "R", "fit", ()),
    ],
)
def test_a_piece_of_code_without_a_file_has_the_language_it_looks_like(
    text: str, language: str, name: str, headings: tuple[str, ...]
) -> None:
    (section,) = code_sections(text, "answer 12")
    assert text[section.start : section.end] == text
    assert section.fields == {"kind": "function", "name": name, "language": language}
    assert section.headings == headings


@pytest.mark.parametrize(
    "text",
    [
        "The report says:\n\ndef fit(points):\n    fails",
        "Public transport (all lines) {see map}",
        "# Fit\n\nFits a line to points.\n",
        "public " + "a " * 20_000,
        "def f(" + "(" * 20_000,
    ],
)
def test_a_text_that_is_no_code_is_no_piece_of_code(text: str) -> None:
    assert list(code_sections(text, "answer 12")) == []
