from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Documents, Runtime
from metier.errors import ParameterError
from metier.texts.files import read_texts


@pytest.fixture(scope="module")
def filings(samples: Callable[[str], Path]) -> Documents:
    return read_texts(samples("metier_finance") / "filings", Documents)


def test_a_row_is_found_by_what_it_is_called_and_shown_under_its_header(
    rt: Runtime, filings: Documents
) -> None:
    result = rt.run(
        "finance/search-filings", filings, "how much did servicing fees rise from 2023 to 2024"
    )

    best = result.hits[0]
    assert best.text == "FY2024 | FY2023\nServicing fees | 4,310 | 3,275"
    assert best.location.startswith("larkfield-bank-2024.html, Noninterest income")
    assert best.scores["line_item"] > max(hit.scores["line_item"] for hit in result.hits[1:])
    source = next(item.text for item in filings if item.id == best.fields["source"])
    row = source[best.fields["start"] : best.fields["end"]]
    assert row == "Servicing fees | 4,310 | 3,275"
    assert best.fields["header"] == "FY2024 | FY2023"


def test_a_row_of_a_group_is_shown_with_its_label_and_units(
    rt: Runtime, filings: Documents
) -> None:
    result = rt.run("finance/search-filings", filings, "net sales of sprinklers in 2022", top_k=3)

    texts = [hit.text.splitlines() for hit in result.hits]
    assert [
        "Fiscal years ended September 30, | 2024 | 2023 | 2022 | (in millions)",
        "Garden:",
        "Sprinklers | 51.5 | 48.0 | 47.7",
    ] in texts


def test_of_rows_called_alike_the_one_with_the_year_that_is_asked_for_comes_first(
    rt: Runtime,
) -> None:
    old = " | 2019 | 2018\nLease obligations | 41 | 44\n"
    new = " | 2025 | 2024\nLease obligations | 52 | 50\n"

    for query, best in [
        ("average lease obligations in 2018 and 2019", "old"),
        ("average lease obligations in FY24 and FY25", "new"),
    ]:
        rows = [{"id": "new", "text": new}, {"id": "old", "text": old}]
        result = rt.run("finance/search-filings", rows, query)
        scores = {hit.fields["source"]: hit.scores["line_item"] for hit in result.hits}

        assert result.hits[0].fields["source"] == best
        assert scores[best] == pytest.approx(1.0)
        assert min(scores.values()) == pytest.approx(0.5)


def test_text_that_is_no_row_has_no_line_item(rt: Runtime, filings: Documents) -> None:
    result = rt.run("finance/search-filings", filings, "is there a material weakness", top_k=1)

    assert "no material weakness" in result.hits[0].text
    assert result.hits[0].scores["line_item"] == 0.0


def test_a_search_in_texts_without_tables_does_not_ask_for_line_items(rt: Runtime) -> None:
    result = rt.run("finance/search-filings", ["Sales rose.", "Debt fell."], "sales")

    assert all("line_item" not in hit.scores for hit in result.hits)


def test_several_questions_are_set_against_the_reports(rt: Runtime, filings: Documents) -> None:
    questions = [
        {"id": "tax", "text": "net operating loss carryforwards", "owner": "audit"},
        {"id": "cards", "text": "card fees", "owner": "retail"},
    ]

    result = rt.run("finance/search-filings", filings, queries=questions)

    assert result.documents == ("harbor-pipe-2024.md", "larkfield-bank-2024.html")
    tax, cards = result.queries
    assert "Net operating loss carryforwards | $ 6,120 | $ 7,480" in tax.hits[0].text
    assert cards.hits[0].text.endswith("Card fees | 2,180 | 2,405")
    assert tax.fields == {"owner": "audit"}


def test_a_search_needs_a_question(rt: Runtime, filings: Documents) -> None:
    with pytest.raises(ParameterError, match="nothing to look for"):
        rt.run("finance/search-filings", filings)


def test_an_index_of_the_domain_is_divided_into_the_same_rows(
    rt: Runtime, filings: Documents
) -> None:
    index = rt.index(filings, domain="finance", instruction="finance/filings-search")
    hits = index.search("charge-offs in 2024", top_k=1)

    passages = rt.run("finance/search-filings", filings, "charge-offs in 2024", top_k=1)
    assert hits[0].text in passages.hits[0].text
    assert hits[0].scores["line_item"] == pytest.approx(passages.hits[0].scores["line_item"])
