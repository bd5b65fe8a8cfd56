"""`Checklist`: what is looked for in documents and how it reads; and changes to one, as files have
them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from metier.datafiles.data_model import DataModel
from metier.datafiles.parsed_file import Locate, ParsedFile
from metier.errors import PackError
from metier.registry.entry_changes import (
    FEWEST_NEUTRAL,
    Entry,
    EntryChange,
    EntryKind,
    Term,
    Visible,
    changed_entries,
    problem_at,
    require_different,
    require_one_change,
    require_own_names,
)
from metier.registry.ids import Name

_BETWEEN_WORDS = re.compile(r"[\W_]+")

_QUESTIONS = EntryKind("question", "questions", ("title", "description", "examples"))


class ChecklistQuestion(Entry):
    """Something that documents are asked for, such as a type of clause, and how it reads.

    Attributes:
        id: unique in its checklist.
        title: for people.
        aliases: other names for it, as files of labels have them.
        description: one or two sentences that say what belongs to it.
        questions: how people ask for it.
        examples: passages that are it, in as many wordings as it has.
        contrasts: passages that come near it and are something else.
        terms: words that name it, as patterns of `Phrases`.
        instruction: id of the instruction that its texts are embedded under; None for that of the
            workflow.
        group: of questions that people read together.
        expected: whether a document without it is a finding.
        threshold: least score at which it is there; None for that of the call or the checklist.
        preferred: positions that one wants: sentences as a document would have them.
        acceptable: positions that one can live with.
        unacceptable: positions that one has to refuse.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name
    title: Visible
    aliases: tuple[Visible, ...] = ()
    description: Visible
    questions: tuple[Visible, ...] = ()
    examples: tuple[Visible, ...] = Field(min_length=1)
    contrasts: tuple[Visible, ...] = ()
    terms: tuple[Term, ...] = ()
    instruction: str | None = None
    group: str = ""
    expected: bool = False
    threshold: float | None = Field(default=None, ge=0.0, le=1.0)
    preferred: tuple[Visible, ...] = ()
    acceptable: tuple[Visible, ...] = ()
    unacceptable: tuple[Visible, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Its title and its aliases."""
        return (self.title, *self.aliases)

    @property
    def has_positions(self) -> bool:
        """Whether it says what one wants or refuses."""
        return bool(self.preferred or self.acceptable or self.unacceptable)


class Checklist(DataModel):
    """What documents are asked for, and ordinary passages that answer none of it.

    Attributes:
        questions: at least one.
        neutral: at least five; they show how similar to a question any passage is in a model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    questions: tuple[ChecklistQuestion, ...] = Field(min_length=1)
    neutral: tuple[Visible, ...] = Field(min_length=FEWEST_NEUTRAL)

    @field_validator("questions")
    @classmethod
    def _refuse_repeats(
        cls, questions: tuple[ChecklistQuestion, ...]
    ) -> tuple[ChecklistQuestion, ...]:
        require_different(questions, "question")
        if problem := _shared_name(questions):
            raise ValueError(problem)
        return questions

    def named(self, name: str) -> ChecklistQuestion | None:
        """The question of an id, a title or an alias, however it is capitalized and punctuated."""
        key = _plain(name)
        for question in self.questions:
            if key in map(_plain, (question.id, *question.names)):
                return question
        return None

    def with_one_threshold(self) -> Checklist:
        """This checklist with no threshold of a question's own, so that one of the call is for
        all."""
        questions = [question.model_copy(update={"threshold": None}) for question in self.questions]
        return self.model_copy(update={"questions": tuple(questions)})


class ChecklistQuestionChange(EntryChange):
    """A question that is added, or what is different in one that is there.

    Keys that are left out stay as they are. A question that is new needs a title, a description
    and examples.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name = Field(description="Of a question that is there, or of a new one.")
    title: Visible | None = Field(default=None, description="Name for people.")
    aliases: tuple[Visible, ...] | None = Field(
        default=None, description="Other names for it, in place of those."
    )
    add_aliases: tuple[Visible, ...] = Field(default=(), description="More names for it.")
    description: Visible | None = Field(
        default=None, description="One or two sentences that say what belongs to it."
    )
    questions: tuple[Visible, ...] | None = Field(
        default=None, description="How people ask for it, in place of those."
    )
    examples: tuple[Visible, ...] | None = Field(
        default=None, min_length=1, description="Passages that are it, in place of those."
    )
    add_examples: tuple[Visible, ...] = Field(
        default=(), description="Passages that are it, beside those."
    )
    contrasts: tuple[Visible, ...] | None = Field(
        default=None,
        description="Passages that come near it and are something else, in place of those.",
    )
    add_contrasts: tuple[Visible, ...] = Field(
        default=(), description="Passages that come near it and are something else, beside those."
    )
    terms: tuple[Term, ...] | None = Field(
        default=None, description="Words that name it, in place of those: `audit*`, `cap on`."
    )
    instruction: str | None = Field(
        default=None,
        description="Id of the instruction that its texts are embedded under. Left out: for a new "
        "question that of the workflow.",
    )
    group: str | None = Field(
        default=None, description="Name of the group in which people read it."
    )
    expected: bool | None = Field(
        default=None, description="Whether a document without it is a finding."
    )
    threshold: float | None = Field(
        default=None, ge=0.0, le=1.0, description="Least score at which it is there."
    )
    preferred: tuple[Visible, ...] | None = Field(
        default=None, description="Positions that you want, as a document would have them."
    )
    acceptable: tuple[Visible, ...] | None = Field(
        default=None, description="Positions that you can live with."
    )
    unacceptable: tuple[Visible, ...] | None = Field(
        default=None, description="Positions that you have to refuse."
    )


class ChecklistChanges(DataModel):
    """Questions that are added to a checklist, changed, or left out of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    questions: tuple[ChecklistQuestionChange, ...] = Field(
        default=(), description="Questions to add, or to change where the id is there."
    )
    remove: tuple[Name, ...] = Field(default=(), description="Ids of questions to leave out.")
    neutral: tuple[Visible, ...] = Field(
        default=(), description="More ordinary passages that answer no question."
    )

    @model_validator(mode="after")
    def _refuse_both(self) -> Self:
        require_one_change(self.questions, self.remove, "question")
        return self


class ChecklistPart(DataModel):
    """One of the files of a checklist.

    Attributes:
        group: of its questions that name none.
        questions: as of `Checklist`, or none.
        neutral: as of `Checklist`, or none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    group: str = ""
    questions: tuple[ChecklistQuestion, ...] = ()
    neutral: tuple[Visible, ...] = ()


def changed_checklist(
    checklist: Checklist, changes: ChecklistChanges, source: Locate | ParsedFile | str
) -> Checklist:
    """A checklist with changes applied: questions stay in their order, and new ones follow.

    Args:
        checklist: what is changed.
        changes: to apply.
        source: the file that they are from, or what messages call it.

    Raises:
        PackError: a question to remove is not there, a new one lacks what it needs, none is left,
            two would have one name, or a passage would be both an example and a contrast.
    """
    questions = changed_entries(
        checklist.questions, changes.questions, changes.remove, source, _QUESTIONS
    )
    require_own_names(questions, changes.questions, source, _QUESTIONS, _plain)
    _require_one_side(questions, changes.questions, source)
    neutral = tuple(dict.fromkeys((*checklist.neutral, *changes.neutral)))
    return Checklist(questions=questions, neutral=neutral)


def _require_one_side(
    questions: Iterable[ChecklistQuestion],
    changes: Sequence[ChecklistQuestionChange],
    source: Locate | ParsedFile | str,
) -> None:
    """Refuse questions that are changed so that a passage is both an example and a contrast."""
    known = {question.id: question for question in questions}
    problems = [
        problem_at(
            f"the question {change.id!r} would have {passage!r} both as an example and as a "
            "contrast.",
            source,
            ("questions", index),
        )
        for index, change in enumerate(changes)
        for passage in known[change.id].examples
        if passage in known[change.id].contrasts
    ]
    if problems:
        raise PackError.listing(problems, fix="Leave the passage out of one of them.")


def _shared_name(questions: Iterable[ChecklistQuestion]) -> str | None:
    """What is wrong where a name could mean two questions."""
    owners: dict[str, str] = {}
    for question in questions:
        for name in question.names:
            owner = owners.setdefault(_plain(name), question.id)
            if owner != question.id:
                return f"{name!r} is a name of the questions {owner} and {question.id}"
    return None


def _plain(name: str) -> str:
    """A name without capitals and punctuation: `Cap-On Liability` and `cap_on_liability`."""
    return _BETWEEN_WORDS.sub(" ", name.casefold()).strip()
