"""Instruction packs and domain files: what they may say, and how a mistake is pointed at."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.errors import MetierError, PackError, UsageError
from metier.registry.domain import OF_PLUGINS, Domain
from metier.registry.ids import Alias
from metier.registry.pack import FILE, load_domain, load_pack, pack_schema

PACK = """\
schema: 1
domain: toys
title: Toys and games
default_dim: 256
instructions:
  - id: find-toy
    version: 2
    task: Given a wish, retrieve the toy that grants it
    kind: retrieval
    dim: 64
    aliases: [toy-search]
  - id: sort-toys
    task: Sort toys by what they are made of
    kind: clustering
    sides: both
"""
WORKFLOWS = """\
workflows:
  - id: count
    call: my_toys.count:count
    summary: Count the toys in a box
"""
SAFETY = "safety: {intended_use: Playing., not_for: Eating., data_handling: Stays here.}\n"


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "toys.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def refusal(path: Path) -> str:
    with pytest.raises(PackError) as refused:
        load_pack(path)
    return str(refused.value)


def test_a_pack_is_a_domain_without_workflows(write):
    pack = load_pack(write(PACK + SAFETY))
    assert [one.full_id for one in pack.instructions] == ["toys/find-toy@2", "toys/sort-toys@1"]
    assert (pack.default_dim, pack.safety.not_for) == (256, "Eating.")
    find, sort = pack.instructions
    assert (find.dim, find.sides, find.aliases) == (64, "query", (Alias(name="toy-search"),))
    assert (sort.dim, sort.sides, sort.aliases) == (None, "both", ())


def test_the_domain_file_of_a_plugin_may_bring_workflows(write):
    (spec,) = load_domain(write(PACK + WORKFLOWS)).workflows
    assert (spec.id, spec.call) == ("count", "my_toys.count:count")


@pytest.mark.parametrize("key", ["extends: games", "overrides: [find-toy]"])
def test_the_domain_file_of_a_plugin_extends_nothing(write, key):
    with pytest.raises(PackError, match=r"line 16, column 1: '\w+' is a key of instruction packs"):
        load_domain(write(PACK + key + "\n"))


def test_an_alias_can_go_out_of_use(write):
    long = "[toy-search, {name: seek, status: retired, note: Too vague.}]"
    find = load_pack(write(PACK.replace("[toy-search]", long))).instructions[0]
    assert find.aliases == (
        Alias(name="toy-search"),
        Alias(name="seek", status="retired", note="Too vague."),
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{nam: seek}", "line 11, column 16: unknown key 'nam'. Did you mean 'name'?"),
        ("{name: seek, status: gone}", "line 11, column 28: status: "),
        ("{name: Seek}", "line 11, column 16: name: "),
        ("Seek", "line 11, column 15: name: "),
        ("{name: toy-search}, toy-search", None),
    ],
)
def test_a_mistake_in_an_alias_is_pointed_at(write, written, said):
    text = PACK.replace("[toy-search]", f"[{written}]")
    if said is None:
        assert len(load_pack(write(text)).instructions[0].aliases) == 2
    else:
        assert said in refusal(write(text))


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("workflows", WORKFLOWS),
        ("splitter", "splitter: toys.work:sentences\n"),
        ("evaluation", "evaluation:\n  - {instruction: toy, folder: toys}\n"),
        ("conformance", "conformance: {excuses: {demo: it is a pack without code}}\n"),
    ],
)
def test_what_only_a_plugin_can_have_is_refused_in_a_pack_at_its_line(write, key, lines):
    said = refusal(write(PACK + lines))
    assert said.startswith(f"toys.yaml, line 16, column 1: a pack cannot bring {key}.")


def test_a_byte_order_mark_and_windows_line_ends_are_read(write):
    assert load_pack(write(b"\xef\xbb\xbf" + PACK.replace("\n", "\r\n").encode()))


def test_words_that_old_yaml_takes_for_truths_are_names(write):
    pack = load_pack(write(PACK.replace("[toy-search]", "[no, on, y, off]")))
    assert [str(alias) for alias in pack.instructions[0].aliases] == ["no", "on", "y", "off"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    kind:", "    knd:", "line 9, column 5: unknown key 'knd'. Did you mean 'kind'?"),
        (
            "default_dim:",
            "defaultdim:",
            "line 4, column 1: unknown key 'defaultdim'. Did you mean 'default_dim'?",
        ),
        ("title:", "zzz:", "line 3, column 1: unknown key 'zzz'. Known: schema, domain, title"),
        (
            "    dim: 64",
            "    dim: '64'",
            "line 10, column 5: dim: Input should be a valid integer.",
        ),
        ("    dim: 64", "    dim: 64.5", "dim: Input should be a valid integer"),
        (
            "    dim: 64",
            "    dim: 4",
            "dim: Input should be greater than or equal to 8",
        ),
        (
            "    version: 2",
            "    version: true",
            "version: Input should be a valid integer",
        ),
        (
            "kind: retrieval",
            "kind: search",
            "line 9, column 5: kind: Input should be 'retrieval', ",
        ),
        (
            "aliases: [toy-search]",
            "aliases: toy-search",
            "line 11, column 5: aliases: Input should be a valid",
        ),
        ("id: find-toy", "id: Find Toy", "line 6, column 5: id: "),
        ("schema: 1", "schema: 2", "line 1, column 1: schema: Input should be 1."),
        ("schema: 1", "schema: true", "line 1, column 1: schema: Input should be 1."),
        ("schema: 1", "schema: 1.0", "line 1, column 1: schema: Input should be 1."),
        ("schema: 1", 'schema: "1"', "line 1, column 1: schema: Input should be 1."),
        ("schema: 1", "schema: [1]", "line 1, column 1: schema: Input should be 1."),
        (
            "    task: Given a wish, retrieve the toy that grants it\n",
            "",
            "line 6, column 5: task is missing.",
        ),
        (
            "    task: Given a wish, retrieve the toy that grants it",
            "    task:",
            "line 8, column 5: task: Input should be a valid string.",
        ),
        (
            "task: Given a wish, retrieve the toy that grants it",
            "task: |\n      Given a wish,\n      go",
            "task: a task stands on one line",
        ),
        ("domain: toys", "domain: Toys!", "line 2, column 1: domain: "),
        (
            "title: Toys and games",
            "title: no",
            "line 3, column 1: title: String should have at least 3",
        ),
        (
            "id: sort-toys",
            "id: find-toy\n    version: 2",
            "column 5: entry 2 of instructions: instruction find-toy@2 is defined more than once.",
        ),
        (
            "id: sort-toys",
            "id: toy-search",
            "line 6, column 5: entry 1 of instructions: alias toy-search is defined more",
        ),
        (
            "    sides: both",
            "    aliases: [toy-search]",
            "line 12, column 5: entry 2 of instructions: alias toy-search is defined",
        ),
        (
            "    sides: both",
            "    domain: games",
            "line 5, column 1: instructions: games/sort-toys@1 is of another domain than 'toys'.",
        ),
        ("instructions:", "instructions: none\nrest:", "line 5, column 1: instructions: "),
        (
            "schema: 1\n",
            "schema: 1\ndomain: twice\n",
            "line 3, column 1: the key 'domain' is given twice",
        ),
    ],
)
def test_a_mistake_is_pointed_at(write, old, new, said):
    assert old in PACK
    assert said in refusal(write(PACK.replace(old, new, 1)))


def test_every_mistake_is_said_at_once(write):
    said = refusal(write(PACK.replace("kind:", "knd:").replace("title: Toys", "titel: Toys")))
    assert len(said.splitlines()) >= 5
    assert all("line" in line for line in said.splitlines())


def test_an_alias_may_stand_in_several_versions_of_its_instruction(write):
    newer = """\
  - id: find-toy
    version: 3
    task: Given a wish, retrieve the best toy for it
    kind: retrieval
    aliases: [toy-search]
