"""Kinds of functions in every language, and what of a source is said not to be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime
from metier.testing import FakeEmbedder
from metier_code.parsing.definition import Definition, ParsedSource
from metier_code.parsing.definitions import parse
from metier_code.splitting import code_sections

Parse = Callable[[str, str | bytes], ParsedSource]
Read = Callable[[str, str | bytes], list[Definition]]


@pytest.mark.parametrize(
    ("suffix", "source", "names"),
    [
        # functions given to calls
        (".js", "app.get('/carts', (req, res) => res.json([]));", ["app.get /carts"]),
        (
            ".js",
            "app.route('/a').get((q, s) => {\n  s.end();\n}).put((q, s) => {\n  s.end();\n});",
            ["app.route('/a').get.put"],
        ),
        (
            ".js",
            "$(document).ready(() => {\n  $('#a').on('click', () => {\n    go();\n  });\n});",
            ["$('#a').on click"],
        ),
        (".js", "it.each([1])('adds', (a) => {\n  go(a);\n});", ["adds"]),
        (".js", "const routes = { 'a-b': () => {\n  go();\n} };", ["routes.a-b"]),
        (
            ".php",
            "<?php\nRoute::prefix('x')->group(function () {\n"
            "  Route::get('/y', fn ($q) => $q->all());\n});\n",
            ["Route::get /y"],
        ),
        (".rb", "class A\n  define_method(:go) do |a|\n    a\n  end\nend\n", ["A.go"]),
        (".rb", "get '/x' do\n  'hi'\nend\n", ["get /x"]),
        (
            ".rb",
            "RSpec.describe Cart do\n  it 'adds' do\n    go\n  end\n  it { is_expected }\nend\n",
            ["Cart adds", "Cart it"],
        ),
        (".rb", "twice = ->(x) { x * 2 }\nsame = lambda do |x|\n  x\nend\n", ["twice", "same"]),
        (".cs", 'app.MapGet("/x", async () => {\n  return 1;\n});\n', ["app.MapGet /x"]),
        # values with names
        (
            ".go",
            'package a\n\nvar t = map[string]F{\n\t"double": func(a int) int { return a },\n}\n',
            ["t.double"],
        ),
        (".go", "package a\n\nvar c = &C{Run: func() {}}\n", ["c.Run"]),
        (".cpp", "auto twice = [](int a) { return 2 * a; };\n", ["twice"]),
        (".rs", "static F: fn(i32) -> i32 = |x| { x + 1 };\n", ["F"]),
        (".cs", "class A { Func<int, int> f = x => { return x + 1; }; }\n", ["A.f"]),
        (".kt", "val f = { a: Int -> a + 1 }\nval g = fun(a: Int): Int { return a }\n", ["f", "g"]),
        (
            ".py",
            "twice = lambda x: 2 * x\n\n\nclass A:\n    b: F = lambda s: 1\n",
            ["twice", "A.b"],
        ),
        # accessors and constructors
        (
            ".cs",
            "class A { int B { get { return 1; } } int C => 2; int D { get; set; } ~A() { }\n"
            "  int this[int i] { get { return i; } } }\n",
            ["A.B", "A.C", "A.~A", "A.this[]"],
        ),
        (
            ".kt",
            "class A(val x: Int) {\n    constructor() : this(1) {\n        go()\n    }\n\n"
            "    val y: Int\n        get() = x + 1\n    val z = 2\n}\n",
            ["A.constructor", "A.y"],
        ),
        # macros
        (".c", "TEST(Cart, adds)\n{\n  go();\n}\n", ["Cart.adds"]),
        (".cpp", "TEST_F(CartTest, Adds) {\n  go();\n}\n", ["CartTest.Adds"]),
        (".c", "#define LARGER(a, b) ((a) > (b) ? (a) : (b))\n#define N 3\n", ["LARGER"]),
        (".rs", "macro_rules! square { ($x:expr) => { $x * $x }; }\n", ["square"]),
        # Python of other versions, or with a fault
        (".py", "lazy import json\n\n\ndef after():\n    pass\n", ["after"]),
        (".py", "def a():\n    return 1\n\n\nx = = 2\n\n\ndef b():\n    return 2\n", ["a", "b"]),
        (".pyw", "def a(): pass\n", ["a"]),
        (".pyi", "def a(x: int) -> str: ...\n", ["a"]),
        (".rake", "task :seed do\n  go\nend\n", ["task seed"]),
        (".zsh", "again() {\n  go\n}\n", ["again"]),
    ],
)
def test_a_function_of_any_kind_is_found_under_its_name(
    read: Read, suffix: str, source: str, names: list[str]
) -> None:
    assert [function.name for function in read(suffix, source)] == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (
            "CREATE PROCEDURE dbo.Add @a INT AS\nBEGIN\n  SELECT @a;\nEND\nGO\nSELECT 1;\n",
            ["dbo.Add"],
        ),
        ("CREATE PROC Add AS\nSELECT 1;\nSELECT 2;\nGO\n", ["Add"]),
        ("DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  IF 1 THEN X; END IF;\nEND //\n", ["p"]),
        ("CREATE FUNCTION two() RETURNS INT RETURN 2;\nSELECT two();\n", ["two"]),
        (
            "CREATE FUNCTION f(a INT) RETURN INT IS\n  v INT;\nBEGIN\n  RETURN a;\nEND f;\n/\n",
            ["f"],
        ),
        (
            "CREATE PACKAGE BODY s AS\n  PROCEDURE p IS\n  BEGIN\n    NULL;\n  END p;\nEND s;\n/\n",
            ["p"],
        ),
        ("CREATE FUNCTION f() RETURNS int AS 'SELECT 1' LANGUAGE sql;\nSELECT 1;\n", ["f"]),
        (
            "create or replace function a.f()\nreturns int as $x$\nbegin\n  x;\nend\n$x$;\n",
            ["a.f"],
        ),
        ("CREATE DEFINER=`me`@`x` PROCEDURE `p q`()\nBEGIN\n  SELECT 1;\nEND\n", ["p q"]),
        ("ALTER PROCEDURE [dbo].[Get Line] AS SELECT 1;\nGO\n", ["dbo.Get Line"]),
        ("CREATE TRIGGER t AFTER UPDATE ON a FOR EACH ROW\nBEGIN\n  X;\nEND;\n", ["t"]),
        ("CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();\n", []),
        (
            "CREATE FUNCTION a() RETURNS int AS $$ X $$;\nCREATE PROCEDURE b() AS $$ X $$;\n",
            ["a", "b"],
        ),
        (
            "-- CREATE FUNCTION no() AS $$ $$;\nSELECT 'CREATE FUNCTION no()';\nDROP TABLE no;\n",
            [],
        ),
    ],
)
def test_routines_of_every_dialect_of_sql_are_found(source: str, names: list[str]) -> None:
    routines = [one for one in parse(source, "SQL").definitions if one.kind == "function"]
    assert [function.name for function in routines] == names


def test_a_routine_of_sql_ends_with_its_body_and_has_its_comments() -> None:
    source = (
        "SELECT 'é';\n\n-- Adds a line.\n-- Returns nothing.\nCREATE PROCEDURE p(a INT)\nBEGIN\n"
        "  SELECT CASE WHEN a THEN 'END;' END;\nEND;\nSELECT 2;\n"
    )
    (function,) = parse(source, "SQL").definitions
    assert function.line == 3
    assert function.text == source[source.index("-- Adds") : source.index("\nSELECT 2")]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["CREATE FUNCTION f\n", "--\n", "'", "$$", "/*", "BEGIN ", "AS '"]
)
def test_no_script_makes_the_reading_of_sql_long(piece: str) -> None:
    definitions = parse(piece * 50_000, "SQL").definitions
    assert sum(one.kind == "function" for one in definitions) <= 1


def test_a_bundle_is_divided_nowhere() -> None:
    source = "function f(){};" * 9_000
    assert list(code_sections(source, "bundle.js")) == []


def test_a_fault_of_python_is_said_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def a():\n    return 1\n\n\nx = = 2\n")
    rt = Runtime(FakeEmbedder(), plugins=["code"], progress=False)
    result = rt.run("code/search", tmp_path, "one")
    assert [hit.location for hit in result.hits] == ["a.py:1"]
    assert [str(entry) for entry in result.skipped] == ["a.py (in part: line 5 is not understood)"]
