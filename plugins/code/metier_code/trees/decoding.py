"""Bytes of a source to its text, in the encoding that it declares or one that is recognized."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from metier.plugin import UsageError, recognized_encoding, require_encoding

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARATION = re.compile(
    rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"  # PEP 263, Ruby, and editors
    rb"|-\*-.*?coding:[ \t]*([-\w.]+).*?-\*-"  # Emacs, in any comment
    rb"|\bvim?:.*?\bf(?:ile)?enc(?:oding)?=([-\w.]+)"
)
_NEWLINE = re.compile(r"\r\n?")
_NEWLINES_OF_EMACS = re.compile(r"-(unix|dos|mac)$")
_DECLARING_LINES = 2
_BEGINNING = 8192
_LEAST_WIDE = 8
_LEAST_ZEROS = 0.5
"""Share of zero bytes at every other byte of UTF-16, where much of a source is ASCII."""
_CONTROLS = bytes([*range(8), 11, *range(14, 27), *range(28, 32), 127])
_MOST_CONTROLS = 0.02
"""Share of control characters from which bytes are no text."""


class NoTextError(Exception):
    """Bytes that are no text."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of a source.

    Attributes:
        text: as it stands in the file, without a byte order mark. Lines end at `\\n`, `\\r\\n` and
            `\\r`, as in editors, and nowhere else.
        encoding: as Python names it.
        guessed: what people should know of the encoding if the source does not declare it, or
            wrongly: `read as cp1252, which is a guess`. Empty if it is certain.
        language: its language, by its name in `languages.yaml`: names and texts tell it.
    """

    text: str
    encoding: str
    guessed: str = ""
    language: str = ""

    @property
    def normalized(self) -> str:
        """The text with Unix newlines, which offsets of definitions count in."""
        return _NEWLINE.sub("\n", self.text)


def decode_source(raw: bytes) -> SourceText:
    """The text of a source, whatever it is written in.

    A byte order mark says the encoding; then a comment in the first two lines, as PEP 263, Ruby,
    Emacs and Vim have them; then it is UTF-8 if all of it is. Else it is recognized by zero bytes
    (UTF-16) or by letters and frequent words, and then taken for Windows-1252.

    Raises:
        NoTextError: it holds zero bytes or many control characters.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return SourceText(_text(raw.decode(encoding)), encoding)
            except UnicodeDecodeError:
                raise NoTextError from None
    if b"\0" in raw:
        return _wide(raw)
    declared = _declared_encoding(raw)
    for likely in (declared, "utf-8"):
        if likely:
            try:
                return SourceText(raw.decode(likely), likely)
            except UnicodeError:
                continue
    return _guessed(raw, declared)


def _declared_encoding(raw: bytes) -> str | None:
    """The encoding that a comment names, if there is one of that name."""
    for line in re.split(rb"\r\n?|\n", raw[:_BEGINNING], maxsplit=_DECLARING_LINES)[:2]:
        match = _DECLARATION.search(line)
        if match is not None:
            name = next(filter(None, match.groups())).decode("ascii", "replace").lower()
            try:
                return require_encoding(_NEWLINES_OF_EMACS.sub("", name))
            except UsageError:
                return None
    return None


def _wide(raw: bytes) -> SourceText:
    """UTF-16 without a mark.

    Raises:
        NoTextError: it is none.
    """
    sample = raw[:_BEGINNING]
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros, others = sample[high::2].count(0), sample[1 - high :: 2].count(0)
        is_wide = zeros >= _LEAST_ZEROS * len(sample) / 2 and not others
        if is_wide and len(sample) >= _LEAST_WIDE:
            try:
                text = _text(raw.decode(encoding))
            except UnicodeDecodeError:
                break
            return SourceText(text, encoding, f"read as {encoding}, which is a guess")
    raise NoTextError


def _guessed(raw: bytes, declared: str | None) -> SourceText:
    """Text in an encoding that nothing says.

    Raises:
        NoTextError: it holds many control characters.
    """
    if len(raw) - len(raw.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(raw):
        raise NoTextError
    wrong = f", though it declares {declared}" if declared else ""
    recognized = recognized_encoding(raw)
    if recognized == "utf-8":  # but for some bytes
        text = raw.decode("utf-8", "replace")
        faults = text.count("\N{REPLACEMENT CHARACTER}")
        bytes_of = "byte is" if faults == 1 else "bytes are"
        return SourceText(text, "utf-8", f"read as utf-8, of which {faults} {bytes_of} not{wrong}")
    for encoding in (recognized, "cp1252", "latin-1"):
        if encoding:
            try:
                text = raw.decode(encoding)
            except UnicodeError:
                continue
            return SourceText(text, encoding, f"read as {encoding}, which is a guess{wrong}")
    raise NoTextError


def _text(text: str) -> str:
    """A decoded text.

    Raises:
        NoTextError: it holds zero bytes.
    """
    if "\0" in text:
        raise NoTextError
    return text
