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


class _Boilerplate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    titles: tuple[str, ...]
    phrases: tuple[str, ...]


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
    boilerplate: _Boilerplate
    points: dict[str, float]


class TimeFile(BaseModel):
    """The content of `times.yaml`."""

    model_config = ConfigDict(extra="forbid")

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
        boilerplate_titles=Phrases(content.boilerplate.titles),
        boilerplate_phrases=Phrases(content.boilerplate.phrases),
        points=content.points,
        times={kind: _expression(patterns, times) for kind, patterns in times.kinds.items()},
        amount=re.compile("|".join(times.amount), re.IGNORECASE),
    )


def _expression(patterns: tuple[str, ...], times: TimeFile) -> re.Pattern[str]:
    parts = {"number": times.number, "unit": times.unit, "date": times.date, "tail": times.tail}
    whole = "|".join(patterns)
    for name, part in parts.items():
        whole = whole.replace(f"{{{name}}}", part.strip())
    return re.compile(rf"(?<![\w-])(?:{whole})", re.IGNORECASE)
