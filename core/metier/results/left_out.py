"""What a result names as left out: as data, in a line for people and in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BeforeValidator

from metier.results.table import Column, Table, counted
from metier.texts.reader import LeftOut

_MOST_NAMED = 5
_MOST_DETAILS = 4


def to_left_out(skipped: Iterable[LeftOut | str]) -> tuple[LeftOut, ...]:
    """What was left out as objects; words become the reason of one."""
    return tuple(LeftOut("", entry) if isinstance(entry, str) else entry for entry in skipped)


def _validated(skipped: object) -> object:
    return to_left_out(skipped) if isinstance(skipped, list | tuple) else skipped


LeftOuts = Annotated[tuple[LeftOut, ...], BeforeValidator(_validated)]
"""Field of what was left out."""


def left_out_note(skipped: Sequence[LeftOut]) -> str:
    """One line: a few files by their names, many as counts by reason, the most frequent first."""
    if len(skipped) <= _MOST_NAMED:
        return f"Left out: {', '.join(map(str, skipped))}"
    counts = Counter[str]()
    details: dict[str, Counter[str]] = {}
    for entry in skipped:
        reason = entry.reason if entry.location else "for other reasons"
        counts[reason] += entry.count
        if entry.detail:
            details.setdefault(reason, Counter())[entry.detail] += entry.count
    reasons = [
        f"{reason} ({count:,}{_shown_details(details.get(reason, Counter()))})"
        for reason, count in counts.most_common()
    ]
    return f"Left out: {', '.join(reasons)}; skipped of the result names them"


def _shown_details(details: Counter[str]) -> str:
    """How often each detail occurs, if some occur often or there are few."""
    first = details.most_common(_MOST_DETAILS)
    if not first or (first[0][1] == 1 and len(details) > _MOST_DETAILS):
        return ""
    if len(details) == 1:
        return f": {first[0][0]}"
    more = f" and {len(details) - len(first)} more" if len(details) > len(first) else ""
    return f": {', '.join(f'{detail} {count:,}' for detail, count in first)}{more}"


def left_out_tables(skipped: Sequence[LeftOut]) -> list[Table]:
    """The table of all that was left out, where the line for people does not name each of them."""
    if len(skipped) <= _MOST_NAMED:
        return []
    return [
        Table(
            "Left out",
            (
                Column("file", main=True),
                Column("reason", "label"),
                "detail",
                Column("files", "count"),
            ),
            [(entry.location, entry.reason, entry.detail, entry.count) for entry in skipped],
            head=0,
            printed=False,
        )
    ]


def unusable_note(what: str, names: Sequence[str], owner: str) -> str:
    """A note of the texts of an input that were left out, which `skipped` of `owner` names."""
    count = len(names)
    more = f" and {count - _MOST_NAMED} more, see skipped of {owner}" if count > _MOST_NAMED else ""
    return f"{counted(count, what)} left out: {', '.join(names[:_MOST_NAMED])}{more}"
