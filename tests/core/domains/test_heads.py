from __future__ import annotations

from pathlib import Path

import pytest

from metier import Runtime
from metier.errors import InputError, MetierError, ParameterError
from metier.plugin import HeadResult, PredictionReport

TOYS = ("bear", "doll", "kite", "ball", "robot", "puzzle", "drum", "train", "boat", "blocks")
TOOLS = ("saw", "drill", "rake", "hammer", "shovel", "pliers", "wrench", "axe", "level", "file")
EXAMPLES = [
    {
        "text": f"A {toy} for children to play with.",
        "kind": "toy",
        "price": n,
        "shop": "ab"[n % 2],
    }
    for n, toy in enumerate(TOYS)
] + [
    {
        "text": f"A {tool} for work in the garden and the shed.",
        "kind": "tool",
        "price": 50 + n,
        "shop": "ab"[n % 2],
    }
    for n, tool in enumerate(TOOLS)
]
PUPPET = {"id": "n1", "text": "A puppet for children to play with.", "price": 4, "shop": "a"}
CHISEL = {"id": "n2", "text": "A chisel for work in the shed.", "price": 51, "shop": "b"}
NEW = [{**PUPPET, "color": "red"}, {**CHISEL, "color": "gray"}]


def fitted(rt: Runtime, **options: object) -> HeadResult:
    result = rt.run("core/fit", EXAMPLES, label_field="kind", **options)
    assert isinstance(result, HeadResult)
    return result


def test_a_head_is_fitted_saved_and_applied(rt: Runtime, tmp_path: Path) -> None:
    result = fitted(rt, at=tmp_path / "head")

    assert result.report is not None
    assert result.report.metrics["macro_f1"].value > 0.8
    assert str(tmp_path / "head") in result.notes()[0]
    assert (tmp_path / "head" / "README.md").exists()
    predicted = rt.run("core/predict", NEW, head=tmp_path / "head")
    assert isinstance(predicted, PredictionReport)
    assert [item.label for item in predicted.items] == ["toy", "tool"]
    assert predicted.items[0].fields == {"price": 4, "shop": "a", "color": "red"}


def test_the_report_shows_figures_and_a_calibration_curve(rt: Runtime) -> None:
    result = fitted(rt, subgroup=["shop"], positive="tool", recall=0.9)

    titles = [table.title for table in result.tables()]
    assert titles == [
        "Quality on held-out examples",
        "Threshold for tool",
        "Labels",
        "Confusion",
        "How sure it is",
        "Groups",
        "What it learned from",
    ]
    roc, precision_recall, calibration = result.figures()
    assert (roc.title, precision_recall.title) == ("ROC curve", "Precision and recall")
    for figure in (roc, precision_recall):
        curve, chosen, chance = figure.groups
        assert (curve.name, curve.line, chosen.line) == ("tool", True, False)
        assert (chance.name, chance.line, chance.faint) == ("by chance", True, True)
        assert chosen.points[0].label.endswith("for recall 0.9")
        assert any((x, y) == pytest.approx(chosen.points[0][:2]) for x, y, *_ in curve.points)
    assert calibration.title == "Calibration"
    assert calibration.axes == ("mean probability of tool", "share that is so")
    assert sum(int(point.label.split()[0]) for point in calibration.groups[0].points) == 20
    assert {row["metric"] for row in result.rows()} >= {"roc_auc", "pr_auc", "calibration_error"}
    assert all(row["low"] <= row["value"] <= row["high"] for row in result.rows())
    assert "Calibration" in result.to_html()
    assert HeadResult.model_validate_json(result.to_json()) == result


def test_groups_of_a_column_of_numbers_are_quarters(rt: Runtime) -> None:
    result = fitted(rt, subgroup=["price"], positive="tool")

    (table,) = (table for table in result.tables() if table.title == "Groups")
    assert [(row[1], row[2]) for row in table.rows] == [
        *(("4 or less", 5), ("4 to 9", 5), ("9 to 54", 5), ("more than 54", 5)),
    ]
    assert table.rows[0][-1] == "flagged below four fifths, few texts"
    assert table.rows[3][-1] == "spared below four fifths, few texts"


