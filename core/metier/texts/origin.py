"""What a document's fields say of the file that its text was taken from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

PAGE_STARTS = "page_starts"
"""Field of an item: the offset in its text at which each page begins, in order."""

CONVERTED_FROM = "converted_from"
"""Field of an item: the kind of file (`html`), where lines of the text are none of the file's."""


def page_at(fields: Mapping[str, Any], offset: int) -> int | None:
    """The page a character stands on, counted from 1; None where the item has no pages."""
    starts = fields.get(PAGE_STARTS)
    if not isinstance(starts, list | tuple) or not starts:
        return None
    return max(1, bisect_right(starts, offset))


def has_lines_of_file(fields: Mapping[str, Any]) -> bool:
    """Whether a line of the text is the same line of the file."""
    return fields.get(CONVERTED_FROM) is None
