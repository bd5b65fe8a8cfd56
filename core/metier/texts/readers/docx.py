"""Word documents: all that a reader sees, in order, with headings as Markdown.

Elements and attributes are those of ECMA-376 part 1, section 17.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metier.errors import InputError, MetierError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.reader import CONVERTED_FROM, UNREAD, Reader, Row, too_long
from metier.texts.readers.docx_styles import (
    VAL,
    Numbering,
    Style,
    Styles,
    W,
    form_value,
    format_number,
    is_on,
    number_in,
    symbol,
)

_LARGEST = 100_000_000
"""Most bytes of unpacked XML that are read of one document."""
_MOST_NODES = 6_000_000
"""Most tags and attributes: each takes about a hundred bytes of memory."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = {  # the same names in the strict form of the standard
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": W[1:-1].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": _RELATION[1:-3].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/math": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/math"
    ),
}
_MARKUP = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"

_CHARACTERS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n",
               f"{W}noBreakHyphen": "-"}  # fmt: skip
_UNREAD = frozenset(
    f"{W}{name}"
    for name in ("del", "moveFrom", "delText", "instrText", "delInstrText", "pPr", "rPr", "sdtPr",
                 "sdtEndPr", "customXmlPr", "smartTagPr", "tblPr", "tblGrid", "trPr", "tcPr",
                 "sectPr", "fldData", "rubyPr")
)  # fmt: skip
"""Properties, what was deleted or moved away, and the instructions of fields."""


class _Package:
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


