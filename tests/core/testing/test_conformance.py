"""The conformance suite: every check passes where it should, and fails where it should."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.testing.conforming import (
    ENTRY_POINTS,
    METADATA,
    NAME,
    PACKAGE,
    excused,
    install_conforming,
)

from metier.errors import UnknownNameError, UsageError
from metier.testing import FakeEmbedder
from metier.testing.conformance.check import Verdict
from metier.testing.conformance.subject import Subject
from metier.testing.conformance.suite import CHECKS, judge

ROOT = Path(__file__).parents[3]
BY_NAME = {check.name: check for check in CHECKS}


def verdict(check: str, **subject: object) -> Verdict:
    return judge(BY_NAME[check], Subject.named(NAME, **subject))


def test_the_plugin_is_found_by_any_of_its_names(installed):
    install_conforming(installed)
    assert Subject.named("metier-acme-toys").plugin.name == NAME
    with pytest.raises(UnknownNameError, match="acme-toys"):
        Subject.named("acme-toy")


SUMMARY = "Find the toy that grants a wish"
RANK = "{id: rank, task: Rank toys by their price, kind: retrieval, dim: 48}"

FAULTS = {
    "a title that is the name": ("manifest", ("Toys and wishes", "acme-toys"), "no more than"),
    "one summary for two": (
        "manifest",
        ("Count the words of a file of toys\n    demo", f"{SUMMARY}\n    demo"),
        "Two workflows have the summary",
    ),
    "an instruction nobody has": (
        "ids",
        ('instruction="acme-toys/find")\ndef', 'instruction="acme-toys/fnd")\ndef'),
        "'acme-toys/fnd', and none has it",
    ),
    "a task that is no order": (
        "instruction-lint",
        ("Given a wish, retrieve the toy that grants it", "The toy for every wish there is"),
        "acme-toys/find@1: It begins with 'The'",
    ),
    "a flagging instruction": ("safety", ("kind: clustering", "kind: flagging"), "flags texts"),
    "texts about people": ("safety", ("Toys and wishes", "Wishes of children"), "'children' in"),
    "an empty statement": (
        "safety",
        ("schema: 1\n", "schema: 1\nsafety: {intended_use: '', not_for: x, data_handling: y}\n"),
        "safety.intended_use of 'acme-toys' says nothing",
    ),
    "a parameter without a description": (
        "signatures",
        ('Annotated[Path, Field(description="A file of toys.")]', "Path"),
        "'path' has no description",
    ),
    "a result without a type": (
        "signatures",
        (') -> Answer:\n    """Count', '):\n    """Count'),
        "acme-toys/count: what it returns is not annotated",
    ),
    "a Runtime without a type": (
        "signatures",
        ("def count(rt: Runtime,", "def count(rt,"),
        "acme-toys/count: the first parameter, the Runtime, has no type",
    ),
    "no docstring": (
        "signatures",
        ('    """Count the words of a file of toys."""\n', ""),
        "acme-toys/count: it has no docstring",
    ),
    "no demo": (
        "demo",
        ("    demo: {path: samples/toys.csv}\n", ""),
        "acme-toys/count has no demo",
    ),
    "a sample that is not there": (
        "demo",
        ("demo: {path: samples/toys.csv}", "demo: {path: samples/toy.csv}"),
        "'samples/toy.csv' is not in its package",
    ),
    "a sample outside the package": (
        "demo",
        ("demo: {path: samples/toys.csv}", "demo: {path: ../toy_acme_toys/../../site}"),
        "is not inside its package",
    ),
    "a demo of half the parameters": (
        "demo",
        (", wish: a bear made of wood}", "}"),
        "the demo leaves out 'wish'",
    ),
    "NaN": ("results", ("score=1.0", 'score=float("nan")'), "result.score is nan"),
    "a demo that fails": (
        "results",
        ("words = path", "words = [][path == 0]; words = path"),
        "IndexError",
    ),
    "rows that JSON has not": (
        "results",
        ('"score": self.score}]', '"score": {1}}]'),
        "rows() holds what JSON has not",
    ),
    "a headline without words": (
        "results",
        ('return f"Best: {self.text}"', 'return " "'),
        "headline() says nothing",
    ),
    "JSON that is read back as something else": (
        "results",
        (
            "    text: str\n",
            "    text: Annotated[str, __import__('pydantic').AfterValidator('{}!'.format)]\n",
        ),
        "its JSON is not read back as the same result",
    ),
    "a number drawn anew": (
        "reproducible",
        ("score=1.0", "score=random.random()"),
        "acme-toys/count, run again: result score",
    ),
    "the order of a set": (
        "reproducible",
        ('f"{len(set(words))} words"', '" ".join({"a", "string", "tin", "wood", "bear", "of"})'),
        "acme-toys/count, run in another process: result text",
    ),
    "an index that is not there": (
        "hostile-input",
        ("place = int(", "toys[0].text.split()[1]; place = int("),
        "acme-toys/best, a NUL for 'toys': IndexError: list index out of range",
    ),
    "a file that is taken for text": (
        "hostile-input",
        (', errors="replace"', ""),
        "a file of a lone surrogate for 'path': UnicodeDecodeError",
    ),
    "a program that ends itself": (
        "hostile-input",
        ('raise InputError(f"There is no file {str(path)!r}.", fix="Check the path.")', "exit(3)"),
        "a path that is not there for 'path': SystemExit",
    ),
    "an error without a way out": (
        "hostile-input",
        (', fix="Check the path.")', ")"),
        "an empty folder for 'path': the error does not say what to do: There is no file",
    ),
    "an evaluation set that is not there": (
        "evaluation-set",
        ("folder: evaluation/find", "folder: evaluation/fnd"),
        "evaluation/fnd: There is no file",
    ),
    "a set for no instruction": (
        "evaluation-set",
        ("{instruction: find,", "{instruction: fnd,"),
        "evaluation/find is for 'fnd', which is no instruction here",
    ),
    "a size nobody measures": (
        "evaluation-set",
        ("workflows:\n", f"  - {RANK}\nworkflows:\n"),
        "No evaluation set measures the size 48",
    ),
    "splitter not there": (
        "splitter",
        ("work:sentences", "work:sentence"),
        "Did you mean 'sentences'?",
    ),
    "splitter elsewhere": (
        "splitter",
        ("splitter: toy_acme_toys.work", "splitter: json"),
        "in its own package",
    ),
    "splitter raises": (
        "splitter",
        ("    begun = 0\n", "    begun = 1 // 0\n"),
        "ZeroDivisionError",
    ),
    "section beyond the text": (
        "splitter",
        ("Section(begun, end)", "Section(begun, end + 2)"),
        "A splitter gave",
    ),
    "no section": ("splitter", ("if sentence:", "if not text:"), "It divides none"),
}


@pytest.mark.parametrize(("check", "change", "said"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_fails_its_check_and_the_fix_is_told(installed, check, change, said):
    install_conforming(installed, change)
    found = verdict(check)
    assert found.status == "failed"
    assert any(said in line for line in found.lines), found.lines
    assert found.fix == BY_NAME[check].fix


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"entry_points": "[metier.plugins]\n{name} = {package}\n"}, "group 'metier.api'"),
        ({"metadata": METADATA.replace(">=0.1", "==0.1")}, "'metier==0.1', which is not a lower"),
        ({"metadata": METADATA.replace("metier>=0.1", "numpy")}, "does not require metier"),
        ({"entry_points": ENTRY_POINTS.replace("1 =", "0 =")}, "version 0 of the plugin API"),
    ],
)
def test_faults_in_metadata_are_found(installed, fault, said):
    install_conforming(installed, **fault)
    found = verdict("metadata")
    assert found.status == "failed"
    assert any(said in line for line in found.lines), found.lines


GUARD = "import metier\n\n@metier.hookimpl\ndef metier_before_send(texts): return {made}\n"
OBSERVER = "import metier\n\n@metier.hookimpl\ndef metier_run_finished(record): 1 / 0\n"
HOOK = "import metier\n\n@metier.hookimpl\ndef {name}():\n    return {made}\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (HOOK.format(name="metier_reader", made=[]), "Did you mean 'metier_readers'?"),
        ("def metier_readers():\n    return []\n", "has no mark"),
        ("def metier_reader():\n    return []\n", "looks like a hook"),
        (HOOK.format(name="metier_readers", made="1 / 0"), "metier_readers() failed"),
        (HOOK.format(name="metier_domains", made=[]), "never asked"),
        (GUARD.format(made="1 / 0"), "metier_before_send() failed: The plugin 'acme-toys' failed"),
        (GUARD.format(made="texts[:1]"), "returned 1 texts"),
        (OBSERVER, "metier_run_finished() failed: Not told of the run"),
    ],
)
def test_hooks_that_are_never_called_or_fail_are_found(installed, code, said):
    install_conforming(installed, code=code)
    found = verdict("hooks")
    assert found.status == "failed"
    assert any(said in line for line in found.lines), found.lines


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import pandas\n", "It imports pandas."),
        (f"import {PACKAGE}.work\n", f"It imports {PACKAGE}.work, the code of a workflow."),
    ],
)
def test_what_a_listing_must_not_import_is_found(installed, code, said):
    install_conforming(installed, code=code)
    assert said in verdict("import-budget").lines


def test_a_workflow_that_cannot_be_imported_does_not_hide_what_else_is_wrong(installed):
    install_conforming(installed, ("work:count", "wrk:count"), ("Toys and wishes", "acme-toys"))
    assert "No module named" in verdict("loads").lines[0]
    assert verdict("manifest").status == "failed"
    assert verdict("demo").status == "passed"  # of the other workflow


SINGLE = """
import metier

