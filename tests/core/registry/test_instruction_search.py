"""Search in instructions by words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.errors import ParameterError
from metier.registry.domain import Domain
from metier.registry.instruction import Instruction
from metier.registry.registry import ProvidedDomain, Registry

TASKS = {
    "indemnity": "Retrieve contract clauses in which a party indemnifies another",
    "termination": "Retrieve contract clauses that say when a party may terminate the agreement",
    "liability": "Retrieve contract clauses that cap liability",
    "invoice-search": "Given a question, retrieve the invoice that answers it",
}
REGISTRY = Registry(
    [
        ProvidedDomain(
            Domain(
                schema=1,
                domain="deals",
                title="Deals",
                instructions=tuple(
                    Instruction(
                        id=name,
                        task=task,
                        kind="retrieval",
                        aliases=("bills",) if name == "invoice-search" else (),
                    )
                    for name, task in TASKS.items()
                ),
            ),
            "plugin",
            "deals 1",
        )
    ]
)


def found(query: str, top_k: int = 10) -> list[str]:
    return [match.instruction.id for match in REGISTRY.search(query, top_k)]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("find indemnity clauses", "indemnity"),
        ("who indemnified whom", "indemnity"),
        ("terminating an agreement", "termination"),
        ("INVOICES", "invoice-search"),
        ("bill", "invoice-search"),
        ("indemnty", "indemnity"),
        ("caps on liabilities", "liability"),
    ],
)
def test_the_instruction_a_query_speaks_of_comes_first(query, best):
    assert found(query)[0] == best


def test_what_shares_no_word_is_not_found():
    assert "invoice-search" not in found("indemnity clauses")
    assert found("quantum chromodynamics") == []
    assert found("find the") == []
    assert found("") == []


def test_scores_fall_and_no_more_are_given_than_asked_for():
    matches = REGISTRY.search("contract clauses of a party")
    scores = [match.score for match in matches]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0
    assert found("contract clauses of a party", 2) == [one.instruction.id for one in matches[:2]]
    with pytest.raises(ParameterError, match="top_k=0"):
        REGISTRY.search("a", 0)


def test_an_empty_registry_has_nothing_to_find():
    assert Registry([]).search("anything") == []


@given(st.text())
def test_any_query_is_answered(query):
    assert len(found(query)) <= len(TASKS)
