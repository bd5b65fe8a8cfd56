"""Kinds of clause numbers, each in several forms, and the clauses that a lawyer would cite."""

from __future__ import annotations

import pytest

from metier_legal.structure.clauses import clause_sections

TITLES = ("Repairs", "Insurance", "Notices")
TEXTS = ("The landlord mends the roof.", "The tenant insures the house.", "Letters are sent.")


def headings(contract: str) -> list[str]:
    return [", ".join(section.headings) for section in clause_sections(contract)]


@pytest.mark.parametrize(
    "numbers",
    [
        ("Section I.", "Section II.", "Section III."),
        ("SECTION A.", "SECTION B.", "SECTION C."),
        ("Section One.", "Section Two.", "Section Three."),
        ("ONE.", "TWO.", "THREE."),
        ("FIRST CLAUSE:", "SECOND CLAUSE:", "THIRD CLAUSE:"),
        ("ARTICLE FIRST:", "ARTICLE SECOND:", "ARTICLE THIRD:"),
        ("Article One.", "Article Two.", "Article Three."),
        ("I -", "II -", "III -"),
        ("\u00a71", "\u00a72", "\u00a73"),
        ("6.", "6bis.", "7."),
        ("6.", "6a.", "6b."),
        ("6", "6A", "7"),
        ("C.1", "C.2", "C.3"),
        ("2.1", "2.1A", "2.2"),
        ("1:", "2:", "3:"),
        ("1/", "2/", "3/"),
        ("\u00b6 1", "\u00b6 2", "\u00b6 3"),
        ("IV.", "V.", "VI."),
        ("H.", "I.", "J."),
    ],
    ids=lambda numbers: numbers[0],
)
def test_numbers_in_words_letters_and_with_suffixes_begin_clauses(numbers: tuple[str, ...]) -> None:
    contract = "".join(
        f"{number} {title}\n\n{text}\n\n"
        for number, title, text in zip(numbers, TITLES, TEXTS, strict=True)
    )
    assert headings(contract) == [
        f"{number} {title}" for number, title in zip(numbers, TITLES, strict=True)
    ]


@pytest.mark.parametrize(
    "numbers", [("a)", "b)", "c)"), ("i.", "ii.", "iii."), ("(a)", "(b)", "(c)")]
)
def test_small_letters_begin_clauses_where_nothing_else_does(numbers: tuple[str, ...]) -> None:
    contract = "LEASE\n\n" + "".join(
        f"{number} {title}\n\n{text}\n\n"
        for number, title, text in zip(numbers, TITLES, TEXTS, strict=True)
    )
    assert headings(contract) == [
        f"{number} {title}" for number, title in zip(numbers, TITLES, strict=True)
    ]


