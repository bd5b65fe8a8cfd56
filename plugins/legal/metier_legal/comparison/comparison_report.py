"""Result of legal/compare-contracts: what two contracts differ in, clause by clause."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from metier.plugin import Column, DocumentPosition, Excerpt, MarkTone, Result, Table
from metier_legal.comparison.alignment import Basis
from metier_legal.comparison.difference_kinds import DifferenceKind

ClauseStatus = Literal[
    "same", "renumbered", "moved", "changed", "split", "merged", "only left", "only right"
]
_STATUSES: dict[ClauseStatus, str] = {
    "changed": "changed", "split": "split", "merged": "merged", "moved": "moved",
    "only left": "only on the left", "only right": "only on the right",
    "renumbered": "renumbered only", "same": "the same",
}  # fmt: skip
_TONES: dict[str, MarkTone] = {
    **dict.fromkeys(("changed", "split", "merged"), "warning"),
    **{"only left": "bad", "only right": "good"},
    **dict.fromkeys(("moved", "renumbered", "same"), "neutral"),
}
_UNCHANGED = ("same", "renumbered")
_LONGEST_WORDS = 160
_NO_SPACE = (".", ",", ";", ":", "!", "?", ")", "]", "'", "\u2019", "%")
"""What stands right after the words before it."""


class ComparisonSide(BaseModel):
    """One of the two contracts.

    Attributes:
        id: such as its file name; `left` and `right` where both have the same.
        title: of the document, where its row has one.
        clauses: how many it has.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    clauses: int


class ClauseLocation(BaseModel):
    """A clause where it stands.

    Attributes:
        label: the headings it stands under on one line; empty before the first.
        number: as it is written.
        title: of its own heading.
        kind: `clause`, `definitions`, `recitals`, `schedule` or `signatures`.
        start: offset in the contract.
        end: offset after it.
        page: counted from 1; None without pages.
        text: exactly the text from `start` to `end`.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    number: str
    title: str
    kind: str
    start: int
    end: int
    page: int | None
    text: str


class Difference(BaseModel):
    """Words that differ.

    Attributes:
        kinds: what they change, what matters most first.
        left: the words on the left, exactly; empty for an insertion.
        left_start: offset in the left contract.
        left_end: offset after them.
        right: the words on the right, exactly; empty for a deletion.
        right_start: offset in the right contract.
        right_end: offset after them.
        note: what the words do not show, such as a reference that leads elsewhere now.
        before: of a short difference the words before it, on the right where it is there.
        after: those after it.
    """

    model_config = ConfigDict(frozen=True)

    kinds: tuple[DifferenceKind, ...]
    left: str
    left_start: int
    left_end: int
    right: str
    right_start: int
    right_end: int
    note: str = ""
    before: str = ""
    after: str = ""

    @property
    def words(self) -> str:
        """The difference on one line: `within [thirty → sixty] days`, `shall [+ not] open`."""
        left, right = _line(self.left), _line(self.right)
        if self.note:
            return f"{right or left} ({self.note})"
        words = (
            f"{left} \u2192 {right}" if left and right else f"+ {right}" if right else f"- {left}"
        )
        if not self.before and not self.after:
            return words
        words = " ".join(part for part in (self.before, f"[{words}]") if part)
        return f"{words}{'' if self.after.startswith(_NO_SPACE) else ' '}{self.after}".rstrip()


class ClauseComparison(BaseModel):
    """Clauses of both contracts that correspond, or one that stands in one of them only.

    Attributes:
        status: `changed` before `moved` before `renumbered`, where several are true.
        moved: whether it stands elsewhere: in another order or under another heading.
        renumbered: whether its number, or that of a heading above it, is another.
        left: the clauses on the left; none, one, or several that became one.
        right: those on the right.
        basis: `text` where the words are the same, `words` where most are, `meaning` where vectors
            showed it; empty where it stands in one only.
        similarity: share of the words in common, or the cosine by `meaning`; 0 in one only.
        differences: words that differ, in order. By `meaning` only numbers, dates, negations and
            duties that differ.
        importance: what to read first, in [0, 1].
    """

    model_config = ConfigDict(frozen=True)

    status: ClauseStatus
    moved: bool
    renumbered: bool
    left: tuple[ClauseLocation, ...]
    right: tuple[ClauseLocation, ...]
    basis: Basis | Literal[""]
    similarity: float
    differences: tuple[Difference, ...]
    importance: float

    @property
    def kinds(self) -> tuple[DifferenceKind, ...]:
        """What it changes, the kinds of all its differences, those of the first one first."""
        ordered = [kind for difference in self.differences for kind in difference.kinds]
        if self.basis == "meaning":
            ordered.append("wording")
        return tuple(dict.fromkeys(ordered))

    @property
    def words(self) -> str:
        """Its differences on one line."""
        if self.basis == "meaning":
            differs = "; ".join(difference.words for difference in self.differences)
            texts = f"{_line(_text(self.left))} \u2192 {_line(_text(self.right))}"
            return f"other words: {texts}" + (f"; differs in: {differs}" if differs else "")
        return "; ".join(difference.words for difference in self.differences)


class Rename(BaseModel):
    """A term or party with another name throughout, which is no change of the clauses.

    Attributes:
        kind: `defined term`, or `party` for the name of a party.
        left: the name on the left.
        right: the name on the right.
        left_count: how often the left contract has it.
        right_count: how often the right one has the new name.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["defined term", "party"]
    left: str
    right: str
    left_count: int
    right_count: int


