"""Identifiers with a recognizable form or a label, masked in texts that are about to be sent.

This is a net, not de-identification: names, addresses and what is written unlike any of the forms
below pass through it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

from metier.plugin import MetierWarning, hookimpl

# Every repetition is bounded or possessive, so that no text can make a search long.

_DASH = r"\-\u2010-\u2015\u2212"

_NUMBER = rf"[\s_{_DASH}]{{0,3}}+(?:numbers?|num|nos?|nr|ids?|identifiers?|\#s?)(?![a-z])"
"""The word that makes a number out of `medical record` or `patient`."""

_BETWEEN = (
    r"(?:\s{1,40}+"
    rf"|[:;,.#=*|\"'\u2018\u2019\u201c\u201d`<>/\\_{_DASH}]"
    r"|\([a-z][^()\d\n]{0,24}\)"  # (mm/dd/yyyy)
    r"|(?:numbers?|num|nos?|nr|ids?)(?![a-z])"
    r"|a(?![a-z]|[ ]?[./\-]?\d)"  # A123456 and AT-99812 are codes
    r"|(?:is|was|are|as|at|on|in|of|for|the|recorded|listed|given|stated"
    r"|documented|reported|noted|known|ending|ends|with|last|four|digits|his|her|their|my|home"
    r"|work|office|mobile|cell|contact|phone|line|wife|husband|mother|father|daughter|son"
    rf"|partner|patient|age|sex|male|female)(?:['\u2019]s)?(?![a-z\d]|[./{_DASH}]\d)){{0,14}}"
)
"""What may stand between a label and its value: punctuation, and words that add nothing."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_POINT = rf"[ ]?[./{_DASH}][ ]?"
_JOIN = rf"[ ,.'\u2019{_DASH}]{{0,3}}"
_DATE = (
    rf"(?:\d{{1,4}}{_POINT}\d{{1,2}}{_POINT}'?\d{{1,4}}(?!\d)"
    r"|\d{8}(?!\d)"
    rf"|{_DAY}{_JOIN}(?:day )?(?:of )?{_MONTH}{_JOIN}(?:of )?\d{{2,4}}(?!\d)"
    rf"|{_MONTH}{_JOIN}{_DAY}{_JOIN}\d{{2,4}}(?!\d)"
    rf"|{_MONTH}{_JOIN}(?:of )?\d{{4}}(?!\d))"
)
_LABELED_DATE = (
    rf"(?:{_DATE}"
    r"|\d{1,4}[ ]\d{1,2}[ ]\d{1,4}(?!\d)"
    r"|\d{6}(?!\d)"
    rf"|\d{{1,2}}{_POINT}\d{{4}}(?!\d)"
    rf"|{_DAY}{_JOIN}{_MONTH}(?![a-z])|{_MONTH}{_JOIN}{_DAY}(?![a-z\d])"
    r"|(?:19|20)\d\d(?!\d))"
)

_CODE = (
    rf"(?=(?:[a-z]{{0,5}}[ ./{_DASH}]?[a-z]{{0,5}}\d){{3}})"
    rf"[a-z]{{0,5}}[ ./{_DASH}]?\d[a-z\d]{{0,39}}"
    rf"(?:[ ./{_DASH}](?:[a-z]{{1,5}}(?=\d)|(?=\d))[a-z\d]{{1,39}}){{0,6}}(?:[ ][a-d](?!\w))?"
)
"""A number with letters in it, of three digits or more: `AB-123`, `943 476 5919`, `1EG4-TE5`."""

_HOST = r"[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,40}"
_SPACED = rf"[ \u00a0\u202f./{_DASH}]?"
_SECURITY = rf"(?:[\dx*\u2022](?:{_SPACED}[\dx*\u2022]){{3,10}}+)(?<=\d)(?!\d)"
_DIGITS = rf"\d(?:[ \u00a0\u202f()./{_DASH}]{{0,2}}+\d)"
_CALENDAR = r"(?!(?:\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)(?!\d))"
_GAP = rf"[ \u00a0\u202f.{_DASH}]"

