"""Identifiers with a recognizable form, masked in every text that is about to leave the machine.

This is a net, not de-identification: names, addresses and what is written unlike any of the forms
below pass through it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

from metier.plugin import MetierWarning, hookimpl

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
    rf"|{_DAY}[ .-]{{1,2}}(?:of )?{_MONTH}[ ,.-]{{1,2}}\d{{2,4}}"
    rf"|{_MONTH}\.? {_DAY},? \d{{2,4}})"
)
_GAP = r"[\s:#.=-]{0,4}(?:is |was )?"
_DIGITS = r"\d(?:[ ()./-]{0,2}\d)"

# every repetition has an upper bound, so that no text can make a search long
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(form, re.IGNORECASE))
    for kind, form in (
        (
            "date of birth",
            r"(?P<label>\b(?:date of birth|birth ?date|d\.?o\.?b\b\.?|born(?: on)?)"
            rf"{_GAP}){_DATE}\b",
        ),
        (
            "record number",
            r"(?P<label>\b(?:mrn|(?:medical record|patient|hospital|chart|nhs|insurance)"
            rf" (?:number|no\b\.?|id))\b{_GAP})[a-z]{{0,5}}[ -]?\d(?:[ -]?\d){{2,14}}\b",
        ),
        (
            "e-mail address",
            r"(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}",
        ),
        ("social security number", r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
        (
            "phone number",
            rf"(?P<label>\b(?:tel|telephone|phone|mobile|cell|fax)\b{_GAP})\+?{_DIGITS}{{5,14}}",
        ),
        ("phone number", rf"(?<![\w+])\+{_DIGITS}{{7,14}}(?!\d)"),
        ("phone number", r"(?<![\d.-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\d.-]\d|\d)"),
    )
)


@hookimpl
def metier_before_send(texts: Sequence[str], destination: str) -> list[str]:
    """Mask identifiers of patients; the rest of each text stays as it is.

    Warns:
        MetierWarning: something was masked; it says of which kinds.
    """
    kinds: set[str] = set()
    masked = [_masked(text, kinds) for text in texts]
    if kinds:
        listed = ", ".join(sorted(kinds))
        warnings.warn(
            f"Masked before texts went to {destination}: {listed}. Names and addresses are not "
            "recognized.",
            MetierWarning,
            stacklevel=2,
        )
    return masked


def _masked(text: str, kinds: set[str]) -> str:
    """The text with a word in brackets for each identifier; their kinds are added to `kinds`."""
    for kind, form in _FORMS:
        label = r"\g<label>" if "label" in form.groupindex else ""
        text, count = form.subn(f"{label}[{kind}]", text)
        if count:
            kinds.add(kind)
    return text
