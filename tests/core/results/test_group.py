"""Several results as one."""

from __future__ import annotations

import json

import pytest
from tests.core.results.test_result import Toys, rendered

from metier.errors import PluginError, UsageError
from metier.plugin import Runtime, workflow
from metier.results.group import ResultGroup

GROUP = ResultGroup(parts={"old": Toys(toys=("bear", "train")), "new": Toys(toys=("ship",))})


def test_rows_say_which_part_they_are_of():
    assert [(row["part"], row["toy"]) for row in GROUP.rows()] == [
        ("old", "bear"), ("old", "train"), ("new", "ship"),
    ]  # fmt: skip


def test_every_part_is_shown_under_its_name(tmp_path):
    said = rendered(GROUP)
    assert "old: The [toys]" in said
    assert "new: The [toys]" in said
    (path,) = GROUP.save(tmp_path / "a.html")
    assert "old: The [toys]" in path.read_text()


def test_json_holds_the_fields_of_each_part():
    parts = json.loads(GROUP.to_json())["parts"]
    assert parts["new"]["toys"] == ["ship"]


@pytest.mark.parametrize(
    ("returned", "names"),
    [
        ([Toys(), Toys()], ["1", "2"]),
        ((Toys(),), ["1"]),
        ({"a": Toys(), "b": Toys()}, ["a", "b"]),
    ],
)
def test_a_workflow_may_return_a_list_or_a_mapping_of_results(rt, returned, names):
    @workflow("core/several")
    def several(rt: Runtime):
        return returned

    result = several(rt)
    assert list(result.parts) == names
    assert result.record.workflow == "core/several"


@pytest.mark.parametrize("returned", [[], {}, ["text"], {"a": 1}, "text", None])
def test_a_workflow_that_returns_something_else_is_refused(rt, returned):
    @workflow("core/several")
    def several(rt: Runtime):
        return returned

    with pytest.raises(PluginError, match=r"not a Result|without any Result"):
        several(rt)


def test_a_group_is_not_read_back_and_says_what_is():
    with pytest.raises(UsageError, match="The part 'old' of a ResultGroup is of type dict") as said:
        ResultGroup.model_validate_json(GROUP.to_json())
    assert "with its own class" in str(said.value)
    parts = json.loads(GROUP.to_json())["parts"]
    assert Toys.model_validate(parts["new"]) == GROUP.parts["new"]