_LABELED: tuple[tuple[str, str, str], ...] = (
    (
        "date of birth",
        r"d\.?[ ]?o\.?[ ]?b\.?s?|dates?[\s_-]?of[\s_-]?birth|birth[\s_-]?(?:date|day)s?|b-?days?",
        _LABELED_DATE,
    ),
    ("date of birth", "born", _DATE),
    (
        "social security number",
        rf"ssns?|s\.s\.n\.?|(?:ss|soc(?:ial|\.)?[\s_-]?sec(?:urity|\.)?){_NUMBER}"
        r"|social security(?=[\s:]{1,3}\d{3}\W?\d\d\W?\d{4}(?!\d))",
        _SECURITY,
    ),
    (
        "record number",
        rf"(?:mrns?|m\.r\.n\.?|(?:mr|med(?:ical|\.)?[\s_-]?rec(?:ords?|\.)?|records?|patient|pt"
        r"|hosp(?:ital|\.)?|clinic|unit|charts?|file|case|nhs|chi|national insurance|ni|insurance"
        r"|claim|group|certificate|serial|device|vehicle|registration|referral|requisition|order"
        r"|prescription|rx|npi|dea|health"
        r"(?:[\s_-]?(?:plan|card|insurance|record))?|(?:health[\s_-]?)?card|medicare|medicaid"
        r"|policy|member|subscriber|beneficiary|account|acct\.?|encounter|visit|admission"
        r"|accession|specimen|passport|licen[sc]e|driver'?s?[\s_-]?licen[sc]e)"
        rf"{_NUMBER}|vins?|vehicle identification{_NUMBER}|licen[sc]e plates?|dl(?=[ ]?[\#:])|npi"
        r"|aadhaar|tfn|(?:medical record|nhs)(?=[\s:]{{1,3}}\d{{3}}[ -]?\d{{3}})"
        r"|(?:mr|medical record|chart|account|acct\.?|encounter|policy|passport|accession"
        r"|(?:driver'?s?[\s_-]?)licen[sc]e)(?=[ ]?:))",
        _CODE,
    ),
    (
        "phone number",
        r"pagers?|beepers?|bleeps?",
        rf"\d{{4,6}}(?!\d)(?![ \u00a0\u202f()./{_DASH}]{{1,2}}\d{{3}})",
    ),
    (
        "IP address",
        r"ip(?:v[46])?(?:[\s_-]?addr(?:ess(?:es)?|\.)?)?",
        r"\d{1,3}(?:\.\d{1,3}){3}(?!\d)",
    ),
    (
        "phone number",
        r"tel(?:ephones?|s?\.)?|phones?|ph(?=[.:#]\s?[+(\d][^.])|mobiles?|cells?(?:[\s_-]?phones?)?|fax(?:es)?|pager"
        r"|whatsapp|call|contact",
        rf"{_CALENDAR}\+?\(?{_DIGITS}{{5,14}}+",
    ),
)

_UNLABELED: tuple[tuple[str, str], ...] = (
    (
        "e-mail address",
        # a quotation mark or a sign of markup before an address is no part of it
        r"(?<![\w.+!#$%&'*/=?^`{|}~\u2019-])"
        r"(?P<label>(?:[!#$%&'*/=?^`{|}~\u2019]*+(?=[\w.+-]))?)"
        r"[\w.+!#$%&'*/=?^`{|}~\u2019-]++"
        rf"@(?:{_HOST}|\[[\da-f.:]{{3,45}}\])",
    ),
    ("e-mail address", rf"\"[^\"\n@]{{1,64}}\"@{_HOST}"),
    (
        "social security number",
        rf"(?<!\d)(?<!\d[{_DASH}])\d{{3}}[{_DASH}]\d{{2}}[{_DASH}]\d{{4}}(?![\d{_DASH}])",
    ),
    ("phone number", rf"(?<![\w+])\+{_DIGITS}{{7,14}}+(?!\d)"),
    ("phone number", rf"(?<![\w.+])00{_GAP}?[1-9]{_DIGITS}{{7,12}}+(?!\d)"),
    (
        "phone number",
        rf"(?<!\d)(?<!\d[.{_DASH}])(?:1{_GAP}{{0,2}})?(?:\(\d{{3}}\){_GAP}?|\d{{3}}{_GAP})\d{{3}}"
        rf"{_GAP}\d{{4}}(?![\d.{_DASH}]\d|\d)",
    ),
    (
        "phone number",
        rf"(?<![\w.,/])(?:\(0\d{{1,4}}\){_GAP}?|0\d{{1,4}}{_GAP})\d{{3,4}}{_GAP}\d{{3,4}}(?!\d)",
    ),
)


