"""What git tracks and ignores, asked without running anything that the tree names."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from metier_code.trees.source_files import SourceTree, find_sources

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration of git, which is empty."""
    path = tmp_path / "gitconfig"
    path.write_text(
        '[user]\n\tname = A\n\temail = a@b.example\n[protocol "file"]\n\tallow = always\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return path


def git(root: Path, *command: str) -> None:
    subprocess.run(["git", "-C", str(root), *command], check=True, capture_output=True)


def repository(root: Path, *names: str, tracked: tuple[str, ...] = ()) -> Path:
    for name in (*names, *tracked):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def f(): pass\n", encoding="utf-8")
    root.mkdir(exist_ok=True)
    git(root, "init", "-q")
    if tracked:
        git(root, "add", "-f", *tracked)
        git(root, "commit", "-q", "-m", "sources")
    return root


def names_of(tree: SourceTree) -> list[str]:
    return [file.name for file in tree.files]


def left_out_of(tree: SourceTree) -> set[str]:
    return {str(left_out) for left_out in tree.left_out}


def test_folders_of_tools_are_read_where_git_tracks_them(tmp_path: Path) -> None:
    root = repository(
        tmp_path / "r", "new.py", "build/made.py", "dist/x.js", ".cache/y.py",
        tracked=("a.py", "build/deep/b.py", ".github/c.sh", "vendor/d.go", "node_modules/e/f.js"),
    )  # fmt: skip

    tree = find_sources([root])

    assert names_of(tree) == ["a.py", "new.py", ".github/c.sh", "build/deep/b.py",
                              "node_modules/e/f.js", "vendor/d.go"]  # fmt: skip
    assert left_out_of(tree) == {
        ".cache/ (left out by its name)",
        "dist/ (left out by its name)",
        "build/made.py (left out by the name of its folder)",
    }
    assert tree.remarks == []


@pytest.mark.parametrize("below", ["", "src"])
def test_what_git_ignores_is_left_out_and_what_it_tracks_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_configuration: Path, below: str
) -> None:
    (tmp_path / "ignored-everywhere").write_text("*.scratch.py\n")
    with no_configuration.open("a") as configuration:
        configuration.write(f"[core]\n\texcludesFile = {tmp_path / 'ignored-everywhere'}\n")
    root = repository(
        tmp_path / "r", "src/b_pb2.py", "src/made/c.py", "src/x.scratch.py", "src/d.py",
        "src/in/e.py", tracked=("src/a.py", "src/made/kept.py"),
    )  # fmt: skip
    (root / ".gitignore").write_text("made/\n*_pb2.py\n")
    (root / "src" / "in" / ".gitignore").write_text("e.py\n")
    (root / ".git" / "info" / "exclude").write_text("d.py\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "of-another-repository"))

    tree = find_sources([root / below])

    before = "" if below else "src/"
    assert names_of(tree) == [f"{before}a.py", f"{before}made/kept.py"]
    assert left_out_of(tree) == {
        f"{before}{name} (ignored by git)"
        for name in ("b_pb2.py", "made/c.py", "x.scratch.py", "d.py", "in/e.py")
    }


def test_an_ignored_folder_that_is_named_is_read(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", "made/a.py", "made/deep/b.py", "made/deep/c/d.py")
    (root / ".gitignore").write_text("made/\n")

    for folder, names in (("made", ["a.py", "deep/b.py", "deep/c/d.py"]),
                          ("made/deep", ["b.py", "c/d.py"])):  # fmt: skip
        tree = find_sources([root / folder])
        assert names_of(tree) == names
        assert tree.remarks == []


def test_repositories_in_a_repository_have_rules_of_their_own(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", tracked=("lib.py", "build/kept.py"))
    root = repository(tmp_path / "r", tracked=("a.py",))
    git(root, "submodule", "--quiet", "add", str(library), "dist")
    git(root, "submodule", "--quiet", "add", str(library), "absent")
    git(root, "submodule", "--quiet", "deinit", "-f", "absent")
    inner = repository(root / "inner", "b.py", "c.py")
    (inner / ".gitignore").write_text("c.py\n")
    git(root, "worktree", "add", "-q", str(tmp_path / "other"))

    tree = find_sources([root])

    assert names_of(tree) == ["a.py", "dist/lib.py", "dist/build/kept.py", "inner/b.py"]
    assert left_out_of(tree) == {
        "absent/ (submodule that is not checked out)",
        "inner/c.py (ignored by git)",
    }
    assert names_of(find_sources([tmp_path / "other"])) == ["a.py"]


def test_a_repository_of_somebody_else_is_read_without_git_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "r", "src/made/c.py", tracked=("src/a.py", "src/build/b.py"))
    (root / ".gitignore").write_text("/src/made\n")
    (root / ".git" / "info" / "exclude").write_text("nothing\n")
    git_of_another_user = f"""#!/bin/sh
GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"
"""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(git_of_another_user)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")

    for below, before in (("", "src/"), ("src", "")):
        tree = find_sources([root / below])
        assert names_of(tree) == [f"{before}a.py"]
        assert left_out_of(tree) == {
            f"{before}made/ (ignored by .gitignore)",
            f"{before}build/ (left out by its name)",
        }
        (remark,) = tree.remarks
        assert "detected dubious ownership in repository" in remark
        assert "git config --global --add safe.directory" in remark


def test_git_runs_nothing_that_a_repository_names(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", "b.py", tracked=("a.py", "sub/.gitignore"))
    trace = tmp_path / "it-ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {trace}\n")
    script.chmod(0o755)
    (tmp_path / "included").write_text(f"[core]\n\tfsmonitor = {script}\n")
    # an object that is missing, and that git wants to know what is ignored
    git(root, "update-index", "--skip-worktree", "sub/.gitignore")
    (root / "sub" / ".gitignore").unlink()
    for folder in (root / ".git" / "objects").iterdir():
        if len(folder.name) == 2:
            shutil.rmtree(folder)
    for name, value in {
        "core.repositoryFormatVersion": "1", "core.fsmonitor": script,
        "core.hooksPath": tmp_path, "core.pager": script,
        "pager.ls-files": script, "alias.ls-files": f"!{script}", "core.sshCommand": script,
        "diff.external": script, "diff.x.textconv": script, "filter.x.clean": script,
        "filter.x.smudge": script, "filter.x.process": script,
        "include.path": tmp_path / "included",
        "remote.origin.url": f"ext::{script}", "remote.origin.promisor": "true",
        "extensions.partialClone": "origin", "protocol.allow": "always",
        "protocol.ext.allow": "always", "core.sparseCheckout": "true",
    }.items():  # fmt: skip
        git(root, "config", name, str(value))
    (root / ".gitattributes").write_text("* filter=x diff=x\n")
    for hook in ("post-index-change", "fsmonitor-watchman", "query-watchman"):
        shutil.copy(script, root / ".git" / "hooks" / hook)
    trace.unlink(missing_ok=True)

    tree = find_sources([root])
    assert not trace.exists()
    assert set(names_of(tree)) == {"a.py", "b.py"}
    assert tree.remarks == []
