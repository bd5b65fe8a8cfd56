"""What a sentence of a contract lays down: modal verbs, their subjects, and how far each goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from metier.plugin import Span
from metier_legal.duties.conditions import Condition, find_conditions, is_within
from metier_legal.duties.parties import PartyNames, Subject
from metier_legal.duties.plain_verbs import PlainVerb, find_imperatives, find_plain_verbs
from metier_legal.duties.rules import Modality, Rules

_ADVERBS = re.compile(
    r"\s*(?:(?:,[^,;]{1,120},|(?:also|only|then|at\s+all\s+times|hereby|not|neither|in\s+all"
    r"\s+respects|thereupon|further|each|all|\w+ly)\b)\s*)*"
)
_PASSIVE = re.compile(
    r"\s*(?:(?:also|only|not|then|\w+ly)\s+)*be\s+(?:(?:also|\w+ly)\s+)*"
    r"(?P<participle>\w+(?:ed|en|id|ade|ept|ent|old|one|aid|iven|ept|elt|orn|own|ut|uilt|ought|ound)"
    r"|due|payable|in\s+writing)\b",
    re.IGNORECASE,
)
_AND_BEFORE = re.compile(
    r"(?:(?:,|;|\b(?:and|or|but|nor|and/or)\b)(?:\s*\(\w{1,4}\))?(?:\s+(?:also|then|in\s+\w+\s+case|"
    r"further|\w+ly|at\s+its\s+(?:own\s+)?(?:cost|expense)))*[\s,]*)\Z",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:which|who|whom|whose|that|what|as)\s+(?:\w+ly\s+)?\Z", re.IGNORECASE)
_RELATIVE_NEAR = re.compile(r"\b(?:which|who|whose|whom)\b[^,;]{0,80}\Z", re.IGNORECASE)
_SUBORDINATE = re.compile(r"\b(?:that|whether|how|what)\b[^,;]*\Z", re.IGNORECASE)
_AGREED = re.compile(
    r"\b(?:agree[sd]?|provided|provides|acknowledges?|understood|intended|intention|ensures?|"
    r"procures?|confirms?|stipulated?|undertakes?|require[sd]?|covenants?)\b[^;]{0,60}"
    r"\bthat\b[^;]*\Z",
    re.IGNORECASE,
)
_PASSIVE_IT = re.compile(
    r"(?:\A|[.;:]\s+|\b(?:and|or|but|,)\s+)it\s+"
    r"(?:\w+ly\s+)?be\s+(?:\w+ly\s+)*"
    r"\w+(?:ed|en|id|ade|own)\b",
    re.IGNORECASE,
)
_DOES_NOTHING = re.compile(
    r"\s*(?:\w+ly\s+)?\w+\s+no\s+(?!less|later|more|fewer|longer|event)", re.IGNORECASE
)
_BEFORE_RELATIVE = re.compile(
    r"\b(?:as|than|which|whom|whose|who|what|whatever|how|why|whether|when|where|before|until)\s*\Z",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:nobody|no\s?one|no\s+(?:other\s+)?person|no\s+third\s+part(?:y|ies))\b[^;]*\Z",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"(?:\A|[;:,]\s+|\b(?:and|but)\s+)[\W\d]*(?P<only>only\s+[^,;]*)\Z", re.IGNORECASE
)
_PERSONAL = re.compile(r"\b(?:we|you)\s+(?:also\s+|always\s+)?\Z", re.IGNORECASE)
"""Before "can", which is a right of who is spoken to and an ability of others."""
_STATE = re.compile(r"\s*(?:have|be)\b", re.IGNORECASE)
_BEFORE_THAT = re.compile(r"\bthat\s*\Z", re.IGNORECASE)
_INVERTED = re.compile(r"\b(?:in\s+no\s+event|under\s+no\s+circumstances?|nor)\s*\Z", re.IGNORECASE)
_JOINT = re.compile(
    r"[;:]\s*(?:and\s+|or\s+|but\s+)?|,?\s+(?:and|but|provided(?:,?\s+however)?,?\s+that)\s+",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"\bnothing\b[^;]*\Z", re.IGNORECASE)
_NO_OBJECT = re.compile(
    r"(?:\A|[;:]\s*|,\s*|\band\s+)[\W\d]*(?:none|no|neither)\s[^;]*\Z", re.IGNORECASE
)
_PRONOUN = re.compile(
    r"(?:\A|[.;:,]\s+|\b(?:and|or|but|then)\s+)(?P<pronoun>it|they)\s+(?:(?:also|then|\w+ly)\s+)*\Z",
    re.IGNORECASE,
)
_NEAR = 600
"""Characters before a modal verb that are looked at for what decides on it."""
_REQUIRED = re.compile(r"\b(?:required|obliged|obligated|bound)\b", re.IGNORECASE)
_PAYABLE = re.compile(r"\b(?:payable|due)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a modal verb of a sentence lays down.

    Attributes:
        modality: what kind of duty.
        parties: whose; empty where the sentence names nobody.
        start: offset in the sentence of its first word: the subject's, if it is near.
        modal: offsets of the modal verb with what belongs to it.
        end: offset after its last word.
        is_passive: whether the subject is what is acted on.
        is_unsure: whether the subject is "it" and no sentence before is about a party.
    """

    modality: Modality
    parties: tuple[str, ...]
    start: int
    modal: tuple[int, int]
    end: int
    is_passive: bool = False
    is_unsure: bool = False


