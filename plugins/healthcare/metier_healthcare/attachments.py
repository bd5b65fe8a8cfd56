"""The text of files that stand inside of records: FHIR attachments and encapsulated data of HL7."""

from __future__ import annotations

import base64
import binascii
import codecs
import hashlib
import re
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from metier.plugin import Documents, InputError, MetierError
from metier_healthcare.fhir_elements import Element, string_of

_SUFFIXES = {
    "text/plain": ".txt",
    "text/markdown": ".txt",
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "text/rtf": ".rtf",
    "application/rtf": ".rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/pdf": ".pdf",
}
"""Types of attachments that can be read, the best first: what has the text as it was written."""

_BEST = tuple(_SUFFIXES)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


class BrokenAttachmentError(ValueError):
    """An attachment whose data is not what it says of itself. The message quotes none of it."""


class AttachmentText(NamedTuple):
    """The text of an attachment, or why it has none.

    Attributes:
        text: empty where it cannot be read.
        unread: what was not read of it, for people; empty where all of it was.
    """

    text: str
    unread: tuple[str, ...] = ()


def attachment_text(attachments: Iterable[Element], path: str) -> AttachmentText:
    """The text of the best attachment that can be read.

    Several attachments are one document in several formats, as FHIR has it. One that is only an
    address (`url`) is not fetched.

    Args:
        attachments: elements of the type Attachment.
        path: of the list, for messages (`content`).

    Returns:
        Without text where none can be read, with the reason for each.

    Raises:
        BrokenAttachmentError: data that is not base64, or not of the stated size or hash.
        MalformedElementError: a field that is not of the type FHIR gives it.
    """
    readable = []
    reasons = []
    for number, attachment in enumerate(attachments, start=1):
        name = f"{path}[{number}]"
        kind = string_of(attachment, "contentType", name)
        plain_kind = kind.partition(";")[0].strip().lower()
        if string_of(attachment, "data", name):
            readable.append((plain_kind, kind, name, attachment))
        elif string_of(attachment, "url", name):
            reasons.append(f"{name}: only an address, and nothing is fetched")
        else:
            reasons.append(f"{name}: no data")
    readable.sort(key=lambda entry: _BEST.index(entry[0]) if entry[0] in _BEST else len(_BEST))
    for plain_kind, kind, name, attachment in readable:
        raw = decoded_data(attachment, name)
        read = file_text(raw, plain_kind, charset_of(kind))
        if read.text:
            return AttachmentText(read.text, tuple(f"{name}: {part}" for part in read.unread))
        reasons += [f"{name}: {part}" for part in read.unread]
    return AttachmentText("", tuple(reasons))


def charset_of(kind: str) -> str | None:
    """The encoding in a media type such as `text/plain; charset=utf-8`; None without one."""
    match = _CHARSET.search(kind)
    return None if match is None else match[1]


def decoded_data(attachment: Element, name: str) -> bytes:
    """The bytes of an attachment, after its size and hash were checked.

    The hash is SHA-1 in base64; some servers write its hexadecimal digits. The size is that of the
    bytes; some servers write that of the base64.

    Raises:
        BrokenAttachmentError: it is not base64, or its size or hash is another.
    """
    data = _SPACE.sub("", string_of(attachment, "data", name))
    raw = from_base64(data, name)
    size = attachment.get("size")  # a string in R5
    if isinstance(size, int | str) and str(size).strip() not in (str(len(raw)), str(len(data))):
        raise BrokenAttachmentError(
            f"the data of {name} has {len(raw):,} bytes, and its size is stated as {size}"
        )
    stated = attachment.get("hash")
    digest = hashlib.sha1(raw, usedforsecurity=False)
    digits = digest.hexdigest()
    accepted = {
        base64.b64encode(digest.digest()).decode(),
        base64.b64encode(digits.encode()).decode(),
        digits,
    }
    if isinstance(stated, str) and stated not in accepted and stated.lower() != digits:
        raise BrokenAttachmentError(f"the data of {name} does not have the hash that it states")
    return raw


def from_base64(data: str, name: str) -> bytes:
    """The bytes of base64, with or without padding.

    Raises:
        BrokenAttachmentError: it is something else.
    """
    data = _SPACE.sub("", data)
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BrokenAttachmentError(f"the data of {name} is not base64") from None


def file_text(raw: bytes, kind: str, charset: str | None) -> AttachmentText:
    """The text of a file of a media type.

    Args:
        raw: the bytes of the file.
        kind: media type without parameters; empty where nobody says it.
        charset: that the media type names; None to take UTF-8, or Windows-1252 where it is not.
    """
    suffix = _SUFFIXES.get(kind) or (".txt" if kind.startswith("text/") else _suffix_of(raw, kind))
    if suffix is None:
        return AttachmentText("", (f"{kind or 'unknown type'} is not read",))
    if suffix == ".txt":
        return _plain_text(raw, charset)
    with tempfile.TemporaryDirectory(prefix="metier-") as folder:
        path = Path(folder) / f"attachment{suffix}"
        path.write_bytes(raw)
        try:
            with warnings.catch_warnings(action="ignore"):  # they would name the temporary file
                (item,) = Documents.read(path, encoding=charset if _is_known(charset) else None)
        except InputError as error:
            return AttachmentText("", (f"{kind}: {_reason(error)}",))
        except MetierError as error:  # a library is missing
            return AttachmentText("", (f"{kind}: {error}",))
    unread = item.fields.get("unread") or ()
    return AttachmentText(item.text.strip(), tuple(map(str, unread)))


def _suffix_of(raw: bytes, kind: str) -> str | None:
    """The ending of a file whose type nobody says, by its first bytes."""
    if kind not in ("", "application/octet-stream"):
        return None
    if raw.startswith(b"%PDF-"):
        return ".pdf"
    if raw.startswith(b"{\\rtf"):
        return ".rtf"
    return None if b"\x00" in raw else ".txt"


def _plain_text(raw: bytes, charset: str | None) -> AttachmentText:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        charset = "utf-16"
    elif charset is None and b"\x00" in raw:
        return AttachmentText("", ("it holds zero bytes and is no text",))
    elif charset is not None and not _is_known(charset):
        return AttachmentText("", (f"unknown encoding {charset[:20]!r}",))
    elif charset is not None and codecs.lookup(charset).name == "utf-8":
        charset = "utf-8-sig"
    for encoding in (charset,) if charset else ("utf-8-sig", "cp1252"):
        try:
            return AttachmentText(raw.decode(encoding).strip())
        except (UnicodeError, LookupError):
            continue
    return AttachmentText("", (f"it is not {charset or 'UTF-8 or Windows-1252'}",))


def _is_known(charset: str | None) -> bool:
    try:
        return charset is not None and bool(codecs.lookup(charset).name)
    except LookupError:
        return False


def _reason(error: MetierError) -> str:
    """An error without the name of the temporary file."""
    return str(error).splitlines()[0].replace("attachment.", ".").rstrip(".")
