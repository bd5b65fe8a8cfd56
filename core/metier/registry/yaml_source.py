"""YAML as data with places: safe, no duplicate keys, no YAML 1.1 surprises (`no` is a word)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from metier.errors import PackError

_Base: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = "tag:yaml.org,2002:"


class _StrictLoader(_Base):  # type: ignore[misc]  # the C loader is typed only where it exists
    """Safe loader that reads scalars as YAML 1.2's core schema does."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
):
    _StrictLoader.add_implicit_resolver(f"{_PLAIN}{_tag}", re.compile(_pattern), list(_first))


@dataclass(frozen=True, slots=True)
class Source:
    """Parsed YAML with the place of every key and list entry.

    Attributes:
        content: dicts, lists and scalars.
        places: path of keys and indexes to (line, column), both counted from 1.
        name: the file, for messages.
    """

    content: Any
    places: dict[tuple[str | int, ...], tuple[int, int]]
    name: str

    def place(self, path: tuple[str | int, ...]) -> tuple[int, int]:
        """The place of a path, or of its nearest parent that has one."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def parse_yaml(text: str, name: str) -> Source:
    """Parse one YAML document.

    Raises:
        PackError: not YAML, not one document, a key given twice, or an unknown tag.
    """
    try:
        loader = _StrictLoader(text)
        try:
            node = loader.get_single_node()
            places: dict[tuple[str | int, ...], tuple[int, int]] = {}
            content = _build(loader, node, (), places, name) if node is not None else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise PackError(
            f"{name}{where}: not valid YAML: {error.problem}.",
            why="Usually a wrong indentation, a tab, or a colon inside a text without quotes.",
        ) from None
    except yaml.YAMLError as error:
        raise PackError(f"{name}: not valid YAML: {error}.") from None
    except RecursionError:
        raise PackError(f"{name}: nested too deeply to be a domain or a pack.") from None
    return Source(content, places, name)


def _build(
    loader: Any,
    node: yaml.Node,
    path: tuple[str | int, ...],
    places: dict[tuple[str | int, ...], tuple[int, int]],
    name: str,
) -> Any:
    places.setdefault(path, _place(node))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line, column = _place(key_node)
            if key in mapping:
                raise PackError(
                    f"{name}, line {line}, column {column}: the key {key!r} is given twice.",
                    fix="Keep one of the two.",
                )
            places[(*path, key)] = (line, column)
            mapping[key] = _build(loader, value_node, (*path, key), places, name)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(loader, child, (*path, index), places, name)
            for index, child in enumerate(node.value)
        ]
    return loader.construct_object(node)


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