@dataclass(slots=True)
class SentenceReader:
    """Reads sentences of a contract in their order, to know who "it" is.

    Attributes:
        names: of the parties.
        rules: of modal verbs.
        last: the parties that the last subject named.
        mentioned: the party that was named last, in this clause or before.
        reads_plain: whether the present tense lays down duties in this clause.
        reads_imperatives: whether imperatives do.
        modals: offsets of what lays something down in the sentence that was read last.
    """

    names: PartyNames
    rules: Rules
    last: tuple[str, ...] = field(default=())
    mentioned: tuple[str, ...] = field(default=())
    reads_plain: bool = False
    reads_imperatives: bool = False
    modals: list[tuple[int, int]] = field(default_factory=list)

    def read(self, text: str, *, is_item: bool = False) -> list[Statement]:
        """What a sentence, on one line, lays down, in order.

        Args:
            text: the sentence.
            is_item: whether it is an item of a list, where only modal verbs lay something down.
        """
        self.last = self.names.topic(text, self.last) or self.last
        modals = self._modals(text)
        if not is_item:
            modals = sorted(
                [*modals, *self._plain(text, [modal.span for modal in modals])], key=_start
            )
        self.modals = [(modal.span.start, modal.span.end) for modal in modals]
        conditions = find_conditions(text, self.modals)
        main = [modal for modal in modals if not is_within(conditions, modal.span.start)]
        if main:
            self._read_leading(text, conditions, main[0].span.start)
        statements: list[Statement] = []
        previous: Subject | None = None
        left = 0
        for index, (span, modality, parties) in enumerate(main):
            following = main[index + 1].span.start if index + 1 < len(main) else len(text)
            if parties is not None:
                statement: Statement | None = Statement(modality, parties, span.start, span[:2], 0)
            else:
                statement, previous = self._statement(
                    text, span, modality, left, following, previous, conditions
                )
            if statement is not None:
                statements.append(statement)
            left = span.end
        self.mentioned = self.names.mentioned(text) or self.mentioned
        return _with_ends(_merged(statements, text), text)

    def _read_leading(self, text: str, conditions: Sequence[Condition], modal: int) -> None:
        """Who "it" is after a condition at the beginning: "If the Buyer is late, it shall"."""
        for condition in conditions:
            if condition.is_clause and condition.end <= modal:
                self.last = self.names.first(text[condition.start : condition.end]) or self.last

    def _plain(self, text: str, modals: Sequence[Span]) -> list[PlainVerb]:
        """What a sentence lays down without a modal verb."""
        verbs: list[PlainVerb] = []
        if self.reads_plain:
            verbs += find_plain_verbs(text, self.names, self.rules, modals, self.last)
        if self.reads_imperatives and not verbs:
            verbs += find_imperatives(text, self.rules, self.names.addressed)
        return verbs

    def _modals(self, text: str) -> list[PlainVerb]:
        excluded = self.rules.not_modals.find(text)
        return [
            PlainVerb(span, self.rules.modality_of[pattern])
            for span, pattern in self.rules.modals.find_patterns(text)
            if not any(other.start <= span.start < other.end for other in excluded)
            and (span.text.lower() != "can" or _PERSONAL.search(text, 0, span.start))
        ]

    def _statement(
        self,
        text: str,
        span: Span,
        modality: Modality,
        left: int,
        following: int,
        previous: Subject | None,
        conditions: Sequence[Condition],
    ) -> tuple[Statement | None, Subject | None]:
        """What a modal verb lays down, and the subject that a verb after "and" shares."""
        before = text[left : span.start]
        near = before[-_NEAR:]
        if _NOTHING.search(near):
            return None, None
        rest = text[span.end : following]
        subject = self.names.subject(before, self.last) or self.names.of_people(before)
        closed = _closed_to_others(near, rest, modality, has_party=subject is not None)
        if closed is not None:
            start = span.start - len(near) + closed
            return Statement("prohibition", (), start, (span.start, span.end), 0, True), None
        start = left if subject is None else left + subject.start
        if subject is None and previous is not None and _AND_BEFORE.search(near):
            subject, start = previous, span.start
        if subject is None and _INVERTED.search(near):
            parties = self.names.begins(rest, self.last)
            subject = Subject(parties, span.start, is_none=True) if parties else None
            rest = rest.split(" ", 2)[-1]
        if subject is None and (pronoun := _PRONOUN.search(near)) is not None:
            start = span.start - len(near) + pronoun.start("pronoun")
            parties = self.names.mentioned(text[: span.start]) or self.mentioned
            subject = Subject(parties, start, is_unsure=True)
        if subject is not None and _PASSIVE_IT.search(f"{before}{rest[:40]}"):
            subject = None  # "it" is what is acted on
        if subject is None:
            if _RELATIVE.search(near) or _RELATIVE_NEAR.search(near):
                return None, previous
            return self._of_object(text, span, modality, rest, left, conditions), None
        if not (subject.is_unsure or subject.is_personal):
            self.last = subject.parties or self.last
        if self._is_fact(rest):
            return None, subject
        if subject.is_none:
            modality = _denied(modality, span.text)
        if modality == "obligation" and _DOES_NOTHING.match(rest):
            modality = "prohibition"  # shall make no statement
        if _is_relative(text[left:start][-_NEAR:], is_none=subject.is_none):
            return None, previous
        return self._of_party(subject, start, span, modality, rest)

    def _of_party(
        self, subject: Subject, start: int, span: Span, modality: Modality, rest: str
    ) -> tuple[Statement, Subject | None]:
        """What a sentence lays down whose subject is a party: others act where it is paid."""
        passive = _PASSIVE.match(rest)
        if passive is not None and passive["participle"].lower() in self.rules.received:
            agents = self.names.agent(rest)
            return Statement(modality, agents, start, (span.start, span.end), 0, True), None
        statement = Statement(modality, subject.parties, start, (span.start, span.end), 0)
        return replace(statement, is_unsure=subject.is_unsure), subject

    def _of_object(
        self,
        text: str,
        span: Span,
        modality: Modality,
        rest: str,
        left: int,
        conditions: Sequence[Condition],
    ) -> Statement | None:
        """What a sentence lays down whose subject is no party: what is to be done by somebody."""
        before = text[left : span.start]
        start = left + _begin_of_object(before, is_first=left == 0)
        if modality == "condition":
            return Statement(modality, (), start, (span.start, span.end), 0, True)
        passive = _PASSIVE.match(rest)
        is_payable = _PAYABLE.search(span.text) is not None
        if self._is_fact(rest) or (passive is None and not is_payable):
            return None
        near = before[-_NEAR:]
        if _SUBORDINATE.search(near) and not _AGREED.search(near):
            return None
        parties = self.names.agent(rest)
        participle = "" if passive is None else passive["participle"].lower()
        if not parties and participle in self.rules.facts_of_objects:
            return None
        if modality == "permission" and not _NO_OBJECT.search(near) and not parties:
            return None
        if modality in ("obligation", "permission") and _NO_OBJECT.search(near):
            modality = "prohibition"
        return Statement(modality, parties, start, (span.start, span.end), 0, True)

    def _is_fact(self, rest: str) -> bool:
        adverbs = _ADVERBS.match(rest)
        offset = adverbs.end() if adverbs is not None else 0
        after = rest[offset : offset + 120]
        return any(span.start == 0 for span in self.rules.facts.find(after)) or any(
            span.start == 0 for span in self.rules.facts.find(rest.lstrip()[:120])
        )


