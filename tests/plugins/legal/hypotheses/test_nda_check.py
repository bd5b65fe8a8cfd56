from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Documents, Item, Runtime
from metier.errors import PackError
from metier.texts.files import read_texts
from metier_legal.hypotheses.report import AgreementReport
from metier_legal.hypotheses.shipped import shipped_hypotheses
from metier_legal.nda_check import nda_check

PUMP, MERGER = "pump-trial.txt", "talks-on-a-merger.txt"


@pytest.fixture(scope="module")
def agreements(samples: Callable[[str], Path]) -> Documents:
    return read_texts(samples("metier_legal").parent / "sample_ndas", Documents)


@pytest.fixture(scope="module")
def report(rt: Runtime, agreements: Documents) -> AgreementReport:
    return nda_check(rt, agreements)


def outcomes(report: AgreementReport, agreement: str) -> dict[str, str]:
    (checked,) = (each for each in report.agreements if each.agreement == agreement)
    return {finding.hypothesis: finding.outcome for finding in checked.findings}


def test_the_samples_entail_contradict_and_omit_what_a_reader_would_say(
    report: AgreementReport,
) -> None:
    pump, merger = outcomes(report, PUMP), outcomes(report, MERGER)

    assert len(pump) == len(merger) == 17
    assert {name for name, outcome in pump.items() if outcome == "CONTRADICTED"} == {
        "explicit-identification",
        "technical-information-only",
    }
    assert {name for name, outcome in pump.items() if outcome == "NOT MENTIONED"} == {
        "confidentiality-of-agreement",
        "no-solicitation",
    }
    assert {name for name, outcome in merger.items() if outcome == "CONTRADICTED"} == {
        "verbal-information",
        "sharing-with-third-parties",
        "notice-of-compelled-disclosure",
        "permitted-copies",
        "retention-after-return",
        "survival",
    }
    assert merger["no-license"] == merger["no-reverse-engineering"] == "NOT MENTIONED"
    assert merger["no-solicitation"] == merger["limited-use"] == "ENTAILED"


def test_evidence_is_quoted_from_its_clause_with_what_decided(
    report: AgreementReport, agreements: Documents
) -> None:
    texts = {item.id: item.text for item in agreements}
    for checked in report.agreements:
        for finding in checked.findings:
            assert (finding.best is None) == (finding.outcome == "NOT MENTIONED")
            for evidence in finding.evidence:
                quoted = texts[checked.agreement][evidence.start : evidence.end]
                assert quoted == evidence.quote
    developed = report.agreements[0].finding("independent-development").best
    assert developed is not None
    assert developed.clause == "2. Confidential Information, 2.3"
    assert "does not include" in developed.lead
    assert (developed.basis, developed.words) == ("norm", "not include")
    assert developed.reason == "excluded: not include"


def test_several_agreements_give_a_matrix_and_one_its_findings(
    rt: Runtime, report: AgreementReport, agreements: Documents
) -> None:
    matrix = report.tables()[0]
    assert [column.name for column in matrix.fields] == ["hypothesis", PUMP, MERGER]
    assert len(matrix.rows) == 17
    assert report.headline().startswith("2 agreements, 34 outcomes: ")

    alone = nda_check(rt, Documents.of([agreements[0]]))

    assert [table.title for table in alone.tables()] == ["Findings"]
    assert alone.rows() == report.rows()[:17]
    assert "whether or not it is marked" in alone.to_html()
    assert json.loads(alone.to_json())["agreements"][0]["agreement"] == PUMP


