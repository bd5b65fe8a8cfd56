"""HTML: the text of a page without navigation and scripts, headings as Markdown.

The standard library's `html.parser` takes minutes for 100 kB of unclosed comments, and fails an
assertion at `<![<`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from metier.errors import InputError, MissingExtraError
from metier.texts.reader import CONVERTED_FROM, Reader, Row, read_document_bytes, refuse_binary

_TAG_BEGIN = re.compile(r"</?[a-zA-Z]")
_TAG = re.compile(
    r"""<(?P<closing>/?)(?P<name>[a-zA-Z][^\s/>]*+)
        (?P<attributes>(?:[^>"']|(?<==)"[^"]*+"|(?<==)'[^']*+'|["'])*+)>""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
_RAW = frozenset({"script", "style", "textarea", "title", "noscript", "iframe", "xmp"})
"""Elements whose content is text up to their end, even if it looks like markup."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: the beginning of an element, or its end.

    Attributes:
        name: in lower case.
        closing: whether it ends the element.
        attributes: in source form.
        content: decoded text of an element that holds no markup (`title`, `script`); None for
            others.
    """

    name: str
    closing: bool
    attributes: str = ""
    content: str | None = None

    def attribute(self, name: str) -> str | None:
        """The decoded value of an attribute; None where it is not given."""
        for key, *values in _ATTRIBUTE.findall(self.attributes):
            if key.lower() == name:
                return unescape("".join(values))
        return None


def tags_and_texts(markup: str) -> Iterator[Tag | str]:
    """The tags of a page, and the texts between them with entities decoded.

    Comments, declarations and processing instructions are left out; what is never closed goes on to
    the end of the page, as in a browser.
    """
    text: list[str] = []
    position = 0
    while position < len(markup):
        start = markup.find("<", position)
        if start < 0:
            start = len(markup)
        text.append(markup[position:start])
        if start == len(markup):
            break
        if markup.startswith("<!--", start):
            position = _after(markup, "-->", start + 2)  # <!--> is a whole comment
            continue
        if markup.startswith(("<!", "<?"), start):
            position = _after(markup, ">", start)
            continue
        if _TAG_BEGIN.match(markup, start) is None:
            text.append("<")
            position = start + 1
            continue
        yield from _unescape(text)
        text = []
        tag = _TAG.match(markup, start)
        if tag is None:
            return  # a tag that is never closed
        name, position = tag["name"].lower(), tag.end()
        content = None
        if name in _RAW and not tag["closing"]:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(markup, position)
            stop = end.start() if end else len(markup)
            content, position = unescape(markup[position:stop]), stop
        yield Tag(name, bool(tag["closing"]), tag["attributes"], content)
    yield from _unescape(text)


def _after(markup: str, end: str, start: int) -> int:
    """The position after the next `end`, or that of the end of the page."""
    position = markup.find(end, start)
    return len(markup) if position < 0 else position + len(end)


def _unescape(text: list[str]) -> Iterator[str]:
    whole = "".join(text)
    if whole:
        yield unescape(whole)


_LEFT_OUT = frozenset(
    {"nav", "svg", "math", "template", "object", "canvas", "audio", "video", "button", "select",
     "datalist"}
)  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PARAGRAPHS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "details", "div", "dl", "fieldset",
     "figcaption", "figure", "footer", "form", "header", "hr", "main", "ol", "p", "pre", "section",
     "summary", "table", "ul", *_HEADINGS}
)  # fmt: skip
_LINES = frozenset({"br", "caption", "dd", "dt", "li", "tr"})
_CELLS = frozenset({"td", "th"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "source", "col"})
_BLANKS = re.compile(r"\s+")


def html_text(markup: str) -> tuple[str, str | None]:
    """The text of a page, and its title if it has one.

    A heading is a line of its own with as many `#` as its level, a paragraph is set off by a blank
    line, an entry of a list begins with `- `, and the cells of a row are set apart by ` | `.
    """
    page = _Page()
    for part in tags_and_texts(markup):
        page.tag(part) if isinstance(part, Tag) else page.write(part)
    return page.text(), page.title


