from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime, Texts
from metier.errors import InputError, ParameterError
from metier.steps.flagging import FlaggedText, FlagReport
from metier.texts.files import read_texts


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
    risky = {"app-003", "app-007", "app-010", "app-012", "app-013", "app-016", "app-020", "app-023",
             "app-026", "app-029", "app-032", "app-033", "app-036", "app-037", "app-038",
             "app-040"}  # fmt: skip

    ordinary = [item for item in report.items if item.id not in risky]
    assert sum(bool(item.flags) for item in ordinary) <= len(ordinary) / 6


def test_what_an_application_denies_is_not_flagged(report: FlagReport) -> None:
    flags = {item.id: {flag.risk for flag in item.flags} for item in report.items}

    assert "delinquency" not in flags["app-005"] | flags["app-006"] | flags["app-031"]
    assert "collections-bankruptcy" not in flags["app-015"]


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


ODD = ["?", "!!!", "12", "\N{PILE OF POO}", "no full stop", "a. b. c."]
BEHIND = "I am two months behind on my car loan."
BEHIND_AMID = f"I am a nurse. {BEHIND} Thank you for reading."


@pytest.fixture(scope="module")
def answers(rt: Runtime) -> dict[str, FlaggedText]:
    """The sentences of PAIRS and other short texts, scored."""
    texts = [sentence for _, *pair in PAIRS for sentence in pair] + [*ODD, BEHIND, BEHIND_AMID]
    return {item.text: item for item in rt.run("finance/flag-loans", texts).items}


@pytest.mark.parametrize(("risk", "admission", "denial"), PAIRS)
def test_an_admission_is_flagged_and_what_sounds_like_it_is_not(
    answers: dict[str, FlaggedText], risk: str, admission: str, denial: str
) -> None:
    assert risk in {flag.risk for flag in answers[admission].flags}
    assert risk not in {flag.risk for flag in answers[denial].flags}


def test_an_application_scores_as_its_worst_sentence(answers: dict[str, FlaggedText]) -> None:
    alone, amid = (
        next(score for score in answers[text].scores if score.risk == "delinquency")
        for text in (BEHIND, BEHIND_AMID)
    )

    assert amid.evidence.sentence == BEHIND
    assert amid.score == pytest.approx(alone.score, abs=0.01)


def test_odd_texts_are_scored_like_any_other(answers: dict[str, FlaggedText]) -> None:
    risks = {score.risk for score in answers[BEHIND].scores}

    assert all({score.risk for score in answers[text].scores} == risks for text in ODD)


def test_threshold_decides_what_is_flagged(rt: Runtime) -> None:
    report = rt.run("finance/flag-loans", ["I am a nurse."], threshold=0.0)

    assert all(score.flagged for score in report.items[0].scores)


def test_empty_applications_are_refused_by_row(rt: Runtime) -> None:
    with pytest.raises(InputError, match="row 2 is empty"):
        rt.run("finance/flag-loans", ["I am a nurse.", " "])


def test_a_threshold_outside_0_to_1_is_refused(rt: Runtime) -> None:
    with pytest.raises(ParameterError, match=r"threshold=1\.5"):
        rt.run("finance/flag-loans", ["I am a nurse."], threshold=1.5)
