from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from metier import Documents, Item, Runtime, Texts
from metier.errors import InputError, UsageError
from metier.texts.files import read_texts
from metier_healthcare.conditions import read_conditions
from metier_healthcare.criteria import read_criteria
from metier_healthcare.demographics import read_demographics
from metier_healthcare.dictionary import Dictionary
from metier_healthcare.findings import NoteReader
from metier_healthcare.quantities import converted
from metier_healthcare.trial_judgments import Note, judge_conditions
from metier_healthcare.trial_report import TrialReport

CASES = yaml.safe_load(Path(__file__).with_name("trial_cases.yaml").read_text("utf-8"))["trials"]
LETTERS = {"met": "M", "not met": "N", "not stated": "-"}


@pytest.fixture(scope="module")
def reader(samples: Callable[[str], Path]) -> NoteReader:
    return NoteReader(Dictionary.load(samples("metier_healthcare") / "dictionary.csv"))


def outcome(reader: NoteReader, criterion: str, note: str, day: date | None = None) -> str:
    read = Note(note, reader.read(note), read_demographics(note), day)
    return judge_conditions(read_conditions(criterion, reader), read).outcome


def agreement(rt: Runtime, cases: list[dict[str, Any]]) -> float:
    """The share of outcomes that are those of the labels."""
    right = count = 0
    for case in cases:
        notes = [
            {"id": str(number), "text": note["text"], "date": note.get("date", "")}
            for number, note in enumerate(case["notes"])
        ]
        report = rt.run(
            "healthcare/match-trials", notes, [{"id": case["name"], "text": case["text"]}]
        )
        for item, note in zip(report.items, case["notes"], strict=True):
            letters = [LETTERS[result.outcome] for result in item.criteria]
            right += sum(map(str.__eq__, letters, note["labels"]))
            count += len(letters)
    return right / count


def test_outcomes_are_those_of_the_labels_for_the_trials_in_sight(rt: Runtime) -> None:
    assert agreement(rt, CASES[:2]) >= 0.96


def test_outcomes_are_those_of_the_labels_for_the_trials_kept_apart(rt: Runtime) -> None:
    assert agreement(rt, CASES[2:]) >= 0.94


