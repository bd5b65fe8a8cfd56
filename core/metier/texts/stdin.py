"""Standard input as a file, and the format that its first bytes show."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import weakref
import zipfile
from collections.abc import Sequence
from pathlib import Path

from metier.errors import InputError
from metier.texts.conversions import PACKED, first_bytes
from metier.texts.encodings import encoding_of
from metier.texts.readers.tables import begins_like_a_table

NAME = "stdin"

_GZIP = b"\x1f\x8b"
_SIGNATURES = (
    (b"%PDF-", "pdf"),
    (b"PAR1", "parquet"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0", "xls"),
)
_ZIPPED = (("xl/", "xlsx"), ("word/", "docx"), ("ppt/", "pptx"))
"""The folder in an archive that shows what document of Office it is."""
_PAGE = re.compile(
    r"(?:<\?xml[^>]*>\s*)?(?:<!--.{0,1000}?-->\s*)?<(?:!doctype html|html)\b", re.I | re.S
)
_ARRAY = re.compile(r"\[\s*[{\"\]]")
_OBJECT = re.compile(r"\{\s*[\"}]")


class StandardInput:
    """Standard input, copied to disk because it is read twice; gone with this object.

    Attributes:
        path: of the copy, whose name is `stdin`.
    """

    def __init__(self) -> None:
        try:
            folder = tempfile.mkdtemp(prefix="metier-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self.path = Path(folder) / NAME
            with self.path.open("wb") as copy:
                shutil.copyfileobj(sys.stdin.buffer, copy)
        except OSError as error:
            raise InputError(
                f"Standard input cannot be kept on disk: {error.strerror or error}.",
                why="It is read twice: once to see whether all of it can be used.",
                fix="Make room in the folder for temporary files, or name another with TMPDIR.",
            ) from None
        except AttributeError:  # it is closed, and Python has None for it
            raise InputError(
                "Standard input is closed.", fix="Pipe a text to the command, or give a file."
            ) from None
        if first_bytes(self.path).startswith(_GZIP):
            self.path = self.path.replace(self.path.with_name(NAME + PACKED))

    def format(self, *, text_fields: Sequence[str], encoding: str | None) -> str:
        """The ending of files in the format of the content, such as `csv`; `txt` for plain text.

        Args:
            text_fields: names of columns, one of which a table has.
            encoding: of a text, if the caller knows it.
        """
        beginning = first_bytes(self.path)
        for signature, suffix in _SIGNATURES:
            if beginning.startswith(signature):
                return suffix
        if beginning.startswith(b"PK\x03\x04"):
            return _zipped_format(self.path)
        text = _first_text(self.path, beginning, encoding).lstrip("\ufeff \t\r\n")
        if _PAGE.match(text):
            return "html"
        if _ARRAY.match(text):
            return "json"
        if text.startswith("{"):
            first, *_ = text.split("\n", 1)
            is_spread = _OBJECT.match(text) is not None and not _is_json(first)
            return "json" if is_spread and first.rstrip() in ("{", '{"') else "jsonl"
        return "csv" if begins_like_a_table(text, text_fields) else "txt"


def _first_text(path: Path, beginning: bytes, encoding: str | None) -> str:
    try:
        if path.suffix == PACKED:
            return beginning.decode(encoding or "utf-8", "replace")
        return beginning.decode(encoding_of(path, encoding).name, "replace")
    except (InputError, UnicodeError):  # told by its reader
        return beginning.decode("latin-1")


def _zipped_format(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return "xlsx"  # its reader says what is wrong with it
    formats = (
        suffix for folder, suffix in _ZIPPED if any(name.startswith(folder) for name in names)
    )
    return next(formats, "xlsx")


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
