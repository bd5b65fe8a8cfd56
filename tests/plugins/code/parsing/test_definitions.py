"""What holds for every source: extents, kinds, documentation, bounds."""

from __future__ import annotations

import argparse
import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier_code.parsing import grammars
from metier_code.parsing.definition import Definition
from metier_code.parsing.definitions import parse
from metier_code.parsing.languages import Language, language_of, languages

WORDS = [
    "def ",
    "class ",
    "function ",
    "f",
    "(",
    ")",
    "{",
    "}",
    ":",
    ";",
    "\n",
    "\n    ",
    "\r\n",
    "\r",
    "=",
    "=>",
    "é",
    "😀",
    "#",
    "//",
    "/*",
    "*/",
    '"',
    "'",
    "`",
    "begin",
    "end",
    "fn ",
    "CREATE FUNCTION f AS $$",
    "\t",
    ",",
    "x",
    "\ufeff",
    "\x00",
    "\x0c",
    "\u2028",
    "<?php ",
    "import a",
    "@a\n",
    "describe('a', () => {",
    "<script>",
    "\ud800",
]


def functions(definitions: tuple[Definition, ...]) -> list[str]:
    return [one.name for one in definitions if one.kind in ("function", "method")]


@settings(max_examples=80, deadline=None)
@given(
    language=st.sampled_from(sorted(languages())),
    pieces=st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=40),
)
def test_of_any_text_definitions_are_stretches_in_order(language: str, pieces: list[str]) -> None:
    source = "".join(pieces)
    text = source.replace("\r\n", "\n").replace("\r", "\n")

    parsed = parse(source, language)

    end = 0
    for definition in parsed.definitions:
        assert end <= definition.start < definition.end <= len(text)
        end = definition.end
        if languages()[language].parts != "cells":
            assert definition.text == text[definition.start : definition.end]
            assert definition.line == text.count("\n", 0, definition.start) + 1
            assert definition.end_line == text.count("\n", 0, definition.end) + 1
        assert definition.language
    assert all(line >= 1 and message for line, message in parsed.faults)