@pytest.mark.parametrize(
    ("criterion", "note", "expected"),
    [
        ("Age >= 18 years", "An 18-year-old man.", "met"),
        ("Age > 18 years", "An 18-year-old man.", "not met"),
        ("Age 18 to 65 years", "66F", "not met"),
        ("Patients older than 60", "A 60 y/o woman.", "not met"),
        ("65 years of age or younger", "65M", "met"),
        ("Age >= 18 years", "She had asthma for 30 years.", "not stated"),
        ("Women aged 40 years or older", "47M", "not met"),
        ("BMI 20-35", "BMI 35.1", "not met"),
        ("BMI 20-35", "BMI 35", "met"),
        ("eGFR > 30 mL/min", "eGFR 30 mL/min/1.73 m2", "not met"),
        ("eGFR > 30 mL/min", "eGFR >60", "met"),
        ("eGFR > 30 mL/min", "eGFR <60", "not stated"),
        ("HbA1c between 7 and 10 %", "HbA1c 58 mmol/mol", "met"),
        ("HbA1c between 7 and 10 %", "HbA1c 110 mmol/mol", "not met"),
        ("Creatinine <= 1.5 mg/dL", "creatinine 150 µmol/L", "not met"),
        ("Weight of 50 kg or more", "Weight 100 lb", "not met"),
        ("Hemoglobin >= 9 g/dL", "Hb 88 g/L", "not met"),
        ("Platelets >= 100 x 10^9/L", "platelets 88 K/uL", "not met"),
        ("Creatinine <= 1.5 mg/dL", "creatinine 20 bpm", "not stated"),
        ("LVEF < 40 %", "EF 35-45%", "not stated"),
        ("Diastolic BP < 90 mmHg", "BP 150/84", "met"),
        ("Blood pressure below 140 mmHg", "BP 150/84", "not met"),
        ("Type 2 diabetes", "No type 2 diabetes.", "not met"),
        ("Type 2 diabetes", "Mother has type 2 diabetes.", "not stated"),
        ("Type 2 diabetes", "r/o type 2 diabetes", "not stated"),
        ("Diabetes mellitus", "T2DM on metformin", "met"),
        ("Diabetes mellitus", "No T2DM", "not stated"),
        ("No history of stroke", "Stroke in 2010.", "not met"),
        ("No history of stroke", "Never had a stroke.", "met"),
        ("No history of stroke", "Asthma.", "not stated"),
        ("History of pneumonia", "Pneumonia last year, resolved.", "met"),
        ("Active pneumonia", "Pneumonia last year, resolved.", "not met"),
        ("On metformin", "Metformin was stopped in May.", "not met"),
        ("Asthma or COPD", "COPD.", "met"),
        ("Asthma or COPD", "No asthma.", "not met"),
        ("Asthma and COPD", "COPD.", "not stated"),
        ("Asthma and COPD", "COPD, no asthma.", "not met"),
        ("Stroke within the last 6 months", "Stroke five months ago.", "met"),
        ("Stroke within the last 6 months", "Stroke 2 years ago.", "not met"),
        ("Stroke within the last 6 months", "History of stroke.", "not stated"),
        ("Stroke within 3 months", "No stroke.", "not met"),
        ("Radiotherapy in the last 4 weeks", "Radiation therapy ten days ago.", "met"),
    ],
)
def test_conditions_are_compared_as_such(
    reader: NoteReader, criterion: str, note: str, expected: str
) -> None:
    assert outcome(reader, criterion, note) == expected


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Stroke in January 2024.", "met"),
        ("Stroke in 2019.", "not met"),
        ("Stroke 3/4/2024.", "met"),
    ],
)
def test_dates_are_counted_back_from_the_day_of_the_note(
    reader: NoteReader, note: str, expected: str
) -> None:
    criterion = "Stroke within the last 6 months"

    assert outcome(reader, criterion, note, date(2024, 5, 2)) == expected
    assert outcome(reader, criterion, note) == "not stated"


def test_units_are_converted_where_they_are_units_of_the_same() -> None:
    assert converted(1.4, "mg/dL", "\u00b5mol/L", "creatinine") == pytest.approx(123.8, abs=0.1)
    assert converted(100, "mg/dL", "mmol/L", "glucose") == pytest.approx(5.55, abs=0.01)
    assert converted(53, "mmol/mol", "%", "HbA1c") == pytest.approx(7.0, abs=0.01)
    assert converted(98.6, "\u00b0F", "\u00b0C") == pytest.approx(37.0)
    assert converted(5, "mmol/L", "mg/dL", "sodium") is None


def test_criteria_come_from_trial_texts_lines_and_rows() -> None:
    text = (
        "# A trial\nPurpose: none.\nKey Inclusion Criteria:\n1. Age 18\n   or older\n2) Asthma\n"
        "**Exclusion Criteria**\n- Stroke\n"
    )
    rows = [
        Item("t.md", text),
        Item("1", "COPD", {"trial": "x", "type": "Exclusion"}),
        Item("2", "Fever", {"trial": "x", "type": "inclusion"}),
        Item("list.txt", "Nausea\nRash"),
    ]

    criteria = read_criteria(rows)
    assert [(entry.trial, entry.id, entry.text) for entry in criteria] == [
        ("A trial", "inclusion 1", "Age 18 or older"),
        ("A trial", "inclusion 2", "Asthma"),
        ("A trial", "exclusion 1", "Stroke"),
        ("x", "exclusion 1", "COPD"),
        ("x", "inclusion 1", "Fever"),
        ("list.txt", "inclusion 1", "Nausea"),
        ("list.txt", "inclusion 2", "Rash"),
    ]
    with pytest.raises(InputError, match="no criteria"):
        read_criteria([Item("t.md", "Inclusion Criteria:\nExclusion Criteria:\n")])


