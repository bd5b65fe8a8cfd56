"""Source code as lines: which of them are shown in short, and the tokens that get colors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pygments.lexer import Lexer

    from metier.results.table import Excerpt

CONTEXT = 2
"""Lines before and after a line that matters."""

_SHORT = 8
"""Lines of source code that is shown whole."""

_MOST = 14
"""Lines that are shown in short, about."""


class LineRange(NamedTuple):
    """Lines of a text, counted from 0: the first one, and the one after the last."""

    start: int
    end: int


def lexer_of(language: str) -> Lexer | None:
    """What Pygments reads a language with; None where it knows none of this name."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language.lower(), ensurenl=False, stripnl=False)
    except ClassNotFound:
        return None


def marked_lines(excerpt: Excerpt) -> list[int]:
    """The lines that a mark begins in, counted from 0, in order."""
    return sorted({excerpt.text.count("\n", 0, start) for start, _ in excerpt.marks})


def shown_lines(excerpt: Excerpt) -> list[LineRange]:
    """The lines that show source code in short: its head, and the marked ones with some around.

    A text of few lines is shown whole, one without marks from its head on.
    """
    count = excerpt.text.count("\n") + 1
    if count <= _SHORT:
        return [LineRange(0, count)]
    head = _head(excerpt)
    marked = marked_lines(excerpt)
    if not marked:
        return [LineRange(head, min(head + _SHORT, count))]
    ranges = [LineRange(head, head + 1)]
    for line in marked:
        ranges.append(LineRange(max(0, line - CONTEXT), min(count, line + CONTEXT + 1)))
        if sum(part.end - part.start for part in _joined(ranges)) >= _MOST:
            break
    lines = excerpt.text.split("\n")
    return [_without_blanks(part, lines) for part in _joined(ranges)]


def _without_blanks(part: LineRange, lines: Sequence[str]) -> LineRange:
    """Lines without blank ones at their ends."""
    start, end = part
    while end - start > 1 and not lines[end - 1].strip():
        end -= 1
    while end - start > 1 and not lines[start].strip():
        start += 1
    return LineRange(start, end)


def _head(excerpt: Excerpt) -> int:
    """The first line that holds more than comments and decorators: the one that declares."""
    from pygments.token import Comment, Name

    lexer = lexer_of(excerpt.language)
    line, is_decorated = 0, False
    for kind, token in lexer.get_tokens(excerpt.text) if lexer is not None else ():
        if _is_of(kind, Name.Decorator):
            is_decorated = True
        elif "\n" in token and not token.strip():
            is_decorated = False
        elif token.strip() and not (is_decorated or _is_of(kind, Comment)):
            return line
        line += token.count("\n")
    return 0


def _is_of(kind: tuple[str, ...], family: tuple[str, ...]) -> bool:
    """Whether a kind of token belongs to a family of them."""
    return kind[: len(family)] == family


def _joined(ranges: Iterable[LineRange]) -> list[LineRange]:
    """Ranges in order; those that touch, or have one line between them, become one."""
    joined: list[LineRange] = []
    for part in sorted(ranges):
        if joined and part.start <= joined[-1].end + 1:
            joined[-1] = LineRange(joined[-1].start, max(joined[-1].end, part.end))
        else:
            joined.append(part)
    return joined
