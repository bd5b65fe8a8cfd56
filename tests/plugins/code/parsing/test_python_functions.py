from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from metier_code.parsing.definition import Definition, ParsedSource
from metier_code.parsing.source_text import UnreadableSource

Parse = Callable[[str, str | bytes], ParsedSource]
Read = Callable[[str, str | bytes], list[Definition]]

SOURCE = '''
    """A module."""

    import functools

    LIMIT = 3


    # Adds.
    # Never subtracts.
    @functools.cache
    def add(a, b):
        def inner():
            return a
        return inner() + b


    class Cart:
        # not attached

        def total(self):
            return 0

        class Line:
            async def price(self): return 1

    if LIMIT:
        def late(): pass
'''


def test_functions_and_methods_are_found_with_the_classes_round_them(read: Read) -> None:
    assert [function.name for function in read(".py", SOURCE)] == [
        "add",
        "Cart.total",
        "Cart.Line.price",
        "late",
    ]


def test_comments_and_decorators_right_above_belong_to_a_function(read: Read) -> None:
    add, total, *_ = read(".py", SOURCE)

    assert add.line == 8
    assert add.text.startswith("# Adds.\n# Never subtracts.\n@functools.cache\ndef add(a, b):\n")
    assert add.text.endswith("return inner() + b")
    assert total.text == "    def total(self):\n        return 0"


def test_the_text_is_the_source_from_the_line_on(read: Read) -> None:
    source = 'class A:\n    def é(self): return "é"; \n\n    def b(self): pass # ü\n'

    for function in read(".py", source):
        line = source.splitlines()[function.line - 1]
        assert line.startswith(function.text)
        assert function.column == 5


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_does(read: Read, newline: str) -> None:
    source = newline.join(["x = '''", "\x0c", "'''", "def f():", "    pass", ""])

    assert [(one.line, one.text) for one in read(".py", source.encode())] == [
        (4, "def f():\n    pass")
    ]


def test_a_byte_order_mark_is_no_part_of_the_source(read: Read) -> None:
    assert [one.text for one in read(".py", b"\xef\xbb\xbfdef f(): pass\n")] == ["def f(): pass"]


def test_a_source_may_warn_when_it_is_compiled(read: Read) -> None:
    assert [one.name for one in read(".py", r"def f(): return '\d' is 1")] == ["f"]


def test_an_empty_source_has_no_functions(read: Read) -> None:
    assert read(".py", "") == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\ndef f(:\n", 2),
        (b"def f(): pass\n\x00", 2),
        ("(" * 100_000, 1),
    ],
)
def test_the_line_of_a_fault_is_said(parse_file: Parse, source: str | bytes, line: int) -> None:
    assert {fault[0] for fault in parse_file(".py", source).faults} == {line}


def test_what_is_no_text_is_refused(read: Read) -> None:
    with pytest.raises(UnreadableSource, match="is not text"):
        read(".py", b"\xff\xfed")


def test_a_long_function_is_one_passage(read: Read) -> None:
    body = "".join(f"    x{number} = {number}\n" for number in range(500))

    (function,) = read(".py", f"def f():\n{body}")

    assert function.text.count("\n") == 500


def test_python_older_than_the_interpreter_is_read(read: Read) -> None:
    assert [function.name for function in read(".py", "print 'old'\ndef f(): pass")] == ["f"]


def test_python_newer_than_the_interpreter_is_read(read: Read) -> None:
    source = """
        class Stack[T]:
            # Takes one off.
            @log
            def pop[K](self, key: K) -> T:
                return f"{"nested"}"

        type Pair[T] = tuple[T, T]

        async def after():
            pass
    """

    pop, after = read(".py", source)

    assert (pop.name, pop.line, after.name, after.line) == ("Stack.pop", 2, "after", 9)
    assert pop.text.startswith("    # Takes one off.\n    @log\n    def pop[K]")


def test_functions_of_a_notebook_are_those_of_its_code_cells(read: Read) -> None:
    cells = [
        {"cell_type": "markdown", "source": "def no(): pass"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip list\n", "x = 1"]},
        {"cell_type": "code", "source": "def total(a):\n    return a + 1"},
    ]

    (function,) = read(".ipynb", json.dumps({"cells": cells}))

    assert (function.name, function.text) == ("total", "def total(a):\n    return a + 1")


@pytest.mark.parametrize("junk", ["", "[]", "{}", '{"cells": 1}', '{"cells": [{}]}'])
def test_what_is_no_notebook_is_said(read: Read, junk: str) -> None:
    with pytest.raises(UnreadableSource, match="is no notebook"):
        read(".ipynb", junk)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_a_source_in_any_usual_encoding_is_read(read: Read, encoding: str) -> None:
    (function,) = read(".py", "def price():\n    return '\u00e9'\n".encode(encoding))

    assert function.text == "def price():\n    return '\u00e9'"
