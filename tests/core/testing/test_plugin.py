"""The pytest plugin, as an author of a plugin has it: in a folder and a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from tests.contract.pages import blocks_of
from tests.contract.walk import install

import metier.testing

ROOT = Path(__file__).parents[3]

WORK = """\
from typing import Annotated
from pydantic import Field
from metier import Result, Runtime, Table, Texts, workflow

class Count(Result):
    count: int
    def headline(self): return f"{self.count} texts"
    def tables(self): return [Table("", ("texts",), [(self.count,)])]
    def rows(self): return [{"texts": self.count}]

@workflow("acme/count")
def count(rt: Runtime, texts: Annotated[Texts, Field(description="What to count.")]) -> Count:
    "Count texts."
    rt.embed_documents(texts.strings)
    return Count(count=len(texts))
"""

MANIFEST = """\
schema: 1
domain: acme
title: Acme
instructions:
  - {id: find, task: Given a wish retrieve the toy that grants it, kind: retrieval}
workflows:
  - {id: count, call: "{package}.work:count", summary: Count texts}
"""

TESTS = f"""
import os, sys
from pathlib import Path
import pytest

WORK = {WORK!r}
MANIFEST = {MANIFEST!r}


def test_a_host_finds_nothing_that_is_installed(metier_host):
    assert metier_host.plugins == ()


def test_a_plugin_is_found_and_its_workflow_runs(metier_plugin, metier_host, fake_embedder):
    from metier import Runtime

    folder = metier_plugin("acme", manifest=MANIFEST, modules={{"work": WORK}})
    assert [(one.name, one.status) for one in metier_host.plugins] == [("acme", "active")]
    rt = Runtime(fake_embedder, progress=False)
    result = rt.run("acme/count", ["a bear", "a train"])
    assert result.record.provider == "metier-acme 1.0"
    assert result.record.models[0].id == "fake-embedder"
    assert Path(sys.modules["metier_acme.work"].__file__).parent == folder
    assert "torch" not in sys.modules


def test_the_plugin_of_another_test_is_gone(metier_host):
    from metier import Runtime

    assert metier_host.plugins == ()
    assert "metier_acme" not in sys.modules
    assert "acme" not in Runtime().domains
    with pytest.raises(ImportError):
        import metier_acme


def test_a_plugin_of_the_same_name_has_its_own_code(metier_plugin, fake_embedder):
    from metier import Runtime

    metier_plugin("acme", manifest=MANIFEST, modules={{"work": WORK.replace("len(texts)", "99")}})
    assert Runtime(fake_embedder, progress=False).run("acme/count", ["a"]).count == 99


def test_faults_are_as_for_an_installed_plugin(metier_plugin, metier_host):
    metier_plugin("good")
    metier_plugin("bad", manifest="schema: 1\\ndomain: bad\\ntitle: Bad\\nworkflow: []\\n")
    found = {{one.name: one for one in metier_host.plugins}}
    assert found["good"].status == "active"
    assert found["bad"].status == "broken" and "workflow" in found["bad"].reason


def test_a_plugin_without_a_manifest_speaks_in_code(metier_plugin, metier_host):
    code = "from metier import hookimpl\\n@hookimpl\\ndef metier_readers(): return []\\n"
    metier_plugin("quiet", manifest=None, modules={{"__init__": code}}, version="2.1")
    assert metier_host.plugins[0].origin == "metier-quiet 2.1"


def test_a_name_pip_would_not_take_is_refused(metier_plugin):
    from metier.errors import ParameterError

    with pytest.raises(ParameterError, match="Acme Insurance"):
        metier_plugin("Acme Insurance")


@pytest.mark.parametrize("as_text", [True, False])
def test_a_pack_is_used(metier_host, metier_pack, fake_embedder, as_text):
    from metier import Runtime
    import json

    task = "Given a wish, retrieve the café that grants it"
    find = {{"id": "find", "task": task, "kind": "retrieval"}}
    content = {{"schema": 1, "domain": "toys", "title": "Toys", "instructions": [find]}}
    path = metier_pack(json.dumps(content) if as_text else content, name="toys.yaml")
    rt = Runtime(fake_embedder, packs=[path], progress=False)
    assert rt.instructions.get("toys/find").task == task


def test_settings_of_the_user_are_not_seen(metier_host):
    assert "METIER_MODEL" not in os.environ


def test_the_tiny_models_are_real(metier_host, tiny_qwen3, tiny_qwen3_reranker):
    from metier import Runtime

    rt = Runtime(tiny_qwen3, tiny_qwen3_reranker, device="cpu", dtype="float32", progress=False)
    assert rt.embed_queries(["a bear"]).shape == (1, 64)
    assert 0 <= rt.rerank("a bear", ["a bear"])[0].score <= 1
"""

LIGHT = """
import sys

def test_nothing_is_loaded():
    roots = {name.partition(".")[0] for name in sys.modules}
    assert "metier" in roots
    assert roots & {"torch", "transformers", "numpy", "pydantic", "yaml"} == set()
"""


@pytest.fixture
def run_pytest(tmp_path):
    """Run a test file by a pytest with no other plugin, and return what it said."""

    def run(source: str, *path: Path) -> str:
        (tmp_path / "test_author.py").write_text(source, encoding="utf-8")
        (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
        environment = os.environ | {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "METIER_MODEL": "of-the-user",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(map(str, path)),
        }
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "metier.testing.plugin",
                "-q",
                "test_author.py",
            ],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_fixtures_do_what_they_say(run_pytest):
    said = run_pytest(TESTS)
    assert re.search(rf"{TESTS.count('def test_') + 1} passed", said), said


def test_the_tests_on_the_page_for_authors_pass(run_pytest, tmp_path):
    files = {}
    for block in blocks_of(ROOT / "docs" / "plugins.md"):
        if block.file is not None and block.file.startswith("metier-support/"):
            files[block.file] = block.code
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    install(tmp_path / "metier-support")
    said = run_pytest(files["metier-support/tests/test_answers.py"], tmp_path / "metier-support")
    assert "2 passed" in said


def test_pytest_starts_without_anything_heavy(run_pytest):
    assert "1 passed" in run_pytest(LIGHT)


def test_pytest_finds_the_plugin_by_its_entry_point():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module = project["entry-points"]["pytest11"]["metier"]
    assert hasattr(import_module(module), "metier_host")


@pytest.mark.parametrize("name", metier.testing.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(metier.testing, name).__name__ == name


def test_a_name_that_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'FakeEmbeder'"):
        _ = metier.testing.FakeEmbeder