HOSTILE = [
    "(" * 100_000,
    "[" * 100_000 + "]" * 100_000,
    "x = 1; " * 20_000,
    "/* " * 10_000,
    "class A:\n def f(self: (\n" * 1_000,
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("language", ["Python", "JavaScript", "C++"])
def test_a_source_of_brackets_or_open_comments_is_read(language: str) -> None:
    for hostile in HOSTILE:
        parsed = parse(hostile, language)
        assert sum(len(one.text) for one in parsed.definitions) <= len(hostile)


def test_a_class_is_its_head_and_members_are_their_own() -> None:
    source = (
        "// One.\n@Entity\nclass Basket {\n  /** Lines. */\n  int lines = 1;\n\n  // Sums.\n"
        "  int total() { return 1; }\n  int rest;\n}\n"
    )
    basket, total = parse(source, "Java").definitions
    assert (basket.kind, basket.name, basket.signature) == ("class", "Basket", "class Basket")
    assert basket.text == source[: source.index("\n\n  // Sums")]
    assert (basket.line, basket.end_line, total.line, total.column) == (1, 5, 7, 3)
    assert total.text == "  // Sums.\n  int total() { return 1; }"


@pytest.mark.parametrize(
    ("language", "source", "signature", "doc"),
    [
        (
            "Python",
            "# Above.\n@cache\nasync def add(\n    a: int,\n    b: int = 2,\n) -> int:\n"
            '    r"""Adds.\n\n    Two numbers.\n    """\n    return a + b\n',
            "async def add( a: int, b: int = 2, ) -> int",
            "Adds.\n\nTwo numbers.",
        ),
        ("Python", "# Adds.\n# Two.\ndef add(a): return a\n", "def add(a)", "Adds.\nTwo."),
        (
            "JavaScript",
            "/**\n * Adds.\n *\n * @param {number} a one\n */\n"
            "export const add = (a, b) => a + b;\n",
            "export const add = (a, b)",
            "Adds.\n\n@param {number} a one",
        ),
        (
            "Rust",
            "/// Adds.\n#[inline]\npub fn add(a: u8) -> u8\nwhere u8: Copy { a }\n",
            "pub fn add(a: u8) -> u8 where u8: Copy",
            "Adds.",
        ),
        ("C#", "/// <summary>Adds.</summary>\nint Add(int a) => a;\n", "int Add(int a)", "Adds."),
        (
            "Go",
            "// Add adds.\nfunc Add(a int) int { return a }\n",
            "func Add(a int) int",
            "Add adds.",
        ),
        (
            "SQL",
            "-- Adds.\nCREATE FUNCTION add(a INT)\nRETURNS INT AS $$ X $$;\n",
            "CREATE FUNCTION add(a INT) RETURNS INT",
            "Adds.",
        ),
        ("Bash", "#!/bin/sh\n# Adds.\nadd() {\n  :\n}\n", "add()", "Adds."),
    ],
)
def test_a_function_has_its_head_on_one_line_and_its_documentation(
    language: str, source: str, signature: str, doc: str
) -> None:
    (function,) = parse(source, language).definitions
    assert (function.signature, function.doc) == (signature, doc)


def test_documentation_and_code_of_a_file_are_found_without_imports_and_licenses() -> None:
    license = "# Copyright of somebody. Licensed under some terms, see LICENSE.\n\n"
    code = "import os\n\nRATES = {'de': 19, 'fr': 20}\n\n\ndef f():\n    pass\n"
    module, function = parse(license + code, "Python").definitions
    assert (module.kind, module.text, module.line) == ("module", "RATES = {'de': 19, 'fr': 20}", 5)
    text = f'"""Rates of taxes."""\n\nimport os\n\n\n{function.text}\n'
    documented, _ = parse(text, "Python").definitions
    assert (documented.kind, documented.doc) == ("module", "Rates of taxes.")
    (only,) = parse(f"import os\nx = 1\n\n\n{function.text}\n", "Python").definitions
    assert only.name == "f"


def test_what_is_not_understood_is_divided_into_windows_of_lines() -> None:
    broken = "".join(f"class {{ ((( word{number} [\n" for number in range(90))
    parsed = parse("function add(a) { return a; }\n\n" + broken, "JavaScript")
    windows = [one for one in parsed.definitions if one.kind == "lines"]
    assert functions(parsed.definitions) == ["add"]
    assert [line for line, _ in parsed.faults] == [1]
    assert [one.end_line - one.line < 40 for one in windows] == [True] * 3


@pytest.mark.parametrize("language", [None, "COBOL"])
def test_a_source_in_an_unknown_language_is_divided_at_blank_lines(language: str | None) -> None:
    paragraph = "".join(f"       MOVE A{number} TO B.\n" for number in range(13))
    source = (paragraph + "\n") * 5
    parsed = parse(source, language)
    assert [(one.kind, one.line, one.end_line) for one in parsed.definitions] == [
        ("lines", 1, 27),
        ("lines", 29, 55),
        ("lines", 57, 69),
    ]
    assert parsed.faults == ()


def test_a_line_of_any_length_is_divided() -> None:
    parsed = parse("word " * 20_000, None)
    assert max(len(one.text) for one in parsed.definitions) <= 8_000
    assert sum(len(one.text.split()) for one in parsed.definitions) >= 19_000


def test_without_its_grammar_a_language_is_divided_by_lines_and_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = Language(
        name="Zig", endings=(".zig",), grammar="tree_sitter_nowhere:language", extra="languages"
    )
    monkeypatch.setitem(languages(), "Zig", entry)
    grammars.grammar_of.cache_clear()

    parsed = parse("fn add(a: u8) u8 {\n    return a;\n}\n", "Zig")

    grammars.grammar_of.cache_clear()
    assert [(one.kind, one.line, one.end_line) for one in parsed.definitions] == [("lines", 1, 3)]
    assert parsed.faults == (
        (1, "the grammar of Zig is not installed: pip install 'metier-code[languages]'"),
    )


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("    x = run(1,\n", 5),
        ("    x = [1, {2: (3\n    return x\n", 5),
        ('    x = """open\n', 5),
        ("    if x\n        return 1\n", 5),
        ("    return f'{x'\n", 5),
        ("    x = = 1\n\n    y = 2\n", 5),
    ],
)
def test_a_broken_function_of_python_hides_no_other(broken: str, line: int) -> None:
    before = "def before():\n    return 1\n\n"
    after = "\n\nclass After:\n    def first(self):\n        return 1\n\n\ndef last():\n    pass\n"
    parsed = parse(f"{before}def broken():\n{broken}{after}", "Python")
    assert functions(parsed.definitions) == ["before", "broken", "After.first", "last"]
    assert parsed.definitions[1].signature == "def broken()"
    assert parsed.definitions[1].text == f"def broken():\n{broken}".rstrip()
    assert parsed.faults
    assert parsed.faults[0][0] in (line - 1, line)


def test_a_module_of_the_standard_library_gives_what_its_own_parser_finds() -> None:
    source = Path(argparse.__file__).read_text("utf-8")
    body = ast.parse(source).body
    found = parse(source, "Python")
    assert found.faults == ()
    top = [one for one in found.definitions if "." not in one.name]
    for kind, node in (("class", ast.ClassDef), ("function", ast.FunctionDef)):
        names = [statement.name for statement in body if isinstance(statement, node)]
        assert [one.name for one in top if one.kind == kind] == names


@pytest.mark.parametrize(
    ("name", "first_line", "language"),
    [
        ("run", "#!/usr/bin/env -S python3.12 -u\n", "Python"),
        ("run", "#!/bin/dash", "Bash"),
        ("Rakefile", "", "Ruby"),
        ("run", "#! /usr/bin/env LANG=C ruby", "Ruby"),
        ("run", "# text", None),
        ("A.PY", "", "Python"),
        ("a.txt", "", None),
        ("run", "#!", None),
    ],
)
def test_a_language_is_known_by_name_or_first_line(
    name: str, first_line: str, language: str | None
) -> None:
    assert language_of(name, first_line) == language


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("R", "#' Sum of a cart.\ntotal <- function(cart) sum(cart)\n"),
        ("Fortran", "C     Sum of a cart.\n      SUBROUTINE TOTAL(A)\n      END\n"),
        ("Fortran", "!> Sum of a cart.\nsubroutine total(a)\nend subroutine\n"),
        ("SQL", "/* Sum of a cart. */\nCREATE VIEW total AS SELECT sum(price) FROM lines;\n"),
    ],
)
def test_documentation_has_no_signs_of_comments(language: str, source: str) -> None:
    (total,) = parse(source, language).definitions
    assert (total.name.lower(), total.doc) == ("total", "Sum of a cart.")
    assert "total" in total.signature.lower()
    assert not total.signature.endswith((";", "AS"))
