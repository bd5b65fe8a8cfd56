"""A report as lines: without colors and quotation, and of bounded length."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator

LARGEST = 2_000_000
"""Characters of a report that are read; of a longer one half at its beginning, half at its end."""
LONGEST_LINE = 600
"""Characters of a line that is looked at; lines of traces are shorter."""

_COLORS = re.compile(
    r"\x1b\[[0-9;:?]{0,30}[@-~]|\x1b\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)|\x1b[@-_]"
)
_ESCAPED_NEWLINE = re.compile(r"\\r?\\n|\\n")
_IN_TRACE = re.compile(r"\\n(?:\\t|\s)*+(?:at |File |from |#\d|Caused by|Traceback)")
_ENTITY = re.compile(r"&(?:quot|lt|gt|amp|#39|#x27);")
_OTHER_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")


def decode_report(raw: bytes) -> str:
    """The text of a file: UTF-16 by its mark, else UTF-8, else the encoding of Windows.

    Bytes that the encoding has no letter for are replaced.

    Raises:
        UnicodeDecodeError: it holds zero bytes, as no text does.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    if (zero := raw.find(b"\0")) >= 0:
        raise UnicodeDecodeError("utf-8", raw[zero : zero + 1], 0, 1, "a zero byte")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def shortened_report(report: str) -> str:
    """A report of at most `LARGEST` characters: of a longer one its beginning and its end."""
    if len(report) <= LARGEST:
        return report
    half = LARGEST // 2
    return f"{report[:half]}\n{report[-half:]}"


def plain_report(report: str) -> str:
    """A report without the codes of terminals, HTML entities and escaped newlines of JSON logs."""
    text = shortened_report(report)
    text = _COLORS.sub("", text) if "\x1b" in text else text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _ENTITY.search(text):
        text = html.unescape(text)
    return _OTHER_CONTROLS.sub("", text)


def report_lines(plain: str) -> Iterator[str]:
    """The lines of a plain report; a line of JSON that holds a whole trace becomes several."""
    for line in plain.split("\n"):
        if "\\n" in line and _IN_TRACE.search(line):
            for part in _ESCAPED_NEWLINE.split(line):
                yield part.replace("\\t", "\t").replace('\\"', '"')[:LONGEST_LINE]
        else:
            yield line[:LONGEST_LINE]
