"""Read the `domain.yaml` of plugins and the instruction packs of users, which share a schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metier.datafiles.loader import read_source, validate
from metier.datafiles.parsed_file import ParsedFile
from metier.errors import ErrorPosition, PackError, UsageError
from metier.registry.domain import OF_PLUGINS, Domain

SUFFIXES = (".yaml", ".yml", ".toml")

EVIDENCE = ".evidence.yaml"
"""End of the names of files beside packs that say how well their settings work; not packs."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as its file has it.

    Attributes:
        domain: as written; instructions of the domain it extends are not in it yet.
        source: with the positions in its file.
        path: the file.
    """

    domain: Domain
    source: ParsedFile
    path: Path


def load_domain(path: Path) -> Domain:
    """Read the `domain.yaml` of an installed plugin.

    Raises:
        PackError: it breaks the schema, or carries a key that is for packs.
    """
    source = read_source(path)
    for key in ("extends", "overrides", "taxonomy", "checklist", "hypotheses"):
        if _has(source, key):
            raise PackError(
                f"$position: {key!r} is a key of instruction packs.",
                position=source.error_position((key,)),
                why="A plugin brings a domain of its own.",
                fix="Remove the key.",
            )
    return validate(source, Domain)


def load_pack(path: Path) -> Domain:
    """Read an instruction pack: a domain file that is data only.

    Raises:
        UsageError: no such file.
        PackError: it breaks the schema, or carries a key that is for plugins.
    """
    return read_pack(path).domain


def read_pack(path: Path, name: str | None = None) -> Pack:
    """Read an instruction pack, and keep the positions in its file.

    Args:
        path: the file, YAML or TOML.
        name: what messages call it; None for its own name.

    Raises:
        As `load_pack`.
    """
    if not path.is_file():
        raise UsageError(
            f"There is no instruction pack {str(path)!r}.", fix="Check the path of the pack."
        )
    source = read_source(path, name)
    if not _is_pack(source) and _has(source, "questions"):
        raise PackError(
            "$position holds questions of a checklist, and is no instruction pack.",
            position=ErrorPosition(source.name),
            fix="Give it as $checklist or $hypotheses; packs have its keys under such a key.",
            parameters={"checklist": ..., "hypotheses": ...},
        )
    for key in OF_PLUGINS:
        if _has(source, key):
            raise PackError(
                f"$position: a pack cannot bring {key}.",
                position=source.error_position((key,)),
                why="Packs are data and never name code or other files; only an installed plugin "
                "may.",
                fix="Remove the key, or make the pack a plugin.",
            )
    return Pack(validate(source, Domain), source, path)


def refuse_pack(source: ParsedFile, path: Path) -> None:
    """Refuse a pack where changes of a checklist are read, with one error for all of its keys.

    Args:
        source: what the file holds.
        path: the file, as one would give it as a pack.

    Raises:
        PackError: the file has keys of a pack.
    """
    if _is_pack(source):
        raise PackError(
            "$position is an instruction pack, and no file of questions.",
            position=ErrorPosition(source.name),
            why="Such a file has only what a pack has under its key checklist, or hypotheses.",
            fix="Give it as $packs.",
            parameters={"packs": [str(path)]},
        )


_KEYS = ("schema", "domain", "instructions")
"""Keys that packs have and files of changes have not."""


def _is_pack(source: ParsedFile) -> bool:
    if not isinstance(source.content, dict):
        return False
    # changes of a checklist are keys of their own in a pack; a list is not
    changes = [source.content.get(key) for key in ("checklist", "hypotheses")]
    return any(_has(source, key) for key in _KEYS) or any(
        isinstance(change, dict) for change in changes
    )


def _has(source: ParsedFile, key: str) -> bool:
    return isinstance(source.content, dict) and bool(source.content.get(key))


FILE = "pack.schema.json"
"""The file beside this module that holds the same."""


def pack_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a pack: that of a domain, without what only plugins have."""
    schema = Domain.model_json_schema()
    for key in OF_PLUGINS:
        del schema["properties"][key]
    content = json.dumps(schema)
    schema["$defs"] = {
        name: kind for name, kind in schema["$defs"].items() if f'"#/$defs/{name}"' in content
    }
    del schema["$defs"]["Instruction"]["properties"]["domain"]  # filled in from the file
    description = {"title": "Instruction pack", "description": "Instructions of a trade, as data."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, **description}
