from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime, Texts
from metier.errors import InputError, PackError, ParameterError
from metier.steps.flag_report import FlaggedText, FlagReport
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


RISKS = """\
risks:
  - id: delinquency
    threshold: 1.0
  - id: crop-failure
    title: Failed harvest
    signs: [The frost killed our whole crop., Hail destroyed the harvest.]
    contrasts: [The harvest was good.]
remove: [speculation]
"""
FROST = "A late frost killed most of our crop."


def test_a_file_adds_changes_and_removes_risks(rt: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(RISKS)
    report = rt.run("finance/flag-loans", [FROST, BEHIND], taxonomy=path)
    frost, behind = ({flag.risk for flag in item.flags} for item in report.items)
    assert "crop-failure" in frost
    assert "delinquency" not in behind
    assert "speculation" not in report.titles
    assert report.titles["crop-failure"] == "Failed harvest"
    assert report.thresholds == {"delinquency": 1.0}
    lower = rt.run("finance/flag-loans", [BEHIND], taxonomy=path, threshold=0.3)
    assert "delinquency" in {flag.risk for flag in lower.items[0].flags}


def test_a_file_that_removes_an_unknown_risk_is_refused_with_close_names(
    rt: Runtime, tmp_path: Path
) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text("remove: [delinquencies]\n")
    with pytest.raises(PackError, match=r"line 1, column 10: .* Did you mean 'delinquency'"):
        rt.run("finance/flag-loans", [FROST], taxonomy=path)


def test_a_pack_changes_the_taxonomy_and_a_file_comes_after_it(rt: Runtime, tmp_path: Path) -> None:
    risks = "".join(f"  {line}\n" for line in RISKS.splitlines())
    pack = tmp_path / "bank.yaml"
    pack.write_text(f"schema: 1\ndomain: finance\ntitle: Our bank\ntaxonomy:\n{risks}")
    ours = Runtime(rt.embedder, packs=[pack], progress=False)
    assert "crop-failure" in ours.run("finance/flag-loans", [FROST]).titles
    path = tmp_path / "ours.yaml"
    path.write_text("remove: [crop-failure]\n")
    assert "crop-failure" not in ours.run("finance/flag-loans", [FROST], taxonomy=path).titles


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("My account is not with a collection agency.", "negated"),
        ("My ex-wife filed for bankruptcy last year.", "other person"),
        ("I filed for bankruptcy twelve years ago, and it was discharged.", "past"),
        ("If I filed for bankruptcy I would lose my house.", "hypothetical"),
    ],
)
def test_what_is_ruled_out_is_shown_with_its_status(
    rt: Runtime, sentence: str, status: str
) -> None:
    report = rt.run("finance/flag-loans", [f"I am a nurse. {sentence}"], threshold=0.2)
    (item,) = report.items
    score = next(score for score in item.scores if score.risk == "collections-bankruptcy")
    assert not score.flagged
    (ruled_out,) = score.ruled_out
    evidence = ruled_out.evidence
    assert evidence.status == status
    assert evidence.words
    assert item.text[evidence.start : evidence.end] == evidence.sentence == sentence


def test_labels_give_thresholds_for_each_risk(rt: Runtime) -> None:
    rows = [
        {"text": BEHIND, "label": "delinquency"},
        {"text": "I was laid off in March.", "label": "income-instability"},
        {"text": "I am a nurse.", "label": ""},
        {"text": "We are painting the house.", "label": ""},
    ]
    report = rt.run("finance/flag-loans", rows, labels="label")
    suggested = {suggestion.risk: suggestion for suggestion in report.suggestions}
    assert set(suggested) == {None, "delinquency", "income-instability"}
    assert suggested["delinquency"].recall == 1.0
    assert suggested["delinquency"].labeled == 1


def test_abbreviations_of_the_trade_are_read_with_their_place_in_the_text(rt: Runtime) -> None:
    text = "Works at the mill. Auto loan 90 DPD as of June. No kids."
    report = rt.run("finance/flag-loans", [text])
    flag = next(flag for flag in report.items[0].flags if flag.risk == "delinquency")
    start, end = flag.evidence.start, flag.evidence.end
    assert text[start:end] == flag.evidence.sentence == "Auto loan 90 DPD as of June."
