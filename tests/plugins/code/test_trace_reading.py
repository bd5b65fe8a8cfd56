from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.plugins.code import recorded_traces as recorded

from metier_code.traces.reading import MOST_FRAMES, read_traces
from metier_code.traces.trace import Trace

CHAIN = """
def price(line):
    try:
        return line["price"]
    except KeyError as error:
        raise ValueError(f"no price for {line}") from error

def total(lines):
    return sum(price(line) for line in lines)

def group():
    try:
        total([{}])
    except ValueError as error:
        raise ExceptionGroup("several", [error, TypeError("another")])
"""


def shown(traces: tuple[Trace, ...]) -> list[tuple[str, str, str, list[str]]]:
    """Role, error, message and frames, with the last part of paths alone."""
    return [
        (
            trace.role,
            trace.error,
            trace.message,
            [f"{frame.function} {Path(frame.path).name}:{frame.line}" for frame in trace.frames],
        )
        for trace in traces
    ]


def output_of(folder: Path, source: str, call: str) -> str:
    """What Python prints where a call fails in a program."""
    (folder / "cart.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-c", f"import cart\n{call}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stderr


def test_python_names_the_cause_and_what_wraps_it(tmp_path: Path) -> None:
    traces = read_traces(output_of(tmp_path, CHAIN, "cart.total([{}])"))

    cause, wrapper = shown(traces)
    assert cause == ("failure", "KeyError", "'price'", ["price cart.py:4"])
    assert wrapper[:3] == ("wrapper", "ValueError", "no price for {}")
    assert wrapper[3][0] == "price cart.py:6"
    assert wrapper[3][-2:] == ["total cart.py:9", "<module> <string>:2"]
    assert traces[0].frames[0].code == 'return line["price"]'


def test_exceptions_of_a_group_come_before_the_group(tmp_path: Path) -> None:
    traces = shown(read_traces(output_of(tmp_path, CHAIN, "cart.group()")))

    assert [(role, error) for role, error, *_ in traces if error == "ExceptionGroup"] == [
        ("wrapper", "ExceptionGroup")
    ]
    assert ("failure", "KeyError", "'price'", ["price cart.py:4"]) in traces


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    trace = read_traces(output_of(tmp_path, "total = 1\n\ntotal = = 2\n", "0"))[-1]

    assert trace.error == "SyntaxError"
    assert (trace.frames[0].line, trace.frames[0].function) == (3, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (recorded.NODE, [
            ("wrapper", "Error", "checkout failed", ["checkout checkout.js:7", "main main.js:2"]),
            ("failure", "TypeError", "no price for A1", [
                "priceOf cart.js:8", " cart.js:4", "Array.map :None", "Cart.total cart.js:4",
                "checkout checkout.js:5", "main main.js:2",
            ]),
        ]),
        (recorded.GDB, [("failure", "SIGSEGV", "Segmentation fault.", [
            "price_of cart.c:7", "cart_total cart.c:13", "main cart.c:19",
        ])]),
        (recorded.GO, [
            ("failure", "", "runtime error: index out of range [5] with length 3", [
                "example.com/shop/cart.(*Cart).Total cart.go:12", "main.main main.go:7",
            ]),
            ("background", "", "", ["net/http.(*Server).Serve server.go:3086"]),
        ]),
        (recorded.RUBY, [("failure", "ArgumentError", "no price for A1", [
            "price_of cart.rb:8", "block in total cart.rb:4", "<main> main.rb:3",
        ])]),
        (recorded.PHP, [("failure", "RuntimeException", "No price for A1", [
            r"Shop\Cart->priceOf Cart.php:14", r"Shop\Cart->total Cart.php:22", " Checkout.php:9",
        ])]),
        (recorded.LARAVEL, [("failure", "RuntimeException", "No price for A1", [
            r"Shop\\Cart->priceOf Cart.php:14", " Checkout.php:9",
        ])]),
        (recorded.XDEBUG, [("failure", "", "Undefined variable $price", [
            r"Shop\Cart->priceOf Cart.php:14", r"Shop\Cart->total Cart.php:22",
            "{main} index.php:5", " index.php:0",
        ])]),
        (recorded.ELIXIR, [("failure", "ArgumentError", "no price for A1", [
            "Shop.Cart.price_of/1 cart.ex:12", 'Enum."-map/2-lists^map/1-1-"/2 enum.ex:1693',
        ])]),
        (recorded.LUA, [("failure", "", "no price for A1", [
            "price_of cart.lua:8", "total cart.lua:4", " main.lua:3",
        ])]),
        (recorded.DART, [("failure", "", "Invalid argument(s): no price", [
            "priceOf cart.dart:8", "Cart.total.<anonymous closure> cart.dart:4",
            "ListMixin.fold list.dart:12",
        ])]),
        (recorded.SWIFT, [("failure", "", "no price", [
            " Cart.swift:8", "Cart.total() Cart.swift:12",
        ])]),
        (recorded.R, [("failure", "", "no price", [
            "price cart.R:3", "total cart.R:8", " main.R:2",
        ])]),
        (recorded.FIREFOX, [("failure", "", "", [
            "total cart.js:4", "async*global code main.js:3",
        ])]),
        (recorded.PYTEST, [("failure", "ValueError", "no price", [
            "price cart.py:8", "total cart.py:3", "test_total test_cart.py:5",
        ])]),
        (recorded.IPYTHON, [("failure", "ValueError", "no price", [
            "total cart.py:3", " Cell In[3]:2",
        ])]),
    ],
    ids=["node", "gdb", "go", "ruby", "php", "laravel", "xdebug", "elixir", "lua", "dart",
         "swift", "r", "firefox", "pytest", "ipython"],
)  # fmt: skip
def test_traces_of_many_languages_are_read_from_where_they_were_thrown(
    text: str, expected: list[tuple[str, str, str, list[str]]]
) -> None:
    assert shown(read_traces(text)) == expected


