"""`metier shell`: one query after another, from a pipe and in a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.core.cli.conftest import CORE

from metier.cli.shell_session import ShellSession
from metier.results.result import Result
from metier.steps.searching import Passage, search_passages

SECONDS = 60
SEARCH = ("shell", "core/search", "toys.csv", "--model", "embedded")


@pytest.fixture(autouse=True)
def own_data(toys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def typed(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def results(out: str) -> list[dict]:
    """The JSON values that stand one after the other in a text."""
    decoder, values, start = json.JSONDecoder(), [], 0
    while out[start:].strip():
        value, end = decoder.raw_decode(out[start:].lstrip())
        start += len(out[start:]) - len(out[start:].lstrip()) + end
        values.append(value)
    return values


def test_each_line_is_a_query_and_gives_what_a_run_of_its_own_gives(metier):
    queries = ("a toy to hug", "a locomotive")
    code, out, _ = metier(*SEARCH, "--json", stdin=typed(*queries))
    assert code == 0
    for query, result in zip(queries, results(out), strict=True):
        alone = json.loads(metier("run", *SEARCH[1:], "--query", query, "--json").out)
        assert result["hits"] == alone["hits"]
        assert result["query"] == query
        assert result["record"]["parameters"] == alone["record"]["parameters"]
        assert result["record"]["models"] == alone["record"]["models"]


def test_the_texts_are_embedded_for_the_first_query_only(metier):
    code, out, _ = metier(*SEARCH, "--no-cache", "--json", stdin=typed("a bear", "wood", "a toy"))
    embedded = [result["record"]["texts_embedded"] for result in results(out)]
    assert code == 0
    assert embedded == [3, 1, 1]


def test_top_changes_how_many_are_found(metier):
    _, out, err = metier(*SEARCH, "--json", stdin=typed("a", ":top 1", "a", ":top 0", ":top 2000"))
    assert [len(result["hits"]) for result in results(out)] == [2, 1]
    assert ":top takes a number from 1 to 999,999,999, not '0'." in err
    assert "1000" in err


def test_a_number_of_thousands_of_digits_is_refused_in_one_line(metier):
    code, _, err = metier(*SEARCH, stdin=typed("9" * 5000, ":top " + "9" * 5000, ":top 0001"))
    assert code == 1
    assert ":top takes a number from 1 to 999,999,999, not '99999" in err
    assert err.count("error: ") == 1
    assert "bug" not in err
    assert len(err) < 1000


def test_a_long_query_is_not_repeated_whole(metier):
    code, out, _ = metier(*SEARCH, stdin=typed("a bear " * 20_000))
    assert code == 0
    assert "texts for: a bear a bear" in out
    assert len(out) < 3000


def test_errors_are_shown_and_the_shell_goes_on(metier):
    lines = (":open 1", ":save", ":tpo 3", ":rerank maybe", ":rerank on", ":where a=1", "a bear")
    code, out, err = metier(*SEARCH, stdin=typed(*lines, ":open 9", ":save found.odd"))
    assert code == 1
    assert "Best 2 of 2 texts for: a bear" in out
    assert "There is no result yet." in err
    assert "The path is missing." in err
    assert "Did you mean ':top'?" in err
    assert "says neither on nor off" in err
    assert "There is no reranker." in err
    assert "conditions are for an index" in err
    assert "The last result has no number 9." in err
    assert err.count("error: ") == 8


def test_the_last_result_is_saved_by_its_ending(metier, tmp_path):
    code, _, err = metier(*SEARCH, stdin=typed("a bear", ":save found.csv", ":quit", "never asked"))
    assert code == 0
    assert "wrote found.csv" in err
    rows = (tmp_path / "found.csv").read_text("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert "a bear" in rows[1]


def test_a_hit_is_opened_whole(metier, tmp_path):
    long = "A bear. " + "It has a red bow and sits on the shelf. " * 20 + "The end."
    (tmp_path / "one.jsonl").write_text(json.dumps({"id": "a", "text": long}) + "\n")
    call = ("shell", "core/search", "one.jsonl", "--model", "embedded")
    first = metier(*call, stdin=typed("a bear")).out
    opened = metier(*call, stdin=typed("a bear", ":open 1")).out
    assert "The end." not in first
    assert opened.split().count("bow") - first.split().count("bow") == 20
    assert "The end." in " ".join(opened.split())


def test_help_lists_the_commands(metier):
    _, out, err = metier(*SEARCH, stdin=":help\n")
    assert out == ""
    assert all(name in err for name in (":top N", ":rerank on|off", ":where", ":open", ":quit"))


def test_an_index_is_searched_with_conditions(metier):
    at = ("--at", "idx")
    assert metier("index", "build", "toys.csv", *at, "--model", "embedded").code == 0
    lines = (":top 5", "something", ":where price>=6", "something", ":where", "something")
    code, out, _ = metier("shell", *at, "--json", stdin=typed(*lines))
    found = [sorted(hit["document_id"] for hit in hits) for hits in results(out)]
    assert code == 0
    assert found == [["a", "b"], ["b"], ["a", "b"]]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (("shell",), "There is nothing to search in."),
        (("shell", "core/search", "toys.csv", "--at", "x"), "No such option"),
        (("shell", "--at", "x", "core/search"), "There are a workflow and an index."),
        (("shell", "toy/count", "toys.csv"), "toy/count is no search"),
        (("shell", "core/search", "toys.csv", "--out", "x"), "A shell has no single result"),
        (("shell", "core/search", "toys.csv", "--query", "x"), "No such option"),
        (("shell", "core/search", "missing.csv"), "missing.csv"),
        (("shell", "--at", "missing"), "There is no index at"),
    ],
)
def test_a_shell_that_cannot_begin_says_why(metier, call, problem):
    code, _, err = metier(*call, stdin="a bear\n")
    assert code == 2
    assert problem in err


def test_lines_of_a_pipe_need_no_prompt_toolkit_and_leave_no_history(metier, tmp_path):
    sys.modules.pop("prompt_toolkit", None)
    metier(*SEARCH, stdin=typed("a bear"))
    assert "prompt_toolkit" not in sys.modules
    assert not (tmp_path / "data").exists()


class Terminal:
    """A pseudo-terminal in which a shell runs."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._number, other = pty.openpty()
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
        }
        environment |= {"PYTHONPATH": str(CORE), "TERM": "xterm", "XDG_DATA_HOME": str(folder)}
        environment |= {"PROMPT_TOOLKIT_NO_CPR": "1", "COLUMNS": "100", "LINES": "40"}
        call = ["-m", "metier", "--no-plugins", *SEARCH[:1], *options, *SEARCH[1:]]
        self.process = subprocess.Popen(
            [sys.executable, *call],
            stdin=other,
            stdout=other,
            stderr=other,
            cwd=folder.parent,
            env=environment,
            start_new_session=True,
        )
        os.close(other)
        self._seen = ""

    def type(self, keys: str) -> None:
        os.write(self._number, keys.encode())

    def wait_for(self, text: str) -> str:
        """What was shown up to a text, which has to come."""
        end = time.monotonic() + SECONDS
        while text not in self._seen:
            ready, _, _ = select.select([self._number], [], [], max(0, end - time.monotonic()))
            assert ready, f"{text!r} did not come after {self._seen!r}"
            chunk = os.read(self._number, 65536).decode(errors="replace")
            self._seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", chunk)
        before, found, self._seen = self._seen.partition(text)
        return before + found

    def enter(self, line: str, answer: str) -> None:
        """Type a line, and wait for the answer and the next prompt."""
        self.type(f"{line}\r")
        self.wait_for(answer)
        self.wait_for("metier>")

    def complete(self, beginning: str, rest: str, answer: str) -> None:
        """Type the beginning of a line, let it be completed, and enter it."""
        self.type(f"{beginning}\t")
        self.wait_for(rest)
        self.enter("", answer)

    def end(self) -> int:
        """The exit code after Ctrl-D."""
        self.type("\x04")
        return self.process.wait(SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self._number)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(*options: str) -> Terminal:
        opened.append(Terminal(tmp_path / "data", *options))
        opened[-1].wait_for("metier>")
        return opened[-1]

    yield open_terminal
    for shell in opened:
        shell.close()


