"""The text of a source file, in any usual encoding; of a notebook that of its cells."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from metier_code.parsing.notebooks import NotebookError, notebook_text


class UnreadableSource(Exception):
    """A file that no source can be read from; its message is the reason, in a few words."""


_NEWLINE = re.compile(r"\r\n?")


def is_notebook(path: Path) -> bool:
    """Whether a file is a Jupyter notebook, by its name."""
    return path.suffix.lower() == ".ipynb"


def source_of(path: Path) -> bytes:
    """A source file in UTF-8 with Unix newlines; of a notebook the text of its cells.

    Raises:
        UnreadableSource: it cannot be opened, or is not text.
    """
    try:
        text = decode_source(path.read_bytes())
    except UnicodeDecodeError:
        raise UnreadableSource("is not text") from None
    except OSError as error:
        raise UnreadableSource(error.strerror or "cannot be opened") from error
    if is_notebook(path):
        try:
            text = notebook_text(text)
        except NotebookError as error:
            raise UnreadableSource(str(error)) from None
    return _NEWLINE.sub("\n", text).encode()


def decode_source(raw: bytes) -> str:
    """The text of a source: UTF-8 or UTF-16 by its mark, else Windows-1252, else Latin-1.

    Raises:
        UnicodeDecodeError: it has a mark of UTF-16 and is none.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
