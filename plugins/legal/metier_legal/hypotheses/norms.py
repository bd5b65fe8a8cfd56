"""What a statement makes of something that it names: forbidden, allowed, required or otherwise."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

from metier.plugin import Phrases

NormKind = Literal[
    "prohibited",
    "restricted",
    "permitted",
    "required",
    "exempt",
    "excluded",
    "regardless",
    "ended",
    "stated",
]
"""`restricted` is prohibited with exceptions or permitted under conditions, `exempt` not required,
`excluded` not covered by the agreement, `regardless` said not to matter, `ended` a duty that ends,
and `stated` none of these."""

NORM_KINDS: tuple[NormKind, ...] = get_args(NormKind)

_NEGATION = r"(?:not|no|neither|nor|never|none|nobody|nothing|without|cannot)"
_NO_NEGATION = re.compile(
    r"\b(?:without(?: any)? (?:limit|prejudice|derogat)\w*|but not limited to|(?:no|not) less than"
    r"|no later than|not later than|without (?:undue )?delay|non-\w+|not only"
    r"|at no (?:\w+ )?(?:cost|charge|expense)|no longer (?:need|require|use)\w*)\b",
    re.IGNORECASE,
)
"""Words that look like a negation and deny nothing."""

_PROVISO = re.compile(
    r"\b(?:(?:in)?(?:so|as) far as|to the (?:maximum |fullest |greatest )?extent|(?:if|where|when)"
    r"|unless|as)(?: (?:it|this|that|so) (?:is|are))?"
    r"(?: (?!(?:may|can|shall|must|will|is|are)\b)\w+){0,5}?"
    r" (?:allow|permit|entitl|authori[sz]|prohibit|forbid)\w*(?: (?:by|under) \w+)?"
    r"|\b(?:if|where|when|unless|as)(?: \w+){0,5}? (?:is|are)"
    r" (?:allowed|permitted|authori[sz]ed|prohibited|forbidden) (?:by|under) \w+"
    r"|\b(?:if|where|when|as far as) (?:\w+ ){1,2}can\b"
    r"|(?<!\bis )(?<!\bare )\b(?:legally|lawfully) (?:permit|allow|entitl)\w*"
    r"|\bso that (?:\w+ ){1,4}?(?:may|can)\b",
    re.IGNORECASE,
)
"""What a norm depends on or is for: `so far as the law allows` permits nothing itself."""


def _words(*patterns: str) -> re.Pattern[str]:
    """Any of several patterns of whole words."""
    return re.compile("|".join(rf"\b(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_EXEMPT = _words(
    rf"(?!without){_NEGATION}\b(?:\W+\w+){{0,6}}?\W+(?:required|obligat\w+|obliged?|duty|duties)\b",
    rf"(?!without){_NEGATION}\b(?:\W+\w+){{0,6}}?\W+(?:bound|need\w*|requires|obliges)\b",
    r"needs? not\b",
    r"(?:needs?|has|have)(?: to)? \w+ (?:nobody|no one|nothing)\b",
    r"waiv\w+",
    r"(?:released?|relieved?|discharge[sd]?)(?:\W+\w+){0,3}?\W+(?:from|of)\b",
)
_FREE = _words(
    rf"{_NEGATION}\b(?:\W+(?!(?:and|but)\b)\w+){{0,8}}?\W+(?:prevent|prohibit|restrict|preclud|limit|hinder|bar)\w*",
    r"(?:nothing|none|no|neither)\b(?:\W+\w+){0,8}?\W+(?:stops?|forbids?|impedes?|restrains?)\b",
    rf"{_NEGATION}\b(?:\W+\w+){{0,8}}?\W+keeps?\b(?:\W+\w+){{1,5}}?\W+from \w+ing\b",
    r"(?:free|at liberty) to\b",
    r"no objections? (?:to|against|if)\b",
    rf"{_NEGATION} stands? in the way\b",
    r"without restriction\b",
    r"not (?:be )?a breach\b",
)
_EXCLUDED = _words(
    rf"{_NEGATION}\b(?:\W+\w+){{0,5}}?\W+(?:includ|appl|exten[ds]|deem|consider|cover|regard)\w*",
    rf"{_NEGATION}\b(?:\W+\w+){{0,5}}?\W+(?:treat|attach|impos|subject|constitut|construed|mean)\w*",
    r"exclu(?:d|sion)\w*",
    r"exceptions?\b",
    r"outside (?:of )?the\b",
    r"exempt\w*",
)
_REGARDLESS = _words(
    r"whether or not\b",
    r"(?:regardless|irrespective|no matter|although|or not)\b",
    r"even (?:if|though|where|when)\b",
    r"(?:makes? no difference|do(?:es)? not matter)\b",
)
_NEGATED = _words(
    rf"{_NEGATION}\b", r"(?:refrain|abstain|prevent|prohibit|forbid|preclud|avoid)\w*"
)
_FORBIDDEN = _words(
    r"(?:is|are|be) (?:\w+ ){0,2}(?:prohibited|forbidden)\b",
    r"(?:not|neither) (?:\w+ ){0,2}(?:permitted|allowed)\b",
    r"forbid\w*",
)
_EXCEPTION = _words(
    r"(?:except|other than|unless|only|solely|exclusively|otherwise than|beyond|more than)\b",
    r"(?:save (?:that|for|as|in)|apart from|with the exception of|but for)\b",
    r"to the extent (?:that|necessary|required|reasonably)\b",
)
_SECRET = "(?:secrets?|confidential|private)"
_OPEN = _words(
    rf"(?:is|are|be|remains?) (?:not|no|no longer|neither) (?:\w+ )?{_SECRET}\b",
    rf"(?:not|never|no longer)(?: \w+)? (?:be|kept|treated|held) (?:\w+ ){{0,2}}?{_SECRET}\b",
    r"makes? no secret of\b",
)
"""What is said to be no secret, after the words for it."""

_DENIED_OBJECT = re.compile(
    r"(?:\W+(?!(?:and|or|but|if|when|where|unless|because|as|that|which|who|while|until)\b)\w+){0,4}?"
    r"\s+(?P<denial>no(?: one)?|nothing|nobody|none|neither)\b",
    re.IGNORECASE,
)
"""A denial in the object of a verb, which denies it: `shall hire no employee`."""

_DENIAL = _words(r"(?:no|nothing|nobody|none|neither)\b")

_ENDING = "(?:end|cease|expire|lapse|terminate|stop|fall)"
_ENDED = re.compile(
    r"\b(?:dut(?:y|ies)|obligations?|restrictions?|covenants?|undertakings?|promises?|secrecy)\b"
    r"(?:\W+(?!(?:surviv|continu|remain|outlast|endure|bind)\w*|(?:until|till|after|before|beyond|for"
    r"|than|not|never|if|even|when|once|where|upon|that|which|notwithstanding)\b)\w+){0,8}?"
    rf"\W+{_ENDING}s?\b(?!\W+(?:\w+\W+){{1,12}}?(?:year|month|week|day)s?\b)",
    re.IGNORECASE,
)
"""Duties that end, and not some time after the agreement."""

_NOT_SURVIVING = _words(r"(?:do|does|shall|will) not (?:survive|outlast|outlive)\b")

_PERMITTED = _words(
    r"(?:may|can|entitled|permit(?:s|ted)?|allow(?:s|ed)?|authori[sz]ed)\b",
    r"(?:has|have) the right\b",
    r"(?:is|are) free\b",
)
_ONLY = _words(r"(?:only|solely|sole|exclusively|(?:nothing|nobody|no one) else)\b")
_REQUIRED = _words(
    r"(?:shall|must|will|agrees?|undertakes?|required|covenants?|obligat\w+|obliged)\b",
    r"(?:responsible|provided|so long as|ensure|procure)\b",
)
_BOUNDARY = re.compile(
    r"[.;](?=\s)|,\s+(?:and|or|nor)\s+(?=(?:shall|will|must|not|to|may)\b)"
    r"|,\s+(?=(?:\w+\s+){1,4}(?:shall|must|will|may)\b)"
    r"|\b(?:but|however|provided(?:,? however,?)?(?: that)?|except that)\b",
    re.IGNORECASE,
)
"""Where one norm of a statement ends and another begins."""


_DISCLOSER = "(?:disclosing part(?:y|ies)|disclosers?|owners?)"
_OF_OTHERS = re.compile(
    rf"\b{_DISCLOSER}(?: \w+)? (?:may|can|(?:is|are) (?:permitted|allowed|entitled|free))\b"
    r"|\b(?:its|their|his|her) own information\b"
    r"|\binformation (?:that|which) (?:is|was|has become|becomes) (?:\w+ )?public\b",
    re.IGNORECASE,
)
"""A permission of the party that discloses, or of information that nobody has to keep secret."""


def is_of_others(text: str, norm: Norm) -> bool:
    """Whether a statement permits what a hypothesis on the receiving party does not ask for."""
    return norm.kind in ("permitted", "restricted") and _OF_OTHERS.search(text) is not None


class Norm(NamedTuple):
    """What a statement makes of a term.

    Attributes:
        kind: of the norm.
        words: that decided it; empty for `stated`.
    """

    kind: NormKind
    words: str = ""


def read_norm(text: str, terms: Phrases | None, lead: str = "") -> Norm:
    """The norm of the first term in a statement, else of the whole statement.

    Args:
        text: of the statement.
        terms: what the norm is about.
        lead: words before a list, which hold for its entries: `The Recipient shall not:`.
    """
    spans = terms.find(text) if terms is not None else []
    whole = f"{lead} {text}" if lead else text
    for said_of_others in (_NO_NEGATION, _PROVISO):
        whole = said_of_others.sub(lambda match: " " * len(match[0]), whole)
    offset = len(whole) - len(text)
    first = spans[0].start + offset if spans else len(whole)
    last = spans[0].end + offset if spans else len(whole)
    begin = max((match.end() for match in _BOUNDARY.finditer(whole, 0, first)), default=0)
    if lead and begin >= offset and _REQUIRED.search(whole, begin, last) is None:
        begin = max((match.end() for match in _BOUNDARY.finditer(lead)), default=0)
    following = _BOUNDARY.search(whole, last)
    end = following.start() if following else len(whole)
    upto = (begin, last)
    if match := _REGARDLESS.search(whole, *upto):
        return Norm("regardless", match[0])
    if match := _EXEMPT.search(whole, *upto):
        return Norm("exempt", match[0])
    if match := _FREE.search(whole, *upto):
        return Norm("permitted", match[0])
    if match := _EXCLUDED.search(whole, *upto):
        return Norm("excluded", match[0])
    if match := _OPEN.search(whole, begin, end):
        return Norm("excluded", match[0])
    if match := _NOT_SURVIVING.search(whole, begin, end):
        return Norm("ended", match[0])
    negated = _FORBIDDEN.search(whole, begin, end) or _negation(whole, begin, first, last, end)
    if negated:
        exception = _EXCEPTION.search(whole, begin, end)
        if exception:
            return Norm("restricted", f"{negated[0]}, {exception[0]}")
        return Norm("prohibited", negated[0])
    if match := _ENDED.search(whole, begin, end):
        return Norm("ended", match[0])
    if match := _PERMITTED.search(whole, begin, end):
        only = _ONLY.search(whole, begin, end)
        return Norm("restricted" if only else "permitted", match[0])
    exception = _EXCEPTION.search(whole, begin, end)
    if match := _REQUIRED.search(whole, begin, end):
        return Norm("restricted" if exception else "required", match[0])
    return Norm("stated")


def _negation(text: str, begin: int, first: int, last: int, end: int) -> re.Match[str] | None:
    """Words of a denial before a term, with which it begins, or of its object.

    Args:
        text: of the statement.
        begin: where the norm begins.
        first: where the term begins.
        last: where the term ends.
        end: where the norm ends.
    """
    match = _NEGATED.search(text, begin, end)
    if match is not None and match.start() <= first:
        return match
    if inside := _DENIAL.search(text, first, last):
        return inside
    if (match := _DENIED_OBJECT.match(text, last, end)) is None:
        return None
    return _DENIAL.search(text, match.start("denial"), match.end())
