"""The order of duties: what has a time and money first, what every contract has last."""

from __future__ import annotations

from metier_legal.duties.duty import Duty
from metier_legal.duties.rules import Rules

_REASONS = {
    "date": "a date",
    "period": "a period",
    "recurring": "recurs",
    "event": "by an event",
    "prompt": "promptly",
    "amount": "an amount",
    "party": "a party is named",
    "boilerplate": "ordinary clause",
}
"""What the points of `rules.yaml` are for, in words."""


def rank_duty(duty: Duty, heading: str, rules: Rules) -> Duty:
    """A duty with its points, and with the reasons for them.

    The most telling of its times counts; an amount, a named party and the modality add to it, and
    clauses that nearly every contract has come last.

    Args:
        duty: with its marks.
        heading: of its clause.
        rules: with the points of each reason.
    """
    points = rules.points
    times = sorted(duty.due_kinds, key=lambda kind: -points[kind])
    names: list[str] = [*times[:1]]
    if any(mark.kind == "amount" for mark in duty.marks):
        names.append("amount")
    if duty.parties and not duty.is_party_unsure:
        names.append("party")
    is_ordinary = bool(rules.boilerplate_titles.find(heading)) or bool(
        rules.boilerplate_phrases.find(duty.quote)
    )
    if is_ordinary:
        names.append("boilerplate")
    total = sum(points[name] for name in [*names, duty.modality])
    reasons = [_REASONS[name] for name in names]
    if duty.is_party_unsure:
        reasons.append("party not sure")
    return duty.model_copy(update={"points": total, "reasons": (duty.modality, *reasons)})
