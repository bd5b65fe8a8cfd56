"""Identifiers of source code and the words that they are put together from."""

from __future__ import annotations

import re

PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
"""Each word of an identifier: `parse`, `HTTP` and `Url` of `parseHTTP_Url`."""

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w.$]*", re.ASCII)
_HUMP = re.compile(r"[a-z0-9][A-Z]")


def in_words(text: str) -> str:
    """An identifier in camel case as words, `cart total price` for `Cart.totalPrice`.

    Models that learned from prose see little in words that are written together. They read those
    with underscores or points between them, so any other text stays as it is.
    """
    if not _IDENTIFIER.fullmatch(text) or not _HUMP.search(text):
        return text
    return " ".join(PART.findall(text)).lower()
