from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier import Runtime
from metier.chunking.chunking import chunk
from metier.chunking.sections import sections_of
from metier.testing import FakeEmbedder
from metier.texts.rows import Item
from metier_legal.structure.clauses import clause_sections


class Clause(NamedTuple):
    """A section of a contract without the whitespace at its ends."""

    start: int
    end: int
    text: str
    heading: str


def split_clauses(contract: str) -> list[Clause]:
    clauses = []
    for section in sections_of(contract, "contract.txt", clause_sections):
        text = contract[section.start : section.end]
        start = section.start + len(text) - len(text.lstrip())
        text = text.strip()
        if text:
            clauses.append(Clause(start, start + len(text), text, ", ".join(section.headings)))
    return clauses


def split(contract: str) -> list[tuple[str, str]]:
    """Headings and texts of a contract written with an indentation."""
    return [(clause.heading, clause.text) for clause in split_clauses(dedent(contract).strip())]


def assert_nothing_is_lost(contract: str, clauses: list[Clause]) -> None:
    position = 0
    for clause in clauses:
        assert not contract[position : clause.start].strip()
        assert contract[clause.start : clause.end] == clause.text == clause.text.strip() != ""
        position = clause.end
    assert not contract[position:].strip()


PARTS = st.sampled_from(
    ["1.", "1", "1.1", "2.10.3", "12", "ARTICLE IV", "Section 2.03", "Schedule 1", "\u00a7 3",
     "(a)", "TABLE OF CONTENTS", "FEES AND TAXES", "GOVERNING LAW.", "WHEREAS",
     "IN WITNESS WHEREOF",
     "\u7b2c\u4e8c\u6761", "The Buyer shall pay.", "within", "30 days", "Payment ..... 12", "e.g.",
     "and", "\n", "\n\n", "\r\n", "\r\n\r\n", "\t", " ", "\x0c", "\u2028", "word " * 400]
)  # fmt: skip


@given(st.lists(PARTS | st.text(max_size=8), max_size=40).map("".join))
def test_clauses_cover_the_contract_in_order(contract: str) -> None:
    assert_nothing_is_lost(contract, split_clauses(contract))


@pytest.mark.parametrize(
    ("name", "count"),
    [("supply-agreement.txt", 35), ("software-licence.txt", 30), ("consulting-agreement.txt", 19)],
)
def test_the_sample_contracts_are_divided_at_their_headings(
    samples: Callable[[str], Path], name: str, count: int
) -> None:
    contract = (samples("metier_legal") / name).read_text(encoding="utf-8")

    clauses = split_clauses(contract)

    assert_nothing_is_lost(contract, clauses)
    assert len(clauses) == count
    assert all(clause.heading for clause in clauses)


def test_a_clause_carries_the_titles_it_stands_under() -> None:
    assert split("""
        ARTICLE IV
        CONFIDENTIALITY

        Section 4.01 Duty. Each party shall keep secrets.

        Section 4.02 Exceptions. What is public is none.

        ARTICLE V - TERM

        5.1 It lasts.

        5.1.1 It may be renewed.
    """) == [
        (
            "ARTICLE IV, CONFIDENTIALITY, Section 4.01 Duty",
            "ARTICLE IV\nCONFIDENTIALITY\n\nSection 4.01 Duty. Each party shall keep secrets.",
        ),
        (
            "ARTICLE IV, CONFIDENTIALITY, Section 4.02 Exceptions",
            "Section 4.02 Exceptions. What is public is none.",
        ),
        ("ARTICLE V - TERM, 5.1", "ARTICLE V - TERM\n\n5.1 It lasts."),
        ("ARTICLE V - TERM, 5.1, 5.1.1", "5.1.1 It may be renewed."),
    ]


def test_sub_paragraphs_stay_in_their_clause() -> None:
    assert [
        heading
        for heading, _ in split("""
        2. Duties

        2.1 The Supplier shall:

        (a) deliver; and

        (ii) insure.

        2.2 The Buyer shall:

        2.2.1 pay; and

        2.2.2 collect.
    """)
    ] == ["2. Duties, 2.1", "2. Duties, 2.2"]


