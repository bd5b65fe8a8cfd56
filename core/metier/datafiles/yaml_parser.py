"""Parse YAML 1.2 with the positions of its values.

Unlike PyYAML it refuses duplicate keys and aliases, and reads `no` as a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import yaml

from metier.datafiles.parsed_file import KeyPath, ParsedFile
from metier.errors import ErrorPosition, PackError

MAX_DEPTH = 40
"""Levels of nesting that are allowed; libyaml itself stops only when the stack is full."""

_Base: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"


class _StrictLoader(_Base):  # type: ignore[misc]  # the C loader is typed only where it exists
    """Loader with the types of YAML 1.2's core schema."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
):
    _StrictLoader.add_implicit_resolver(f"{_CORE}{_tag}", re.compile(_pattern), list(_first))

_READ: dict[str, Callable[[str], Any]] = {
    f"{_CORE}str": str,
    f"{_CORE}bool": {"true": True, "false": False}.__getitem__,
    f"{_CORE}int": int,
    f"{_CORE}float": float,
    f"{_CORE}null": lambda _: None,
}


def parse_yaml(text: str, name: str) -> ParsedFile:
    """Parse one YAML document.

    Raises:
        PackError: not YAML, not one document, a key given twice or not a text, an alias, a tag
            that is not in the core schema, or more than `MAX_DEPTH` levels of nesting.
    """
    positions: dict[KeyPath, tuple[int, int]] = {}
    try:
        _check_events(text, name)
        node = yaml.compose(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise PackError(
            f"$position: not valid YAML: {error.problem or error.context}.",
            position=_where(name, mark) if mark else ErrorPosition(name),
            why="Usually a wrong indentation, a tab, or a colon inside a text without quotes.",
            fix="Correct it there; an editor that knows YAML shows how it reads the line.",
        ) from None
    except yaml.YAMLError as error:
        message = " ".join(str(error).split())
        raise PackError(
            f"$position: not valid YAML: {message}.",
            position=ErrorPosition(name),
            why="Usually a character that is not text.",
            fix="Remove it, and save the file as UTF-8.",
        ) from None
    return ParsedFile(None if node is None else _build(node, (), positions, name), positions, name)


def _check_events(text: str, name: str) -> None:
    """Refuse aliases and deep nesting before anything is built, which they could make endless."""
    depth = 0
    for event in yaml.parse(text, Loader=_StrictLoader):
        if isinstance(event, yaml.AliasEvent):
            raise PackError(
                f"$position: an alias (*{event.anchor}).",
                position=_where(name, event.start_mark),
                why="Data files have no aliases: a few of them can stand for gigabytes.",
                fix="Write out what it stands for, or put a text that starts with * in quotes.",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise PackError(
                    f"$position: nested more than {MAX_DEPTH} levels deep, which no domain or pack "
                    "is.",
                    position=_where(name, event.start_mark),
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _build(
    node: yaml.Node, path: KeyPath, positions: dict[KeyPath, tuple[int, int]], name: str
) -> Any:
    positions.setdefault(path, _position(node.start_mark))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            position = _where(name, key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                raise PackError(
                    "$position: a key that is a list or a mapping, not a text.", position=position
                )
            key = str(key_node.value)
            if key in mapping:
                raise PackError(
                    f"$position: the key {key!r} is given twice.",
                    fix="Keep one of the two.",
                    position=position,
                )
            positions[(*path, key)] = _position(key_node.start_mark)
            mapping[key] = _build(value_node, (*path, key), positions, name)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(child, (*path, index), positions, name) for index, child in enumerate(node.value)
        ]
    return _scalar(node, name)


def _scalar(node: yaml.Node, name: str) -> Any:
    try:
        return _READ[node.tag](node.value)
    except (KeyError, ValueError):
        kind = node.tag.removeprefix(_CORE)
        raise PackError(
            f"$position: {_brief(node.value)} cannot be read as {kind!r}.",
            position=_where(name, node.start_mark),
            why="Values are texts, whole numbers, decimal numbers, true, false or null.",
            fix="Put a text in quotes.",
        ) from None


def _where(name: str, mark: Any) -> ErrorPosition:
    return ErrorPosition(name, *_position(mark))


def _position(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _brief(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:37] + "...")
