"""Source files as documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from metier.plugin import Reader, Row, decode, read_document_bytes
from metier_code.functions import LANGUAGES
from metier_code.tree import source_files


def _document(path: Path) -> Row:
    return {"id": path.name, "text": decode(read_document_bytes(path), path.name)}


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


SOURCE = Reader("source", tuple(LANGUAGES), _documents, _document, source_files)
"""Whole files in their languages; of a folder those that its developers wrote."""
