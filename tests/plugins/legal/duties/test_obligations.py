from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas
import pytest

from metier import Documents, Runtime
from metier.cli.main import main
from metier.errors import ParameterError
from metier.plugin import DocumentPosition, Excerpt
from metier_legal.duties.report import ObligationsReport


@pytest.fixture(scope="module")
def contracts(samples: Callable[[str], Path]) -> Documents:
    return Documents.read(samples("metier_legal"))


@pytest.fixture(scope="module")
def report(rt: Runtime, contracts: Documents) -> ObligationsReport:
    result = rt.run("legal/obligations", contracts)
    assert isinstance(result, ObligationsReport)
    return result


def test_duties_are_ranked_with_party_time_and_exact_place(
    report: ObligationsReport, contracts: Documents
) -> None:
    texts = {document.id: document.text for document in contracts}
    first = report.duties[0]

    assert (first.modality, first.party) == ("obligation", "Buyer")
    assert first.texts("due") == "within forty-five days of the end of that Contract Year"
    assert first.texts("condition") == "If the Buyer fails to order the Minimum Quantity"
    assert first.texts("amount") == "twenty per cent"
    assert first.reasons == ("obligation", "a period", "an amount", "a party is named")
    points = [duty.points for duty in report.duties]
    assert points == sorted(points, reverse=True)
    for duty in report.duties:
        assert texts[duty.contract][duty.start : duty.end] == duty.quote
    assert {"Supplier", "Buyer", "Licensor", "Licensee", "Client", "Consultant", "each party"} <= {
        duty.party for duty in report.duties
    }
    assert f"{len(report.duties)} duties in 3 contracts" in report.headline()


def test_duties_are_chosen_by_party_modality_and_time(rt: Runtime, contracts: Documents) -> None:
    def chosen(**choice: object) -> ObligationsReport:
        result = rt.run("legal/obligations", contracts, **choice)
        assert isinstance(result, ObligationsReport)
        assert result.duties
        return result

    assert {duty.party for duty in chosen(party="supplier").duties} == {"Supplier", "each party"}
    named = chosen(party="Quibblewick", modality="obligation", due=["period", "date"])
    assert {(duty.party, duty.modality) for duty in named.duties} <= {
        ("Buyer", "obligation"), ("each party", "obligation"),
    }  # fmt: skip
    assert all(duty.due_kinds & {"period", "date"} for duty in named.duties)
    assert not any(duty.due_kinds for duty in chosen(due="none").duties)
    assert {duty.modality for duty in chosen(modality="prohibition").duties} == {"prohibition"}
    with pytest.raises(ParameterError, match=r"(?s)No party fits 'Baker'.*Supplier"):
        rt.run("legal/obligations", contracts, party="Baker")


def test_options_may_be_given_again(
    samples: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    supply = samples("metier_legal") / "supply-agreement.txt"
    options = ["--due", "date", "--due", "period", "--party", "buyer", "--party", "supplier"]

    assert main(["run", "legal/obligations", str(supply), *options]) == 0

    assert "duties in 1 contract" in capsys.readouterr().out


def test_the_page_leads_to_the_words_of_the_contract(
    report: ObligationsReport, tmp_path: Path
) -> None:
    duties, parties = report.tables()

    where = [column.name for column in duties.fields].index("where")
    position = duties.rows[0][where]
    assert isinstance(position, DocumentPosition)
    (document,) = [each for each in report.cited_documents if each.id == position.document]
    assert document.text[position.start : position.end] == report.duties[0].quote
    assert [document.text[start:end] for start, end in position.parts] == [
        mark.text for mark in report.duties[0].marks
    ]
    excerpt = duties.rows[0][2]
    assert isinstance(excerpt, Excerpt)
    start, end = excerpt.marks[0]
    assert excerpt.text[start:end] == report.duties[0].marks[0].text
    assert sum(sum(row[2:7]) for row in parties.rows) == len(report.duties)  # type: ignore[arg-type]
    (page,) = report.save(tmp_path / "duties.html")
    assert "thirty days" in page.read_text(encoding="utf-8")
    (workbook,) = report.save(tmp_path / "duties.xlsx")
    sheet = pandas.read_excel(workbook, sheet_name="Duties", engine="openpyxl")
    assert list(sheet["modality"]) == [duty.modality for duty in report.duties]


def test_rows_have_the_columns_of_the_contract_and_those_without_duties_are_named(
    rt: Runtime,
) -> None:
    rows = [
        {"id": "a", "text": "The Seller shall deliver in May, within 9 days.", "file": "17"},
        {"id": "b", "text": "All is said.", "file": "18"},
    ]

    result = rt.run("legal/obligations", rows)

    (row,) = result.rows()
    assert (row["party"], row["due"], row["due_kind"]) == ("Seller", "within 9 days", "period")
    assert row["file"] == "17"
    assert result.notes() == ["No duties are found in b."]
