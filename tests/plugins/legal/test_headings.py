"""The ways in which contracts number their clauses, and what only looks like a heading."""

from __future__ import annotations

from textwrap import dedent

import pytest

from metier_legal.structure.clauses import clause_sections


def headings(contract: str) -> list[str]:
    """The clauses of a contract written with an indentation, as a result cites them."""
    text = dedent(contract).strip()
    return [", ".join(section.headings) for section in clause_sections(text)]


def texts(contract: str) -> dict[str, str]:
    text = dedent(contract).strip()
    return {
        ", ".join(section.headings): text[section.start : section.end].strip()
        for section in clause_sections(text)
    }


@pytest.mark.parametrize(
    "numbers",
    [
        ("1.", "2.", "3."),
        ("1", "2", "3"),
        ("1)", "2)", "3)"),
        ("(1)", "(2)", "(3)"),
        ("1.0", "2.0", "3.0"),
        ("A.", "B.", "C."),
        ("A)", "B)", "C)"),
        ("I.", "II.", "III."),
        ("Sec. 1.", "Sec. 2.", "SEC. 3."),
        ("Art. 1", "Art. 2", "Art. 3"),
        ("Clause 1", "Clause 2", "Clause 3"),
        ("\u00a7 1", "\u00a7 2", "\u00a7 3"),
        ("7.", "7A.", "8."),
        ("7.", "7-A.", "7-B."),
        ("FIRST:", "SECOND:", "THIRD:"),
        ("First -", "Second -", "Third -"),
    ],
    ids=lambda numbers: numbers[0],
)
@pytest.mark.parametrize("layout", ["\n\n{} {}\n\n{}", "\n\n{} {}\n{}", "\n\n{} {}. {}"])
def test_every_way_to_number_clauses_is_read(numbers: tuple[str, ...], layout: str) -> None:
    clauses = [
        ("Rent", "The tenant pays every month."),
        ("Repairs", "The landlord repairs the roof."),
        ("Notices", "A notice is given in writing."),
    ]
    contract = "LEASE" + "".join(
        layout.format(number, title, text)
        for number, (title, text) in zip(numbers, clauses, strict=True)
    )

    assert headings(contract) == [
        f"{number} {title}" for number, (title, _) in zip(numbers, clauses, strict=True)
    ]


def test_letters_go_on_where_they_could_be_roman_numerals() -> None:
    contract = "".join(
        f"{letter}. Topic {letter}{letter}\n\nIts text is here.\n\n" for letter in "ABCDEFGHIJKL"
    )

    assert headings(contract) == [f"{letter}. Topic {letter}{letter}" for letter in "ABCDEFGHIJKL"]


def test_numerals_letters_and_numbers_nest_in_the_order_they_come() -> None:
    assert headings("""
        LEASE

        I. Premises

        A. Location

        The house stands by the river.

        B. Use

        1. Residence. The tenant lives there.

        2. Animals. None are allowed.

        II. Rent

        A. Amount

        The rent is 900 ducats.
    """) == [
        "I. Premises, A. Location",
        "I. Premises, B. Use, 1. Residence",
        "I. Premises, B. Use, 2. Animals",
        "II. Rent, A. Amount",
    ]


def test_lettered_recitals_and_items_of_a_list_are_no_clauses() -> None:
    assert headings("""
        SERVICES AGREEMENT

        RECITALS

        A. The Company makes bolts.

        B. The Consultant knows bolts.

        1. Duties. The Consultant shall:

        1) advise;

        2) report; and

        3) keep silent.

        2. Fees. Ten ducats.
    """) == ["RECITALS", "1. Duties", "2. Fees"]


def test_clauses_need_neither_dots_nor_blank_lines_nor_full_stops() -> None:
    assert headings("""
        1 Goods
        1.1 Bolt means a bolt of iron
        1.2 Nut means what fits a bolt
        2 Delivery
        2.1 The Seller delivers within
        30 days of an order
        3 Payment
        3.1 The Buyer pays
    """) == [
        "1 Goods, 1.1",
        "1 Goods, 1.2",
        "2 Delivery, 2.1",
        "3 Payment, 3.1",
    ]


@pytest.mark.parametrize(
    "page", ["Page 1 of 4", "PAGE 1", "- 1 -", "[1]", "1 / 4", "Supply of Bolts  Page 1 of 4"]
)
def test_a_page_line_divides_no_clause_and_hides_none(page: str) -> None:
    contract = f"1. Goods\nBolts of\n{page}\niron.\n{page}\n2. Fees\nTen ducats.\n"

    assert texts(contract) == {
        "1. Goods": f"1. Goods\nBolts of\n{page}\niron.\n{page}",
        "2. Fees": "2. Fees\nTen ducats.",
    }


def test_a_page_number_that_is_the_number_due_begins_nothing() -> None:
    assert headings("""
        1. Goods
        Bolts that are made

        2

        of iron.

        2. Fees
        Ten ducats.
    """) == ["1. Goods", "2. Fees"]


def test_a_number_on_a_line_of_its_own_has_its_title_below() -> None:
    assert headings("1.\nGoods\n\nBolts.\n\n2.\nForce Majeure\n\nNobody answers for storms.") == [
        "1. Goods",
        "2. Force Majeure",
    ]


