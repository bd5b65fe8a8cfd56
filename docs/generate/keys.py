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
    for key, value in schema["properties"].items():
        name = _named(value)
        if name is not None:
            definition = known[name]
            yield _keys_of(_title(key), definition.get("description", ""), definition, level=3)
            yield from _inner(definition, known)


def _keys_of(title: str, description: str, schema: Schema, *, level: int) -> Section:
    entries = tuple(
        Entry(
            key,
            (_value(value, key), _default(value, key in schema.get("required", ()))),
            value.get("description", ""),
        )
        for key, value in schema["properties"].items()
    )
    return Section(title, description, columns=_COLUMNS, entries=entries, level=level)


def _of_project(schema: Schema) -> tuple[Entry, ...]:
    """The keys of each table of `metier.toml`."""
    return tuple(
        Entry(
            f"{table}.{key}",
            (_value(value, key), _default(value, key in definition.get("required", ()))),
            value.get("description", ""),
        )
        for table, definition in _tables(schema)
        for key, value in definition["properties"].items()
    )


def _tables(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The tables of the file, and the keys of each; `NAME` stands for a name of the user's own."""
    for table, value in schema["properties"].items():
        entries = [*value.get("patternProperties", {}).values(), value.get("additionalProperties")]
        named = next(filter(None, map(_named, [value, *filter(None, entries)])))
        is_mapping = _named(value) is None
        yield (f"{table}.NAME" if is_mapping else table), schema["$defs"][named]


def _title(key: str) -> str:
    return f"In {key}"


def _named(value: Schema) -> str | None:
    """The definition that a value, an entry of its list or one of its choices refers to."""
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    inner = [value["items"]] if "items" in value else value.get("anyOf", ())
    return next(filter(None, map(_named, inner)), None)


def _value(value: Schema, key: str) -> str:
    """The values of a key, in words."""
    if "$ref" in value:
        return f"[keys](#{_title(key).lower().replace(' ', '-')})"
    if "const" in value:
        return code(json.dumps(value["const"]))
    if "enum" in value:
        *most, last = (code(str(choice)) for choice in value["enum"])
        return f"{', '.join(most)} or {last}"
    if "anyOf" in value:
        choices = [choice for choice in value["anyOf"] if choice.get("type") != "null"]
        return " or ".join(_value(choice, key) for choice in choices)
    if value.get("type") == "array":
        return f"list, each {_value(value['items'], key)}"
    if value.get("pattern") == NAME_PATTERN:
        return "name"
    return _WORDS[value["type"]] + _limits(value)


def _limits(value: Schema) -> str:
    unit = " characters" if value["type"] == "string" else ""
    least = value.get("minLength", value.get("minimum"))
    most = value.get("maxLength", value.get("maximum"))
    if least is None and most is None:
        return ""
    if unit and (least, most) == (1, None):
        return ", not empty"
    bounds = f"{least} to {most}" if least is not None else f"at most {most}"
    return f", {bounds if most is not None else f'at least {least}'}{unit}"


def _default(value: Schema, required: bool) -> str:
    if required:
        return "required"
    default = value.get("default")
    if default in (None, "", []) or isinstance(default, dict):
        return ""
    return code(json.dumps(default).strip('"'))
