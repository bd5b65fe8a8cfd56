"""Duties without a modal verb: "the Buyer pays a fee", "keep the keys safe", "payable monthly"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from metier.plugin import Span
from metier_legal.duties.parties import LEAD_START, PartyNames
from metier_legal.duties.rules import Modality, Rules

_NOUN_BEFORE = re.compile(
    r"\s+(?:shall|will|must|may|can|is|are|was|were|has|have|of|and|or)\b|\s*[,;:.)]"
)
"""What follows a verb that is a noun: "the Supplier reports shall"."""
_MOST_VERBS = 50
"""Verbs of a sentence that are looked at, so that a text of nothing else is read in time."""
_IT = re.compile(r"(?:it|they|he|she)\b", re.IGNORECASE)
_CONDITION = re.compile(r"\W*(?:if|when|whenever|where|as\s+soon\s+as|once)\s", re.IGNORECASE)
_MANY = re.compile(r"(?:we|you|i|both|all)\b|.*\bparties\b|.*\band\b", re.IGNORECASE)
_NO_OBJECT = re.compile(r"\w+\s+(?:no|nothing)\b(?!\s+(?:less|later|more|fewer))", re.IGNORECASE)
_AFTER_CLAUSE = re.compile(r"(?:;\s*(?:and\s+|but\s+)?|,?\s+(?:and|but)\s+)\Z")
_LISTED = re.compile(r":|\(\w{1,4}\)|\b(?:provided|if|unless)\b", re.IGNORECASE)
"""Words after which a clause may be an item of a list of conditions."""
_OPEN_LEAD = re.compile(
    r"\b(?:that|which|who|whom|whose|if|when|where|as|what|day|date|time|moment|event|case|extent|"
    r"manner|way|amount)\s*\Z|\A\W*(?:if|when|where|once|unless|should|as|because|while|since|to)\b",
    re.IGNORECASE,
)
"""Words that begin a sentence and do not end before a subject that no comma stands before."""
_ADDRESSES = re.compile(r"\b(?:you|your|us|our)\b", re.IGNORECASE)
_PAYABLE = re.compile(
    r"\b(?:is|are)\s[^;]{1,80}?,\s+(?P<modal>(?:due\s+and\s+)?payable|due(?=\s+(?:on|by|in|within|each|every|at)\b))\b",
    re.IGNORECASE,
)


class PlainVerb(NamedTuple):
    """A verb that lays down a duty by itself.

    Attributes:
        span: an empty one, right before the verb; with words where these are as a modal verb is.
        modality: of the duty.
        parties: whose it is, for an imperative; None where the subject is to be looked for.
    """

    span: Span
    modality: Modality
    parties: tuple[str, ...] | None = None


def find_plain_verbs(
    text: str, names: PartyNames, rules: Rules, modals: Sequence[Span], last: tuple[str, ...]
) -> Iterator[PlainVerb]:
    """Verbs of paying, delivering and the like in the present tense, with a party as subject.

    Only a subject that begins a sentence or a main clause counts: "the texts that the Supplier
    delivers" lay down nothing.

    Args:
        text: a sentence on one line.
        names: of the parties.
        rules: with the verbs.
        modals: modal verbs of the sentence.
        last: the parties that "it" stands for.
    """
    if not modals and (payable := _PAYABLE.search(text)) and rules.amount.search(payable[0]):
        words = payable["modal"]
        yield PlainVerb(Span(payable.start("modal"), payable.end("modal"), words), "obligation")
    starts = sorted(span.start for span in modals)
    first = re.search(r"[^\W\d_]", text)
    is_sentence = first is not None and first[0].isupper()
    for match in islice(rules.plain_verbs.finditer(text), _MOST_VERBS):
        following = text[match.end() : match.end() + 12]
        if _NOUN_BEFORE.match(following) or _is_fact(text[match.start() :], rules):
            continue
        subject = names.subject(text[: match.start()], _antecedent(text, names) or last)
        if subject is None or subject.is_unsure or not subject.parties:
            continue
        words = text[subject.start : match.start()]
        agrees = match["denied"] or bool(match["base"]) == bool(_MANY.match(words))
        if (_IT.match(words) and not _antecedent(text, names)) or not agrees:
            continue
        before = text[: subject.start]
        has_clause = bool(starts) and starts[0] < subject.start
        if not _begins_clause(before, starts, is_sentence=is_sentence, has_clause=has_clause):
            continue
        is_denied = match["denied"] or _NO_OBJECT.match(text, match.start())
        starts.append(match.start())
        yield PlainVerb(
            Span(match.start(), match.start(), ""), "no obligation" if is_denied else "obligation"
        )


def find_imperatives(text: str, rules: Rules, addressed: tuple[str, ...]) -> Iterator[PlainVerb]:
    """Verbs that tell somebody what to do or not to do: "Keep the keys, and return them".

    Args:
        text: a sentence of a numbered clause, on one line.
        rules: with the verbs.
        addressed: the party that "you" is.
    """
    first = rules.imperatives.match(text)
    if first is None and _ADDRESSES.search(text) and LEAD_START.match(text):
        first = rules.imperatives_after.search(text)
    while first is not None:
        start = first.start("verb")
        modality: Modality = "prohibition" if first["denied"] else "obligation"
        yield PlainVerb(Span(start, start, ""), modality, addressed)
        first = rules.imperatives_joined.search(text, first.end())


def _antecedent(text: str, names: PartyNames) -> tuple[str, ...]:
    """Who "it" is in the main clause after a condition: "If the Buyer is late, it pays"."""
    condition = _CONDITION.match(text)
    return () if condition is None else names.topic(text[condition.end() :], ())


def _begins_clause(
    before: str, verbs: Sequence[int], *, is_sentence: bool, has_clause: bool
) -> bool:
    """Whether a main clause begins after some words of a sentence.

    Args:
        before: the words.
        verbs: offsets of other verbs that lay something down.
        is_sentence: whether the sentence begins with a capital, as an item of a list may not.
        has_clause: whether one of these verbs stands before.
    """
    if not re.search(r"\w", before):
        return is_sentence
    if has_clause:
        return _AFTER_CLAUSE.search(before) is not None and not _LISTED.search(before)
    if any(start < len(before) for start in verbs) or not LEAD_START.match(before):
        return False
    if re.search(r",\s*(?:then\s+)?\Z", before):
        return re.search(r"[:;]|\bprovided\b", before) is None
    return len(before.split()) in range(2, 8) and not _OPEN_LEAD.search(before)


def _is_fact(words: str, rules: Rules) -> bool:
    return any(span.start == 0 for span in rules.plain_facts.find(words[:120]))