class ContractComparison(Result):
    """Two contracts clause by clause.

    Attributes:
        left: the first contract.
        right: the second one.
        clauses: every clause of both, in reading order of the second; what only the first has
            stands where it was.
        renames: terms and parties with another name throughout.
    """

    left: ComparisonSide
    right: ComparisonSide
    clauses: tuple[ClauseComparison, ...]
    renames: tuple[Rename, ...]

    def title(self) -> str:
        return "Comparison of two contracts"

    def headline(self) -> str:
        counts = self.counts
        words = [f"{counts[status]} {_STATUSES[status]}" for status in _STATUSES if counts[status]]
        renamed = f"; {len(self.renames)} renamed throughout" if self.renames else ""
        return f"{self.left.id} and {self.right.id}: {', '.join(words)}{renamed}"

    @property
    def counts(self) -> Counter[ClauseStatus]:
        """How many clauses have each status."""
        return Counter(clause.status for clause in self.clauses)

    @property
    def changes(self) -> tuple[ClauseComparison, ...]:
        """All that is neither the same nor renumbered only, in reading order."""
        return tuple(clause for clause in self.clauses if clause.status not in _UNCHANGED)

    def tables(self) -> list[Table]:
        ranked = sorted(self.changes, key=lambda clause: -clause.importance)
        tables = [self._changes_table("Changes, what matters most first", ranked, head=20)]
        if self.renames:
            tables.append(self._renames_table())
        tables.append(self._changes_table("All clauses in order", self.clauses, head=0))
        return [table for table in tables if table.rows]

    def rows(self) -> list[dict[str, Any]]:
        """One row per clause, or per clauses that correspond; the same ones included."""
        return [
            {
                "status": clause.status,
                "left_clause": _label(clause.left),
                "right_clause": _label(clause.right),
                "kinds": ", ".join(clause.kinds),
                "changes": clause.words or _status_words(clause),
                "importance": clause.importance,
                "moved": clause.moved,
                "renumbered": clause.renumbered,
                "basis": clause.basis,
                "similarity": clause.similarity,
                **_offsets("left", clause.left),
                **_offsets("right", clause.right),
                "left_text": _text(clause.left),
                "right_text": _text(clause.right),
            }
            for clause in self.clauses
        ]

    def notes(self) -> list[str]:
        notes = super().notes()
        if not self.changes:
            notes.append("No clause differs.")
        by_meaning = sum(clause.basis == "meaning" for clause in self.clauses)
        if by_meaning:
            notes.append(
                f"{by_meaning} in other words: paired by meaning, which is less certain; both "
                "texts are shown, and of their differences only numbers, dates, negations and "
                "duties are listed."
            )
        return notes

    def _changes_table(
        self, title: str, clauses: list[ClauseComparison] | tuple[ClauseComparison, ...], head: int
    ) -> Table:
        rows = [
            (
                clause.status,
                self._positions(clause, "left"),
                self._positions(clause, "right"),
                ", ".join(clause.kinds[:3]),
                clause.words or _status_words(clause),
                clause.importance,
                _excerpt(clause, "left"),
                _excerpt(clause, "right"),
            )
            for clause in clauses
        ]
        columns = (
            Column("status", "label", main=True, tones=_TONES), "left clause", "right clause",
            Column("kinds"), Column("words", main=True), Column("importance", "score", hidden=True),
            Column("left text", hidden=True), Column("right text", hidden=True),
        )  # fmt: skip
        return Table(title, columns, rows, head=head)

    def _positions(
        self, clause: ClauseComparison, side: Literal["left", "right"]
    ) -> tuple[DocumentPosition, ...] | str:
        """Where a clause stands on one side, with its differences."""
        clauses = clause.left if side == "left" else clause.right
        return (
            tuple(
                DocumentPosition(
                    (self.left if side == "left" else self.right).id,
                    location.start,
                    location.end,
                    _label((location,)),
                    _TONES[clause.status],
                    tuple(
                        (start, end)
                        for start, end in _spans(clause, side)
                        if location.start <= start < end <= location.end
                    ),
                )
                for location in clauses
            )
            or ""
        )

    def _renames_table(self) -> Table:
        rows = [
            (rename.left, rename.right, rename.kind, rename.left_count, rename.right_count)
            for rename in self.renames
        ]
        columns = (
            "left name", "right name", Column("kind", "label"),
            Column("uses on the left", "count"), Column("uses on the right", "count"),
        )  # fmt: skip
        return Table("Renamed throughout", columns, rows, head=len(rows))


