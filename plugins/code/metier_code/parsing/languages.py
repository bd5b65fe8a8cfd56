"""Languages of source files, as `languages.yaml` lists them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import load_data

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
    ".dart": "Dart",
    ".el": "Emacs Lisp",
    ".elm": "Elm",
    ".erl": "Erlang",
    ".ex": "Elixir",
    ".exs": "Elixir",
    ".f": "Fortran",
    ".f90": "Fortran",
    ".for": "Fortran",
    ".fish": "fish",
    ".fs": "F#",
    ".fsx": "F#",
    ".gd": "GDScript",
    ".gradle": "Groovy",
    ".groovy": "Groovy",
    ".hs": "Haskell",
    ".jl": "Julia",
    ".lisp": "Common Lisp",
    ".lua": "Lua",
    ".m": "Objective-C or MATLAB",
    ".ml": "OCaml",
    ".mm": "Objective-C++",
    ".nim": "Nim",
    ".pas": "Pascal",
    ".pl": "Perl",
    ".pm": "Perl",
    ".ps1": "PowerShell",
    ".psm1": "PowerShell",
    ".r": "R",
    ".rkt": "Racket",
    ".s": "Assembly",
    ".scala": "Scala",
    ".scm": "Scheme",
    ".sol": "Solidity",
    ".sv": "SystemVerilog",
    ".svelte": "Svelte",
    ".swift": "Swift",
    ".tcl": "Tcl",
    ".v": "Verilog or V",
    ".vb": "Visual Basic",
    ".vbs": "VBScript",
    ".vhd": "VHDL",
    ".vue": "Vue",
    ".zig": "Zig",
}
"""File endings of sources in languages that are not read."""


class Language(BaseModel):
    """A language: how its files are recognized, and what parses it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(description="As people write it.")]
    endings: Annotated[tuple[str, ...], Field(description="Of file names, in lower case.")] = ()
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
    """File endings and the name of the language they are read as."""
    return {ending: name for name, language in languages().items() for ending in language.endings}


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


def language_of(name: str | PurePath, first_line: str = "") -> str | None:
    """The language of a file, by its name, else by the program its first line names.

    Args:
        name: of the file; folders before it do not matter.
        first_line: of its text, such as `#!/usr/bin/env bash`; a name with an ending needs none.
    """
    path = PurePath(name)
    by_name = languages_by_ending().get(path.suffix.lower())
    by_name = by_name or _languages_by_filename().get(path.name)
    if by_name or not first_line.startswith("#!"):
        return by_name
    words = [PurePath(word).name for word in first_line[2:].split()]
    if words[:1] == ["env"]:
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return _languages_by_program().get(words[0].rstrip("0123456789.")) if words else None
