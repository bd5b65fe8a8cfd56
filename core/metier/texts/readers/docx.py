"""Word documents: all that a reader sees, in order, with headings as Markdown.

Elements and attributes are those of ECMA-376 part 1, section 17.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metier.errors import InputError, MetierError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.reader import CONVERTED_FROM, UNREAD, Reader, Row, too_long
from metier.texts.readers.docx_math import MATH, math_text
from metier.texts.readers.docx_package import RELATION, Package
from metier.texts.readers.docx_styles import (
    VAL,
    Numbering,
    Style,
    Styles,
    W,
    form_value,
    is_on,
    number_in,
    symbol,
)
from metier.texts.readers.numerals import format_number

_LONGEST_CELL = 1_000
"""Characters of a cell of several paragraphs; with more, a table arranges the parts of a page."""
_HEADING = re.compile(r"^#{1,6} ")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MARKUP = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
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

    def __init__(self, package: Package, file_name: str) -> None:
        self._package = package
        self._file_name = file_name
        styles = package.root_of("styles")
        self._numbering = Numbering(package.root_of("numbering"), styles)
        self._styles = Styles(styles, self._numbering.linked_levels)
        self._roots: list[Any] = []  # of the parts that are read
        self._notes: dict[tuple[str, str], Any] = {}
        for kind in ("footnote", "endnote"):
            root = package.root_of(f"{kind}s")
            self._roots += [] if root is None else [root]
            for note in () if root is None else root.iterchildren(f"{W}{kind}"):
                self._notes[kind, note.get(f"{W}id", "")] = note
        self._counts = {"footnote": 0, "endnote": 0}
        self._below: list[str] = []  # notes of the paragraph or table that is read
        self._sections: list[Any] = []
        self._carried: list[str] = []  # text of a paragraph whose mark was deleted
        self._tables = self._headings = 0
        self._length = 0
        self.unread: list[str] = []

    def read(self) -> list[str]:
        """All blocks: headers and footers first, which belong to no part of the text."""
        root = self._package.root(self._package.main)
        body = None if root is None else root.find(f"{W}body")
        if body is None:
            raise ValueError("it has no body")
        self._roots.append(root)
        blocks = [*self._blocks(body), *filter(None, ["".join(self._carried).strip()])]
        self._carried = []
        self._sections += body.iterchildren(f"{W}sectPr")
        blocks = [*self._headers(), *blocks]
        inserted = sum(1 for root in self._roots for _ in root.iter(f"{W}altChunk", f"{W}subDoc"))
        if inserted:
            self.unread.append(f"{inserted} inserted file{'s' * (inserted > 1)}")
        return blocks

    def _headers(self) -> Iterator[str]:
        settings = self._package.root_of("settings")
        even = settings is not None and is_on(settings.find(f"{W}evenAndOddHeaders"))
        seen: set[str] = set()
        for kind in ("header", "footer"):
            for section in self._sections:
                first = is_on(section.find(f"{W}titlePg"))
                shown = {"default": True, "first": first, "even": even}
                for reference in section.iterchildren(f"{W}{kind}Reference"):
                    name = self._package.relations.get(reference.get(RELATION), ("", ""))[1]
                    if name in seen or not shown.get(reference.get(f"{W}type", "default")):
                        continue
                    seen.add(name)
                    root = self._package.root(name)
                    self._roots += [] if root is None else [root]
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
                blocks = list(self._table(child))
                self._tables -= 1
                yield from blocks
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
        self._headings += 1
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
            elif tag == f"{W}t":
                line.write(child.text or "")
            elif tag == f"{MATH}oMath":
                line.write(math_text(child))
            elif tag in _CHARACTERS:
                line.write(_CHARACTERS[tag])
            elif tag == f"{W}sym":
                line.write(symbol(child))
            elif tag == _WORD_ART:
                line.write(child.get("string", ""))
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                line.write(self._note(child, tag.removeprefix(W).removesuffix("Reference")))
            elif tag == f"{W}ruby":  # characters, and their reading before them
                for reading, part in ((False, "rubyBase"), (True, "rt")):
                    line.write("(" * reading)
                    for inner in child.iterchildren(f"{W}{part}"):
                        self._inline(inner, line, hidden)
                    line.write(")" * reading)
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

    def _table(self, table: Any) -> Iterator[str]:
        """Its rows as lines; where it arranges parts of the page, those parts."""
        lines: list[str] = []
        for cells, is_layout in self._rows(table):
            if not is_layout:
                lines.append(self._counted(" | ".join(map(_on_a_line, cells))))
                continue
            if lines:
                yield "\n".join(lines)
            lines = []
            yield from (block for cell in cells for block in cell)
        if lines:
            yield "\n".join(lines)

    def _rows(self, table: Any) -> Iterator[tuple[list[list[str]], bool]]:
        """The blocks of each cell of each row, and whether the row arranges parts of the page.

        A cell is repeated in all rows that it spans, but not in columns.
        """
        above: dict[int, list[str]] = {}  # by the column that a cell begins in
        for row in _inside(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if _has(properties, "del") or _has(properties, "hidden"):
                continue
            cells: list[list[str]] = []
            is_layout = False
            column = number_in(properties, "gridBefore") or 0
            for cell in _inside(row, f"{W}tc"):
                about = cell.find(f"{W}tcPr")
                if _has(about, "cellDel"):
                    continue
                blocks = above.get(column, [])
                merge = None if about is None else about.find(f"{W}vMerge")
                if merge is None or merge.get(VAL, "continue") != "continue":
                    headings = self._headings
                    blocks = list(self._blocks(cell))
                    has_blocks = self._headings > headings or cell.find(f".//{W}tbl") is not None
                    is_layout = is_layout or _is_layout(blocks, has_blocks)
                above[column] = blocks
                cells.append(blocks)
                column += number_in(about, "gridSpan") or 1
            if any(cells):
                is_layout = is_layout or (len(cells) == 1 and len(cells[0]) > 1)
                above = {} if is_layout else above
                yield cells, is_layout

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


def _is_layout(blocks: list[str], has_blocks: bool) -> bool:
    """Whether a cell is a part of the page and no value in a table."""
    lines = sum(block.count("\n") + 1 for block in blocks)
    return lines > 1 and (has_blocks or (len(blocks) > 1 and sum(map(len, blocks)) > _LONGEST_CELL))


def _on_a_line(blocks: list[str]) -> str:
    return " ".join(_HEADING.sub("", " ".join(blocks)).split())


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
            package = Package(archive, path.name)
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
            why="Text inside of pictures, charts, inserted and embedded files is not read.",
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