def _start(verb: PlainVerb) -> int:
    return verb.span.start


def _closed_to_others(near: str, rest: str, modality: Modality, *, has_party: bool) -> int | None:
    """Where words begin that keep all others from something: "nobody but the Buyer may"."""
    nobody = _NOBODY.search(near)
    if nobody is not None and modality in ("obligation", "permission"):
        return None if modality == "obligation" and _STATE.match(rest) else nobody.start()
    only = _ONLY.search(near) if modality == "permission" and not has_party else None
    if only is None or re.search(r"\b(?:which|who|that)\b", only["only"]):
        return None
    return only.start("only")


def _is_relative(before: str, *, is_none: bool) -> bool:
    """Whether the words before a subject make what follows a part of a noun: "in such form as".

    Args:
        before: the words.
        is_none: whether the subject is "neither party", which "that" makes no part of a noun.
    """
    if _RELATIVE_NEAR.search(before) or _BEFORE_RELATIVE.search(before):
        return True
    return not is_none and _BEFORE_THAT.search(before) is not None and not _AGREED.search(before)


def _begin_of_object(before: str, *, is_first: bool) -> int:
    """Offset of the subject in the words before a modal verb: after what joins it to others."""
    if is_first:
        return len(before) - len(before.lstrip(" ,;"))
    joints = [match.end() for match in _JOINT.finditer(before)]
    return joints[-1] if joints else len(before) - len(before.lstrip(" ,;"))


def _denied(modality: Modality, words: str) -> Modality:
    """What "neither party" makes of what a party shall, may or is required to do."""
    if _REQUIRED.search(words):
        return "no obligation"
    return "prohibition" if modality in ("obligation", "permission") else modality


def _merged(statements: Sequence[Statement], text: str) -> list[Statement]:
    """Statements without what only adds to one: "shall not, and shall cause others not to"."""
    merged: list[Statement] = []
    for statement in statements:
        before = merged[-1] if merged else None
        if before is not None and before.parties == statement.parties:
            between = text[before.modal[1] : statement.start]
            if not re.search(r"\w", re.sub(r"\b(?:and|or|at\s+all\s+times)\b", "", between)):
                continue
        merged.append(statement)
    return merged


def _with_ends(statements: Sequence[Statement], text: str) -> list[Statement]:
    """The statements, each up to where the next begins."""
    ends = [*(following.start for following in statements[1:]), len(text)]
    return [
        replace(statement, end=max(end, statement.modal[1]))
        for statement, end in zip(statements, ends[: len(statements)], strict=True)
    ]
