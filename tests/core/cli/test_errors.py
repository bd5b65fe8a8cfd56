"""Errors: what is printed, what is not, and the exit codes."""

from __future__ import annotations

import re

import pytest

from metier.cli.errors import report
from metier.errors import MetierError


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
