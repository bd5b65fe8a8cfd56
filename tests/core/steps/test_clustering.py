"""Clustering of texts: groups by what they are about, named and drawn."""

from __future__ import annotations

import openpyxl
import pytest

from metier import Texts
from metier.errors import ParameterError
from metier.registry.instruction import Instruction
from metier.steps.cluster_report import ClusterReport
from metier.steps.clustering import cluster_texts, clustering_instruction

TASK = Instruction(id="sort", task="Group toys by kind", kind="clustering", sides="both")
BEARS = [f"A {color} teddy bear with soft {color} fur" for color in
         ("brown", "white", "black", "red", "green", "golden", "grey", "blue")]  # fmt: skip
TRAINS = [f"A {kind} train that runs on steel rails" for kind in
          ("steam", "fast", "slow", "long", "toy")]  # fmt: skip


@pytest.fixture(scope="module")
def report(rt) -> ClusterReport:
    texts = Texts.of([{"id": f"t{n}", "text": text} for n, text in enumerate(BEARS + TRAINS)])
    return cluster_texts(rt, texts, instruction=TASK, noun="toys", min_cluster_size=4)


def test_texts_of_one_kind_are_one_cluster_the_largest_first(report):
    assert [one.size for one in report.clusters] == [8, 5]
    assert [member.label for member in report.members] == [0] * 8 + [1] * 5
    assert report.headline() == "13 toys in 2 clusters, 0 outliers"
    assert report.outliers == []


def test_clusters_are_named_by_their_words_and_their_most_central_text(report):
    assert "bear" in " ".join(report.clusters[0].keywords)
    assert "train" in " ".join(report.clusters[1].keywords)
    for one in report.clusters:
        (central,) = [member for member in report.members if member.id == one.central_id]
        assert (central.label, central.text) == (one.label, one.central)


def test_several_texts_represent_a_cluster_the_central_one_first(report):
    labels = {member.id: member.label for member in report.members}
    for cluster in report.clusters:
        ids = [text.id for text in cluster.representatives]
        assert ids[0] == cluster.central_id
        assert len(set(ids)) == 3
        assert {labels[text_id] for text_id in ids} == {cluster.label}
        assert [text.sentence for text in cluster.representatives] == [
            text.text for text in cluster.representatives
        ]
    (table,) = [table for table in report.tables() if table.title == "Representative texts"]
    assert [row[1] for row in table.rows][:3] == [
        text.id for text in report.clusters[0].representatives
    ]


def test_of_a_long_text_the_sentence_with_most_keywords_represents_the_group(rt):
    beside = "It came on Monday in a box. " * 4
    texts = [f"{beside}{train}. {beside}" for train in TRAINS]
    long = cluster_texts(rt, Texts.of([*texts, *BEARS]), instruction=TASK, groups=2)
    (trains,) = [cluster for cluster in long.clusters if "Monday" in cluster.central]
    assert {text.sentence for text in trains.representatives} <= {f"{t}." for t in TRAINS}
    (table,) = [table for table in long.tables() if table.title == "Representative texts"]
    marked = [row[2] for row in table.rows if "Monday" in row[2].text]
    assert all("train" in text.text[slice(*text.marks[0])] for text in marked)


def test_own_stop_words_name_no_group(rt):
    report = cluster_texts(
        rt, Texts.of(BEARS + TRAINS), instruction=TASK, groups=2, stop_words=["TEDDY", "steel"]
    )
    words = {word for cluster in report.clusters for name in cluster.keywords
             for word in name.split()}  # fmt: skip
    assert words
    assert not words & {"teddy", "steel"}


def test_a_task_in_words_stands_before_every_text_as_a_clustering_instruction():
    known = clustering_instruction("Group the toys by their color")
    assert isinstance(known, Instruction)
    assert (known.task, known.kind, known.sides) == (
        "Group the toys by their color", "clustering", "both",
    )  # fmt: skip
    assert clustering_instruction("core/text-grouping") == "core/text-grouping"
    assert clustering_instruction(TASK) is TASK


def test_a_report_has_one_row_a_text_and_goes_through_json(report):
    assert [row["id"] for row in report.rows()] == [f"t{n}" for n in range(13)]
    assert ClusterReport.model_validate_json(report.to_json()) == report