@pytest.mark.parametrize(
    ("contract", "clauses"),
    [
        # numbers without dots, without blank lines
        ("1 Repairs. Of the roof.\n2 Notices. By letter.\n", ["1 Repairs", "2 Notices"]),
        ("1 The Seller sells bolts.\n2 The Buyer buys them.\n3 It is so.\n", ["1", "2", "3"]),
        ("1 Price\nIt is ten or\n2 Million in all.\n2 Law\nFrance.\n", ["1 Price", "2 Law"]),
        # clauses without a full stop at their end
        (
            "Section 1. Scope\nAdvice\nSection 2. Term\nA year\n",
            ["Section 1. Scope", "Section 2. Term"],
        ),
        ("1. Scope: advice on bolts\n2. Term: a year\n", ["1. Scope", "2. Term"]),
        (
            "1. Notice\nIt is given as in\nSection 2 of the Act.\n2. Law\nFrance\n",
            ["1. Notice", "2. Law"],
        ),
        # page furniture in capitals
        (
            "1. Goods\nBolts.\n\nBOLTS\nPage 1\n\n2. Fees\nTen.\n\nBOLTS\nPage 2\n",
            ["1. Goods", "2. Fees"],
        ),
        (
            "SUPPLY OF BOLTS\n\n1. Goods\nBolts.\n\nSUPPLY OF BOLTS\n\n2. Fees\nTen.\n",
            ["1. Goods", "2. Fees"],
        ),
        # signatures above the terms, in other words
        (
            "ORDER\n\nSigned for Elm by: ____\n\nTERMS\n\n1. Scope. Bolts.\n\n2. Fees. Ten.\n",
            ["ORDER", "Signatures", "1. Scope", "2. Fees"],
        ),
        (
            "AGREED AND ACCEPTED:\n\nBy: ______\nName: ____\n\n1. Scope. Bolts.\n\n2. Fees. Ten.\n",
            ["Signatures", "1. Scope", "2. Fees"],
        ),
        # names, and lists that complete a sentence, are no clauses
        (
            "1. Parties\n\nA. Smith is the Seller.\n\nB. Ash is the Buyer.\n\n2. Law\n\nFrance.\n",
            ["1. Parties", "2. Law"],
        ),
        (
            "1. Duties. The Seller shall:\n\nA. Sell bolts.\n\nB. Pack them.\n\n2. Law. France.\n",
            ["1. Duties", "2. Law"],
        ),
        (
            "1. Duties\n\nThe Seller shall:\n\n1. Sell.\n\n2. Pack.\n\n2. Law. France.\n",
            ["1. Duties", "2. Law"],
        ),
        (
            "Between:\n\n1. Ash Ltd; and\n\n2. Elm Ltd.\n\n1. Rent. Ten.\n\n2. Law. France.\n",
            ["", "1. Rent", "2. Law"],
        ),
        (
            "LEASE\n\nPARTIES\n\n(1) Ash Ltd\n\n(2) Elm Ltd\n\n1. Rent. Ten.\n\n2. Law. France.\n",
            ["PARTIES", "1. Rent", "2. Law"],
        ),
        # marks of Markdown and HTML
        ("1. **Rent.** Ten.\n2. **Law.** France.\n", ["1. Rent", "2. Law"]),
        ("- **1. Rent**\n\n  Ten.\n\n- **2. Law**\n\n  France.\n", ["1. Rent", "2. Law"]),
        ("<b>1. Rent</b>\n\nTen.\n\n<b>2. Law</b>\n\nFrance.\n", ["1. Rent", "2. Law"]),
        (
            "Lease\n=====\n\nRent\n----\n\nTen.\n\nLaw\n---\n\nFrance.\n",
            ["Lease, Rent", "Lease, Law"],
        ),
        (
            "**1. Terms**\n\n**Bolt** means a bolt.\n\n**2. Law**\n\nFrance.\n",
            ["1. Terms", "2. Law"],
        ),
        ("## Rules\n\n1. Rent. Ten.\n\n2. Law. France.\n", ["Rules, 1. Rent", "Rules, 2. Law"]),
        # titles without numbers
        ("Lease\n\nRent.  The tenant pays ten.\n\nLaw.  French law applies.\n", ["Rent", "Law"]),
        ("Lease\n\nRent: The tenant pays ten.\n\nLaw: French law applies.\n", ["Rent", "Law"]),
        (
            "Lease\n\nRent and taxes\n\nThe tenant pays ten.\n\nLaw\n\nFrench law applies.\n",
            ["Rent and taxes", "Law"],
        ),
        ("Lease\n\nRent\n\nTen ducats.\n\nLaw\n\nFrench law.\n", ["Rent", "Law"]),
        # sentences and addresses in capitals
        ("1. Cap. Ten.\n\nNO REFUNDS\n\nIt stays so.\n\n2. Law. France.\n", ["1. Cap", "2. Law"]),
        (
            "1. Notices\n\nThey go to:\n\nASH LTD\n\n12 New Lane\n\nOLD TOWN\n\n2. Law. France.\n",
            ["1. Notices", "2. Law"],
        ),
        # parts
        ("1. Rent. Ten.\n\nEXHIBIT 1.1(a)\n\nThe house.\n", ["1. Rent", "EXHIBIT 1.1(a)"]),
        ('1. Rent. Ten.\n\nEXHIBIT "B"\n\nThe house.\n', ["1. Rent", 'EXHIBIT "B"']),
        (
            "1. Rent. Ten.\n\nStatement of Work No. 2\n\n1. Scope. Roof.\n",
            ["1. Rent", "Statement of Work No. 2, 1. Scope"],
        ),
        (
            "Schedule 1 Prices\n\nPart 1\n\n1. Bolts. Ten.\n\nPart 2\n\n1. Nuts. Two.\n",
            ["Schedule 1 Prices, Part 1, 1. Bolts", "Schedule 1 Prices, Part 2, 1. Nuts"],
        ),
        (
            "1. Rent. Ten.\n\nAnnex 1 to the lease\n\n1. Land. A field.\n",
            ["1. Rent", "Annex 1 to the lease, 1. Land"],
        ),
        ("Exhibit 10.7\n\n1. Rent. Ten.\n\n2. Law. France.\n", ["1. Rent", "2. Law"]),
        # a table of contents without a title or a leader
        (
            "1. Rent 1\n2. Law 2\n\nA lease.\n\n1. Rent\n\nTen.\n\n2. Law\n\nFrance.\n",
            ["", "1. Rent", "2. Law"],
        ),
        ("1. Rent\nTen.\n2. [Reserved]\n3. Law\nFrance.\n", ["1. Rent", "2. [Reserved]", "3. Law"]),
        # the number of a page that is the number due
        (
            "1. Rent\nIt is ten\n\n2\n\nand not more.\n\n2. Law\nFrance.\n",
            ["1. Rent", "2. Law"],
        ),
        (
            "1. Rent\nTen, which falls due\n\n- 2 -\n\neach May.\n\n2. Law\nFrance.\n\n- 3 -\n",
            ["1. Rent", "2. Law"],
        ),
        (
            "4. Rent\nTen.\nLease of the mill | 5\n5. Law\nFrance.\nLease of the mill | 6\n",
            ["4. Rent", "5. Law"],
        ),
        (
            "1. Rent\nTen.\n[Page 2 of 3]\n2. Law\nFrance.\n[Page 3 of 3]\n",
            ["1. Rent", "2. Law"],
        ),
        # a first line that says when it was signed
        (
            "SIGNED this first day of May.\n\n1. Rent. Ten.\n\n2. Law. France.\n",
            ["", "1. Rent", "2. Law"],
        ),
        (
            "Executed in Oslo by Ash and Elm.\n\n1. Rent. Ten.\n\n2. Law. France.\n",
            ["", "1. Rent", "2. Law"],
        ),
        # numbers with a bracket, and with a word
        (
            "1) Rent\nTen.\n(a) each May;\n(b) in cash.\n2) Law\nFrance.\n",
            ["1) Rent", "2) Law"],
        ),
        ("(1) Rent\n\nTen.\n\n(2) Law\n\nFrance.\n", ["(1) Rent", "(2) Law"]),
        ("Sec. 1 Rent\nTen.\nSec. 2 Law\nFrance.\n", ["Sec. 1 Rent", "Sec. 2 Law"]),
        ("SECT. 1. RENT\n\nTen.\n\nSECT. 2. LAW\n\nOslo.\n", ["SECT. 1. RENT", "SECT. 2. LAW"]),
        # texts that begin with a quotation mark, a bracket or a sum
        (
            "1. Terms\n\u201cMill\u201d means the mill.\n2. Rent\n\u20ac10 a year.\n",
            ["1. Terms", "2. Rent"],
        ),
        ("1. Terms\n'Mill' means the mill.\n2. Rent\n(net) Ten.\n", ["1. Terms", "2. Rent"]),
        # short sentences under a number of their own
        (
            "1. Rent\n1.1 In cash.\n1.2 Each May.\n2. Law\n2.1 That of Oslo.\n",
            ["1. Rent, 1.1", "1. Rent, 1.2", "2. Law, 2.1"],
        ),
    ],
)
def test_a_lawyer_would_cite_these_clauses(contract: str, clauses: list[str]) -> None:
    assert headings(contract) == clauses