def test_columns_are_learned_and_needed(rt: Runtime, tmp_path: Path) -> None:
    rows = [{"text": f"Item {n}.", "kind": "ab"[n % 2], "price": 10 * (n % 2)} for n in range(40)]

    result = rt.run("core/fit", rows, label_field="kind", columns=["price"], at=tmp_path / "head")

    assert result.columns == ("price",)
    assert result.report.metrics["roc_auc"].value > 0.95
    with pytest.raises(InputError, match="'price'"):
        rt.run("core/predict", ["Item 3."], head=tmp_path / "head")


def test_what_is_like_no_example_or_like_several_is_not_sure(rt: Runtime, tmp_path: Path) -> None:
    fitted(rt, at=tmp_path / "head", level=0.95)

    texts = [*NEW, {"id": "n3", "text": "An object.", "price": 20, "shop": "a", "color": "blue"}]
    result = rt.run("core/predict", texts, head=tmp_path / "head")

    for item in result.items:
        by_set = {0: "none of the known", 1: "sure"}.get(len(item.possible), "not sure")
        assert item.decision in (by_set, "none of the known")
        assert sum(score.score for score in item.scores) == pytest.approx(1.0, abs=1e-3)
    assert [item.decision == "none of the known" for item in result.items] == [False, False, True]
    row = result.rows()[0]
    assert row["decision"] == result.items[0].decision
    assert row["score of toy"] == result.items[0].scores[0].score
    assert row["color"] == "red"
    assert PredictionReport.model_validate_json(result.to_json()) == result


def test_flags_are_set_by_the_goal(rt: Runtime, tmp_path: Path) -> None:
    fitted(rt, at=tmp_path / "head", positive="tool", precision=0.8)

    result = rt.run("core/predict", NEW, head=tmp_path / "head")

    assert [item.flagged for item in result.items] == [False, True]
    assert [item.id for item in result.flagged] == ["n2"]
    assert "1 flagged tool" in result.headline()


def test_two_goals_are_refused(rt: Runtime) -> None:
    with pytest.raises(ParameterError, match="one goal"):
        fitted(rt, recall=0.9, precision=0.9)


def test_a_label_that_no_example_has_is_refused_with_the_close_one(rt: Runtime) -> None:
    with pytest.raises(ParameterError, match="No example has the label 'tol'") as caught:
        fitted(rt, positive="tol")

    assert "tool" in str(caught.value)


def test_a_folder_without_a_head_is_refused(rt: Runtime, tmp_path: Path) -> None:
    with pytest.raises(MetierError, match="head"):
        rt.run("core/predict", NEW, head=tmp_path)


def test_a_folder_of_something_else_is_not_overwritten(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(MetierError):
        fitted(rt, at=tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_note_says_which_of_two_equally_frequent_labels_is_flagged(rt: Runtime) -> None:
    result = fitted(rt)
    assert "equally frequent: 'toy' is flagged" in " ".join(result.notes())
    rest = rt.run("core/fit", EXAMPLES[1:], label_field="kind")
    assert rest.positive == "toy"
    assert "equally frequent" not in " ".join(rest.notes())


def test_a_column_that_is_the_label_is_refused(rt: Runtime) -> None:
    with pytest.raises(ParameterError, match="'kind' is the label of every example"):
        fitted(rt, columns=["kind"])


def test_values_that_cannot_be_read_as_before_are_named(rt: Runtime, tmp_path: Path) -> None:
    rows = [{"text": f"Item {n}.", "kind": "ab"[n % 2], "price": 10 * (n % 2)} for n in range(40)]
    rt.run("core/fit", rows, label_field="kind", columns=["price"], at=tmp_path / "head")
    texts = [{"text": "Item 3.", "price": "ten"}, {"text": "Item 4.", "price": "10"}]

    result = rt.run("core/predict", texts, head=tmp_path / "head")

    assert result.notes()[0].startswith("price: 1 of 2 values are not written as those of the")
