"""PDF: the text of all pages as one document, with the offset of each page.

Fields and annotations are those of ISO 32000, sections 12.5 and 12.7.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from metier.errors import InputError, MetierError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.reader import CONVERTED_FROM, PAGE_STARTS, UNREAD, Reader, Row, too_long
from metier.texts.readers.pdf_pages import join_divided_words, without_running_lines

_BREAK = "\n\n"
"""Between two pages."""

_MOST_OPERATORS = 5_000_000
"""Most drawing operators of a file: a page of text has some hundreds."""
_PAINTED = re.compile(rb"(?<!\S)(?:Do|EI|sh|[fFSsBb]\*?)(?!\S)")
"""Operators that show a picture or a shape."""
_MOVES = frozenset({b"T*", b"Td", b"Tm"})
"""Operators that move to where the next text is shown."""
_NOT_SHOWN = 2 | 32
"""Flags of annotations that are hidden on the screen."""
_PASSWORD = 1 << 13
"""Flag of a field that shows its value as dots."""

_LETTERS = {
    0: None,
    0x7F: "\N{BULLET}",  # codes without a character are bullets in the encoding of Windows
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st",
    0xFB06: "st",
}  # fmt: skip

_quieting = threading.RLock()
"""Held while the log messages of pypdf are kept from the log."""


def _document(path: Path) -> Row:
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            raise InputError(
                f"{path.name} is not a PDF.",
                why="It does not begin as every PDF does: it is another kind of file, or its first "
                "part is lost.",
                fix="Download or export it again.",
            )
    pages = _Pages(path.name)
    pages.read(path)
    texts, running = without_running_lines(pages.texts)
    empty = [index for index, text in enumerate(texts) if not text.strip()]
    values = ["\n".join(values) for values in pages.values]
    texts = [
        f"{text.rstrip()}\n{value}".lstrip() if value else text
        for text, value in zip(join_divided_words(texts), values, strict=True)
    ]
    if not any(text.strip() for text in texts):
        raise _no_text(path.name, pages)
    if running:
        texts[0] = "\n".join([*running, "", texts[0]])
    starts, start = [], 0
    for text in texts:
        starts.append(start)
        start += len(text) + len(_BREAK)
    row = {"id": path.name, "text": _BREAK.join(texts), CONVERTED_FROM: "pdf", PAGE_STARTS: starts}
    pictures = [index for index in empty if pages.drawn[index] and not values[index]]
    unread = [
        f"{_numbered(which)} ({reason})"
        for which, reason in ((pictures, "no text: scanned?"), (pages.cut, "too much to read all"))
        if which
    ]
    return {**row, UNREAD: unread} if unread else row


def _no_text(name: str, pages: _Pages) -> InputError:
    if pages.cut:
        return InputError(
            f"{name} cannot be read: its pages are over the limits of the reader.",
            why="A page that draws so much is nearly always made to fill the memory.",
            fix="Print it to a new PDF with a viewer that opens it.",
        )
    count = len(pages.texts)
    return InputError(
        f"{name} holds no text on its {'only page' if count == 1 else f'{count} pages'}.",
        why="It is a scan: pictures of pages.",
        fix="Run it through text recognition first: ocrmypdf FILE NEW_FILE",
    )


def _numbered(indices: Sequence[int]) -> str:
    """Pages for people: `pages 2-10, 12`."""
    spans: list[list[int]] = []
    for index in indices:
        if spans and spans[-1][-1] == index:
            spans[-1][-1] = index + 1
        else:
            spans.append([index + 1, index + 1])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return f"page{'s' if len(indices) > 1 else ''} {', '.join(shown[:10])}{more}"


class _Pages:
    """What the pages of a file hold, as far as it can be read.

    Attributes:
        texts: of each page, empty for a blank one.
        values: of its form fields and text annotations.
        drawn: whether a page without text shows something.
        cut: indices of pages of which a part is over the limits of pypdf.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.texts: list[str] = []
        self.values: list[list[str]] = []
        self.drawn: list[bool] = []
        self.cut: list[int] = []
        self._length = 0
        self._operators = 0

    def read(self, path: Path) -> None:
        """Read all pages.

        Raises:
            InputError: the file is protected, damaged or too long.
            MissingExtraError: a library is missing.
        """
        try:
            from pypdf import PdfReader
            from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError
        except ImportError:
            raise MissingExtraError("Reading .pdf files", "documents", "pypdf") from None
        try:
            with _remarks() as remarks, PdfReader(path) as reader:
                for page in reader.pages:
                    self._read_page(page, remarks)
        except (MetierError, OSError):
            raise
        except FileNotDecryptedError:
            raise InputError(
                f"{self.name} is protected: it cannot be read without its password.",
                fix="Save a copy without a password.",
            ) from None
        except DependencyError:
            raise MissingExtraError(
                "Reading .pdf files with restrictions", "documents", "cryptography"
            ) from None
        except Exception as error:
            # pypdf raises any exception for a broken file; only its code runs in this block
            is_limit = isinstance(error, LimitReachedError)
            raise InputError(
                f"{self.name} is {'too much to read' if is_limit else 'not a readable PDF'} "
                f"(page {len(self.texts) + 1}: {_reason(error)}).",
                why="It is over the limits of the reader, as files are that fill the memory."
                if is_limit
                else "The file is damaged, or was not written to its end.",
                fix="Download or export it again; a viewer that opens it can print it to a new "
                "PDF.",
            ) from None

    def _read_page(self, page: Any, remarks: list[str]) -> None:
        remarks.clear()
        text = _text_of(page, visitor_operand_before=self._count, visitor_text=self._measure)
        text = _valid(text)
        self._check()  # pypdf goes on after errors in parts of pages
        self.texts.append(text)
        self.values.append([_valid(value) for value in _annotated(page)])
        contents = None if text.strip() else page.get_contents()
        drawn = None if contents is None else _PAINTED.search(contents.get_data())
        self.drawn.append(drawn is not None)
        if any(remark.startswith(("Exceeded", "Impossible to decode")) for remark in remarks):
            self.cut.append(len(self.texts) - 1)
        self._length += sum(map(len, self.values[-1])) + len(_BREAK)
        self._check()

    def _count(self, *_: object) -> None:
        self._operators += 1
        self._check()

    def _measure(self, text: str, *_: object) -> None:
        self._length += len(text)
        self._check()

    def _check(self) -> None:
        """Raise InputError for too long a file, already while a page is read."""
        if self._length > MAX_DOCUMENT_CHARACTERS:
            raise too_long(self.name, f"over {self._length:,} characters")
        if self._operators > _MOST_OPERATORS:
            raise too_long(self.name, f"over {_MOST_OPERATORS:,} drawing operators")


