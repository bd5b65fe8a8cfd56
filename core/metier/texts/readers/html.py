"""HTML: the text of a page without navigation and scripts, headings as Markdown.

Parsers that build the tree of HTML 5 (lexbor, html5lib) take time or memory that grows with the
square of the page for elements in elements; here a page takes one pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Set
from itertools import chain
from pathlib import Path
from typing import Any

from metier.errors import InputError
from metier.texts.reader import CONVERTED_FROM, Reader, Row, read_document_bytes
from metier.texts.readers.html_lines import BULLET, Element, Lines, List, Table, lengths_of_lists
from metier.texts.readers.html_styles import NO_STYLES, Look, StyleSheets, styles_of
from metier.texts.readers.html_tags import (
    CELLS,
    ENDS,
    FOREIGN,
    HEADINGS,
    INTEGRATED,
    KINDS,
    LEFT_OUT,
    LISTS,
    NOT_FOREIGN,
    ROWS,
    SCOPES,
    SECTIONS,
    SIGNS,
    TITLES,
    VOID,
    WRITTEN,
    Tag,
    decode_page,
    is_xhtml,
    tags_and_texts,
    without_prefix,
)

_DEEPEST = 100
"""Elements that are looked at to find the one that a tag ends: a page takes one pass."""
_DEEPEST_TABLE = 20
"""Tables in tables of which cells are told apart; deeper, each cell is a line."""
_MOST_ROWS = 65_534
"""Rows that a cell may span, as in a browser."""
_BLOCK_DISPLAYS = frozenset({"block", "flex", "flow-root", "grid", "list-item", "table"})
_BLANKS = re.compile(r"\s+")
_REVERSED = re.compile(r"<ol\b[^>]*\breversed", re.IGNORECASE)


def html_text(markup: str, *, is_xml: bool = False) -> tuple[str, str | None]:
    """The text of a page, and its title if it has one.

    A heading is a line of its own with as many `#` as its level, a paragraph is set off by a blank
    line, an entry of a list begins with its number or a hyphen, and the cells of a row are set
    apart by vertical bars. What the page hides is left out, and so are soft hyphens.

    Args:
        markup: the page.
        is_xml: whether `/>` ends any element, as in XHTML.
    """
    is_xml = is_xml or is_xhtml(markup)
    markup = without_prefix(markup)
    styles = styles_of(markup, is_xml=is_xml)
    page = _read(markup, styles, is_xml=is_xml)
    text = page.text()
    if styles and not text:  # a script shows what its styles hide
        text = _read(markup, NO_STYLES, is_xml=is_xml).text()
    return text, page.title


def _read(markup: str, styles: StyleSheets, *, is_xml: bool) -> _Page:
    lengths: Iterator[int] = iter(())
    if _REVERSED.search(markup):
        lengths = lengths_of_lists(tags_and_texts(markup, is_xml=is_xml))
    page = _Page(len(markup), styles, lengths, is_xml=is_xml)
    for part in tags_and_texts(markup, is_xml=is_xml):
        page.tag(part) if isinstance(part, Tag) else page.write(part)
    return page


class _Page:
    """Builds the text of a page, tag by tag.

    Args:
        size: characters of the page.
        styles: its style sheets.
        lengths: number of entries of each `ol`, if one of them counts down.
        is_xml: whether `/>` ends any element.
    """

    def __init__(
        self, size: int, styles: StyleSheets, lengths: Iterator[int], *, is_xml: bool
    ) -> None:
        self.title: str | None = None
        self._lines = self._page = Lines()
        self._open: list[Element] = []
        self._names: Counter[str] = Counter()  # of the open elements
        self._tables: list[Table] = []
        self._is_xml = is_xml
        self._most_repeated = size
        self._preformatted = 0
        self._left_out: int | None = None  # the first open element that is left out
        self._visible: list[tuple[int, int]] = []  # in invisible ones, with what is left out around
        self._styles = styles
        self._roots = {name: Tag(name, False, {}) for name in ("html", "body")}
        self._lists: list[List] = []
        self._lengths = lengths
        self._parts: dict[int, int] = {}  # of formulas, by the position of what they are parts of

    def tag(self, tag: Tag) -> None:
        if tag.name == "title" and self._left_out is None:
            if self.title is None and tag.content is not None:
                self.title = _BLANKS.sub(" ", tag.content).strip() or None
        elif KINDS.get(tag.name) == "outermost":
            if not tag.closing and tag.name in self._roots:
                self._roots[tag.name] = tag
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
        look, lines = self._look(tag), self._lines
        self._show_again(kind, look)
        is_shown, is_hidden = self._left_out is None, look.is_gone or look.is_invisible
        kind = self._kind_of(tag, kind, look) if is_shown and not look.is_gone else None
        if kind == "cell" and self._find({"tr"}, {"table"}) is None:
            self._push(Element("tr", "row", lines, is_foreign=False))
        self._show(tag, kind, look)
        is_foreign = name in FOREIGN or (self._is_foreign() and name not in INTEGRATED)
        if is_shown and not is_hidden:
            self._write_sign()
            self._write_value(tag)
        if name in VOID or (tag.is_empty and (is_foreign or self._is_xml)):
            return
        if is_shown and (is_hidden or self._is_left_out(tag, kind)):
            self._left_out = len(self._open)
        elif is_shown and not (kind or is_foreign or self._names[name] or self._is_needed(name)):
            return  # its end means nothing either
        if name in LISTS:
            length = next(self._lengths, 0) if name == "ol" else 0
            self._lists.append(List(tag, look.list_type, length))
        is_invisible = look.is_invisible and not look.is_gone and name not in LEFT_OUT
        self._push(Element(name, kind, lines, is_foreign, tag, is_invisible))

    def _is_needed(self, name: str) -> bool:
        """Whether the end of an element that is nothing to the text must be known nevertheless."""
        is_visible = bool(self._visible) and self._visible[-1][0] == len(self._open)
        return name in ("q", "select") or is_visible or bool(self._styles)

    def _show_again(self, kind: str | None, look: Look) -> None:
        """Show an element in one that is left out, if a person sees it nevertheless."""
        if self._left_out is None:
            return
        around = self._open[self._left_out]
        if around.kind == "button" and kind == "heading":
            self._left_out = None  # it unfolds what follows
        elif around.is_invisible and look.visibility == "visible":
            self._visible.append((len(self._open), self._left_out))
            self._left_out = None

    def _kind_of(self, tag: Tag, kind: str | None, look: Look) -> str | None:
        """What an element is to the text, by its name, its role and its style."""
        if tag.attributes.get("role") == "heading":
            return "heading"
        if tag.name == "option" and self._names["select"]:
            return None
        return "paragraph" if kind is None and look.display in _BLOCK_DISPLAYS else kind

    def _is_left_out(self, tag: Tag, kind: str | None) -> bool:
        if kind == "button":
            return not any(
                element.kind == "heading" or element.name in TITLES
                for element in self._open[-_DEEPEST:]
            )
        is_choice = tag.name == "option" and self._names["select"]
        return (
            tag.name in LEFT_OUT
            or tag.attributes.get("role") == "navigation"
            or (bool(is_choice) and "selected" not in tag.attributes)
        )

    def _look(self, tag: Tag) -> Look:
        around = (element.tag for element in self._open[-_DEEPEST:] if element.tag is not None)
        return self._styles.look(tag, chain(self._roots.values(), around))

    def _write_sign(self) -> None:
        """Write the sign that stands before a part of a formula."""
        position = len(self._open) - 1
        signs = SIGNS.get(self._open[position].name) if self._is_foreign() else None
        if signs is not None:
            part = self._parts.get(position, 0)
            self._parts[position] = part + 1
            self.write(signs.get(part, ""))

    def _write_value(self, tag: Tag) -> None:
        """Write what a field of a form holds."""
        if tag.name == "input":
            kind = tag.attributes.get("type", "").lower()
            if kind in WRITTEN:
                self.write(f" {tag.attributes.get('value', '')} ")
            elif kind in ("checkbox", "radio") and "checked" in tag.attributes:
                self.write("\N{BALLOT BOX WITH X}")
        elif tag.name in ("textarea", "xmp") and tag.content:
            space = " " * (tag.name == "textarea")
            self.write(f"{space}{tag.content}{space}")
        elif tag.name in ("select", "option"):
            self.write(" ")
        elif tag.name == "q":
            self.write("\N{LEFT DOUBLE QUOTATION MARK}")

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
        if name in ("table", "select") or (name in LEFT_OUT and name not in KINDS):
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

    def _push(self, element: Element) -> None:
        self._open.append(element)
        self._names[element.name] += 1

    def _show(self, tag: Tag, kind: str | None, look: Look) -> None:
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
            number = "" if lines.mark.startswith((BULLET, "#")) else lines.mark
            lines.mark = "#" * min(max(level, 1), 6) + " " + number
        elif kind == "item":
            lines.mark = self._number(tag, look, lines.mark)
        elif kind == "preformatted":
            self._preformatted += 1
        elif kind == "table":
            self._tables.append(Table(lines))
        elif kind == "cell" and len(self._tables) <= _DEEPEST_TABLE:
            self._lines = Lines()
            rows = tag.number("rowspan", 1) or _MOST_ROWS
            self._tables[-1].cells.append((self._lines, rows))

    def _number(self, tag: Tag, look: Look, around: str) -> str:
        """What an entry of a list begins with, after the number of the entry that it begins."""
        mark = self._lists[-1].mark(tag, look.list_type) if self._lists else BULLET
        if look.display not in ("", "list-item"):
            mark = BULLET  # a browser shows no number then
        around = "" if around.startswith((BULLET, "#")) else around
        return around + mark if mark != BULLET else around or BULLET

    def _end(self, position: int) -> None:
        """End all open elements from a position on."""
        while len(self._open) > position:
            element = self._open.pop()
            self._names[element.name] -= 1
            if self._left_out is not None and len(self._open) <= self._left_out:
                self._left_out = None
            self._parts.pop(len(self._open), None)
            if element.name in LISTS and self._lists:
                self._lists.pop()
            if element.name == "q":
                self.write("\N{RIGHT DOUBLE QUOTATION MARK}")
            elif element.name == "select":
                self.write(" ")
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
            if self._visible and len(self._open) <= self._visible[-1][0]:
                self._left_out = self._visible.pop()[1]

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
