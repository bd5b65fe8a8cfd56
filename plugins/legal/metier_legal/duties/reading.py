"""The duties of a contract, read clause by clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from metier_legal.duties.conditions import find_conditions
from metier_legal.duties.duty import Duty, DutyMark
from metier_legal.duties.parties import PartyNames
from metier_legal.duties.passages import Passage, carries_on, items_within, passages_of
from metier_legal.duties.ranking import rank_duty
from metier_legal.duties.rules import DueKind, Rules, own_rules
from metier_legal.duties.sentence_reading import SentenceReader, Statement
from metier_legal.duties.times import MarkKind, find_amounts, find_due_times
from metier_legal.structure import Clause, Contract

_WITHOUT_DUTIES = ("contents", "signatures", "recitals")
"""Kinds of clauses that lay nothing down."""

_EDGE = " \t\r\n,;"

_BEFORE_LEAD = re.compile(r"(?:\A|[,;:(]|\b(?:and|or|but|that|then|also))\s*\Z", re.IGNORECASE)
"""What may stand before a time or a condition that begins a clause."""

_AFTER_CLAUSE = re.compile(r"[;:]|,\s*(?:and|or|but)\b", re.IGNORECASE)
"""What ends the clause that a time or a condition belongs to."""

_DENIED_ITEM = re.compile(r"(?:not|never|refrain)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Introduction:
    """A sentence that a list carries on: "The Supplier shall:", with its times and conditions."""

    statement: Statement
    passage: Passage
    marks: tuple[DutyMark, ...] = ()


def read_duties(contract: Contract) -> Iterator[Duty]:
    """The duties that a contract lays down, in order, with their points."""
    rules = own_rules()
    names = PartyNames(contract, rules)
    mentioned: tuple[str, ...] = ()
    for clause in contract.clauses:
        if clause.kind not in _WITHOUT_DUTIES:
            reader = SentenceReader(
                names,
                rules,
                mentioned=mentioned,
                reads_plain=bool(clause.path) and not rules.not_plain.find(clause.label),
                reads_imperatives=bool(clause.number),
            )
            yield from _ClauseReading(contract, clause, rules, reader).duties()
            if clause.path:  # the preamble names every party
                mentioned = reader.mentioned


@dataclass(slots=True)
class _ClauseReading:
    contract: Contract
    clause: Clause
    rules: Rules
    reader: SentenceReader
    introduction: _Introduction | None = None

    def duties(self) -> Iterator[Duty]:
        for passage in passages_of(self.clause):
            yield from self._of_passage(passage)

    def _of_passage(self, passage: Passage) -> Iterator[Duty]:
        statements = self.reader.read(passage.text, is_item=passage.is_item)
        marks = self._marks(passage) if statements or passage.is_item else []
        marks = _before_subjects(marks, statements, passage)
        statements = _with_leads(statements, passage, marks)
        if passage.is_item and self.introduction is not None:
            if not statements or not statements[0].parties:
                before = self.introduction
                yield self._duty(passage, _whole(before.statement, passage), marks, before)
                return
        elif passage.is_item:  # of a list that no duty introduces
            statements = [statement for statement in statements if statement.parties]
        else:
            self.introduction = None
        for statement in statements:
            rest = passage.text[statement.modal[1] : statement.end]
            if passage.introduces and statement is statements[-1] and carries_on(rest):
                self.introduction = _Introduction(
                    statement, passage, _of_statement(marks, statement, passage)
                )
            elif items := items_within(rest):
                within = passage.start + statement.modal[1] + items[0].start
                lead = _of_statement(marks, replace(statement, end=within - passage.start), passage)
                before = _Introduction(statement, passage, lead)
                for item in items:
                    start = passage.start + statement.modal[1] + item.start
                    own = Passage(item.text, start, True)
                    yield self._duty(own, _whole(statement, own), marks, before)
            else:
                yield self._duty(passage, statement, marks, None)

    def _duty(
        self,
        passage: Passage,
        statement: Statement,
        marks: Sequence[DutyMark],
        introduction: _Introduction | None,
    ) -> Duty:
        first, last = _without_edges(passage.text, statement.start, statement.end)
        start, end = passage.start + first, passage.start + last
        source = introduction or _Introduction(statement, passage)
        modal = source.passage.text[slice(*source.statement.modal)]
        action_from = first if statement.is_passive or introduction else statement.modal[1]
        lead = ""
        own = [mark for mark in marks if start <= mark.start and mark.end <= end]
        if introduction is not None:
            before = introduction.statement
            lead = introduction.passage.text[before.start : before.modal[1]].strip(_EDGE)
        duty = Duty(
            contract=self.contract.id,
            modality=statement.modality,
            parties=statement.parties,
            is_party_unsure=statement.is_unsure,
            action=" ".join(passage.text[action_from:last].split()).strip(" ,;:."),
            quote=self.contract.text[start:end],
            introduction=" ".join(lead.split()),
            modal=" ".join(modal.split()),
            start=start,
            end=end,
            marks=(*source.marks, *own),
            number=self.clause.number,
            clause=self.clause.label,
            page=self.clause.page,
        )
        return rank_duty(duty, self.clause.title or self.clause.label, self.rules)

    def _marks(self, passage: Passage) -> list[DutyMark]:
        """Times, conditions and amounts of a passage, in order."""
        text = passage.text
        conditions = find_conditions(text, self.reader.modals)
        marks: list[tuple[int, int, MarkKind, DueKind | None]] = [
            (time.start, time.end, "due", time.kind)
            for time in find_due_times(text, self.rules, conditions)
        ]
        marks += [(first, last, "condition", None) for first, last, _ in conditions]
        marks += [(first, last, "amount", None) for first, last in find_amounts(text, self.rules)]
        return [
            DutyMark(
                kind=kind,
                start=passage.start + first,
                end=passage.start + last,
                text=self.contract.text[passage.start + first : passage.start + last],
                due=due,
            )
            for first, last, kind, due in sorted(marks, key=lambda mark: mark[:2])
        ]


def _before_subjects(
    marks: Sequence[DutyMark], statements: Sequence[Statement], passage: Passage
) -> list[DutyMark]:
    """The marks, those that begin before a subject up to it: "On delivery the Buyer shall"."""
    shortened: list[DutyMark] = []
    for mark in marks:
        first, last = mark.start - passage.start, mark.end - passage.start
        begin = next((row.start for row in statements if first < row.start < last), None)
        if begin is not None and mark.kind != "amount" and not passage.text[:first].strip():
            last = len(passage.text[:begin].rstrip(_EDGE))
            text = mark.text[: last - first]
            mark = mark.model_copy(update={"end": passage.start + last, "text": text})
        shortened.append(mark)
    return shortened


def _of_statement(
    marks: Sequence[DutyMark], statement: Statement, passage: Passage
) -> tuple[DutyMark, ...]:
    """The times and conditions of a statement, which hold for each item of its list."""
    start, end = passage.start + statement.start, passage.start + statement.end
    return tuple(
        mark for mark in marks if mark.kind != "amount" and start <= mark.start and mark.end <= end
    )


def _with_leads(
    statements: Sequence[Statement], passage: Passage, marks: Sequence[DutyMark]
) -> list[Statement]:
    """The statements with times and conditions right before their subjects: "If late, it shall"."""
    text = passage.text
    leads = [mark for mark in marks if mark.kind != "amount"]
    extended: list[Statement] = []
    for statement in statements:
        left = extended[-1].modal[1] if extended else 0
        for mark in leads:
            first, last = mark.start - passage.start, mark.end - passage.start
            if not left <= first < last <= statement.start:
                continue
            before, between = text[max(0, first - 20) : first], text[last : statement.start]
            if _BEFORE_LEAD.search(before) and not _AFTER_CLAUSE.search(between):
                statement = replace(statement, start=first)
                break
        if extended and extended[-1].end > statement.start:
            extended[-1] = replace(extended[-1], end=statement.start)
        extended.append(statement)
    return extended


def _whole(statement: Statement, passage: Passage) -> Statement:
    """A statement that goes on in an item of a list."""
    modality = statement.modality
    if modality == "obligation" and _DENIED_ITEM.match(passage.text):
        modality = "prohibition"
    return replace(statement, modality=modality, start=0, modal=(0, 0), end=len(passage.text))


def _without_edges(text: str, start: int, end: int) -> tuple[int, int]:
    """Offsets without blanks and the word that joins what follows."""
    words = text[start:end].rstrip(_EDGE)
    for joint in (" and", " or", " but"):
        words = words.removesuffix(joint).rstrip(_EDGE)
    return start + len(words) - len(words.lstrip(_EDGE)), start + len(words)
