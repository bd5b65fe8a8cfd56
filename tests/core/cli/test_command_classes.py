"""Typer commands: default commands of groups, and options made at run time."""

from __future__ import annotations

from typing import Annotated

import pytest
import typer

from metier.cli.command_classes import ListsByDefault, MeasuresByDefault, PlainCommand, set_options
from metier.errors import UsageError


def run(app: typer.Typer, *arguments: str) -> object:
    return app(arguments, prog_name="toys", standalone_mode=False)


@pytest.mark.parametrize(
    ("cls", "default", "arguments"),
    [
        (ListsByDefault, "list", ()),
        (ListsByDefault, "list", ("--short",)),
        (ListsByDefault, "list", ("list", "--short")),
        (MeasuresByDefault, "measure", ("--short",)),
    ],
)
def test_a_group_runs_its_default_command(cls, default, arguments):
    app = typer.Typer(cls=cls)

    @app.command(default)
    def chosen(short: bool = False) -> str:
        return f"{default} {short}"

    @app.command("other")
    def other() -> str:
        return "other"

    assert run(app, *arguments) == f"{default} {'--short' in arguments}"
    assert run(app, "other") == "other"


def test_a_function_gets_the_options_it_is_given():
    def command(**values: object) -> object:
        return values

    size = Annotated[int, typer.Option("--size", metavar="N")]
    set_options(command, {"size": (size, 3), "name": (Annotated[str, typer.Option("--name")], "a")})
    app = typer.Typer()
    app.command(cls=PlainCommand)(command)
    assert run(app, "--size", "4") == {"size": 4, "name": "a"}


def test_an_option_of_one_value_is_refused_when_it_is_given_again():
    def command(**values: object) -> object:
        return values

    options = {
        "out": (Annotated[str | None, typer.Option("--out", "-o")], None),
        "size": (Annotated[int, typer.Option("--size")], 3),
        "keep": (Annotated[list[str] | None, typer.Option("--keep")], None),
        "short": (Annotated[bool, typer.Option("--short/--no-short")], False),
    }
    set_options(command, options)
    app = typer.Typer()
    app.command(cls=PlainCommand)(command)
    for arguments in (("--out", "a", "-o", "b"), ("--out=a", "--size", "2", "--out", "a")):
        with pytest.raises(UsageError, match=r"--out is given 2 times, and takes one value"):
            run(app, *arguments)
    repeated = run(app, "--keep", "a", "--keep", "b", "--short", "--short", "--out", "a")
    assert repeated == {"out": "a", "size": 3, "keep": ["a", "b"], "short": True}
