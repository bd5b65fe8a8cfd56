"""Where an index lies: a folder, or the address of an object store."""

from __future__ import annotations

import re
from pathlib import Path

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SECRET = re.compile(r"(?<=://)[^/@\s]+@|\?[^\s'\"]*")


def is_address(place: str) -> bool:
    """Whether it is an address such as `s3://bucket/index`, not a folder."""
    return _ADDRESS.match(place) is not None


def normal(place: str | Path) -> str:
    """A folder with `~` resolved, an address as it is."""
    text = str(place)
    return text if is_address(text) else str(Path(text).expanduser())


def shown(text: str) -> str:
    """A text that may hold an address, without what may be secret in it: user, key, query."""
    return _SECRET.sub("", text) if "://" in text else text
