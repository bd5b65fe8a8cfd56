"""One sentence of an agreement and what it says to a hypothesis, in several wordings each."""

from __future__ import annotations

import pytest

from metier import Documents, Item, Runtime
from metier_legal.hypotheses.report import AgreementReport
from metier_legal.nda_check import nda_check

AGREEMENT = """1. Scope
Halloran and Bexley examine a project.

2. Information
{}

3. Law
The law of Veridia applies.
"""

WORDINGS = {
    "permitted-copies": {
        "The Reader shall make no copies of the Secret Information.": "CONTRADICTED",
        "Bexley will take no copy of any drawing.": "CONTRADICTED",
        "The Guest must prepare neither copies nor extracts of the plans.": "CONTRADICTED",
        "Bexley shall not make copies of the drawings.": "CONTRADICTED",
        "Bexley may make two copies of every drawing.": "ENTAILED",
        "The Reader shall make no more copies than its engineers need.": "ENTAILED",
    },
    "retention-after-return": {
        "After the Project, Bexley may retain nothing.": "CONTRADICTED",
        "Upon termination, the Company shall keep none of the documents.": "CONTRADICTED",
        "Bexley may keep one set of the drawings in its archive.": "ENTAILED",
        "Nothing in clause 5 stops Bexley from keeping one archive copy.": "ENTAILED",
    },
    "no-solicitation": {
        "For a year Bexley shall hire no employee of Halloran.": "ENTAILED",
        "Bexley will recruit none of the engineers of Halloran before 2030.": "ENTAILED",
        "Bexley may hire the staff of Halloran only with its consent.": "ENTAILED",
        "Bexley may hire the staff of Halloran.": "CONTRADICTED",
        "Either party may employ people who worked for the other.": "CONTRADICTED",
        "Nothing keeps Bexley from hiring people who work for Halloran.": "CONTRADICTED",
    },
    "sharing-with-third-parties": {
        "Bexley discloses the information to nobody outside its own firm.": "CONTRADICTED",
        "Bexley shall show the drawings to no third party.": "CONTRADICTED",
        "Bexley may show the drawings to its lawyers and auditors.": "ENTAILED",
    },
    "no-reverse-engineering": {
        "Bexley shall take apart no sample of Halloran.": "ENTAILED",
        "Nothing prevents Bexley from taking the samples apart.": "CONTRADICTED",
    },
    "limited-use": {
        "Bexley shall use the information for no purpose but the Project.": "ENTAILED",
        "Bexley may use the information only for the Project.": "ENTAILED",
        "Bexley may use the information for any purpose it likes.": "CONTRADICTED",
    },
    "independent-development": {
        "Nothing stops the Reader from developing similar products.": "ENTAILED",
        "Nothing in this deed shall prevent Bexley from developing pumps of its own.": "ENTAILED",
        "This does not apply to ideas that Bexley had on its own.": "ENTAILED",
        "Secret Information does not include what the Reader works out by itself.": "ENTAILED",
        "Bexley shall not develop pumps that resemble those of Halloran.": "CONTRADICTED",
    },
    "confidentiality-of-agreement": {
        "The existence of this agreement is not secret.": "CONTRADICTED",
        "The fact that the parties talk about a merger is no secret.": "CONTRADICTED",
        "Both parties may tell others that they are in talks about the Project.": "CONTRADICTED",
        "The existence of this deed is secret.": "ENTAILED",
        "Bexley shall tell nobody that this deed exists.": "ENTAILED",
    },
    "survival": {
        "All duties end with this agreement.": "CONTRADICTED",
        "Every obligation of Bexley expires together with this deed.": "CONTRADICTED",
        "The duties of clause 4 continue for five more years.": "ENTAILED",
        "The duties of Bexley end two years after this agreement ends.": "ENTAILED",
    },
    "verbal-information": {
        "All that Halloran shows in writing, in a meeting or by telephone is secret.": "ENTAILED",
        "What Halloran explains in calls or meetings is covered as well.": "ENTAILED",
        "Only what is written is protected; what is said in meetings is not.": "CONTRADICTED",
    },
    "notice-of-compelled-disclosure": {
        "Bexley has to inform nobody before it obeys the order of a court.": "CONTRADICTED",
        "Bexley shall inform Halloran before it obeys the order of a court.": "ENTAILED",
    },
}
SENTENCES = {sentence: name for name, outcomes in WORDINGS.items() for sentence in outcomes}


@pytest.fixture(scope="module")
def report(rt: Runtime) -> AgreementReport:
    items = [Item(sentence, AGREEMENT.format(sentence)) for sentence in SENTENCES]
    return nda_check(rt, Documents.of(items))


@pytest.mark.parametrize("name", WORDINGS)
def test_sentences_entail_or_contradict_a_hypothesis_in_any_wording(
    report: AgreementReport, name: str
) -> None:
    findings = {
        checked.agreement: checked.finding(name)
        for checked in report.agreements
        if SENTENCES[checked.agreement] == name
    }

    assert {sentence: finding.outcome for sentence, finding in findings.items()} == WORDINGS[name]
    for sentence, finding in findings.items():
        assert finding.best is not None
        assert finding.best.quote in sentence
