"""Plain text and Markdown: one text a line, or the whole file as one document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from metier.texts.reader import Reader, Row, decode, read_document_bytes

_LINE_BREAK = re.compile(r"\r\n|\n|\r")  # str.splitlines also breaks at characters inside texts


def text_lines(raw: bytes, name: str) -> Iterator[Row]:
    """One text a line; blank lines only separate."""
    for number, line in enumerate(_LINE_BREAK.split(decode(raw, name)), start=1):
        if line.strip():
            yield {"id": f"{name}:{number}", "text": line}


def _text_file(path: Path) -> Iterator[Row]:
    yield from text_lines(path.read_bytes(), path.name)


def _whole_file(path: Path) -> Row:
    return {"id": path.name, "text": decode(read_document_bytes(path), path.name)}


TEXT = Reader("text", (".txt", ".md"), _text_file, _whole_file)
