"""`legal/compare-contracts`: known edits of an agreement in every style and kind of file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.plugins.legal.agreements import STYLES, as_text, write_docx, write_pages
from tests.plugins.legal.comparison.drafts import FIRST, second, written

from metier import Documents, Item, Runtime
from metier.errors import InputError
from metier_legal.comparison.alignment import ClausePair
from metier_legal.comparison.comparison import compare
from metier_legal.comparison.comparison_report import ClauseComparison, ContractComparison
from metier_legal.structure import read_contract

NESTED = {style.name: style for style in STYLES if style.inner is not None}

CHANGES = [
    ("changed", "1.3", "1.2", "number, definition",
     "box that holds [twenty → eighteen] kilograms."),
    ("changed", "2.2", "2.2", "number", "picked more than [five → nine] days before."),
    ("changed", "2.3", "2.3", "wording",
     "share what is left among its customers in proportion to their orders → serve the oldest "
     "customers first and tell all others by telephone"),
    ("changed", "2.4", "2.4", "negation", "The Baker may [+ not] open any Crate"),
    ("moved", "5.1", "3.1", "", ""),
    ("changed and moved", "5.2", "3.2", "wording", "+ Children of the staff eat free of charge."),
    ("changed", "3.1", "4.1", "number", "each Crate is [32.50 → 36.50] ducats, which"),
    ("only left", "3.4", "", "", ""),
    ("split", "4.1", "5.1 5.2", "", ""),
    ("changed", "4.2", "5.3", "wording, negation, duty",
     "- , and nobody may spray while they are open"),
    ("only right", "", "5.5", "", ""),
    ("changed", "6.1", "6.1", "heading", "Liability → Limits of Liability"),
    ("changed", "6.3", "6.3", "duty", "The Baker [shall → may] insure the barn"),
    ("changed", "7.1", "7.1", "date", "begins on 1 [June → July] 2026 and lasts"),
    ("changed", "7.3", "7.3", "reference", "Section 5.1 → Section 4.3"),
    ("merged", "8.1 8.2", "8.1", "law",
     "The law of [Nowheria → Mythland] governs this agreement"),
    ("moved", "1.2", "8.3", "", ""),
    ("changed", "SCHEDULE 1", "SCHEDULE 1", "number", "is larger than [60 → 55] mm."),
]  # fmt: skip
"""Status, number on the left and on the right, kinds and words of every change."""


def compared(rt: Runtime, left: str, right: str) -> ContractComparison:
    result = rt.run("legal/compare-contracts", [left], [right])
    assert isinstance(result, ContractComparison)
    return result


def status(clause: ClauseComparison) -> str:
    also = clause.moved and clause.status != "moved"
    return f"{clause.status} and moved" if also else clause.status


def summary(result: ContractComparison) -> list[tuple[str, str, str]]:
    """What does not depend on numbers: status, kinds, and words without those of references."""
    return [
        (status(clause), ", ".join(clause.kinds),
         "" if "reference" in clause.kinds else " ".join(clause.words.split()))
        for clause in result.changes
    ]  # fmt: skip


EXPECTED = [
    (state, kinds, "" if kinds == "reference" else words) for state, _, _, kinds, words in CHANGES
]


def assert_all_found(result: ContractComparison) -> None:
    """The edits and nothing else: the renames apart, no word of them is reported twice."""
    found = [
        (state, kinds, words.replace("LIABILITY", "Liability").replace("LIMITS OF", "Limits of"))
        for state, kinds, words in summary(result)
    ]
    assert found == EXPECTED
    assert [(rename.left, rename.right, rename.kind) for rename in result.renames] == [
        ("Vendor", "Baker", "defined term"),
        ("Pippin Lane Orchards Ltd", "Russet Hill Orchards Ltd", "party"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def result(rt: Runtime) -> ContractComparison:
    style = NESTED["decimal"]
    return compared(rt, as_text(written(FIRST, style)), as_text(written(second(), style)))


def test_every_edit_is_found_with_its_words_and_nothing_else(result: ContractComparison) -> None:
    assert [
        (
            status(clause),
            " ".join(location.number for location in clause.left),
            " ".join(location.number for location in clause.right),
            ", ".join(clause.kinds),
            clause.words,
        )
        for clause in result.changes
    ] == CHANGES
    assert_all_found(result)
    renumbered = [clause for clause in result.clauses if clause.status == "renumbered"]
    assert [clause.left[0].number for clause in renumbered] == ["3.2", "3.3", "4.3", "8.3"]


@pytest.mark.parametrize("name", ["articles", "letters", "no dots"])
def test_edits_are_found_in_every_style_of_numbers(rt: Runtime, name: str) -> None:
    style = NESTED[name]
    assert_all_found(
        compared(rt, as_text(written(FIRST, style)), as_text(written(second(), style)))
    )


def test_another_style_of_numbers_is_no_change(rt: Runtime) -> None:
    left = as_text(written(FIRST, NESTED["articles"]))
    same = compared(rt, left, as_text(written(FIRST, NESTED["clauses"])))
    assert same.changes == same.renames == ()
    assert_all_found(compared(rt, left, as_text(written(second(), NESTED["decimal"]))))


def test_edits_are_found_in_word_and_pdf_files(rt: Runtime, tmp_path: Path) -> None:
    style = NESTED["decimal"]
    old, new = written(FIRST, style), written(second(), style)
    word = write_docx(tmp_path / "old.docx", old), write_docx(tmp_path / "new.docx", new)
    pages = write_pages(tmp_path / "old.pdf", old), write_pages(tmp_path / "new.pdf", new)
    for left, right in (word, pages, (word[0], pages[1])):
        result = rt.run("legal/compare-contracts", Documents.read(left), Documents.read(right))
        assert_all_found(result)
    assert {clause.right[0].page for clause in result.changes if clause.right} == {1, 2, 3}


def test_equal_contracts_have_no_changes(rt: Runtime) -> None:
    text = as_text(written(FIRST, NESTED["decimal"]))
    result = compared(rt, text, text.replace("\n\n", "\r\n\r\n").replace('"', "\u201c"))
    assert result.changes == result.renames == ()
    assert {clause.status for clause in result.clauses} == {"same"}
    assert "No clause differs." in result.notes()


def test_a_sum_in_words_and_figures_is_one_difference(rt: Runtime) -> None:
    text = "1. Apples\n\nThe Grower delivers {} crates to the barn of the Baker each Monday.\n"
    result = compared(rt, text.format("thirty (30)"), text.format("forty-five (45)"))
    (change,) = result.changes
    assert [(difference.left, difference.right) for difference in change.differences] == [
        ("thirty (30)", "forty-five (45)")
    ]


OPENING = (
    'This agreement is made between Hazel Farm Ltd (the "Grower") and Oven Street Ltd '
    '(the "Baker").\n\n'
)


def text_of(*clauses: str) -> str:
    numbered = "\n\n".join(f"{number}. {text}" for number, text in enumerate(clauses, start=1))
    return f"{OPENING}{numbered}\n"


def changes_of(left: str, right: str) -> list[tuple[str, str, str]]:
    """Status, kinds and words, what matters most first."""
    contracts = (read_contract(Item(name, text)) for name, text in (("a", left), ("b", right)))
    table = compare(*contracts, lambda *_: []).tables()[0]
    return [(row[0], row[3], row[4]) for row in table.rows]


def test_clauses_of_other_content_are_no_pair_though_they_share_their_frame(rt: Runtime) -> None:
    kept = "The Baker shall pay for the apples of the Grower within thirty days."
    old = "The Grower shall store the ladders of the Baker in a dry shed."
    new = "The Grower shall obey the noise rules of the Baker."
    left, right = text_of(kept, old), text_of(kept, new)
    table = compared(rt, left, right).tables()[0]
    assert sorted((row[0], row[4]) for row in table.rows) == [
        ("only left", f"- 2. {old}"),
        ("only right", f"+ 2. {new}"),
    ]


def test_a_sentence_of_other_content_in_the_place_of_one_is_a_deletion_and_an_insertion() -> None:
    old = "The Grower shall pick apples by hand each autumn. The Baker may watch the picking."
    new = "The Grower shall pick apples by hand each spring. The Baker shall lend two white vans."
    ((status, _, words),) = changes_of(text_of(old), text_of(new))
    assert status == "changed"
    assert words == (
        "by hand each [autumn \u2192 spring].; - The Baker may watch the picking.; "
        "+ The Baker shall lend two white vans."
    )


def test_places_of_law_and_frequencies_come_before_words_and_notations_of_numbers_last() -> None:
    left = text_of(
        "The Baker shall clean the crates with warm water.",
        "The Baker shall return empty boxes to the barn within thirty-five days.",
        "The courts of Oslo decide what the parties cannot settle.",
        "The Grower shall sweep the yard daily.",
        "The Baker pays 40 ducats a month for the shed.",
        "The Grower may sell pears with leave of the Baker.",
    )
    right = text_of(
        "The Baker shall clean the crates with cold water.",
        "The Baker shall return empty boxes to the barn within 35 days.",
        "The courts of Bergen decide what the parties cannot settle.",
        "The Grower shall sweep the yard every Friday.",
        "The Baker pays 40 ducats a quarter for the shed.",
        "The Grower shall not sell pears without leave of the Baker.",
    )
    assert changes_of(left, right) == [
        ("changed", "negation, duty, wording",
         "The Grower [may \u2192 shall not] sell pears; "
         "sell pears [with \u2192 without] leave of the"),
        ("changed", "frequency", "sweep the yard [daily \u2192 every Friday]."),
        ("changed", "frequency", "40 ducats a [month \u2192 quarter] for the shed"),
        ("changed", "law", "The courts of [Oslo \u2192 Bergen] decide what the"),
        ("changed", "wording", "the crates with [warm \u2192 cold] water."),
        ("changed", "notation", "the barn within [thirty-five \u2192 35] days."),
    ]  # fmt: skip


def test_clauses_in_other_words_are_shown_with_both_texts() -> None:
    old, new = "Bills are due in June.", "Invoices fall due after harvest."
    left, right = (
        read_contract(Item(name, text_of(text)))
        for name, text in zip("ab", (old, new), strict=True)
    )
    result = compare(
        left,
        right,
        lambda lefts, rights, rows, others, _: [ClausePair(rows[-1], others[-1], "meaning", 0.7)],
    )
    (change,) = result.changes
    assert change.kinds == ("wording",)
    assert change.words == f"other words: 1. {old} \u2192 1. {new}"


def test_a_clause_that_moves_and_names_its_own_number_is_not_changed(rt: Runtime) -> None:
    apples = "{0}. Apples\n\nThe Grower picks apples by hand. This clause {0} outlasts the barn.\n"
    plums = "{0}. Plums\n\nThe Baker buys all plums that fall from the trees in September.\n"
    first = f"{apples.format(1)}\n{plums.format(2)}"
    second = f"{plums.format(1)}\n{apples.format(2)}"
    assert {status(clause) for clause in compared(rt, first, second).changes} == {"moved"}


def test_differences_are_quotes_of_both_contracts(result: ContractComparison) -> None:
    texts = (
        as_text(written(FIRST, NESTED["decimal"])),
        as_text(written(second(), NESTED["decimal"])),
    )
    data = json.loads(result.to_json())
    for clause in data["clauses"]:
        for side, text in zip(("left", "right"), texts, strict=True):
            for location in clause[side]:
                assert text[location["start"] : location["end"]] == location["text"]
            for difference in clause["differences"]:
                start, end = difference[f"{side}_start"], difference[f"{side}_end"]
                assert text[start:end] == difference[side]


def test_rows_have_every_clause_with_what_became_of_it(result: ContractComparison) -> None:
    rows = result.rows()
    assert len(rows) == len(result.clauses)
    (deleted,) = (row for row in rows if row["status"] == "only left")
    assert deleted["changes"].startswith("- 3.4 A rebate of two ducats is due")
    assert (deleted["right_start"], deleted["right_text"]) == (None, "")


def test_what_matters_most_comes_first(result: ContractComparison) -> None:
    first, *_ = result.tables()
    kinds = [row[3] for row in first.rows]
    assert kinds[0] == "negation"
    assert kinds.index("date") < kinds.index("duty") < kinds.index("heading")


def test_the_page_has_both_contracts_with_the_words_marked(result: ContractComparison) -> None:
    assert [document.id for document in result.section().documents] == ["left", "right"]
    left, right = result.tables()[-1].rows[0][1:3]
    assert left[0].document == "left"
    assert right[0].document == "right"
    (row,) = (row for row in result.tables()[0].rows if row[3] == "negation")
    ((start, end),) = row[2][0].parts
    assert result.section().documents[1].text[start:end] == "not"


def test_several_contracts_on_one_side_are_refused(rt: Runtime) -> None:
    with pytest.raises(InputError, match="left side has 2 contracts: 1, 2"):
        rt.run(
            "legal/compare-contracts", ["1. Law\n\nOslo.", "1. Law\n\nRome."], ["1. Law\n\nOslo."]
        )
