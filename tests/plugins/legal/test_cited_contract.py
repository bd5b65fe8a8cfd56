"""Contracts as documents of a result: their outline."""

from __future__ import annotations

from metier import Item
from metier_legal.structure import cited_contract, read_contract

CONTRACT = """LOAN OF MARBLES

This loan is made between Pebble Ltd and Boulder plc.

1. Marbles

1.1 The lender hands over forty marbles.

1.2 The borrower counts them.

2. Return

2.1 Each marble comes back clean.

Schedule 1

Colors of the marbles.
"""


def test_the_outline_has_every_heading_once_where_it_stands():
    item = Item("loan.txt", CONTRACT, {"page_starts": [0, CONTRACT.index("2. Return")]})
    document = cited_contract(read_contract(item), item)
    outline = [(heading.level, heading.title) for heading in document.headings]
    assert outline == [
        (1, "LOAN OF MARBLES"),
        (1, "1. Marbles"),
        (2, "1.1"),
        (2, "1.2"),
        (1, "2. Return"),
        (2, "2.1"),
        (1, "Schedule 1"),
    ]
    for heading in document.headings:
        assert CONTRACT.startswith(heading.title, heading.start)
    assert document.page_at(document.headings[-1].start) == 2


def test_a_heading_broken_into_lines_is_in_the_outline():
    text = CONTRACT.replace("LOAN OF MARBLES", "LOAN OF\nMARBLES")
    item = Item("loan.txt", text)
    document = cited_contract(read_contract(item), item)
    assert [heading.start for heading in document.headings if "1. Marbles" in heading.title] == [
        text.index("1. Marbles")
    ]
    assert document.headings[0].start == 0
