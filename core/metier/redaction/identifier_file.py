"""Identifiers as data: the kinds, the forms and the words of a domain."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator

from metier.datafiles.data_model import DataModel
from metier.datafiles.loader import SchemaVersion
from metier.redaction.checksums import CheckName
from metier.registry.ids import Name

SurrogateForm = Literal[
    "name",
    "date",
    "age",
    "code",
    "phone",
    "email",
    "url",
    "ip",
    "address",
    "place",
    "postal",
    "ssn",
]
"""How a realistic replacement of a kind is made."""

_PARTS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|(?P<repeat>[*+]|\{\d*,\})", re.DOTALL)


def _require_bounded(pattern: str) -> str:
    """Refuse repetitions without an end, which some text would make a search long.

    A `+` right after a `?` or a `}` makes a repetition possessive, and is none itself.
    """
    pattern = re.sub(r"\s*\n\s*", "", pattern.strip("\n"))  # of patterns in several lines
    for part in _PARTS.finditer(pattern):
        before = pattern[part.start() - 1 : part.start()]
        if part["repeat"] and not (part["repeat"] == "+" and before in ("?", "}")):
            raise ValueError(
                f"the repetition {part['repeat']!r} has no end; write the most there may be, such "
                "as {1,40}"
            )
    return pattern


Pattern = Annotated[str, Field(min_length=1, max_length=4_000), AfterValidator(_require_bounded)]


class IdentifierKind(DataModel):
    """A kind of identifier.

    Attributes:
        id: such as `phone-number`.
        title: what people read, and what a mask says; the id with spaces, by default.
        surrogate: how its replacements are made.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name
    title: str = ""
    surrogate: SurrogateForm

    @property
    def shown(self) -> str:
        """The kind as people read it."""
        return self.title or self.id.replace("-", " ")


class IdentifierRule(DataModel):
    """A form in which identifiers of a kind are written.

    Attributes:
        kind: id of the kind.
        labels: what stands before the value, with words and punctuation of `between` after it.
        value: what is replaced, after a label; without labels, wherever it is.
        before: what has to stand right before a value without labels; it stays.
        after: what has to follow.
        check: what else has to hold of a value, such as that its check digit is right.
        case: whether capital letters count.
        sure: whether the first word of a name is one, whatever else it may be.
        least_words: of a name.
        known: whether one of its first two words has to be a first name that many people have.
        lists: whether more values may follow, as after `MRNs:`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Name
    labels: tuple[Pattern, ...] = ()
    value: Pattern
    before: Pattern | None = None
    after: Pattern | None = None
    check: CheckName | None = None
    case: bool = False
    sure: bool = False
    least_words: int = Field(default=1, ge=1, le=3)
    known: bool = False
    lists: bool = False

    @model_validator(mode="after")
    def _require_sense(self) -> IdentifierRule:
        if self.labels and self.before:
            raise ValueError("a rule has either 'labels' or 'before'")
        if self.lists and not self.labels:
            raise ValueError("'lists' is for rules with labels")
        return self


class IdentifierFile(DataModel):
    """A file of identifiers: the general ones, or those of a domain.

    Attributes:
        version: of the schema.
        fragments: parts of patterns, which refer to them as `{name}`.
        kinds: in the order of reports.
        rules: the first that finds something has it.
        not_names: words that are no names, however they are written.
        word_names: names that are words too, which count less where they are not stated as names.
        not_places: regions that are too large to identify anybody.
        eponyms: words that follow a name that is part of a term: `disease`, `catheter`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: SchemaVersion = Field(alias="schema")
    fragments: dict[str, Pattern] = Field(default_factory=dict)
    kinds: tuple[IdentifierKind, ...] = ()
    rules: tuple[IdentifierRule, ...] = ()
    not_names: tuple[str, ...] = ()
    word_names: tuple[str, ...] = ()
    not_places: tuple[str, ...] = ()
    eponyms: tuple[str, ...] = ()

    @field_validator("kinds")
    @classmethod
    def _refuse_repeats(cls, kinds: tuple[IdentifierKind, ...]) -> tuple[IdentifierKind, ...]:
        repeated = [name for name, times in Counter(kind.id for kind in kinds).items() if times > 1]
        if repeated:
            raise ValueError(f"kind {', '.join(sorted(repeated))} is defined more than once")
        return kinds
