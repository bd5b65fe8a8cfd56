"""Starting: version, help, and how little is imported for commands that need little."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from metier import __version__

HEAVY = "torch|transformers|sklearn|hdbscan|pandas|scipy|huggingface_hub|fake_toy"


def test_the_version_is_printed(metier):
    assert metier("--version") == (0, f"metier {__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_command(metier, arguments):
    code, out, _ = metier(*arguments)
    assert code == 0
    for command in ("run", "demo", "plugins", "instructions"):
        assert re.search(rf"│ {command} ", out)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("plugins",),
        ("plugins", "show", "toy"),
        ("instructions", "list"),
        ("instructions", "show", "toy/find-toy"),
        ("run",),
        ("cache", "info"),
    ],
    ids=" ".join,
)
def test_no_model_library_and_no_plugin_code_is_imported(process, arguments):
    code, _, err = process("-X", "importtime", "-m", "metier", *arguments)
    assert code == 0
    assert "metier.cli.app" in err
    assert not re.findall(rf"\| +((?:{HEAVY})(?:\..*)?)$", err, re.MULTILINE)


def test_an_unknown_command_is_a_usage_error_with_a_close_name(metier):
    code, out, err = metier("plugin")
    assert (code, out) == (2, "")
    assert "'plugin'" in err
    assert "metier --help" in err


def test_a_reader_that_leaves_early_is_no_error(site, process):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
    command = [sys.executable, "-m", "metier", "plugins", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as running:
        running.stdout.close()
        assert running.stderr.read() == b""


def test_a_terminal_that_lacks_characters_gets_replacements(process, toys):
    toys.write_text("id,text\n\N{SNOWMAN},a bear\n", encoding="utf-8")
    arguments = ("-m", "metier", "run", "toy/count", "--texts", toys.name)
    code, out, _ = process(*arguments, PYTHONIOENCODING="ascii")
    assert code == 0
    assert "?" in out
    as_json = process(*arguments, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(as_json.out)["counts"] == [["\N{SNOWMAN}", 6]]
