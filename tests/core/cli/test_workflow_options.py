"""Options made from the parameters of a workflow."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from pydantic import Field

from metier import Texts
from metier.cli.command_classes import set_options
from metier.cli.workflow_options import option_for, value_of
from metier.workflows.parameter import Parameter, read_parameters


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


def sort(
    rt: object,
    texts: Texts,
    labels: tuple[str, ...],
    share: Annotated[float, Field(ge=0, le=1)] = 0.5,
    size: Size = Size.SMALL,
    unit: Literal["words", "letters"] = "words",
    is_strict: bool = False,
    folder: Path | None = None,
    json: bool = False,
) -> None:
    """Sort toys."""


PARAMETERS = {parameter.name: parameter for parameter in read_parameters(sort, "toys/sort")}


def read(parameter: Parameter, *arguments: str) -> dict[str, object]:
    """What a workflow gets of arguments on the command line."""
    option = option_for(parameter, {"json"})
    values: dict[str, object] = {}
    app = typer.Typer()

    def command(**read: object) -> None:
        values.update(value_of(option, read[option.name]))

    set_options(command, {option.name: (option.annotation, option.default)})
    app.command()(command)
    app(arguments, standalone_mode=False)
    return values


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("texts", ("--texts", "a.csv", "--texts", "b.csv"), ["a.csv", "b.csv"]),
        ("labels", ("--labels", "bear", "--labels", "train"), ["bear", "train"]),
        ("share", ("--share", "0.25"), 0.25),
        ("size", ("--size", "large"), Size.LARGE),
        ("unit", ("--unit", "letters"), "letters"),
        ("is_strict", ("--is-strict",), True),
        ("folder", ("--folder", "toys"), Path("toys")),
        ("json", ("--param-json",), True),
    ],
)
def test_a_parameter_is_read_from_its_option(name, arguments, value):
    assert read(PARAMETERS[name], *arguments) == {name: value}


@pytest.mark.parametrize("name", ["share", "size", "unit", "is_strict", "folder", "json"])
def test_an_option_that_is_not_used_leaves_the_default_to_the_workflow(name):
    assert read(PARAMETERS[name]) == {}


@pytest.mark.parametrize(("name", "text"), [("share", "2"), ("size", "huge"), ("unit", "pages")])
def test_a_value_out_of_bounds_is_refused_by_its_option(name, text):
    with pytest.raises(typer.BadParameter) as refused:
        read(PARAMETERS[name], f"--{name}", text)
    assert f"--{name}" in refused.value.format_message()
