"""Defined terms of contracts, and their parties."""

from __future__ import annotations

import pytest

from metier import Item
from metier_legal.structure.contract import read_contract
from metier_legal.structure.parties import find_parties

CARRIAGE = """CARRIAGE AGREEMENT

This agreement is made on 2 May 2024 between Alder Mill Ltd, a company of Oslo (the "Seller"), and
Birch & Sons, Inc. (together with its affiliates, the "Buyer").

1. Definitions

1.1 In this agreement:

"Goods" means planks and beams, cut to length;

"Yard" or "Depot" means the place where the Goods are kept.

\u201cWorking Day\u201d has the meaning given in clause 2.2.

**Price**: the sum that the Buyer owes.

Load Note means the note that comes with a load.

1.2 The Seller and the Buyer are each a "Party" and collectively, the "Parties".

2. Supply

2.1 The Seller brings the Goods to the Yard with the Load Note, as the Delivery Plan says.

2.2 Each Working Day counts. The Parties keep to the Delivery Plan (the rules of it, the "Rules").

2.3 The Price is paid (with costs, the "Charges") on the first Working Day of a month.
"""


def test_terms_have_their_definition_and_where_they_are_used() -> None:
    contract = read_contract(Item("a", CARRIAGE))

    definitions = {term.term: term for term in contract.definitions}
    assert list(definitions) == [
        "Seller", "Buyer", "Goods", "Yard", "Depot", "Working Day", "Price", "Load Note", "Party",
        "Parties", "Rules", "Charges",
    ]  # fmt: skip
    for term in contract.definitions:
        assert CARRIAGE[term.start : term.end] == term.definition
        assert term.term in term.definition
        assert all(CARRIAGE.startswith(term.term[:4], use) for use in term.uses)
    assert definitions["Goods"].definition == '"Goods" means planks and beams, cut to length;'
    assert definitions["Load Note"].definition == "Load Note means the note that comes with a load."
    assert len(definitions["Working Day"].uses) == 2
    clause = contract.clause_at(definitions["Charges"].start)
    assert clause is not None
    assert clause.label == "2. Supply, 2.3"


def test_terms_that_are_unused_or_undefined_are_named() -> None:
    contract = read_contract(Item("a", CARRIAGE))

    assert {term.term for term in contract.unused_terms} == {"Depot", "Rules", "Charges"}
    assert [(term.term, len(term.uses)) for term in contract.undefined_terms] == [
        ("Delivery Plan", 2)
    ]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        # a table, as Word has it
        (
            "1. Definitions\n\nTerm | Meaning\nYard | the place\n\"Goods\" | the planks\n",
            ["Yard", "Goods"],
        ),
        # terms that are defined together
        ('1. Terms\n\n"Mill", "Yard" and "Shed" each mean the place.\n', ["Mill", "Yard", "Shed"]),
        ("1. Rent. Ten crowns (hereinafter referred to as the \u201cRent\u201d).", ["Rent"]),
        ('1. Rent. Ten crowns ("Rent") and its tax (each, a "Sum" and together, the "Sums").',
         ["Rent", "Sum", "Sums"]),
        ("1. Terms. 'Mill' shall mean the mill at the tenant's house.", ["Mill"]),
        # words in quotation marks that define nothing
        ('1. Form. The box is marked "FRAGILE" and called "fragile" by all.', []),
        ('1. Form. The text (see "How to pay" on the next page) counts.', []),
        # sentences in a clause of definitions
        ("1. Definitions\n\nThese words count: they are plain.\nGoods means wood.\n", ["Goods"]),
    ],
)  # fmt: skip
def test_ways_to_define_a_term(text: str, terms: list[str]) -> None:
    assert [term.term for term in read_contract(Item("a", text)).definitions] == terms


@pytest.mark.parametrize(
    ("preamble", "parties"),
    [
        (
            'The lease is between Alder Mill Ltd, of Oslo (the "Landlord"), and Birch & Sons, '
            'Inc., of Bergen (the "Tenant").',
            [("Alder Mill Ltd", "Landlord"), ("Birch & Sons, Inc.", "Tenant")],
        ),
        (
            "BETWEEN:\n\n(1) ALDER MILL LTD, of Oslo (\"Mill\" or the \"Seller\"); and\n\n"
            "(2) BIRCH WORKS PLC (the \"Buyer\").",
            [("ALDER MILL LTD", "Seller"), ("BIRCH WORKS PLC", "Buyer")],
        ),
        (
            "This agreement is by and between Alder Mill Ltd and Birch Works Ltd. They agree.",
            [("Alder Mill Ltd", ""), ("Birch Works Ltd", "")],
        ),
        (
            'This lease is entered into on 4 May by Alder Mill Inc. (the "Owner") and Birch SA '
            '(the "Licensee"). It covers a program.',
            [("Alder Mill Inc.", "Owner"), ("Birch SA", "Licensee")],
        ),
        ("The parties know each other well.", []),
        ("The distance between Oslo is long.", []),
    ],
)  # fmt: skip
def test_parties_are_those_of_the_preamble(preamble: str, parties: list[tuple[str, str]]) -> None:
    text = f"AGREEMENT\n\n{preamble}\n\n1. Law\n\nOslo.\n\n2. Seat\n\nBergen.\n"
    contract = read_contract(Item("a", text))
    assert [(party.name, party.role) for party in contract.parties] == parties
    for party in contract.parties:
        assert text[party.start : party.end].split() == party.name.split()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Parties: Alder Ltd and Birch Inc\n\n1. Start", ["Alder Ltd", "Birch Inc"]),
        ("The parties: Alder, LLC, Birch Inc. and Cedar\nDate: 1 May 2025",
         ["Alder, LLC", "Birch Inc.", "Cedar"]),
        ("**Parties:** Alder Ltd of 4 Quay Lane, Kiel; Birch Inc of 7 Jetty Road, Perth.\n",
         ["Alder Ltd", "Birch Inc"]),
        ("Parties: each of them", []),
        ("Owner: Alder Ltd, 4 Quay Lane, Kiel. Customer: Birch Co-op, 7 Jetty Road.\n",
         ["Alder Ltd", "Birch Co-op"]),
        ("**Landlord:** Alder Ltd\n**Tenant:** Birch Inc\n**Rent:** 90 ducats\n",
         ["Alder Ltd", "Birch Inc"]),
        ("Owner: Alder Ltd\nDate: 4 May\n", []),
    ],
)  # fmt: skip
def test_a_line_may_name_the_parties(line, names):
    assert [party.name for party in find_parties(f"PURCHASE\n\n{line}")] == names