def test_a_row_of_a_member_has_the_number_and_the_keywords_of_its_group(report, tmp_path):
    words = {cluster.label: ", ".join(cluster.keywords) for cluster in report.clusters}
    rows = report.rows()
    assert [row["keywords"] for row in rows] == [words[row["label"]] for row in rows]
    (path,) = report.save(tmp_path / "toys.xlsx")
    sheet = openpyxl.load_workbook(path)["Members of the clusters"]
    names, *lines = sheet.iter_rows(values_only=True)
    assert names == ("id", "cluster", "strength", "keywords", "text")
    assert [(line[1], line[3]) for line in lines] == [(0, words[0])] * 8 + [(1, words[1])] * 5
    (csv_path,) = report.save(tmp_path / "toys.csv")
    assert csv_path.read_text("utf-8").startswith("id,text,label,keywords,strength,x,y")


def test_an_outlier_has_no_keywords(rt):
    alone = cluster_texts(rt, Texts.of(["a bear", "a train"]), instruction=TASK, min_cluster_size=3)
    assert [row["keywords"] for row in alone.rows()] == ["", ""]


def test_the_map_has_a_group_of_points_for_each_cluster_and_one_for_outliers(rt, report):
    (figure,) = report.figures()
    assert [len(group.points) for group in figure.groups] == [8, 5]
    assert not any(group.faint for group in figure.groups)
    assert figure.groups[0].points[0][:2] == (report.members[0].x, report.members[0].y)
    assert [group.label for group in figure.groups] == ["0", "1"]
    members = report.tables()[-1]
    ids = sorted(point.id for group in figure.groups for point in group.points)
    assert ids == sorted(row[0] for row in members.rows)
    assert members.main
    alone = cluster_texts(rt, Texts.of(["a bear", "a train"]), instruction=TASK, min_cluster_size=3)
    (figure,) = alone.figures()
    assert [(group.name, group.faint) for group in figure.groups] == [("outliers", True)]


def test_texts_in_the_map_are_escaped(rt):
    nasty = "</script><b>a bear</b>"
    report = cluster_texts(rt, Texts.of([nasty, *BEARS]), instruction=TASK)
    assert nasty not in report.to_html()


@pytest.mark.parametrize("texts", [["a bear"], ["a bear", "a train"], ["a bear"] * 3])
def test_few_texts_are_a_report_too(rt, texts):
    report = cluster_texts(rt, Texts.of(texts), instruction=TASK)
    assert len(report.members) == len(texts)
    assert report.to_html()


def test_where_there_is_no_group_no_empty_table_is_shown_and_the_reason_is_said(rt, report):
    alone = cluster_texts(rt, Texts.of(["a bear", "a train"]), instruction=TASK, min_cluster_size=3)
    assert [table.title for table in alone.tables()] == ["Outliers"]
    (note,) = alone.notes()
    assert note.startswith("There is no group of at least 3 texts that are alike and apart")
    assert "Clusters" in [table.title for table in report.tables()]


@pytest.mark.parametrize("size", [0, 1])
def test_a_group_of_less_than_two_is_refused(rt, size):
    with pytest.raises(ParameterError, match=f"min_cluster_size={size} is less than 2"):
        cluster_texts(rt, Texts.of(BEARS), instruction=TASK, min_cluster_size=size)


@pytest.mark.parametrize("number", [1, 2, 4, 13])
def test_the_number_of_groups_can_be_set(rt, number):
    report = cluster_texts(rt, Texts.of(BEARS + TRAINS), instruction=TASK, groups=number)
    assert len(report.clusters) == number
    assert report.outliers == []


def test_groups_that_are_merged_to_two_are_the_kinds_of_toys(rt):
    report = cluster_texts(rt, Texts.of(BEARS + TRAINS), instruction=TASK, groups=2)
    assert [member.label for member in report.members] == [0] * 8 + [1] * 5


def test_more_groups_than_different_texts_are_refused(rt):
    with pytest.raises(ParameterError, match="groups=3 is more than there are different texts: 2"):
        cluster_texts(rt, Texts.of(["a bear", "a bear", "a train"]), instruction=TASK, groups=3)


