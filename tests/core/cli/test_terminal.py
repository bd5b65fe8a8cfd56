"""Output: what goes where, tables, and a question to the user."""

from __future__ import annotations

import io
import json
import sys

import pytest

from metier.cli import terminal
from metier.errors import UsageError


def test_results_and_notes_go_to_different_streams(capsys):
    terminal.output().print("a result")
    terminal.note("a note")
    terminal.aside("an aside")
    assert capsys.readouterr() == ("a result\n", "note: a note\nan aside\n")


def test_texts_are_printed_as_they_are_without_control_characters(capsys):
    terminal.output().print("[red]a[/red] :bear: \x1b]0;owned\x07\u202e\x9b", soft_wrap=True)
    assert capsys.readouterr().out == "[red]a[/red] :bear: ]0;owned\n"


def test_json_on_a_terminal_holds_nothing_that_it_acts_on(capsys):
    content = {"toy": "\x9b31m\x7f\u202ebear\u2066\u2028"}
    terminal.print_json(content)
    printed = capsys.readouterr().out
    assert printed.replace("\n", "").isprintable()
    assert json.loads(printed) == content


def test_json_is_escaped_where_the_stream_lacks_a_character(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    terminal.print_json({"toy": "\N{SNOWMAN}"})
    stream.flush()
    printed = stream.buffer.getvalue()
    assert b"\\u2603" in printed
    assert json.loads(printed) == {"toy": "\N{SNOWMAN}"}


def test_values_that_are_empty_have_no_row(capsys):
    terminal.output().print(terminal.facts([("name", "bear"), ("note", None), ("size", 0)]))
    assert capsys.readouterr().out.split() == ["name", "bear", "size", "0"]


def test_a_folder_for_results_is_made_or_refused(tmp_path):
    terminal.require_folder(tmp_path / "new")
    assert (tmp_path / "new").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="Results cannot go to"):
        terminal.require_folder(tmp_path / "file")


def test_nothing_is_confirmed_without_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError, match="Pass --yes"):
        terminal.is_confirmed("Drop it?")
