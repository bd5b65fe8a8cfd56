"""Messages of HL7 version 2: segments, fields, escapes and encodings, with their lines.

Chapter 2 of the standard, versions 2.1 to 2.9 (https://www.hl7.org). This is a parser of its own
since messages need their lines, the encoding that each names, and to go on after a broken one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import NamedTuple

_BLOCK = 1 << 20
_LONGEST_SEGMENT = 160_000_000
_ENDS = re.compile(rb"\r\n|[\r\n\x0b\x1c]")
"""Ends of segments, and the bytes around a message of MLLP."""
_HEADER = re.compile(r"(?:MSH|FHS|BHS)([^\w\s])([^\w\s]{1,5})(?:\1|$)")
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_BATCH = ("FHS", "BHS", "BTS", "FTS")

_LINE_ESCAPES = ("br", "sp", "ce")
_TABLE_0211 = {
    "8859/1": "cp1252",  # of which its printable characters are a part
    **{f"8859/{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)},
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "ISO IR14": "shift_jis",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
}
"""Python's names of the encodings of MSH-18."""
_BY_CONTENT = ("", "ASCII")
"""What many senders state whatever they write."""


class Delimiters(NamedTuple):
    """The characters that set the parts of a message apart, as its header names them."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a message.

    Attributes:
        name: of three letters (`OBX`).
        fields: as they are written; the first is the name, so that `fields[5]` is OBX-5.
        line: in the file, counted from 1.
        delimiters: of the message.
        encoding: of the message, for characters that are written as bytes.
    """

    name: str
    fields: list[str]
    line: int
    delimiters: Delimiters
    encoding: str

    def raw(self, number: int) -> str:
        """A field as it is written; empty where it is missing or explicitly null (`\"\"`)."""
        value = self.fields[number] if number < len(self.fields) else ""
        return "" if value == '""' else value

    def repetitions(self, number: int) -> list[str]:
        """The repetitions of a field as they are written."""
        value = self.raw(number)
        return value.split(self.delimiters.repetition) if value else []

    def components(self, number: int) -> list[str]:
        """The components of the first repetition of a field, without escapes."""
        first = next(iter(self.repetitions(number)), "")
        return [self.plain(part) for part in first.split(self.delimiters.component)]

    def component(self, field: int, number: int) -> str:
        """A component, counted from 1; its first subcomponent; empty where it is missing."""
        first = next(iter(self.repetitions(field)), "")
        parts = first.split(self.delimiters.component)
        part = parts[number - 1] if number <= len(parts) else ""
        return self.plain(part.split(self.delimiters.subcomponent)[0]).strip()

    def plain(self, text: str) -> str:
        """A text without escapes: `\\.br\\` is a line end, `\\T\\` is `&`."""
        marks = self.delimiters
        if not marks.escape or marks.escape not in text:
            return text
        escape = re.escape(marks.escape)
        pattern = (
            rf"{escape}(?:([FSRETPHN])|\.([a-z]{{2}})([+-]?\d*)|X([0-9A-Fa-f]+)|[CMZ]\w*){escape}"
        )
        return re.sub(pattern, self._replacement, text)

    def _replacement(self, match: re.Match[str]) -> str:
        letter, command, count, digits = match.groups()
        marks = self.delimiters
        if letter:
            characters = {
                "F": marks.field,
                "S": marks.component,
                "R": marks.repetition,
                "E": marks.escape,
                "T": marks.subcomponent,
                "P": "#",
            }
            return characters.get(letter, "")  # H and N begin and end what is highlighted
        if command in _LINE_ESCAPES:
            return "\n" * min(10, int(count) if count.isdigit() and command == "sp" else 1)
        if command == "sk":
            return " " * min(100, int(count) if count.isdigit() else 1)
        if digits and len(digits) % 2 == 0:
            text = bytes.fromhex(digits).decode(self.encoding, "replace")
            return text.replace("\r\n", "\n").replace("\r", "\n")
        return ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its segments in order, the first is MSH."""

    segments: list[Segment]

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    @property
    def kind(self) -> str:
        """Type and event: `ORU^R01`."""
        header = self.header
        return "^".join(filter(None, (header.component(9, 1), header.component(9, 2))))


class LongSegmentError(ValueError):
    """A segment that is longer than any can be; what follows it is not read.

    Attributes:
        line: that it begins on.
    """

    def __init__(self, line: int) -> None:
        super().__init__(f"a segment of more than {_LONGEST_SEGMENT:,} bytes")
        self.line = line


class BrokenMessage(NamedTuple):
    """A message that cannot be read.

    Attributes:
        line: where it is broken.
        problem: what is wrong, without words of the message.
    """

    line: int
    problem: str


def begins_like_hl7(beginning: bytes) -> bool:
    """Whether a file begins with the header of a message, or of a file or batch of them."""
    start = beginning.removeprefix(codecs.BOM_UTF8).lstrip(b"\x0b\r\n\t ")[:20]
    return _HEADER.match(start.decode("latin-1")) is not None


def messages(raw: BufferedReader) -> Iterator[Message | BrokenMessage]:
    """The messages of a file, of which one is in memory at a time.

    Ends of segments may be those of any system, and messages may be in batches or as MLLP sends
    them. A line that is no segment goes on with the text of the segment before. A batch that does
    not have as many messages as its trailer states is a broken one.

    Args:
        raw: at its beginning.

    Raises:
        LongSegmentError: a segment is too long to be read.
    """
    in_utf8 = raw.peek(3).startswith(codecs.BOM_UTF8)
    lines: list[tuple[int, bytes]] = []
    in_batch = 0
    for number, line in _lines(raw):
        name = line[:3].decode("latin-1")
        if name == "MSH" or name in _BATCH:
            if lines:
                yield _message(lines, in_utf8)
            lines = []
        if name == "MSH":
            in_batch += 1
            lines = [(number, line)]
        elif name == "BHS":
            in_batch = 0
        elif name == "BTS":
            stated = re.match(r"BTS\W\s*(\d+)", line.decode("latin-1"))
            if stated and int(stated[1]) != in_batch:
                yield BrokenMessage(
                    number, f"the batch states {stated[1]} messages, and has {in_batch}"
                )
        elif lines:
            lines.append((number, line))
        elif name not in _BATCH:
            yield BrokenMessage(number, "a line before the header of a message")
    if lines:
        yield _message(lines, in_utf8)


def _lines(raw: BufferedReader) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers."""
    number, rest = 1, b""
    while True:
        block = raw.read(_BLOCK)
        data = rest + block
        start = 0
        for end in _ENDS.finditer(data):
            if end.end() == len(data) and block:
                break  # a line feed may follow in the next block
            line = data[start : end.start()].removeprefix(codecs.BOM_UTF8)
            start = end.end()
            if line.strip():
                yield number, line
            number += end.group() not in (b"\x0b", b"\x1c")
        rest = data[start:]
        if not block:
            break
        if len(rest) > _LONGEST_SEGMENT:
            raise LongSegmentError(number)
    if rest.strip():
        yield number, rest


