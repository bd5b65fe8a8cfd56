"""Positions of a playbook: a clause that says otherwise is no match, however alike the words."""

from __future__ import annotations

import pytest

from metier import Runtime
from metier.plugin import ChecklistQuestion
from metier_legal.checklists.shipped import shipped_checklist
from metier_legal.review.positions import PositionJudge

PAYMENT = ChecklistQuestion(
    id="payment",
    title="Payment",
    description="When invoices are paid.",
    examples=(
        "The Customer shall pay each invoice within sixty days of its date.",
        "Invoices are due forty-five days after receipt.",
        "Payment of undisputed invoices shall be made within thirty days.",
        "All invoices shall be paid in full within ten days of the invoice date.",
    ),
    preferred=("The Customer shall pay each invoice within 60 days of receipt.",),
    acceptable=("The Customer shall pay each invoice within 30 days of receipt.",),
    unacceptable=("The Customer shall pay each invoice in advance.",),
)
TRANSFER = ChecklistQuestion(
    id="transfer",
    title="Transfer",
    description="Whether the contract may be assigned.",
    examples=(
        "Neither party may assign this Agreement without the consent of the other.",
        "The Supplier may assign this Agreement to an affiliate.",
        "This Agreement is not assignable by the Customer without prior written consent.",
        "Any assignment in breach of this clause is void.",
    ),
    preferred=("Neither party may assign this Agreement without the other party's consent.",),
)


LAW = ChecklistQuestion(
    id="law",
    title="Governing Law",
    description="The law that governs the contract.",
    examples=(
        "This Agreement is governed by the laws of Sylvania.",
        "The law of Ruritania applies to this contract.",
        "This lease shall be construed under the laws of the Kingdom of Fredonia.",
    ),
    preferred=("This Agreement is governed by the laws of Spain.",),
    acceptable=("This Agreement is governed by English law.",),
    unacceptable=("This Agreement is governed by the laws of Ruritania.",),
)


@pytest.fixture(scope="module")
def judge(rt: Runtime) -> PositionJudge:
    return PositionJudge(
        rt, (PAYMENT, TRANSFER, LAW), instruction="legal/clause-classification", dim=None
    )


@pytest.mark.parametrize(
    ("question", "clause", "verdict", "level"),
    [
        ("payment", "The Customer pays each invoice within 60 days of receipt.", "MATCH", None),
        ("payment", "The Customer shall pay each invoice within thirty (30) days of receipt.",
         "MATCH", None),
        ("payment", "The Customer shall pay each invoice within 90 days of receipt.",
         "DEVIATION", None),
        ("payment", "The Customer shall pay all of the invoices in advance.",
         "DEVIATION", "unacceptable"),
        ("payment", "The Customer shall not pay each invoice within 60 days of receipt.",
         "DEVIATION", None),
        ("transfer", "Neither party may assign this Agreement without the consent of the other "
         "party.", "MATCH", "preferred"),
        ("transfer", "The Supplier may assign this Agreement without the other party's consent.",
         "DEVIATION", "preferred"),
        ("payment", "The tenant settles each bill no later than ten weeks after it came.",
         "DEVIATION", "preferred"),
        ("law", "Spanish law governs this Agreement. The arbitrators sit in Lisbon.",
         "MATCH", "preferred"),
        ("law", "This Agreement is governed by the laws of England and Wales.",
         "MATCH", "acceptable"),
        ("law", "This Agreement is governed by Ruritania's laws, the laws of Ruritania.",
         "DEVIATION", "unacceptable"),
        ("law", "Swedish law governs this Agreement. The arbitrators sit in Madrid, Spain.",
         "DEVIATION", "preferred"),
        ("transfer", "The tower is painted once every five years.", "UNCLEAR", "preferred"),
    ],
)  # fmt: skip
def test_numbers_negations_and_parties_decide_on_the_verdict(
    judge, question, clause, verdict, level
):
    finding = judge.judge(question, "present", [clause])
    assert (finding.verdict, finding.quote) == (verdict, clause)
    assert bool(finding.reason) == (verdict != "MATCH")
    if level is not None:
        assert finding.level == level


def test_the_number_of_a_clause_says_nothing_about_its_position(judge):
    sentence = "Under clause{} the Customer shall pay each invoice within 90 days of receipt."
    plain, numbered = (
        judge.judge("payment", "present", [sentence.format(number)]) for number in ("", " 14.2(c)")
    )
    assert numbered.verdict == "DEVIATION"
    assert numbered.similarity == plain.similarity


def test_what_is_missing_or_not_certain_is_no_match(judge):
    missing = judge.judge("payment", "missing", [])
    assert (missing.verdict, missing.position) == ("MISSING", PAYMENT.preferred[0])
    unsure = judge.judge("payment", "not sure", list(PAYMENT.preferred))
    assert unsure.verdict == "UNCLEAR"
    assert judge.judge("anything", "present", ["No position speaks of it."]) is None


def test_the_reason_names_the_preferred_law_and_that_of_the_contract(judge):
    clause = "Swedish law governs this Agreement. The arbitrators sit in Madrid, Spain."
    finding = judge.judge("law", "present", [clause])
    assert finding.reason == "Spain in the position, Sweden in the contract"
    refused = judge.judge("law", "not sure", list(LAW.unacceptable))
    assert (refused.verdict, refused.reason) == (
        "DEVIATION", "says what an unacceptable position says",
    )  # fmt: skip


def test_a_deviation_of_what_may_be_no_such_clause_is_unclear(judge):
    clause = "The Customer shall pay each invoice within 90 days of receipt."
    finding = judge.judge("payment", "not sure", [clause])
    assert finding.verdict == "UNCLEAR"
    assert "60 days in the position, 90 days in the contract" in finding.reason


def test_a_file_of_positions_is_a_playbook(rt: Runtime, tmp_path):
    playbook = tmp_path / "ours.yaml"
    others = [question.id for question in shipped_checklist().questions]
    others = [name for name in others if name not in ("governing-law", "insurance")]
    playbook.write_text(
        f"remove: [{', '.join(others)}]\n"
        "questions:\n"
        "  - id: governing-law\n"
        "    preferred: [This Agreement is governed by the laws of Freedonia.]\n"
        "  - id: insurance\n    expected: true\n"
        "    preferred: [The Supplier shall maintain liability insurance.]\n"
    )
    contract = (
        "SALES AGREEMENT\n\n1. Law\n\n1.1 This Agreement is governed by the laws of Sylvania.\n\n"
        "2. Price\n\n2.1 The Buyer shall pay the price of 90 ducats on delivery of the boat.\n"
    )
    report = rt.run("legal/review-contract", [contract], checklist=playbook)
    law, insurance = report.findings
    assert law.position.verdict == "DEVIATION"
    assert law.position.reason == "Freedonia in the position, Sylvania in the contract"
    assert insurance.position.verdict == "MISSING"
    assert {finding.title for finding in report.attention} == {"Governing Law", "Insurance"}
    assert report.tables()[0].title == "Look at these first"
    assert "1 deviate" in report.headline()
