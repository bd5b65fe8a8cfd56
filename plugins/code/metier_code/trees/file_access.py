"""Files and folders of a tree that nobody vouches for: read within bounds, and named safely."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that a terminal or an editor would act on."""
_BLOCK = 1 << 20


class NotReadableError(Exception):
    """A file that is not read; its message is the reason, in a few words.

    Attributes:
        detail: what of the reason applies; may be empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.detail = detail

    @classmethod
    def of(cls, error: OSError | ValueError) -> NotReadableError:
        """The reason in the words of the system."""
        if isinstance(error, FileNotFoundError):
            return cls("gone", "deleted or renamed meanwhile")
        words = error.strerror if isinstance(error, OSError) else str(error)
        return cls("cannot be read", (words or type(error).__name__).lower())


def read_regular_file(path: str | Path, limit: int, *, follow: bool = False) -> bytes:
    """The bytes of a regular file; a pipe or a device is never waited for.

    Args:
        path: of the file.
        limit: most bytes of it.
        follow: whether it may be a link.

    Raises:
        NotReadableError: it is no regular file, larger, gone, or may not be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    flags |= getattr(os, "O_BINARY", 0) | (0 if follow else getattr(os, "O_NOFOLLOW", 0))
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        raise NotReadableError.of(error) from None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotReadableError("no regular file")
        if status.st_size > limit:
            raise NotReadableError("too large", size_in_words(status.st_size))
        try:
            raw = file.read(limit + 1)
        except OSError as error:
            raise NotReadableError.of(error) from None
    if len(raw) > limit:
        raise NotReadableError("too large", f"more than {size_in_words(limit)}")
    return raw


def size_in_words(size: int) -> str:
    """A size for people, such as `12 MB`."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{max(1, size // 1000):,} kB"


def safe_name(name: str) -> str:
    """A name or path of a file as valid Unicode on one line, and another one for every other name.

    Bytes that are no UTF-8, control characters and marks of direction are written out (`\\\\xff`),
    and so is the backslash itself.

    Args:
        name: as the file system has it; its separators are kept, but for those of Windows.
    """
    if os.sep != "/":
        name = name.replace(os.sep, "/")
    if name.isascii() and name.isprintable() and "\\" not in name:
        return name
    name = os.fsencode(name.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), name)


def whole_path(path: Path) -> str:
    """The whole path of a file as a result keeps it; empty where it is no valid Unicode."""
    whole = str(path.absolute())
    try:
        whole.encode()
    except UnicodeEncodeError:
        return ""
    return whole