@pytest.mark.parametrize(
    "text",
    ['"Bolt" means a bolt.', "\u201cBolt\u201d means a bolt.", "(a) bolts; and", "$10 each."],
)
def test_a_title_is_kept_whatever_its_text_begins_with(text: str) -> None:
    assert headings(f"1. Goods\n{text}\n2. Fees\n{text}") == ["1. Goods", "2. Fees"]


def test_a_number_stands_under_no_other_number() -> None:
    assert headings("""
        5. Taxes
        Taxes are extra.

        5A.1 Withholding
        Tax is withheld.

        7. Fees

        9.1 Late Fees
        Two percent.
    """) == ["5. Taxes", "5A.1 Withholding", "7. Fees", "9.1 Late Fees"]


def test_clauses_below_a_signature_are_clauses() -> None:
    assert headings("""
        ORDER FORM

        Signed by: ____________

        GENERAL CONDITIONS

        1. Term. One year.

        2. Fees. Ten ducats.

        GOVERNING LAW

        The law of Nowhere governs this order.
    """) == [
        "ORDER FORM",
        "Signatures",
        "GENERAL CONDITIONS, 1. Term",
        "GENERAL CONDITIONS, 2. Fees",
        "GOVERNING LAW",
    ]


def test_a_date_of_signing_at_the_start_is_no_signature() -> None:
    assert "Signatures" not in headings("""
        CONTRACT

        EXECUTED on 2 March 2031 by both parties.

        1. Term. One year.
    """)


def test_names_and_addresses_of_signers_are_no_clauses() -> None:
    assert headings("""
        FEES

        The fee is ten ducats.

        IN WITNESS WHEREOF the parties sign.

        MADE-UP LIMITED

        12. Nowhere Lane

        Witnesses:
        1. John Sample
        2. Jane Sample
    """) == ["FEES", "Signatures"]


def test_a_sentence_in_capitals_stays_in_its_clause() -> None:
    assert headings("""
        3. Warranty. The bolts hold.

        ALL OTHER WARRANTIES ARE EXCLUDED

        The Buyer knows this.

        NO REFUNDS.

        The Buyer knows this, too.

        4. Law. That of Nowhere.
    """) == ["3. Warranty", "4. Law"]


@pytest.mark.parametrize(
    ("first", "second", "last"),
    [
        ("**1. Term**", "**2. Fees**", "**Governing Law**"),
        ("__1. Term__", "__2. Fees__", "__Governing Law__"),
        ("**1.** **Term**", "**2.** **Fees**", "***Governing Law***"),
        ("1\\. Term", "2\\. Fees", "**Governing Law**"),
    ],
)
def test_markdown_around_a_heading_is_not_part_of_it(first: str, second: str, last: str) -> None:
    contract = f"{first}\n\nOne year.\n\n{second}\n\nTen.\n\n{last}\n\nThat of Nowhere."

    assert headings(contract) == ["1. Term", "2. Fees", "Governing Law"]


@pytest.mark.parametrize("end", ["\n\n", "\n", ":\n"])
def test_titles_alone_are_headings_where_nothing_is_numbered(end: str) -> None:
    assert headings(
        f"Consulting Agreement\n\nScope of Work{end}The consultant gives advice.\n\n"
        f"Fees{end}The client pays ten ducats.\n\nGoverning Law{end}That of Nowhere applies."
    ) == ["Scope of Work", "Fees", "Governing Law"]


def test_one_title_above_prose_leaves_a_clause_whole() -> None:
    assert headings("Confidentiality\n\nThe parties keep all of it secret.") == [""]


@pytest.mark.parametrize(
    "part",
    ["ADDENDUM 2", "Annexure B", "RIDER 1", "Amendment No. 3", "Schedule Two", "EXHIBIT A-1"],
)
def test_numbers_begin_again_in_every_part(part: str) -> None:
    assert headings(f"1 Goods\n\nBolts.\n\n2 Fees\n\nTen.\n\n{part}\n\n1 Bolts\n\nOf iron.") == [
        "1 Goods",
        "2 Fees",
        f"{part}, 1 Bolts",
    ]


def test_clauses_that_share_a_paragraph_are_divided() -> None:
    assert headings(
        "4. Warranty. The bolts hold for 2 years. 5. Liability. 5.1 Cap. The cap is ten ducats. "
        "5.2 Exclusions. None, but see Section 4. 6. Law. That of Nowhere."
    ) == ["4. Warranty", "5. Liability, 5.1 Cap", "5. Liability, 5.2 Exclusions", "6. Law"]


@pytest.mark.parametrize("depth", ["#", "##", "####"])
def test_numbers_below_a_numbered_markdown_heading_stand_under_it(depth: str) -> None:
    assert headings(
        f"{depth} 1. Goods\n\n1.1 Bolts. Of iron.\n\n1.2 Nuts. Of brass.\n\n"
        f"{depth} 2. Fees\n\n2.1 Amount. Ten.\n"
    ) == ["1. Goods, 1.1 Bolts", "1. Goods, 1.2 Nuts", "2. Fees, 2.1 Amount"]