def test_a_terminal_completes_keeps_history_and_survives_an_interrupt(terminal, tmp_path):
    (tmp_path / "report.csv").touch()
    shell = terminal()
    shell.type("a half question\x03")
    shell.wait_for("metier>")
    shell.enter("a toy to hug", "Best 2 of 2 texts for: a toy to hug")
    shell.complete(":he", "lp", "let the reranker order the best")
    shell.complete("a toy", "hug", "Best 2 of 2 texts for: a toy to hug")
    shell.complete(":save toys.c", "sv", "would replace 'toys.csv'")
    shell.complete(":save repor", "t.csv", "wrote report.csv")
    assert shell.end() == 0
    history = tmp_path / "data" / "metier" / "shell-history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "a toy to hug" in history.read_text()
    assert "a half question" not in history.read_text()
    again = terminal()
    up = "\x1b[A"  # three times: the last query, before two commands
    again.enter(up * 3, "Best 2 of 2 texts for: a toy to hug")
    assert again.end() == 0


def test_a_byte_that_is_no_text_ends_with_an_error_of_the_query(terminal, tmp_path):
    shell = terminal()
    os.write(shell._number, b"\xc3(\r")
    shown = shell.wait_for("cannot be used") + shell.wait_for("metier>")
    assert "Unhandled" not in shown
    shell.enter("a bear", "Best 2 of 2 texts for: a bear")
    assert shell.end() == 0
    history = (tmp_path / "data" / "metier" / "shell-history").read_text("utf-8")
    assert "+a bear" in history