def _label(clauses: tuple[ClauseLocation, ...]) -> str:
    return "; ".join(clause.label or "(before the first heading)" for clause in clauses)


def _text(clauses: tuple[ClauseLocation, ...]) -> str:
    return "\n\n".join(clause.text for clause in clauses)


def _offsets(side: str, clauses: tuple[ClauseLocation, ...]) -> dict[str, Any]:
    if not clauses:
        return {f"{side}_{name}": None for name in ("start", "end", "page")}
    return {
        f"{side}_start": clauses[0].start,
        f"{side}_end": clauses[-1].end,
        f"{side}_page": clauses[0].page,
    }


def _status_words(clause: ClauseComparison) -> str:
    """What is shown for a clause without words that differ: its beginning where it is alone."""
    if clause.status == "only left":
        return f"- {_line(_text(clause.left))}"
    if clause.status == "only right":
        return f"+ {_line(_text(clause.right))}"
    return "moved" if clause.moved else ""


def _excerpt(clause: ClauseComparison, side: Literal["left", "right"]) -> Excerpt:
    """The text of one side with its differences marked."""
    clauses = clause.left if side == "left" else clause.right
    marks, before = [], 0
    for location in clauses:
        for start, end in _spans(clause, side):
            if location.start <= start < end <= location.end:
                marks.append((start - location.start + before, end - location.start + before))
        before += len(location.text) + 2
    return Excerpt(_text(clauses), tuple(marks))


def _spans(clause: ClauseComparison, side: Literal["left", "right"]) -> list[tuple[int, int]]:
    """Offsets of the words that differ on one side, in order and without overlap."""
    spans = {
        (difference.left_start, difference.left_end)
        if side == "left"
        else (difference.right_start, difference.right_end)
        for difference in clause.differences
    }
    ordered: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start < end and (not ordered or start >= ordered[-1][1]):
            ordered.append((start, end))
    return ordered


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS].rstrip()}\u2026"
