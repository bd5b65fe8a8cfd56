"""Who a sentence is about: the parties of a contract, by every name that it has for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from metier_legal.duties.rules import Rules
from metier_legal.structure import Contract
from metier_legal.structure.parties import PRONOUNS, Party

EACH = "each party"
OTHER = "the other party"

_EACH = (
    r"(?:each|either|both|any|every|the|all|one|a|such|that)\s+(?:of\s+the\s+)?"
    r"(?i:part(?:y|ies))(?:\s+(?:hereto|to\s+this\s+Agreement))?"
    r"|(?:each|either|both|any|all|one)\s+of\s+us|we\s+(?:both|each|all)"
)
_NONE = r"(?:neither|no|none)\s+(?:of\s+the\s+)?(?i:part(?:y|ies))(?:\s+hereto)?|neither\s+of\s+us"
_OTHER = r"the\s+other(?:\s+(?i:party))?"
_PRONOUN = r"(?:it|they|he|she)"
_SUFFIX = re.compile(
    r",?\s+(?:Inc|Ltd|Limited|LLC|L\.L\.C|LLP|L\.P|LP|Corp|Corporation|Company|Co|N\.A|S\.A|SA|GmbH|"
    r"AG|B\.V|BV|PLC|plc|SpA|Pty)\b\.?.*",
)
_NAME = (
    r"[A-Z][\w&'\u2019.-]*[\w](?:\s+(?:and\s+|&\s+|of\s+)?[A-Z][\w&.-]*\w){0,3}"
    r"(?:\s+(?:LLC|Ltd|Inc|plc|GmbH))?"
)
_GAP = (
    r"(?:\s*\([^()]{0,80}\))?"
    r"(?:\s+(?:unable|claiming|seeking|that|who|which|affected|giving|making|wishing|requesting|"
    r"relying|terminating|in\s+(?:breach|default))\b[^,;]{0,80}?)?"
    r"(?:,?\s+(?:and|or|nor|and/or)\s+(?:any\s+of\s+)?"
    r"(?:its|their|his|her|your|my)\s+[\w' \u2019-]{1,60}?)?"
    r"(?:\s+nor\s+[^,;]{1,80}?)?(?:\s+is\s+acting\s+and)?"
    r"(?:\s*,[^,;]{1,160},)?"
    r"(?:\s+(?:hereby|also|then|therefore|each|further|at\s+all\s+times|in\s+turn|jointly\s+and"
    r"\s+severally|alone|itself|themselves|always|\w+ly))*[\s,]*\Z"
)
_CALLED_PARTY = re.compile(
    r"\b[Pp]art(?:y|ies)\b[^().;]{0,120}\((?:the|each,?\s+an?|an?)\s+"
    r"[\"\u201c]([A-Z][\w -]{1,40})[\"\u201d]\)"
)
"""A name that a clause gives to whichever party does something: one party (the "Reader")."""
_PERSONAL = {"We": "we", "we": "we", "WE": "we", "You": "you", "you": "you", "YOU": "you", "I": "I"}
"""Pronouns that are parties, with their labels where the preamble gives them to nobody."""
_OBJECTS = {"us": "we", "Us": "we", "you": "you", "You": "you"}
"""The same after a preposition."""
_PERSONAL_START = re.compile(r"(?:we|you|i)\b", re.IGNORECASE)
_CLAUSE_START = re.compile(
    r"(?:\A|[,;:.)\u2013\u2014-]|\b(?:and|or|but|nor|then|that|if|unless|when|where|case|neither|either|both))\W*\Z",
    re.IGNORECASE,
)
LEAD_START = re.compile(
    r"\A\W*(?:(?:and|or|but|then)\s+)?(?:(?:if|when|where|whenever|once|after|before|(?:up)?on|at|in|for|during|"
    r"within|by|from|until|unless|each|every|as|should|subject|without|with|under|instead|otherwise|"
    r"to|also|while|because|since|starting|beginning|following|notwithstanding|provided|except|"
    r"here|there|then|sometimes|\w+ly)\b)",
    re.IGNORECASE,
)
_YOU = re.compile(r"\byou\b", re.IGNORECASE)
_TEMPORAL = re.compile(
    r"\A\s*(?:before|after|once|until|while|because|since|as\s+soon\s+as)\s+", re.IGNORECASE
)
_GIVEN = re.compile(
    r"\b(?:send|sends|sent|give|gives|gave|given|pay|pays|paid|owe|owes|tell|tells|told|show|shows|"
    r"offer|offers|lend|lends|supply|supplies|provide|provides|charge|charges|grant|grants|help|"
    r"helps|ask|asks|allow|allows|let|lets)\s+\Z",
    re.IGNORECASE,
)
"""The end of words after which "you" is an object: "the files that we send you must be"."""
_NEITHER = re.compile(r"\bneither\s+(?:of\s+)?(?:the\s+)?\Z", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"\b(?:of|to|by|with|from|for|between|against|upon|through|than|under|on|in|at|via|among|"
    r"including|bind|binds|require|requires|that\s+of)\s+(?:the\s+|a\s+)?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a modal verb is about.

    Attributes:
        parties: as the contract calls them; empty where it is no party.
        start: offset at which the words begin.
        is_none: whether it is "neither party".
        is_unsure: whether it is an "it" that may be a party named before, or a thing.
        is_personal: whether it is "we" or "you", which no "it" stands for.
    """

    parties: tuple[str, ...]
    start: int
    is_none: bool = False
    is_unsure: bool = False
    is_personal: bool = False