def _after_label(label: str, value: str) -> str:
    # an opening parenthesis stays, unless it is that of an area code: (020) 7946 0958
    opening = r"(?:\[|\((?!\+?\d{1,5}\)[ ]?\d))?+"
    return rf"(?P<label>(?<![a-z0-9])(?:{label})(?![a-z]){_BETWEEN}{opening})\(?{value}"


_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(form, re.IGNORECASE))
    for kind, form in (
        *((kind, _after_label(label, value)) for kind, label, value in _LABELED),
        *_UNLABELED,
    )
)

_AND = r"(?:(?:,[ ]?)?(?:and|or)(?![a-z])|[,;/&+|])"
_LISTED: dict[int, re.Pattern[str]] = {
    index: re.compile(
        # "1234567 and 7654321", "1234567 (formerly 7654321)", and items below each other
        rf"(?P<label>[ \t]{{0,3}}(?:{_AND}\s{{0,3}}|\((?:[a-z]{{2,12}}[: ]{{1,2}}){{0,2}}"
        rf"|\n[ \t]{{0,8}}(?:[*\u2022{_DASH}]\s)?))(?P<value>{value})(?![a-z\d])"
        # a dose or a count is none
        r"(?!\s{0,2}(?:%|(?:mg|mcg|g|kg|ml|l|cm|mm|mmol|units?|tablets?|days?|weeks?|months?|years?"
        r"|hours?|visits?|times|patients?|people)(?![a-z])))",
        re.IGNORECASE,
    )
    for index, (_, _, value) in enumerate(_LABELED)
}
"""What goes on with a list after a labeled value, by the index of its form."""
_PLURAL = re.compile(
    r"(?:dates of birth|\#s"
    r"|(?<![a-z])(?!(?:is|was|his|as|ends|with)(?![a-z]))[a-z.'\u2019-]{0,24}s)\.?"
    r"(?:\s(?:are|were))?(?:\s?\([^()]{0,24}\))?[\s:.=*\u2022-]{0,8}$",
    re.IGNORECASE,
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
    for index, (kind, form) in enumerate(_FORMS):
        pieces: list[str] = []
        position = 0
        while (match := form.search(text, position)) is not None:
            label = match["label"] if "label" in form.groupindex else ""
            pieces += (text[position : match.start()], label, f"[{kind}]")
            position = match.end()
            if index in _LISTED:
                position = _mask_list(text, match, index, pieces)
        if pieces:
            kinds.add(kind)
            text = "".join((*pieces, text[position:]))
    return text


def _mask_list(text: str, match: re.Match[str], index: int, pieces: list[str]) -> int:
    """Mask the values that a list goes on with after a labeled one; where it ends.

    After a label in the singular only what is written like the first value belongs to the list:
    in "MRN 1234567 and 500 mg" the second number is none.
    """
    kind = _LABELED[index][0]
    is_plural = _PLURAL.search(match["label"]) is not None
    shape = _shape(text[match.end("label") : match.end()])
    position = match.end()
    while (listed := _LISTED[index].match(text, position)) is not None:
        # another date after a comma may be that of a visit
        apart = "\n" in listed["label"] or (kind == "date of birth" and "," in listed["label"])
        is_alike = _shape(listed["value"]) == shape and len(shape) > 5 and not apart
        if not (is_plural or is_alike):
            break
        pieces += (listed["label"], f"[{kind}]")
        position = listed.end()
    return position


def _shape(value: str) -> str:
    """A value with 9 for each digit and A for each letter."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", value.lstrip("(")))
