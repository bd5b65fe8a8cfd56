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
    parameters = ", ".join(
        f"{parameter.name}: {parameter.annotation}"
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    )
    return f"{name}({parameters}) -> {signature.return_annotation}"