def sentences() -> list[str]:
    """96 sentences on six subjects."""
    subjects = {
        "train": ("steam train", "fast train", "night train", "freight train"),
        "bear": ("teddy bear", "brown bear", "small bear", "soft bear"),
        "soup": ("tomato soup", "onion soup", "bean soup", "fish soup"),
        "loan": ("car loan", "student loan", "bank loan", "home loan"),
        "knee": ("left knee", "right knee", "swollen knee", "painful knee"),
        "rain": ("heavy rain", "light rain", "summer rain", "cold rain"),
    }
    frames = ("The {} of my aunt", "A note about the {}", "We talked of a {}", "{} once more")
    return [frame.format(name) for names in subjects.values() for name in names for frame in frames]


def test_texts_in_another_order_have_the_same_labels(rt):
    texts = sentences()
    straight = cluster_texts(rt, Texts.of(texts), instruction=TASK)
    backward = cluster_texts(rt, Texts.of(texts[::-1]), instruction=TASK)
    assert [member.label for member in straight.members] == [one.label for one in backward.members][
        ::-1
    ]
    assert [one.central for one in straight.clusters] == [one.central for one in backward.clusters]
    assert len(straight.clusters) > 1


def test_one_outlier_is_not_several(rt):
    report = cluster_texts(rt, Texts.of(["a bear"]), instruction=TASK)
    assert report.headline() == "1 texts in 0 clusters, 1 outlier"


def test_a_map_that_was_laid_out_with_some_of_the_texts_says_so(rt, report, monkeypatch):
    monkeypatch.setattr("metier.analysis.projection.SAMPLE", 8)
    texts = Texts.of([member.text for member in report.members])
    sampled = cluster_texts(rt, texts, instruction=TASK, noun="toys", min_cluster_size=4)
    assert (report.laid_out, sampled.laid_out) == (13, 8)
    assert report.notes() == []
    assert sampled.notes()[0].startswith("The map was laid out with 8 of the toys")
    assert [one.label for one in sampled.members] == [one.label for one in report.members]


def test_a_member_has_its_likeliest_groups_and_its_distance(report):
    for member in report.members:
        assert member.groups[0].label == member.label
        assert member.groups[0].name == report.clusters[member.label].name
        assert 0.0 <= member.distance < 1.0
        assert sum(share.probability for share in member.groups) == pytest.approx(1.0, abs=0.01)
    row = report.rows()[0]
    assert row["distance"] == report.members[0].distance
    assert "reassigned" not in row


def test_outliers_are_put_into_the_likeliest_group_on_request(rt):
    texts = Texts.of([*sentences(), "Quarterly tax return of the port", "zzz qqq 17"])
    plain = cluster_texts(rt, texts, instruction=TASK)
    moved = cluster_texts(rt, texts, instruction=TASK, reassign_outliers=True)
    assert plain.outliers
    assert moved.outliers == []
    ids = [member.id for member in plain.outliers]
    assert [member.id for member in moved.members if member.reassigned] == ids
    assert any("put into the likeliest group" in note for note in moved.notes())
    row = next(row for row in moved.rows() if row["id"] == ids[0])
    assert (row["reassigned"], row["distance"] > 0) == (True, True)


def test_the_hierarchy_goes_from_all_groups_to_one(rt):
    report = cluster_texts(rt, Texts.of(BEARS + TRAINS), instruction=TASK, groups=4)
    assert [merge.groups for merge in report.hierarchy] == [3, 2, 1]
    last = report.hierarchy[-1]
    assert sorted((*last.first, *last.second)) == [0, 1, 2, 3]
    kinds = {member.label: "train" in member.text for member in report.members}
    assert len({kinds[label] for label in last.first}) == 1
    (table,) = [table for table in report.tables() if table.title == "Hierarchy of the clusters"]
    assert [row[0] for row in table.rows] == [3, 2, 1]


def test_groups_are_counted_over_time(rt):
    rows = [{"text": text, "day": f"2024-0{1 + n % 2}-05"} for n, text in enumerate(BEARS + TRAINS)]
    report = cluster_texts(rt, Texts.of(rows), instruction=TASK, groups=2, date_column="day")
    table = report.cross_table(report.cross_columns[0])
    assert [column.name for column in table.fields] == ["group", "2024-01", "2024-02", "all"]
    assert [row[-1] for row in table.rows] == [8, 5, 13]
