"""Contracts as clauses with number, title, path, kind and page."""

from __future__ import annotations

from metier import Item
from metier_legal.structure.contract import read_contract

TEXT = """SERVICES AGREEMENT

This agreement is made between the Client and the Provider.

BACKGROUND

The Client needs a new roof.

1. Definitions

1.1 "Works" means the repair of the roof.

2. Fees

2.1 Payment. The Client pays within thirty days.

IN WITNESS WHEREOF the parties have signed.

By: ____________

SCHEDULE 1 - PRICES

1. Tiles cost ten crowns each.
"""


def test_clauses_have_number_title_path_and_kind() -> None:
    contract = read_contract(Item("roof.txt", TEXT, {"title": "Roof"}))

    assert (contract.id, contract.title, contract.text) == ("roof.txt", "Roof", TEXT)
    named = [(clause.kind, clause.number, clause.title) for clause in contract.clauses]
    assert ("recitals", "", "BACKGROUND") in named
    assert ("definitions", "1.1", "") in named
    assert ("clause", "2.1", "Payment") in named
    assert ("signatures", "", "Signatures") in named
    assert ("schedule", "1", "") in named or ("schedule", "SCHEDULE 1", "PRICES") in named
    payment = next(clause for clause in contract.clauses if clause.title == "Payment")
    assert payment.path == ("2. Fees", "2.1 Payment")
    assert payment.label == "2. Fees, 2.1 Payment"
    assert payment.page is None


def test_a_character_belongs_to_one_clause_or_none() -> None:
    contract = read_contract(Item("roof.txt", TEXT))

    for clause in contract.clauses:
        assert TEXT[clause.start : clause.end] == clause.text
        assert contract.clause_at(clause.start) == contract.clause_at(clause.end - 1) == clause
    assert contract.clause_at(len(TEXT) + 5) is None


def test_clauses_know_their_page() -> None:
    fields = {"page_starts": [0, TEXT.index("2. Fees")]}
    contract = read_contract(Item("roof.pdf", TEXT, fields))

    pages = {clause.title or clause.number: clause.page for clause in contract.clauses}
    assert pages["BACKGROUND"] == 1
    assert pages["Payment"] == 2