def test_own_hypotheses_are_added_and_shipped_ones_left_out_by_a_file(
    rt: Runtime, agreements: Documents, tmp_path: Path
) -> None:
    removed = [each.id for each in shipped_hypotheses().questions if each.id != "survival"]
    path = tmp_path / "own.yaml"
    path.write_text(
        json.dumps(
            {
                "remove": removed,
                "questions": [
                    {
                        "id": "court",
                        "title": "Court named",
                        "description": "The agreement names a court.",
                        "examples": [
                            "The courts of Eastmere shall have jurisdiction.",
                            "Disputes are heard by the courts of Port Hallow alone.",
                            "The parties submit to the courts of Veridia.",
                        ],
                    }
                ],
            }
        )
    )

    report = nda_check(rt, agreements, hypotheses=path)

    assert [row["hypothesis"] for row in report.rows()] == ["survival", "court"] * 2
    assert outcomes(report, MERGER)["court"] == "ENTAILED"
    assert outcomes(report, PUMP)["court"] == "NOT MENTIONED"
    assert "Without contrasts, and so never contradicted: Court named." in report.notes()


def test_a_higher_threshold_mentions_less(
    rt: Runtime, agreements: Documents, report: AgreementReport
) -> None:
    strict = nda_check(rt, agreements, threshold=0.98)

    usual, fewer = outcomes(report, MERGER), outcomes(strict, MERGER)
    silent = {name for name, outcome in fewer.items() if outcome == "NOT MENTIONED"}
    assert silent > {name for name, outcome in usual.items() if outcome == "NOT MENTIONED"}


