"""Indexes that follow a tree while it changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Timer

import pytest
from watchfiles import Change

from metier import Runtime
from metier.testing.fakes import FakeEmbedder
from metier_code.index_report import TreeIndexReport
from metier_code.trees.tree_index import TreeIndex
from metier_code.trees.watching import SourceFilter, watch_tree


@pytest.fixture(scope="module")
def words_rt() -> Runtime:
    return Runtime(FakeEmbedder(), plugins=["code"], progress=False)


def test_the_index_follows_changes_until_it_is_stopped(words_rt: Runtime, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.py").write_text("def first(): return 1\n", encoding="utf-8")
    stop = Event()
    watched: Iterator[TreeIndex] = watch_tree(words_rt, [tree], stop=stop, at=tmp_path / "kept")
    assert next(watched).count == 1
    (tree / "b.py").write_text("def second(): return 2\n", encoding="utf-8")
    changed = next(watched)
    assert changed.freshness.parsed == ("b.py",)
    assert TreeIndexReport.of(changed).changes() == "1 file read, 1 chunk embedded"
    stop.set()
    assert list(watched) == []


def test_changes_are_indexed_when_they_are_made(words_rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def first(): return 1\n", encoding="utf-8")
    stop = Event()
    watched = watch_tree(words_rt, [tmp_path], stop=stop, keep=False)
    next(watched)
    next(watched)  # of an index in memory all is new
    writer = Timer(0.2, lambda: (tmp_path / "a.py").write_text("def last(): return 1\n"))
    writer.start()
    changed = next(watched)
    writer.join()
    stop.set()
    assert [found.name for found in changed.definitions().definitions] == ["last"]


@pytest.mark.parametrize(
    ("name", "passes"),
    [("src/a.py", True), (".gitignore", True), ("Makefile", True), ("a.png", False),
     (".git/HEAD", False), ("node_modules/a.js", False)],
)  # fmt: skip
def test_only_changes_of_sources_and_of_ignore_rules_count(name: str, passes: bool) -> None:
    assert SourceFilter()(Change.modified, str(Path("/tree") / name)) == passes


def test_the_workflow_reports_what_changed(words_rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def first(): return 1\n", encoding="utf-8")
    built = words_rt.run("code/index", tmp_path)
    assert (built.definitions, built.parsed, built.embedded) == (1, ("a.py",), 1)
    assert built.rows() == [{"file": "a.py", "change": "read"}]
    again = words_rt.run("code/index", tmp_path)
    assert again.headline() == "1 definition in 1 file: nothing changed"
    assert words_rt.run("code/search", tmp_path, "first", update="never").hits[0].name == "first"
