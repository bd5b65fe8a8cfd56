"""TOML packs: the same schema as YAML, and mistakes pointed at as well as TOML allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.datafiles.toml_parser import parse_toml
from metier.errors import PackError
from metier.registry.pack import load_pack

TOML = """\
schema = 1
domain = "toys"
title = "Toys and games"

[[instructions]]
id = "find-toy"
task = '''Given a wish, retrieve the toy that grants it'''
kind = "retrieval"
aliases = ["toy-search", { name = "seek", status = "retired" }]

[[instructions]]
id = "sort-toys"
task = "Sort toys by what they are made of"
kind = "clustering"

[safety]
intended_use = "Playing."
not_for = "Eating."
data_handling = "Stays here."
"""
YAML = """\
schema: 1
domain: toys
title: Toys and games
instructions:
  - id: find-toy
    task: Given a wish, retrieve the toy that grants it
    kind: retrieval
    aliases: [toy-search, {name: seek, status: retired}]
  - {id: sort-toys, task: Sort toys by what they are made of, kind: clustering}
safety: {intended_use: Playing., not_for: Eating., data_handling: Stays here.}
"""


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str, name: str = "toys.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_pack_says_the_same_in_toml_as_in_yaml(write):
    assert load_pack(write(TOML)) == load_pack(write(YAML, "toys.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind =", "knd =", "toys.toml, line 8, column 1: unknown key 'knd'. Did you mean 'kind'?"),
        ('id = "sort-toys"', "id = 7", "toys.toml, line 12, column 1: id: "),
        ("[safety]", "[safty]", "toys.toml, line 16, column 1: unknown key 'safty'. Did you mean"),
        ('kind = "clustering"\n', "", "toys.toml, line 11, column 1: kind is miss"),
        ("schema = 1", "schema = 1979-05-27", "line 1, column 1: 1979-05-27 cannot be a value"),
        ("schema = 1", "schema = nan", "line 1, column 1: nan cannot be a value"),
        ("schema = 1\n", "schema = 1\nschema = 1\n", "line 2, column 11: a key is given twice"),
        ("[safety]", "[safety]\n[safety]", "toys.toml, line 17, column 8: a key is given twice"),
        ('"Eating."', "Eating.", "toys.toml, line 18, column 11: not valid TOML"),
        ('"Stays here."', '"Stays here.', "toys.toml, line 19, column"),
    ],
)
def test_a_mistake_is_pointed_at(write, old, new, said):
    assert old in TOML
    with pytest.raises(PackError) as refused:
        load_pack(write(TOML.replace(old, new, 1)))
    assert said in str(refused.value)


def test_places_are_those_of_headers_and_of_keys_that_begin_a_line():
    source = parse_toml(
        '"a b".c = 1\n[x]\n  y = """\nno = key\n"""\n[[x.z]]\nq = 1\n[[x.z]]\nq = [{ r = 1 }]\n',
        "t",
    )
    assert source.content == {
        "a b": {"c": 1},
        "x": {"y": "no = key\n", "z": [{"q": 1}, {"q": [{"r": 1}]}]},
    }
    assert source.position(("a b", "c")) == (1, 1)
    assert source.position(("x", "y")) == (3, 3)
    assert source.position(("x", "z", 0, "q")) == (7, 1)
    assert source.position(("x", "z", 1)) == (8, 1)
    assert source.position(("x", "z", 1, "q", 0, "r")) == (9, 1)
    assert source.position(("gone",)) == (1, 1)


def test_nesting_without_end_is_refused():
    with pytest.raises(PackError):
        parse_toml("a = " + "[" * 100_000, "t")


@given(st.text() | st.text().map(lambda text: TOML + text))
def test_no_text_gives_anything_but_content_or_our_own_error(text):
    try:
        assert isinstance(parse_toml(text, "t").content, dict)
    except PackError as refused:
        said = str(refused)
        assert said.startswith("t"), said
