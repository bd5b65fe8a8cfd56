"""Which files of trees, patterns and single paths are sources, and what is left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from metier.errors import InputError, UsageError
from metier_code.trees.source_files import SourceTree, find_sources
from metier_code.trees.tree_walk import LARGEST


def write(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def f(): pass\n", encoding="utf-8")
    return root


def names_of(tree: SourceTree) -> list[str]:
    return [file.name for file in tree.files]


def left_out_of(tree: SourceTree) -> set[str]:
    return {str(left_out) for left_out in tree.left_out}


def test_sources_are_listed_in_order_and_the_rest_is_counted(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/z.go", "a/b/c.ts", "README.md", "a/notes.md", "a/LICENSE", "x.cob")

    tree = find_sources([tmp_path])

    assert names_of(tree) == ["b.py", "a/z.go", "a/b/c.ts"]
    assert [file.language for file in tree.files] == ["Python", "Go", "TypeScript"]
    assert left_out_of(tree) == {
        "x.cob (language not read: COBOL)",
        "2 *.md (no source code)",
        "LICENSE (no source code)",
    }


def test_a_source_without_an_ending_is_known_by_its_name_or_first_line(tmp_path: Path) -> None:
    write(tmp_path, "Rakefile", "bin/notes")
    (tmp_path / "bin" / "serve").write_text("#!/usr/bin/env -S python3 -u\nprint(1)\n")
    (tmp_path / "bin" / "deploy").write_text("#! /bin/bash\r\necho\r\n")
    (tmp_path / "bin" / "empty").write_text("")

    tree = find_sources([tmp_path])

    assert [(file.name, file.language) for file in tree.files] == [
        ("Rakefile", "Ruby"),
        ("bin/deploy", "Bash"),
        ("bin/serve", "Python"),
    ]


def test_what_tools_brought_or_made_is_left_out_and_named(tmp_path: Path) -> None:
    write(tmp_path, "a.py", ".venv/b.py", "node_modules/x/c.js", "src/build/d.py", "env/e.py",
          "build/notes.txt", ".git/hooks/f.py", "__pycache__/g.pyc")  # fmt: skip
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "big.py").write_text("#" * (LARGEST + 1), encoding="utf-8")

    tree = find_sources([tmp_path])

    assert names_of(tree) == ["a.py"]
    assert left_out_of(tree) == {
        ".venv/ (left out by its name)",
        "node_modules/ (left out by its name)",
        "src/build/ (left out by its name)",
        "env/ (made by a tool)",
        "big.py (too large: 5 MB)",
    }


def test_a_tree_may_stand_in_a_folder_that_would_be_left_out(tmp_path: Path) -> None:
    write(tmp_path / ".cache" / "build", "a.py")

    assert names_of(find_sources([tmp_path / ".cache" / "build"])) == ["a.py"]


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", "a/b.py")
    write(tmp_path / "elsewhere", "secret.py")
    (tree / "a" / "loop").symlink_to(tree, target_is_directory=True)
    (tree / "c.py").symlink_to(tmp_path / "elsewhere" / "secret.py")
    (tree / "broken.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path / "shortcut").symlink_to(tree, target_is_directory=True)

    for root in (tree, tmp_path / "shortcut"):
        listed = find_sources([root])
        assert names_of(listed) == ["a/b.py"]
        assert left_out_of(listed) == {"a/loop (link)", "c.py (link)", "broken.py (link)"}
    assert names_of(find_sources([tree / "c.py"])) == ["c.py"]


def test_ignore_files_count_where_there_is_no_repository(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "made/b.py", "src/c_pb2.py", "src/keep_pb2.py", "src/out/d.py",
          "lib/out/e.py", "old/f.py")  # fmt: skip
    (tmp_path / ".gitignore").write_text("# made\n/made/\n*_pb2.py\n\\\n**a*a*a*a*b\n")
    (tmp_path / "src" / ".gitignore").write_text("!keep_*\nout\n")
    (tmp_path / ".metierignore").write_text("old/\n")

    tree = find_sources([tmp_path])

    assert names_of(tree) == ["a.py", "lib/out/e.py", "src/keep_pb2.py"]
    assert left_out_of(tree) == {
        "made/ (ignored by .gitignore)",
        "src/c_pb2.py (ignored by .gitignore)",
        "src/out/ (ignored by .gitignore)",
        "old/ (ignored by .metierignore)",
    }
    assert names_of(find_sources([tmp_path / "made"])) == ["b.py"]


def test_several_paths_are_named_from_where_they_meet_and_open_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "shop/a.py", "shop/build/b.py", "lib/c.py", "top.py", "notes.txt")
    monkeypatch.chdir(tmp_path)

    tree = find_sources(["shop", "lib/c.py", "top.py", "shop/a.py", "notes.txt", "shop/*.py"])

    assert names_of(tree) == ["shop/a.py", "lib/c.py", "top.py"]
    assert left_out_of(tree) == {
        "shop/build/ (left out by its name)",
        "notes.txt (no source code)",
    }
    assert all(not file.path.is_absolute() and file.path.is_file() for file in tree.files)
    alone = find_sources(["shop"]).files[0]
    assert (alone.name, str(alone.path)) == ("a.py", os.path.join("shop", "a.py"))
    (absolute,) = find_sources([tmp_path / "lib"]).files
    assert absolute.path == tmp_path / "lib" / "c.py"
    monkeypatch.chdir(tmp_path / "lib")
    assert str(find_sources(["../top.py"]).files[0].path) == os.path.join("..", "top.py")
    assert [str(file.path) for file in find_sources(["."]).files] == ["c.py"]


def test_a_pattern_matches_among_the_files_that_are_read(tmp_path: Path) -> None:
    write(tmp_path, "shop/a.py", "shop/a.go", "shop/vendor/b.py", "shop/old/c.py", "shop/old/d.txt")
    (tmp_path / "shop" / ".gitignore").write_text("old/\n")

    tree = find_sources([f"{tmp_path}/shop/**/*.py"])

    assert names_of(tree) == ["a.py"]
    assert left_out_of(tree) == {
        "vendor/ (left out by its name)",
        "old/ (ignored by .gitignore)",
    }


def test_a_file_that_is_named_is_read_wherever_it_is(tmp_path: Path) -> None:
    write(tmp_path, ".hidden/build/a.min.js")

    (file,) = find_sources([tmp_path / ".hidden" / "build" / "a.min.js"]).files

    assert (file.name, file.is_named) == ("a.min.js", True)


def test_one_file_in_no_known_language_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt")

    with pytest.raises(InputError, match=r"'notes.txt' is in no language that can be read"):
        find_sources([tmp_path / "notes.txt"])


@pytest.mark.parametrize("name", ["nowhere", "nowhere.py", "*.nothing"])
def test_a_path_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"There is no path|Nothing matches"):
        find_sources([tmp_path / name])
