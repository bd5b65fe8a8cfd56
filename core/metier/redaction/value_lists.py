"""Lists of values after a label: `MRNs: 2048163 and 8311599`."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DASH = r"\-\u2010-\u2015\u2212"
_AND = r"(?:(?:,[ ]?)?(?:and|or)(?![a-z])|[,;/&+|])"
_DOSE = (
    r"(?!\s{0,2}(?:%|(?:mg|mcg|g|kg|ml|l|cm|mm|mmol|units?|tablets?|days?|weeks?|months?|years?"
    r"|hours?|visits?|times|patients?|people)(?![a-z])))"
)
_PLURAL = re.compile(
    r"(?:dates of birth|\#s"
    r"|(?<![a-z])(?!(?:is|was|his|as|ends|with)(?![a-z]))[a-z.'\u2019-]{0,24}s)\.?"
    r"(?:\s(?:are|were))?(?:\s?\([^()]{0,24}\))?[\s:.=*\u2022-]{0,8}$",
    re.IGNORECASE,
)


class ValueList:
    """What goes on with a list after a labeled value.

    Args:
        value: the pattern of the values, fragments filled in.
    """

    def __init__(self, value: str) -> None:
        self._next = re.compile(
            # "1234567 and 7654321", "1234567 (formerly 7654321)", and items below each other
            rf"(?P<joint>[ \t]{{0,3}}(?:{_AND}\s{{0,3}}|\((?:[a-z]{{2,12}}[: ]{{1,2}}){{0,2}}"
            rf"|\n[ \t]{{0,8}}(?:[*\u2022{_DASH}]\s)?))(?P<value>{value})(?![a-z\d]){_DOSE}",
            re.IGNORECASE,
        )

    def after(self, text: str, label: str, first: str, position: int) -> Iterator[tuple[int, int]]:
        """Where the other values of a list are.

        After a label in the singular only what is written like the first value belongs to the
        list: in "MRN 1234567 and 500 mg" the second number is none.

        Args:
            text: that holds the list.
            label: before the first value.
            first: the first value.
            position: where that one ends.
        """
        is_plural = _PLURAL.search(label) is not None
        shape = _shape(first)
        while (listed := self._next.match(text, position)) is not None:
            is_alike = _shape(listed["value"]) == shape and len(shape) > 5
            # another value after a line may be that of something else
            if not (is_plural or (is_alike and "\n" not in listed["joint"])):
                return
            position = listed.end()
            yield listed.span("value")


def _shape(value: str) -> str:
    """A value with 9 for each digit and A for each letter."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", value.lstrip("(")))