def metier_domains():
    return [metier.Domain(schema=1, domain="toys", title="All toys")]
"""


def test_of_a_plugin_of_a_single_file_what_a_check_raises_is_told_too(installed):
    folder = installed.add("toys", package="toy_single", manifest=None)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.with_suffix(".py").write_text(SINGLE, encoding="utf-8")
    subject = Subject.named("toys")
    assert "made in code" in judge(BY_NAME["manifest"], subject).lines[0]
    failing = replace(BY_NAME["manifest"], look=lambda subject: 1 / 0)
    assert "ZeroDivisionError: division by zero" in judge(failing, subject).lines[0]


def test_a_plugin_that_is_blocked_is_not_checked(installed, monkeypatch):
    install_conforming(installed)
    monkeypatch.setenv("METIER_BLOCK_PLUGINS", NAME)
    with pytest.raises(UsageError, match="METIER_BLOCK_PLUGINS"):
        Subject.named(NAME)


def test_a_check_that_fails_can_be_excused_and_shows_the_reason(installed):
    install_conforming(installed, ("Toys and wishes", "acme-toys"), excused("manifest"))
    found = verdict("manifest")
    assert (found.status, found.fix) == ("excused", None)
    assert "Excused: Toys are known by their names alone" in str(found)
    assert "says no more than its name" in str(found)
    assert verdict("excuses").status == "passed"


def test_an_excuse_for_a_check_that_passes_is_a_failure(installed):
    install_conforming(installed, excused("manifest"))
    found = verdict("manifest")
    assert found.status == "failed"
    assert "excused all the same" in found.lines[0]


def test_an_excuse_for_no_check_is_a_failure(installed):
    install_conforming(installed, excused("manifst"))
    found = verdict("excuses")
    assert found.status == "failed"
    assert "Did you mean 'manifest'?" in found.lines[0]


def test_an_excuse_without_a_reason_is_refused_with_its_place(installed):
    install_conforming(
        installed, ("schema: 1\n", "schema: 1\nconformance: {excuses: {manifest: no}}\n")
    )
    assert "domain.yaml, line 2" in verdict("loads").lines[0]


def test_a_size_that_does_as_well_as_full_vectors_passes(installed):
    install_conforming(installed)
    found = verdict("default-dim", embedder=FakeEmbedder(dim=512))
    assert found.status == "passed"
    assert re.search(r"evaluation/find: [01]\.\d{3} at 64, 1\.000 at 512", found.lines[0])


def test_a_size_that_costs_more_than_is_allowed_fails_with_both_scores(installed):
    folder = install_conforming(installed, ("default_dim: 64", "default_dim: 32"))
    words = [f"word{number}" for number in range(240)]
    toys = [" ".join(words[place : place + 12]) for place in range(0, 240, 12)]
    for name, texts in (("corpus", toys), ("queries", words[::12])):
        rows = [json.dumps({"_id": str(place), "text": text}) for place, text in enumerate(texts)]
        (folder / "evaluation" / "find" / f"{name}.jsonl").write_text("\n".join(rows))
    judged = "".join(f"{place}\t{place}\t1\n" for place in range(len(toys)))
    (folder / "evaluation" / "find" / "qrels.tsv").write_text(
        f"query-id\tcorpus-id\tscore\n{judged}"
    )
    found = verdict("default-dim", embedder=FakeEmbedder(dim=1024))
    assert found.status == "failed"
    assert re.match(r"evaluation/find: 0\.\d{3} at 32, \d\.\d{3} at 1024", found.lines[0])


def test_a_model_without_shorter_vectors_measures_nothing(installed, rt):
    install_conforming(installed)
    found = verdict("default-dim", embedder=rt.embedder)
    assert found.status == "not run"
    assert "no MRL" in found.lines[0]


def test_names_of_checks_are_unique_and_in_the_form_of_excuses():
    assert len(BY_NAME) == len(CHECKS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in BY_NAME)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_is_on_the_page_with_its_explanation_and_fix(check):
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    assert f"| `{check.name}` | {check.explanation} | {check.fix} |" in page
