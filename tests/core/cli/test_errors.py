"""Errors: what is printed, what is not, and the exit codes."""

from __future__ import annotations

import json
import re

import pytest

from metier.cli.app import app
from metier.cli.errors import FIXES, report, spell_option
from metier.errors import CODES, ErrorPosition, InputError, MetierError, UnknownNameError


def test_a_known_error_says_what_why_and_what_to_do_without_markup(metier):
    code, out, err = metier("run", "toy/fail", "--how", "known")
    assert (code, out) == (1, "")
    assert err == ("error: The [red]model[/red] fell over.\n  It is a toy.\n  Buy one.\n")


def test_an_unexpected_error_is_one_screen_that_names_debug(metier):
    code, out, err = metier("run", "toy/fail", "--how", "unknown")
    assert (code, out) == (1, "")
    assert "ZeroDivisionError: by nothing at all" in err
    assert re.search(r"Raised at .*fake_toy.*\.py:\d+\n", err)
    assert "--debug" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("group", ["cache", "pack"])
def test_a_group_without_a_command_prints_its_help_and_no_empty_error(metier, group):
    code, out, err = metier(group)
    assert code == 2
    assert f"Usage: metier {group}" in out + err
    assert "error" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--debug", "run", "toy/fail", "--how", "unknown"),
        ("run", "--debug", "toy/fail", "--how", "unknown"),
        ("run", "toy/fail", "--how", "unknown", "--debug"),
    ],
)
def test_debug_shows_the_traceback_wherever_it_stands(metier, arguments):
    code, _, err = metier(*arguments)
    assert code == 1
    assert "Traceback" in err
    assert "fake_toy" in err


def test_an_interrupt_is_one_line(metier):
    assert metier("run", "toy/fail", "--how", "interrupt") == (130, "", "Interrupted.\n")


def test_a_long_error_is_cut_to_one_screen(capsys):
    assert report(MetierError("x" * 10**6, why="\n".join("y" * 200)), debug=False) == 1
    err = capsys.readouterr().err
    assert len(err) < 2500
    assert "180 more lines" in err


def test_a_model_that_is_not_there_fails_with_a_way_out(metier, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, out, err = metier("instructions", "explain", "toy/find-toy", "--model", "./nowhere")
    assert (code, out) == (1, "")
    assert "./nowhere" in err


@pytest.mark.parametrize(
    ("name", "value", "option"),
    [
        ("rebuild", True, "--rebuild"),
        ("rerank", False, "--no-rerank"),
        ("text_field", ..., "--text-field"),
        ("reranker", "a/b", "--reranker a/b"),
        ("top_k", 1, "--top-k 1"),
        ("labels", ["refund", "a delay"], "--labels refund --labels 'a delay'"),
        ("packs", ..., "--pack"),
    ],
)
def test_a_parameter_is_spelled_as_its_option(name, value, option):
    assert spell_option(name, value) == option


def test_an_error_of_the_library_names_the_option_to_type(capsys):
    error = InputError("No.", fix="Build it again with $rebuild.", parameters={"rebuild": True})
    report(error, debug=False)
    assert capsys.readouterr().err == "error: No.\n  Build it again with --rebuild.\n"


def test_an_error_of_the_library_names_the_command_to_type(metier):
    assert "See: metier plugins show broken" in metier("run", "broken/find").err
    assert "List them with: metier plugins" in metier("plugins", "show", "toi").err
    assert "List them with: metier instructions list" in metier("instructions", "show", "a/b").err
    assert "metier index build" in metier("index", "info", "--at", "nowhere").err


@pytest.mark.parametrize("code", FIXES)
def test_a_command_to_type_exists_and_belongs_to_a_code(code):
    import typer

    assert code in CODES or code.startswith("unknown-")
    (command,) = re.findall(r"metier ([a-z]+)", FIXES[code])
    assert command in typer.main.get_command(app).commands


def test_the_advice_of_the_library_stays_where_the_command_adds_to_it(capsys):
    error = MetierError("No.", fix="Do.", code="plugin-call-failed", parameters={"plugin": "toy"})
    report(error, debug=False)
    assert "Do. To run them: metier plugins check toy\n" in capsys.readouterr().err


def test_with_json_an_error_is_one_line_of_json_on_standard_error(metier):
    code, out, err = metier("plugins", "show", "toi", "--json")
    assert (code, out) == (2, "")
    error = json.loads(err)["error"]
    assert error["code"] == "unknown-plugin"
    assert error["message"] == "There is no plugin 'toi'."
    assert error["fix"] == "List them with: metier plugins"


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("plugins", "--jsn", "--json"), "wrong-call", 2),
        (("run", "toy/fail", "--how", "unknown", "--json"), "unexpected", 1),
        (("run", "toy/fail", "--how", "known", "--json"), "model-failed", 1),
    ],
)
def test_with_json_every_error_has_a_code(metier, arguments, code, exit_code):
    finished = metier(*arguments)
    assert finished.code == exit_code
    assert json.loads(finished.err.splitlines()[-1])["error"]["code"] == code


def test_the_json_of_an_error_has_its_position(capsys):
    position = ErrorPosition(source="toys.csv", line=3)
    report(InputError("$position: no.", position=position), debug=False, as_json=True)
    error = json.loads(capsys.readouterr().err)["error"]
    assert error["message"] == "toys.csv, line 3: no."
    assert error["position"] == {"source": "toys.csv", "line": 3}


def test_the_json_of_an_unknown_name_is_of_its_kind(capsys):
    report(UnknownNameError("toy", "baer", ["bear"]), debug=False, as_json=True)
    assert json.loads(capsys.readouterr().err)["error"]["why"] == "Did you mean 'bear'?"