class PartyNames:
    """The names of the parties of a contract, to find them in sentences.

    Args:
        contract: its parties are read.
        rules: know the roles that contracts have.
    """

    def __init__(self, contract: Contract, rules: Rules) -> None:
        self.named = {label_of(party) for party in contract.parties}
        labels: dict[str, str] = {}
        for party in contract.parties:
            label = label_of(party)
            forms = [*party.aliases, party.name, _short(party.name), *_beginnings(party.name)]
            labels |= {" ".join(name.split()): label for name in forms if name}
        pronouns = {name.casefold(): labels.pop(name) for name in list(labels) if _is_pronoun(name)}
        self._not_parties = rules.not_parties
        called = dict.fromkeys(_CALLED_PARTY.findall(contract.text))
        for role in (*rules.roles, *(name for name in called if self._may_be_party(name))):
            labels.setdefault(role, role)
        self._labels = {name.casefold(): label for name, label in labels.items()}
        self._labels |= {
            word.casefold(): _defined(pronouns, label)
            for words in (_OBJECTS, _PERSONAL)
            for word, label in words.items()
        }
        is_addressed = "you" in pronouns or _YOU.search(contract.text) is not None
        self.addressed = (self._labels["you"],) if is_addressed else ()
        names = _alternatives(labels)
        personal = _alternatives(_PERSONAL)
        other = f"|(?P<name>{_NAME})" if not contract.parties else ""
        self._actor = (
            rf"(?:(?P<none>(?i:{_NONE}))|(?P<other>(?i:{_OTHER}))|(?P<each>(?i:{_EACH}))"
            rf"|(?P<pronoun>(?i:{_PRONOUN}))|(?:(?i:the|each|such|any|every|a)\s+)?(?P<known>"
            rf"(?:{names}|{personal})|(?i:(?<=the\s)(?:{names}))){other})"
        )
        objects = self._actor.replace(f"|{personal})", f"|{_alternatives(_OBJECTS)})")
        plain = re.sub(r"\?P<\w+>", "?:", self._actor)
        self._subject = re.compile(
            rf"(?<![\w'\u2019-])(?P<all>{plain}(?:\s*,?\s+(?:and|or|nor|and/or)\s+{plain})?)"
            rf"(?!['\u2019]s){_GAP}"
        )
        self._single = re.compile(rf"(?<![\w'\u2019-]){self._actor}(?![\w'\u2019])")
        self._agent = re.compile(rf"\bby\s+{objects}(?![\w'\u2019])")
        self._start = re.compile(rf"\s*{self._actor}(?!['\u2019]s)\s")
        people = "|".join(rules.people)
        self._people = re.compile(
            rf"(?:\A|[,;:.]\s+|\b(?:and|or|but|that)\s+)\W*(?P<all>(?:(?:the|all|any|no|other)\s+)*(?:"
            rf"(?i:{people})\s+of\s+{self._actor}"
            rf"|{self._actor.replace('?P<', '?P<of_')}['\u2019]s?\s+(?:\w+\s+)?(?i:{people})"
            rf"|(?P<own>[Oo]ur|[Yy]our)\s+(?:\w+\s+)?(?i:{people})))\s+\Z"
        )

    def subject(self, text: str, last: tuple[str, ...]) -> Subject | None:
        """The parties right before the end of a text; None where other words stand there.

        Args:
            text: of a sentence up to a modal verb.
            last: the parties that "it" stands for.
        """
        # the words that may be the subject are the last ones
        window = max(0, len(text) - 260)
        match = self._subject.search(text, window)
        while match is not None:
            if not _PREPOSITION.search(text, window, match.start()) and self._acts(text, match):
                subject = self._resolve(match["all"], match.start(), last)
                if subject is not None:
                    neither = _NEITHER.search(text, window, match.start())
                    if neither is not None:
                        return replace(subject, is_none=True, start=neither.start())
                    return subject
            match = self._subject.search(text, match.start() + 1)
        return None

    def _acts(self, text: str, match: re.Match[str]) -> bool:
        """Whether "we" or "you" are a subject: not in "all that we send you" or "files we use"."""
        if not _PERSONAL_START.match(match["all"]):
            return True
        before = text[: match.start()]
        if _GIVEN.search(before) and match["all"].lower().startswith("you"):
            return False
        clause = re.split(r"[;:.,]\s", before)[-1]
        return bool(_CLAUSE_START.search(before) or LEAD_START.match(clause))

    def of_people(self, text: str) -> Subject | None:
        """The party whose staff or affiliates stand right before the end of a text."""
        match = self._people.search(text, max(0, len(text) - 160))
        if match is None:
            return None
        own = {"our": "we", "your": "you"}.get((match["own"] or "").lower())
        name = own or " ".join((match["known"] or match["of_known"] or "").split())
        label = self._labels.get(name.casefold())
        if label is None:
            return None
        is_none = match["all"].lower().startswith("no ")
        return Subject((label,), match.start("all"), is_none, is_personal=True)

    def agent(self, text: str) -> tuple[str, ...]:
        """The party that an action is done by, in the words after a modal verb."""
        match = self._agent.search(text)
        return () if match is None else self._labels_of(match, ())

    def begins(self, text: str, last: tuple[str, ...]) -> tuple[str, ...]:
        """The party that a text begins with."""
        match = self._start.match(text)
        return () if match is None else self._labels_of(match, last)

    def topic(self, text: str, last: tuple[str, ...]) -> tuple[str, ...]:
        """The party that a text begins with, for an "it" after it: "Before the Buyer sells"."""
        match = self._start.match(_TEMPORAL.sub("", text))
        return () if match is None or _is_personal(match) else self._labels_of(match, last)

    def mentioned(self, text: str) -> tuple[str, ...]:
        """The party that a text names last; empty where it names none."""
        labels: tuple[str, ...] = ()
        for match in self._single.finditer(text):
            if match["known"] and not _is_personal(match):
                labels = self._labels_of(match, ())
        return labels

    def first(self, condition: str) -> tuple[str, ...]:
        """The party that a condition names first, in its first words: "If the Buyer is late"."""
        match = self._single.search(condition, 0, 80)
        if match is not None and match.start() == 0:  # "If", which begins as a name does
            match = self._single.search(condition, match.end(), 80)
        return () if match is None or _is_personal(match) else self._labels_of(match, ())

    def _resolve(self, words: str, start: int, last: tuple[str, ...]) -> Subject | None:
        parties: dict[str, None] = {}
        is_none = False
        for match in self._single.finditer(words):
            parties |= dict.fromkeys(self._labels_of(match, last))
            is_none = is_none or match["none"] is not None
        if not parties:
            return None
        if len(parties) > 1 and (EACH in parties or set(parties) in (self.named, {"we", "you"})):
            parties = {EACH: None}
        is_personal = _PERSONAL_START.match(words) is not None
        return Subject(tuple(parties), start, is_none, is_personal=is_personal)

    def _labels_of(self, match: re.Match[str], last: tuple[str, ...]) -> tuple[str, ...]:
        if match["pronoun"]:
            return last
        if match["other"]:
            return (OTHER,)
        if match["none"] or match["each"]:
            return (EACH,)
        if match["known"]:
            return (self._labels[" ".join(match["known"].split()).casefold()],)
        # a heading in capitals may stand before it
        words = (match.groupdict().get("name") or "").rpartition("The ")[2].split()
        known = None if words == ["US"] else self._labels.get(" ".join(words).casefold())
        if known is not None:
            return (known,)
        return (" ".join(words),) if self._may_be_party(" ".join(words)) else ()

    def _may_be_party(self, name: str) -> bool:
        words = name.split()
        if not words or words[0] in self._not_parties:
            return False
        return not _singulars(words[-1]) & self._not_parties


