"""Reading the json files of a model folder, with errors that name the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from metier.errors import CheckpointError

T = TypeVar("T")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a json file.

    Raises:
        CheckpointError: the file cannot be read, is not json, or holds something else.
    """
    return _read(path, dict, "object")


def read_json_list(path: Path) -> list[Any]:
    """The list in a json file. Raises CheckpointError as `read_json` does."""
    return _read(path, list, "list")


def read_json_if_there(path: Path) -> dict[str, Any]:
    """As `read_json`, but an absent file is an empty object."""
    return read_json(path) if path.is_file() else {}


def _read(path: Path, kind: type[T], kind_name: str) -> T:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"'{path}' cannot be read as json.",
            why=str(error),
            fix="Download or copy the file again: it is usually cut off or was edited by hand.",
        ) from error
    if not isinstance(value, kind):
        raise CheckpointError(
            f"'{path}' should hold a json {kind_name} and holds a {type(value).__name__}.",
            fix="Download or copy the file again.",
        )
    return value
