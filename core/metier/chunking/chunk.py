"""`Chunk`: a stretch of a document that is short enough for a model."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metier.texts.identifiers import in_words


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document: `document.text[start:end] == text`.

    Attributes:
        id: hash of the document's id, the heading and the text, not of the offsets or fields: what
            moves within its document keeps its id. Equal stretches of one document are numbered.
        document_id: of the item it was cut from.
        text: without whitespace at its ends.
        start: offset of its first character.
        end: offset after its last one.
        heading: its title and headings, `Pricing guide, Discounts`; empty if it has none.
        location: for people: the document, the line where it begins or its pages if it has some,
            the heading (`guide.md:12, Pricing guide, Discounts`; `guide.pdf, p. 1-2`).
        fields: of its section, as a splitter gave them; the rows of an index have them instead.
    """

    id: str
    document_id: str
    text: str
    start: int
    end: int
    heading: str
    location: str
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def place(self) -> str:
        """Deprecated: `location`."""
        warnings.warn("Chunk.place is now Chunk.location.", DeprecationWarning, stacklevel=2)
        return self.location

    @property
    def content(self) -> str:
        """What a model reads: the text after its heading, unless it begins with it."""
        return content_of(self.heading, self.text)


def content_of(heading: str, text: str) -> str:
    """A text in its context: clause 13.2 alone may not say that it is about force majeure.

    Headings that are identifiers of source code are read as words.
    """
    if not heading or text.startswith(heading):
        return text
    headings = ", ".join(in_words(single) for single in heading.split(", "))
    return f"{headings}\n{text}"


def chunk_id(document_id: str, heading: str, text: str, number: int) -> str:
    """The id of a chunk; `number` counts the equal ones before it in its document."""
    parts = json.dumps([document_id, heading, text, number], ensure_ascii=False)
    return hashlib.blake2b(parts.encode("utf-8"), digest_size=16).hexdigest()
