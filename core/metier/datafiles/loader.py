"""Read YAML and TOML files as pydantic models; errors name the line and the column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from metier.datafiles.data_model import description, keys_of, path_of
from metier.datafiles.parsed_file import ParsedFile
from metier.datafiles.toml_parser import parse_toml
from metier.datafiles.yaml_parser import parse_yaml
from metier.errors import ErrorPosition, PackError, Problem

MAX_BYTES = 1_000_000
"""Size of the largest data file."""

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
        keys = ", ".join(keys_of(model))
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
        problems = [
            Problem(description(problem, model), source.error_position(path_of(problem)))
            for problem in error.errors()
        ]
        raise PackError.listing(sorted(problems, key=_line)) from None


def _line(problem: Problem) -> tuple[int, int]:
    position = problem.position or ErrorPosition()
    return position.line or 0, position.column or 0