class _Line:
    """The text of a paragraph as it grows, and what belongs beside it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.boxes: list[Any] = []
        self._fields: list[bool] = []  # of each open field, whether its result has begun

    def write(self, text: str) -> None:
        if all(self._fields):
            self.pieces.append(text)

    def field(self, character: Any) -> None:
        """Read the begin, the separator or the end of a field: what is before the last is shown."""
        kind = character.get(f"{W}fldCharType")
        if kind == "begin":
            self.write(form_value(character))
            self._fields.append(False)
        elif self._fields and kind == "separate":
            self._fields[-1] = True
        elif self._fields and kind == "end":
            self._fields.pop()


class _Text:
    """The text of a document, read once from its beginning to its end.

    Attributes:
        unread: parts of the document that are files of their own and were not read.
    """

    def __init__(self, package: _Package, file_name: str) -> None:
        self._package = package
        self._file_name = file_name
        styles = package.root_of("styles")
        self._numbering = Numbering(package.root_of("numbering"), styles)
        self._styles = Styles(styles, self._numbering.linked_levels)
        self._notes: dict[tuple[str, str], Any] = {}
        for kind in ("footnote", "endnote"):
            root = package.root_of(f"{kind}s")
            for note in () if root is None else root.iterchildren(f"{W}{kind}"):
                self._notes[kind, note.get(f"{W}id", "")] = note
        self._counts = {"footnote": 0, "endnote": 0}
        self._below: list[str] = []  # notes of the paragraph or table that is read
        self._sections: list[Any] = []
        self._carried: list[str] = []  # text of a paragraph whose mark was deleted
        self._tables = 0
        self._length = 0
        self.unread: list[str] = []

    def read(self) -> list[str]:
        """All blocks: headers and footers first, which belong to no part of the text."""
        root = self._package.root(self._package.main)
        body = None if root is None else root.find(f"{W}body")
        if body is None:
            raise ValueError("it has no body")
        blocks = [*self._blocks(body), *filter(None, ["".join(self._carried).strip()])]
        self._carried = []
        self._sections += body.iterchildren(f"{W}sectPr")
        inserted = sum(1 for _ in body.iter(f"{W}altChunk", f"{W}subDoc"))
        if inserted:
            self.unread.append(f"{inserted} inserted files")
        return [*self._headers(), *blocks]

    def _headers(self) -> Iterator[str]:
        settings = self._package.root_of("settings")
        even = settings is not None and is_on(settings.find(f"{W}evenAndOddHeaders"))
        seen: set[str] = set()
        for kind in ("header", "footer"):
            for section in self._sections:
                first = is_on(section.find(f"{W}titlePg"))
                shown = {"default": True, "first": first, "even": even}
                for reference in section.iterchildren(f"{W}{kind}Reference"):
                    name = self._package.relations.get(reference.get(_RELATION), ("", ""))[1]
                    if name in seen or not shown.get(reference.get(f"{W}type", "default")):
                        continue
                    seen.add(name)
                    root = self._package.root(name)
                    text = "" if root is None else "\n\n".join(self._blocks(root))
                    if text and text not in seen:
                        seen.add(text)
                        yield text

    def _blocks(self, parent: Any, *, heads: bool = True) -> Iterator[str]:
        """Paragraphs and tables as texts, without the empty ones; a row of a table is a line."""
        for child in _chosen(parent):
            if child.tag == f"{W}p":
                yield from self._paragraph(child, heads=heads)
            elif child.tag == f"{W}tbl":
                self._tables += 1
                rows = "\n".join(self._rows(child))
                self._tables -= 1
                if rows:
                    yield rows
            else:
                yield from self._blocks(child, heads=heads)
            if not self._tables and self._below:
                yield from self._below
                self._below = []

    def _paragraph(self, paragraph: Any, *, heads: bool) -> Iterator[str]:
        properties = paragraph.find(f"{W}pPr")
        style = self._styles.of_paragraph(properties)
        line = _Line()
        line.pieces, self._carried = self._carried, []
        self._inline(paragraph, line, hidden=bool(style.hidden))
        mark = None
        if properties is not None:
            self._sections += properties.iterchildren(f"{W}sectPr")
            mark = properties.find(f"{W}rPr")
        if mark is not None and any(mark.find(f"{W}{n}") is not None for n in ("del", "moveFrom")):
            self._carried = line.pieces  # it is one with the next paragraph
        else:
            text = self._counted(self._marked("".join(line.pieces).strip(), style, heads))
            if text:
                yield text
        for box in line.boxes:
            yield from self._blocks(box, heads=heads)

    def _marked(self, text: str, style: Style, heads: bool) -> str:
        """The text with its automatic number and the mark of a heading."""
        number = self._numbering.next(style)
        if not text:
            return number.strip() if self._tables and number != "- " else ""
        text = number + text
        if not style.level or not heads:
            return text
        return f"{'#' * min(style.level, 6)} {' '.join(text.split())}"

    def _inline(self, element: Any, line: _Line, hidden: bool) -> None:
        for child in _chosen(element):
            tag = child.tag
            if tag == f"{W}r":
                self._inline(child, line, self._styles.hides(child.find(f"{W}rPr"), hidden))
            elif tag == f"{W}fldChar":
                line.field(child)
            elif hidden:
                self._inline(child, line, hidden)
            elif tag in (f"{W}t", _MATH_TEXT):
                line.write(child.text or "")
            elif tag in _CHARACTERS:
                line.write(_CHARACTERS[tag])
            elif tag == f"{W}sym":
                line.write(symbol(child))
            elif tag == _WORD_ART:
                line.write(child.get("string", ""))
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                line.write(self._note(child, tag.removeprefix(W).removesuffix("Reference")))
            elif tag == f"{W}rt":  # the reading of the characters before
                line.write("(")
                self._inline(child, line, hidden)
                line.write(")")
            elif tag == f"{W}txbxContent":
                line.boxes.append(child)
            else:
                self._inline(child, line, hidden)

    def _note(self, reference: Any, kind: str) -> str:
        """The mark of a note, whose text is kept for below; each note is read once."""
        note = self._notes.pop((kind, reference.get(f"{W}id", "")), None)
        if note is None:
            return ""
        mark = ""
        if reference.get(f"{W}customMarkFollows") not in ("1", "true", "on"):
            self._counts[kind] += 1
            format_ = "decimal" if kind == "footnote" else "lowerRoman"
            mark = f"[{format_number(self._counts[kind], format_)}]"
        tables, self._tables = self._tables, 1  # its own notes come after it
        carried, self._carried = self._carried, []
        position = len(self._below)
        text = "\n\n".join(self._blocks(note, heads=False))
        self._tables, self._carried = tables, carried
        self._below.insert(position, f"{mark} {text}".strip())
        return mark

    def _rows(self, table: Any) -> Iterator[str]:
        """Each row as a line; a cell is repeated in all rows that it spans, but not in columns."""
        above: dict[int, str] = {}  # by the column that a cell begins in
        for row in _inside(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if _has(properties, "del") or _has(properties, "hidden"):
                continue
            cells: list[str] = []
            column = number_in(properties, "gridBefore") or 0
            for cell in _inside(row, f"{W}tc"):
                about = cell.find(f"{W}tcPr")
                if _has(about, "cellDel"):
                    continue
                text = above.get(column, "")
                merge = None if about is None else about.find(f"{W}vMerge")
                if merge is None or merge.get(VAL, "continue") != "continue":
                    text = " ".join(" ".join(self._blocks(cell, heads=False)).split())
                above[column] = text
                cells.append(text)
                column += number_in(about, "gridSpan") or 1
            if any(cells):
                yield self._counted(" | ".join(cells))

    def _counted(self, text: str) -> str:
        self._length += len(text)
        if self._length > MAX_DOCUMENT_CHARACTERS:
            raise too_long(self._file_name, f"over {self._length:,} characters")
        return text


def _chosen(parent: Any) -> Iterator[Any]:
    """The children that are read; of alternatives the first that holds text."""
    for child in parent.iterchildren("*"):
        if child.tag in _UNREAD:
            continue
        if child.tag != f"{_MARKUP}AlternateContent":
            yield child
            continue
        choices = list(child.iterchildren("*"))
        with_text = [choice for choice in choices if choice.find(f".//{W}t") is not None]
        yield from (with_text or choices)[:1]


def _inside(parent: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those in content controls."""
    for child in _chosen(parent):
        if child.tag == tag:
            yield child
        elif child.tag != f"{W}tc":
            yield from _inside(child, tag)