"""
    assert len(load_pack(write(PACK + newer)).instructions) == 3


def test_a_task_may_be_folded_over_several_lines(write):
    folded = "task: >\n      Given a wish, retrieve\n      the toy that grants it\n"
    pack = load_pack(
        write(PACK.replace("task: Given a wish, retrieve the toy that grants it\n", folded))
    )
    assert pack.instructions[0].task == "Given a wish, retrieve the toy that grants it"


@pytest.mark.parametrize("text", ["", "- a\n- b", "just words"])
def test_a_file_that_is_no_mapping_is_refused_with_the_keys_it_would_have(write, text):
    said = refusal(write(text))
    assert "toys.yaml is not a mapping" in said
    assert "schema, domain, title, default_dim, instructions" in said


def test_a_missing_pack_is_a_usage_error(tmp_path):
    for path in (tmp_path / "gone.yaml", tmp_path):
        with pytest.raises(UsageError, match="There is no instruction pack"):
            load_pack(path)


def test_bytes_that_are_no_text_are_refused(write):
    assert "not UTF-8 text (byte 7)" in refusal(write(b"title: \xff"))


def test_a_file_too_large_for_a_pack_is_refused_unread(write):
    assert "more than the 1,000,000 bytes" in refusal(write(b"#" * 1_000_001))


@given(st.binary() | st.text().map(str.encode) | st.text(PACK).map(lambda t: (PACK + t).encode()))
def test_no_file_gives_anything_but_a_pack_or_our_own_error(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("pack") / "a.yaml"
    path.write_bytes(raw)
    try:
        assert isinstance(load_pack(path), Domain)
    except MetierError as refused:
        str(refused).encode()


def test_the_file_that_ships_is_the_schema_of_the_code():
    shipped = (files("metier.registry") / FILE).read_text(encoding="utf-8")
    assert json.loads(shipped) == pack_schema(), f"write it anew: metier pack schema > {FILE}"


def test_the_schema_has_the_keys_of_a_pack_and_no_other():
    schema = pack_schema()
    keys = {field.alias or name for name, field in Domain.model_fields.items()}
    assert set(schema["properties"]) == keys - {*OF_PLUGINS}
    assert "domain" not in schema["$defs"]["Instruction"]["properties"]
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False
        assert all("description" in field for field in part["properties"].values())


def test_aliases_have_a_short_and_a_long_form():
    items = pack_schema()["$defs"]["Instruction"]["properties"]["aliases"]["items"]
    assert [sorted(form)[0] for form in items["anyOf"]] == ["maxLength", "$ref"]
