"""Domain files of plugins and instruction packs of users: one schema, one difference."""

from __future__ import annotations

from pathlib import Path

from metier.errors import PackError, UsageError
from metier.registry.data_file import load_data, read_source, validate
from metier.registry.domain import Domain


def load_domain(path: Path) -> Domain:
    """Read the `domain.yaml` of an installed plugin.

    Raises:
        PackError: it breaks the schema.
    """
    return load_data(path, Domain)


def load_pack(path: Path) -> Domain:
    """Read an instruction pack: a domain file that is data only.

    Raises:
        UsageError: no such file.
        PackError: it breaks the schema, or carries `workflows`.
    """
    if not path.is_file():
        raise UsageError(
            f"There is no instruction pack {str(path)!r}.", fix="Check the path of the pack."
        )
    source = read_source(path)
    if isinstance(source.content, dict) and source.content.get("workflows"):
        line, column = source.place(("workflows",))
        raise PackError(
            f"{source.name}, line {line}, column {column}: a pack cannot bring workflows.",
            why="Packs are data and never name code; only an installed plugin may.",
            fix="Remove the key, or make the pack a plugin.",
        )
    return validate(source, Domain)
