from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metier import Runtime
from metier.errors import InputError, PackError
from metier_healthcare.dictionary import Dictionary, Term
from metier_healthcare.findings import Finding, NoteReader


@pytest.fixture(scope="module")
def dictionary(samples: Callable[[str], Path]) -> Path:
    return samples("metier_healthcare") / "dictionary.csv"


@pytest.fixture(scope="module")
def reader(dictionary: Path) -> NoteReader:
    return NoteReader(Dictionary.load(dictionary))


COPD = "chronic obstructive pulmonary disease"


def only(findings: list[Finding], term: str) -> Finding:
    (finding,) = [finding for finding in findings if finding.term == term]
    return finding


@pytest.mark.parametrize(
    ("note", "term", "status", "words"),
    [
        ("She has asthma.", "asthma", "affirmed", ()),
        ("Denies chest pain or fever.", "fever", "negated", ("Denies",)),
        ("h/o pancreatitis", "pancreatitis", "past", ("h/o",)),
        ("Mother had breast cancer.", "breast cancer", "family", ("Mother",)),
        ("r/o PE.", "pulmonary embolism", "uncertain", ("r/o",)),
        ("Return if fever.", "fever", "hypothetical", ("Return if",)),
        ("Metformin was stopped.", "metformin", "past", ("was stopped",)),
        ("DVT prophylaxis given.", "deep vein thrombosis", "hypothetical", ("prophylaxis",)),
        ("PMH: HTN\nVitals: HR 70", "hypertension", "past", ("PMH",)),
        ("Family History: stroke", "stroke", "family", ("Family History",)),
    ],
)
def test_a_finding_has_its_status_and_the_words_of_the_note_that_decide(
    reader: NoteReader, note: str, term: str, status: str, words: tuple[str, ...]
) -> None:
    finding = only(reader.read(note), term)

    assert (finding.status, finding.words) == (status, words)


@pytest.mark.parametrize(
    ("note", "value", "text"),
    [
        ("BP 130/85 mmHg today", (130, None, 85, "mmHg", ""), "130/85 mmHg"),
        ("HbA1c was 8.2 %.", (8.2, None, None, "%", ""), "8.2 %"),
        ("creatinine: 1.4 mg/dL", (1.4, None, None, "mg/dL", ""), "1.4 mg/dL"),
        ("EF 35-40%", (35, 40, None, "%", ""), "35-40%"),
        ("bilirubin <0.5", (0.5, None, None, "", "<"), "<0.5"),
        ("Glucose on 3/4/2024 was 182 mg/dl", (182, None, None, "mg/dL", ""), "182 mg/dl"),
        ("platelets 210 x10^9/L", (210, None, None, "10^9/L", ""), "210 x10^9/L"),
        ("WBC count 12,300/µL", (12300, None, None, "/µL", ""), "12,300/µL"),
        ("eGFR at least 60 mL/min/1.73 m2", (60, None, None, "mL/min", ">="), None),
        ("metformin 500 mg bid", (500, None, None, "mg", ""), "500 mg"),
    ],
)
def test_values_are_read_with_their_units(
    reader: NoteReader, note: str, value: tuple[Any, ...], text: str | None
) -> None:
    (finding,) = reader.read(note)

    measured = (finding.value, finding.high, finding.second, finding.unit, finding.comparator)
    assert measured == value
    assert text is None or finding.value_text == text


@pytest.mark.parametrize("note", ["HbA1c pending, 3 visits", "BMI, HR 72", "glucose x5th"])
def test_a_number_of_something_else_is_no_value(reader: NoteReader, note: str) -> None:
    assert reader.read(note)[0].value is None


@pytest.mark.parametrize(
    ("note", "term", "time", "kind", "months"),
    [
        (
            "type 2 diabetes since 2019, asthma",
            "type 2 diabetes mellitus",
            "since 2019",
            "since",
            None,
        ),
        ("type 2 diabetes since 2019, asthma", "asthma", "", "", None),
        (
            "Stroke three days ago.",
            "stroke",
            "three days ago",
            "ago",
            pytest.approx(0.0986, abs=1e-3),
        ),
        ("Pneumonia, resolved.", "pneumonia", "resolved", "resolved", None),
        ("Fever for 2 weeks.", "fever", "for 2 weeks", "for", pytest.approx(0.46, 0.01)),
        ("In 2001 she had a stroke.", "stroke", "In 2001", "date", None),
        ("Nausea and fever since yesterday.", "nausea", "since yesterday", "since", None),
        ("MI 2009, CABG.", "myocardial infarction", "2009", "date", None),
        ("Had asthma; stroke last year.", "asthma", "", "", None),
    ],
)
def test_a_finding_has_the_time_that_is_stated_of_it(
    reader: NoteReader, note: str, term: str, time: str, kind: str, months: float | None
) -> None:
    finding = only(reader.read(note), term)

    assert (finding.time, finding.time_kind, finding.months) == (time, kind, months)


