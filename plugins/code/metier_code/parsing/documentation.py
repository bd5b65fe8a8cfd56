"""Heads and documentation of definitions as plain text."""

from __future__ import annotations

import re
from inspect import cleandoc

_LONGEST_SIGNATURE = 300
_LONGEST_DOC = 4000
_MARKS = re.compile(
    r"^[ \t]*(?:/\*[*!]*<?|\*+/|\*+(?![*\w])|//+[/!<]*|#+[!']?(?=\s|$|\w)|--+(?:\[=*\[)?|;+|%+"
    r"|\(\*+)[ \t]?",
    re.MULTILINE,
)
_ENDS = re.compile(r"[ \t]*(?:\*+/|\*+\)|\]=*\])[ \t]*$", re.MULTILINE)
_TAGS = re.compile(
    r"</?(?:summary|remarks|para|param|typeparam|returns|value|example|c|code|see|exception)\b[^>]*>"
)
_STRING = re.compile(r"^[A-Za-z@]*(\"\"\"|'''|\"|')(.*?)\1?$", re.DOTALL)
_ENDS_OF_HEADS = re.compile(r"(?:\s|\{|=>|->|=|:|,|;|\bdo\b|\bthen\b)+$", re.IGNORECASE)


def plain_comment(text: str) -> str:
    """The text of comments, without what marks them."""
    text = text.partition("\n")[2] if text.startswith("#!") else text
    lines = _MARKS.sub("", _ENDS.sub("", text[: 2 * _LONGEST_DOC]))
    return cleandoc(_TAGS.sub("", lines)).strip()[:_LONGEST_DOC]


def plain_docstring(text: str) -> str:
    """The text of a string literal or of a comment that documents what it is in."""
    match = _STRING.match(text[: 2 * _LONGEST_DOC].strip())
    return cleandoc(match[2]).strip()[:_LONGEST_DOC] if match else plain_comment(text)


def one_line(head: str) -> str:
    """The head of a definition on one line, without what begins its body."""
    line = " ".join(head[: 4 * _LONGEST_SIGNATURE].split())
    line = _ENDS_OF_HEADS.sub("", line)
    if len(line) > _LONGEST_SIGNATURE:
        line = line[: _LONGEST_SIGNATURE - 1].rstrip() + "\u2026"
    return line