def _text_of(page: Any, **visitors: Any) -> str:
    """The text of a page.

    Some writers move to the next line at the end of each text object (`T* ET`), which moves
    nothing on the page, but ends the line for pypdf: rows of tables would fall apart into cells.
    """
    from pypdf.generic import ContentStream, NameObject

    contents = page.get("/Contents")
    if contents is None:
        return ""
    stream = ContentStream(contents, page.pdf, "bytes")
    kept: list[tuple[Any, bytes]] = []
    for operands, operator in stream.operations:
        while operator == b"ET" and kept and kept[-1][1] in _MOVES:
            kept.pop()
        kept.append((operands, operator))
    stream.operations = kept
    page[NameObject("/Contents")] = stream
    try:
        return str(page.extract_text(**visitors))
    finally:
        page[NameObject("/Contents")] = contents  # the operators would stay in memory


def _annotated(page: Any) -> Iterator[str]:
    """What form fields and text annotations show, fields with the name that people read."""
    from pypdf.generic import DictionaryObject

    for reference in page.get("/Annots") or ():
        annotation = reference.get_object()
        if not isinstance(annotation, DictionaryObject):
            continue
        kind = annotation.get("/Subtype")
        if int(annotation.get("/F", 0)) & _NOT_SHOWN or kind not in ("/Widget", "/FreeText"):
            continue
        value = _field_value(annotation) if kind == "/Widget" else annotation.get("/Contents", "")
        name = _inherited(annotation, "/TU") or _inherited(annotation, "/T") or ""
        if str(value).strip():
            is_name = kind == "/Widget" and len(name) > 2 and "[" not in name
            yield f"{name}: {value}" if is_name else str(value)


def _field_value(widget: Any) -> str:
    kind, value = _inherited(widget, "/FT"), _inherited(widget, "/V")
    if kind == "/Btn":
        state = str(widget.get("/AS", "/Off"))
        return "" if state == "/Off" else "\N{BALLOT BOX WITH X}"
    if kind not in ("/Tx", "/Ch") or int(_inherited(widget, "/Ff") or 0) & _PASSWORD:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else ""


def _inherited(field: Any, key: str) -> Any:
    """An entry of a field or of those above it; None where there is none."""
    for _ in range(20):
        if field is None or (value := field.get(key)) is not None:
            break
        parent = field.get("/Parent")
        field = None if parent is None else parent.get_object()
    else:
        return None
    return None if field is None else value.get_object() if hasattr(value, "get_object") else value


class _Remarks(logging.Handler):
    """Keeps what pypdf would log."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.messages) < 1000:
            self.messages.append(record.getMessage())


@contextmanager
def _remarks() -> Iterator[list[str]]:
    """Messages of pypdf as they come, which do not reach the log."""
    logger = logging.getLogger("pypdf")
    remarks = _Remarks()
    with _quieting:
        level, propagate, handlers = logger.level, logger.propagate, logger.handlers
        logger.setLevel(logging.WARNING)
        logger.propagate, logger.handlers = False, [remarks]
        try:
            yield remarks.messages
        finally:
            logger.setLevel(level)
            logger.propagate, logger.handlers = propagate, handlers


def _valid(text: str) -> str:
    """Valid Unicode: tables of fonts may give lone surrogates, zero characters and ligatures."""
    return text.encode("utf-8", "replace").decode().translate(_LETTERS)


def _reason(error: Exception) -> str:
    first = str(error).strip().splitlines()[:1]
    return f"{type(error).__name__}: {first[0]}" if first else type(error).__name__


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


PDF = Reader("pdf", (".pdf",), _documents, _document)
