"""Cross tables: groups of a result against a column of the input."""

from __future__ import annotations

import io

import openpyxl
import pytest
from rich.console import Console

from metier.errors import ParameterError
from metier.results.cross_table import MOST_VALUES, cross_table
from metier.results.group import ResultGroup
from metier.steps.batch_result import BatchResult
from metier.steps.classifying import ClassificationReport, ClassifiedText, LabelScore
from metier.steps.cluster_report import Cluster, ClusterReport, Member
from metier.steps.flag_report import Evidence, FlaggedText, FlagReport, RiskScore
from metier.steps.matching import MatchResult
from metier.steps.searching import SearchResult

KINDS = ("bear", "bear", "train", None)
LABELS = (0, 1, 1, -1)


def clusters() -> ClusterReport:
    members = tuple(
        Member(id=str(n), text=f"toy {n}", fields={"kind": kind, "label": "own"}, label=label,
               strength=1.0, x=0.0, y=0.0)
        for n, (kind, label) in enumerate(zip(KINDS, LABELS, strict=True))
    )  # fmt: skip
    groups = tuple(
        Cluster(label=label, size=size, keywords=(word,), central_id="0", central="toy")
        for label, size, word in ((0, 1, "fur"), (1, 2, "steel"))
    )
    return ClusterReport(
        noun="toys", min_cluster_size=2, clusters=groups, members=members, laid_out=4
    )


def names_and_rows(table):
    return [column.name for column in table.fields], [tuple(row) for row in table.rows]


def test_clusters_are_set_against_a_column_with_a_row_for_outliers():
    assert names_and_rows(clusters().cross_table("kind")) == (
        ["group", "bear", "train", "(empty)", "all"],
        [
            ("0: fur", 1, 0, 0, 1),
            ("1: steel", 1, 1, 0, 2),
            ("outliers", 0, 0, 1, 1),
            ("all", 2, 1, 1, 4),
        ],
    )


def test_labels_are_set_against_a_column_with_a_row_for_undecided():
    items = tuple(
        ClassifiedText(id=str(n), text="toy", fields={"label": truth}, label=label,
                       scores=(LabelScore(label="soft", score=1.0),))
        for n, (truth, label) in enumerate([("soft", "soft"), ("hard", "soft"), ("hard", None)])
    )  # fmt: skip
    report = ClassificationReport(
        noun="toys", learned_from="labels", labels=("soft", "hard"), threshold=0.5, items=items
    )
    assert names_and_rows(report.cross_table("label")) == (
        ["group", "hard", "soft", "all"],
        [("soft", 1, 1, 2), ("hard", 0, 0, 0), ("undecided", 1, 0, 1), ("all", 2, 1, 3)],
    )


def flags() -> FlagReport:
    evidence = Evidence(start=0, end=3, sentence="toy")
    items = tuple(
        FlaggedText(id=str(n), text="toy", fields={"shop": shop},
                    scores=(RiskScore(risk="torn", score=score, flagged=score > 0.5,
                                      evidence=evidence),))
        for n, (shop, score) in enumerate([("north", 0.9), ("south", 0.1), ("south", 0.2)])
    )  # fmt: skip
    return FlagReport(noun="toys", threshold=0.5, titles={"torn": "Torn"}, items=items)


def test_flagged_texts_are_counted_once_by_their_highest_risk():
    assert names_and_rows(flags().cross_table("shop")) == (
        ["group", "south", "north", "all"],
        [("Torn", 0, 1, 1), ("not flagged", 2, 0, 2), ("all", 2, 1, 3)],
    )


def test_rare_values_of_a_column_are_counted_together():
    values = [{"color": f"color {number}"} for number in range(MOST_VALUES + 2)]
    names, rows = names_and_rows(cross_table({"toys": [*values, {"color": "color 5"}]}, "color"))
    assert names[1] == "color 5"
    assert names[-2:] == ["2 other values", "all"]
    assert rows[0][-2:] == (2, MOST_VALUES + 3)


def test_a_cross_table_is_on_the_terminal_the_page_and_in_a_workbook(tmp_path):
    report = clusters().add_cross_table("kind").add_cross_table("kind")
    console = Console(file=io.StringIO(), width=100)
    console.print(report)
    assert console.file.getvalue().count("Groups by kind") == 1
    assert "Groups by kind" in report.to_html()
    (path,) = report.save(tmp_path / "toys.xlsx")
    sheet = openpyxl.load_workbook(path)["Groups by kind"]
    assert [cell.value for cell in sheet[2]] == ["0: fur", 1, 0, 0, 1]
    assert ClusterReport.model_validate_json(report.to_json()).cross_columns == ("kind",)


