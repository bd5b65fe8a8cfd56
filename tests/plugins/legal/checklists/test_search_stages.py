"""Searches for clauses of a type that the checklist knows."""

from __future__ import annotations

import pytest

from metier import Index, Runtime

CLAUSES = [
    {"id": "hire", "text": "Ashby Mills shall not solicit or hire any person in the service of "
     "Corwen Freight, nor induce such a person to leave, during the term and two years after it."},
    {"id": "badge", "text": "Employees of either party who are hired for the season wear a badge "
     "in the other party's factory."},
    {"id": "storms", "text": "Neither party answers for delays that storms or strikes cause."},
    {"id": "marked", "text": "A drawing that bears no legend is protected all the same."},
    {"id": "pay", "text": "Invoices are due within thirty days of their receipt."},
]  # fmt: skip


@pytest.fixture(scope="module")
def index(rt: Runtime) -> Index:
    return rt.index(CLAUSES, domain="legal")


def test_clauses_like_the_examples_of_the_type_that_is_asked_for_move_up(
    rt: Runtime, index: Index
) -> None:
    by_words = rt.instructions.retrieval("legal").weighted({"clause_type": 0})
    query = "may a party hire the other's employees"
    hits = {hit.document_id: hit for hit in index.search(query)}
    before = {hit.document_id: hit.score for hit in index.search(query, retrieval=by_words)}
    moved = {name: hit.score - before[name] for name, hit in hits.items()}
    assert max(moved, key=moved.__getitem__) == "hire"
    assert hits["hire"].scores["clause_type"] > 0.7
    assert all(hits[name].scores["clause_type"] < 0.6 for name in ("badge", "storms", "pay"))


def test_evidence_for_and_against_a_statement_about_confidentiality_moves_up(index: Index) -> None:
    query = "All confidential information has to be marked as such by the disclosing party."
    hits = {hit.document_id: hit for hit in index.search(query)}
    scores = {name: hit.scores["nda_statement"] for name, hit in hits.items()}
    assert max(scores, key=scores.__getitem__) == "marked"


def test_other_queries_are_searched_without_types_of_clauses(index: Index) -> None:
    hits = index.search("bad weather")
    assert hits[0].document_id == "storms"
    assert all(not {"clause_type", "nda_statement"} & hit.scores.keys() for hit in hits)
