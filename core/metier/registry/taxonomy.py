"""`Taxonomy`: the risks of a field and how they read; and changes to one, as files have them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from metier.datafiles.data_model import DataModel
from metier.datafiles.parsed_file import Locate, ParsedFile
from metier.registry.entry_changes import (
    FEWEST_NEUTRAL,
    Entry,
    EntryChange,
    EntryKind,
    Term,
    Visible,
    changed_entries,
    require_different,
    require_one_change,
)
from metier.registry.ids import Name

RulingOut = Literal["negated", "hypothetical", "other person", "family", "past", "uncertain"]
"""Statuses of a sentence in which it may be no sign of a risk: all but `affirmed`."""

RULED_OUT: tuple[RulingOut, ...] = ("negated", "hypothetical")
"""What a risk rules out unless it says otherwise: what holds in any field."""

FEWEST_SIGNS = 10
"""Signs of a risk below which its scores say little."""

_RISKS = EntryKind("risk", "risks", ("title", "signs"))


class Risk(Entry):
    """A risk and how it reads.

    Attributes:
        id: unique in its taxonomy.
        title: for people.
        description: what belongs to it, for people and for a reranker.
        instruction: id of the instruction under which the sentences are embedded.
        signs: sentences that show it.
        contrasts: similar sentences that do not show it, such as denials.
        terms: words that name it, as patterns of `Phrases`: what is said of them, such as `never`,
            decides whether a sentence is a sign.
        rules_out: what is no sign if a sentence says it of the terms, or of itself where it has
            none of them.
        threshold: least score that is flagged; None for that of the call.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name
    title: Visible
    description: str = ""
    instruction: str
    signs: tuple[Visible, ...] = Field(min_length=1)
    contrasts: tuple[Visible, ...] = ()
    terms: tuple[Term, ...] = ()
    rules_out: tuple[RulingOut, ...] = RULED_OUT
    threshold: float | None = Field(default=None, ge=0.0, le=1.0)


class Taxonomy(DataModel):
    """The risks of a field, and ordinary sentences of the field that show none.

    Attributes:
        risks: at least one.
        neutral: at least five; they show how similar to a risk any sentence is in a model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    risks: tuple[Risk, ...] = Field(min_length=1)
    neutral: tuple[Visible, ...] = Field(min_length=FEWEST_NEUTRAL)

    @field_validator("risks")
    @classmethod
    def _refuse_repeats(cls, risks: tuple[Risk, ...]) -> tuple[Risk, ...]:
        require_different(risks, "risk")
        return risks

    def with_one_threshold(self) -> Taxonomy:
        """This taxonomy with no threshold of a risk's own, so that one of the call is for all."""
        risks = [risk.model_copy(update={"threshold": None}) for risk in self.risks]
        return self.model_copy(update={"risks": tuple(risks)})


class RiskChange(EntryChange):
    """A risk that is added, or what is different in one that is there.

    Keys that are left out stay as they are. A risk that is new needs a title and signs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name = Field(description="Of a risk that is there, or of a new one.")
    title: Visible | None = Field(default=None, description="Name for people.")
    description: str | None = Field(
        default=None, description="What belongs to it, for people and for a reranker."
    )
    instruction: str | None = Field(
        default=None,
        description="Id of the instruction that its sentences are embedded under. Left out: for a "
        "new risk that of the first one.",
    )
    signs: tuple[Visible, ...] | None = Field(
        default=None, min_length=1, description="Sentences that show it, in place of those."
    )
    add_signs: tuple[Visible, ...] = Field(
        default=(), description="Sentences that show it, beside those."
    )
    contrasts: tuple[Visible, ...] | None = Field(
        default=None,
        description="Similar sentences that do not show it, such as denials, in place of those.",
    )
    add_contrasts: tuple[Visible, ...] = Field(
        default=(), description="Similar sentences that do not show it, beside those."
    )
    terms: tuple[Term, ...] | None = Field(
        default=None,
        description="Words that name it, in place of those: `bankrupt*`, `behind on`. What is said "
        "of them, such as never, decides whether a sentence is a sign.",
    )
    rules_out: tuple[RulingOut, ...] | None = Field(
        default=None,
        description="What is no sign if a sentence says it: negated, hypothetical, other person, "
        "family, past, uncertain.",
    )
    threshold: float | None = Field(
        default=None, ge=0.0, le=1.0, description="Least score that is flagged."
    )


class TaxonomyChanges(DataModel):
    """Risks that are added to a taxonomy, changed, or left out of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    risks: tuple[RiskChange, ...] = Field(
        default=(), description="Risks to add, or to change where the id is there."
    )
    remove: tuple[Name, ...] = Field(default=(), description="Ids of risks to leave out.")
    neutral: tuple[Visible, ...] = Field(
        default=(), description="More ordinary sentences of the field that show no risk."
    )

    @model_validator(mode="after")
    def _refuse_both(self) -> Self:
        require_one_change(self.risks, self.remove, "risk")
        return self


def changed_taxonomy(
    taxonomy: Taxonomy, changes: TaxonomyChanges, source: Locate | ParsedFile | str
) -> Taxonomy:
    """A taxonomy with changes applied: risks stay in their order, and new ones follow.

    Args:
        taxonomy: what is changed.
        changes: to apply.
        source: the file that they are from, or what messages call it.

    Raises:
        PackError: a risk to remove is not there, a new one lacks a title or signs, or no risk is
            left.
    """
    risks = changed_entries(
        taxonomy.risks,
        changes.risks,
        changes.remove,
        source,
        _RISKS,
        instruction=taxonomy.risks[0].instruction,
    )
    neutral = tuple(dict.fromkeys((*taxonomy.neutral, *changes.neutral)))
    return Taxonomy(risks=risks, neutral=neutral)
