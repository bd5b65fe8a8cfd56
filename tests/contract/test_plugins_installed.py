"""What the four plugins of this repository ship: domains, instructions and workflows."""

from __future__ import annotations

import inspect
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from tests.contract.pages import ROOT

from metier import Result, Runtime
from metier.plugins.discovery import discover
from metier.registry.pack import load_domain
from metier.workflows.parameter import REQUIRED

SHIPPED = {
    "finance": ["delinquency-risk", "geopolitical-risk", "fraud-signals", "filings-search"],
    "healthcare": ["note-grouping", "literature-search", "trial-matching"],
    "code": ["function-search", "code-to-code", "bug-report-to-code"],
    "legal": [
        "clause-search",
        "force-majeure",
        "indemnity",
        "termination",
        "contract-qa",
        "clause-classification",
    ],
}
SNAPSHOT = Path(__file__).with_name("instructions.json")
VERBS = ("Identify", "Classify", "Retrieve", "Group", "Find", "Score", "Rank", "Given")


@pytest.fixture(scope="module")
def rt() -> Runtime:
    return Runtime(model="embedded", plugins=list(SHIPPED))


def shipped_instructions():
    return Runtime(model="embedded", plugins=list(SHIPPED)).instructions.list()


def shipped_workflows():
    return sorted(Runtime(model="embedded", plugins=list(SHIPPED)).workflows)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_plugin_is_active_and_declares_its_domain(name):
    plugin = next(one for one in discover() if one.name == name)
    assert (plugin.status, plugin.reason) == ("active", "")
    assert plugin.domain == load_domain(ROOT / f"plugins/{name}/metier_{name}/domain.yaml")
    assert plugin.domain.domain == name


@pytest.mark.parametrize(
    "name", [f"{domain}/{name}" for domain, names in SHIPPED.items() for name in names]
)
def test_an_instruction_people_rely_on_is_there(rt, name):
    assert rt.instructions.get(name).full_id.startswith(f"{name}@")


def test_notes_are_grouped_with_short_vectors(rt):
    assert rt.instructions.get("healthcare/note-grouping").dim == 256


def test_domains_that_judge_people_say_what_they_are_not_for(rt):
    for name in ("finance", "healthcare", "legal"):
        assert rt.domains[name].safety is not None


@pytest.mark.parametrize("one", shipped_instructions(), ids=lambda one: one.full_id)
def test_a_task_is_one_imperative_sentence_without_a_full_stop(one):
    assert one.task.startswith(VERBS), f"begins with none of {VERBS}"
    if one.task.startswith("Given"):
        assert re.search(r", (retrieve|identify|find|classify) ", one.task)
    assert not re.search(r"[.!?:;]", one.task), "one sentence, without its full stop"
    assert one.task.isascii()
    assert one.task == " ".join(one.task.split())


def test_every_alias_means_its_instruction(rt):
    for one in rt.instructions.list():
        for alias in one.aliases:
            assert rt.instructions.get(f"{one.domain}/{alias}") == one


@pytest.mark.parametrize("name", shipped_workflows())
def test_a_workflow_is_typed_and_described(rt, name):
    workflow, spec = rt.plugins.load_workflow(name), rt.workflows[name]
    for parameter in workflow.parameters:
        assert parameter.description.endswith("."), f"{parameter.name}: a sentence"
    assert workflow.result_types
    assert Result not in workflow.result_types
    assert workflow.summary.rstrip(".") == spec.summary.rstrip(".")
    assert workflow.instruction is None or workflow.instruction in rt.instructions
    assert inspect.getdoc(workflow)


@pytest.mark.parametrize("name", [name for name in shipped_workflows() if name[:5] != "core/"])
def test_a_workflow_can_be_shown_on_samples_of_its_package(rt, name):
    workflow, spec = rt.plugins.load_workflow(name), rt.workflows[name]
    package = files(spec.call.partition(".")[0])
    parameters = {one.name: one for one in workflow.parameters}
    required = {one.name for one in workflow.parameters if one.default is REQUIRED}
    assert required <= set(spec.demo) <= set(parameters)
    for key, text in spec.demo.items():
        if parameters[key].is_input or parameters[key].type is Path:
            assert Path(str(package / text)).exists()


def test_a_changed_instruction_has_a_new_version():
    """Vectors are made with a text: `id@version` must mean the same text for ever.

    tests/contract/instructions.json holds every version ever shipped. Add to it, change nothing.
    """
    recorded = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    current = {one.full_id: one.digest for one in shipped_instructions()}
    changed = [name for name in current if recorded.get(name, current[name]) != current[name]]
    assert changed == [], "raise the version: the text, kind, sides or dim of these changed"
    new = {name: digest for name, digest in current.items() if name not in recorded}
    assert new == {}, f"add to {SNAPSHOT.name}"
    names = {name.partition("@")[0] for name in current}
    gone = [name for name in recorded if name.partition("@")[0] not in names]
    assert gone == [], "an instruction people may use was removed; keep an alias"


def test_the_record_of_instructions_is_sorted():
    recorded = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert list(recorded) == sorted(recorded)
