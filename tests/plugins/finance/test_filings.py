from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Documents
from metier.texts.files import read_texts
from metier_finance.filings import filing_sections

TABLE = """\
 | Years ended June 30, |
 | 2025 | 2024
 | (in thousands) |
Current: |  |
Federal | $ 412 | $ 377
State (1) | 58 | (9)
Total current | 470 | 368
Deferred | — | 12
"""


def sections(text: str) -> list[tuple[tuple[str, ...], str]]:
    return [
        (section.headings, text[section.start : section.end]) for section in filing_sections(text)
    ]


def test_each_row_stands_under_header_units_and_the_label_of_its_group() -> None:
    first, state, total, deferred = sections(TABLE)

    assert first == ((), TABLE[: TABLE.index("\nState")])
    header = "Years ended June 30, | 2025 | 2024 | (in thousands)"
    assert state == ((header, "Current:"), "State (1) | 58 | (9)")
    assert total == ((header, "Current:"), "Total current | 470 | 368")
    assert deferred == ((header,), "Deferred | — | 12")


def test_rows_stand_under_headings_and_the_paragraph_that_introduces_the_table() -> None:
    text = f"## Note 3. Taxes\n\nTaxes on income were as follows:\n\n{TABLE}\nRates fell.\n"

    first, second, *_, last = sections(text)

    assert first == (("Note 3. Taxes",), text[: text.index("\nState")])
    assert second[0][:2] == ("Note 3. Taxes", "Taxes on income were as follows:")
    assert last == (("Note 3. Taxes",), "Rates fell.")


def test_a_long_paragraph_above_a_table_is_no_introduction_of_it() -> None:
    text = f"{'Rates of tax fell again. ' * 20}\n\n{TABLE}"

    paragraph, first, second, *_ = sections(text)

    assert paragraph[1].startswith("Rates of tax fell")
    assert first[1].startswith(" | Years ended")
    assert second[0][0].startswith("Years ended")


def test_each_paragraph_stands_under_the_headings_above_it() -> None:
    text = "# Report\n\n## Item 1. Business\n\nWe make\npipes.\n\nOne buyer has 24%.\n"

    headings = ("Report", "Item 1. Business")
    assert sections(text) == [
        (headings, text[: text.index("\n\nOne")]),
        (headings, "One buyer has 24%."),
    ]


def test_a_heading_right_above_a_table_begins_its_first_row() -> None:
    first, *_ = sections(f"Note 3. Taxes\n\n{TABLE}")

    assert first[0] == ("Note 3. Taxes",)
    assert first[1].startswith("Note 3. Taxes\n\n | Years ended")


@pytest.mark.parametrize(
    ("heading", "is_one"),
    [
        ("PART II", True),
        ("Item 7A. Market risk", True),
        ("Note 12 - Leases", True),
        ("3.1 Revenue recognition", True),
        ("Note that sales fell.", False),
        ("Part of the loss was insured.", False),
        ("2024 was a good year;", False),
    ],
)
def test_headings_of_filings_are_told_from_sentences(heading: str, is_one: bool) -> None:
    (section,) = sections(f"{heading}\nText below it.")

    assert section[0] == ((heading,) if is_one else ())


def test_headings_end_where_one_of_their_level_begins() -> None:
    text = "PART I\nItem 1. Business\nPipes.\nItem 2. Plants\nSix.\nPART II\nItem 5. Shares\nOne."

    assert [headings for headings, _ in sections(text)] == [
        ("PART I", "Item 1. Business"),
        ("PART I", "Item 2. Plants"),
        ("PART II", "Item 5. Shares"),
    ]


def test_a_header_within_a_table_replaces_the_one_above() -> None:
    text = " | 2025 | 2024\nSales | 9 | 8\n | Change | Share\nWater | 7% | 60%\nAir | 3% | 40%\n"

    assert sections(text)[-1] == (("Change | Share",), "Air | 3% | 40%")


def test_a_table_of_markdown_is_read_without_its_rule() -> None:
    text = "| Fees | FY25 | FY24 |\n|---|---:|---:|\n| Audit | 310 | 290 |\n| Tax | 40 | 35 |\n"

    first, second = sections(text)

    assert first[1].endswith("| Audit | 310 | 290 |")
    assert second == (("Fees | FY25 | FY24",), "| Tax | 40 | 35 |")


@pytest.mark.parametrize("text", ["", "\n \n", "One | sentence with a bar.", "a | b\nc | d\n"])
def test_what_holds_no_figures_is_no_table(text: str) -> None:
    assert [found for _, found in sections(text)] == [text.strip()] * bool(text.strip())


def test_sections_are_in_order_and_apart(samples: Callable[[str], Path]) -> None:
    for document in read_texts(samples("metier_finance") / "filings", Documents):
        ends = [0]
        for section in filing_sections(document.text):
            assert ends[-1] <= section.start < section.end <= len(document.text)
            ends.append(section.end)
        between = [
            document.text[end : section.start]
            for end, section in zip(ends, filing_sections(document.text), strict=False)
        ]
        assert not "".join(between).strip()
