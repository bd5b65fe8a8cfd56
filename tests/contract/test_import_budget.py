"""Commands that only list things import no model library and no plugin code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

import pytest
from tests.contract.pages import ROOT

HEAVY = {
    "torch", "transformers", "sklearn", "sknetwork", "hdbscan", "scipy", "pandas", "pyarrow",
    "pypdf", "docx", "lxml", "lancedb", "bm25s",
}  # fmt: skip
PLUGINS = {"metier_code", "metier_finance", "metier_healthcare", "metier_legal"}

CALLS = {
    "import metier": "import metier",
    "import metier.errors, settings": "import metier.errors, metier.settings",
    "every public name": "import metier; [getattr(metier, name) for name in metier.__all__]",
    "Runtime": "import metier; rt = metier.Runtime(); list(rt.instructions); dict(rt.workflows)",
} | {
    f"metier {command}".strip(): (
        f"from metier.cli.main import main; assert main({command.split()}) == 0"
    )
    for command in (
        "",
        "--help",
        "--version",
        "plugins",
        "plugins show finance",
        "instructions list",
        "instructions show legal/force-majeure",
        "run",
        "demo --help",
        "index --help",
        "index build --help",
        "embed --help",
        "rerank --help",
    )
}


@pytest.fixture(scope="module")
def after_calls() -> dict[str, set[str]]:
    """The modules of a clean process after each call, made one after the other."""
    return imported_after(CALLS)


@pytest.mark.parametrize("call", CALLS)
def test_no_model_library_and_no_plugin_is_imported(call, after_calls):
    roots = {name.partition(".")[0] for name in after_calls[call]}
    assert "metier" in roots
    assert roots & (HEAVY | PLUGINS) == set()


def test_the_help_of_a_workflow_imports_its_plugin_and_no_model_library():
    call = "from metier.cli.main import main; main(['run', 'finance/flag-loans', '--help'])"
    roots = {name.partition(".")[0] for name in imported_by(call)}
    assert roots & PLUGINS == {"metier_finance"}
    assert roots & HEAVY == set()


def test_help_that_names_search_stages_imports_plugins_and_no_model_library():
    call = "from metier.cli.main import main; main(['index', 'search', '--help'])"
    roots = {name.partition(".")[0] for name in imported_by(call)}
    assert roots & PLUGINS == PLUGINS
    assert roots & HEAVY == set()


RUNS = {
    "search": "rt.run('core/search', TEXTS, 'a way to end the contract')",
    "search of a domain": "rt.run('legal/search-clauses', TEXTS, 'a way to end the contract')",
    "search in an index": "rt.index(rt.read('README.md', metier.Documents)).search('install it')",
    "flag": "rt.run('finance/flag-loans', TEXTS)",
}
NOT_FOR_RUNS = {"transformers", "sklearn", "scipy", "hdbscan", "pandas", "sympy", "bm25s"}


@pytest.fixture(scope="module")
def after_runs() -> dict[str, set[str]]:
    """The modules of a clean process after each run of one Runtime."""
    begin = (
        "import metier; TEXTS = ['Either party may end this contract.', 'A bird \U0001f642 sings.']"
        "; rt = metier.Runtime(model='embedded', device='cpu', cache=False)"
    )
    return imported_after({"": begin, **RUNS})


@pytest.mark.parametrize("run", RUNS)
def test_a_search_and_a_flag_import_only_what_they_compute_with(run, after_runs):
    names = after_runs[run]
    assert {"torch", "tokenizers", "metier.models.encoder.bert"} <= names
    assert {name.partition(".")[0] for name in names} & NOT_FOR_RUNS == set()
    assert "torch._dynamo" not in names


def imported_by(code: str) -> set[str]:
    """Modules a clean process has after running some code."""
    return imported_after({"": code})[""]


def imported_after(calls: Mapping[str, str]) -> dict[str, set[str]]:
    """Modules a clean process has after each call, those of the calls before it among them."""
    code = "\n".join(f"{call}\nafter.append(list(sys.modules))" for call in calls.values())
    report = f"import json, sys\nafter = []\n{code}\nsys.stderr.write('\\n' + json.dumps(after))"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("METIER_")}
    done = subprocess.run(
        [sys.executable, "-c", report],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=clean,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stderr.splitlines()[-1])
    return {name: set(modules) for name, modules in zip(calls, after, strict=True)}
