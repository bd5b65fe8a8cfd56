"""A row of an index: a chunk with what is known of the document it was cut from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metier.indexing.values import content_id

if TYPE_CHECKING:
    from metier.chunking.chunk import Chunk
    from metier.indexing.values import Value


@dataclass(frozen=True, slots=True)
class Row:
    """What a store keeps of a chunk, besides its vector.

    Attributes:
        chunk: the text, and where it stands.
        fields: of the document: numbers, texts, true and false. What is missing is left out.
        source: what the document came from, such as a file or a folder.
    """

    chunk: Chunk
    fields: Mapping[str, Value] = field(default_factory=dict)
    source: str = ""

    @property
    def digest(self) -> str:
        """Hash of what may change while the chunk keeps its id: fields, source and place."""
        chunk = self.chunk
        return content_id([dict(self.fields), self.source, chunk.start, chunk.end, chunk.place])