def label_of(party: Party) -> str:
    """What duties call a party: its role, or its name without the form of the company."""
    return party.role or _short(party.name)


def names_of(party: Party) -> tuple[str, ...]:
    """Every name that a party can be asked for by."""
    forms = {"we": ("we", "us", "our"), "you": ("you", "your")}
    pronouns = (form for alias in party.aliases for form in forms.get(alias.lower(), ()))
    return tuple(dict.fromkeys((party.name, party.role, *party.aliases, *pronouns)))


def _is_personal(match: re.Match[str]) -> bool:
    return (match["known"] or "").casefold() in ("we", "us", "you", "i")


def _is_pronoun(name: str) -> bool:
    return name.lower() in PRONOUNS


def _defined(pronouns: dict[str, str], label: str) -> str:
    """The party that a pronoun is a name of: "we" where only "us" is defined, too."""
    forms = ("we", "us", "our") if label == "we" else (label, "your")
    return next((pronouns[form] for form in forms if form in pronouns), label)


def _alternatives(names: Iterable[str]) -> str:
    """An expression of names, the longest first, over any white space."""
    return "|".join(
        r"\s+".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True)
    )


def _singulars(word: str) -> set[str]:
    """A word, and what it may be the plural of; words in capitals in small letters, too."""
    word = word.capitalize() if word.isupper() else word
    ends = [("ies", "y"), ("es", ""), ("s", "")]
    return {word, *(word.removesuffix(end) + single for end, single in ends if word.endswith(end))}


def _short(name: str) -> str:
    """A name without the form of the company."""
    return _SUFFIX.sub("", name).strip(" ,")


def _beginnings(name: str) -> Iterable[str]:
    """The first words of a name, by which contracts call a party, too."""
    words = _short(name).split()
    for count in (1, 2):
        if len(words) > count and len(words[count - 1]) > 3:
            yield " ".join(words[:count])