def _has(properties: Any, name: str) -> bool:
    return properties is not None and is_on(properties.find(f"{W}{name}"))


def _document(path: Path) -> Row:
    try:
        import lxml.etree  # noqa: F401 used where parts are read
    except ImportError:
        raise MissingExtraError("Reading .docx files", "documents", "lxml") from None
    with path.open("rb") as file:
        if file.read(4) == _OLD_OFFICE:
            raise InputError(
                f"{path.name} is a .doc file, or protected by a password.",
                fix="Open it in a word processor and save it as .docx without a password.",
            )
    try:
        with zipfile.ZipFile(path) as archive:
            if "[Content_Types].xml" not in archive.namelist():
                raise _no_word_document(path)
            package = _Package(archive, path.name)
            document = _Text(package, path.name)
            text = "\n\n".join(document.read())
    except (MetierError, OSError):
        raise
    except zipfile.BadZipFile:
        raise _no_word_document(path) from None
    except Exception as error:
        # the parsers raise many exceptions for a broken file, and so does what is not in its place
        reason = str(error).strip().splitlines()[:1]
        raise InputError(
            f"{path.name} is not a readable Word document "
            f"({': '.join([type(error).__name__, *reason])}).",
            fix="Open it in a word processor and save it again as .docx.",
        ) from None
    if not text:
        raise InputError(
            f"{path.name} holds no text.",
            why="Text inside of pictures, charts and embedded files is not read.",
        )
    row = {"id": path.name, "text": text, CONVERTED_FROM: "docx"}
    return {**row, UNREAD: document.unread} if document.unread else row


def _no_word_document(path: Path) -> InputError:
    return InputError(
        f"{path.name} is not a Word document.",
        why="It is another kind of file, or it was not written to its end.",
        fix="Download or export it again.",
    )


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


DOCX = Reader("docx", (".docx",), _documents, _document)
