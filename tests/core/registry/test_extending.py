"""Packs that extend a domain: what they take over, and what they have to say they replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier.errors import PackError
from metier.registry.domain import Domain, Safety
from metier.registry.instruction import Instruction
from metier.registry.layers import with_packs
from metier.registry.registry import ProvidedDomain, Registry

TOYS = Domain(
    schema=1,
    domain="toys",
    title="Toys",
    default_dim=512,
    instructions=(
        Instruction(id="find", task="Find the toy in version one", kind="retrieval"),
        Instruction(id="find", version=2, task="Find the toy", kind="retrieval"),
        Instruction(
            id="sort", task="Sort toys by size", kind="clustering", aliases=("order", "pile")
        ),
    ),
    safety=Safety(intended_use="Playing.", not_for="Eating.", data_handling="Stays here."),
)
OURS = """\
schema: 1
domain: ours
title: Our toys
extends: toys
overrides: [find]
instructions:
  - {id: find, task: Find the toy that we sell, kind: retrieval}
  - {id: pile, task: Group toys by shelf, kind: clustering}
"""


@pytest.fixture
def registry(tmp_path: Path):
    """Read a pack on top of the toys."""

    def registry(*texts: str) -> Registry:
        paths = []
        for number, text in enumerate(texts):
            paths.append(tmp_path / f"pack{number}.yaml")
            paths[-1].write_text(text)
        return Registry(with_packs([ProvidedDomain(TOYS, "plugin", "metier-toys 1")], paths))

    return registry


def tasks(registry: Registry, domain: str) -> dict[str, str]:
    return {one.full_id: one.task for one in registry.list(domain)}


def test_a_pack_takes_over_what_it_does_not_replace(registry):
    made = registry(OURS)
    assert tasks(made, "ours") == {
        "ours/find@1": "Find the toy that we sell",
        "ours/pile@1": "Group toys by shelf",
        "ours/sort@1": "Sort toys by size",
    }
    assert tasks(made, "toys")["toys/find@2"] == "Find the toy"
    assert made.get("ours/sort").digest == made.get("toys/sort").digest
    assert made.default_dim("ours") == 512
    assert made.domains["ours"].safety == TOYS.safety


def test_a_replaced_instruction_is_gone_in_all_its_versions(registry):
    assert "ours/find@2" not in registry(OURS)
    assert "toys/find@2" in registry(OURS)


def test_the_packs_own_name_wins_over_an_inherited_alias(registry):
    made = registry(OURS)
    assert made.get("ours/pile").task == "Group toys by shelf"
    assert made.get("ours/order").task == "Sort toys by size"
    assert made.get("toys/pile").task == "Sort toys by size"


def test_a_pack_may_say_more_than_it_takes_over(registry):
    made = registry(OURS.replace("extends:", "default_dim: 64\nextends:"))
    assert made.default_dim("ours") == 64
    assert made.default_dim("toys") == 512


def test_a_pack_may_refine_the_domain_whose_name_it_has(registry):
    made = registry(OURS.replace("domain: ours", "domain: toys").replace("id: pile", "id: heap"))
    assert made.get("toys/find").task == "Find the toy that we sell"
    assert made.get("toys/find@2").task == "Find the toy"
    assert made.get("toys/sort").task == "Sort toys by size"


def test_a_pack_extends_what_an_earlier_pack_brings(registry):
    third = "schema: 1\ndomain: third\ntitle: Third\nextends: ours\n"
    assert tasks(registry(OURS, third), "third")["third/find@1"] == "Find the toy that we sell"
    with pytest.raises(PackError, match="nothing brings the domain 'ours'"):
        registry(third, OURS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "overrides: [find]",
            "overrides: []",
            "pack0.yaml, line 7, column 6: toys/find is there already, and 'overrides' does not",
        ),
        (
            "overrides: [find]",
            "overrides: [fnd]",
            "pack0.yaml, line 5, column 13: 'toys' has no instruction 'fnd'. Did you mean 'find'?",
        ),
        (
            "overrides: [find]",
            "overrides: [find, sort]",
            "pack0.yaml, line 5, column 19: the pack has no instruction 'sort' to replace it with",
        ),
        (
            "extends: toys",
            "extends: tois",
            "pack0.yaml, line 4, column 1: nothing brings the domain 'tois'. Did you mean 'toys'?",
        ),
        ("extends: toys\n", "", "pack0.yaml, line 4, column 1: 'overrides' without 'extends'"),
        ("overrides: [find]", "overrides: find", "line 5, column 1: overrides: Input should be"),
    ],
)
def test_a_mistake_is_pointed_at(registry, old, new, said):
    assert old in OURS
    with pytest.raises(PackError) as refused:
        registry(OURS.replace(old, new))
    assert said in str(refused.value)
