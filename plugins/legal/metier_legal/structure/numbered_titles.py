"""Titles of clauses after their numbers."""

from __future__ import annotations

import re

from metier_legal.structure.contract_lines import ContractLines
from metier_legal.structure.numbering import HEAD, Number, numbers
from metier_legal.structure.titles import (
    LONGEST_ENTRY,
    LONGEST_TITLE,
    capital_title,
    is_clausal,
    is_title,
    leading_title,
    phrase_title,
    run_in_title,
)

_INNER_NUMBER = re.compile(
    r"\s(?:(?:Section|SECTION|Clause|CLAUSE|Sec\.|\u00a7)\s?)?\d{1,3}\.\d{1,3}\b(?=[.\s]+[A-Z])"
)
_OPENING = " \"'(\u201c\u2018-\u2013"
_ITEM = re.compile(r"\(?[a-z]{1,4}[.)]\s")


def title_beside(lines: ContractLines, index: int, rest: str, number: Number) -> str:
    """The title after the number that a line begins with, told from a text by the line below."""
    following = lines.after(index)
    if rest.startswith("[") and rest.endswith("]") and is_title(rest[1:-1]):
        return rest
    if len(rest) <= LONGEST_TITLE and not re.search(r"[.:;](?:\s|$)", rest):
        text = lines.text_below(index)
        below = HEAD.match(text)
        if below and not text.isdigit():
            deeper = below["number"] and len(numbers(below["number"])) > len(number)
            is_led = deeper and not is_clausal(rest)
            return rest if is_led or is_title(rest) else ""
        if not text or not text[:1].islower() or _ITEM.match(text):
            # short and followed by a sentence of its own: a wrapped line would be nearly full
            words = rest.lstrip(_OPENING + "\t\u2014:.")
            is_apart = text and not following
            own = is_title(words) or (is_apart and not is_clausal(words))
            return rest if own and words[:1].isupper() else ""
    title = title_of(rest, number) or phrase_title(rest)
    if len(number) > 1 and rest == f"{title}.":
        # a short sentence, where no text stands under it: "2.2 On time."
        below = HEAD.match(lines.text_below(index) or "1.")
        if below and not (below["number"] and len(numbers(below["number"])) > len(number)):
            return ""
    return title


def title_of(rest: str, number: Number) -> str:
    """The title after a number, which the first number below it may end: `7. Orders 7.1 ...`."""
    if is_title(rest):
        return rest
    inner = re.search(
        rf"\s{re.escape('.'.join(f'{value}{letter}' for value, letter in number))}\.1\b",
        rest[:LONGEST_TITLE],
    )
    if inner is not None and is_heading(rest[: inner.start()]):
        return rest[: inner.start()].strip(" .:")
    if len(rest) > LONGEST_ENTRY:
        return leading_title(rest)
    return run_in_title(rest) or capital_title(rest)


def part_title(rest: str, *, is_long: bool) -> str:
    """The title after the number of a part, with what divides them: ` - PRICES 1.1 ...`."""
    inner = _INNER_NUMBER.search(rest[:LONGEST_TITLE])
    if inner is not None:
        return rest[: inner.start()]
    if not is_long:
        return rest
    text = rest.lstrip(_OPENING + ".:")
    title = leading_title(text)
    return rest[: len(rest) - len(text)] + title if title else ""


def is_heading(text: str) -> bool:
    """Whether the words between two numbers are a title of the first: `7. Orders 7.1 ...`."""
    words = text.strip(_OPENING + ".:")
    return 0 < len(words) <= LONGEST_TITLE and not (
        is_clausal(words) or re.search(r"[.;:]\s", words)
    )
