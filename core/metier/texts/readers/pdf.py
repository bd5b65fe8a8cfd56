"""PDF: the text of all pages as one document, with the offset of each page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from metier.errors import InputError, MetierError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.reader import CONVERTED_FROM, PAGE_STARTS, Reader, Row, too_long

_BREAK = "\n\n"
"""Between two pages."""

_quieting = threading.RLock()
"""Held while the log messages of pypdf are silenced."""


def _document(path: Path) -> Row:
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            raise InputError(
                f"{path.name} is not a PDF.",
                why="It does not begin as every PDF does: it is another kind of file, or its first "
                "part is lost.",
                fix="Download or export it again.",
            )
    pages = _pages(path)
    text = _BREAK.join(pages)
    if not text.strip():
        raise InputError(
            f"{path.name} holds no text on its {len(pages)} pages.",
            why="It is a scan: pictures of pages.",
            fix="Run it through text recognition first: ocrmypdf FILE NEW_FILE",
        )
    starts, start = [], 0
    for page in pages:
        starts.append(start)
        start += len(page) + len(_BREAK)
    return {"id": path.name, "text": text, CONVERTED_FROM: "pdf", PAGE_STARTS: starts}


def _pages(path: Path) -> list[str]:
    """The text of each page, blank ones too."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, FileNotDecryptedError
    except ImportError:
        raise MissingExtraError("Reading .pdf files", "documents", "pypdf") from None
    pages: list[str] = []
    length = 0
    try:
        with _without_remarks(), PdfReader(path) as reader:
            for page in reader.pages:
                pages.append(_valid(page.extract_text()))
                length += len(pages[-1]) + len(_BREAK)
                if length > MAX_DOCUMENT_CHARACTERS:
                    raise too_long(path.name, f"over {length:,} characters")
    except (MetierError, OSError):
        raise
    except FileNotDecryptedError:
        raise InputError(
            f"{path.name} is protected: it cannot be read without its password.",
            fix="Save a copy without a password.",
        ) from None
    except DependencyError:
        raise MissingExtraError(
            "Reading .pdf files with restrictions", "documents", "cryptography"
        ) from None
    except Exception as error:
        # pypdf raises any exception for a broken file; only its code runs in this block
        raise InputError(
            f"{path.name} is not a readable PDF (page {len(pages) + 1}: {_reason(error)}).",
            why="The file is damaged, or was not written to its end.",
            fix="Download or export it again; a viewer that opens it can print it to a new PDF.",
        ) from None
    return pages


@contextmanager
def _without_remarks() -> Iterator[None]:
    logger = logging.getLogger("pypdf")
    with _quieting:
        before = logger.level
        logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logger.setLevel(before)


def _valid(text: str) -> str:
    """Valid Unicode: tables of fonts may give lone surrogates and zero characters."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _reason(error: Exception) -> str:
    first = str(error).strip().splitlines()[:1]
    return f"{type(error).__name__}: {first[0]}" if first else type(error).__name__


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


PDF = Reader("pdf", (".pdf",), _documents, _document)