def test_without_history_nothing_is_written(terminal, tmp_path):
    shell = terminal("--no-history")
    shell.enter("a bear", "Best 2 of 2 texts for: a bear")
    assert shell.end() == 0
    assert not (tmp_path / "data" / "metier" / "shell-history").exists()


class InterruptedOnce:
    """A search whose first query is interrupted, as by Ctrl-C."""

    inputs = ()

    def __init__(self, result: Result) -> None:
        self._result = result
        self._count = 0

    def search(self, query: str) -> Result:
        self._count += 1
        if self._count == 1:
            signal.raise_signal(signal.SIGINT)
        return self._result

    def show(self, result: Result) -> None:
        sys.stdout.write("shown\n")

    def set_top(self, count: int) -> None: ...
    def set_rerank(self, is_on: bool) -> None: ...
    def set_where(self, condition: str) -> None: ...


@pytest.fixture
def interrupts():
    """Hear interrupts, which a shell has a process ignore that it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_ends_a_query_in_a_terminal_and_a_script_as_a_whole(rt, capsys):
    result = search_passages(rt, "a", [Passage("a", "a bear")], instruction="core/passage-search")
    ShellSession(InterruptedOnce(result), is_terminal=True).run(["first", "second"])
    assert capsys.readouterr() == ("shown\n", "note: interrupted\n")
    with pytest.raises(KeyboardInterrupt):
        ShellSession(InterruptedOnce(result), is_terminal=False).run(["first", "second"])


def test_source_code_is_opened_in_colors(rt, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    code = "def wait():\n    return 'long enough'\n"
    passage = Passage("a", code, "shop.py:1", facts={"language": "Python"})
    result = search_passages(rt, "wait", [passage], instruction="core/passage-search")
    search = InterruptedOnce(result)
    search._count = 1
    ShellSession(search, is_terminal=False).run(["wait", ":open 1"])
    out = capsys.readouterr().out
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert "def wait():" in plain
    assert "return 'long enough'" in plain
    assert re.search(r"\x1b\[[0-9;]+mdef\x1b", out)