def test_numbers_in_wrapped_lines_begin_nothing() -> None:
    assert (
        len(
            split("""
        1.1 The Buyer shall pay within
        30 days of the date in
        2.3 of this Agreement, as
        Section 4.2 and Article V require, or under
        Schedule 1 at the latest.
    """)
        )
        == 1
    )


def test_a_page_number_or_an_address_begins_nothing() -> None:
    assert [
        heading
        for heading, _ in split("""
        1. The Supplier shall deliver

        Page 3 of 20

        12

        the goods to

        22 Placeholder Square.

        2. The Buyer shall pay.
    """)
    ] == ["1.", "2."]


@pytest.mark.parametrize(
    "contents",
    [
        "1. Definitions ........ 1\n2. Force Majeure . . . . 2\nSCHEDULE 1 Prices\t9",
        "1. Definitions\n2. Force Majeure\nSCHEDULE 1 Prices",
    ],
)
@pytest.mark.parametrize("title", ["TABLE OF CONTENTS", "Contents"])
def test_a_table_of_contents_is_one_piece(title: str, contents: str) -> None:
    clauses = split_clauses(
        f"{title}\n\n{contents}\n\n1. Definitions\n\nWords mean things.\n\n"
        "2. Force Majeure\n\nNobody answers for storms."
    )

    assert clauses[0].text == f"{title}\n\n{contents}"
    assert [clause.heading for clause in clauses[1:]] == ["1. Definitions", "2. Force Majeure"]


def test_a_table_of_contents_without_numbers_ends_where_the_contract_begins() -> None:
    assert [
        heading
        for heading, _ in split("""
        TABLE OF CONTENTS

        Definitions 1
        Force Majeure 2

        DEFINITIONS

        In this agreement words mean things.

        FORCE MAJEURE

        Nobody answers for storms.
    """)
    ] == ["TABLE OF CONTENTS", "DEFINITIONS", "FORCE MAJEURE"]


def test_recitals_stay_together_and_signatures_stand_apart() -> None:
    clauses = split("""
        THIS AGREEMENT is made on 1 May 2030

        WHEREAS, the Supplier sells;

        NOW, THEREFORE, the parties agree:

        1. Law

        The law of Nowhere governs.

        IN WITNESS WHEREOF the parties have signed.

        MADE-UP LIMITED

        12 Nowhere Lane

        SCHEDULE 1

        PRICES

        1. Bolts cost one ducat.
    """)

    assert [heading for heading, _ in clauses] == [
        "",
        "1. Law",
        "Signatures",
        "SCHEDULE 1, PRICES, 1.",
    ]
    assert clauses[2][1].endswith("12 Nowhere Lane")


def test_prose_in_capitals_is_no_heading() -> None:
    assert [
        heading
        for heading, _ in split("""
        WARRANTY

        EXCEPT AS STATED IN SECTION 9.01, THE SOFTWARE IS PROVIDED AS IT STANDS AND WITHOUT
        WARRANTIES OF ANY KIND, EXPRESS OR IMPLIED.

        NO ASSIGNMENT

        Neither party may assign.
    """)
    ] == ["WARRANTY", "NO ASSIGNMENT"]


def test_windows_line_breaks_change_nothing() -> None:
    contract = "1. Term\n\n1.1 It starts now.\n\n1.2 It ends later.\n"

    unix = split_clauses(contract)
    windows = split_clauses(contract.replace("\n", "\r\n"))

    assert [clause.heading for clause in windows] == [clause.heading for clause in unix]
    assert [clause.text.replace("\r\n", "\n") for clause in windows] == [
        clause.text for clause in unix
    ]


def test_a_contract_that_lost_its_line_breaks_is_divided_where_numbers_are_due() -> None:
    filler = "Words go on and on here. " * 40
    contract = (
        f"Agreement of A and B. 1. Definitions. As in clause 2. {filler}2. Supply. 2.1 The Buyer "
        f"pays 2.5 Million within 30 days. {filler}2.2 Payment is final. 4. Million times."
    )

    clauses = split_clauses(contract)

    assert [clause.heading for clause in clauses] == [
        "",
        "1. Definitions",
        "2. Supply, 2.1",
        "2. Supply, 2.2",
    ]
    assert_nothing_is_lost(contract, clauses)


