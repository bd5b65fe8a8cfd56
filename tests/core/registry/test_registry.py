"""The registry: layers, versions, aliases, bare names, and what is unknown."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from metier.errors import (
    DimError,
    MetierError,
    MetierWarning,
    PluginError,
    UnknownNameError,
    UsageError,
)
from metier.registry.domain import Domain
from metier.registry.ids import LAST_VERSION, Alias, InstructionId, parse_instruction_id
from metier.registry.instruction import Instruction
from metier.registry.registry import LAYERS, ProvidedDomain, Registry
from metier.testing import FakeEmbedder

names = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)


def instruction(
    id: str, version: int = 1, *, task: str = "", aliases: tuple[str | Alias, ...] = (), **rest
):
    text = task or f"Find what {id} says in version {version}"
    return Instruction(id=id, version=version, task=text, kind="retrieval", aliases=aliases, **rest)


def domain(name: str, *instructions: Instruction, dim: int | None = None) -> Domain:
    return Domain(
        schema=1, domain=name, title=f"Domain {name}", default_dim=dim, instructions=instructions
    )


def provided(layer, made: Domain, origin: str = "") -> ProvidedDomain:
    return ProvidedDomain(made, layer, origin or f"from {layer}")


@given(names, names, st.integers(1, 999_999_999))
def test_an_id_is_read_whole_or_with_parts_left_out(domain, name, version):
    assert parse_instruction_id(f"{domain}/{name}@{version}") == (domain, name, version)
    assert parse_instruction_id(f"{domain}/{name}") == (domain, name, None)
    assert parse_instruction_id(f"{name}@{version}") == InstructionId(None, name, version)
    assert parse_instruction_id(name) == (None, name, None)


@pytest.mark.parametrize(
    "text", ["", "a b", "a/b/c", "/a", "a/", "a@", "a@0", "a@01", "a@x", "a@1@2", "a\n", "a/b@1\n",
             "@1", "a@" + "9" * 5000, "a@\u0661", "a@latest", "a@-1", None, 5, b"a"],
)  # fmt: skip
def test_what_has_no_form_of_an_id_is_refused(text):
    with pytest.raises(UsageError, match="is not an instruction id"):
        parse_instruction_id(text)


def test_the_strongest_layer_wins_whatever_order_layers_come_in():
    for order in (LAYERS, LAYERS[::-1]):
        registry = Registry(
            provided(layer, domain("toys", instruction("find", task=f"Find it for {layer}")))
            for layer in order
        )
        found = registry.resolve("toys/find")
        assert found.winner.layer == "argument"
        assert [one.layer for one in found.considered] == list(LAYERS[::-1])
        assert found.reason == "the strongest layer that defines it (argument)"


def test_a_stronger_layer_wins_over_a_newer_version():
    registry = Registry(
        [
            provided("plugin", domain("toys", instruction("find", 3))),
            provided("user", domain("toys", instruction("find", 1))),
        ]
    )
    assert registry.get("toys/find").version == 1
    assert registry.get("toys/find@3").version == 3


def test_in_a_layer_the_newest_version_wins():
    registry = Registry([provided("plugin", domain("t", instruction("a", 1), instruction("a", 2)))])
    found = registry.resolve("t/a")
    assert found.instruction.version == 2
    assert found.reason == "the newest version in the strongest layer (plugin)"
    assert registry.resolve("t/a@1").reason == "the only definition of version 1"


def test_of_packs_the_first_given_to_the_registry_wins():
    packs = [domain("t", instruction("a", task=f"The task of pack {n}")) for n in (1, 2)]
    registry = Registry(
        provided("argument", pack, f"{n}.yaml") for n, pack in zip((1, 2), packs, strict=True)
    )
    found = registry.resolve("t/a")
    assert found.winner.origin == "1.yaml"
    assert found.reason == "the last of the packs that define it"


def test_the_only_definition_says_so():
    registry = Registry([provided("plugin", domain("t", instruction("a")))])
    assert registry.resolve("t/a").reason == "the only definition"


def test_two_plugins_with_the_same_instruction_are_refused_by_name():
    with pytest.raises(PluginError, match=r"t/a@1 is defined twice: by one 1\.0 and by two 2\.0"):
        Registry(
            [
                provided("plugin", domain("t", instruction("a")), "one 1.0"),
                provided("plugin", domain("t", instruction("a")), "two 2.0"),
            ]
        )


def test_an_alias_means_its_instruction_in_its_domain():
    registry = Registry([provided("plugin", domain("t", instruction("find", aliases=("seek",))))])
    assert registry.get("t/seek") is registry.get("t/find")
    assert registry.get("seek@1") is registry.get("t/find")
    with pytest.raises(UnknownNameError):
        registry.get("other/seek")


@pytest.mark.parametrize(("of_alias", "of_name"), [("plugin", "user"), ("user", "plugin")])
def test_a_name_of_its_own_wins_over_an_alias_of_any_layer(of_alias, of_name):
    registry = Registry(
        [
            provided(of_alias, domain("t", instruction("find", aliases=("seek",)))),
            provided(of_name, domain("t", instruction("seek", task="The task of seek itself"))),
        ]
    )
    assert registry.get("t/seek").task == "The task of seek itself"


def out_of_use(status: str, note: str = "") -> Registry:
    alias = Alias(name="seek", status=status, note=note)
    return Registry([provided("plugin", domain("t", instruction("find", aliases=(alias,))))])


def test_a_deprecated_name_works_and_warns_once_where_the_caller_stands():
    registry = out_of_use("deprecated", "It says too little.")
    with pytest.warns(MetierWarning) as warned:
        assert registry.get("t/seek").id == "find"
    (one,) = warned
    assert str(one.message) == "'t/seek' is deprecated: use 't/find'. It says too little."
    assert one.filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert registry.get("seek").id == "find"
        assert "t/seek" in out_of_use("deprecated")


def test_two_registries_warn_each_for_itself():
    for registry in (out_of_use("deprecated"), out_of_use("deprecated")):
        with pytest.warns(MetierWarning, match="'t/seek' is deprecated"):
            registry.resolve("t/seek")


def test_a_retired_name_is_an_error_that_says_what_to_use():
    registry = out_of_use("retired", "It meant two things.")
    with pytest.raises(UsageError) as refused:
        registry.get("t/seek@1")
    assert str(refused.value) == (
        "The instruction name 't/seek@1' is retired.\nIt meant two things.\nUse 't/find'."
    )
    assert "t/seek" not in registry
    assert "t/find" in registry


def test_the_newest_version_says_what_becomes_of_an_alias():
    old = instruction("find", 1, aliases=("seek",))
    new = instruction("find", 2, aliases=(Alias(name="seek", status="retired"),))
    for versions in ((old, new), (new, old)):
        registry = Registry([provided("plugin", domain("t", *versions))])
        with pytest.raises(UsageError, match="retired"):
            registry.get("t/seek")


def test_an_instruction_resolves_to_itself_above_all_layers():
    registry = Registry([provided("plugin", domain("t", instruction("find"), dim=64))])
    own = registry.get("t/find").model_copy(update={"task": "Find it for this call"})
    found = registry.resolve(own)
    assert found.instruction is own
    assert (found.winner.layer, found.reason) == ("argument", "given in the call")
    assert found.default_dim == 64


def test_definitions_are_every_version_as_the_strongest_layer_has_it():
    registry = Registry(
        [
            provided("plugin", domain("t", instruction("a", 1), instruction("a", 2))),
            provided("user", domain("t", instruction("a", 1, task="The task of the user"))),
            provided("user", domain("u", instruction("b"))),
        ]
    )
    found = {one.full_id: one.task for one in registry.definitions("t")}
    assert found == {"t/a@1": "The task of the user", "t/a@2": "Find what a says in version 2"}


def test_a_bare_name_that_one_domain_has_is_enough():
    registry = Registry(
        [provided("plugin", domain("t", instruction("a"))), provided("user", domain("u"))]
    )
    assert registry.get("a").full_id == "t/a@1"


def test_a_bare_name_that_two_domains_have_is_refused_with_both():
    registry = Registry(
        [
            provided("plugin", domain("t", instruction("a"))),
            provided("plugin", domain("u", instruction("b", aliases=("a",)))),
        ]
    )
    with pytest.raises(UsageError, match=r"could be one of several instructions: t/a, u/b"):
        registry.get("a")
    assert "a" not in registry
    assert "t/a" in registry


def test_an_unknown_name_is_refused_with_close_ones():
    registry = Registry([provided("plugin", domain("toys", instruction("find-toy")))])
    for name in ("toys/find-tyo", "toyz/find-toy", "find-tyo", "toys/find-tyo@1"):
        with pytest.raises(UnknownNameError, match="Did you mean 'toys/find-toy'"):
            registry.get(name)
    with pytest.raises(UnknownNameError, match="Did you mean 'toys/find-toy@1'"):
        registry.get("toys/find-toy@7")
    with pytest.raises(UnknownNameError, match="plugin or pack"):
        Registry([]).get("toys/find-toy")


def test_asking_changes_nothing():
    registry = Registry([provided("plugin", domain("t", instruction("a")))])
    for name in ("t/b", "u/a", "b"):
        assert name not in registry
    assert len(registry) == len(list(registry)) == 1
    assert registry.origin(instruction("zzz")) is None


def test_the_list_has_each_instruction_once_as_a_bare_id_means_it():
    registry = Registry(
        [
            provided("plugin", domain("b", instruction("x", 1), instruction("x", 2))),
            provided("argument", domain("b", instruction("x", 1, task="The task of the pack"))),
            provided("plugin", domain("a", instruction("y"))),
        ]
    )
    assert [one.full_id for one in registry.list()] == ["a/y@1", "b/x@1"]
    assert [one.full_id for one in registry.list("b")] == ["b/x@1"]
    assert registry.list("b")[0].task == "The task of the pack"
    assert registry.list(kind="clustering") == []
    with pytest.raises(UnknownNameError, match="no domain 'c'"):
        registry.list("c")


def test_the_default_dim_is_that_of_the_strongest_layer_that_names_one():
    registry = Registry(
        [
            provided("plugin", domain("t", dim=512)),
            provided("user", domain("t", dim=64)),
            provided("argument", domain("t")),
        ]
    )
    assert registry.default_dim("t") == 64
    assert registry.default_dim("u") is None


def test_a_plan_takes_the_size_of_the_call_the_instruction_or_the_domain():
    small = instruction("small", dim=64)
    registry = Registry([provided("plugin", domain("t", small, instruction("plain"), dim=128))])
    profile = FakeEmbedder(dim=256).profile

    def dim(name: str | None, size: int | None = None, of_domain: str | None = None) -> int:
        return registry.plan(name, size, profile, domain=of_domain).dim

    assert [dim("t/small", 32), dim("t/small"), dim("t/plain"), dim(None)] == [32, 64, 128, 256]
    assert (dim(None, of_domain="t"), dim(small)) == (128, 64)
    plan = registry.plan("t/small", None, profile)
    assert (plan.instruction, plan.size.source) == (registry.get("t/small"), "instruction")
    with pytest.raises(UnknownNameError, match="Did you mean 't/small'"):
        registry.plan("t/samll", None, profile)
    with pytest.raises(DimError, match="dim=257"):
        registry.plan(None, 257, profile)


def test_a_pack_takes_over_no_domain_that_a_plugin_brings():
    registry = Registry(
        [
            provided("plugin", domain("t", dim=512)),
            provided("argument", domain("t", dim=64)),
            provided("argument", domain("u")),
        ]
    )
    assert list(registry.domains) == ["t", "u"]
    assert registry.domains["t"].default_dim == 512
    with pytest.raises(TypeError):
        registry.domains["v"] = domain("v")


def test_an_instruction_knows_its_digest_by_what_changes_vectors():
    one = instruction("a", task="Find the thing")
    same = instruction("b", 7, task="Find the thing", aliases=("c",))
    assert one.digest == same.digest
    assert len(one.digest) == 16
    for change in ({"task": "Find the things"}, {"sides": "both"}, {"dim": 64}):
        assert one.model_copy(update=change).digest != one.digest


def test_an_instruction_made_in_code_has_an_id_without_a_domain():
    assert instruction("a").full_id == "a@1"
    assert domain("t", instruction("a")).instructions[0].full_id == "t/a@1"


@pytest.mark.parametrize("sides", ["query", "both"])
def test_only_instructions_for_both_sides_reach_documents(sides):
    one = instruction("a", sides=sides)
    assert one.task_for("query") == one.task
    assert one.task_for("document") == (one.task if sides == "both" else None)


def test_the_schema_of_a_pack_can_be_published():
    schema = Domain.model_json_schema()
    assert schema["required"] == ["schema", "domain", "title"]
    for model in (schema, *schema["$defs"].values()):
        assert all("description" in field for field in model["properties"].values())


def test_every_version_that_a_file_may_have_can_be_asked_for():
    largest = {"id": "find", "task": "Find the toy", "kind": "retrieval", "version": LAST_VERSION}
    one = Instruction.model_validate(largest)
    assert parse_instruction_id(one.full_id).version == LAST_VERSION
    with pytest.raises(ValidationError, match="less than or equal to 999999999"):
        Instruction.model_validate(largest | {"version": LAST_VERSION + 1})


@pytest.mark.parametrize(
    "task",
    [
        "Identify loan applications with missed payments",
        "Find cats/dogs in reports",
        "  Find e-mail addresses like a@b in a text ",
        "Sammle alle Risiken",
    ],
)
def test_a_task_in_words_is_an_ad_hoc_instruction(task):
    resolved = Registry([]).resolve(task)

    assert resolved.instruction.task == task.strip()
    assert resolved.instruction.full_id == "ad-hoc@1"
    assert resolved.instruction.digest == Instruction(id="x-y", task=task, kind="retrieval").digest
    assert (resolved.winner.layer, resolved.winner.origin) == ("argument", "task in words")


@pytest.mark.parametrize(
    "text",
    [
        "finance / delinquency-risk",
        "finance/delinquency risk score",
        "delinquency risk",
        "delinquency-risk @ 1",
        "",
        "   ",
        "Find",
    ],
)
def test_a_text_that_may_be_meant_as_an_id_is_no_task(text):
    with pytest.raises(MetierError, match=r"(?s)instruction.*(metier\.Instruction|list)"):
        Registry([]).resolve(text)


@pytest.mark.parametrize("task", ["Find the risks " * 60, "Find the risks\nand the chances"])
def test_a_task_in_words_that_breaks_the_template_is_refused(task):
    with pytest.raises(UsageError, match="given in words"):
        Registry([]).resolve(task)
