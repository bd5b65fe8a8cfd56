"""Languages of source files, as `languages.yaml` lists them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import load_data

_SEARCHED = 50_000
"""Characters of a text that are searched for signs of its language."""
UNREAD = {
    ".adb": "Ada",
    ".asm": "Assembly",
    ".astro": "Astro",
    ".awk": "AWK",
    ".bat": "Batch",
    ".cl": "Common Lisp or OpenCL",
    ".clj": "Clojure",
    ".cljc": "Clojure",
    ".cljs": "Clojure",
    ".cob": "COBOL",
    ".cbl": "COBOL",
    ".coffee": "CoffeeScript",
    ".cr": "Crystal",
    ".d": "D",
    ".el": "Emacs Lisp",
    ".elm": "Elm",
    ".erl": "Erlang",
    ".fish": "fish",
    ".fs": "F#",
    ".fsx": "F#",
    ".gd": "GDScript",
    ".gradle": "Groovy",
    ".groovy": "Groovy",
    ".lisp": "Common Lisp",
    ".m": "MATLAB",
    ".nim": "Nim",
    ".pas": "Pascal",
    ".rkt": "Racket",
    ".s": "Assembly",
    ".scm": "Scheme",
    ".sv": "SystemVerilog",
    ".tcl": "Tcl",
    ".v": "Verilog or V",
    ".vb": "Visual Basic",
    ".vbs": "VBScript",
    ".vhd": "VHDL",
}
"""File endings of sources in languages that are not read."""


class Language(BaseModel):
    """A language: how its files are recognized, and what parses it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(description="As people write it.")]
    endings: Annotated[tuple[str, ...], Field(description="Of file names, in lower case.")] = ()
    shared_endings: Annotated[
        tuple[str, ...], Field(description="Endings of other languages, too: `signs` decide.")
    ] = ()
    signs: Annotated[
        str, Field(description="Regular expression that texts of shared endings match, by lines.")
    ] = ""
    filenames: Annotated[tuple[str, ...], Field(description="Whole names of files.")] = ()
    shebangs: Annotated[
        tuple[str, ...], Field(description="Programs that the first line of a script may name.")
    ] = ()
    grammar: Annotated[
        str, Field(description="Module and function of its tree-sitter grammar: `module:function`.")
    ] = ""
    extra: Annotated[
        str, Field(description="The extra of metier-code that brings the grammar, if one does.")
    ] = ""
    indented: Annotated[
        bool, Field(description="Whether blocks are indented, and a broken one ends where it does.")
    ] = False
    aliases: Annotated[
        tuple[str, ...], Field(description="Other names, in lower case, in notebooks and fences.")
    ] = ()
    parts: Annotated[
        Literal["", "cells", "fences", "scripts"],
        Field(description="What its code stands in, if it is code only in parts."),
    ] = ""
    unknown: Annotated[
        str,
        Field(
            description="Pattern of words that the grammar does not know, such as macros; blanks "
            "stand in their place when it is parsed."
        ),
    ] = ""
    line_ends: Annotated[
        str,
        Field(
            description="Pattern of blanks that are read as ends of lines, each of one character, "
            "where the grammar does not understand a source without."
        ),
    ] = ""
    queries: Annotated[
        tuple[str, ...],
        Field(description="Files of `queries/` without ending, if not its name in lower case."),
    ] = ()


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: tuple[Language, ...]


@cache
def languages() -> dict[str, Language]:
    """Every language by its name."""
    table = load_data(Path(str(files("metier_code.parsing") / "languages.yaml")), _Table)
    return {language.name: language for language in table.languages}


@cache
def languages_by_ending() -> dict[str, str]:
    """File endings and the name of the language they are read as, unless a text tells another."""
    by_ending = {
        ending: name for name, language in languages().items() for ending in language.endings
    }
    for ending, candidates in _candidates().items():
        by_ending.setdefault(ending, candidates[0].name)
    return by_ending


@cache
def _candidates() -> dict[str, list[Language]]:
    """Languages of the endings that several have."""
    candidates: dict[str, list[Language]] = {}
    for language in languages().values():
        for ending in language.shared_endings:
            candidates.setdefault(ending, []).append(language)
    return candidates


def _by_text(ending: str, text: str) -> str | None:
    """The language of a text with an ending that several languages have."""
    start = text[:_SEARCHED]
    for language in _candidates()[ending]:
        if re.search(language.signs, start, re.MULTILINE):
            return language.name
    by_ending = languages_by_ending()[ending]
    return by_ending if ending in languages()[by_ending].endings else None


@cache
def _languages_by_filename() -> dict[str, str]:
    return {
        filename: name for name, language in languages().items() for filename in language.filenames
    }


@cache
def _languages_by_program() -> dict[str, str]:
    return {
        program: name for name, language in languages().items() for program in language.shebangs
    }


def language_of(name: str | PurePath, text: str = "") -> str | None:
    """The language of a file, by its name; where that does not tell, by what it begins with.

    Args:
        name: of the file; folders before it do not matter.
        text: its text, or the first line, such as `#!/usr/bin/env bash`. Without it, a name that
            fits several languages counts as the most common of them.
    """
    path = PurePath(name)
    ending = path.suffix.lower()
    if text and ending in _candidates():
        return _by_text(ending, text)
    by_name = languages_by_ending().get(ending) or _languages_by_filename().get(path.name)
    if by_name or not text.startswith("#!"):
        return by_name
    words = [PurePath(word).name for word in text[2:].partition("\n")[0].split()]
    if words[:1] == ["env"]:
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return _languages_by_program().get(words[0].rstrip("0123456789.")) if words else None


@cache
def _languages_by_alias() -> dict[str, str]:
    names = {name.lower(): name for name in languages()}
    return names | {
        alias: name for name, language in languages().items() for alias in language.aliases
    }


def language_named(name: str) -> str | None:
    """The language that a notebook, a fence or a person calls by a name, without its version."""
    lowered = name.strip().lower()
    names = _languages_by_alias()
    return names.get(lowered) or names.get(lowered.rstrip("0123456789."))
