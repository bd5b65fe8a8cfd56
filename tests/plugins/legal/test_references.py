"""Cross-references of contracts, and the clauses that they mean."""

from __future__ import annotations

import pytest

from metier import Item
from metier_legal.structure.contract import read_contract

DECIMAL = """1. Supply

1.1 {}

1.2 The days are:

(a) Mondays; and

(b) Fridays.

2. Prices

2.1 They are fixed.

2.2 They are net.

SCHEDULE 1 - PLANKS

1. Planks of oak.

2. Planks of ash, as paragraph 1 and clause 1.2 say.
"""


@pytest.mark.parametrize(
    ("sentence", "meant"),
    [
        ("As clause 2.1 says.", [("clause 2.1", "2. Prices, 2.1")]),
        ("As Section 1.2(b) says.", [("Section 1.2(b)", "1. Supply, 1.2")]),
        ("As clause 1.2(c) says.", [("clause 1.2(c)", "")]),
        ("As clause 2 says.", [("clause 2", "2. Prices")]),
        (
            "As clauses 1.2, 2.1 and 9.3 say.",
            [("clauses 1.2", "1. Supply, 1.2"), ("2.1", "2. Prices, 2.1"), ("9.3", "")],
        ),
        ("As Schedule 1 says.", [("Schedule 1", "SCHEDULE 1 - PLANKS")]),
        ("As Schedule 2 or Exhibit B says.", [("Schedule 2", ""), ("Exhibit B", "")]),
        ("This Section holds.", [("This Section", "1. Supply, 1.1")]),
        ("The following: as the next clause says.", [("the next clause", "1. Supply, 1.2")]),
        ("As the foregoing paragraph says.", [("the foregoing paragraph", "")]),
        # of other documents
        ("As section 7 of the Companies Act says.", []),
        ("As Section 2(b) and Article IV of the Sale of Goods Act say.", []),
        ("As Section 1.2 of this Agreement says.", [("Section 1.2", "1. Supply, 1.2")]),
    ],
)
def test_a_reference_means_a_clause_or_none(sentence: str, meant: list[tuple[str, str]]) -> None:
    text = DECIMAL.format(sentence)
    contract = read_contract(Item("a", text))
    references = [
        reference
        for reference in contract.references
        if reference.source and reference.source.kind != "schedule"
    ]

    assert [(reference.text, ", ".join(reference.path)) for reference in references] == meant
    for reference in references:
        assert text[reference.start : reference.end] == reference.text
        assert reference.is_dangling == (reference.target is None) == (not reference.path)


def test_a_paragraph_of_a_schedule_is_not_a_clause_of_the_contract() -> None:
    contract = read_contract(Item("a", DECIMAL.format("It is sold.")))

    assert [(reference.text, reference.path) for reference in contract.references] == [
        ("paragraph 1", ("SCHEDULE 1 - PLANKS", "1. Planks of oak")),
        ("clause 1.2", ("1. Supply", "1.2")),
    ]


def test_articles_are_found_by_either_kind_of_number() -> None:
    contract = read_contract(
        Item(
            "a",
            "ARTICLE I - SUPPLY\n\nSection 1.01 Goods. As Article II and Section 2.01 say.\n\n"
            "ARTICLE II - PRICES\n\nSection 2.01 Sums. This Article and Article 1 hold.\n",
        )
    )

    assert [(reference.text, reference.path[-1]) for reference in contract.references] == [
        ("Article II", "ARTICLE II - PRICES"),
        ("Section 2.01", "Section 2.01 Sums"),
        ("This Article", "ARTICLE II - PRICES"),
        ("Article 1", "ARTICLE I - SUPPLY"),
    ]


def test_headings_without_a_space_before_their_number_lead_nowhere():
    chinese = "\u7b2c\u4e00\u6761 A\n\nSee Section 2.\n\n\u7b2c\u4e8c\u6761 B\n\nNone.\n"
    (reference,) = read_contract(Item("c", chinese)).references
    assert reference.is_dangling


def test_a_clause_that_names_its_own_number_is_one_reference():
    text = "1. Secrets\n\nThis clause 1 and this Section survive.\n\n2. Price\n\nNone.\n"
    references = read_contract(Item("c", text)).references

    assert [(reference.text, reference.path) for reference in references] == [
        ("clause 1", ("1. Secrets",)),
        ("this Section", ("1. Secrets",)),
    ]
