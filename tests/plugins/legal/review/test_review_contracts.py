"""legal/review-contracts: contracts against a short checklist, as a matrix and in long form."""

from __future__ import annotations

import csv

import openpyxl
import pytest

from metier import Runtime
from metier.results.table import shown
from metier_legal.checklists.shipped import shipped_checklist

LAW = "1. Law\n\n1.1 This Agreement is governed by the laws of Sylvania.\n\n"
COVER = (
    "2. Insurance\n\n2.1 The Supplier shall maintain liability insurance of at least 5,000,000 "
    "dollars with a reputable insurer.\n\n"
)
SIGNS = "3. Signs\n\n3.1 The signs on the gate are painted in blue and white every spring.\n"
CONTRACTS = [
    {"id": "both", "text": LAW + COVER + SIGNS},
    {"id": "law-only", "text": LAW + SIGNS},
]


@pytest.fixture(scope="module")
def checklist(tmp_path_factory):
    kept = ("governing-law", "insurance")
    others = [question.id for question in shipped_checklist().questions if question.id not in kept]
    path = tmp_path_factory.mktemp("checklist") / "short.yaml"
    path.write_text(
        f"remove: [{', '.join(others)}]\n"
        "questions:\n"
        "  - {id: insurance, expected: true,"
        " preferred: ['The Supplier shall maintain insurance of at least 1,000,000 dollars.']}\n"
    )
    return path


@pytest.fixture(scope="module")
def reviews(rt: Runtime, checklist):
    return rt.run("legal/review-contracts", CONTRACTS, checklist=checklist)


def test_the_matrix_says_which_contract_has_what(reviews):
    matrix, contracts, playbook, findings = reviews.tables()
    assert [column.name for column in matrix.fields][3:] == ["both", "law-only"]
    assert [[shown(cell) for cell in row] for row in matrix.rows] == [
        ["Governing Law", "2", "0", "present", "present"],
        ["Insurance", "1", "0", "present", "missing, expected"],
    ]
    insurance = matrix.rows[1][3]  # leads to the clause
    text = CONTRACTS[0]["text"]
    assert text[insurance.start : insurance.end].startswith("The Supplier shall maintain")
    assert [row[:5] for row in contracts.rows] == [
        ("both", 2, 0, 0, ""),
        ("law-only", 1, 0, 1, "Insurance"),
    ]
    assert playbook.rows == [("Insurance", "MATCH", "MISSING")]
    assert len(findings.rows) == 4
    assert "1 contracts lack" not in reviews.headline()
    assert "1 of them lacks an expected clause" in reviews.headline()


def test_the_headline_ranks_clauses_only_where_contracts_lack_some_more_often(reviews):
    assert reviews.headline().endswith(
        "an expected clause: Insurance; positions: 1 match, 0 deviate"
    )
    law, insurance = reviews.contracts[1].findings
    lacking = [
        insurance.model_copy(update={"id": title, "title": title})
        for title in ("Rent", "Keys", "Noise", "Pets")
    ]
    both = [
        reviewed.model_copy(update={"findings": (law, *findings)})
        for reviewed, findings in zip(reviews.contracts, (lacking, lacking[:1]), strict=True)
    ]
    headline = reviews.model_copy(update={"contracts": tuple(both)}).headline()
    assert (
        "lack an expected clause, most often Rent (2), Keys (1), Noise (1) and 1 more" in headline
    )
    same = tuple(reviewed.model_copy(update={"findings": (law, *lacking)}) for reviewed in both)
    headline = reviews.model_copy(update={"contracts": same}).headline()
    assert "clause: Rent, Keys, Noise and 1 more (2 contracts each)" in headline


def test_a_contract_reads_the_same_alone_and_among_others(rt, checklist, reviews):
    alone = rt.run("legal/review-contract", CONTRACTS[:1], checklist=checklist)
    together = reviews.contracts[0].findings
    for first, second in zip(alone.findings, together, strict=True):
        assert first.confidence == pytest.approx(second.confidence, abs=1e-3)
        assert (first.status, first.quote) == (second.status, second.quote)


def test_it_is_exported_as_a_matrix_and_as_rows(reviews, tmp_path):
    reviews.save(tmp_path / "all.xlsx")
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    sheet = book["Clause types by contract"]
    cells = [[cell.value for cell in row] for row in sheet.rows]
    assert ["Insurance", 1, 0, "present", "missing, expected"] in cells
    rules = [rule for area in sheet.conditional_formatting for rule in area.rules]
    colors = {rule.formula[0]: rule.dxf.fill.bgColor.rgb for rule in rules if rule.type == "cellIs"}
    assert colors['"present"'] != colors['"missing, expected"']
    reviews.save(tmp_path / "all.csv")
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["contract"], row["question"], row["status"]) for row in rows] == [
        ("both", "governing-law", "present"),
        ("both", "insurance", "present"),
        ("law-only", "governing-law", "present"),
        ("law-only", "insurance", "missing"),
    ]
    page = reviews.to_html()
    assert "missing, expected" in page
    assert "painted in blue" in page  # the contracts are on it


def test_a_contract_in_another_language_than_the_checklist_is_named(rt):
    german = (
        "1. Haftung\n\nDie Haftung des Verk\u00e4ufers ist auf den Preis der Ware begrenzt, und "
        "das gilt nicht f\u00fcr Vorsatz.\n"
    )
    chinese = "\u7b2c\u4e00\u6761 " + "\u672c\u5408\u540c\u9002\u7528\u6cd5\u5f8b\u3002" * 10
    english = "1. Law\n\nThis Agreement is governed by the laws of Fablonia.\n"
    remarks = rt.run("legal/review-contracts", [german, chinese, english]).notes()
    assert [remark.partition(",")[0] for remark in remarks] == [
        "1 is in German", "2 is not in English"
    ]  # fmt: skip
    assert "reported missing may be there" in remarks[0]
