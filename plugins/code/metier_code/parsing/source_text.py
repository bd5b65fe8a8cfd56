"""The text of a source file, in any usual encoding; of a notebook its code."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path


class UnreadableSource(Exception):
    """A file that no source can be read from; its message is the reason, in a few words."""


_NEWLINE = re.compile(r"\r\n?")
_LINE = re.compile(r"^", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%(?!time|timeit|capture|prun)")
_MAGIC = re.compile(r"^(?=[%!?])", re.MULTILINE)


def is_notebook(path: Path) -> bool:
    """Whether a file is a Jupyter notebook, by its name."""
    return path.suffix.lower() == ".ipynb"


def source_of(path: Path) -> bytes:
    """A source file in UTF-8 with Unix newlines; of a notebook its code cells.

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
        text = code_cells(text)
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


def code_cells(notebook: str) -> str:
    """The code of a notebook, with commands of the shell and of Jupyter as comments.

    Raises:
        UnreadableSource: it is no notebook, or one in another language than Python.
    """
    try:
        content = json.loads(notebook)
        kernel = content.get("metadata", {}).get("language_info", {}).get("name", "python")
        sources = [
            "".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnreadableSource("is no notebook") from None
    if not str(kernel).lower().startswith(("python", "ipython")):
        raise UnreadableSource(f"a notebook in {kernel}, which is not read")
    code = [_LINE.sub("#", cell) if _CELL_MAGIC.match(cell) else cell for cell in sources]
    return _MAGIC.sub("#", "\n\n".join(code))
