"""FHIR as exports have it: NDJSON, Bundles and single resources, of R4 and R5."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

from metier.plugin import (
    ErrorPosition,
    Fault,
    InputError,
    LeftOut,
    Reader,
    Row,
    decode,
    read_document_bytes,
)
from metier_healthcare.attachments import BrokenAttachmentError
from metier_healthcare.fhir_elements import (
    Element,
    MalformedElementError,
    objects_in,
)
from metier_healthcare.fhir_kinds import RESOURCE_KINDS
from metier_healthcare.fhir_texts import is_entered_in_error, resource_fields, resource_text

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\]]', re.DOTALL)
_VALUE = re.compile(r'\s*:\s*"([A-Z][A-Za-z]{2,60})"')
_KIND = re.compile(r"[A-Z][A-Za-z]{2,60}")
_LONGEST_LINE = 160_000_000
"""Bytes of a resource in a file of one a line: a document of 80 MB is longer in base64."""
_DEEPEST_BUNDLE = 5


def begins_like_fhir(beginning: bytes) -> bool:
    """Whether a file of JSON begins with a resource: an object that names its `resourceType`.

    It may be the only one, the first of a list or the first of one a line.
    """
    try:
        text = beginning.decode(json.detect_encoding(beginning), "ignore").lstrip("\ufeff \t\r\n")
    except (UnicodeError, LookupError):
        return False
    if not text.startswith(("{", "[")):
        return False
    top = 2 if text.startswith("[") else 1
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in ("{", "["):
            depth += 1
        elif mark in ("}", "]"):
            depth -= 1
            if depth < top:
                return False  # the first object ends, and has no type
        elif depth == top and token[1] == "resourceType":
            kind = _VALUE.match(text, token.end())
            return kind is not None and kind[1] in RESOURCE_KINDS
    return False


def resource_rows(resources: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """The rows of FHIR resources in memory: texts with fields, for any workflow or index.

    Resources without words and those entered in error give none.

    Args:
        resources: as JSON has them; of a Bundle each that is in it.

    Raises:
        InputError: one of them is not as FHIR has it.
    """
    rows = _Rows("resources")
    for number, resource in enumerate(resources, start=1):
        for row in rows.of(dict(resource), f"resource {number}", None):
            if isinstance(row, Fault):
                raise row.error
            if not isinstance(row, LeftOut):
                yield row


@dataclass
class _Rows:
    """Makes rows of resources, and counts those without a text.

    Attributes:
        name: of the file, for messages.
    """

    name: str
    _without_text: Counter[str] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)

    def of(
        self, resource: object, location: str, line: int | None, depth: int = 0
    ) -> Iterator[Row | Fault | LeftOut]:
        """The row of a resource, or those of the resources in a Bundle."""
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(resource, dict) or not (isinstance(kind, str) and _KIND.fullmatch(kind)):
            problem = "no resource: it is no object with a resourceType"
            yield self._fault(location, line, problem)
            return
        try:
            if kind == "Bundle":
                yield from self._of_bundle(resource, location, line, depth)
            else:
                yield from self._of_resource(resource, location, line)
        except (MalformedElementError, BrokenAttachmentError) as error:
            yield self._fault(f"{location}, {_identity(resource)}", line, str(error))

    def summary(self) -> Iterator[LeftOut]:
        """How many resources had no text, by their kind."""
        if self._without_text:
            counts = ", ".join(
                f"{count:,} {kind}" for kind, count in sorted(self._without_text.items())
            )
            total = sum(self._without_text.values())
            resources = f"{total:,} resource{'s' * (total > 1)}"
            yield LeftOut("", f"{resources} without words of a person: {counts}")

    def _of_resource(
        self, resource: Element, location: str, line: int | None
    ) -> Iterator[Row | LeftOut]:
        identity = _identity(resource)
        where = f"{location}, {identity}"
        if is_entered_in_error(resource):
            yield LeftOut(where, "entered in error")
            return
        text, unread, title = resource_text(resource)
        if not text and unread:
            yield LeftOut(where, "; ".join(unread))
            return
        if not text:
            self._without_text[resource["resourceType"]] += 1
            return
        row: dict[str, Any] = {
            "id": identity if "/" in identity else f"{self.name}:{location}",
            "text": text,
            **({"title": title} if title else {}),
            **resource_fields(resource),
            "converted_from": "fhir",
        }
        if unread:
            row["unread"] = [f"{where}, {part}" for part in unread]
        yield row

    def _of_bundle(
        self, bundle: Element, location: str, line: int | None, depth: int
    ) -> Iterator[Row | Fault | LeftOut]:
        if depth > _DEEPEST_BUNDLE:
            yield self._fault(location, line, "Bundles in Bundles, too deep")
            return
        entries = bundle.get("entry") or []
        if not isinstance(entries, list):
            raise MalformedElementError("entry", "an array", entries)
        files = _Files(entries)
        newest: set[str] = set()
        for number, entry in enumerate(entries, start=1):
            where = f"{location}, entry {number}".lstrip(", ")
            if not isinstance(entry, dict):
                yield self._fault(where, line, "no object")
                continue
            resource = entry.get("resource")
            if resource is None:  # as of a request to delete; earlier versions follow it
                newest.add(_deleted_identity(entry))
                continue
            if isinstance(resource, dict):
                resource = _identified(resource, entry)
                identity = _identity(resource)
                if bundle.get("type") == "history" and identity in newest:
                    yield LeftOut(f"{where}, {identity}", "an earlier version")
                    continue
                newest.add(identity)
                if files.is_attached(resource, entry):
                    continue  # its text is that of the document
                resource = files.with_data(resource)
            yield from self.of(resource, where, line, depth + 1)

    def _fault(self, location: str, line: int | None, problem: str) -> Fault:
        shown = location if line is None else location.removeprefix(f"line {line}").lstrip(", ")
        problem = f"{shown}: {problem}" if shown else problem
        return Fault(
            location,
            InputError(
                f"$position: {problem}.",
                position=ErrorPosition(self.name, line),
                fix="Correct it, export it again, or leave it out with $skip_invalid.",
                parameters={"skip_invalid": ...},
            ),
        )


class _Files:
    """Binary resources of a Bundle, which attachments of its documents refer to by `url`."""

    def __init__(self, entries: list[Any]) -> None:
        self._by_address: dict[str, Element] = {}
        self._attached: set[str] = set()
        resources = [
            (entry, entry["resource"])
            for entry in objects_in(entries)
            if isinstance(entry.get("resource"), dict)
        ]
        for entry, resource in resources:
            if resource.get("resourceType") == "Binary":
                for address in _addresses(resource, entry):
                    self._by_address.setdefault(address, resource)  # the newest comes first
        for _, resource in resources if self._by_address else ():
            self._attached.update(
                address for attachment in _attachments(resource) if (address := _url(attachment))
            )

    def is_attached(self, resource: Element, entry: Element) -> bool:
        """Whether it is the file of an attachment of another resource."""
        is_file = resource.get("resourceType") == "Binary"
        return is_file and not self._attached.isdisjoint(_addresses(resource, entry))

    def with_data(self, resource: Element) -> Element:
        """The resource with the data of the files that its attachments refer to."""
        if not self._by_address or not any(map(self._file_of, _attachments(resource))):
            return resource
        copy: dict[str, Any] = json.loads(json.dumps(resource))
        for attachment in _attachments(copy):
            if (file := self._file_of(attachment)) is not None:
                attachment.update(  # type: ignore[attr-defined]
                    {key: file[key] for key in ("data", "contentType") if key in file}
                )
        return copy

    def _file_of(self, attachment: Element) -> Element | None:
        return None if attachment.get("data") else self._by_address.get(_url(attachment))


def _url(attachment: Element) -> str:
    url = attachment.get("url")
    return url if isinstance(url, str) else ""


def _attachments(resource: Element) -> list[Element]:
    attached = objects_in(resource.get("presentedForm"))
    for content in objects_in(resource.get("content")):
        attached += objects_in(content.get("attachment"))
    return attached


def _addresses(resource: Element, entry: Element) -> set[str]:
    names = (f"Binary/{resource.get('id')}" if resource.get("id") else "", entry.get("fullUrl"))
    return {name for name in names if isinstance(name, str) and name}


def _identity(resource: Element) -> str:
    """How others refer to a resource, `Observation/7`; its type alone where it has no id."""
    name = resource.get("id")
    kind = str(resource.get("resourceType"))
    return f"{kind}/{name}" if isinstance(name, str) and name else kind


def _deleted_identity(entry: Element) -> str:
    """How others referred to a resource that an entry deletes; empty where it deletes none."""
    request = entry.get("request")
    if not isinstance(request, dict) or request.get("method") != "DELETE":
        return ""
    address = next((a for a in (request.get("url"), entry.get("fullUrl")) if a), "")
    return "/".join(str(address).split("/_history/")[0].split("/")[-2:])


def _identified(resource: dict[str, Any], entry: Element) -> dict[str, Any]:
    """A resource with the id of its entry, if it has none of its own."""
    address = entry.get("fullUrl")
    if resource.get("id") or not isinstance(address, str) or not address:
        return resource
    return {**resource, "id": address.rpartition("/")[2].rpartition(":")[2] or address}


def _file_rows(path: Path) -> Iterator[Row | Fault | LeftOut]:
    rows = _Rows(path.name)
    if _has_lines(path):
        with path.open("rb") as raw:
            for number, line in _numbered_lines(raw):
                yield from _line_rows(rows, number, line)
    else:
        content = _parsed(decode(read_document_bytes(path), path.name), path.name)
        several = isinstance(content, list)
        for number, resource in enumerate(content if several else [content], start=1):
            yield from rows.of(resource, f"item {number}" if several else "", None)
    yield from rows.summary()


def _line_rows(rows: _Rows, number: int, line: bytes | None) -> Iterator[Row | Fault | LeftOut]:
    position = ErrorPosition(rows.name, number)
    try:
        if line is None:
            raise ValueError(f"it has more than {_LONGEST_LINE:,} bytes")
        resource = json.loads(line.decode().lstrip("\ufeff"))
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} of the line is not UTF-8"
    except json.JSONDecodeError as error:
        problem = f"not valid JSON ({error.msg}, column {error.colno})"
    except ValueError as error:
        problem = str(error)
    except RecursionError:
        problem = "values in values too deep"
    else:
        yield from rows.of(resource, f"line {number}", number)
        return
    fix = "Correct that line, or export the file again."
    yield Fault(f"line {number}", InputError(f"$position: {problem}.", position=position, fix=fix))


def _numbered_lines(raw: BufferedReader) -> Iterator[tuple[int, bytes | None]]:
    """Lines that are not blank with their numbers; None for one that is too long."""
    number = 0
    while line := raw.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := raw.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        elif line.strip():
            yield number, line


def _has_lines(path: Path) -> bool:
    """Whether a file has one resource a line: its first line is a whole object."""
    with path.open("rb") as raw:
        _, first = next(_numbered_lines(raw), (0, b""))
    try:
        return isinstance(json.loads((first or b"").decode().lstrip("\ufeff")), dict)
    except (ValueError, RecursionError):
        return False


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"$position: not valid JSON ({error.msg}).",
            position=ErrorPosition(name, error.lineno, error.colno),
            fix="Correct it, or export the file again. A file of one resource a line has each of "
            "them whole on a line.",
        ) from None
    except RecursionError:
        raise InputError(f"{name} is not valid JSON (values in values too deep).") from None


FHIR = Reader(
    "fhir",
    (".ndjson", ".jsonl", ".json"),
    _file_rows,
    text="plain",
    recognizes=begins_like_fhir,
)