def test_offsets_are_those_of_the_note_as_it_is(reader: NoteReader) -> None:
    note = "63F w/ T2DM.\nHx of C-section. Denies SOB, c/o heart attacks; afib."

    findings = reader.read(note)
    assert [finding.mention for finding in findings] == ["T2DM", "SOB", "heart attacks", "afib"]
    for finding in findings:
        assert note[finding.start : finding.end] == finding.mention
        assert note[finding.sentence_start : finding.sentence_end] == finding.sentence
        assert finding.sentence_start <= finding.start < finding.end <= finding.sentence_end


def test_the_longest_term_wins_and_forms_may_vary() -> None:
    terms = [
        Term(term="cancer"),
        Term(term="breast cancer", synonyms=("carcinoma of the breast",), code="C50"),
        Term(term="beta-blocker", kind="drug"),
        Term(term="biopsy"),
        Term(term="metastasis"),
        Term(term="RA", synonyms=("rheumatoid arthritis",)),
        Term(term="pain (any)"),
    ]
    text = "Breast cancers; beta blockers, biopsies, metastases. RA, ra. Cancer. Pain any"

    matches = Dictionary(terms).find(text)
    assert [(match.form, match.term.term) for match in matches] == [
        ("Breast cancers", "breast cancer"),
        ("beta blockers", "beta-blocker"),
        ("biopsies", "biopsy"),
        ("metastases", "metastasis"),
        ("RA", "RA"),
        ("Cancer", "cancer"),
        ("Pain any", "pain (any)"),
    ]


def test_dictionaries_are_tables_json_or_yaml(tmp_path: Path) -> None:
    rows = [
        {"term": "asthma", "synonyms": ["reactive airways"], "kind": "condition", "code": "J45"}
    ]
    (tmp_path / "terms.json").write_text(json.dumps(rows))
    with (tmp_path / "terms.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(
            [["term", "synonyms", "kind", "code"], ["asthma", "reactive airways", "", "J45"]]
        )
    (tmp_path / "terms.yaml").write_text(
        "schema: 1\nterms:\n  - {term: asthma, synonyms: [reactive airways], code: J45}\n"
    )

    expected = (Term(term="asthma", synonyms=("reactive airways",), code="J45"),)
    for name in ("terms.json", "terms.csv", "terms.yaml"):
        assert Dictionary.load(tmp_path / name).terms == expected, name


def test_a_dictionary_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("name,code\nasthma,J45\n")
    with pytest.raises(InputError, match="term"):
        Dictionary.load(tmp_path / "names.csv")
    (tmp_path / "names.yaml").write_text("schema: 1\nterms:\n  - {term: asthma, synonym: [x]}\n")
    with pytest.raises(PackError, match="synonym"):
        Dictionary.load(tmp_path / "names.yaml")


def test_the_report_has_a_row_per_mention_and_one_for_a_note_without_any(
    rt: Runtime, dictionary: Path
) -> None:
    notes = [
        {"id": "a", "text": "Asthma. No fever. BP 120/80.", "ward": "north", "status": "open"},
        {"id": "b", "text": "Feels well.", "ward": "south", "status": "closed"},
    ]
    report = rt.run("healthcare/find-findings", notes, dictionary=dictionary)

    assert (
        report.headline() == "3 findings in 1 of 2 notes, 2 of them affirmed (82 terms looked for)"
    )
    rows = report.rows()
    assert [(row["id"], row["term"], row["metier_status"], row["status"]) for row in rows] == [
        ("a", "asthma", "affirmed", "open"),
        ("a", "fever", "negated", "open"),
        ("a", "blood pressure", "affirmed", "open"),
        ("b", None, None, "closed"),
    ]
    summary = report.tables()[-1]
    assert summary.main
    assert [str(cell) for cell in summary.rows[0]][:7] == [
        *("a", "asthma; blood pressure", "fever", "", "", "", "blood pressure 120/80")
    ]
    assert summary.rows[0][-2:] == ("north", "open")


def test_files_of_the_call_add_rules_and_abbreviations(
    rt: Runtime, dictionary: Path, tmp_path: Path
) -> None:
    rules, forms = tmp_path / "rules.yaml", tmp_path / "forms.yaml"
    rules.write_text(
        'schema: 1\nlanguage: en\nrules:\n  - {id: zilch, status: negated, patterns: ["zilch"]}\n'
    )
    forms.write_text("schema: 1\nabbreviations:\n  - {short: [zap], full: asthma}\n")
    report = rt.run(
        "healthcare/find-findings",
        ["zilch zap"],
        dictionary=dictionary,
        rules=rules,
        abbreviations=forms,
    )

    (finding,) = report.items[0].findings
    assert (finding.mention, finding.term, finding.status) == ("zap", "asthma", "negated")


def test_a_long_note_is_read_in_one_pass(reader: NoteReader) -> None:
    note = "Denies chest pain, has asthma and type 2 diabetes since 2019. HbA1c 8.2 %.\n" * 400

    assert len(reader.read(note)) == 4 * 400
