"""Strict YAML: what is read as YAML 1.2 would, what is refused, and where each thing stands."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from metier.datafiles.yaml_parser import MAX_DEPTH, parse_yaml
from metier.errors import PackError

# what both readers agree on: PyYAML writes texts that look like anything else in quotes
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]))
)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abz_-", min_size=1), inner)
    ),
    max_leaves=12,
)


@given(documents, st.booleans())
def test_what_pyyaml_writes_is_read_back(document, flow):
    text = yaml.safe_dump(document, default_flow_style=flow, allow_unicode=True)
    read = parse_yaml(text, "a.yaml").content
    assert read == document == yaml.safe_load(text)


@given(st.text() | st.text("ab:{}[]&*!|>-#'\" \n\t0."))
def test_any_text_is_read_or_refused_as_a_pack_error(text):
    said = "a.yaml"
    try:
        parse_yaml(text, "a.yaml")
    except PackError as error:
        said = error.what
    assert "a.yaml" in said


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "yes",
        "on",
        "off",
        "y",
        "n",
        "No",
        "TRUE",
        "Null",
        "1_000",
        "0x1f",
        "017",
        "1:30",
        "2026-01-02",
        "1e3",
        ".inf",
        ".nan",
        "=",
        "<<",
    ],
)
def test_words_of_yaml_1_1_stay_texts(word):
    assert parse_yaml(f"key: {word}", "a.yaml").content == {"key": word}


@pytest.mark.parametrize(
    ("written", "value"),
    [("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("-7", -7),
     ("0", 0), ("+5", 5), ("1.5", 1.5), (".5", 0.5), ("1.5e-3", 0.0015), ("'1'", "1"),
     ("!!str 1", "1"), ("!!int 7", 7)],
)  # fmt: skip
def test_values_of_the_core_schema_have_their_types(written, value):
    read = parse_yaml(f"key: {written}", "a.yaml").content["key"]
    assert read == value
    assert type(read) is type(value)


def test_a_float_beyond_all_floats_is_infinite():
    assert math.isinf(parse_yaml("1.0e999", "a.yaml").content)


def test_every_key_and_entry_has_its_place():
    source = parse_yaml("one: 1\ntwo:\n  - a\n  - b: {c: 3}\n", "a.yaml")
    assert source.position(("one",)) == (1, 1)
    assert source.position(("two", 1)) == (4, 5)
    assert source.position(("two", 1, "b", "c")) == (4, 9)
    assert source.position(("two", 1, "b", "gone", 5)) == (4, 5)
    assert source.position(("gone",)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", r"line 3, column 1: the key 'a' is given twice"),
        ("a: {b: 1, b: 2}", r"line 1, column 11: the key 'b' is given twice"),
        ("1: a\n'1': b", r"line 2, column 1: the key '1' is given twice"),
        ("? [a, b]\n: c", r"line 1, column 3: a key that is a list"),
        ("a: *b", r"line 1, column 4: an alias \(\*b\)"),
        ("a: &x [1]\nb: *x", r"line 2, column 4: an alias \(\*x\)"),
        ("a: &x {c: 1}\nb:\n  <<: *x", r"line 3, column 7: an alias"),
        (
            "a: !!timestamp 2026-01-02",
            r"line 1, column 4: '2026-01-02' cannot be read as 'timestamp'",
        ),
        ("a: !!binary aGk=", r"cannot be read as 'binary'"),
        ("a: !!int many", r"'many' cannot be read as 'int'"),
        ("a: !!bool maybe", r"'maybe' cannot be read as 'bool'"),
        ("a: !!python/name:os.system x", r"'x' cannot be read as"),
        ("a: !own x", r"'x' cannot be read as '!own'"),
        ("a: " + "9" * 5000, r"cannot be read as 'int'"),
        ("a:\n\t- b", r"line 2, column 1: not valid YAML"),
        ("a: b: c", r"line 1, column 5: not valid YAML"),
        ("a: [1", r"line \d, column \d: not valid YAML"),
        ("--- 1\n--- 2", r"line 2, column 1: not valid YAML"),
        ("a: \x01", r"not valid YAML.*control characters"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_place(text, said):
    with pytest.raises(PackError, match=said) as refused:
        parse_yaml(text, "a.yaml")
    assert str(refused.value).startswith("a.yaml")


@pytest.mark.parametrize("piece", ["[", "{a: ", "- "])
def test_nesting_is_refused_before_it_fills_the_stack(piece):
    with pytest.raises(PackError, match="nested more than 40 levels deep"):
        parse_yaml(piece * (900_000 // len(piece)), "a.yaml")


def test_the_deepest_nesting_is_read():
    assert parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "a.yaml").content
    with pytest.raises(PackError, match="line 1, column 41"):
        parse_yaml("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "a.yaml")


def test_a_billion_laughs_are_refused_at_the_first():
    lines = ["a0: &a0 [ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    with pytest.raises(PackError, match="line 2, column 10: an alias"):
        parse_yaml("\n".join(lines), "a.yaml")


def test_an_anchor_nobody_refers_to_is_harmless():
    assert parse_yaml("a: &x 1", "a.yaml").content == {"a": 1}


@pytest.mark.parametrize("text", ["", "# only a comment", "---"])
def test_an_empty_document_is_nothing(text):
    assert parse_yaml(text, "a.yaml").content is None
