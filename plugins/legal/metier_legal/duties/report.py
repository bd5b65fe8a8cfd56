"""What contracts lay down, ranked: the result of `legal/obligations`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from metier import Result
from metier.plugin import (
    Column,
    DocumentPosition,
    Excerpt,
    MarkTone,
    Table,
    hidden_cells,
    hidden_columns,
    rows_beside,
)
from metier_legal.duties.duty import Duty
from metier_legal.duties.rules import Modality

_TONES: dict[str, MarkTone] = {
    "obligation": "warning",
    "prohibition": "bad",
    "permission": "good",
    "no obligation": "neutral",
    "condition": "neutral",
}
_MODALITIES: tuple[Modality, ...] = (
    *("obligation", "prohibition", "permission"),
    *("no obligation", "condition"),
)
_NOBODY = "not named"


class ObligationsReport(Result):
    """The duties of contracts, what has a time and money first.

    Attributes:
        contracts: ids of those that were read.
        duties: those that fit what was chosen, by their points, equal ones in the order of the
            contracts.
        read: how many there were.
    """

    contracts: tuple[str, ...]
    duties: tuple[Duty, ...]
    read: int

    def title(self) -> str:
        return "Who must do what by when"

    def headline(self) -> str:
        timed = sum(bool(duty.due_kinds) for duty in self.duties)
        where = "1 contract" if len(self.contracts) == 1 else f"{len(self.contracts)} contracts"
        chosen = "" if len(self.duties) == self.read else f" of {self.read}"
        return f"{len(self.duties)}{chosen} duties in {where}, {timed} of them with a time"

    def tables(self) -> list[Table]:
        return [self._duties_table(), self._parties_table()]

    def rows(self) -> list[dict[str, Any]]:
        rows = [_row(rank, duty) for rank, duty in enumerate(self.duties, start=1)]
        return rows_beside(rows, [duty.fields for duty in self.duties])

    def _duties_table(self) -> Table:
        own = hidden_columns([duty.fields for duty in self.duties])
        several = len(self.contracts) > 1
        columns = (
            *(Column("party", "label", main=True), Column("modality", "label", tones=_TONES)),
            *(Column("what", main=True), "due", "condition", "amount", Column("where", main=True)),
            *(Column("contract", "label", hidden=not several), Column("why here", hidden=True)),
        )
        rows = [
            (
                _party(duty),
                duty.modality,
                _excerpt(duty),
                duty.texts("due"),
                duty.texts("condition"),
                duty.texts("amount"),
                _position(duty),
                duty.contract,
                ", ".join(duty.reasons),
                *hidden_cells(duty.fields, own),
            )
            for duty in self.duties
        ]
        note = (
            "First what has a date, a period or a recurrence, and amounts; last what nearly every "
            "contract has, such as notices. Rules read the sentences and miss some."
        )
        return Table("Duties", (*columns, *own), rows, note=note)

    def _parties_table(self) -> Table:
        counts = Counter((duty.contract, duty.party, duty.modality) for duty in self.duties)
        timed = Counter((duty.contract, duty.party) for duty in self.duties if duty.due_kinds)
        pairs = dict.fromkeys((contract, party) for contract, party, _ in sorted(counts))
        several = len(self.contracts) > 1
        columns = (
            *(Column("contract", "label", hidden=not several), Column("party", main=True)),
            *(Column(modality, "count") for modality in _MODALITIES),
            Column("with a time", "count"),
        )
        rows = [
            (
                contract,
                party or _NOBODY,
                *(counts[contract, party, modality] for modality in _MODALITIES),
                timed[contract, party],
            )
            for contract, party in pairs
        ]
        return Table("Parties", columns, rows)


def _party(duty: Duty) -> str:
    if duty.party and duty.is_party_unsure:
        return f"{duty.party}, not sure"
    return duty.party or _NOBODY


def _excerpt(duty: Duty) -> Excerpt:
    """The words of a duty after what introduces them, with times, conditions and amounts marked."""
    before = f"{duty.introduction}: " if duty.introduction else ""
    moved = len(before) - duty.start
    marks = tuple((start + moved, end + moved) for start, end in _apart(duty))
    return Excerpt(f"{before}{duty.quote}", marks)


def _position(duty: Duty) -> DocumentPosition:
    page = "" if duty.page is None else f", page {duty.page}"
    return DocumentPosition(
        duty.contract,
        duty.start,
        duty.end,
        label=f"{duty.clause or 'before the first heading'}{page}",
        tone=_TONES[duty.modality],
        parts=_apart(duty),
    )


def _apart(duty: Duty) -> tuple[tuple[int, int], ...]:
    """Offsets of the marks without overlap."""
    parts: list[tuple[int, int]] = []
    own = [mark for mark in duty.marks if mark.start >= duty.start]  # none of an introduction
    for mark in sorted(own, key=lambda mark: (mark.start, -mark.end)):
        if not parts or mark.start >= parts[-1][1]:
            parts.append((mark.start, mark.end))
    return tuple(parts)


def _row(rank: int, duty: Duty) -> dict[str, Any]:
    return {
        "rank": rank,
        "contract": duty.contract,
        "party": duty.party,
        "party_unsure": duty.is_party_unsure,
        "modality": duty.modality,
        "action": duty.action,
        "due": duty.texts("due"),
        "due_kind": ", ".join(sorted(duty.due_kinds)),
        "condition": duty.texts("condition"),
        "amount": duty.texts("amount"),
        "clause": duty.clause,
        "number": duty.number,
        "page": duty.page,
        "start": duty.start,
        "end": duty.end,
        "introduction": duty.introduction,
        "quote": duty.quote,
        "points": duty.points,
        "reasons": ", ".join(duty.reasons),
    }
