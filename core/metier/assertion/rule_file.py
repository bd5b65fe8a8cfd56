"""Rules of assertion as data: the files of a language, of a domain and of users."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator

from metier.assertion.assertion import Denial
from metier.datafiles.data_model import DataModel
from metier.datafiles.loader import SchemaVersion
from metier.registry.ids import Name

LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


def _require_visible(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


Pattern = Annotated[str, Field(max_length=500), AfterValidator(_require_visible)]


class AssertionRule(DataModel):
    """Patterns that mean the same.

    A rule with `status` changes the status of targets in its scope, one with `ends` ends the scope
    of others, one with `cancels` undoes others in its clause; with a status as well, they get that
    status. A rule with none of them only keeps its words from those of others: `not only` is no
    denial.

    Attributes:
        id: unique in its file; a later file replaces the rule of the same id.
        status: what its words make of a target.
        ends: the statuses whose scope ends at its words; `all` divides clauses.
        cancels: the statuses that its words undo in their clause.
        direction: where targets are, or what is undone: after the words, before them, or both.
        max_words: words that the scope has at most, or that are between these words and those that
            they undo; None for as many as there are.
        lists: whether a comma begins the count of `max_words` again, as the items of a list do.
        always: whether nothing cancels it.
        flips: whether it denies a statement, so that another denial in it is none: "I cannot say
            that I never missed" is uncertain.
        patterns: phrases, as `Phrases` has them; `{name}` is one of `words`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name
    status: Denial | None = None
    ends: tuple[Denial | Literal["all"], ...] = ()
    cancels: tuple[Denial, ...] = ()
    direction: Literal["forward", "backward", "both"] = "forward"
    max_words: int | None = Field(default=None, ge=1, le=100)
    lists: bool = False
    always: bool = False
    flips: bool = False
    patterns: tuple[Pattern, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _require_sense(self) -> AssertionRule:
        if self.status is None and (self.always or self.flips):
            raise ValueError("'always' and 'flips' are for rules with a status")
        if self.flips and self.status != "negated":
            raise ValueError("'flips' is for the status negated")
        return self

    def ends_scope_of(self, status: Denial) -> bool:
        """Whether the scope of a status ends at its words."""
        return status in self.ends or "all" in self.ends


class AssertionRuleFile(DataModel):
    """A file of rules: of a language, or one that changes them.

    Attributes:
        version: of the schema.
        language: in ISO 639, such as `en`.
        words: phrases by the name that patterns refer to as `{name}`; a later file adds to them.
        rules: in any order.
        remove: ids of rules of earlier files that do not count.
        remove_patterns: patterns of earlier files that do not count, as written there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: SchemaVersion = Field(alias="schema")
    language: LanguageCode
    words: dict[Name, tuple[Pattern, ...]] = Field(default_factory=dict)
    rules: tuple[AssertionRule, ...] = ()
    remove: tuple[Name, ...] = ()
    remove_patterns: tuple[Pattern, ...] = ()

    @field_validator("rules")
    @classmethod
    def _refuse_repeats(cls, rules: tuple[AssertionRule, ...]) -> tuple[AssertionRule, ...]:
        repeated = [name for name, times in Counter(rule.id for rule in rules).items() if times > 1]
        if repeated:
            raise ValueError(f"rule {', '.join(sorted(repeated))} is defined more than once")
        return rules
