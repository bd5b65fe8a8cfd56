"""HTML: the text of a page without navigation and scripts, headings as Markdown.

Parsers that build the tree of HTML 5 (lexbor, html5lib) take time or memory that grows with the
square of the page for elements in elements; here a page takes one pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Set
from pathlib import Path
from typing import Any, NamedTuple

from metier.errors import InputError
from metier.texts.reader import CONVERTED_FROM, Reader, Row, read_document_bytes
from metier.texts.readers.html_tags import (
    CELLS,
    ENDS,
    FOREIGN,
    HEADINGS,
    INTEGRATED,
    KINDS,
    LEFT_OUT,
    NOT_FOREIGN,
    ROWS,
    SCOPES,
    SECTIONS,
    TITLES,
    VOID,
    Tag,
    decode_page,
    is_xhtml,
    tags_and_texts,
)

_DEEPEST = 100
"""Elements that are looked at to find the one that a tag ends: a page takes one pass."""
_DEEPEST_TABLE = 20
"""Tables in tables of which cells are told apart; deeper, each cell is a line."""
_LONGEST_CELL = 1_000
"""Characters of a cell of several paragraphs; with more, a table arranges the parts of a page."""
_MOST_ROWS = 65_534
"""Rows that a cell may span, as in a browser."""
_CELL_END = " | "
_BLOCK_DISPLAYS = frozenset({"block", "flex", "flow-root", "grid", "list-item", "table"})
_MARK = re.compile(r"^#{1,6} ")
_BLANKS = re.compile(r"\s+")


def html_text(markup: str, *, is_xml: bool = False) -> tuple[str, str | None]:
    """The text of a page, and its title if it has one.

    A heading is a line of its own with as many `#` as its level, a paragraph is set off by a blank
    line, an entry of a list begins with `- `, and the cells of a row are set apart by ` | `. What
    the page hides is left out, and so are soft hyphens.

    Args:
        markup: the page.
        is_xml: whether `/>` ends any element, as in XHTML.
    """
    is_xml = is_xml or is_xhtml(markup)
    page = _Page(len(markup), is_xml=is_xml)
    for part in tags_and_texts(markup, is_xml=is_xml):
        page.tag(part) if isinstance(part, Tag) else page.write(part)
    return page.text(), page.title


class _Lines:
    """Builds the lines of a page or of a cell.

    Attributes:
        lines: as far as they have ended.
        line: texts of the line that has not.
        mark: what the next line with text begins with.
        has_blocks: whether it holds headings, tables or code, which fit on no line of a table.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.mark = ""
        self.has_blocks = False
        self.line: list[str] = []

    def end_line(self, *, preformatted: bool = False) -> None:
        if not (self.line or preformatted):
            return
        line = "".join(self.line).replace("\u00ad", "")
        self.line = []
        line = line.rstrip() if preformatted else _BLANKS.sub(" ", line).strip()
        if line.strip():
            self.add_line(line)
        elif preformatted:
            self.lines.append("")

    def add_line(self, line: str) -> None:
        self.lines.append(self.mark + line)
        self.mark = ""

    def filled(self) -> list[str]:
        """The lines with text."""
        return [line for line in self.lines if line.strip()]

    def is_layout(self) -> bool:
        """Whether a cell with this content is a part of the page and no value in a table."""
        return len(self.filled()) > 1 and (
            self.has_blocks or sum(map(len, self.lines)) > _LONGEST_CELL
        )


class _Table:
    """A table whose rows are added to lines.

    Attributes:
        lines: what the table stands in.
        cells: of the row so far, with the number of rows that each spans.
    """

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines
        self.cells: list[tuple[_Lines, int]] = []
        self._spanning: dict[int, tuple[str, int]] = {}  # text and further rows, by position

    def end_row(self, most: int) -> int:
        """Add the row to the lines.

        Args:
            most: characters that cells may be repeated with in the rows that they span.

        Returns:
            the characters that were repeated.
        """
        cells, self.cells = self.cells, []
        for lines, _ in cells:
            lines.end_line()
        filled = [lines for lines, _ in cells if lines.filled()]
        is_alone = len(cells) == len(filled) == 1 and not self._spanning
        if any(lines.is_layout() for lines in filled) or (is_alone and len(filled[0].filled()) > 1):
            self._spanning = {}
            for lines in filled:
                self.lines.lines += [*lines.lines, ""]
            return 0
        own = iter(cells)
        texts: list[str] = []
        repeated = 0
        spanning, self._spanning = self._spanning, {}
        while True:
            position = len(texts)
            text, rows = spanning.get(position, ("", 0))
            if rows:
                repeated += len(text) + len(_CELL_END)
            elif (cell := next(own, None)) is not None:
                text, rows = _MARK.sub("", " ".join(cell[0].filled())), cell[1]
            else:
                break
            texts.append(text)
            if rows > 1 and repeated < most:
                self._spanning[position] = (text, rows - 1)
        while texts and not texts[-1]:
            texts.pop()
        if filled:
            self.lines.add_line(_CELL_END.join(texts))
        return repeated


