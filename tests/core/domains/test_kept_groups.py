"""Groups that are kept by the generic workflows: saved, assigned to, updated."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier import Clustering, Runtime
from metier.errors import InputError, ParameterError, UsageError
from metier.plugin import AssignmentReport

FRAMES = ("The {} of my aunt", "A note about the {}", "We talked of a {}", "A {} once more")


def texts_on(*names: str) -> list[dict[str, str]]:
    return [
        {"text": frame.format(name), "subject": name.split()[-1]}
        for name in names
        for frame in FRAMES
    ]


TRAINS = texts_on("steam train", "fast train", "night train", "freight train")
SOUPS = texts_on("tomato soup", "onion soup", "bean soup", "fish soup")
KNEES = texts_on("swollen knee", "painful knee", "left knee", "stiff knee")


@pytest.fixture(scope="module")
def folder(rt: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("groups") / "saved"
    report = rt.run("core/cluster", TRAINS + SOUPS, groups=2, save=path)
    assert report.folder == str(path)
    assert f"The groups are saved in {path}." in report.notes()
    return path


def test_the_texts_of_saved_groups_are_assigned_to_their_own(rt: Runtime, folder: Path) -> None:
    report = rt.run("core/assign", TRAINS + SOUPS, clustering=folder)

    assert isinstance(report, AssignmentReport)
    by_subject = {item.fields["subject"]: item.label for item in report.items}
    assert sorted(by_subject.values()) == [0, 1]
    assert [item.label for item in report.items] == [by_subject["train"]] * 16 + [
        by_subject["soup"]
    ] * 16
    assert report.headline() == "32 texts in 2 of 2 groups, 0 outliers"
    assert [group.assigned for group in report.groups] == [16, 16]


def test_a_row_has_label_name_strength_second_group_and_its_columns(
    rt: Runtime, folder: Path
) -> None:
    report = rt.run("core/assign", texts_on("goods train"), clustering=folder)

    (row, *_) = report.rows()
    assert list(row) == [
        "id", "text", "label", "name", "strength", "distance", "second_label", "second_name",
        "second_probability", "subject",
    ]  # fmt: skip
    names = {group.label: group.name for group in report.groups}
    assert "train" in row["name"]
    assert row["name"] == names[row["label"]]
    assert row["strength"] > 0.8
    assert AssignmentReport.model_validate_json(report.to_json()) == report
    assert report.cross_table("subject").rows[-1][-1] == 4


def test_a_new_topic_gets_a_new_group_and_old_ones_keep_their_names(
    rt: Runtime, folder: Path, tmp_path: Path
) -> None:
    before = {group.label: group.name for group in Clustering.load(folder).groups}
    report = rt.run("core/update", KNEES, clustering=folder, save=tmp_path / "grown")

    assert [(group.label, group.is_new, group.assigned) for group in report.groups] == [
        (0, False, 0), (1, False, 0), (2, True, 16),
    ]  # fmt: skip
    assert "knee" in report.new_groups[0].name
    assert report.headline() == "16 texts in 1 of 3 groups, 0 outliers, 1 new group"
    grown = {group.label: group.name for group in Clustering.load(tmp_path / "grown").groups}
    assert {label: grown[label] for label in before} == before
    assert len(Clustering.load(folder).groups) == 2


def test_groups_are_updated_where_they_are_unless_another_folder_is_named(
    rt: Runtime, tmp_path: Path
) -> None:
    rt.run("core/cluster", TRAINS + SOUPS, groups=2, save=tmp_path / "own")
    rt.run("core/update", texts_on("red train"), clustering=tmp_path / "own")

    assert Clustering.load(tmp_path / "own").texts == 36


def test_texts_may_be_grouped_first_and_nothing_is_saved(rt: Runtime, tmp_path: Path) -> None:
    report = rt.run("core/update", KNEES, earlier=TRAINS + SOUPS)

    assert report.updated
    assert report.folder == ""


def test_groups_of_another_model_are_refused_before_anything_is_embedded(
    qwen3_rt: Runtime, folder: Path
) -> None:
    with pytest.raises(UsageError, match="model: embedded") as caught:
        qwen3_rt.run("core/assign", KNEES, clustering=folder)
    assert caught.value.code == "clustering-mismatch"


@pytest.mark.parametrize("workflow", ["core/assign", "core/update"])
def test_saved_groups_or_earlier_texts_are_needed(
    rt: Runtime, workflow: str, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match=f"{workflow} takes either .* got neither"):
        rt.run(workflow, KNEES)
    with pytest.raises(ParameterError, match="got both"):
        rt.run(workflow, KNEES, clustering=tmp_path, earlier=TRAINS)
    with pytest.raises(InputError, match="There is no clustering"):
        rt.run(workflow, KNEES, clustering=tmp_path)
