"""What a record keeps of a parameter, and what it never keeps."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.texts.texts import Texts
from metier.workflows.record import InputUse, RunRecord, recorded


@pytest.mark.parametrize(
    "name", ["finance/delinquency-risk@1", "Qwen/Qwen3-Embedding-0.6B", "cuda:1", "a.csv", "", "5",
             "C:\\data\\toys.csv", "a=1,b=2"],
)  # fmt: skip
def test_a_string_that_looks_like_a_name_is_kept(name):
    assert recorded(name) == name


@pytest.mark.parametrize("value", [None, True, 7, 0.5])
def test_numbers_and_truths_are_kept(value):
    assert recorded(value) is value


def test_paths_dates_and_decimals_are_kept_as_strings():
    assert recorded(Path("a b/c")) == str(Path("a b/c"))
    assert recorded(date(2026, 1, 2)) == "2026-01-02"
    assert recorded(Decimal("0.5")) == "0.5"


def test_collections_keep_their_shape():
    given = {"b": (1, "two words"), "a": {"x", "y"}}
    found = recorded(given)
    assert found["a"] == ["x", "y"]
    assert found["b"][0] == 1
    assert found["b"][1].startswith("sha256:")


@given(st.text(min_size=1).filter(lambda text: not text.isascii() or " " in text))
def test_anything_a_person_may_have_written_is_kept_as_its_hash_only(text):
    kept = recorded([text, {text: text}, Texts.of(["a"])])
    assert recorded(text) == kept[0] == recorded(text)
    assert len(kept[0]) == len("sha256:") + 16
    assert json.loads(json.dumps(kept)) == kept


def test_an_object_of_unknown_kind_is_kept_as_a_hash():
    assert recorded(Texts.of(["a"])).startswith("sha256:")


def test_a_record_goes_through_json_and_back():
    record = RunRecord(
        workflow="toys/count",
        parameters={"top_k": 3, "labels": ["a"]},
        inputs={"texts": InputUse.of(Texts.of(["a", "b"]))},
    )
    assert RunRecord.model_validate_json(record.model_dump_json()) == record


def test_ids_and_texts_are_told_apart_in_a_digest():
    pairs = [[("ab", "c")], [("a", "bc")], [("a", "b"), ("c", "d")], [("a", "bcd")]]
    digests = {
        InputUse.of(Texts.of([{"id": name, "text": text} for name, text in rows])).digest
        for rows in pairs
    }
    assert len(digests) == 4
