"""Pieces of code that no file name tells the language of, such as an answer in a forum."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import load_data

_READ = 20_000
_LOOKED_AT = 4_000
"""Characters that are read, comments before the first line of code among them, and those that
follow these, by which a language is known."""

_CAMEL_CASE = re.compile(r"[a-z0-9][A-Z]")
_COMMENTS = re.compile(r"\A(?:\s+|(?:#(?!include)|//|--)[^\n]*|/\*.*?\*/)+", re.DOTALL)
_CODE_LINE = re.compile(
    r"\A(?:import|from|package|#include|using|struct|class|template|namespace|static|typedef|const"
    r"|let|var|local|public|private)\b|\A@|[{;]\s*\Z"
)
"""What a first line of code looks like that declares nothing yet."""


class Snippet(NamedTuple):
    """What a piece of code is: its language, and the name of the first that it declares."""

    language: str
    name: str


class _Signs(BaseModel):
    """How a language is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(description="As in `languages.yaml`.")]
    declarations: Annotated[tuple[str, ...], Field(description="With a group for the name.")]
    needs: Annotated[tuple[str, ...], Field(description="What has to be there as well.")] = ()
    signs: Annotated[tuple[str, ...], Field(description="Each counts once.")] = ()


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: tuple[_Signs, ...]


class _SignPatterns(NamedTuple):
    """The signs of a language, compiled."""

    name: str
    declarations: list[re.Pattern[str]]
    needs: list[re.Pattern[str]]
    signs: list[re.Pattern[str]]


def heading_of(snippet: Snippet) -> str:
    """The heading that models read in words before a piece of code; empty if it has none.

    Only a name in camel case is one: others they read in the text itself.
    """
    return snippet.name if _CAMEL_CASE.search(snippet.name) else ""


def snippet_of(text: str) -> Snippet | None:
    """The language of a piece of code and the name of what it declares; None for anything else.

    A text is code if it begins with a line of code, and declares a function as the language does.
    """
    code = _COMMENTS.sub("", text[:_READ])[:_LOOKED_AT]
    best: tuple[int, Snippet] | None = None
    for known in _sign_patterns():
        declared = _first_declaration(known, code)
        if declared is None or not all(need.search(code) for need in known.needs):
            continue
        if not _begins_as_code(code, declared):
            continue
        count = sum(sign.search(code) is not None for sign in known.signs)
        if best is None or count > best[0]:
            best = (count, Snippet(known.name, declared.group(1)))
    return best[1] if best else None


def _first_declaration(known: _SignPatterns, code: str) -> re.Match[str] | None:
    """The first declaration of a function, else of what the later patterns declare."""
    matches = (declaration.search(code) for declaration in known.declarations)
    return next((match for match in matches if match is not None), None)


def _begins_as_code(code: str, declared: re.Match[str]) -> bool:
    first_line = code.partition("\n")[0].strip()
    is_declared_there = code[: declared.start(1)].count("\n") == 0
    return is_declared_there or _CODE_LINE.search(first_line) is not None


@cache
def _sign_patterns() -> list[_SignPatterns]:
    table = load_data(Path(str(files("metier_code.parsing") / "snippets.yaml")), _Table)
    return [
        _SignPatterns(
            language.name,
            _compiled(language.declarations),
            _compiled(language.needs),
            _compiled(language.signs),
        )
        for language in table.languages
    ]


def _compiled(patterns: tuple[str, ...]) -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.MULTILINE) for pattern in patterns]
