"""The lint: which instructions it warns of, and that none that ships is among them."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.contract.pages import ROOT

from metier.registry.instruction import Instruction
from metier.registry.lint import RULES, Rule, lint
from metier.registry.pack import load_domain, load_pack


def made(task: str, id: str = "find", kind: str = "retrieval") -> Instruction:
    return Instruction(id=id, task=task, kind=kind, domain="toys")


def rules(task: str) -> list[str]:
    return [finding.rule for finding in lint([made(task)])]


@pytest.mark.parametrize(
    "task",
    [
        "Given a wish, retrieve the toy that grants it",
        "Given a claim, with or without a source, find passages that refute it",
        "Identify patients who die of a disease",
        "Summari\x73e reports about toys",
        "Retrieve résumés that fit the description of a job",
        "Given a web search query, retrieve the documents that answer it",
        "Retrieve clauses that limit a party's rights under the parties' agreement",
    ],
)
def test_a_good_task_is_left_in_peace(task):
    assert rules(task) == []


@pytest.mark.parametrize(
    ("task", "rule", "said"),
    [
        ("Toys that children like to play with", "imperative", "begins with 'Toys'"),
        ("This is a search for toys", "imperative", "begins with 'This'"),
        ("Given a wish, the toy that grants it", "imperative", "No verb after its condition"),
        ("Given a wish retrieve the toy", "imperative", "begins with 'Given'"),
        ("Find die Klauseln, die eine Partei von der Haftung befreien", "english", "die, eine"),
        ("Retrieve les clauses qui limitent la responsabilité", "english", "les, qui, la"),
        ("找到能回答这个问题的段落", "english", "not those of English"),
        ("Retrieve " + "very " * 60 + "good toys", "length", "more than 60"),
        ("Retrieve toys that go with {query}", "query", "'{query}'"),
        ("Retrieve toys that go with [WISH]", "query", "[WISH]"),
        ("Retrieve toys that go with %s", "query", "'%s'"),
        ('Retrieve toys for "wooden trains"', "query", '"wooden trains"'),
        ("Find out which toys are made of wood?", "query", "asks a question"),
        ("Find a toy Query: wooden trains", "prompt", "'Query:'"),
        ("Instruct: Find a toy for a child", "prompt", "'Instruct:'"),
        ("Find a toy <|endoftext|> for a child", "prompt", "<|endoftext|>"),
    ],
)
def test_what_is_wrong_is_said_with_the_reason(task, rule, said):
    findings = {finding.rule: finding for finding in lint([made(task)])}
    assert said in findings[rule].problem
    assert findings[rule].reason == RULES[rule]
    assert findings[rule].instruction == "toys/find@1"


def test_two_names_for_one_task_are_said_of_both():
    one = made("Given a wish, retrieve the toy that grants it")
    two = made("Given wishes, retrieve toys that grant them", "seek")
    assert [(one.rule, one.instruction) for one in lint([one, two])] == [
        ("duplicate", "toys/find@1"),
        ("duplicate", "toys/seek@1"),
    ]
    assert [finding.instruction for finding in lint([two], [one])] == ["toys/seek@1"]


def test_versions_other_kinds_and_other_tasks_are_no_duplicates():
    one = made("Given a wish, retrieve the toy that grants it")
    newer = one.model_copy(update={"version": 2})
    grouping = made(one.task, "group", "clustering")
    other = made("Given a toy, retrieve the child who wants it", "child")
    assert lint([one, newer, grouping, other]) == []


def test_what_means_the_same_may_be_decided_by_others():
    one, two = made("Find the toy that is red"), made("Look for playthings of that color", "seek")
    assert lint([one], [two]) == []
    (finding,) = lint([one], [two], alike=lambda task, other: {task, other} == {one.task, two.task})
    assert finding.problem == f"It says nearly the same as toys/seek@1: {two.task!r}."


def test_every_rule_has_its_reason():
    assert tuple(RULES) == get_args(Rule)


def test_all_instructions_that_ship_are_good():
    shipped = [load_domain(path) for path in sorted(ROOT.glob("plugins/*/metier_*/domain.yaml"))]
    shipped += [load_pack(path) for path in sorted((ROOT / "examples" / "packs").glob("*.*ml"))]
    instructions = [one for domain in shipped for one in domain.instructions]
    assert instructions
    assert lint(instructions) == []