@pytest.mark.parametrize(
    "clause", ["The parties agree.", "7.2.6 as of the Effective Date, all is well; 7.2.7 it stays."]
)
def test_a_single_clause_stays_whole(clause: str) -> None:
    assert [(clause.heading, clause.text) for clause in split_clauses(clause)] == [("", clause)]


def test_a_megabyte_of_numbers_is_divided_at_once() -> None:
    contract = "".join(f"{number % 99}. Item {number}. " for number in range(60_000))

    assert_nothing_is_lost(contract, split_clauses(contract))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("leader", [" ", ".", ". ", "\t", "\u2026", "1"])
@pytest.mark.parametrize("before", ["", "CONTENTS\n\n"])
def test_a_leader_of_any_length_is_read_at_once(leader: str, before: str) -> None:
    contract = f"{before}Signed by{leader * 200_000}Title"

    assert_nothing_is_lost(contract, split_clauses(contract))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "leader", ["   ", "...", ". . . ", "\t", "\u2026", " .... ", " " * 200_000, "." * 200_000]
)
def test_an_entry_of_a_table_of_contents_is_no_heading(leader: str) -> None:
    contract = f"3. Fees{leader}12\n\n3. Fees\n\nThey are due."

    assert [clause.heading for clause in split_clauses(contract) if "They" in clause.text] == [
        "3. Fees"
    ]
    assert not any(clause.heading for clause in split_clauses(f"3. Fees{leader}12"))


def test_markdown_headings_begin_clauses():
    contract = (
        "# Lease\n## 1. Rent\nThe tenant pays rent monthly.\n\n"
        "## 2. Ending the lease\nEither party may end it.\n"
    )

    first, second = split_clauses(contract)

    assert first.heading == "Lease, 1. Rent"
    assert second.heading == "Lease, 2. Ending the lease"
    assert second.text == "## 2. Ending the lease\nEither party may end it."


def test_a_title_right_above_its_paragraph_is_kept():
    first, second = split_clauses("1. Fees\nThe client pays monthly.\n2. Notice\nIn writing.\n")

    assert (first.heading, second.heading) == ("1. Fees", "2. Notice")


def test_a_contract_is_chunked_by_its_clauses() -> None:
    contract = "1. Fees\n\n1.1 The fee is due.\n\n1.2 " + "It rises. " * 400
    assert [clause.headings for clause in clause_sections(contract)] == [
        ("1. Fees", "1.1"),
        ("1. Fees", "1.2"),
    ]
    chunks = chunk(
        Item("a.txt", contract),
        counter=lambda texts: [len(text.split()) for text in texts],
        max_tokens=300,
        splitter=clause_sections,
    )
    assert [clause.heading for clause in chunks] == [
        "1. Fees, 1.1",
        *["1. Fees, 1.2"] * 3,
    ]


def test_titles_without_a_text_that_pile_up_are_divided_at_once() -> None:
    # each of them looked at with all those before it would take hours
    contract = "ARTICLE I\n" * 20_000 + "\n1. Fees. The fee is due.\n"
    *_, last = clause_sections(contract)
    assert last.headings[-1] == "1. Fees"


def test_an_index_of_the_domain_is_cut_by_clauses() -> None:
    rt = Runtime(FakeEmbedder(), plugins=["legal"], progress=False)
    contract = "1. Fees\nThe fee is due.\n\n2. Term\nOne year.\n"
    index = rt.index([{"id": "lease.txt", "text": contract}], domain="legal")
    assert {hit.location for hit in index.search("fee", top_k=5)} == {"lease.txt:1, 1. Fees"}
    assert len(index) == 2
    clauses = [{"id": "a", "text": "1. Fees. The fee is due."}]
    assert [hit.location for hit in rt.index(clauses, domain="legal").search("fee")] == ["a"]
