"""Fortran in fixed form, by the columns of cards, as the free form that its grammar knows."""

from __future__ import annotations

import re

_FREE_LINE = re.compile(rb"^(?![cC*!#dD]|[ \d]{5}|[ \d]*\t|[ \d]*\r?$)|&[ \t]*$", re.MULTILINE)
"""A line that fixed form does not have: a statement before column 7, or `&` at the end."""
_COMMENT = re.compile(rb"^[cC*](?=[^\n]*$)", re.MULTILINE)
_CONTINUATION = re.compile(rb"(?<=\n) {5}[^ 0\n]")


def without_signs(comments: str) -> str:
    """Comments without their signs."""
    return re.sub(r"^[ \t]*(?:[cC*]|!+[<>]?)[ \t]?", "", comments, flags=re.MULTILINE)


def free_form(source: bytes) -> bytes:
    """A source of the same length in which comments and continued lines are those of free form.

    Comments begin with `!` in place of `C` or `*` in column 1. Lines that a sign in column 6
    continues are joined, by a blank in place of the newline. Free form stays as it is.
    """
    if _FREE_LINE.search(source):
        return source
    text = bytearray(_COMMENT.sub(b"!", source))
    for mark in _CONTINUATION.finditer(bytes(text)):
        before = text.rfind(b"\n", 0, mark.start() - 1) + 1
        if text[before : before + 1] != b"!":  # not after a comment, which it would belong to
            text[mark.start() - 1 : mark.end()] = b" " * 7
    return bytes(text)
