"""Which language a file is in, by its name, its first line and its text."""

from __future__ import annotations

import pytest

from metier_code.parsing.definitions import parse
from metier_code.parsing.grammars import grammar_of
from metier_code.parsing.languages import Language, language_named, language_of, languages


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("Rakefile", "", "Ruby"),
        ("ios/Podfile", "", "Ruby"),
        (".bashrc", "", "Bash"),
        ("BUILD.bazel", "", "Starlark"),
        ("run", "#!/usr/bin/env -S ruby -w\nputs 1\n", "Ruby"),
        ("run", "#!/usr/bin/perl5.36\n", "Perl"),
        ("run", "#! /usr/bin/env Rscript\n", "R"),
        ("run", "no script at all\n", None),
        ("Analysis.R", "", "R"),
        # endings that several languages have
        ("cart.h", "struct cart { int size; };\nint total(struct cart *);\n", "C"),
        ("cart.h", "#pragma once\nnamespace shop {\nclass Cart {};\n}\n", "C++"),
        ("cart.h", "#include <vector>\nint total();\n", "C++"),
        ("cart.h", "#import <Foundation.h>\n@interface Cart : NSObject\n", "Objective-C"),
        ("cart.h", "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint total(void);\n", "C"),
        ("cart.h", "", "C"),
        ("cart.m", "#import \"Cart.h\"\n\n@implementation Cart\n@end\n", "Objective-C"),
        ("cart.m", "function y = total(x)\n  y = sum(x);\nend\n", None),  # MATLAB
        ("cart.pl", "use strict;\nmy $cart = {};\n", "Perl"),
        ("cart.pl", ":- module(cart, [total/1]).\ntotal(0).\n", None),  # Prolog
        ("cart.t", "use Test::More tests => 1;\n", "Perl"),
        ("de.ts", "<?xml version=\"1.0\"?>\n<!DOCTYPE TS>\n<TS></TS>\n", None),  # translations
        ("cart.ts", "export const total = 1;\n", "TypeScript"),
        ("cart.inc", "<?php\nfunction total() {}\n", "PHP"),
        ("cart.inc", "total: .word 1\n", None),
    ],
)  # fmt: skip
def test_the_language_of_a_file_is_told_by_its_name_else_its_text(
    name: str, text: str, language: str | None
) -> None:
    assert language_of(name, text) == language


@pytest.mark.parametrize(
    ("name", "language"),
    [("python3", "Python"), ("C++17", "C++"), ("csharp", "C#"), ("ir", "R"), ("js", "JavaScript"),
     ("PowerShell", "PowerShell"), ("brainfuck", None)],
)  # fmt: skip
def test_a_language_is_known_by_what_tools_call_it(name: str, language: str | None) -> None:
    assert language_named(name) == language


@pytest.mark.parametrize("name", [name for name, entry in languages().items() if entry.grammar])
def test_every_language_of_the_table_has_a_grammar_and_a_query_that_fit(name: str) -> None:
    grammar = grammar_of(name)
    assert grammar.definitions.pattern_count > 1


def test_no_ending_stands_for_two_languages_without_signs() -> None:
    endings = [ending for entry in languages().values() for ending in entry.endings]
    assert len(endings) == len(set(endings))
    assert all(entry.signs for entry in languages().values() if entry.shared_endings)


def test_a_missing_grammar_is_said_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    table = languages() | {
        "Ada": Language(name="Ada", grammar="tree_sitter_nowhere:language", extra="languages")
    }
    monkeypatch.setattr("metier_code.parsing.grammars.languages", lambda: table)
    monkeypatch.setattr("metier_code.parsing.definitions.languages", lambda: table)
    parsed = parse("procedure Total is\nbegin\n   null;\nend Total;\n", "Ada")
    assert [definition.kind for definition in parsed.definitions] == ["lines"]
    assert parsed.faults == (
        (1, "the grammar of Ada is not installed: pip install 'metier-code[languages]'"),
    )
