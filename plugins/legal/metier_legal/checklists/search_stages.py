"""The search stages `clause_type` and `nda_statement`: passages as checklists have them for what
the query asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from metier.plugin import ChecklistQuestion, KnownQuestion, KnownQuestionStage
from metier_legal.checklists.shipped import shipped_checklist
from metier_legal.hypotheses.shipped import shipped_hypotheses

_FACTS = ("document-name", "parties", "agreement-date")
"""What the first page of a contract says in passing: `the agreement` in a query asks for none."""


class ClauseTypeStage(KnownQuestionStage):
    """How near a clause is to the examples of the type of clause that the query asks for."""

    name = "clause_type"
    summary = "clauses are compared with examples of the type of clause that the query asks for"

    def questions(self) -> Sequence[KnownQuestion]:
        """The types of clauses that the checklist has."""
        return _clause_types()


class NdaStatementStage(KnownQuestionStage):
    """How near a sentence is to evidence on the statement about confidentiality in the query.

    What contradicts a statement is evidence, too: it is found beside what entails it.
    """

    name = "nda_statement"
    summary = "sentences are compared with evidence on the statement about confidentiality"

    def questions(self) -> Sequence[KnownQuestion]:
        """The hypotheses about nondisclosure agreements."""
        return _nda_statements()


@cache
def _clause_types() -> tuple[KnownQuestion, ...]:
    return tuple(
        KnownQuestion(_wordings(question), question.examples)
        for question in shipped_checklist().questions
        if question.id not in _FACTS
    )


@cache
def _nda_statements() -> tuple[KnownQuestion, ...]:
    return tuple(
        KnownQuestion(_wordings(question), (*question.examples, *question.contrasts))
        for question in shipped_hypotheses().questions
    )


def _wordings(question: ChecklistQuestion) -> tuple[str, ...]:
    return (*question.names, question.description, *question.questions)
