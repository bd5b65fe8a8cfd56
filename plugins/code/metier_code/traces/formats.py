"""How stack traces are written, language by language: `formats.yaml`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import load_data

Kind = Literal["frame", "head", "rest", "error", "start", "note"]
Next = Literal["cause", "effect", "background", ""]


class LineFormat(BaseModel):
    """A kind of line in stack traces; the head of `formats.yaml` says what the keys mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1)]
    kind: Annotated[Kind, Field(alias="is")]
    holds: Annotated[tuple[str, ...], Field(min_length=1)]
    pattern: Annotated[str, Field(min_length=1)]
    within: Annotated[int, Field(ge=1)] = 1
    completes: str = ""
    next: Next = ""
    message: Literal["below", ""] = ""
    code: Literal["below", ""] = ""


class LanguageFormat(BaseModel):
    """How the stack traces of a language are written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Annotated[str, Field(min_length=1)]
    innermost: Literal["first", "last"]
    error: Literal["before", "after"]
    names: Literal["holder", "callee"] = "holder"
    lines: Annotated[tuple[LineFormat, ...], Field(min_length=1)]


class LibraryFormat(BaseModel):
    """How paths or functions of libraries are told from those of the program."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = ""
    function: str = ""
    skip: Annotated[int, Field(ge=0)] = 0


class FormatFile(BaseModel):
    """The file of formats."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Annotated[Literal[1], Field(alias="schema")]
    parts: dict[str, str] = {}
    prefixes: tuple[str, ...] = ()
    libraries: tuple[LibraryFormat, ...] = ()
    languages: tuple[LanguageFormat, ...]


class LinePattern:
    """A kind of line that can be looked for.

    Args:
        language: that it belongs to.
        line: as it is declared.
        parts: named pieces of its pattern.
    """

    def __init__(self, language: LanguageFormat, line: LineFormat, parts: dict[str, str]) -> None:
        pattern = line.pattern
        for name, piece in parts.items():
            pattern = pattern.replace(f"{{{name}}}", piece)
        self.language = language
        self.line = line
        self._pattern = re.compile(pattern)

    def match(self, text: str, start: int) -> re.Match[str] | None:
        """The match in a line of text.

        It begins where the prefixes of the line end, at one of the texts that the line has to hold,
        or at the word that this text stands in. So few beginnings are tried, whatever the line is.

        Args:
            text: a line.
            start: where its prefixes end.
        """
        for literal in self.line.holds:
            first = text.find(literal)
            if first < 0:
                continue
            last = text.rfind(literal)
            words = (text.rfind(" ", 0, first) + 1, text.rfind(" ", 0, last) + 1)
            for begin in dict.fromkeys((start, first, words[0], last, words[1])):
                if begin >= start and (match := self._pattern.match(text, begin)):
                    return match
        return None


class TraceFormats:
    """All formats, compiled.

    Args:
        file: as they are declared.

    Attributes:
        patterns: kinds of lines in the order in which they are tried; heads come last, since
            nothing but their shape tells them from other lines.
    """

    def __init__(self, file: FormatFile) -> None:
        patterns = [
            LinePattern(language, line, file.parts)
            for language in file.languages
            for line in language.lines
        ]
        self.patterns = sorted(patterns, key=lambda pattern: pattern.line.kind == "head")
        self._libraries = [
            (re.compile(library.path), library.skip) for library in file.libraries if library.path
        ]
        self._library_functions = [
            re.compile(library.function) for library in file.libraries if library.function
        ]
        self._prefixes = re.compile("|".join(f"(?:{prefix})" for prefix in file.prefixes))
        self._literals = [
            (literal, position)
            for position, pattern in enumerate(self.patterns)
            for literal in pattern.line.holds
        ]

    def patterns_of(self, line: str) -> list[LinePattern]:
        """The patterns whose texts a line holds, in the order in which they are tried."""
        positions = [position for literal, position in self._literals if literal in line]
        return [self.patterns[position] for position in dict.fromkeys(positions)]

    def content_start(self, line: str) -> int:
        """Where the content of a line begins, behind quotation marks, times and names of logs."""
        start = 0
        while (match := self._prefixes.match(line, start)) and match.end() > start:
            start = match.end()
        return start

    def library_path(self, path: str) -> tuple[str, int] | None:
        """The path of a file below the packages of its machine; None if it is not below them.

        Args:
            path: in lower case, with slashes.

        Returns:
            The path from the package on, and how many of its parts a checkout of it may lack.
        """
        ends = [
            (match.end(), skip)
            for pattern, skip in self._libraries
            if (match := pattern.search(f"/{path}"))
        ]
        if not ends:
            return None
        end, skip = max(ends)
        return path[end - 1 :], skip

    def is_library_function(self, function: str) -> bool:
        """Whether a function is one of a language's own libraries, by its name."""
        return any(pattern.match(function) for pattern in self._library_functions)


@cache
def trace_formats() -> TraceFormats:
    """The formats that metier-code ships."""
    path = Path(str(files("metier_code.traces") / "formats.yaml"))
    return TraceFormats(load_data(path, FormatFile))