@pytest.fixture(scope="module")
def report(rt: Runtime, samples: Callable[[str], Path]) -> TrialReport:
    folder = samples("metier_healthcare")
    trials = read_texts(folder / "trials", Documents)
    result = rt.run("healthcare/match-trials", read_texts(folder / "patients.jsonl", Texts), trials)
    assert isinstance(result, TrialReport)
    return result


def test_exclusion_criteria_exclude_where_they_are_met(report: TrialReport) -> None:
    verdicts = {
        item.id: item.verdict("A weekly tablet for type 2 diabetes") for item in report.items
    }

    # pat-2 takes no metformin any more, pat-5 had a heart attack four months ago
    assert verdicts == {
        "pat-1": "open",
        "pat-2": "not eligible",
        "pat-3": "open",
        "pat-4": "open",
        "pat-5": "not eligible",
    }
    row = next(row for row in report.tables()[0].rows if row[0] == "pat-5" and "weekly" in row[1])
    assert row[5] == "Myocardial infarction or stroke within the last 6 months"
    assert "Pregnant or breastfeeding" in row[6]


def test_terms_of_an_own_dictionary_come_first_and_reasons_name_the_words_of_the_note(
    rt: Runtime, tmp_path: Path
) -> None:
    """The samples know a blood thinner as an anticoagulant, an own dictionary by its name."""
    own = tmp_path / "terms.csv"
    own.write_text("term,synonyms,kind\nwarfarin,Coumadin,drug\napixaban,Eliquis,drug\n")
    notes = ["70M on Eliquis.", "70M on Coumadin."]
    trials = [{"text": "Exclusion Criteria\n- Treatment with warfarin"}]

    def reasons(**options: Path) -> list[tuple[str, str]]:
        report = rt.run("healthcare/match-trials", notes, trials, **options)
        assert report.headline().startswith("2 patients and 1 trial: ")
        return [(row["outcome"], row["reason"]) for row in report.rows()]

    assert reasons()[0] == ("met", "anticoagulant (Eliquis): affirmed")
    assert reasons(dictionary=own) == [
        ("not stated", "warfarin is not mentioned"),
        ("met", "warfarin (Coumadin): affirmed"),
    ]


def test_a_note_that_answers_everything_is_eligible(rt: Runtime) -> None:
    notes = [{"id": "p", "text": "50M. Asthma. No stroke.", "site": "here"}]
    trials = [{"text": "Inclusion:\n- Age 18 to 75 years\n- Asthma\nExclusion:\n- Stroke"}]
    result = rt.run("healthcare/match-trials", notes, trials)

    assert result.items[0].verdict(result.items[0].trials()[0]) == "eligible"
    assert {row["site"] for row in result.rows()} == {"here"}
    assert [row["outcome"] for row in result.rows()] == ["met", "met", "not met"]


def test_evidence_is_the_sentence_with_its_offsets_and_status(report: TrialReport) -> None:
    patient = report.items[0]
    results = {result.text: result for result in patient.criteria}
    denied, measured = results["History of pancreatitis"], results["HbA1c between 7.0 and 10.5 %"]

    assert denied.evidence == "No history of pancreatitis."
    assert (denied.outcome, denied.status, denied.words) == (
        "not met",
        "negated",
        ("No", "history of"),
    )
    for result in (denied, measured):
        assert patient.text[result.start : result.end] == result.evidence
        assert result.similarity is not None
        assert result.similarity > report.threshold
        assert result.probability is None


def test_a_criterion_of_other_things_is_decided_by_the_nearest_sentence(
    report: TrialReport,
) -> None:
    results = {
        item.id: result
        for item in report.items
        for result in item.criteria
        if result.text.startswith("Lives at home")
    }

    assert (results["pat-3"].outcome, results["pat-3"].basis) == ("met", "similarity")
    assert (results["pat-2"].outcome, results["pat-2"].evidence) == ("not stated", "")


