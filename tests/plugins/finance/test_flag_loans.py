from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime, Texts
from metier.errors import InputError, ParameterError
from metier.texts.files import read_texts
from metier.workflows.flagging import FlagReport


@pytest.fixture(scope="module")
def report(rt: Runtime, samples: Callable[[str], Path]) -> FlagReport:
    applications = read_texts(samples("metier_finance") / "applications.csv", Texts)
    result: FlagReport = rt.run("finance/flag-loans", applications)
    return result


@pytest.mark.parametrize(
    ("application", "risk"),
    [
        ("app-007", "delinquency"),
        ("app-010", "geopolitical-exposure"),
        ("app-013", "income-instability"),
        ("app-016", "fraud-signals"),
        ("app-020", "hardship"),
        ("app-023", "collections-bankruptcy"),
        ("app-026", "speculation"),
        ("app-037", "over-indebtedness"),
    ],
)
def test_each_risk_is_found_where_an_applicant_admits_it(
    report: FlagReport, application: str, risk: str
) -> None:
    flags = {item.id: {flag.risk for flag in item.flags} for item in report.items}

    assert risk in flags[application]


def test_ordinary_applications_are_rarely_flagged(report: FlagReport) -> None:
    ordinary = {"app-001", "app-002", "app-004", "app-005", "app-006", "app-008", "app-009",
                "app-014", "app-015", "app-017", "app-018", "app-021", "app-024", "app-025",
                "app-027", "app-028", "app-030", "app-031"}  # fmt: skip

    assert [item.id for item in report.flagged if item.id in ordinary] == []


def test_evidence_is_a_slice_of_the_application(report: FlagReport) -> None:
    for item in report.items:
        for score in item.scores:
            evidence = score.evidence
            assert item.text[evidence.start : evidence.end] == evidence.sentence


def test_scores_stand_highest_first_and_flags_are_those_at_the_threshold(
    report: FlagReport,
) -> None:
    for item in report.items:
        values = [score.score for score in item.scores]
        assert values == sorted(values, reverse=True)
        assert all(score.flagged == (score.score >= report.threshold) for score in item.scores)


PAIRS = [
    ("delinquency", "I have missed three payments.", "I have never missed a payment."),
    (
        "collections-bankruptcy",
        "I filed for bankruptcy in spring.",
        "I have never filed for bankruptcy.",
    ),
    (
        "collections-bankruptcy",
        "My house went into foreclosure.",
        "I am buying a foreclosed house to live in.",
    ),
    (
        "income-instability",
        "I was laid off in March.",
        "My job is secure and I work full time.",
    ),
    (
        "geopolitical-exposure",
        "The new tariffs have doubled the cost of what we import.",
        "The economy has been slow this year.",
    ),
    (
        "speculation",
        "I want to invest the money in a coin that will double.",
        "Thank you for investing in my loan.",
    ),
]


@pytest.fixture(scope="module")
def flags(rt: Runtime) -> dict[str, set[str]]:
    """What the sentences of PAIRS are flagged for."""
    sentences = [sentence for _, *pair in PAIRS for sentence in pair]
    report = rt.run("finance/flag-loans", sentences)
    return {item.text: {flag.risk for flag in item.flags} for item in report.items}


@pytest.mark.parametrize(("risk", "admission", "denial"), PAIRS)
def test_an_admission_is_flagged_and_what_sounds_like_it_is_not(
    flags: dict[str, set[str]], risk: str, admission: str, denial: str
) -> None:
    assert risk in flags[admission]
    assert risk not in flags[denial]


def test_an_application_scores_as_its_worst_sentence(rt: Runtime) -> None:
    bad = "I am two months behind on my car loan."
    report = rt.run("finance/flag-loans", [bad, f"I am a nurse. {bad} Thank you for reading."])

    alone, amid = (
        next(score for score in item.scores if score.risk == "delinquency")
        for item in report.items
    )
    assert amid.evidence.sentence == bad
    assert amid.score == pytest.approx(alone.score, abs=0.01)


def test_threshold_decides_what_is_flagged(rt: Runtime) -> None:
    everything = rt.run("finance/flag-loans", ["I am a nurse."], threshold=0.0)
    nothing = rt.run("finance/flag-loans", ["I filed for bankruptcy."], threshold=1.0)

    assert all(score.flagged for score in everything.items[0].scores)
    assert nothing.flagged == []


def test_odd_texts_are_scored_like_any_other(rt: Runtime) -> None:
    odd = ["?", "!!!", "12", "\N{PILE OF POO}", "no full stop", "a. b. c."]

    report = rt.run("finance/flag-loans", odd)

    assert [len(item.scores) for item in report.items] == [len(report.titles)] * len(odd)


def test_empty_applications_are_refused_by_row(rt: Runtime) -> None:
    with pytest.raises(InputError, match="row 2 is empty"):
        rt.run("finance/flag-loans", ["I am a nurse.", " "])


def test_a_threshold_outside_0_to_1_is_refused(rt: Runtime) -> None:
    with pytest.raises(ParameterError, match="threshold=1.5"):
        rt.run("finance/flag-loans", ["I am a nurse."], threshold=1.5)
