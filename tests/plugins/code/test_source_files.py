"""Source files of a tree, and whole files as documents."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Documents, Runtime
from metier.errors import InputError, UsageError
from metier.testing import FakeEmbedder
from metier.texts.files import stream_texts
from metier_code.parsing.languages import languages_by_ending
from metier_code.trees.source_files import LARGEST, source_files


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


@pytest.fixture
def code_rt() -> Runtime:
    return Runtime(FakeEmbedder(), plugins=["code"], progress=False)


def test_every_language_is_read(code_rt: Runtime, tmp_path: Path) -> None:
    for suffix in languages_by_ending():
        (tmp_path / f"a{suffix}").write_text("x = '\u00e9'\r\n", newline="")
    texts = code_rt.read(tmp_path, Documents)
    assert sorted(item.id for item in texts) == sorted(
        f"a{suffix}" for suffix in languages_by_ending()
    )
    assert set(texts.strings) == {"x = '\u00e9'\r\n"}


def test_capitals_in_the_end_of_a_name_change_nothing(code_rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "A.PY").write_text("x = 1\n\n\ndef pay(cart):\n    return cart\n")
    texts = code_rt.read(tmp_path, Documents)
    (hit,) = code_rt.index(texts, domain="code").search("pay", top_k=1)
    assert (hit.document_id, hit.location) == ("A.PY", "A.PY:4, pay")


def test_of_a_tree_what_was_written_there_is_read(code_rt: Runtime, tmp_path: Path) -> None:
    for place in ("a.py", "shop/__init__.py", "build/b.py", "node_modules/c.js", ".git/d.py",
                  "vendor/e.go", "shop/f.min.js", "shop/README.md", "shop/guide.md"):  # fmt: skip
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("" if "init" in place else "text")
    texts = code_rt.read(tmp_path, Documents)
    assert [item.id for item in texts] == ["a.py", "shop/guide.md"]
    assert texts.skipped == ("shop/__init__.py (empty)",)


def test_what_is_no_text_is_refused(code_rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = '\x00'")
    with pytest.raises(InputError, match=r"a.py is not a text file"):
        code_rt.read(tmp_path, Documents)


def test_an_index_of_a_tree_holds_its_functions(
    code_rt: Runtime, samples: Callable[[str], Path]
) -> None:
    root = samples("metier_code") / "shop"
    sources = stream_texts(root, Documents, readers=code_rt.plugins.readers())
    index = code_rt.index(sources, domain="code")
    assert index.manifest.chunking["splitter"] == "metier_code.splitting.code_sections"
    (hit,) = index.search("wait longer after each failed attempt and try again", top_k=1)
    assert hit.location.endswith(", retry")
    assert (root / hit.document_id).read_text()[hit.start : hit.end] == hit.text


def test_a_source_in_another_encoding_is_indexed(code_rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_bytes(b"function price() { return '\xe9' }")
    (tmp_path / "b.py").write_text("def pay():\n    pass\n")
    texts = code_rt.read(tmp_path, Documents)
    assert texts.strings == ["function price() { return '\u00e9' }", "def pay():\n    pass\n"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_source_is_read_in_the_encoding_that_the_caller_names(
    code_rt: Runtime, tmp_path: Path
) -> None:
    (tmp_path / "greet.py").write_bytes("def greet(): return 'привет'\n".encode("cp1251"))

    (greet,) = code_rt.read(tmp_path, Documents, encoding="cp1251")

    assert (greet.id, greet.text) == ("greet.py", "def greet(): return 'привет'\n")
    assert "привет" not in code_rt.read(tmp_path, Documents)[0].text
    with pytest.raises(InputError, match=r"greet\.py"):
        code_rt.read(tmp_path, Documents, encoding="utf-8")


def test_what_is_left_out_though_it_may_be_written_by_hand_is_said(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.swift", "build/c.py", "vendor/d.go", "node_modules/e.js", "f.txt")
    (tmp_path / "big.py").write_text("#" * (LARGEST + 1), encoding="utf-8")
    (tmp_path / "bundle.js").write_text("function f(){};" * 9_000, encoding="utf-8")
    (tmp_path / ".gitignore").write_text("node_modules/\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "build"], check=True)
    left_out: list[str] = []

    sources = list(source_files(tmp_path, left_out=left_out))

    assert sources == [tmp_path / "a.py"]
    assert sorted(left_out) == [
        "b.swift (Swift is not read)",
        "big.py (larger than 1 MB)",
        "build/ (by its name, but git tracks it)",
        "bundle.js (a bundle: its lines are too long)",
    ]


def test_notebooks_are_listed_where_they_are_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.ipynb")

    assert listed(tmp_path) == ["a.py"]
    assert [path.name for path in source_files(tmp_path, notebooks=True)] == ["a.py", "b.ipynb"]
