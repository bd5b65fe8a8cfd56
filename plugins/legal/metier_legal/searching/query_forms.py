"""Forms of queries: a description of a clause, a question, or a clause; each with its settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

QueryForm = Literal["description", "question", "example"]

INSTRUCTIONS: dict[QueryForm, str] = {
    "description": "legal/clause-search",
    "question": "legal/contract-qa",
    "example": "legal/similar-clauses",
}
"""The instruction that a query of each form is embedded with."""

WEIGHTS: dict[QueryForm, dict[str, float]] = {
    "description": {},
    "question": {},
    "example": {"dense": 0.5, "lexical": 1.0, "interaction": 0.0, "feedback": 0.2},
}
"""What differs from the weights of the domain. Measured in `benchmarks/RESULTS.md`."""

DEVIATIONS: dict[QueryForm, float] = {"description": 3.5, "question": 3.5, "example": 6.0}
"""Standard deviations by which what is near is nearer than strangers: clauses have much in common.
Measured in `benchmarks/RESULTS.md`."""

_FEWEST_WORDS = 18
"""Words of the shortest text that is taken for a clause."""

_QUESTION = re.compile(
    r"(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|may|"
    r"must|should|will|would|has|have)\b[^.;]*\Z",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:please\s+)?(?:find|show|list|look|search|give|get|identify|locate|return|i\s+need|we\s+"
    r"need|clauses?\b|provisions?\b|language\b|precedents?\b|examples?\s+of)\b",
    re.IGNORECASE,
)
_OPERATIVE = re.compile(
    r"\b(?:shall|hereby|herein|hereof|hereunder|thereof|provided,? (?:however,? )?that|"
    r"notwithstanding|this Agreement|(?:agrees?|is entitled|are entitled|undertakes?) (?:that|to)|"
    r"(?:may|will|must) (?:not|be|only|assign|terminate|use|disclose|give|pay)|"
    r"(?:is|are) (?:governed|construed|deemed))\b"
)


def form_of(query: str) -> QueryForm:
    """Which form a query has, by its shape.

    A text in the language of contracts, with a clause's length, is an example. What ends in a
    question mark, or begins as a question and has one sentence, is a question.
    """
    text = query.strip()
    if text.endswith(("?", "\uff1f")):
        return "question"
    if _REQUEST.match(text):
        return "description"
    if len(text.split()) >= _FEWEST_WORDS and _OPERATIVE.search(text):
        return "example"
    return "question" if _QUESTION.match(text) else "description"


def form_of_all(queries: Sequence[str]) -> QueryForm:
    """The form of several queries that are asked together: that of all, else a description."""
    forms = {form_of(query) for query in queries}
    return forms.pop() if len(forms) == 1 else "description"
