"""The reader of source files: each is one document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from metier.plugin import InputError, LeftOut, Reader, Row, read_document_bytes
from metier_code.parsing.languages import languages_by_ending
from metier_code.trees.decoding import NoTextError, decode_source
from metier_code.trees.source_files import find_sources
from metier_code.trees.source_texts import read_source

_OF_OTHER_READERS = ("language not read", "no source code")

_ENDINGS = tuple(ending for ending in languages_by_ending() if ending != ".ipynb")
"""Endings of sources; those of notebooks are read as documents, unless a tree is searched."""


def source_reader() -> Reader:
    """Each source file as one document; of a folder those of `find_sources`."""
    return Reader("source", _ENDINGS, _documents, _document, _files, text="marked")


def _files(folder: Path) -> Iterator[Path | LeftOut]:
    tree = find_sources([folder])
    for file in tree.files:
        source = read_source(file)
        if isinstance(source, LeftOut):
            yield source
        else:  # its path is one from the working directory
            yield folder / os.path.relpath(file.path, folder)
    for left_out in tree.left_out:
        if left_out.reason not in _OF_OTHER_READERS:
            yield left_out


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


def _document(path: Path) -> Row:
    raw = read_document_bytes(path)
    try:
        text = decode_source(raw).text
    except NoTextError:
        raise InputError(
            f"{path.name} is not a text file.",
            why="It holds zero bytes or control characters, or is cut UTF-16.",
        ) from None
    return {"id": path.name, "text": text}
