"""The @workflow contract: one signature, checked; one record, with no texts in it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from metier import Documents, Result, Runtime, Table, Texts, workflow
from metier.errors import InputError, MetierWarning, ParameterError, PluginError
from metier.registry.instruction import Instruction
from metier.workflows.parameter import REQUIRED

SECRET = "The borrower never paid the loan"


class Wood(Enum):
    OAK = "oak wood"


class Box(BaseModel):
    label: str


class Words(Result):
    words: tuple[str, ...] = ()

    def headline(self):
        return f"{len(self.words)} words"

    def tables(self):
        return [Table("", ("word",), [(word,) for word in self.words])]

    def rows(self):
        return [{"word": word} for word in self.words]


@workflow("toys/words", instruction="toys/find")
def words(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to read.")],
    query: str,
    *,
    top_k: Annotated[int, Field(ge=1, le=9, description="How many.")] = 3,
    unit: Literal["word", "line"] = "word",
    others: Documents | None = None,
    folder: Path | None = None,
    labels: list[str] = [],  # noqa: B006
    wood: Wood = Wood.OAK,
    box: Box | None = None,
) -> Words:
    """Find the words of texts.

    More about it.
    """
    rt.embed_documents(texts)
    return Words(words=tuple(texts.strings[:top_k]))


@pytest.fixture
def bare() -> Runtime:
    """A Runtime without plugins whose model is never loaded."""
    return Runtime("embedded", plugins=[], progress=False)


def test_a_workflow_says_what_it_is():
    assert (words.id, words.instruction) == ("toys/words", "toys/find")
    assert words.summary == "Find the words of texts."
    assert words.__name__ == "words"
    assert words.__doc__.endswith("More about it.\n    ")


def test_parameters_are_those_of_the_signature():
    by_name = {one.name: one for one in words.parameters}
    assert list(by_name)[:4] == ["texts", "query", "top_k", "unit"]
    assert [one.name for one in words.parameters if one.required] == ["texts", "query"]
    assert by_name["texts"].default is REQUIRED
    assert (by_name["top_k"].default, by_name["top_k"].description) == (3, "How many.")
    assert by_name["top_k"].type is int
    assert by_name["query"].description == ""
    assert (by_name["texts"].input_kind, by_name["others"].input_kind) == (Texts, Documents)
    assert [one.name for one in words.parameters if one.is_input] == ["texts", "others"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"texts": ["a"]}, "missing a required argument: 'query'"),
        ({"query": "a"}, "missing a required argument: 'texts'"),
        ({"text": ["a"], "query": "b"}, "has no parameter 'text'.\nDid you mean 'texts'"),
        ({"zzz": 1}, "has no parameter 'zzz'.\nIts parameters: texts, query, top_k"),
        ({"texts": ["a"], "query": "b", "top_k": 0}, "top_k=0 cannot be used: Input should be g"),
        ({"texts": ["a"], "query": "b", "top_k": "many"}, "top_k='many' cannot be used"),
        ({"texts": ["a"], "query": "b", "unit": "page"}, "Input should be 'word' or 'line'"),
        ({"texts": ["a"], "query": 5}, "query=5 cannot be used: Input should be a valid string"),
    ],
)
def test_arguments_that_do_not_fit_the_signature_are_refused(bare, arguments, said):
    with pytest.raises(ParameterError) as refused:
        words(bare, **arguments)
    assert said in str(refused.value)
    assert "toys/words" in str(refused.value)


def test_too_many_arguments_are_refused(bare):
    with pytest.raises(ParameterError, match="too many positional arguments"):
        words(bare, ["a"], "b", 3)


def test_a_refused_argument_says_what_the_parameter_is_for(bare):
    with pytest.raises(ParameterError, match="How many"):
        words(bare, ["a"], "b", top_k=99)


def test_a_huge_argument_is_not_spelled_out(bare):
    with pytest.raises(ParameterError) as refused:
        words(bare, ["a"], ["x" * 1000] * 1000)
    assert len(str(refused.value)) < 300


def test_texts_that_cannot_be_used_are_an_input_error(bare):
    with pytest.raises(InputError, match="There is no text"):
        words(bare, [], "b")


def test_values_are_as_the_signature_has_them(rt):
    result = words(rt, [SECRET, "b", "c"], "q", top_k="2")
    assert len(result.words) == 2
    assert result.record.parameters["top_k"] == 2


def test_the_record_says_what_was_run_on_what_with_what(rt):
    record = words(rt, texts=["a", "b"], query="bears").record
    assert (record.workflow, record.provider) == ("toys/words", "")
    assert record.texts_embedded == 2
    assert record.inputs["texts"].texts == 2
    (model,) = record.models
    assert (model.role, model.id, model.device, model.dtype) == (
        "embedder",
        "embedded",
        "cpu",
        "float32",
    )
    assert model.fingerprint == rt.embedder.fingerprint
    assert record.seconds > 0
    assert record.started.endswith("+00:00")
    assert {"metier", "torch", "numpy", "python"} <= record.versions.keys()


def test_the_record_holds_no_texts(rt):
    record = words(
        rt, [{"id": 1, "text": SECRET, "note": SECRET}], SECRET, labels=[SECRET, "7"],
        others=[SECRET], box=Box(label=SECRET), folder=Path("a folder/toys"),
    ).record  # fmt: skip
    said = record.model_dump_json()
    assert not any(word in said for word in ("borrower", "never paid"))
    assert record.parameters["query"].startswith("sha256:")
    assert all(label.startswith("sha256:") for label in record.parameters["labels"])
    assert record.parameters["box"]["label"].startswith("sha256:")
    assert record.parameters["folder"] == str(Path("a folder/toys"))
    assert record.parameters["wood"] == "OAK"
    assert record.parameters["unit"] == "word"
    assert record.inputs.keys() == {"texts", "others"}


def test_of_strings_the_record_keeps_only_ids_that_are_registered(installed):
    installed.add("toys")
    rt = Runtime("embedded", plugins=["toys"], progress=False)
    ids = ["toys/find", "toys/find@1", "toys/count"]
    record = words(rt, ["a"], "hiv/aids", labels=[*ids, "toys/gone", "find"]).record
    assert record.parameters["labels"][:3] == ids
    hashed = [record.parameters["query"], *record.parameters["labels"][3:]]
    assert all(one.startswith("sha256:") for one in hashed)


def test_the_same_texts_have_the_same_digest_and_others_have_another(rt):
    digests = [
        words(rt, given, "q").record.inputs["texts"].digest
        for given in (["a", "b"], Texts.of(["a", "b"]), ["ab"], ["b", "a"],
                      [{"id": 7, "text": "a"}, {"id": 2, "text": "b"}])
    ]  # fmt: skip
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_a_result_names_what_was_read_and_no_path_that_may_be_left_out(rt, tmp_path):
    (tmp_path / "toys.txt").write_text("a bear\n")
    result = words(rt, Texts.read(tmp_path / "toys.txt"), "q", folder=tmp_path / "kept")
    assert result.sources == ("toys.txt",)


def test_texts_left_out_are_counted_and_noted(rt):
    texts = Texts.of(["a", "", "c"], skip_invalid=True)
    result = words(rt, texts, "q")
    assert result.record.inputs["texts"].skipped == ("row 2",)
    assert result.notes() == ["1 unusable text left out: row 2"]


def test_cut_texts_are_a_note_in_the_result_and_no_warning(rt):
    result = words(rt, ["short", "word " * 400], "q")
    assert result.record.texts_truncated == 1
    assert (
        "1 of 2 texts given to the model, labels and queries included, was longer"
        in result.notes()[0]
    )
    with pytest.warns(MetierWarning, match="1 of 2 texts were longer than 'embedded' reads"):
        rt.embed_documents(["short", "word " * 400])


def test_a_workflow_that_runs_another_stands_in_for_what_that_one_used(rt):
    @workflow("toys/twice")
    def twice(rt: Runtime, texts: Texts) -> Words:
        rt.embed_queries(["one"])
        return words(rt, texts, "q")

    outer = twice(rt, ["a", "b"])
    assert outer.record.workflow == "toys/twice"
    assert outer.record.texts_embedded == 3


def test_each_instruction_is_recorded_with_every_size_it_was_used_at(qwen3_rt):
    task = Instruction(id="find", task="Find the toy of that name", kind="retrieval", dim=48)

    @workflow("toys/sizes")
    def sizes(rt: Runtime, texts: Texts) -> Words:
        for dim in (None, 32, 32):
            rt.embed_queries(texts, instruction=task, dim=dim)
        rt.rerank("a", texts, instruction=task)
        return Words()

    record = sizes(qwen3_rt, ["a", "b"]).record
    assert [(one.id, one.dim) for one in record.instructions] == [
        ("find@1", 48),
        ("find@1", 32),
        ("find@1", None),
    ]
    assert {one.digest for one in record.instructions} == {task.digest}
    assert (record.texts_embedded, record.texts_reranked) == (6, 2)
    assert [one.role for one in record.models] == ["embedder", "reranker"]


def test_what_is_no_result_is_refused(bare):
    @workflow("toys/nothing")
    def nothing(rt: Runtime) -> Words:
        """Do nothing."""

    with pytest.raises(PluginError, match="toys/nothing returned something of type NoneType"):
        nothing(bare)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ([], "an empty list, without any Result"),
        ({}, "an empty dict, without any Result"),
        ([Words(), 1], "a list whose part '2' is of type int, not a Result"),
        ({1: Words(), "1": Words()}, "a dict with two parts that are named '1'"),
    ],
)
def test_what_is_no_group_of_results_is_refused_with_the_reason(bare, returned, message):
    @workflow("toys/parts")
    def parts(rt: Runtime) -> list[Words]:
        """Return what was given."""
        return returned

    with pytest.raises(PluginError, match=message):
        parts(bare)


def test_a_signature_that_cannot_be_read_is_a_plugin_error(bare):
    @workflow("toys/untyped")
    def untyped(rt, thing) -> Words: ...

    @workflow("toys/many")
    def many(rt, *things: int) -> Words: ...

    @workflow("toys/unknown")
    def unknown(rt, thing: Missing) -> Words: ...  # noqa: F821

    @workflow("toys/strange")
    def strange(rt, thing: object()) -> Words: ...

    for wrong in (untyped, many):
        with pytest.raises(PluginError, match="has no type or stands for many"):
            wrong(bare, 1)
    for wrong in (unknown, strange):
        with pytest.raises(PluginError, match=r"cannot be (read|checked)"):
            wrong(bare, thing=1)


def test_a_parameter_may_be_named_as_python_names_things(bare):
    @workflow("toys/names")
    def names(runtime: Runtime, workflow: int, *, self: int, rt: int = 3) -> Words:
        return Words(words=(str(workflow), str(self), str(rt)))

    assert names(bare, 1, self=2, rt=4).words == ("1", "2", "4")


class Counted(Result):
    def headline(self):
        return "0"

    def tables(self):
        return []

    def rows(self):
        return []


class Weighed(Counted):
    pass


def counted(rt: Runtime) -> Counted: ...
def either(rt: Runtime) -> Counted | Weighed: ...
def several(rt: Runtime) -> list[Weighed]: ...
def named(rt: Runtime) -> dict[str, Counted]: ...
def untyped(rt: Runtime): ...


@pytest.mark.parametrize(
    ("function", "types"),
    [
        (counted, (Counted,)),
        (either, (Counted, Weighed)),
        (several, (Weighed,)),
        (named, (Counted,)),
        (untyped, ()),
    ],
)
def test_a_workflow_knows_the_results_that_its_annotation_names(function, types):
    assert workflow("core/any")(function).result_types == types
