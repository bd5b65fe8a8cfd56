"""Where an index lies: a folder, or the address of an object store."""

from __future__ import annotations

import re
from pathlib import Path

from metier.errors import ParameterError, UsageError

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_KEYS = re.compile(r"(?<=://)[^@\s]*:[^@\s]*@")
_PARAMETERS = re.compile(r"\?(?!ddbTableName=[\w.-]+$)[^\s'\"]*")


def is_address(place: str) -> bool:
    """Whether it is an address such as `s3://bucket/index`, not a folder."""
    return _ADDRESS.match(place) is not None


def normal(place: str | Path) -> str:
    """A folder with `~` resolved, an address as it is.

    Raises:
        UsageError: the address holds credentials, which would be shown, and kept in histories.
        ParameterError: the place is empty.
    """
    text = str(place)
    if not text.strip():
        raise ParameterError("An index cannot lie at an empty place.", fix="Name a folder.")
    if not is_address(text):
        return str(Path(text).expanduser())
    if text != shown(text):
        raise UsageError(
            f"The address {shown(text)} was given with credentials or parameters in it.",
            why="Addresses are shown in messages and kept in the histories of shells.",
            fix="Give credentials in the environment, such as AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, and the address without them.",
        )
    return text


def shown(text: str) -> str:
    """A text that may hold an address, without what may be secret in it: user, key, query."""
    return _PARAMETERS.sub("", _KEYS.sub("", text)) if "://" in text else text