@pytest.mark.parametrize(
    ("contract", "clauses"),
    [
        (
            "Section 1. Rent. It is ten. Section 2. Law. That of France.",
            ["Section 1. Rent", "Section 2. Law"],
        ),
        ("A. Rent. It is ten. B. Law. That of France.", ["A. Rent", "B. Law"]),
        ("(1) Rent. It is ten. (2) Law. That of France.", ["(1) Rent", "(2) Law"]),
        ("1) Rent. It is ten. 2) Law. That of France.", ["1) Rent", "2) Law"]),
        ("I. Rent. It is ten. II. Law. That of France.", ["I. Rent", "II. Law"]),
        (
            "1. Rent 1.1 It is ten. 1.2 It is due. 2. Law 2.1 That is French.",
            ["1. Rent, 1.1", "1. Rent, 1.2", "2. Law, 2.1"],
        ),
        (
            "ARTICLE 1 RENT 1.1 Sum. It is ten. ARTICLE 2 LAW 2.1 Choice. That of France.",
            ["ARTICLE 1 RENT, 1.1 Sum", "ARTICLE 2 LAW, 2.1 Choice"],
        ),
        ("1. RENT The tenant pays. 2. LAWS French law applies.", ["1. RENT", "2. LAWS"]),
        ("3. Cap. It meets standard No. 4. They agree. See Section 5. Costs rise.", ["3. Cap"]),
    ],
)
def test_clauses_that_lost_their_line_breaks_are_found(contract: str, clauses: list[str]) -> None:
    assert headings(contract) == clauses


def test_a_title_that_nothing_divides_from_its_text_is_kept() -> None:
    text = "Customer data stays where it is for as long as the parties work together on the roof."
    contract = f"1. Choice of Law This agreement {text}\n\n2. FORCE MAJEURE {text}\n\n3. {text}\n"
    assert headings(contract) == ["1. Choice of Law", "2. FORCE MAJEURE", "3."]


def test_schedules_that_are_only_listed_hold_no_clauses() -> None:
    assert (
        headings(
            "1. Schedules\n\nThey belong to it.\n\nSchedule A: Rent.\n\nSchedule B: Taxes.\n\n"
            "2. Law\n\nFrance.\n"
        )[-1]
        == "2. Law"
    )


def test_clauses_are_counted_beyond_three_digits_and_years_are_no_numbers() -> None:
    clauses = [f"{number}. The tenant cleans room {number}.\n\n" for number in range(1, 1013)]
    year = "The lease of the year\n\n2031. It ends in May.\n\n"
    contract = "".join([*clauses[:3], year, *clauses[3:]])
    sections = list(clause_sections(contract))
    assert [section.headings[-1].split()[0].strip(".") for section in sections] == [
        str(number) for number in range(1, 1013)
    ]
    assert "2031. It ends in May." in contract[sections[2].start : sections[2].end]
