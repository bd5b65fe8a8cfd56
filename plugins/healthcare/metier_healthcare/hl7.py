"""HL7 version 2 as texts: what the observations of a report say, joined in their order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metier.plugin import ErrorPosition, Fault, InputError, LeftOut, Reader, Row
from metier_healthcare.attachments import BrokenAttachmentError, file_text, from_base64
from metier_healthcare.hl7_messages import (
    BrokenMessage,
    LongSegmentError,
    Message,
    Segment,
    begins_like_hl7,
    messages,
)

_MOMENT = re.compile(
    r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)(\d\d)?(?:\.\d+)?)?([+-]\d{4})?(?:\^\w*)?"
)
_NUMBER = re.compile(r"([<>]=?)?\s*([+-]?\d+(?:\.\d+)?)")
_WORDS = ("TX", "FT", "ST", "", "CE", "CWE", "CNE", "CF", "IS", "ID")
_IN_LINES = ("TX", "FT", "ST", "")
_CODED = ("CE", "CWE", "CNE", "CF")
_NOT_REPORTED = {"D": "deleted", "W": "posted as wrong", "X": "without a result"}
"""OBX-11 of observations that nobody should read."""
_CANCELED = "X"
_FILES = {
    "PDF": "application/pdf",
    "RTF": "text/rtf",
    "HTML": "text/html",
    "HTM": "text/html",
    "XHTML": "application/xhtml+xml",
    "DOCX": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "PLAIN": "text/plain",
    "TXT": "text/plain",
    "TEXT": "text/plain",
    "OCTET-STREAM": "application/octet-stream",
}
"""Media types by the subtype of encapsulated data (table 0291)."""


@dataclass
class _Report:
    """The observations below an OBR or a TXA, or those of a message without one.

    Attributes:
        patient: the PID that it stands under, if there is one.
        visit: the PV1, if there is one.
        head: OBR or TXA.
        parts: texts in their order, each with the name of the observation that it is of.
        measurements: its numbers.
        unread: what was not read, for people.
        dates: of the observations.
        has_words: whether a person wrote some of it in words.
    """

    patient: Segment | None = None
    visit: Segment | None = None
    head: Segment | None = None
    parts: list[tuple[str, str]] = field(default_factory=list)
    measurements: list[dict[str, Any]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    has_words: bool = False

    def text(self) -> str:
        """All parts; texts of several observations stand under the names of these."""
        named = {name for name, _ in self.parts if name}
        lines: list[str] = []
        before = ""
        for name, text in self.parts:
            if name and name != before and len(named) > 1:
                lines += [*([""] if lines else []), f"{name.rstrip(':')}:"]
            lines.append(text)
            before = name
        return "\n".join(lines).strip()


def _reports(message: Message) -> list[_Report]:
    """The reports of a message, in order."""
    patient = visit = None
    reports = [_Report()]
    for segment in message.segments[1:]:
        if segment.name == "PID":
            patient, visit = segment, None
            reports.append(_Report(patient))
        elif segment.name == "PV1":
            visit = reports[-1].visit = segment
        elif segment.name in ("OBR", "TXA"):
            reports.append(_Report(patient, visit, segment))
        elif segment.name == "OBX":
            _add_observation(reports[-1], segment)
        elif segment.name == "NTE":
            text = _lines_of(segment, 3)
            if text:
                reports[-1].parts.append(("", text))
                reports[-1].has_words = True
    return reports


def _add_observation(report: _Report, segment: Segment) -> None:
    kind = segment.component(2, 1).upper()
    status = segment.component(11, 1)
    where = f"line {segment.line}"
    if status in _NOT_REPORTED:
        report.unread.append(f"{where}: an observation {_NOT_REPORTED[status]}")
        return
    name = segment.component(3, 2) or segment.component(3, 5) or segment.component(3, 1)
    name = name.removeprefix("&").strip()
    if moment := _moment(segment.raw(14)):
        report.dates.append(moment)
    if kind == "ED":
        _add_file(report, segment, name)
    elif kind == "RP":
        report.unread.append(f"{where}: only an address, and nothing is fetched")
    elif kind in _IN_LINES:
        if text := _lines_of(segment, 5):
            report.parts.append((name, text))
            report.has_words = True
    elif value := _value(segment, kind):
        _add_value(report, segment, kind, name, value)


def _add_value(report: _Report, segment: Segment, kind: str, name: str, value: str) -> None:
    """A number, a code or a date on a line of its own: `Hemoglobin: 9.1 g/dL (L)`."""
    unit = segment.component(6, 1) or segment.component(6, 2)
    flag = segment.component(8, 1)
    number = _NUMBER.fullmatch(value) if kind in ("NM", "SN") else None
    if number is not None:
        measurement: dict[str, Any] = {
            "code": segment.component(3, 1),
            "name": name,
            "value": float(number[2]) if "." in number[2] else int(number[2]),
            "unit": unit,
            "text": f"{value} {unit}".strip(),
            "range": segment.plain(segment.raw(7)),
            "flag": flag,
        }
        report.measurements.append({key: part for key, part in measurement.items() if part != ""})
    report.has_words = report.has_words or kind in _WORDS
    stated = " ".join(filter(None, (value, unit, flag and f"({flag})")))
    report.parts.append(("", f"{name}: {stated}" if name else stated))


def _add_file(report: _Report, segment: Segment, name: str) -> None:
    """The text of encapsulated data.

    Raises:
        BrokenAttachmentError: it is not in the encoding that it states.
    """
    where = f"OBX on line {segment.line}"
    for repetition in segment.repetitions(5):
        parts = repetition.split(segment.delimiters.component)
        parts += [""] * (5 - len(parts))
        # the standard has source, type, subtype, encoding, data
        encoding, data = parts[3].strip().upper(), parts[4].strip()
        if encoding == "BASE64":
            content = from_base64(segment.plain(data), where)
        elif encoding == "HEX":
            try:
                content = bytes.fromhex(data)
            except ValueError:
                raise BrokenAttachmentError(f"the data of {where} is not hexadecimal") from None
        else:
            content = segment.plain(data).encode()
        kind = _FILES.get(parts[2].strip().upper()) or _FILES.get(parts[1].strip().upper(), "")
        if not kind and parts[2].strip():
            kind = f"{parts[1]}/{parts[2]}".lower()
        text, unread = file_text(content, kind, None)
        report.unread += [f"line {segment.line}: {reason}" for reason in unread]
        if text:
            report.parts.append((name, text))
            report.has_words = True


def _lines_of(segment: Segment, number: int) -> str:
    """A text: each repetition is a line, and what looks like a component belongs to it."""
    return "\n".join(map(segment.plain, segment.repetitions(number))).rstrip()


def _value(segment: Segment, kind: str) -> str:
    """A value of another type than text, as people write it."""
    if kind == "SN":  # comparator, number, separator, number
        return "".join(part.strip() for part in segment.components(5))
    if kind in _CODED:
        return segment.component(5, 2) or segment.component(5, 9) or segment.component(5, 1)
    if kind in ("DT", "TS", "DTM"):
        return _moment(segment.raw(5))
    if kind == "NM":
        return segment.component(5, 1)
    return " ".join(part for part in segment.components(5) if part)


def _moment(value: str) -> str:
    """A date or time as ISO 8601 writes it; as it is where it is none."""
    match = _MOMENT.fullmatch(value.strip())
    if match is None:
        return value.strip()
    year, month, day, hour, minute, second, zone = match.groups()
    date = "-".join(filter(None, (year, month, day)))
    if not hour:
        return date
    time = ":".join(filter(None, (hour, minute, second)))
    return f"{date}T{time}{zone[:3] + ':' + zone[3:] if zone else ''}"


def _name_of_person(segment: Segment, number: int) -> str:
    """A person in a field of the type XCN or NDL: family and given name, else the id."""
    first = next(iter(segment.repetitions(number)), "")
    parts = first.split(segment.delimiters.component)
    if segment.delimiters.subcomponent in parts[0]:  # NDL holds a name in its first component
        parts = parts[0].split(segment.delimiters.subcomponent)
    parts = [segment.plain(part.split(segment.delimiters.subcomponent)[0]) for part in parts]
    return ", ".join(part for part in parts[1:3] if part) or parts[0]


def _fields(message: Message, report: _Report) -> dict[str, Any]:
    head, patient, visit = report.head, report.patient, report.visit
    is_report = head is not None and head.name == "OBR"
    is_document = head is not None and head.name == "TXA"
    fields: dict[str, Any] = {"message": message.kind}
    if patient is not None:
        fields["patient"] = patient.component(3, 1) or patient.component(2, 1)
    if visit is not None:
        fields["encounter"] = visit.component(19, 1)
    if head is not None and is_report:
        fields |= {
            "date": _moment(head.raw(7)),
            "author": _name_of_person(head, 32),
            "type": head.component(4, 2) or head.component(4, 5) or head.component(4, 1),
            "type_code": head.component(4, 1),
            "category": head.component(24, 1),
            "status": head.component(25, 1),
            "order": head.component(3, 1) or head.component(2, 1),
        }
    elif head is not None and is_document:
        fields |= {
            "date": _moment(head.raw(4)) or _moment(head.raw(6)),
            "author": _name_of_person(head, 9),
            "type": head.component(2, 2) or head.component(2, 1),
            "type_code": head.component(2, 1),
            "status": head.component(17, 1),
            "order": head.component(12, 1),
        }
    fields["date"] = fields.get("date") or next(iter(report.dates), "")
    fields["measurements"] = report.measurements
    return {name: value for name, value in fields.items() if value}


def _rows(message: Message, name: str, without_text: Counter[str]) -> Iterator[Row | LeftOut]:
    """The rows of a message: one for each report in it that has words or several numbers."""
    rows: list[dict[str, Any]] = []
    reports = _reports(message)
    control = message.header.component(10, 1) or f"{name}:{message.header.line}"
    for report in reports:
        line = report.head.line if report.head is not None else message.header.line
        if report.head is not None and report.head.component(25, 1) == _CANCELED:
            yield LeftOut(f"line {line}", "canceled")
            continue
        text = report.text()
        if not text or not (report.has_words or len(report.measurements) > 1):
            if report.unread:
                yield LeftOut(f"line {line}", "; ".join(report.unread))
            elif report.head is not None:
                without_text[message.kind] += 1
            continue
        row = {"text": text, **_fields(message, report), "converted_from": "hl7"}
        if report.unread:
            row["unread"] = report.unread
        rows.append(row)
    if not rows and all(report.head is None for report in reports):
        without_text[message.kind] += 1
    for number, row in enumerate(rows, start=1):
        yield {"id": control if len(rows) == 1 else f"{control}-{number}", **row}


def _file_rows(path: Path) -> Iterator[Row | Fault | LeftOut]:
    without_text: Counter[str] = Counter()
    with path.open("rb") as raw:
        beginning = raw.read(4096)
        if not begins_like_hl7(beginning):
            raise InputError(
                f"{path.name} is not HL7 version 2: it does not begin with MSH, FHS or BHS.",
                why="It is XML, FHIR or another format."
                if beginning.lstrip()[:1] in b"<{"
                else None,
                fix="Export it with the delimiters | and ^, or let its name say its format.",
            )
        raw.seek(0)
        try:
            for message in messages(raw):
                yield from _message_rows(message, path.name, without_text)
        except LongSegmentError as error:
            yield _fault(path.name, error.line, str(error))
    if without_text:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(without_text.items()))
        yield LeftOut("", f"without a text: {counts}")


def _message_rows(
    message: Message | BrokenMessage, name: str, without_text: Counter[str]
) -> Iterator[Row | Fault | LeftOut]:
    if isinstance(message, BrokenMessage):
        yield _fault(name, message.line, message.problem)
        return
    try:
        yield from list(_rows(message, name, without_text))
    except BrokenAttachmentError as error:
        yield _fault(name, message.header.line, str(error))


def _fault(name: str, line: int, problem: str) -> Fault:
    return Fault(
        f"line {line}",
        InputError(
            f"$position: {problem}.",
            position=ErrorPosition(name, line),
            fix="Correct the message, export it again, or leave it out with $skip_invalid.",
            parameters={"skip_invalid": ...},
        ),
    )


HL7 = Reader("hl7", (".hl7",), _file_rows, text="marked")
HL7_TEXT = Reader("hl7-text", (".txt",), _file_rows, text="marked", recognizes=begins_like_hl7)