def _message(lines: list[tuple[int, bytes]], in_utf8: bool) -> Message | BrokenMessage:
    line, header = lines[0]
    match = _HEADER.match(header.decode("latin-1"))
    if match is None:
        return BrokenMessage(line, "MSH-2 does not name the characters that set parts apart")
    delimiters = Delimiters(match[1], *match[2][:4])
    stated = header.decode("latin-1").split(delimiters.field)
    charset = stated[17].split(delimiters.repetition)[0].strip() if len(stated) > 17 else ""
    encoding = "utf-8" if in_utf8 else _encoding(charset)
    if encoding is None:
        return BrokenMessage(line, f"the encoding {charset[:20]!r} of MSH-18 is not known")
    if not encoding:
        encoding = "utf-8" if _is_utf8(lines) else "cp1252"
    segments: list[Segment] = []
    for number, raw in lines:
        try:
            text = _decoded(raw, encoding)
        except (UnicodeError, LookupError):  # some codecs are of no text
            return BrokenMessage(number, f"not written in {encoding}, which MSH-18 states")
        fields = text.split(delimiters.field)
        if len(fields) > 1 and _SEGMENT.fullmatch(fields[0]):
            if fields[0] == "MSH":
                fields.insert(1, delimiters.field)
            segments.append(Segment(fields[0], fields, number, delimiters, encoding))
        elif segments[-1].name in ("OBX", "NTE"):
            _go_on(segments[-1], text)
        elif not _SEGMENT.fullmatch(text.strip()):
            return BrokenMessage(number, "no segment: it does not begin with three letters")
    return Message(segments)


def _go_on(segment: Segment, line: str) -> None:
    """Add a line to the text of a segment, within which somebody broke it."""
    position = 5 if segment.name == "OBX" else 3
    fields = segment.fields
    if len(fields) > position + 1:
        fields[position] += f"\n{line}"
        return
    fields += [""] * (position + 1 - len(fields))
    text, *others = line.split(segment.delimiters.field)
    fields[position] += f"\n{text}"
    fields += others


def _encoding(charset: str) -> str | None:
    """Python's name of an encoding of MSH-18; empty to look at the content, None if unknown."""
    if charset.upper() in _BY_CONTENT:
        return ""
    known = _TABLE_0211.get(charset.upper())
    if known is not None:
        return known
    try:
        return codecs.lookup(charset.removeprefix("UNICODE ")).name
    except LookupError:
        return None


def _is_utf8(lines: list[tuple[int, bytes]]) -> bool:
    try:
        for _, line in lines:
            line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "cp1252":  # five of its bytes stand for nothing
            return raw.decode("latin-1")
        raise
