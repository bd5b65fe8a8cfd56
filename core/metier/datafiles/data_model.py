"""Models of data that people write, in files or in code, and messages about what is wrong in it."""

from __future__ import annotations

import typing
from typing import Any

from pydantic import BaseModel, ValidationError

from metier.close_names import did_you_mean, known_names
from metier.datafiles.parsed_file import KeyPath
from metier.errors import ParameterError

INSIDE = "inside"
"""Key in the context of a pydantic error about a whole model: the path, in it, of what is wrong."""


class DataModel(BaseModel):
    """A pydantic model that people also make in code.

    Raises:
        ParameterError: a value is missing, unknown or of the wrong kind.
    """

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            problems = [description(problem, type(self)) for problem in error.errors()]
            raise ParameterError(
                f"{type(self).__name__} cannot be made of these values.", why="\n".join(problems)
            ) from None

    # as for the constructor of pydantic itself: validation does not call it
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def description(problem: Any, model: type[BaseModel]) -> str:
    """Return a sentence about a problem that pydantic found; for an unknown key the close name."""
    path = path_of(problem)
    if problem["type"] == "extra_forbidden":
        known = keys_of(_model_at(model, path[:-1]))
        hint = did_you_mean(str(path[-1]), known) or known_names(known)
        return f"unknown key {str(path[-1])!r}. {hint}"
    if problem["type"] == "missing":
        return f"{_key_name(path)} is missing."
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{_key_name(path)}: {message}."


def path_of(problem: Any) -> KeyPath:
    """Return the path of the value that a problem is about."""
    return (*problem["loc"], *problem.get("ctx", {}).get(INSIDE, ()))


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys that a file may have; excluded fields are filled in by code."""
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def _key_name(path: KeyPath) -> str:
    """Return the key that a path leads to, and which entry of its list; lists around it are left
    out."""
    keys = [part for part in path if part != "[key]"]
    entry = keys.pop() if keys and isinstance(keys[-1], int) else None
    start = max((n + 1 for n, part in enumerate(keys) if isinstance(part, int)), default=0)
    name = ".".join(map(str, keys[start:])) or "the file"
    return name if entry is None else f"entry {int(entry) + 1} of {name}"


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel]:
    """Return the model of the mapping at a path, followed through tuples and optional fields."""
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
    """Return the first model that an annotation names, also as an argument (`tuple[M, ...]`)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in typing.get_args(annotation))
    return next((model for model in inner if model is not None), None)
