"""legal/review-contract on a sample contract with the checklist of the plugin."""

from __future__ import annotations

import pytest

from metier import Documents, Runtime
from metier.errors import InputError
from metier.texts.files import read_texts
from metier_legal.review.report import ContractReview

CONTRACT = "supply-agreement.txt"


@pytest.fixture(scope="module")
def supply(samples):
    return read_texts(samples("metier_legal") / CONTRACT, Documents)


@pytest.fixture(scope="module")
def review(rt: Runtime, supply: Documents) -> ContractReview:
    return rt.run("legal/review-contract", supply)


@pytest.mark.parametrize(
    ("question", "clause", "words"),
    [
        ("cap-on-liability", "10. Limitation of Liability, 10.2", "total liability"),
        ("governing-law", "17. Governing Law and Jurisdiction, 17.1", "laws of Fablonia"),
        ("insurance", "11. Insurance, 11.1", "insurer"),
        ("warranty-duration", "8. Product Warranty, 8.1", "twenty-four months"),
        ("termination-for-convenience", "14. Term and Termination, 14.2", "for convenience"),
    ],
)
def test_a_clause_that_is_there_is_quoted_with_its_place(review, supply, question, clause, words):
    finding = review.finding(question)
    assert finding.status == "present"
    assert finding.confidence > 0.5
    assert finding.best.clause == clause
    assert words in " ".join(finding.best.quote.split())
    for place in (finding.best, *finding.further):
        assert supply[0].text[place.start : place.end] == place.quote


@pytest.mark.parametrize(
    "question", ["source-code-escrow", "license-grant", "non-disparagement", "joint-ip-ownership"]
)
def test_a_clause_that_is_not_there_is_missing_and_quotes_nothing(review, question):
    finding = review.finding(question)
    assert finding.status == "missing"
    assert finding.confidence < 0.3
    assert finding.quote == ""
    row = next(row for row in review.rows() if row["question"] == question)
    assert row["quote"] is None
    assert row["start"] is None


def test_name_parties_and_date_are_read_where_a_contract_states_them(review):
    quotes = {name: review.finding(name).quote for name in
              ("document-name", "parties", "agreement-date")}  # fmt: skip
    assert quotes["document-name"] == "SUPPLY AGREEMENT"
    assert quotes["agreement-date"] == "3 March 2025"
    assert quotes["parties"].startswith("Zorblatt Imaginary\nFasteners Ltd")
    assert quotes["parties"].endswith("Quibblewick Make-Believe Machines plc")


def test_every_question_has_one_finding_and_the_page_holds_the_contract(review):
    assert len({finding.question for finding in review.findings}) == len(review.rows()) == 41
    assert review.headline().startswith(f"{CONTRACT}: ")
    (document,) = review.section().documents
    assert document.id == CONTRACT
    assert "10.2" in [heading.title for heading in document.headings]
    findings = review.tables()[-1]
    names = [column.name for column in findings.fields]
    row = next(row for row in findings.rows if row[0] == "Insurance")
    position = row[names.index("where")]
    assert document.text[position.start : position.end] == row[names.index("quote")]
    assert "playbook" not in names  # the plugin takes no positions of its own


def test_a_threshold_of_the_call_is_that_of_every_question(rt, supply):
    strict = rt.run("legal/review-contract", supply, threshold=0.97)
    assert strict.threshold == 0.97
    assert {finding.status for finding in strict.findings if finding.confidence < 0.58} == {
        "missing"
    }
    assert all(
        finding.confidence >= 0.97 for finding in strict.findings if finding.status == "present"
    )


def test_several_contracts_are_refused_with_the_workflow_that_reads_them(rt):
    with pytest.raises(InputError, match="one contract, and here are 2") as caught:
        rt.run("legal/review-contract", ["1. Rent\n\nIt is 9.", "1. Fee\n\nIt is 8."])
    assert "legal/review-contracts" in str(caught.value)
    assert caught.value.code == "several-contracts"


PREAMBLE = "This agreement is made between Alpha Ltd and Beta plc. "


def test_a_passage_that_denies_a_clause_is_no_certain_answer(rt):
    contract = (
        f"{PREAMBLE}\n\n1. Insurance\n\nThe Supplier is not required to maintain any insurance.\n\n"
        "2. Escrow\n\nNo source code shall be placed in escrow.\n\n"
        "3. Law\n\nThis Agreement is governed by the laws of Fablonia.\n"
    )
    review = rt.run("legal/review-contract", [contract])
    for question, words in (("insurance", "is not required"), ("source-code-escrow", "No")):
        finding = review.finding(question)
        assert (finding.status, finding.denial) == ("not sure", words)
        assert finding in review.attention
        assert f"the words may deny it: {words}" in finding.notes()
    assert review.finding("governing-law").status == "present"


def test_definitions_that_stand_elsewhere_are_no_clauses(rt):
    terms = ("Insurance", "Audit", "Source Code Escrow", "Change of Control", "Governing Law")
    lines = [f'"{term}" has the meaning set forth in Section 9.{len(term)}.' for term in terms]
    text = "1. Definitions\n\n" + "\n\n".join(lines) + "\n\n2. Work\n\nIt is done on Tuesdays.\n"
    review = rt.run("legal/review-contract", [text])
    assert {finding.status for finding in review.findings if finding.title in terms} == {"missing"}


@pytest.mark.parametrize(
    "text",
    [
        "IN WITNESS WHEREOF, the parties have executed this Agreement.\n\nBy: ____\nName: ____\n",
        "1. Whole\n\nNothing in this clause limits what the parties say in any other agreement.\n",
    ],
)
def test_what_names_no_document_is_not_its_name(rt, text):
    finding = rt.run("legal/review-contract", [text], threshold=0.0).finding("document-name")
    assert finding.confidence < 0.99


def test_a_contract_without_a_passage_has_no_clause_at_any_threshold(rt):
    text = '"Audit" has the meaning given in the Master Agreement.'
    review = rt.run("legal/review-contract", [text], threshold=0.0)
    assert all(
        finding.best is not None or finding.status == "missing" for finding in review.findings
    )


def test_a_contract_is_not_set_against_itself(rt):
    text = "1. Law\n\nThis Agreement is governed by the laws of Fablonia."
    other = text.replace("Fablonia", "Exampleland")
    review = rt.run("legal/review-contract", [text], reference=[text, other])
    assert review.finding("governing-law").reference.contracts == 1
    alone = rt.run("legal/review-contract", [text], reference=[text])
    assert alone.finding("governing-law").reference is None
    assert "this contract alone" in alone.notes()[-1]
