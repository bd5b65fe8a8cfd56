"""Read YAML and TOML files as pydantic models; errors name the line and the column."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from metier.datafiles.parsed_file import KeyPath, ParsedFile
from metier.datafiles.toml_parser import parse_toml
from metier.datafiles.yaml_parser import parse_yaml
from metier.errors import ErrorPosition, PackError, Problem, did_you_mean, known_names

MAX_BYTES = 1_000_000
"""Size of the largest data file."""
INSIDE = "inside"
"""Key in the context of a pydantic error about a whole model: the path, in it, of what is wrong."""

M = TypeVar("M", bound=BaseModel)


def _require_integer(value: object) -> object:
    """Refuse `true` and `1.0`, which Python takes for equal to 1."""
    if type(value) is not int:
        raise PydanticCustomError("literal_error", "Input should be 1")
    return value


SchemaVersion = Annotated[Literal[1], BeforeValidator(_require_integer)]
"""The version of the schema of a data file."""


def load_data(path: Path, model: type[M]) -> M:
    """Read a YAML file, or a TOML file by its suffix, as a model.

    Raises:
        PackError: with file, line, column and, for a misspelled key, the close name.
    """
    return validate(read_source(path), model)


def read_source(path: Path, name: str | None = None) -> ParsedFile:
    """Parse a data file: TOML where its suffix says so, else YAML.

    Args:
        path: the file.
        name: what messages call it; None for its own name.

    Raises:
        PackError: it cannot be read, has more than `MAX_BYTES` bytes, or is not UTF-8 text in YAML
            or TOML.
    """
    shown = name or path.name
    position = ErrorPosition(shown)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PackError(
            f"$position cannot be read: {error.strerror or error}.",
            position=position,
            fix="Check the path, and that you may read the file.",
        ) from None
    if len(raw) > MAX_BYTES:
        raise PackError(
            f"$position has more than the {MAX_BYTES:,} bytes that it may have.", position=position
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError(
            f"$position is not UTF-8 text (byte {error.start}).",
            fix="Save it as UTF-8.",
            position=position,
        ) from None
    parse = parse_toml if path.suffix.lower() == ".toml" else parse_yaml
    return parse(text, shown)


def validate(source: ParsedFile, model: type[M]) -> M:
    """Check a parsed file against a model.

    Raises:
        PackError: every problem on a line of its own, with its position.
    """
    if not isinstance(source.content, dict):
        keys = ", ".join(_keys(model))
        raise PackError(
            "$position is not a mapping.",
            position=ErrorPosition(source.name),
            why=f"Its keys would be: {keys}.",
            fix="Write each key with its value on a line of its own, such as schema: 1.",
        )
    try:
        # strict models accept a JSON array for a tuple but not a Python list
        return model.model_validate_json(json.dumps(source.content))
    except ValidationError as error:
        problems = [_describe(source, problem, model) for problem in error.errors()]
        raise PackError.listing(problems) from None


def _describe(source: ParsedFile, problem: Any, model: type[BaseModel]) -> Problem:
    """What pydantic found: where, and for an unknown key the close name."""
    path = (*problem["loc"], *problem.get("ctx", {}).get(INSIDE, ()))
    where = source.error_position(path)
    key = ".".join(str(part) for part in path) or "the file"
    if problem["type"] == "extra_forbidden":
        known = _keys(_model_at(model, path[:-1]))
        hint = did_you_mean(str(path[-1]), known) or known_names(known)
        return Problem(f"unknown key {str(path[-1])!r}. {hint}", where)
    if problem["type"] == "missing":
        return Problem(f"{key} is missing.", where)
    message = str(problem["msg"]).removeprefix("Value error, ")
    return Problem(f"{key}: {message}.", where)


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel]:
    """The model of the mapping at a path, followed through tuples and optional fields."""
    for part in path:
        if isinstance(part, int):
            continue
        by_key = {field.alias or name: field for name, field in model.model_fields.items()}
        inner = _model_in(by_key[part].annotation) if part in by_key else None
        if inner is None:
            return model
        model = inner
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first model that an annotation names, also as an argument such as in `tuple[M, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in typing.get_args(annotation))
    return next((model for model in inner if model is not None), None)


def _keys(model: type[BaseModel]) -> list[str]:
    """Keys a file may have; excluded fields are filled in by code."""
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]
