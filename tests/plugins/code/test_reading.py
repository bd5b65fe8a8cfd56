"""Sources as documents: whole files, of a folder those that its developers wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Documents, Runtime
from metier.errors import InputError
from metier.testing import FakeEmbedder
from metier.texts.files import stream_texts
from metier_code.functions import LANGUAGES


@pytest.fixture
def code_rt() -> Runtime:
    return Runtime(FakeEmbedder(), plugins=["code"], progress=False)


def test_every_language_is_read(code_rt: Runtime, tmp_path: Path) -> None:
    for suffix in LANGUAGES:
        (tmp_path / f"a{suffix}").write_text("x = '\u00e9'\r\n", newline="")
    texts = Documents.read(tmp_path, readers=code_rt.plugins.readers())
    assert sorted(item.id for item in texts) == sorted(f"a{suffix}" for suffix in LANGUAGES)
    assert set(texts.strings) == {"x = '\u00e9'\r\n"}


def test_capitals_in_the_end_of_a_name_change_nothing(code_rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "A.PY").write_text("x = 1\n\n\ndef pay(cart):\n    return cart\n")
    texts = Documents.read(tmp_path, readers=code_rt.plugins.readers())
    (hit,) = code_rt.index(texts, domain="code").search("pay", top_k=1)
    assert (hit.document_id, hit.location) == ("A.PY", "A.PY:4, pay")


def test_of_a_tree_what_was_written_there_is_read(code_rt: Runtime, tmp_path: Path) -> None:
    for place in ("a.py", "shop/__init__.py", "build/b.py", "node_modules/c.js", ".git/d.py",
                  "vendor/e.go", "shop/f.min.js", "shop/README.md", "shop/guide.md"):  # fmt: skip
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("" if "init" in place else "text")
    texts = Documents.read(tmp_path, readers=code_rt.plugins.readers())
    assert [item.id for item in texts] == ["a.py", "shop/guide.md"]
    assert texts.skipped == ("shop/__init__.py",)


def test_what_is_no_text_is_refused(code_rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = '\xe9'")
    with pytest.raises(InputError, match=r"a.py is not UTF-8"):
        Documents.read(tmp_path, readers=code_rt.plugins.readers())


def test_an_index_of_a_tree_holds_its_functions(
    code_rt: Runtime, samples: Callable[[str], Path]
) -> None:
    root = samples("metier_code") / "shop"
    sources = stream_texts(root, Documents, readers=code_rt.plugins.readers())
    index = code_rt.index(sources, domain="code")
    assert index.manifest.chunking["splitter"] == "metier_code.splitting.function_sections"
    (hit,) = index.search("wait longer after each failed attempt and try again", top_k=1)
    assert hit.location.endswith(", retry")
    assert (root / hit.document_id).read_text()[hit.start : hit.end] == hit.text