def test_a_column_that_is_dropped_has_no_cross_table_any_more():
    report = clusters().add_cross_table("kind").add_cross_table("label")
    assert report.select_columns(drop=["kind"]).cross_columns == ("label",)


def test_a_column_that_the_input_does_not_have_is_an_error():
    with pytest.raises(ParameterError, match="no column 'kin'") as caught:
        clusters().add_cross_table("kin")
    assert "kind" in caught.value.why


def test_a_column_of_the_input_keeps_its_texts_and_is_set_against_the_groups_by_its_own_name():
    rows = clusters().rows()
    assert [row["label"] for row in rows] == ["own"] * 4
    assert [row["metier_label"] for row in rows] == list(LABELS)
    assert names_and_rows(clusters().cross_table("label"))[0] == ["group", "own", "all"]


def test_a_report_of_flags_lists_every_text_with_its_own_columns():
    everything = flags().tables()[-1]
    assert everything.title == "All toys"
    assert [row[0] for row in everything.rows] == ["0", "2", "1"]
    assert [row[1] for row in everything.rows] == [True, False, False]
    assert [row[-1] for row in everything.rows] == ["north", "south", "south"]


def test_the_parts_of_a_group_of_results_are_set_against_a_column_together_and_alone(tmp_path):
    group = ResultGroup(parts={"old": clusters().add_cross_table("kind"), "new": clusters()})
    assert names_and_rows(group.cross_table("kind"))[1][0] == ("old: 0: fur", 1, 0, 0, 1)
    assert [row[0] for row in group.cross_table("kind").rows][3:] == [
        "new: 0: fur", "new: 1: steel", "new: outliers", "all",
    ]  # fmt: skip
    titles = [table.title for table in group.tables()]
    assert "old: Groups by kind" in titles
    assert "new: Groups by kind" not in titles
    (path,) = group.add_cross_table("kind").save(tmp_path / "toys.xlsx")
    assert "Groups by kind" in openpyxl.load_workbook(path).sheetnames


def test_columns_of_the_parts_of_a_group_are_kept_and_dropped_with_their_cross_tables():
    group = ResultGroup(parts={"old": clusters().add_cross_table("kind")}).add_cross_table("kind")
    without = group.select_columns(drop=["kind"])
    assert without.cross_columns == without.parts["old"].cross_columns == ()
    assert "kind" not in without.rows()[0]
    assert without.rows()[0]["label"] == "own"
    assert [table.title for table in without.tables()][:2] == ["Parts", "old: Clusters"]


def test_which_results_may_have_groups_is_known_without_one():
    grouping = (ClusterReport, ClassificationReport, FlagReport, ResultGroup)
    assert all(kind.may_have_groups() for kind in grouping)
    assert not any(kind.may_have_groups() for kind in (SearchResult, BatchResult, MatchResult))


def test_long_values_with_the_same_beginning_are_counted_apart():
    same = "a value of sixty characters and more that begins like the others: "
    groups = {"toys": [{"note": same + "first"}, {"note": same + "second"}, {"note": same}]}
    names, rows = names_and_rows(cross_table(groups, "note"))
    assert rows[0] == ("toys", 1, 1, 1, 3)
    assert len(set(names)) == 5
    assert all(len(name) < 70 for name in names)


def test_values_and_groups_named_as_our_own_columns_and_rows_stay_apart():
    groups = {"all": [{"kind": "group"}, {"kind": "all"}], "other": [{"kind": "all"}]}
    names, rows = names_and_rows(cross_table(groups, "kind"))
    assert names == ["group", "all (value)", "group (value)", "all"]
    assert rows == [("all", 1, 1, 2), ("other", 1, 0, 1), ("metier_all", 2, 1, 3)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2024-03", "2023-12", "2024-03", None], ["2023-12", "2024-03", "(empty)"]),
        (["2024-Q2", "2024-Q1", "2024-Q2"], ["2024-Q1", "2024-Q2"]),
        (["2024", "2023", "2024"], ["2023", "2024"]),
        (["2024-02-01", "2023-02-01", "2024-02-01"], ["2023-02-01", "2024-02-01"]),
        (["2024", "never", "2024", "2023"], ["2024", "never", "2023"]),
    ],
)
def test_dates_and_periods_are_in_their_order(values, expected):
    table = cross_table({"a": [{"when": value} for value in values]}, "when")

    assert [column.name for column in table.fields] == ["group", *expected, "all"]