def test_a_file_that_removes_what_is_not_there_is_refused(
    rt: Runtime, agreements: Documents, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("remove: [survivals]\n")

    with pytest.raises(PackError, match=r"survivals.*survival"):
        nda_check(rt, agreements, hypotheses=path)


def test_packs_change_hypotheses_before_a_file_of_the_call_does(
    agreements: Documents, tmp_path: Path
) -> None:
    kept = {"survival", "no-license", "no-solicitation"}
    removed = [each.id for each in shipped_hypotheses().questions if each.id not in kept]
    pack, file = tmp_path / "ours.yaml", tmp_path / "own.yaml"
    changes = {
        "remove": removed,
        "questions": [
            {"id": "survival", "title": "What outlasts the end"},
            {
                "id": "court",
                "title": "Court named",
                "description": "The agreement names a court.",
                "examples": [
                    "The courts of Eastmere shall have jurisdiction.",
                    "Disputes are heard by the courts of Port Hallow alone.",
                    "The parties submit to the courts of Veridia.",
                ],
            },
        ],
    }
    head = {"schema": 1, "domain": "our-team", "title": "Our team", "extends": "legal"}
    pack.write_text(json.dumps({**head, "hypotheses": changes}))
    file.write_text("remove: [no-license]\n")

    report = nda_check(Runtime("embedded", packs=[pack]), agreements, hypotheses=file)

    assert [row["title"] for row in report.rows()[:3]] == [
        "No solicitation", "What outlasts the end", "Court named",
    ]  # fmt: skip
    assert outcomes(report, MERGER)["court"] == "ENTAILED"


def test_a_new_hypothesis_titled_as_a_shipped_one_names_its_line_and_what_to_do(
    rt: Runtime, agreements: Documents, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "remove: [survival]\nquestions:\n  - id: no-hiring\n    title: No Solicitation\n"
        "    description: Staff may not be hired.\n    examples: [Nobody may hire our staff.]\n"
    )

    with pytest.raises(PackError) as caught:
        nda_check(rt, agreements, hypotheses=path)

    assert caught.value.position is not None
    assert (caught.value.position.line, caught.value.position.column) == (4, 5)
    assert "'no-hiring' would have the title 'No Solicitation'" in str(caught.value)
    assert caught.value.fix == (
        "Use another title, or change 'no-solicitation' itself: write id: no-solicitation."
    )


MOORING = """1. Scope
Confidential Information is all commercial, technical or financial information on the mooring
which Halloran shows or tells to Bexley.

2. Secrecy
2.1 Save for its own engineers and its insurers, Bexley shall not show the information to any third
party.
2.2 Bexley may disclose the information to its insurers and auditors who need to know it.

3. Orders of courts
If a court orders Bexley to disclose the information, Bexley shall, so far as the law allows,
notify Halloran beforehand.

4. End
4.1 The information remains the property of Halloran. When this deed expires, Bexley shall return
it.
4.2 Bexley may keep some information after expiry where a statute requires it.
"""


def test_permissions_in_part_decide_and_conditions_and_ownership_do_not(rt: Runtime) -> None:
    (checked,) = nda_check(rt, Documents.of([MOORING])).agreements
    best = {finding.hypothesis: finding.best for finding in checked.findings}
    decided = {finding.hypothesis: finding.outcome for finding in checked.findings}

    assert decided["technical-information-only"] == "CONTRADICTED"
    assert decided["sharing-with-third-parties"] == decided["retention-after-return"] == "ENTAILED"
    shared, notice, kept, owned = (
        best[name]
        for name in (
            "sharing-with-third-parties", "notice-of-compelled-disclosure",
            "retention-after-return", "no-license",
        )
    )  # fmt: skip
    assert shared is not None
    assert shared.quote.startswith("2.2 Bexley may disclose")
    assert notice is not None
    assert notice.quote.startswith("If a court orders")
    assert (notice.side, notice.norm) == ("entails", "required")
    assert kept is not None
    assert kept.quote.startswith("4.2 Bexley may keep")
    assert not checked.finding("retention-after-return").is_disputed
    assert owned is not None
    assert "remains the property" in owned.quote


def test_agreements_in_other_languages_and_other_contracts_have_a_note(rt: Runtime) -> None:
    texts = {
        "vertrag": "Der Empfänger darf die vertraulichen Pläne nur für den Zweck verwenden und "
        "keinem Dritten zeigen. Nach dem Ende gibt er alle Unterlagen zurück.",
        "boat": "The owner lets the boat to the sailor from May to July. The sailor shall pay 90 a "
        "day and shall not sail at night.",
        "plans": "The Recipient shall hold the plans in confidence.",
    }

    report = nda_check(rt, Documents.of([Item(name, text) for name, text in texts.items()]))

    german, boat = report.remarks
    assert german.startswith("vertrag is in German, and the examples of the hypotheses are in ")
    assert "what is NOT MENTIONED may be there" in german
    assert boat.startswith("boat names no confidential information and no secrecy")
    assert boat in report.to_html()


def test_a_file_of_hypotheses_with_other_keys_is_refused_at_its_line(
    rt: Runtime, agreements: Documents, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("neutral: [Headings bind nobody.]\nhypotheses:\n  - id: court\n")

    with pytest.raises(PackError, match=r"line 2, column 1: unknown key 'hypotheses'.*questions"):
        nda_check(rt, agreements, hypotheses=path)


def test_the_docs_list_the_shipped_hypotheses() -> None:
    page = (Path(__file__).parents[4] / "docs" / "legal.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)

    assert rows == [
        (each.id, each.title, each.description.rstrip("."))
        for each in shipped_hypotheses().questions
    ]


def test_every_shipped_hypothesis_has_ten_sentences_of_each_side() -> None:
    hypotheses = shipped_hypotheses().questions

    assert len(hypotheses) == 17
    for hypothesis in hypotheses:
        assert len(hypothesis.examples) >= 10
        assert len(hypothesis.contrasts) >= 9
        assert not {*hypothesis.examples} & {*hypothesis.contrasts}


def test_sentences_are_classified_by_the_subjects_of_hypotheses(rt: Runtime) -> None:
    sentences = [
        "Vole shall not lure away any chemist whom Fennimore employs.",
        "Nothing in this deed gives Vole a license under any patent.",
    ]
    labels = ["No solicitation", "No licensing", "Survival of obligations"]

    report = rt.run("legal/classify-clauses", sentences, labels=labels)

    assert [item.label for item in report.items] == ["No solicitation", "No licensing"]


def test_the_findings_say_what_their_confidence_is(report: AgreementReport) -> None:
    page = report.to_html()

    assert "confidence is the probability of the outcome of its row" in page
