"""Where a program begins: main functions, commands, routes, and scripts that packages install."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from metier_code.trees.definitions import IndexedDefinition

_DECORATED_ROUTE = re.compile(
    r"^\s*@(?:[\w.]+\.)?(?:route|get|post|put|patch|delete|websocket|(?:Get|Post|Put|Patch|Delete|"
    r"Request)Mapping)\(\s*(?:(?:path|value)\s*=\s*)?[\"']([^\"']*)[\"']",
    re.MULTILINE,
)
_PASSED_ROUTE = re.compile(
    r"[\w.]*\b(?:app|router|route|server|mux|fastify|http)\w*"
    r"\.(?:get|post|put|patch|delete|all|handle|handlefunc|route)\s+(/\S*)",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"^\s*@(?:[\w.]+\.)?(?:command|group|callback)\b(?:\(|\s*$)", re.MULTILINE)
_ALL_IN_CLASSES = ("C#", "Java", "Kotlin", "Scala")
_HEAD = 1000
"""Characters of a definition in which its decorators stand."""


class EntryPoint(NamedTuple):
    """Where a program begins.

    Attributes:
        kind: `main`, `command`, `route` or `script`.
        name: of the function, the path of a route, or what a script is called by.
        definition: that runs; None where it is not among the definitions.
        calls: what a script calls, as its package says.
    """

    kind: str
    name: str
    definition: IndexedDefinition | None
    calls: str = ""


def entry_points(
    definitions: Sequence[IndexedDefinition], folder: Path | None = None
) -> list[EntryPoint]:
    """The entry points among definitions, and those that files of a package declare.

    Args:
        definitions: of a tree.
        folder: of the tree, whose `pyproject.toml` and `package.json` are read; None for none.
    """
    scripts = list(_scripts(folder, definitions)) if folder is not None else []
    return [*scripts, *(entry for definition in definitions for entry in _of(definition))]


def _of(definition: IndexedDefinition) -> Iterator[EntryPoint]:
    name = definition.name.rpartition(".")[2]
    head = _before_name(definition, name)
    is_function = definition.kind in ("function", "method")
    if is_function and name in ("main", "Main") and _is_program(definition):
        yield EntryPoint("main", definition.name, definition)
    elif definition.kind == "module" and re.search(r"__name__ *== *[\"']__main__", definition.text):
        yield EntryPoint("main", definition.path, definition)
    elif route := _DECORATED_ROUTE.search(head) if is_function else None:
        yield EntryPoint("route", route[1] or "/", definition)
    elif route := _PASSED_ROUTE.match(definition.name):
        yield EntryPoint("route", route[1], definition)
    elif is_function and _COMMAND.search(head):
        yield EntryPoint("command", definition.name, definition)


def _before_name(definition: IndexedDefinition, name: str) -> str:
    """The decorators of a definition; examples in its documentation may have others."""
    before, _, after = definition.signature.partition(name) if name else ("", "", "")
    end = definition.text.find(before + name, 0, _HEAD) if after else -1
    return definition.text[: end if end >= 0 else _HEAD]


def _is_program(definition: IndexedDefinition) -> bool:
    """Whether a function called main begins a program: one of a class where all are in classes."""
    return "." not in definition.name or definition.language in _ALL_IN_CLASSES


def _scripts(folder: Path, definitions: Sequence[IndexedDefinition]) -> Iterator[EntryPoint]:
    """What packages install as commands: `[project.scripts]`, and `bin` of `package.json`."""
    for name, target in _python_scripts(folder / "pyproject.toml"):
        module, _, function = target.partition(":")
        path = module.replace(".", "/")
        defined = next(
            (
                definition
                for definition in definitions
                if definition.name == function
                and re.fullmatch(rf"(?:.*/)?{re.escape(path)}(?:/__init__)?\.py", definition.path)
            ),
            None,
        )
        yield EntryPoint("script", name, defined, target)
    for name, target in _node_scripts(folder / "package.json"):
        yield EntryPoint("script", name, None, target)


def _python_scripts(file: Path) -> list[tuple[str, str]]:
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return []
    scripts = project.get("scripts") if isinstance(project, dict) else None
    return _pairs(scripts)


def _node_scripts(file: Path) -> list[tuple[str, str]]:
    try:
        package = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(package, dict):
        return []
    programs = package.get("bin")
    if isinstance(programs, str):
        return [(str(package.get("name", "")), programs)]
    return _pairs(programs)


def _pairs(table: object) -> list[tuple[str, str]]:
    if not isinstance(table, dict):
        return []
    return [(str(name), target) for name, target in table.items() if isinstance(target, str)]
