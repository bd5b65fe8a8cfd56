"""Rich text as a person sees it: without what is hidden or deleted, with notes and numbers.

Control words are those of the Rich Text Format 1.9.1. `striprtf` reads what is left; it takes
hidden text for text, and leaves out footnotes, headers and the numbers of lists.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]|[{}]|"
    r"[^\\{}]+|\\"
)
_BINARY = re.compile(r"\\bin(\d{1,10})[ ]?|\\.", re.DOTALL)
"""The beginning of bytes that are no text, or an escaped character, which begins none."""
_FURNITURE = re.compile(r"(?:header|footer)[lrf]?")
_KEPT = frozenset({"f", "uc", "pard", "plain", "intbl", "trowd"})
"""Control words that count for what follows hidden text."""


class _Group(NamedTuple):
    """What holds in a group.

    Attributes:
        is_hidden: whether its text is hidden or deleted.
        end: written at its end.
        target: the tokens that it is written to.
    """

    is_hidden: bool
    end: str
    target: list[str]


def shown_source(source: str) -> str:
    """The source of a document with all that a reader sees, and nothing else, as plain text.

    Footnotes stand in brackets where they are referred to, headers and footers at the end. The
    cells of a row are set apart by ` | `.
    """
    body: list[str] = []
    furniture: list[str] = []
    groups = [_Group(False, "", body)]
    in_table = False
    for token in _TOKEN.finditer(_without_binary(source.rstrip())):
        text, word = token.group(), token["word"]
        group = groups[-1]
        if text == "{":
            group.target.append(text)
            groups.append(_Group(group.is_hidden, "", group.target))
        elif text == "}" and len(groups) > 1:
            groups.pop()
            group.target.append(f"{group.end}}}")
        elif word in ("v", "deleted") or word == "plain":
            is_hidden = word != "plain" and token["number"] != "0"
            groups[-1] = group._replace(is_hidden=is_hidden)
        elif word and _FURNITURE.fullmatch(word) and group.target[-1:] == ["{"]:
            group.target.pop()
            furniture.append("{\\pard ")
            groups[-1] = _Group(group.is_hidden, "\\par ", furniture)
        elif word == "footnote" and not group.is_hidden:
            group.target.append(" [")
            groups[-1] = group._replace(end="]")
        elif word == "pntext" or (group.is_hidden and word not in _KEPT):
            continue
        elif text == "\\-":
            continue  # a place where a word may be divided
        else:
            if word in ("intbl", "pard"):
                in_table = word == "intbl"
            group.target.append(_in_table(word, text, group.target) if in_table else text)
    end = body.pop() if body and body[-1] == "}" else ""
    return "".join([*body, "\\pard\\par " if furniture else "", *furniture, end])


def _without_binary(source: str) -> str:
    """The source without the bytes of pictures and objects, which may be braces."""
    pieces: list[str] = []
    done = position = 0
    while match := _BINARY.search(source, position):
        position = match.end()
        if match[1] is not None:
            pieces.append(source[done : match.start()])
            done = position = position + int(match[1])
    return "".join([*pieces, source[done:]])


def _in_table(word: str | None, text: str, before: list[str]) -> str:
    """What stands for a token in a table: a row is a line."""
    if word in ("cell", "nestcell"):
        return " | "
    if word == "par":
        return " "
    if word in ("row", "nestrow"):
        for position in range(len(before) - 1, max(-1, len(before) - 9), -1):
            if before[position] == " | ":  # after the last cell
                del before[position]
                break
    return text
