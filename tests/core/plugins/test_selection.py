"""Which plugins may be active: the call before the environment before the project; blocks add."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier.datafiles.project_file import ProjectFile
from metier.errors import UsageError
from metier.plugins.selection import choose_plugins, is_strict

PROJECT = ProjectFile(Path("metier.toml"), allow=("legal",), block=("code",), strict=True)
NOTHING = ProjectFile()


def refused(selection, *names: str) -> list[str]:
    return [name for name in names if selection.refusal([name])]


def test_all_may_be_active_where_nobody_says_anything():
    chosen = choose_plugins(environment={}, project=NOTHING)
    assert refused(chosen, "a", "b") == []


def test_the_call_comes_before_the_environment_and_that_before_the_project():
    environment = {"METIER_PLUGINS": "finance, legal"}
    names = ("finance", "legal", "healthcare")
    by_project = choose_plugins(environment={}, project=PROJECT)
    assert refused(by_project, *names) == ["finance", "healthcare"]
    by_environment = choose_plugins(environment=environment, project=PROJECT)
    assert refused(by_environment, *names) == ["healthcare"]
    by_call = choose_plugins(["healthcare"], environment=environment, project=PROJECT)
    assert refused(by_call, *names) == ["finance", "legal"]


@pytest.mark.parametrize(("said", "out"), [("all", []), ("none", ["finance", "legal"])])
def test_the_environment_may_say_all_and_none(said, out):
    chosen = choose_plugins(environment={"METIER_PLUGINS": said}, project=PROJECT)
    assert refused(chosen, "finance", "legal") == out


def test_what_anybody_blocks_is_blocked_even_if_it_is_named():
    environment = {"METIER_BLOCK_PLUGINS": "legal"}
    names = ["finance", "legal", "code", "healthcare"]
    chosen = choose_plugins(names, ["finance"], environment=environment, project=PROJECT)
    assert refused(chosen, *names) == ["finance", "legal", "code"]


def test_the_reason_says_which_list_and_where_it_is():
    environment = {"METIER_BLOCK_PLUGINS": "legal", "METIER_PLUGINS": "legal"}
    chosen = choose_plugins(environment=environment, project=PROJECT)
    assert chosen.refusal(["legal"]) == "'legal' is blocked by METIER_BLOCK_PLUGINS"
    assert chosen.refusal(["code", "metier-code"]) == "'code' is blocked by 'block' in metier.toml"
    assert chosen.refusal(["x"]) == "not among the plugins allowed by METIER_PLUGINS"
    chosen = choose_plugins(environment={}, project=PROJECT)
    assert chosen.refusal(["x"]) == "not among the plugins allowed by 'allow' in metier.toml"
    chosen = choose_plugins([], environment={}, project=PROJECT)
    assert chosen.refusal(["x"]) == "no plugin is allowed by plugins=[...]"


def test_one_name_is_no_list_of_names():
    with pytest.raises(UsageError, match=r"Write block_plugins=\['legal'\]"):
        choose_plugins(block="legal", environment={}, project=NOTHING)


def test_strict_is_said_by_the_call_else_the_environment_else_the_project():
    assert not is_strict(environment={}, project=NOTHING)
    assert is_strict(environment={}, project=PROJECT)
    assert not is_strict(environment={"METIER_STRICT": "0"}, project=PROJECT)
    assert is_strict(environment={"METIER_STRICT": "1"}, project=NOTHING)
    assert not is_strict(False, environment={"METIER_STRICT": "1"}, project=PROJECT)
    with pytest.raises(UsageError, match="METIER_STRICT='yes' is neither 0 nor 1"):
        is_strict(environment={"METIER_STRICT": "yes"}, project=NOTHING)


def test_names_are_compared_as_those_of_distributions_are():
    chosen = choose_plugins(["Metier_Legal"], ["metier.code"], environment={}, project=NOTHING)
    assert chosen.refusal(["metier-legal"]) == ""
    assert chosen.refusal(["metier-code"]) == "'metier.code' is blocked by block_plugins=[...]"


def test_a_list_that_is_there_and_empty_allows_none():
    empty = ProjectFile(Path("metier.toml"), allow=())
    assert refused(choose_plugins(environment={}, project=empty), "legal") == ["legal"]


@pytest.mark.parametrize("variable", ["METIER_PLUGINS", "METIER_BLOCK_PLUGINS"])
@pytest.mark.parametrize("word", ["all", "None"])
def test_all_and_none_are_no_names_of_plugins(variable, word):
    with pytest.raises(UsageError, match=f"{variable} names '{word.lower()}'"):
        choose_plugins(environment={variable: f"{word},legal"}, project=NOTHING)


def test_a_name_that_nobody_has_is_doubted_where_it_looks_like_one_that_somebody_has():
    known = ["legal", "metier-legal", "finance", "metier-finance"]
    environment = {"METIER_BLOCK_PLUGINS": "metier-leagl, Finance, another-trade"}
    (doubt,) = choose_plugins(environment=environment, project=NOTHING).doubts(known)
    assert doubt == (
        "No plugin is called 'metier-leagl', which METIER_BLOCK_PLUGINS names. Did you mean "
        "'metier-legal'?"
    )
