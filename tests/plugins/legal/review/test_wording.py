"""What speaks against a position although the words are alike."""

from __future__ import annotations

import pytest

from metier_legal.review.quantities import find_quantities, without_references
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
        ("within 30 (thirty) days of receipt", [(30, "period", "at most")]),
        ("a fee of 5,000 EUR", [(5_000, "euros", "")]),
        ("a fee of EUR 1.250.000,50", [(1_250_000.5, "euros", "")]),
        ("under clause 13.2 of Schedule 1 in 2025", []),
        ("This Section 4 (b) survives for 3 years", [(1095, "period", "")]),
        ("late sums bear under this Section 3.5% a year", [(3.5, "percent", "")]),
        ("a fee of section 2.25 per cent", [(2.25, "percent", "")]),
        ("the price of Exhibit 7.5 million euros", [(7_500_000, "euros", "")]),
        ("due under this paragraph 45 days after delivery", [(45, "period", "")]),
        ("as in clause 6 10 business days later", [(10, "working days", "")]),
        ("as Schedule 1,500 pounds", [(1_500, "pounds", "")]),
        ("in clause 4.10, Section 12.3.1. and Annex 2(10)", []),
    ],
)
def test_quantities_are_read_in_digits_and_words(text, quantities):
    assert [
        (pytest.approx(quantity.value), quantity.kind, quantity.bound)
        for quantity in find_quantities(text)
        if quantity.text != "a month"
    ] == quantities


def test_numbers_of_clauses_are_left_out_and_those_of_periods_stay():
    text = "This clause 4 and Section 5.1(b) survive for 5 years, Schedule 2 for 6 months."
    assert without_references(text) == (
        "This clause and Section survive for 5 years, Schedule for 6 months."
    )


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
        ("The Supplier shall not be liable for lost profits.", "exempts"),
        ("In no event will either party be liable for lost profits.", "exempts"),
        ("The Supplier is liable for lost profits.", "obliges"),
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
            "The license is non\u2011exclusive.",
            "The license is exclusive.",
            "non-exclusive in the position, exclusive in the contract",
        ),
        (
            "Invoices are payable within 30 days.",
            "Invoices are payable within 30 business days.",
            "30 days in the position, 30 business days in the contract",
        ),
        (
            "Liability is limited to the fees of one year.",
            "Liability is limited to three times the fees of one year.",
            "the contract states three times, the position does not",
        ),
        (
            "The Supplier shall not be liable for lost profits.",
            "The Supplier is liable for lost profits.",
            "the position excuses from it, the contract obliges to it",
        ),
        (
            "The Supplier shall indemnify the Customer.",
            "At the request of the Supplier, the Customer shall indemnify the Supplier.",
            "in the position it is the Supplier, in the contract the Customer",
        ),
        (
            "Each party shall keep it secret.",
            "THE RECIPIENT SHALL KEEP IT SECRET.",
            "the position speaks of both parties, the contract of the Recipient",
        ),
        (
            "The Supplier may assign this Agreement.",
            "The Supplier may assign this Agreement only with the consent of the Buyer.",
            "the contract leaves it to a consent, the position does not",
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
        ("Neither party may assign without consent.", "It may not be assigned without approval."),
        ("The Supplier shall pay the Buyer.", "The Buyer shall be paid by the Supplier."),
        ("The license is non-exclusive.", "The license is nonexclusive."),
        ("It ends on thirty (30) days' notice.", "It ends on 30 (thirty) days\u2019 notice."),
    ],
)
def test_what_is_within_a_bound_or_says_the_same_does_not_differ(position, clause):
    assert differences(position, clause) == []
