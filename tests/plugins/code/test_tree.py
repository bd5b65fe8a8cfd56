from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from metier.errors import InputError, UsageError
from metier_code.tree import LARGEST, source_files


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def f(): pass\n", encoding="utf-8")


def listed(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in source_files(root)]


def test_sources_are_listed_in_order_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/z.go", "a/b/c.ts", "README.md", "notes.txt")

    assert listed(tmp_path) == ["b.py", "a/z.go", "a/b/c.ts"]


def test_what_tools_brought_or_made_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.py", ".venv/b.py", "node_modules/x/c.js", "src/build/d.py", "lib/e.min.js")
    (tmp_path / "big.py").write_text("#" * (LARGEST + 1), encoding="utf-8")

    assert listed(tmp_path) == ["a.py"]


def test_a_tree_may_stand_in_a_folder_that_would_be_left_out(tmp_path: Path) -> None:
    write(tmp_path / ".cache" / "build", "a.py")

    assert listed(tmp_path / ".cache" / "build") == ["a.py"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "tree", "a/b.py")
    write(tmp_path / "elsewhere", "secret.py")
    (tmp_path / "tree" / "a" / "loop").symlink_to(tmp_path / "tree", target_is_directory=True)
    (tmp_path / "tree" / "c.py").symlink_to(tmp_path / "elsewhere" / "secret.py")
    (tmp_path / "tree" / "broken.py").symlink_to(tmp_path / "nowhere.py")

    assert listed(tmp_path / "tree") == ["a/b.py"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("below", ["", "src"])
def test_what_git_ignores_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("made/\n*_pb2.py\n", encoding="utf-8")
    write(tmp_path, "src/a.py", "src/b_pb2.py", "src/made/c.py")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "of-another-repository"))

    assert listed(tmp_path / below) == [Path("src/a.py").relative_to(below or ".").as_posix()]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_an_ignored_folder_that_is_asked_for_is_listed(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("made/\n", encoding="utf-8")
    write(tmp_path, "made/a.py")

    assert listed(tmp_path / "made") == ["a.py"]


def test_one_file_is_a_tree_of_itself(tmp_path: Path) -> None:
    write(tmp_path, ".hidden.py")

    assert list(source_files(tmp_path / ".hidden.py")) == [tmp_path / ".hidden.py"]


def test_one_file_in_no_known_language_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt")

    with pytest.raises(InputError, match=r"'notes.txt' is in no language that can be read"):
        list(source_files(tmp_path / "notes.txt"))


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no path"):
        list(source_files(tmp_path / "nowhere"))
