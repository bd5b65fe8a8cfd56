"""Definitions that the index of a tree holds, with their vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.plugin import IndexContents, IndexedChunk
from metier_code.parsing.notebooks import location_of

if TYPE_CHECKING:
    import numpy.typing as npt

PARTS = ("line", "column", "name")
"""Fields that tell the definitions of a file apart."""


@dataclass(frozen=True, slots=True)
class IndexedDefinition:
    """A definition of a tree.

    Attributes:
        path: below the folder that was given.
        name: with its namespaces.
        kind: see `metier_code.parsing.definition.Kind`.
        signature: head on one line.
        language: of the file.
        line: first, counted from 1.
        column: of its first character, counted from 1.
        end_line: last.
        text: its whole source; blank lines between parts that were embedded apart are lost.
        cell: of a notebook, the numbers of its cell and of its first line in there.
    """

    path: str
    name: str
    kind: str
    signature: str
    language: str
    line: int
    column: int
    end_line: int
    text: str
    cell: tuple[int, int] | None = None

    @property
    def location(self) -> str:
        """Path and line, `shop/cart.py:12`, or of a notebook path, cell and line."""
        cell, line = self.cell or (None, self.line)
        return location_of(self.path, line, cell)


@dataclass(frozen=True, slots=True)
class IndexedDefinitions:
    """Definitions with their vectors.

    Attributes:
        definitions: n of them, by path and line.
        vectors: (n, dim) float32 unit vectors; of one in several chunks the mean of theirs.
    """

    definitions: tuple[IndexedDefinition, ...]
    vectors: npt.NDArray[np.float32]


def join_chunks(contents: IndexContents, prefix: str) -> IndexedDefinitions:
    """The definitions that chunks are parts of.

    Args:
        contents: chunks in the order of their files.
        prefix: what paths begin with in the index, and do not here.
    """
    plain = np.asarray(contents.vectors)
    definitions: list[IndexedDefinition] = []
    vectors = [np.zeros((0, plain.shape[1]), np.float32)]
    rows = range(len(contents.chunks))
    for _, group in groupby(rows, key=lambda row: _key(contents.chunks[row])):
        members = list(group)
        chunks = [contents.chunks[row] for row in members]
        mean = plain[members].mean(axis=0, keepdims=True)
        vectors.append(mean / max(float(np.linalg.norm(mean)), 1e-12))
        definitions.append(_definition(chunks, prefix))
    return IndexedDefinitions(tuple(definitions), np.concatenate(vectors))


def _key(chunk: IndexedChunk) -> tuple[object, ...]:
    return chunk.chunk.document_id, *(chunk.fields.get(name) for name in PARTS)


def cell_of(fields: Mapping[str, Any]) -> tuple[int, int] | None:
    """The numbers of the cell of a notebook and of the line in it, of fields of a definition."""
    if fields.get("cell") is None:
        return None
    return int(fields["cell"]), int(fields.get("cell_line") or 1)


def _definition(chunks: list[IndexedChunk], prefix: str) -> IndexedDefinition:
    fields = chunks[0].fields
    return IndexedDefinition(
        path=chunks[0].chunk.document_id.removeprefix(prefix),
        name=str(fields.get("name", "")),
        kind=str(fields.get("kind", "")),
        signature=str(fields.get("signature", "")),
        language=str(fields.get("language", "")),
        line=int(fields.get("line", 1)),
        column=int(fields.get("column", 1)),
        end_line=int(fields.get("end_line", 1)),
        text="\n".join(chunk.chunk.text for chunk in chunks),
        cell=cell_of(fields),
    )
