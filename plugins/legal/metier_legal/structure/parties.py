"""Parties of a contract, as its preamble names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_PREAMBLE = 4000
_BETWEEN = re.compile(
    r"\b(?:(?:by and )?(?:[Bb]etween|[Aa]mong(?:st)?|BETWEEN|AMONG)|entered into[^.;()]{0,60}? by"
    r"|made[^.;()]{0,60}? by)\b[:,]?\s*"
)
_LIST = re.compile(r"^\W*(?:the )?parties\W*$", re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(
    r"^\W*(?:the )?(?:contracting )?parties[ \t]*:[ \t*_]*[ \t](?=\S)", re.IGNORECASE | re.MULTILINE
)
"""The beginning of a line that names the parties: `Parties: ...`."""
_LINE_END = re.compile(r"\n[ \t]*\n|\n(?=[^\n:]{1,40}:)|\.\s*\n")
_LABEL = re.compile(
    r"(?:^|(?<=[.;])[ \t]+)[ \t*_>|-]*(?:the )?(?P<role>(?:first |second )?party(?: [a-z0-9])?"
    r"|(?:sub-?|service )?(?:owner|customer|client|supplier|provider|vendor|seller|buyer|purchaser"
    r"|landlord|tenant|lessor|lessee|renter|licensor|licensee|lender|borrower|employer|employee"
    r"|contractor|consultant|freelancer|publisher|author|distributor|dealer|manufacturer|agent"
    r"|principal|discloser|recipient|company|franchisor|franchisee|sponsor|carrier|shipper"
    r"|guarantor|investor))[ \t*_]*:[ \t*_]*(?=\S)",
    re.IGNORECASE | re.MULTILINE,
)
"""What a party is called, before its name: `Owner: ...`."""
_ROLE = re.compile(
    r"[(\[][^()\[\]]{0,120}[\"\u201c\u2018']([^\"\u201d\u2019'()\n]{2,60})[\"\u201d\u2019']"
    r"[^()\[\]]{0,80}[)\]]"
)
_QUOTED = re.compile(r"[\"\u201c\u2018']([^\"\u201d\u2019'()\n]{1,60})[\"\u201d\u2019']")
PRONOUNS = ("we", "us", "our", "you", "your")
"""Pronouns that a preamble may give to a party as names, in small letters."""
_COMPANY = (
    r"(?i:(?:Inc|Ltd|Limited|LLC|L\.L\.C|LLP|L\.P|LP|Corp|Co|N\.A|S\.A|SA|GmbH|AG|B\.V|PLC)\b)"
)
_AND = re.compile(
    rf"(?:[,;](?!\s*{_COMPANY})\s*(?:and\b)?|\s+(?:and|AND))\s+"
    r"|\n\s*(?:\(?\d{1,2}[.)]\s+|(?:and|AND)\s*\n)\s*"
)
_NAME_END = re.compile(
    rf",(?!\s*{_COMPANY})|\s*[(\[]|\n[ \t]*\n|;"
    r"|(?<!Inc)(?<!Ltd)(?<!Corp)(?<!Co)(?<!INC)(?<!LTD)\.(?:\s|$)"
    r"|\s+(?:whose|having|with its|which|registered|incorporated|organized"
    r"|an? (?:company|corporation|limited|individual))\b|\s+of\s+(?=\d)"
)
_LEADING = re.compile(
    r"(?:\(?\d{1,2}[.)]\s+|[A-Z][.)]\s+(?=[A-Z]\w)|and\s+|AND\s+|the\s+|[\s,;:*_-]+)*"
)
_END = re.compile(
    r"\n[ \t]*\n(?!\s*(?:\(?\d|and\b|AND\b|[A-Z][^\n]*[(\[]))|\b(?:WHEREAS|RECITALS|BACKGROUND)\b"
    r"|\.\s+(?=(?:The|They|It|This|Each|Now|NOW|In|Both)\b)"
)


@dataclass(frozen=True, slots=True)
class Party:
    """A party of a contract.

    Attributes:
        name: as the preamble has it.
        role: what the contract calls it, such as `Seller`; empty where it has no other name.
        start: offset of the name.
        end: offset after it.
        aliases: every other name that the preamble gives it, in order, with the role: "we", "us"
            and "Seller".
    """

    name: str
    role: str
    start: int
    end: int
    aliases: tuple[str, ...] = ()


def find_parties(text: str, end: int | None = None) -> tuple[Party, ...]:
    """The parties that the preamble of a contract names, in order; none where it names no two.

    Args:
        text: the contract.
        end: offset at which its clauses begin, where that is known.
    """
    limit = min(len(text) if end is None else end, _LONGEST_PREAMBLE)
    openings = [
        (opening, end_of_list)
        for begin, end_of_list in ((_LINE, _LINE_END), (_BETWEEN, _END), (_LIST, _END))
        for opening in begin.finditer(text, 0, limit)
    ]
    for opening, end_of_list in openings:
        stop = end_of_list.search(text, opening.end(), limit)
        parties = tuple(_parties(text, opening.end(), stop.start() if stop else limit))
        if len(parties) > 1:
            return parties
    labeled = tuple(_labeled_parties(text, limit))
    return labeled if len(labeled) > 1 else ()


def _labeled_parties(text: str, end: int) -> Iterator[Party]:
    """The parties whose names stand after what they are called, one of each."""
    roles = set()
    for label in _LABEL.finditer(text, 0, end):
        line_end = text.find("\n", label.end(), end)
        party = _party(text, label.end(), end if line_end < 0 else line_end, (label["role"],))
        if party is not None and label["role"].casefold() not in roles:
            roles.add(label["role"].casefold())
            yield party


def _parties(text: str, start: int, end: int) -> Iterator[Party]:
    roles = list(_ROLE.finditer(text, start, end))
    if len(roles) > 1:
        for role in roles:
            party = _party(text, start, role.start(), _aliases(role))
            start = role.end()
            if party is not None:
                yield party
        return
    joints = list(_AND.finditer(text, start, end))
    # commas are those of addresses where semicolons stand between the parties
    joints = [joint for joint in joints if joint[0].startswith(";")] or joints
    starts = [start, *(joint.end() for joint in joints)]
    ends = [*(joint.start() for joint in joints), end]
    for begin, stop in zip(starts, ends, strict=True):
        role_match = next((role for role in roles if begin <= role.start() < stop), None)
        party = _party(text, begin, stop, () if role_match is None else _aliases(role_match))
        if party is not None:
            yield party


def _aliases(role: re.Match[str]) -> tuple[str, ...]:
    """The names that brackets after the name of a party give it, in order."""
    names = (name.strip(" ,").removeprefix("the ") for name in _QUOTED.findall(role[0]))
    return tuple(dict.fromkeys(name for name in names if name))


def _party(text: str, start: int, end: int, aliases: tuple[str, ...]) -> Party | None:
    """The party that a stretch of the preamble begins with a name of."""
    leading = _LEADING.match(text, start, end)
    start = leading.end() if leading is not None else start
    stop = _NAME_END.search(text, start, end)
    name = text[start : stop.start() if stop is not None else end].rstrip(" ,;:\n*_")
    words = name.split()
    if not words or len(words) > 12 or not (words[0][0].isupper() or words[0][0].isdigit()):
        return None
    # the last name is what the contract uses, but "we" is no name to list a party by
    names = [alias for alias in aliases if alias.lower() not in PRONOUNS]
    role = (names or list(aliases[:1]) or [""])[-1]
    return Party(" ".join(words), role, start, start + len(name), aliases)