def test_java_and_c_sharp_give_the_root_cause_its_own_trace() -> None:
    java, c_sharp = read_traces(recorded.JAVA), read_traces(recorded.CSHARP)

    assert [(trace.role, trace.error) for trace in java] == [
        ("wrapper", "java.lang.IllegalStateException"),
        ("failure", "java.lang.NumberFormatException"),
    ]
    assert java[1].frames[3].function == "com.acme.shop.Cart.priceOf"
    assert [(trace.role, trace.error) for trace in c_sharp] == [
        ("failure", "System.ArgumentException"), ("wrapper", ""),
    ]  # fmt: skip
    assert c_sharp[0].frames[0].path == r"C:\src\shop\Cart.cs"
    assert c_sharp[1].frames[0].line == 9


def test_rust_and_sanitizers_name_libraries_and_own_functions() -> None:
    rust, sanitizer = read_traces(recorded.RUST)[0], read_traces(recorded.ASAN)[0]

    assert rust.message == "a line needs a price"
    assert "shop::price_of (./src/main.rs:12)" in map(str, rust.frames)
    assert sanitizer.error == "AddressSanitizer"
    assert str(sanitizer.frames[0]) == "price_of (/home/ann/shop/cart.c:7)"


@pytest.mark.parametrize("prefix", [
    "> ", "> > ", "2024-03-01 10:00:00,123 ERROR ", "web_1  | ", "[2024-03-01T10:00:00Z] ",
    "Mar  1 10:00:00 host shop[123]: ", "\x1b[31m",
])  # fmt: skip
@pytest.mark.parametrize("name", ["JAVA", "GO", "RUST", "NODE"])
def test_traces_in_logs_and_mails_are_read_as_without_their_prefixes(
    name: str, prefix: str
) -> None:
    text = getattr(recorded, name)
    quoted = "".join(f"{prefix}{line}\r\n" for line in text.splitlines())

    assert read_traces(quoted) == read_traces(text)


def test_a_trace_in_a_line_of_json_is_read() -> None:
    stack = (
        "TypeError: no price\n    at priceOf (/app/cart.js:8:26)\n    at total (/app/cart.js:4:2)"
    )

    assert [str(frame) for frame in read_traces(json.dumps({"stack": stack}))[0].frames] == [
        "priceOf (/app/cart.js:8)", "total (/app/cart.js:4)",
    ]  # fmt: skip


def test_text_without_a_trace_has_none() -> None:
    text = "The total at checkout is wrong: it shows 3 (three) at the top, see cart.py line 3."

    assert read_traces(text) == ()


def test_long_hostile_lines_are_read_in_linear_time() -> None:
    lines = [
        "at x:1 " * 90, "#0 a (" + " at x:1" * 80, "a" * 600, "::::" * 150, "> " * 300,
        'File "' * 100, "[" * 600, "1: " * 200, "#0 0x0 in " + "a " * 250, "(" * 600,
    ]  # fmt: skip
    text = "\n".join(lines * 1_700)
    assert len(text) > 9_000_000  # an expression that tries each part again would take hours

    assert len(read_traces(text)) < 1_000


def test_endless_recursion_is_cut() -> None:
    frames = "".join(f'  File "/app/a.py", line {line}, in f\n' for line in range(1, 9_000))

    traces = read_traces(f"Traceback (most recent call last):\n{frames}RecursionError: deep\n")

    assert sum(len(trace.frames) for trace in traces) == MOST_FRAMES