class _Element(NamedTuple):
    """An open element.

    Attributes:
        name: in lower case.
        kind: what its end means for the text; None where that is nothing.
        lines: what it stands in.
        is_foreign: whether it belongs to a picture or a formula.
    """

    name: str
    kind: str | None
    lines: _Lines
    is_foreign: bool


class _Page:
    """Builds the text of a page, tag by tag.

    Args:
        size: characters of the page.
        is_xml: whether `/>` ends any element.
    """

    def __init__(self, size: int, *, is_xml: bool) -> None:
        self.title: str | None = None
        self._lines = self._page = _Lines()
        self._open: list[_Element] = []
        self._names: Counter[str] = Counter()  # of the open elements
        self._tables: list[_Table] = []
        self._is_xml = is_xml
        self._most_repeated = size
        self._preformatted = 0
        self._left_out: int | None = None  # the first open element that is left out

    def tag(self, tag: Tag) -> None:
        if tag.name == "title" and self._left_out is None:
            if self.title is None and tag.content is not None:
                self.title = _BLANKS.sub(" ", tag.content).strip() or None
        elif KINDS.get(tag.name) == "outermost":
            self._end_paragraph()
        elif not tag.closing:
            self._begin(tag)
        elif not self._close(tag.name) and tag.name in ("p", "br"):
            self._end_line() if tag.name == "br" else self._end_paragraph()

    def write(self, text: str) -> None:
        if self._left_out is not None:
            return
        first, *others = (text.splitlines() or [""]) if self._preformatted else [text]
        self._lines.line.append(first)
        for line in others:
            self._end_line()
            self._lines.line.append(line)

    def text(self) -> str:
        self._end(0)
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._page.lines)).strip("\n")

    def _begin(self, tag: Tag) -> None:
        """Open an element, after those that its tag ends."""
        name, kind = tag.name, KINDS.get(tag.name)
        if name in ROWS and not self._names["table"]:
            if self._left_out is None:
                self._end_line()
            return  # outside of tables, such a tag opens nothing
        self._end_implied(name, kind)
        around = None if self._left_out is None else self._open[self._left_out]
        if around and around.kind == "button" and kind == "heading":
            self._left_out = None  # it unfolds what follows
        is_shown, lines = self._left_out is None, self._lines
        display, is_hidden = tag.look()
        role = tag.attributes.get("role")
        if not is_shown or is_hidden:
            kind = None
        elif role == "heading":
            kind = "heading"
        elif kind is None and display in _BLOCK_DISPLAYS:
            kind = "paragraph"
        if kind == "cell" and self._find({"tr"}, {"table"}) is None:
            self._push(_Element("tr", "row", lines, is_foreign=False))
        self._show(tag, kind)
        is_foreign = name in FOREIGN or (self._is_foreign() and name not in INTEGRATED)
        if name in VOID or (tag.is_empty and (is_foreign or self._is_xml)):
            return
        is_left_out = is_hidden or name in LEFT_OUT or role == "navigation"
        if kind == "button":
            is_left_out = not any(
                element.kind == "heading" or element.name in TITLES
                for element in self._open[-_DEEPEST:]
            )
        if is_shown and is_left_out:
            self._left_out = len(self._open)
        elif is_shown and kind is None and not self._names[name]:
            return  # its end means nothing either
        self._push(_Element(name, kind, lines, is_foreign))

    def _end_implied(self, name: str, kind: str | None) -> None:
        """End the elements that the tag of another ends."""
        if self._is_foreign():
            if name not in KINDS and name not in NOT_FOREIGN:
                return
            while self._is_foreign():
                self._end(len(self._open) - 1)
        if kind not in (None, "button", "line") or name in ("dd", "dt"):
            self._end_each({"p"}, SCOPES | {"button"})
        if name in ROWS:
            position = self._find(ROWS[name], ())
            self._end(len(self._open) if position is None else position + 1)
        elif name in ENDS:
            self._end_each(*ENDS[name])
        if name in HEADINGS and self._open and self._open[-1].name in HEADINGS:
            self._end(len(self._open) - 1)

    def _end_each(self, names: Set[str], scopes: Container[str]) -> None:
        while (position := self._find(names, scopes)) is not None:
            self._end(position)

    def _close(self, name: str) -> bool:
        """End an element and those in it; whether it was open."""
        names = HEADINGS.keys() if name in HEADINGS else {name}
        scopes: Container[str] = SCOPES
        if name == "table" or (name in LEFT_OUT and name not in KINDS):
            scopes = ()
        elif name in ("tr", *CELLS, *SECTIONS):
            scopes = {"table"}
        elif name not in KINDS and name not in SCOPES:
            scopes = KINDS
        position = self._find(names, scopes)
        if position is not None:
            self._end(position)
        return position is not None

    def _find(self, names: Set[str], scopes: Container[str]) -> int | None:
        """The position of the innermost open element with one of the names, within a scope."""
        if not any(map(self._names.__getitem__, names)):
            return None
        last = len(self._open) - 1
        for position in range(last, max(-1, last - _DEEPEST), -1):
            if self._open[position].name in names:
                return position
            if self._open[position].name in scopes:
                return None
        return None

    def _is_foreign(self) -> bool:
        return bool(self._open) and self._open[-1].is_foreign

    def _push(self, element: _Element) -> None:
        self._open.append(element)
        self._names[element.name] += 1

    def _show(self, tag: Tag, kind: str | None) -> None:
        """What the beginning of an element does to the text."""
        lines = self._lines
        if kind == "line" and tag.name == "br" and lines.mark.startswith("#"):
            lines.line.append(" ")  # a heading is one line
        elif kind in ("line", "caption", "item", "row", "cell"):
            self._end_line()
        elif kind in ("paragraph", "heading", "preformatted", "table"):
            self._end_paragraph()
        if kind in ("heading", "preformatted", "table"):
            lines.has_blocks = True
        if kind == "heading":
            level = HEADINGS.get(tag.name) or tag.number("aria-level", 2)
            lines.mark = "#" * min(max(level, 1), 6) + " "
        elif kind == "item":
            lines.mark = "- "
        elif kind == "preformatted":
            self._preformatted += 1
        elif kind == "table":
            self._tables.append(_Table(lines))
        elif kind == "cell" and len(self._tables) <= _DEEPEST_TABLE:
            self._lines = _Lines()
            rows = tag.number("rowspan", 1) or _MOST_ROWS
            self._tables[-1].cells.append((self._lines, rows))

    def _end(self, position: int) -> None:
        """End all open elements from a position on."""
        while len(self._open) > position:
            element = self._open.pop()
            self._names[element.name] -= 1
            if self._left_out is not None and len(self._open) <= self._left_out:
                self._left_out = None
            if element.kind in ("line", "caption", "item", "cell"):
                self._end_line()
            elif element.kind in ("paragraph", "heading", "preformatted"):
                self._end_paragraph()
            elif element.kind in ("row", "table"):
                self._end_line()
                self._most_repeated -= self._tables[-1].end_row(self._most_repeated)
            if element.kind in ("heading", "item"):
                self._lines.mark = ""
            elif element.kind == "preformatted":
                self._preformatted -= 1
            elif element.kind == "cell":
                self._lines = element.lines
            elif element.kind == "table":
                self._tables.pop()
                self._end_paragraph()

    def _end_line(self) -> None:
        self._lines.end_line(preformatted=bool(self._preformatted))

    def _end_paragraph(self) -> None:
        if self._left_out is None:
            self._end_line()
            self._lines.lines.append("")


def _document(path: Path) -> Row:
    markup = decode_page(read_document_bytes(path), path.name)
    if not any(isinstance(part, Tag) for part in tags_and_texts(markup)):
        raise InputError(
            f"{path.name} is not an HTML file: it holds no tag.",
            fix="If it is plain text, let its name end in .txt.",
        )
    text, title = html_text(markup, is_xml=path.suffix.lower() == ".xhtml")
    if not text:
        raise InputError(
            f"{path.name} holds no text outside of scripts and navigation.",
            why="Pages that a script fills in a browser are empty as files.",
            fix="Save the page from a browser once it shows its text.",
        )
    row: dict[str, Any] = {"id": path.name, "text": text, CONVERTED_FROM: "html"}
    return row if title is None else {**row, "title": title}


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


HTML = Reader("html", (".html", ".htm", ".xhtml"), _documents, _document, text="marked")
