from __future__ import annotations

from metier import Item
from metier_legal.hypotheses.statements import contract_statements
from metier_legal.structure import read_contract

LETTER = """CONFIDENTIALITY LETTER

1. Duties

The Recipient shall not:

(a) copy the plans;

(b) show the plans to: (i) customers; or (ii) competitors; and

(c) sell the plans.

The plans stay the property of the owner.

2. Exceptions

This letter does not apply to plans that are (i) public, (ii) known already or (iii) released, as
sections (a) and (b) above say.

IN WITNESS WHEREOF the parties have signed.
"""


def test_entries_of_a_list_are_read_with_the_words_before_it() -> None:
    statements = contract_statements(read_contract(Item("letter", LETTER)))

    by_text = {statement.text: statement.lead for statement in statements}
    assert by_text["(a) copy the plans;"].endswith("The Recipient shall not:")
    assert by_text["(c) sell the plans."].endswith("The Recipient shall not:")
    nested = next(text for text in by_text if text.startswith("(ii) competitors"))
    assert by_text[nested].endswith("The Recipient shall not: (b) show the plans to:")
    assert by_text["The plans stay the property of the owner."] == ""
    known = next(text for text in by_text if text.startswith("(ii) known"))
    assert "does not apply" in by_text[known]


def test_statements_are_stretches_of_the_contract_and_no_headings() -> None:
    contract = read_contract(Item("letter", LETTER))
    statements = contract_statements(contract)

    assert all(contract.text[each.start : each.end] == each.text for each in statements)
    assert [each.start for each in statements] == sorted(each.start for each in statements)
    texts = [statement.text for statement in statements]
    assert "2. Exceptions" not in texts
    assert not any("(b) above" in text and text.startswith("(b)") for text in texts)
    assert {each.clause.number for each in statements} >= {"1", "2"}


def test_headings_on_lines_of_their_own_are_no_part_of_a_statement() -> None:
    text = (
        "1. Use and return\n1.1 The Guest shall use the maps at sea only.\n\n"
        "What you must give back\nSend us the maps.\n\n"
        "The Guest shall not\n(a) sell the maps; or\n(b) lend the maps."
    )

    statements = contract_statements(read_contract(Item("maps", text)))

    assert [statement.text for statement in statements] == [
        "1.1 The Guest shall use the maps at sea only.",
        "Send us the maps.",
        "The Guest shall not",
        "(a) sell the maps; or",
        "(b) lend the maps.",
    ]
    assert all(text[each.start : each.end] == each.text for each in statements)
