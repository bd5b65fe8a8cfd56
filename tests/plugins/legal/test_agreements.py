"""Long agreements have the same clauses in every style of numbering and every kind of file."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plugins.legal.agreements import (
    STYLES,
    Numbering,
    agreement,
    as_text,
    write_docx,
    write_pages,
)

from metier import Documents, Item
from metier_legal.structure.contract import Clause, read_contract
from metier_legal.structure.numbering import HEAD, Number, numbers

NOT_NUMBERED = ("contents", "signatures")


def paths_of(clauses: tuple[Clause, ...]) -> list[tuple[str, ...]]:
    """Paths of the clauses below the title of the agreement."""
    return [
        clause.path
        for clause in clauses
        if clause.kind not in NOT_NUMBERED and clause.path not in ((), ("SUPPLY AGREEMENT",))
    ]


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_text_word_and_pdf_have_the_same_clauses(style: Numbering, tmp_path: Path) -> None:
    whole = agreement(style)
    text = tmp_path / "agreement.txt"
    text.write_text(as_text(whole), encoding="utf-8")
    paths = [
        text,
        write_docx(tmp_path / "typed.docx", whole),
        write_pages(tmp_path / "agreement.pdf", whole),
    ]
    if style.word:
        paths.append(write_docx(tmp_path / "counted.docx", whole, automatic=True))

    for path in paths:
        (document,) = Documents.read(path)
        contract = read_contract(document)
        assert paths_of(contract.clauses) == list(whole.paths), path.name
        kinds = {clause.kind for clause in contract.clauses}
        assert {"recitals", "definitions", "clause", "signatures", "schedule"} <= kinds


def decimal(label: str) -> Number | None:
    match = HEAD.match(label)
    return numbers(match["number"]) if match and match["number"] and not match["word"] else None


def assert_numbers_agree(clauses: tuple[Clause, ...]) -> None:
    """Numbers stand under their beginnings, and none comes before the one above it."""
    for clause in clauses:
        outline = [number for label in clause.path if (number := decimal(label))]
        for outer, inner in pairwise(outline):
            assert inner[: len(outer)] == outer != inner, clause.path
    own = [(clause.path[:1], decimal(clause.path[-1])) for clause in clauses if clause.path]
    for (part, before), (part_after, after) in pairwise(own):
        if before and after and part == part_after and after != ((1, ""),):
            assert before < after


@given(st.sampled_from(STYLES), st.integers(0, 10_000), st.integers(2, 15))
@settings(max_examples=60, deadline=None)
def test_any_agreement_has_the_clauses_it_was_written_with(
    style: Numbering, seed: int, count: int
) -> None:
    whole = agreement(style, seed, clauses=count)
    assert paths_of(read_contract(Item("a", as_text(whole))).clauses) == list(whole.paths)


NUMBERS = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(
    lambda parts: ".".join(map(str, parts))
)
LINES = st.one_of(
    NUMBERS.map("{}. Fees and Taxes".format),
    NUMBERS.map("{} The Seller keeps records of each load.".format),
    NUMBERS.map("{}".format),
    NUMBERS.map("the sums that are due under clause\n{} and the costs.".format),
    st.sampled_from(
        ("The Buyer pays on time.", "Page 2 of 9", "", "(a) planks;", "SCHEDULE 1 - PRICES", "")
    ),
)


@given(st.lists(LINES, max_size=30), st.sampled_from(("\n", "\n\n")))
@settings(max_examples=150, deadline=None)
def test_no_number_stands_under_one_that_it_cannot_belong_to(lines: list[str], end: str) -> None:
    assert_numbers_agree(read_contract(Item("a", end.join(lines))).clauses)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        # the title of article III was lost
        (
            "ARTICLE II - SUPPLY\n\nSection 2.01 Timber is sold.\n\nSection 3.01 Prices rise.\n",
            [("ARTICLE II - SUPPLY", "Section 2.01"), ("Section 3.01",)],
        ),
        # every article begins with 1.1
        (
            "ARTICLE I\n\n1.1 Timber is sold.\n\nARTICLE II\n\n1.1 Prices rise.\n",
            [("ARTICLE I", "1.1"), ("ARTICLE II", "1.1")],
        ),
        # a number that jumps back
        (
            "4. Fees\n\n4.1 They are paid.\n\n3.2 The table.\n\n5. Law\n\nFrance.\n",
            [("4. Fees", "4.1"), ("5. Law",)],
        ),
        (
            "1. Fees\n\nTen.\n\n2. Term\n\nA year.\n\n1 Year is free.\n\n3. Law\n\nOslo.\n",
            [("1. Fees",), ("2. Term",), ("3. Law",)],
        ),
        # a title that was lost
        (
            "1. Fees\n\n1.1 They are paid.\n\n3.2 The yard is shut.\n",
            [("1. Fees", "1.1"), ("3.2",)],
        ),
        # a second list of clauses below the first, without a title
        (
            "1. Fees. Ten.\n\n2. Law. France.\n\n1. Scope. Bolts.\n\n2. Term. A year.\n",
            [("1. Fees",), ("2. Law",), ("1. Scope",), ("2. Term",)],
        ),
    ],
)
def test_where_a_place_is_not_certain_the_path_says_less(
    text: str, paths: list[tuple[str, ...]]
) -> None:
    assert [clause.path for clause in read_contract(Item("a", text)).clauses] == paths
