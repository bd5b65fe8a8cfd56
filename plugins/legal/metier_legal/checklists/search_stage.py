"""The search stage `clause_type`: clauses as the checklist has them for what the query asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from metier.plugin import KnownQuestion, KnownQuestionStage
from metier_legal.checklists.shipped import shipped_checklist

_FACTS = ("document-name", "parties", "agreement-date")
"""What the first page of a contract says in passing: `the agreement` in a query asks for none."""


class ClauseTypeStage(KnownQuestionStage):
    """How near a clause is to the examples of the type of clause that the query asks for."""

    name = "clause_type"
    summary = "clauses are compared with examples of the type of clause that the query asks for"

    def questions(self) -> Sequence[KnownQuestion]:
        """The types of clauses that the checklist has."""
        return _known_questions()


@cache
def _known_questions() -> tuple[KnownQuestion, ...]:
    return tuple(
        KnownQuestion(
            (*question.names, question.description, *question.questions), question.examples
        )
        for question in shipped_checklist().questions
        if question.id not in _FACTS
    )
