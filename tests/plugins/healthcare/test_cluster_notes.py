from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metier import Runtime
from metier.errors import InputError, ParameterError
from metier.steps.cluster_report import ClusterReport
from metier_healthcare.stop_words import STOP_WORDS


@pytest.fixture(scope="module")
def notes(samples: Callable[[str], Path]) -> list[dict[str, Any]]:
    lines = (samples("metier_healthcare") / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def report(rt: Runtime, notes: list[dict[str, Any]]) -> ClusterReport:
    result: ClusterReport = rt.run("healthcare/cluster-notes", notes)
    return result


def test_notes_of_one_trade_stand_together(
    report: ClusterReport, notes: list[dict[str, Any]]
) -> None:
    services = {note["id"]: note["service"] for note in notes}
    skin = {one.label for one in report.members if services[one.id] == "Dermatology"}

    assert len(skin - {-1}) == 1


def test_clusters_are_labeled_from_the_largest_down(report: ClusterReport) -> None:
    sizes = [one.size for one in report.clusters]

    assert [one.label for one in report.clusters] == list(range(len(sizes)))
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) + len(report.outliers) == len(report.members)


def test_the_central_note_is_a_member(report: ClusterReport) -> None:
    labels = {member.id: member.label for member in report.members}

    assert all(labels[one.central_id] == one.label for one in report.clusters)


def test_the_same_notes_give_the_same_clusters(
    rt: Runtime, report: ClusterReport, notes: list[dict[str, Any]]
) -> None:
    again = rt.run("healthcare/cluster-notes", notes)

    assert again.clusters == report.clusters
    assert again.members == report.members


def test_keywords_name_the_group_and_not_the_genre(report: ClusterReport) -> None:
    for one in report.clusters:
        words = [word for keyword in one.keywords for word in keyword.split()]
        assert one.keywords
        assert not STOP_WORDS.intersection(words)
        assert len(words) == len({word[:5].rstrip("s") for word in words})


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 20])
def test_a_handful_of_notes_is_answered(
    rt: Runtime, notes: list[dict[str, Any]], count: int
) -> None:
    report = rt.run("healthcare/cluster-notes", notes[:count])

    assert len(report.members) == count


@pytest.mark.parametrize("count", [2, 6, 50])
def test_identical_notes_are_one_cluster(rt: Runtime, count: int) -> None:
    report = rt.run("healthcare/cluster-notes", ["Chest pain for two hours."] * count)

    assert [one.size for one in report.clusters] == [count]


def test_notes_without_a_telling_word_are_grouped_without_keywords(rt: Runtime) -> None:
    report = rt.run("healthcare/cluster-notes", ["Patient seen today."] * 3 + ["120/80"] * 3)

    assert {len(one.keywords) for one in report.clusters} <= {0, 1}


def test_an_empty_note_is_refused(rt: Runtime) -> None:
    with pytest.raises(InputError, match="row 2 is empty"):
        rt.run("healthcare/cluster-notes", ["Chest pain.", ""])


def test_a_cluster_of_one_is_refused(rt: Runtime) -> None:
    with pytest.raises(ParameterError, match="min_cluster_size=1"):
        rt.run("healthcare/cluster-notes", ["Chest pain."], min_cluster_size=1)


def test_the_number_of_groups_is_a_choice(rt: Runtime, notes: list[dict[str, Any]]) -> None:
    report = rt.run("healthcare/cluster-notes", notes, groups=4)

    assert len(report.clusters) == 4


def test_a_repeated_note_with_a_few_others_is_one_group_and_outliers(rt: Runtime) -> None:
    others = ["The port was closed by a strike.", "Guitar strings, set of six.", "def parse(text):"]
    report = rt.run("healthcare/cluster-notes", ["Chest pain for two hours."] * 60 + others)

    assert [one.size for one in report.clusters] == [60]
    assert len(report.outliers) == 3


def test_new_notes_join_saved_groups_and_the_saved_ones_return_to_theirs(
    rt: Runtime, notes: list[dict[str, Any]], report: ClusterReport, tmp_path: Path
) -> None:
    first = rt.run("healthcare/cluster-notes", notes[:110], save=tmp_path / "groups")
    again = rt.run("healthcare/assign-notes", notes[:110], clustering=tmp_path / "groups")
    same = sum(a.label == b.label for a, b in zip(first.members, again.items, strict=True))
    assert same >= 109
    assert again.noun == "notes"

    grown = rt.run("healthcare/update-notes", notes[110:], clustering=tmp_path / "groups")
    names = {group.label: group.name for group in grown.groups}
    assert {group.label: group.name for group in first.clusters}.items() <= names.items()
    assert len(grown.items) == len(notes) - 110
