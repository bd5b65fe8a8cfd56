"""How sentences lay down duties, and when these are due, as data: `rules.yaml` and `times.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from metier.plugin import Phrases, load_data

Modality = Literal["obligation", "prohibition", "permission", "no obligation", "condition"]

DueKind = Literal["date", "period", "event", "recurring", "prompt"]


_DETERMINER = (
    r"(?:the|an?|all|any|each|every|our|your|us|them|it|what|whatever|everything|no|this|these|"
    r"those|such|only|at\s+least|\d+)\b"
)


class _Boilerplate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    titles: tuple[str, ...]
    phrases: tuple[str, ...]


class _PresentTense(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verbs: tuple[str, ...]
    denied: tuple[str, ...]
    facts: tuple[str, ...]
    not_under: tuple[str, ...]


class RuleFile(BaseModel):
    """The content of `rules.yaml`."""

    model_config = ConfigDict(extra="forbid")

    modalities: dict[Modality, tuple[str, ...]]
    not_modal: tuple[str, ...]
    facts: tuple[str, ...]
    facts_of_objects: tuple[str, ...]
    received: tuple[str, ...]
    roles: tuple[str, ...]
    not_parties: tuple[str, ...]
    people: tuple[str, ...]
    plain: _PresentTense
    imperatives: tuple[str, ...]
    boilerplate: _Boilerplate
    points: dict[str, float]


class TimeFile(BaseModel):
    """The content of `times.yaml`."""

    model_config = ConfigDict(extra="forbid")

    ordinal: str
    number: str
    unit: str
    date: str
    tail: str
    kinds: dict[DueKind, tuple[str, ...]]
    amount: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """The rules, ready to use.

    Attributes:
        modals: phrases that lay down a duty.
        modality_of: the modality that a phrase of `modals` has.
        not_modals: phrases that hold such a word and are none.
        facts: what follows a modal verb where nothing is laid down.
        facts_of_objects: participles after "be", with which a thing has no duty.
        received: participles after "be", with which a party is not the one who acts.
        roles: of parties.
        not_parties: last words of names that are no parties.
        people: of a party, whose duties are the party's.
        plain_verbs: expression of verbs that lay down a duty in the present tense.
        plain_facts: what begins with such a verb and lays down none.
        not_plain: headings of clauses in which the present tense lays down nothing.
        imperatives: expression of imperatives at the beginning of a sentence.
        imperatives_after: of those after a condition.
        imperatives_joined: of those after another one.
        boilerplate_titles: of clauses whose duties come last.
        boilerplate_phrases: of sentences whose duties come last.
        points: of the ranking.
        times: expressions of when something is due, by kind.
        amount: expression of an amount of money or a share.
    """

    modals: Phrases
    modality_of: dict[str, Modality]
    not_modals: Phrases
    facts: Phrases
    facts_of_objects: frozenset[str]
    received: frozenset[str]
    roles: tuple[str, ...]
    not_parties: frozenset[str]
    people: tuple[str, ...]
    plain_verbs: re.Pattern[str]
    plain_facts: Phrases
    not_plain: Phrases
    imperatives: re.Pattern[str]
    imperatives_after: re.Pattern[str]
    imperatives_joined: re.Pattern[str]
    boilerplate_titles: Phrases
    boilerplate_phrases: Phrases
    points: dict[str, float]
    times: dict[DueKind, re.Pattern[str]]
    amount: re.Pattern[str]


@cache
def own_rules() -> Rules:
    """The rules of the plugin."""
    folder = Path(str(files("metier_legal") / "duties"))
    content = load_data(folder / "rules.yaml", RuleFile)
    times = load_data(folder / "times.yaml", TimeFile)
    imperatives, after, joined = _imperatives(content.imperatives)
    modality_of = {
        pattern: modality
        for modality, patterns in content.modalities.items()
        for pattern in patterns
    }
    return Rules(
        modals=Phrases(modality_of),
        modality_of=modality_of,
        not_modals=Phrases(content.not_modal),
        facts=Phrases(content.facts),
        facts_of_objects=frozenset(content.facts_of_objects),
        received=frozenset(content.received),
        roles=content.roles,
        not_parties=frozenset(content.not_parties),
        people=content.people,
        plain_verbs=_present_tense(content.plain),
        plain_facts=Phrases(content.plain.facts),
        not_plain=Phrases(content.plain.not_under),
        imperatives=imperatives,
        imperatives_after=after,
        imperatives_joined=joined,
        boilerplate_titles=Phrases(content.boilerplate.titles),
        boilerplate_phrases=Phrases(content.boilerplate.phrases),
        points=content.points,
        times={kind: _expression(patterns, times) for kind, patterns in times.kinds.items()},
        amount=re.compile("|".join(times.amount), re.IGNORECASE),
    )


def _expression(patterns: tuple[str, ...], times: TimeFile) -> re.Pattern[str]:
    parts = {
        "ordinal": times.ordinal,
        "number": times.number,
        "unit": times.unit,
        "date": times.date,
        "tail": times.tail,
    }
    whole = "|".join(patterns)
    for name, part in parts.items():
        whole = whole.replace(f"{{{name}}}", part.strip())
    return re.compile(rf"(?<![\w-])(?:{whole})", re.IGNORECASE)


def _present_tense(plain: _PresentTense) -> re.Pattern[str]:
    """An expression of verbs in the present tense, and of those that "does not" may deny."""
    ends = "|".join(_third_person(verb) for verb in plain.verbs)
    bases = "|".join(plain.verbs)
    return re.compile(
        rf"\b(?:(?P<single>{ends})|(?P<base>{bases})"
        rf"|(?P<denied>(?:do|does)\s+not\s+(?:{'|'.join(plain.denied)})))\b"
    )


def _imperatives(
    verbs: tuple[str, ...],
) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Expressions of imperatives at the beginning, after a condition, and after another one."""
    bases = "|".join(verbs)
    more = rf"(?:,?\s+(?:and|or)\s+(?:{bases}))?"
    denied = r"(?P<denied>do\s+not|never)\s+[a-z]+"
    verb = rf"(?P<verb>{denied}|(?:{bases}){more}\s+(?={_DETERMINER}))"
    return (
        re.compile(rf"\W*(?:Please\s+)?(?=[A-Z]|(?<=Please\s))(?i:{verb})"),
        re.compile(rf",\s+(?:then\s+|please\s+)?{verb}"),
        re.compile(rf"(?:[,;]\s+|,?\s+(?:and|but)\s+)(?:and\s+|then\s+|please\s+)*{verb}"),
    )


def _third_person(verb: str) -> str:
    first, space, rest = verb.partition(" ")
    if first.endswith(("s", "sh", "ch", "x")):
        first += "es"
    elif first.endswith("y") and first[-2] not in "aeiou":
        first = f"{first[:-1]}ies"
    else:
        first += "s"
    return first + space + rest
