"""The parts of a Word document: XML in an archive, and how they relate to each other.

See ECMA-376 part 2.
"""

from __future__ import annotations

import posixpath
import zipfile
from typing import Any

from metier.errors import InputError
from metier.texts.readers.docx_styles import W

_LARGEST = 100_000_000
"""Most bytes of unpacked XML that are read of one document."""
_MOST_NODES = 6_000_000
"""Most tags and attributes: each takes about a hundred bytes of memory."""
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = {  # the same names in the strict form of the standard
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": W[1:-1].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": RELATION[1:-3].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/math": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/math"
    ),
}


class Package:
    """The parts of a document, each read when it is needed and within the limits."""

    def __init__(self, archive: zipfile.ZipFile, file_name: str) -> None:
        self._archive = archive
        self._file_name = file_name
        self._parts = {part.filename.lower().lstrip("/"): part for part in archive.infolist()}
        self._bytes = self._nodes = 0
        main = self._relations("").values()
        targets = [target for kind, target in main if kind == "officeDocument"]
        self.main = targets[0] if targets else "word/document.xml"
        self.relations = self._relations(self.main)

    def root(self, name: str | None) -> Any:
        """The root element of a part; None where there is no such part."""
        from lxml import etree

        part = self._parts.get((name or "").lower())
        if part is None:
            return None
        self._bytes += part.file_size  # no more than this is unpacked, whatever is packed
        if self._bytes > _LARGEST:
            raise self._too_long(f"{self._bytes / 1e6:,.0f} MB once unpacked")
        content = self._archive.read(part)
        self._nodes += content.count(b"<") + content.count(b"=")
        if self._nodes > _MOST_NODES:
            raise self._too_long(f"{self._nodes:,} tags and attributes")
        for strict, usual in _STRICT.items():
            content = content.replace(strict, usual)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(content, parser)

    def root_of(self, kind: str) -> Any:
        """The root element of the part that the document relates to as this."""
        return self.root(next((name for k, name in self.relations.values() if k == kind), None))

    def _relations(self, name: str) -> dict[str, tuple[str, str]]:
        """The kind and the name of each part that a part relates to, by the relation's id."""
        folder, base = posixpath.split(name)
        root = self.root(posixpath.join(folder, "_rels", f"{base}.rels"))
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))[1:],
            )
            for relation in (() if root is None else root)
            if relation.get("TargetMode") != "External"
        }

    def _too_long(self, size: str) -> InputError:
        return InputError(
            f"{self._file_name} is too long for one document: {size}.",
            why=f"The limit is {_LARGEST / 1e6:,.0f} MB with {_MOST_NODES:,} tags and attributes, "
            "some thousands of pages. More is nearly always an archive made to fill the memory.",
            fix="Divide it into files.",
        )
