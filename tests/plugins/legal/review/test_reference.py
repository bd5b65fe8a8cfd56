"""Clauses against those of reference contracts: usual or not, and what they lack and add."""

from __future__ import annotations

import pytest

from metier import Runtime
from metier_legal.review.reference import ReferenceClause, ReferenceSet

NOTICE = (
    "Either party may terminate this Agreement on thirty days' written notice.",
    "Either party may end this Agreement by giving thirty days' notice in writing.",
    "This Agreement may be terminated by either party upon thirty days' written notice.",
    "Each party may terminate this Agreement with thirty days' prior written notice.",
    "Either party can terminate this Agreement by written notice of thirty days.",
)
PAYMENT = "On termination the Customer pays for all work that was done before."


@pytest.fixture(scope="module")
def reference(rt: Runtime) -> ReferenceSet:
    ends = [
        ReferenceClause(f"contract-{number}", (text, PAYMENT) if number == 1 else (text,))
        for number, text in enumerate(NOTICE, start=1)
    ]
    rare = [ReferenceClause("contract-1", ("No dogs may be kept on the site.",))]
    clauses = {"end": ends, "common": ends * 2, "dogs": rare}
    return ReferenceSet(rt, "legal/clause-classification", None, 10, clauses)


def test_a_clause_like_the_others_is_usual_and_says_what_it_lacks(reference):
    finding = reference.compare("end", "present", [NOTICE[0]])
    assert (finding.contracts, finding.share) == (10, 0.5)
    assert not finding.is_unusual
    assert finding.similarity >= finding.usual

    both = reference.compare("end", "present", [PAYMENT, NOTICE[0]])
    assert (both.contract, both.lacks, both.adds) == ("contract-1", (), ())
    longer = reference.compare(
        "end", "present", [NOTICE[1], "The keys of the lighthouse stay with the keeper."]
    )
    assert longer.adds == ("The keys of the lighthouse stay with the keeper.",)


def test_a_clause_unlike_all_others_is_unusual(reference):
    finding = reference.compare("end", "present", ["The Supplier may raise prices every May."])
    assert finding.is_unusual
    assert finding.similarity < finding.usual


def test_a_rare_clause_is_unusual_and_so_is_the_absence_of_a_common_one(reference):
    assert reference.compare("dogs", "present", ["No dogs are allowed."]).is_unusual
    assert not reference.compare("dogs", "missing", []).is_unusual
    assert reference.compare("common", "missing", []).is_unusual
    assert not reference.compare("end", "missing", []).is_unusual
    assert reference.compare("boats", "present", ["Boats are moored here."]).is_unusual
