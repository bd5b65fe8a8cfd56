"""Data files: YAML checked against a pydantic model, with errors that say what is wrong where."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from metier.errors import PackError, close_names
from metier.registry.yaml_source import Source, parse_yaml

MAX_BYTES = 1_000_000
M = TypeVar("M", bound=BaseModel)


def load_data(path: Path, model: type[M]) -> M:
    """Read a YAML file as a model.

    Raises:
        PackError: with file, line, column and, for a misspelt key, the close name.
    """
    return validate(read_source(path), model)


def read_source(path: Path) -> Source:
    """Parse a YAML file.

    Raises:
        PackError: it cannot be read, is no text, no YAML or larger than data files are.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PackError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    if len(raw) > MAX_BYTES:
        raise PackError(f"{path.name} has {len(raw):,} bytes; it may have {MAX_BYTES:,}.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError(
            f"{path.name} is not UTF-8 text (byte {error.start}).", fix="Save it as UTF-8."
        ) from None
    return parse_yaml(text, path.name)


def validate(source: Source, model: type[M]) -> M:
    """Check parsed YAML against a model.

    Raises:
        PackError: every problem on a line of its own, with its place.
    """
    if not isinstance(source.content, dict):
        keys = ", ".join(_keys(model))
        raise PackError(f"{source.name} is not a mapping.", why=f"Its keys would be: {keys}.")
    try:
        # strict models accept a JSON array for a tuple but not a Python list
        return model.model_validate_json(json.dumps(source.content))
    except ValidationError as error:
        problems = [_describe(source, problem, model) for problem in error.errors()]
        raise PackError("\n".join(problems)) from None


def _describe(source: Source, problem: Any, model: type[BaseModel]) -> str:
    path = tuple(problem["loc"])
    line, column = source.place(path)
    where = f"{source.name}, line {line}, column {column}"
    key = ".".join(str(part) for part in path) or "the file"
    if problem["type"] == "extra_forbidden":
        known = _keys(_model_at(model, path[:-1]))
        close = close_names(str(path[-1]), known)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."
        return f"{where}: unknown key {str(path[-1])!r}. {hint}"
    if problem["type"] == "missing":
        return f"{where}: {key} is missing."
    said = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where}: {key}: {said}."


def _model_at(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel]:
    """The model whose keys stand at `path`, followed through tuples and optional fields."""
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
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in typing.get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _keys(model: type[BaseModel]) -> list[str]:
    """Keys a file may have; excluded fields are filled in by code."""
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]
