"""Types that the public signatures of metier name, read from annotations."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

MADE_BY_METIER = (
    "Engine",
    "Head",
    "Index",
    "PluginHost",
    "Registry",
    "SearchContext",
    "TextStream",
)
"""Public classes that users get and do not make: their constructors are private."""

_SPECIAL = ("__init__", "__call__", "__iter__", "__getitem__", "__enter__")


class NamedType(NamedTuple):
    """A type of metier by where it is defined."""

    module: str
    name: str


def types_of(value: object) -> set[NamedType]:
    """Types of metier in the signature of a function, or in the public members of a class."""
    return {
        named
        for module, annotations in _annotations(value)
        for annotation in annotations.values()
        for named in _types_in(importlib.import_module(module), annotation)
    }


def is_plain(named: NamedType) -> bool:
    """Whether a name needs no import: a type variable, or a type with constraints for pydantic."""
    value = getattr(importlib.import_module(named.module), named.name, None)
    is_constrained = typing.get_origin(value) is typing.Annotated
    return is_constrained or isinstance(value, typing.TypeVar | typing.ParamSpec)


def _annotations(value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if inspect.isfunction(value):
        yield value.__module__, value.__annotations__
    elif isinstance(value, type):
        for kind in value.__mro__:
            if kind.__module__.partition(".")[0] == "metier":
                yield from _annotations_of_class(kind)


def _annotations_of_class(kind: type) -> Iterator[tuple[str, dict[str, Any]]]:
    fields = vars(kind).get("__annotations__", {})
    yield (
        kind.__module__,
        {
            name: annotation
            for name, annotation in fields.items()
            if not name.startswith("_") and "InitVar" not in str(annotation)
        },
    )
    for name, member in vars(kind).items():
        is_private = name.startswith("_") and name not in _SPECIAL
        if is_private or (name == "__init__" and kind.__name__ in MADE_BY_METIER):
            continue
        function = _function_of(member)
        if inspect.isfunction(function) and function.__module__.startswith("metier"):
            yield function.__module__, function.__annotations__


def _function_of(member: object) -> object:
    if isinstance(member, property):
        return member.fget
    if isinstance(member, functools.cached_property):
        return member.func
    return getattr(member, "__func__", member)


def _types_in(module: ModuleType, annotation: object) -> Iterator[NamedType]:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    imported, defined = _names_of(module)
    for node in ast.walk(ast.parse(text or "None", mode="eval")):
        if isinstance(node, ast.Name) and node.id in imported:
            home, name = imported[node.id]
            if home.partition(".")[0] == "metier":
                yield NamedType(home, name)
        elif isinstance(node, ast.Name) and node.id in defined:
            yield NamedType(module.__name__, node.id)


@functools.cache
def _names_of(module: ModuleType) -> tuple[dict[str, tuple[str, str]], frozenset[str]]:
    """Names that a module imports, type-only imports included, and names that it defines."""
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name: (statement.module or "", alias.name)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    defined = {
        name
        for statement in tree.body
        for name in (
            [statement.name]
            if isinstance(statement, ast.ClassDef)
            else [node.id for node in ast.walk(statement) if _is_stored(node)]
            if isinstance(statement, ast.Assign | ast.AnnAssign | ast.If)
            else []
        )
    }
    return imported, frozenset(defined)


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