class _Page:
    """Builds the text of a page, tag by tag."""

    def __init__(self) -> None:
        self.title: str | None = None
        self._lines: list[str] = []
        self._line: list[str] = []
        self._is_begun = False  # whether the line holds more than blanks
        self._mark = ""  # what the line begins with, once it holds a text
        self._left_out: str | None = None
        self._depth = 0
        self._preformatted = 0

    def tag(self, tag: Tag) -> None:
        if self._left_out is not None:
            if tag.name == self._left_out:
                self._depth += -1 if tag.closing else 1
            if self._depth == 0:
                self._left_out = None
        elif tag.name == "title":
            self._set_title(tag)
        elif not tag.closing and _is_left_out(tag):
            self._left_out, self._depth = tag.name, 1
        elif tag.name == "pre":
            self._end_paragraph()
            self._preformatted = max(0, self._preformatted + (-1 if tag.closing else 1))
        elif tag.name in _PARAGRAPHS:
            self._end_paragraph()
            if tag.name in _HEADINGS:
                self._mark = "" if tag.closing else "#" * _HEADINGS[tag.name] + " "
        elif tag.name in _LINES:
            if tag.name == "br" and self._mark.startswith("#"):
                self._line.append(" ")  # a heading is one line
            else:
                self._end_line()
            if tag.name == "li":
                self._mark = "" if tag.closing else "- "
        elif tag.name in _CELLS and not tag.closing and self._is_begun:
            self._line.append(" | ")

    def write(self, text: str) -> None:
        if self._left_out is not None:
            return
        if not self._preformatted:
            self._add(text)
            return
        first, *others = text.splitlines() or [""]
        self._add(first)
        for line in others:
            self._end_line()
            self._add(line)

    def text(self) -> str:
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def _set_title(self, tag: Tag) -> None:
        if self.title is None and tag.content is not None:
            self.title = _BLANKS.sub(" ", tag.content).strip() or None

    def _add(self, text: str) -> None:
        self._line.append(text)
        self._is_begun = self._is_begun or bool(text.strip())

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line, self._is_begun = [], False
        line = line.rstrip() if self._preformatted else _BLANKS.sub(" ", line).strip()
        if line.strip():
            self._lines.append(self._mark + line)
            self._mark = ""
        elif self._preformatted:
            self._lines.append("")

    def _end_paragraph(self) -> None:
        self._end_line()
        self._lines.append("")


def _is_left_out(tag: Tag) -> bool:
    if tag.name in _VOID:
        return False
    return tag.name in _LEFT_OUT or tag.attribute("role") == "navigation"


def _document(path: Path) -> Row:
    markup = _decode(read_document_bytes(path), path.name)
    if not any(isinstance(part, Tag) for part in tags_and_texts(markup)):
        raise InputError(
            f"{path.name} is not an HTML file: it holds no tag.",
            fix="If it is plain text, let its name end in .txt.",
        )
    text, title = html_text(markup)
    if not text:
        raise InputError(
            f"{path.name} holds no text outside of scripts and navigation.",
            why="Pages that a script fills in a browser are empty as files.",
            fix="Save the page from a browser once it shows its text.",
        )
    row: dict[str, Any] = {"id": path.name, "text": text, CONVERTED_FROM: "html"}
    return row if title is None else {**row, "title": title}


def _decode(raw: bytes, name: str) -> str:
    """The markup of a page: UTF-8 if it is valid, else the encoding that a browser would use.

    That is what the byte order mark or a meta element names, else Windows-1252.
    """
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide:
        refuse_binary(raw, name)
        if b"\x1b" not in raw:  # ISO-2022-JP writes letters as ASCII with escapes
            with suppress(UnicodeDecodeError):
                return raw.decode("utf-8-sig")
    try:
        from w3lib.encoding import html_to_unicode
    except ImportError:
        raise MissingExtraError("Reading HTML that is not UTF-8", "documents", "w3lib") from None
    _, markup = html_to_unicode(None, raw, default_encoding="cp1252")
    return markup


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


HTML = Reader("html", (".html", ".htm", ".xhtml"), _documents, _document)
