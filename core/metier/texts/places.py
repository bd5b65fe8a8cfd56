"""The place of a text in an error, where texts were handed on in parts."""

from __future__ import annotations

import re
from collections.abc import Callable

from metier.errors import MetierError

_TEXT = re.compile(r"\b([Tt]ext) (\d+)\b")


def name_place(error: MetierError, place: Callable[[int], int]) -> None:
    """Let an error that speaks of a text of a part name its place in the whole.

    Args:
        error: changed where it says `text 3`.
        place: from a place in the part to the one in the whole.
    """
    error.what = _TEXT.sub(lambda found: f"{found[1]} {place(int(found[2]))}", error.what, count=1)
    error.args = ("\n".join(part for part in (error.what, error.why, error.fix) if part),)
