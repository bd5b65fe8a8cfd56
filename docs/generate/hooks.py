"""The hooks: names, signatures and docstrings of their specifications."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from docs.generate.page import Page, Section

from metier.plugins.hookspecs import HookSpecs

_INTRODUCTION = """
A plugin's package implements any of these functions, marked with `metier.hookimpl`: see
[Write a plugin](../plugins.md#hooks).
"""


def hooks_page(specifications: type = HookSpecs) -> Page:
    """Every hook, in the order of the code."""
    return Page("Hooks", _INTRODUCTION, tuple(_sections(specifications)))


def _sections(specifications: type) -> Iterator[Section]:
    for name, hook in vars(specifications).items():
        if name.startswith("metier_"):
            yield Section(name, inspect.getdoc(hook) or "", call=_call(name, hook))


def _call(name: str, hook: Callable[..., Any]) -> str:
    signature = inspect.signature(hook)
    given = [one for one in signature.parameters.values() if one.name != "self"]
    written = ", ".join(f"{one.name}: {one.annotation}" for one in given)
    return f"{name}({written}) -> {signature.return_annotation}"