def test_a_reranker_says_its_probability_and_changes_no_outcome(qwen3_rt: Runtime) -> None:
    notes, trials = ["50M with asthma."], [{"text": "Inclusion:\nAsthma\nAge 18 or older"}]
    plain = qwen3_rt.run("healthcare/match-trials", notes, trials, rerank=False)
    reranked = qwen3_rt.run("healthcare/match-trials", notes, trials)

    pairs = zip(plain.items[0].criteria, reranked.items[0].criteria, strict=True)
    for before, after in pairs:
        assert before.probability is None
        assert after.probability is not None
        assert after.outcome == before.outcome
    assert reranked.tables()[1].fields[8].name == "probability"


def test_reranking_needs_a_reranker(rt: Runtime) -> None:
    with pytest.raises(UsageError, match="no reranker"):
        rt.run("healthcare/match-trials", ["50M"], [{"text": "Inclusion:\nAge 18"}], rerank=True)


@pytest.mark.parametrize(
    ("criterion", "note", "expected"),
    [
        # two bounds of one value
        ("HbA1c \u2265 7.0% and \u2264 10.0%", "HbA1c 12%", "not met"),
        ("HbA1c >= 7 % (53 mmol/mol) and <= 10 % (86 mmol/mol)", "HbA1c 12 %", "not met"),
        ("Age >=18 and <=75", "80M", "not met"),
        ("Age < 18 or > 75", "80M", "met"),
        ("Aged below 18 or above 80", "50M", "not met"),
        ("eGFR 30 to <60", "eGFR 45", "met"),
        ("LVEF <= 35 % or >= 60 %", "EF 50%", "not met"),
        ("Between the ages of 18 and 65 years", "40F", "met"),
        ("ECOG 0, 1, or 2", "ECOG 2", "met"),
        ("ECOG performance status 0 or 1", "ECOG 2", "not met"),
        ("Blood pressure < 160/100 mmHg", "BP 150/110 mmHg", "not met"),
        ("Blood pressure > 160/100 mmHg", "BP 150/110 mmHg", "met"),
        ("HbA1c >7% or glucose > 126 mg/dL", "HbA1c 6%, glucose 200 mg/dL", "met"),
        # comparisons in words that deny
        ("HbA1c not greater than 9%", "HbA1c 10%", "not met"),
        ("HbA1c does not exceed 9%", "HbA1c 8%", "met"),
        ("No younger than 18 years", "12-year-old", "not met"),
        ("Not older than 70 years", "80-year-old man", "not met"),
        # how numbers and units are written
        ("HbA1c 7,5 % or higher", "HbA1c 7,9 %", "met"),
        ("Platelets >= 100 000/mm3", "platelets 85,000/mm3", "not met"),
        ("HbA1c >= 7%", "HbA1c 53 mmol/mol", "met"),
        ("ALT > 3 x ULN", "ALT 100", "not stated"),
        ("Creatinine <1.5 times upper limit of normal", "creatinine 1.2", "not stated"),
        ("Glucose < 7 mmol/L", "glucose 110", "not stated"),
        ("Temperature > 38 \u00b0C", "Temp 98.6", "not stated"),
        ("Potassium 3.5-5.5 mmol/L", "potassium 6.0 mEq/L", "not met"),
        # ages
        ("Aged 6 months to 5 years", "3-year-old girl", "met"),
        ("Age >= 18", "an 18-month-old girl", "not met"),
        ("Age at least 18 years", "aged 18 months", "not met"),
        ("Patients over 65 years with diabetes", "40M with diabetes", "not met"),
        ("Adults with at least 2 exacerbations", "58-year-old man, exacerbation", "met"),
        # times
        ("Stroke more than 6 months ago", "Stroke 2 months ago.", "not met"),
        ("Metformin for at least 3 months", "Metformin for 1 month.", "not met"),
        ("Myocardial infarction within the last 6 months", "MI on 01/15/98", "not met"),
        ("Surgery within 4 weeks", "Surgery on 09/01/2024.", "not stated"),
    ],
)
def test_numbers_ages_and_times_decide_as_they_are_written(reader, criterion, note, expected):
    assert outcome(reader, criterion, note, date(2024, 6, 15)) == expected
