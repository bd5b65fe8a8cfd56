"""What speaks against a position although the words are alike."""

from __future__ import annotations

import pytest

from metier_legal.review.quantities import find_quantities
from metier_legal.review.wording import differences, modality


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("within thirty (30) days of receipt", [(30, "period", "at most")]),
        ("not less than six months' written notice", [(182.5, "period", "at least")]),
        ("for a period of two years", [(730, "period", "")]),
        ("on ten (10) business days' notice", [(10, "working days", "")]),
        ("one hundred and fifty per cent of the fees", [(150, "percent", "")]),
        ("interest of 1.5% a month", [(1.5, "percent", "")]),
        ("shall not exceed $2,000,000", [(2_000_000, "dollars", "at most")]),
        ("up to EUR 3 million per claim", [(3_000_000, "euros", "at most")]),
        ("two times the fees paid", [(2, "times", "")]),
        ("under clause 13.2 of Schedule 1 in 2025", []),
    ],
)
def test_quantities_are_read_in_digits_and_words(text, quantities):
    assert [
        (pytest.approx(quantity.value), quantity.kind, quantity.bound)
        for quantity in find_quantities(text)
        if quantity.text != "a month"
    ] == quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Supplier shall not assign this Agreement.", "forbids"),
        ("Neither party may assign this Agreement.", "forbids"),
        ("No party shall disclose the terms.", "forbids"),
        ("The Customer may terminate at any time.", "permits"),
        ("The Customer is entitled to terminate.", "permits"),
        ("The Supplier shall maintain insurance.", "obliges"),
        ("The Supplier is not required to maintain insurance.", "exempts"),
        ("Consent shall not be unreasonably withheld.", "obliges"),
        ("Headings are for convenience only.", ""),
    ],
)
def test_a_sentence_forbids_exempts_permits_or_obliges(text, expected):
    assert modality(text) == expected


@pytest.mark.parametrize(
    ("position", "clause", "reason"),
    [
        (
            "Invoices are payable within 30 days.",
            "Invoices are payable within ninety (90) days.",
            "30 days in the position, ninety (90) days in the contract",
        ),
        (
            "The Supplier shall not subcontract the services.",
            "The Supplier may subcontract the services.",
            "the position forbids it, the contract permits it",
        ),
        (
            "Each party shall keep the information secret.",
            "The Recipient shall keep the information secret.",
            "the position speaks of both parties, the contract of the Recipient",
        ),
        (
            "The license is non-exclusive.",
            "The license is exclusive.",
            "non-exclusive in the position, exclusive in the contract",
        ),
        (
            "This Agreement is governed by the laws of England.",
            "This Agreement is governed by the laws of the State of Ohio.",
            "England in the position, Ohio in the contract",
        ),
        (
            "Cover is at least 1,000,000 dollars.",
            "Cover is not less than 3,000,000 ducats.",
            "1,000,000 dollars in the position, 3,000,000 ducats in the contract",
        ),
        (
            "The warranty lasts at least twelve months.",
            "The warranty lasts 90 days.",
            "twelve months in the position, 90 days in the contract",
        ),
    ],
)
def test_a_number_a_negation_or_another_party_differs(position, clause, reason):
    assert reason in differences(position, clause)


@pytest.mark.parametrize(
    ("position", "clause"),
    [
        ("Invoices are payable within 30 days.", "Invoices are due within one month of receipt."),
        ("Invoices are payable within 30 days.", "Invoices are payable within fourteen days."),
        ("The warranty lasts at least one year.", "The warranty lasts for twenty-four months."),
        ("Either party may terminate for convenience.", "Each party may end it without cause."),
    ],
)
def test_what_is_within_a_bound_or_says_the_same_does_not_differ(position, clause):
    assert differences(position, clause) == []
