"""The tree of commands: what every one of them has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer

from metier.cli.app import app
from metier.cli.command_classes import PlainCommand

WITHOUT = {("pack", "schema"), ("replay",)}
"""The schema is JSON, and the options of `replay` are those of its record."""


def commands(group, path=()) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


TREE = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", sorted(set(TREE) - WITHOUT), ids=" ".join)
def test_every_command_prints_json_on_request(path):
    assert any("--json" in parameter.opts for parameter in TREE[path].params)


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_every_command_has_help_that_is_a_sentence(path):
    assert isinstance(TREE[path], PlainCommand)
    assert TREE[path].help.split("\n")[0].endswith((".", ":"))
    for parameter in TREE[path].params:
        assert parameter.help is None or parameter.help.endswith("."), parameter.name


@pytest.mark.parametrize("name", ["search", "core/search"])
def test_a_workflow_in_place_of_a_command_is_run_by_run(metier, name):
    code, _, err = metier(name, "toys.csv")
    assert code == 2
    assert f"There is no command '{name}'." in err
    assert "Run it with: metier run core/search" in err


def test_another_unknown_command_is_refused_with_close_ones(metier):
    code, _, err = metier("serach")
    assert code == 2
    assert "No such command 'serach'" in err
    assert "metier run" not in err
