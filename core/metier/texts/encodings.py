"""The encoding of text files: as the caller says, by their first bytes, or recognized."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from metier.errors import ErrorPosition, InputError, UnknownNameError, warn_caller
from metier.texts.languages import ENCODINGS, word_evidence

UTF8 = "utf-8"
_UTF8 = (UTF8, "utf-8-sig")
_BLOCK = 1 << 20
_BEGINNING = 8192
_MOST_SAMPLED = 16_000
_LEAST_ZEROS = 0.3
"""Share of zero bytes at every other byte of UTF-16, where much of a text is ASCII."""
_LIKE_THE_BEST = 0.1
"""Messiness up to which an encoding may still be the one, beyond that of the best."""
_MESSIEST = 0.6
_ENOUGH_WORDS = 2
_TIMES_MORE = 2

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
KNOWN = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "cp1250"),
    *("cp1251", "cp1253", "cp1254", "koi8-r", "mac-roman", "cp850", "shift_jis", "euc-jp"),
    *("gb18030", "gbk", "big5", "euc-kr"),
)


_NOT_OF_FILES = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "charmap")
"""Codecs of names in the internet and of source code, in which no file is written."""

_WITH_MARK = ("utf-16", "utf-32")
"""Encodings that leave the order of bytes to the byte order mark."""


def require_encoding(name: str) -> str:
    """The name Python has for an encoding of texts.

    Raises:
        UnknownNameError: there is none of that name.
    """
    try:
        codec = codecs.lookup(name)
        "".encode(name)  # base64 and the like are codecs, and encode no text
    except (LookupError, ValueError, TypeError):
        raise UnknownNameError("encoding", name, KNOWN) from None
    if codec.name.replace("-", "_") in _NOT_OF_FILES:
        raise UnknownNameError("encoding", name, KNOWN)
    return codec.name


class FileEncoding(NamedTuple):
    """The encoding of a file.

    Attributes:
        name: as Python has it.
        by: what says so.
    """

    name: str
    by: Literal["mark", "caller", "bytes"]


@dataclass(slots=True)
class Encodings:
    """The encodings of the text files of one input; each is looked for once.

    Attributes:
        given: by the caller, for files that do not begin with a byte order mark; None to
            recognize it.
    """

    given: str | None = None
    _known: dict[Path, FileEncoding] = field(default_factory=dict)
    _warned: set[Path] = field(default_factory=set)

    @contextmanager
    def in_utf8(self, path: Path, source: Path | None = None) -> Iterator[Path]:
        """A text file as it is, or a temporary one of its name that holds it in UTF-8.

        Args:
            path: of the file.
            source: of which it is a copy, if it is one.

        Raises:
            InputError: it is not written in the given encoding, or in none that is recognized.
        """
        key = source or path
        encoding = self._known.get(key)
        if encoding is None:
            encoding = self._known[key] = encoding_of(path, self.given)
        if encoding.name in _UTF8:
            if encoding.by == "caller":
                _require_utf8(path)
            yield path
            return
        with TemporaryDirectory(prefix="metier-") as folder:
            copy = Path(folder) / path.name
            _write_in_utf8(path, copy, encoding.name)
            yield copy

    def warn(self) -> None:
        """Warn once of each file that is read in another encoding than the usual or given one.

        Warns:
            MetierWarning: there are some.
        """
        files: dict[FileEncoding, list[str]] = {}
        for path, encoding in self._known.items():
            unusual = encoding.by == "bytes" or (
                encoding.by == "mark" and encoding.name != self.given
            )
            if unusual and (encoding.name != UTF8 and path not in self._warned):
                self._warned.add(path)
                files.setdefault(encoding, []).append(path.name)
        for encoding, names in files.items():
            if encoding.by == "mark" and encoding.name in _UTF8 and self.given in (None, *_UTF8):
                continue
            read = "is read" if len(names) == 1 else "are read"
            shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")
            reason = "as its byte order mark says" if encoding.by == "mark" else "by what it holds"
            more = "" if encoding.by == "mark" else "; if that is wrong, give $encoding"
            warn_caller(
                f"{shown} {read} as {encoding.name}, {reason}{more}", parameters={"encoding": ...}
            )


def encoding_of(path: Path, named: str | None = None) -> FileEncoding:
    """The encoding of a text file.

    A byte order mark says it; else the caller; else it is UTF-8 if all of it is. Anything else is
    recognized by how messy it reads (charset-normalizer) and by letters and frequent words
    (`metier.texts.languages`), if only one reading is likely.

    Args:
        path: of the file.
        named: by the caller.

    Raises:
        InputError: several encodings are likely, or none is.
    """
    with path.open("rb") as raw:
        beginning = raw.read(_BEGINNING)
        mark = next((encoding for mark, encoding in _MARKS if beginning.startswith(mark)), None)
        if mark is not None:
            return FileEncoding(mark, "mark")
        if named is not None:
            if named == "utf-16":  # of a file without a mark, which Python does not decode
                named = _wide_encoding(beginning + raw.read(_MOST_SAMPLED)) or named
            return FileEncoding(named, "caller")
        if beginning.startswith(b"%PDF-"):
            return FileEncoding(UTF8, "bytes")  # its reader refuses it
        if b"\0" in beginning:
            is_even = path.stat().st_size % 2 == 0
            wide = _wide_encoding(beginning + raw.read(_MOST_SAMPLED)) if is_even else None
            return FileEncoding(wide or UTF8, "bytes")
        if b"\x1b$" in beginning:
            return FileEncoding("iso2022_jp", "bytes")
        raw.seek(0)
        byte_and_line = first_fault(raw)
        if byte_and_line is None:
            return FileEncoding(UTF8, "bytes")
        sample = _sample(raw)
    likely = {} if _is_damaged_utf8(sample) else _likely_encodings(sample)
    if len(likely) == 1:
        return FileEncoding(next(iter(likely)), "bytes")
    raise _not_recognized(path.name, *byte_and_line, likely)


def recognized_encoding(raw: bytes) -> str | None:
    """The encoding of a text that is not UTF-8, by its letters and frequent words.

    Returns:
        `utf-8` if most of what is no ASCII is UTF-8; None if several encodings are likely, or none.
    """
    sample = _sample(BytesIO(raw))
    likely = {UTF8: ""} if _is_damaged_utf8(sample) else _likely_encodings(sample)
    return next(iter(likely)) if len(likely) == 1 else None


def first_fault(raw: BufferedReader) -> tuple[int, int] | None:
    """The position of the first byte that is no part of UTF-8, and its line, counted from 1.

    Args:
        raw: at its beginning.

    Returns:
        None if all of it is UTF-8.
    """
    decoder = codecs.getincrementaldecoder(UTF8)()
    begun, line = 0, 1
    block = b"?"
    while block:
        block = raw.read(_BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            held = len(error.object) - len(block)  # of a character that the block before began
            line += error.object.count(b"\n", 0, error.start)
            return begun - held + error.start, line
        begun += len(block)
        line += block.count(b"\n")
    return None


def _sample(raw: BufferedReader | BytesIO) -> bytes:
    """Lines of a file that hold more than ASCII."""
    raw.seek(0)
    sample = bytearray()
    while len(sample) < _MOST_SAMPLED and (line := raw.readline(_MOST_SAMPLED)):
        if not line.isascii():
            sample += line
    return bytes(sample[:_MOST_SAMPLED])


def _is_damaged_utf8(sample: bytes) -> bool:
    """Whether most of what is no ASCII is UTF-8."""
    text = sample.decode(UTF8, "replace")
    faults = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - faults >= faults


def _wide_encoding(sample: bytes) -> str | None:
    """Which UTF-16 a file with zero bytes is; None if it is no text."""
    likely: dict[str, int] = {}
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample)
        except UnicodeDecodeError:
            continue
        if not all(character.isprintable() or character.isspace() for character in text):
            continue
        zeros = sample[high::2].count(0) / max(1, len(text))
        words = _most_words(text)
        if zeros >= _LEAST_ZEROS or words >= _ENOUGH_WORDS:
            likely[encoding] = words + round(100 * zeros)
    return max(likely, key=likely.__getitem__, default=None)


def _most_words(text: str) -> int:
    return max(word_evidence(encoding, text) or 0 for encoding in ENCODINGS)


def _likely_encodings(sample: bytes) -> dict[str, str]:
    """The encodings in which a sample may have been written, each with what it says in it.

    Args:
        sample: not UTF-8.

    Returns:
        One if it is certain; several, or none, if it is not.
    """
    from charset_normalizer import from_bytes  # here: nearly all files are UTF-8

    matches = list(from_bytes(sample, cp_isolation=list(ENCODINGS), threshold=_MESSIEST))
    least = min((match.chaos for match in matches), default=0.0)
    texts = {  # of encodings that give the same text the most usual one
        min((match.encoding, *match.could_be_from_charset), key=_rank): str(match)
        for match in matches
        if match.chaos <= least + _LIKE_THE_BEST
    }
    words = {
        encoding: count
        for encoding, text in sorted(texts.items(), key=lambda pair: _rank(pair[0]))
        if (count := word_evidence(encoding, text)) is not None
    }
    best, *others = sorted(words, key=words.__getitem__, reverse=True) or [""]
    if best and (
        not others or words[best] >= max(_ENOUGH_WORDS, _TIMES_MORE * words[others[0]] + 1)
    ):
        return {best: ""}
    likely = words or dict.fromkeys(texts, 0)
    shown = {encoding: _first_words(texts[encoding]) for encoding in likely}
    return shown if len(shown) != 1 else {**shown, "": ""}


def _rank(encoding: str) -> int:
    return ENCODINGS.index(encoding) if encoding in ENCODINGS else len(ENCODINGS)


def _first_words(text: str) -> str:
    """The first word that is not ASCII, as it reads in an encoding."""
    words = text.replace(",", " ").replace(";", " ").split()
    return next((word for word in words if not word.isascii()), "")[:20]


def _not_recognized(name: str, byte: int, line: int, likely: dict[str, str]) -> InputError:
    """The error for a file in an encoding that nobody has named."""
    shown = [f"{encoding} ({word})" for encoding, word in likely.items() if encoding]
    why = "It was saved in another encoding, is damaged, or is not a text file at all."
    if shown:
        why = f"It was saved in another encoding, perhaps {' or '.join(shown[:4])}."
    return InputError(
        f"{name} is not UTF-8: byte {byte} (line {line}) cannot be decoded.",
        position=ErrorPosition(name, line),
        why=why,
        fix="Name its encoding with $encoding",
        code="wrong-encoding",
        parameters={"encoding": ...},
    )


def _require_utf8(path: Path) -> None:
    with path.open("rb") as raw:
        byte_and_line = first_fault(raw)
    if byte_and_line is not None:
        raise _not_in(path.name, UTF8, *byte_and_line)


def _write_in_utf8(path: Path, copy: Path, encoding: str) -> None:
    """Write a text file in UTF-8, with the byte order mark that readers of pages look for.

    Raises:
        InputError: it is not written in that encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    begun, line = 0, 1
    block = b"?"
    with path.open("rb") as raw, copy.open("w", encoding="utf-8-sig", newline="") as out:
        while block:
            block = raw.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                held = len(error.object) - len(block)
                before = error.object[: error.start].decode(encoding, "replace")
                raise _not_in(
                    path.name, encoding, begun - held + error.start, line + before.count("\n")
                ) from None
            except UnicodeError:  # of codecs that say no position
                raise _without_mark(path.name, encoding) from None
            out.write(text)
            begun += len(block)
            line += text.count("\n")


def _without_mark(name: str, encoding: str) -> InputError:
    orders = [f"{encoding}-le", f"{encoding}-be"] if encoding in _WITH_MARK else [*KNOWN[:2]]
    return InputError(
        f"{name} is not {encoding}: it does not begin with a byte order mark.",
        position=ErrorPosition(name),
        why="The order of its bytes is not known, or it was saved in another encoding.",
        fix=f"Name the encoding with $encoding, such as {' or '.join(orders)}.",
        code="wrong-encoding",
        parameters={"encoding": ...},
    )


def _not_in(name: str, encoding: str, byte: int, line: int) -> InputError:
    return InputError(
        f"{name} is not {encoding}: byte {byte} (line {line}) cannot be decoded.",
        position=ErrorPosition(name, line),
        why="It was saved in another encoding, is damaged, or is not a text file at all.",
        fix=f"Name another encoding with $encoding, such as {', '.join(KNOWN[:2] + KNOWN[5:7])}.",
        code="wrong-encoding",
        parameters={"encoding": ...},
    )
