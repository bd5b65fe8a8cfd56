"""`Taxonomy`: the risks of a field and how they read; and changes to one, as files have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator

from metier.close_names import did_you_mean, known_names
from metier.datafiles.data_model import DataModel
from metier.datafiles.parsed_file import KeyPath, ParsedFile
from metier.errors import ErrorPosition, PackError, Problem
from metier.registry.ids import Name
from metier.texts.phrase_patterns import PatternError, expand_pattern

RulingOut = Literal["negated", "hypothetical", "other person", "family", "past", "uncertain"]
"""Statuses of a sentence in which it may be no sign of a risk: all but `affirmed`."""

RULED_OUT: tuple[RulingOut, ...] = ("negated", "hypothetical")
"""What a risk rules out unless it says otherwise: what holds in any field."""

FEWEST_SIGNS = 10
"""Signs of a risk below which its scores say little."""

FEWEST_NEUTRAL = 5
"""Neutral sentences that a taxonomy needs: fewer do not show how much scores differ."""


def _readable(pattern: str) -> str:
    try:
        expand_pattern(pattern)
    except PatternError as error:
        raise ValueError(f"{pattern!r} cannot be read: {error}") from None
    return pattern


Term = Annotated[str, AfterValidator(_readable)]
"""A pattern of words, as `Phrases` reads it."""


def _visible(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


Visible = Annotated[str, AfterValidator(_visible)]
"""A text that is not empty."""


class Risk(DataModel):
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
        repeated = [name for name, times in Counter(risk.id for risk in risks).items() if times > 1]
        if repeated:
            raise ValueError(f"risk {', '.join(sorted(repeated))} is defined more than once")
        if repeated := _same_titles(risks):
            raise ValueError(f"several risks have the title {', '.join(map(repr, repeated))}")
        return risks

    def with_one_threshold(self) -> Taxonomy:
        """This taxonomy with no threshold of a risk's own, so that one of the call is for all."""
        risks = [risk.model_copy(update={"threshold": None}) for risk in self.risks]
        return self.model_copy(update={"risks": tuple(risks)})


class RiskChange(DataModel):
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
        names = [risk.id for risk in self.risks]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"risk {', '.join(repeated)} is there more than once")
        both = sorted({*names} & {*self.remove})
        if both:
            raise ValueError(f"risk {', '.join(both)} is both changed and removed")
        return self


def changed_taxonomy(
    taxonomy: Taxonomy, changes: TaxonomyChanges, source: ParsedFile | str
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
    risks = {risk.id: risk for risk in taxonomy.risks}
    problems = []
    for index, name in enumerate(changes.remove):
        if name not in risks:
            hint = did_you_mean(name, risks, limit=3) or known_names(list(risks), limit=20)
            what = f"there is no risk {name!r} to remove. {hint}"
            problems.append(_problem(what, source, ("remove", index)))
    for index, change in enumerate(changes.risks):
        missing = [key for key in ("title", "signs") if getattr(change, key) is None]
        if change.id not in risks and missing:
            close = did_you_mean(change.id, risks, limit=3)
            what = (
                f"the risk {change.id!r} is new and has no {' and no '.join(missing)}."
                f"{f' {close}' if close else ''}"
            )
            problems.append(_problem(what, source, ("risks", index)))
    left = {*risks, *(change.id for change in changes.risks)} - {*changes.remove}
    if not left:
        problems.append(_problem("it leaves no risk.", source, ("remove",)))
    if problems:
        raise PackError.listing(problems)
    first = taxonomy.risks[0].instruction
    for change in changes.risks:
        risks[change.id] = _changed(risks.get(change.id), change, first)
    kept = tuple(risk for name, risk in risks.items() if name not in changes.remove)
    if repeated := _same_titles(kept):
        what = f"several risks would have the title {', '.join(map(repr, repeated))}."
        raise PackError.listing([_problem(what, source, ("risks",))])
    neutral = tuple(dict.fromkeys((*taxonomy.neutral, *changes.neutral)))
    return Taxonomy(risks=kept, neutral=neutral)


def _same_titles(risks: Sequence[Risk]) -> list[str]:
    """Titles that several risks have: people could not tell their flags apart."""
    counts = Counter(risk.title.strip().casefold() for risk in risks)
    return sorted({risk.title for risk in risks if counts[risk.title.strip().casefold()] > 1})


def _changed(risk: Risk | None, change: RiskChange, instruction: str) -> Risk:
    """A risk with what a change says of it; without a risk, the new one."""
    values: dict[str, Any] = {"instruction": instruction} if risk is None else dict(risk)
    for key in Risk.model_fields:
        if getattr(change, key) is not None:
            values[key] = getattr(change, key)
    for key, more in (("signs", change.add_signs), ("contrasts", change.add_contrasts)):
        values[key] = tuple(dict.fromkeys((*values.get(key, ()), *more)))
    return Risk(**values)


def _problem(what: str, source: ParsedFile | str, path: KeyPath) -> Problem:
    if isinstance(source, str):
        return Problem(what, ErrorPosition(source))
    return Problem(what, source.error_position(path))
