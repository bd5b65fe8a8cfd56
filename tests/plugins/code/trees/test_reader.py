"""Source files as documents."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Documents, Runtime
from metier.errors import InputError
from metier.testing import FakeEmbedder
from metier.texts.files import stream_texts
from metier_code.parsing.languages import languages_by_ending


@pytest.fixture
def code_rt() -> Runtime:
    return Runtime(FakeEmbedder(), plugins=["code"], progress=False)


def test_every_language_is_read(code_rt: Runtime, tmp_path: Path) -> None:
    endings = languages_by_ending().keys() - {".ipynb"}
    for suffix in endings:
        (tmp_path / f"a{suffix}").write_text("x = '\u00e9'\r\n", newline="")
    texts = code_rt.read(tmp_path, Documents)
    assert sorted(item.id for item in texts) == sorted(f"a{suffix}" for suffix in endings)
    assert set(texts.strings) == {"x = '\u00e9'\r\n"}


@pytest.mark.parametrize("folder", ["shop", ".", "../tree", "./shop"])
def test_a_folder_may_be_given_from_the_working_directory(
    code_rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    source = tmp_path / "tree" / "shop" / "cart.py"
    source.parent.mkdir(parents=True)
    source.write_text("def pay(cart):\n    return cart\n")
    monkeypatch.chdir(tmp_path / "tree")
    assert code_rt.read(folder, Documents).strings == [source.read_text()]


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
    assert set(texts.skipped) == {
        "shop/__init__.py (empty)",
        "shop/f.min.js (minified: by its name)",
        "build/ (left out by its name)",
        "node_modules/ (left out by its name)",
        "vendor/ (left out by its name)",
    }


def test_what_is_no_text_is_refused_and_left_out_of_a_tree(
    code_rt: Runtime, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_bytes(b"x = '\x00'")
    (tmp_path / "b.py").write_text("x = 1")
    with pytest.raises(InputError, match=r"a.py is not a text file"):
        code_rt.read(tmp_path / "a.py", Documents)
    texts = code_rt.read(tmp_path, Documents)
    assert [item.id for item in texts] == ["b.py"]
    assert texts.skipped == ("a.py (not text)",)


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
