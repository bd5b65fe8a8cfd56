"""The keys of `domain.yaml`, of instruction packs and of `metier.toml`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs.generate.page import Entry, Page, Section, code

from metier.datafiles.project_file import FILE_NAME, ProjectTables
from metier.registry.domain import Domain
from metier.registry.ids import NAME_PATTERN

_INTRODUCTION = """
What the files of metier may say. A key that is not here is an error, which names the line and the
key that was meant. A name is made of lower-case words of letters and digits, joined by single
hyphens, and has at most 64 characters.
"""
_DOMAIN = """
The same keys stand in the `domain.yaml` of a plugin and in an instruction pack, which is YAML or
TOML; the few that only one of them may have say so.
"""
_PROJECT = (
    "The file of a project, in TOML. It stands in the current folder, or in the nearest one above "
    "it that has one, up to the root of the repository."
)
_COLUMNS = ("key", "value", "default", "meaning")
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "keys and texts",
}

Schema = Mapping[str, Any]


def keys_page(domain: Schema | None = None, project: Schema | None = None) -> Page:
    """Every key: of a domain or pack level by level, then of a project's file.

    Args:
        domain: JSON Schema of a domain; None for that of metier.
        project: JSON Schema of `metier.toml`; None for that of metier.
    """
    schema = _domain_schema() if domain is None else domain
    sections = [_keys_of("domain.yaml and instruction packs", _DOMAIN, schema, level=2)]
    sections += _inner(schema, schema["$defs"])
    tables = ProjectTables.model_json_schema() if project is None else project
    sections.append(Section(FILE_NAME, _PROJECT, columns=_COLUMNS, entries=_of_project(tables)))
    return Page("Keys", _INTRODUCTION, tuple(sections))


def _domain_schema() -> Schema:
    schema = Domain.model_json_schema()
    del schema["$defs"]["Instruction"]["properties"]["domain"]  # filled in from the file
    return schema


def _inner(schema: Schema, known: Schema) -> Iterator[Section]:
    """The keys inside of keys, each right after the level it belongs to."""
    for key, said in schema["properties"].items():
        name = _named(said)
        if name is not None:
            found = known[name]
            yield _keys_of(_title(key), found.get("description", ""), found, level=3)
            yield from _inner(found, known)


def _keys_of(title: str, description: str, schema: Schema, *, level: int) -> Section:
    entries = tuple(
        Entry(
            key,
            (_value(said, key), _default(said, key in schema.get("required", ()))),
            said.get("description", ""),
        )
        for key, said in schema["properties"].items()
    )
    return Section(title, description, columns=_COLUMNS, entries=entries, level=level)


def _of_project(schema: Schema) -> tuple[Entry, ...]:
    """The keys of each table of `metier.toml`."""
    return tuple(
        Entry(f"{table}.{key}", (_value(said, key), ""), said.get("description", ""))
        for table, reference in schema["properties"].items()
        for key, said in schema["$defs"][_named(reference)]["properties"].items()
    )


def _title(key: str) -> str:
    return f"In {key}"


def _named(said: Schema) -> str | None:
    """The definition that a value, an entry of its list or one of its choices refers to."""
    if "$ref" in said:
        return str(said["$ref"]).rpartition("/")[2]
    inner = [said["items"]] if "items" in said else said.get("anyOf", ())
    return next(filter(None, map(_named, inner)), None)


def _value(said: Schema, key: str) -> str:
    """What a key takes, in words."""
    if "$ref" in said:
        return f"[keys](#{_title(key).lower().replace(' ', '-')})"
    if "const" in said:
        return code(json.dumps(said["const"]))
    if "enum" in said:
        *most, last = (code(str(one)) for one in said["enum"])
        return f"{', '.join(most)} or {last}"
    if "anyOf" in said:
        choices = [one for one in said["anyOf"] if one.get("type") != "null"]
        return " or ".join(_value(one, key) for one in choices)
    if said.get("type") == "array":
        return f"list, each {_value(said['items'], key)}"
    if said.get("pattern") == NAME_PATTERN:
        return "name"
    return _WORDS[said["type"]] + _limits(said)


def _limits(said: Schema) -> str:
    unit = " characters" if said["type"] == "string" else ""
    least = said.get("minLength", said.get("minimum"))
    most = said.get("maxLength", said.get("maximum"))
    if least is None and most is None:
        return ""
    if unit and (least, most) == (1, None):
        return ", not empty"
    bounds = f"{least} to {most}" if least is not None else f"at most {most}"
    return f", {bounds if most is not None else f'at least {least}'}{unit}"


def _default(said: Schema, required: bool) -> str:
    if required:
        return "required"
    default = said.get("default")
    if default in (None, "", []) or isinstance(default, dict):
        return ""
    return code(json.dumps(default).strip('"'))
