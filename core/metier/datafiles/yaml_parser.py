"""YAML as data with places: no duplicate keys, no aliases, no YAML 1.1 words (`no` is a text)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import yaml

from metier.datafiles.source import Path, Source
from metier.errors import PackError

DEEPEST = 40
"""Nesting a file may have. libyaml itself would go on until the stack of the program is full."""

_Base: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"


class _StrictLoader(_Base):  # type: ignore[misc]  # the C loader is typed only where it exists
    """Loader that tells scalars apart as YAML 1.2's core schema does."""

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


def parse_yaml(text: str, name: str) -> Source:
    """Parse one YAML document.

    Raises:
        PackError: not YAML, not one document, a key given twice or not a word, an alias, a tag
            that is no part of the core schema, or nesting no data file has.
    """
    places: dict[Path, tuple[int, int]] = {}
    try:
        _check_events(text, name)
        node = yaml.compose(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        where = _where(name, error.problem_mark) if error.problem_mark else name
        raise PackError(
            f"{where}: not valid YAML: {error.problem or error.context}.",
            why="Usually a wrong indentation, a tab, or a colon inside a text without quotes.",
            fix="Mend that place; an editor that knows YAML shows what it is taken for.",
        ) from None
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise PackError(
            f"{name}: not valid YAML: {said}.",
            why="Usually a character that is not text.",
            fix="Remove it, and save the file as UTF-8.",
        ) from None
    return Source(None if node is None else _build(node, (), places, name), places, name)


def _check_events(text: str, name: str) -> None:
    """Refuse, before anything is built, what could make building endless."""
    depth = 0
    for event in yaml.parse(text, Loader=_StrictLoader):
        if isinstance(event, yaml.AliasEvent):
            raise PackError(
                f"{_where(name, event.start_mark)}: an alias (*{event.anchor}).",
                why="Data files say everything where it stands; a few aliases can mean gigabytes.",
                fix="Write out what it stands for, or put a text that starts with * in quotes.",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise PackError(
                    f"{_where(name, event.start_mark)}: nested more than {DEEPEST} deep, which no "
                    "domain or pack is."
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _build(node: yaml.Node, path: Path, places: dict[Path, tuple[int, int]], name: str) -> Any:
    places.setdefault(path, _place(node.start_mark))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            where = _where(name, key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                raise PackError(f"{where}: a key that is a list or a mapping, not a word.")
            key = str(key_node.value)
            if key in mapping:
                raise PackError(
                    f"{where}: the key {key!r} is given twice.", fix="Keep one of the two."
                )
            places[(*path, key)] = _place(key_node.start_mark)
            mapping[key] = _build(value_node, (*path, key), places, name)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(child, (*path, index), places, name) for index, child in enumerate(node.value)
        ]
    return _scalar(node, name)


def _scalar(node: yaml.Node, name: str) -> Any:
    try:
        return _READ[node.tag](node.value)
    except (KeyError, ValueError):
        kind = node.tag.removeprefix(_CORE)
        raise PackError(
            f"{_where(name, node.start_mark)}: {_brief(node.value)} cannot be read as {kind!r}.",
            why="Values are texts, whole numbers, decimal numbers, true, false or null.",
            fix="Put a text in quotes.",
        ) from None


def _where(name: str, mark: Any) -> str:
    line, column = _place(mark)
    return f"{name}, line {line}, column {column}"


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _brief(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:37] + "...")
