"""Data that people write in code is checked as in files, with errors of metier."""

from __future__ import annotations

import pickle

import pytest

from metier import (
    Alias,
    Aspect,
    Conformance,
    Domain,
    EvaluationSet,
    Instruction,
    RetrievalSettings,
    Safety,
    WorkflowSpec,
)
from metier.errors import PackError, ParameterError
from metier.plugin import Risk, Taxonomy
from metier.registry.pack import load_pack


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RetrievalSettings(dens=1), "unknown key 'dens'. Did you mean 'dense'?"),
        (lambda: RetrievalSettings(dense="much"), "dense: Input should be a valid number"),
        (lambda: RetrievalSettings(dense=0, lexical=0), "dense and lexical are both 0"),
        (lambda: Aspect(asked=("price", "x"), words="the price"), "entry 2 of asked: String"),
        (lambda: Instruction(id="find", kind="retrieval"), "task is missing."),
        (lambda: Instruction(id="a/b", task="Find toys", kind="retrieval"), "id: String should"),
        (lambda: Domain(schema=1, domain="toys", title="Toys", titel="x"), "Did you mean 'title'?"),
        (lambda: Safety(use="x"), "unknown key 'use'. Known: intended_use, not_for, data_handling"),
        (lambda: EvaluationSet(folder="x"), "instruction is missing."),
        (lambda: WorkflowSpec(id="run", call="a:b"), "summary is missing."),
        (
            lambda: Conformance(excuses={"Bad": "it is only a test"}),
            "excuses.Bad: String should",
        ),
        (lambda: Alias(nam="x"), "unknown key 'nam'. Did you mean 'name'?"),
        (lambda: Risk(id="loss"), "signs is missing."),
        (lambda: Taxonomy(risks=(), neutral=()), "risks: Tuple should have at least 1 item"),
    ],
)
def test_what_cannot_be_made_says_what_is_wrong_with_which_key(make, message):
    with pytest.raises(ParameterError) as refused:
        make()
    assert message in refused.value.why
    assert "pydantic" not in str(refused.value)


def test_what_is_made_in_code_is_checked_and_copied_as_before():
    settings = RetrievalSettings(dense=1, lexical=0.25)
    assert RetrievalSettings.model_validate_json(settings.model_dump_json()) == settings
    assert pickle.loads(pickle.dumps(settings)) == settings  # its own pickle
    domain = Domain.model_validate_json(
        '{"schema": 1, "domain": "toys", "title": "Toys", "retrieval": {"lexical": 0.25}}'
    )
    assert domain.retrieval == settings


def test_the_mistakes_of_a_pack_are_listed_by_line_and_name_their_keys(tmp_path):
    pack = tmp_path / "toys.yaml"
    pack.write_text(
        "schema: 1\n"
        "domian: toys\n"
        "title: T\n"
        "instructions:\n"
        "  - {id: find, task: Find the toy that fits, kind: retrieval}\n"
        "  - id: sort\n"
        "    kind: shelving\n"
        "    dim: 4\n"
        "retrieval: {dense: -1}\n"
    )
    with pytest.raises(PackError) as refused:
        load_pack(pack)
    lines = [problem.position.line for problem in refused.value.problems]
    assert lines == sorted(lines)
    reports = [problem.what for problem in refused.value.problems]
    assert "task is missing." in reports
    assert any(report.startswith("kind: Input should be") for report in reports)
    assert any(
        report.startswith("unknown key 'domian'. Did you mean 'domain'") for report in reports
    )
    assert not any("instructions.1" in report for report in reports)
