from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime
from metier.errors import InputError, ParameterError, UsageError
from metier.evaluation import evaluate
from metier.texts.files import read_texts
from metier.texts.texts import Texts


@pytest.fixture(scope="module")
def earlier(samples: Callable[[str], Path]) -> Texts:
    return read_texts(samples("metier_finance") / "earlier-applications.csv", Texts)


@pytest.fixture(scope="module")
def applications(samples: Callable[[str], Path]) -> Texts:
    return read_texts(samples("metier_finance") / "applications.csv", Texts)


def test_risk_is_learned_from_outcomes_and_measured_on_held_out_applications(
    rt: Runtime, earlier: Texts
) -> None:
    result = rt.run("finance/fit-risk", earlier, columns=["amount"])

    assert result.positive == "defaulted"  # the rarer one
    assert result.report is not None
    assert result.report.labels == {"defaulted": 11, "repaid": 19}
    assert {"roc_auc", "pr_auc", "calibration_error"} <= result.report.metrics.keys()
    assert result.folder == ""
    assert "ROC-AUC" in result.headline()


def test_a_saved_head_scores_as_the_one_that_was_fitted(
    rt: Runtime, earlier: Texts, applications: Texts, tmp_path: Path
) -> None:
    rt.run("finance/fit-risk", earlier, at=tmp_path / "risk")

    saved = rt.run("finance/score", applications, head=tmp_path / "risk")
    fitted = rt.run("finance/score", applications, earlier=earlier)

    assert [item.scores for item in saved.items] == [item.scores for item in fitted.items]
    assert saved.positive == "defaulted"
    scores = {item.id: saved.score(item) for item in saved.items}
    assert scores["app-003"] > scores["app-001"]  # cards at the limit, and a roof
    assert saved.items[0].fields["amount"] == applications[0].fields["amount"]
    # the likeliest of two labels would say the same twice, or the contrary of a flag
    shown = [column.name for column in saved.tables()[0].fields if not column.hidden]
    assert shown == ["id", "defaulted", "flagged", "decision", "possible", "text"]
    assert saved.tables()[0].main  # so that a workbook of it can be scored again
    for label, share in saved.sure_right.items():
        assert f"{share:.0%} of {label}" in " ".join(saved.notes())
    assert saved.sure_right.keys() <= {"defaulted", "repaid"}
    assert saved.to_frame().label.isin(["defaulted", "repaid"]).all()


def test_a_goal_sets_the_threshold_of_flags(
    rt: Runtime, earlier: Texts, applications: Texts, tmp_path: Path
) -> None:
    result = rt.run("finance/fit-risk", earlier, at=tmp_path / "risk", recall=0.9)

    assert result.threshold is not None
    assert result.threshold.recall >= 0.9
    scored = rt.run("finance/score", applications, head=tmp_path / "risk")
    assert scored.threshold == result.threshold.value
    for item in scored.items:
        assert item.flagged == (scored.score(item) >= scored.threshold - 5e-5)


def test_groups_of_a_column_are_compared_by_four_fifths(rt: Runtime, earlier: Texts) -> None:
    rows = [
        {**item.fields, "id": item.id, "text": item.text, "branch": ["north", "south"][n % 2]}
        for n, item in enumerate(earlier)
    ]

    result = rt.run("finance/fit-risk", rows, subgroup=["branch"])

    table = next(table for table in result.tables() if table.title == "Groups")
    assert [(row[0], row[1], row[2]) for row in table.rows] == [
        ("branch", "north", 15),
        ("branch", "south", 15),
    ]
    assert all("few texts" in str(row[-1]) for row in table.rows)
    assert "four-fifths rule" in table.note


@pytest.mark.parametrize("workflow", ["finance/fit-risk", "finance/score"])
def test_a_fitted_score_is_measured_on_labeled_applications(
    rt: Runtime, earlier: Texts, tmp_path: Path, workflow: str
) -> None:
    rows = [{"text": item.text, "label": item.fields["outcome"]} for item in earlier]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    measured = evaluate(rt, tmp_path, "finance", kind="flagging", workflow=workflow)

    assert measured.config["instruction"] == "finance/delinquency-risk@1"
    assert measured.config["positive"] == "defaulted"
    assert {"roc_auc", "pr_auc", "brier", "calibration_error"} <= measured.metrics.keys()
    assert measured.report is not None
    assert measured.report.texts == 30
    with pytest.raises(UsageError, match=f"{workflow} does not run under 'finance/sentiment@1'"):
        evaluate(
            rt,
            tmp_path,
            "finance",
            kind="flagging",
            workflow=workflow,
            instruction="finance/sentiment",
        )


def test_outcomes_are_two(rt: Runtime, earlier: Texts) -> None:
    rows = [{"text": f"Loan {n}.", "outcome": "abc"[n % 3]} for n in range(9)]

    with pytest.raises(ParameterError, match="has 3: 'a', 'b', 'c'"):
        rt.run("finance/fit-risk", rows)
    with pytest.raises(InputError, match="'ending'"):
        rt.run("finance/fit-risk", earlier, outcome_field="ending")


def test_a_score_needs_a_head_or_earlier_applications(
    rt: Runtime, earlier: Texts, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match="got neither"):
        rt.run("finance/score", ["A roof."])
    with pytest.raises(ParameterError, match="got both"):
        rt.run("finance/score", ["A roof."], head=tmp_path, earlier=earlier)
    with pytest.raises(InputError, match="head"):
        rt.run("finance/score", ["A roof."], head=tmp_path / "none")


def test_a_column_of_texts_is_no_outcome_and_stays_out_of_the_message(rt: Runtime) -> None:
    rows = [{"text": f"A loan {n}.", "outcome": f"Ann Example {n} wrote: " * 50} for n in range(9)]
    with pytest.raises(ParameterError, match="has 9: 'Ann Example 0") as refused:
        rt.run("finance/fit-risk", rows)
    assert len(str(refused.value)) < 600
