"""Sources written on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from metier_code.parsing.definition import Definition, ParsedSource
from metier_code.parsing.definitions import parse
from metier_code.parsing.languages import language_of
from metier_code.parsing.source_text import source_of

Parse = Callable[[str, str | bytes], ParsedSource]
Read = Callable[[str, str | bytes], list[Definition]]


@pytest.fixture
def parse_file(tmp_path: Path) -> Parse:
    """What a source file is parsed to: `parse_file(".py", source)`."""

    def parsed(suffix: str, source: str | bytes) -> ParsedSource:
        path = tmp_path / f"source{suffix}"
        raw = source if isinstance(source, bytes) else dedent(source).lstrip("\n").encode()
        path.write_bytes(raw)
        text = source_of(path).decode()
        return parse(text, language_of(path, text))

    return parsed


@pytest.fixture
def read(parse_file: Parse) -> Read:
    """The functions and methods of a source file: `read(".py", source)`."""

    def functions(suffix: str, source: str | bytes) -> list[Definition]:
        definitions = parse_file(suffix, source).definitions
        return [one for one in definitions if one.kind in ("function", "method")]

    return functions
