"""What a record keeps of a parameter, and what it never keeps."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from metier.results.record import InputUse, RunRecord, choices_of, outcome_of, recorded
from metier.texts.texts import Texts


@pytest.mark.parametrize(
    "text", ["HIV-positive", "John.Smith@x.org", "hiv/aids", "a.csv", "5", "", "two words"]
)
def test_a_string_is_kept_as_its_hash(text):
    kept = recorded([text, {text: text}])
    assert text not in kept
    assert kept[0].startswith("sha256:")
    assert kept[1] == {kept[0]: kept[0]}


def test_a_string_that_is_a_name_of_the_program_is_kept():
    assert recorded(["word", {"word": "line"}], {"word"}.__contains__) == [
        "word",
        {"word": recorded("line")},
    ]


class Choice(BaseModel):
    side: Literal["left", 3]
    note: str
    again: Choice | None = None


def test_the_choices_of_a_type_are_found_wherever_they_stand():
    annotation = Annotated[list[Literal["a", "b"]] | dict[str, Choice] | None, "said"]
    assert choices_of(annotation) == {"a", "b", "left"}
    assert choices_of(str) == frozenset()


def test_a_model_keeps_the_names_of_its_fields():
    kept = recorded(Choice(side="left", note="left-handed"), {"left"}.__contains__)
    assert kept == {"side": "left", "note": recorded("left-handed"), "again": None}


@pytest.mark.parametrize("value", [None, True, 7, 0.5])
def test_numbers_and_truths_are_kept(value):
    assert recorded(value) is value


def test_paths_dates_and_decimals_are_kept_as_strings():
    assert recorded(Path("a b/c")) == str(Path("a b/c"))
    assert recorded(date(2026, 1, 2)) == "2026-01-02"
    assert recorded(Decimal("0.5")) == "0.5"


def test_collections_keep_their_shape():
    given = {"b": (1, "two words"), "a": {"x", "y"}}
    found = recorded(given, {"a", "b", "x", "y"}.__contains__)
    assert found["a"] == ["x", "y"]
    assert found["b"][0] == 1
    assert found["b"][1].startswith("sha256:")


@given(st.text())
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


def test_labels_and_all_other_fields_are_part_of_an_input():
    def digest(**fields) -> str:
        return InputUse.of(Texts.of([{"id": "a", "text": "a bear", **fields}])).digest

    assert digest(label="toy") != digest(label="animal") != digest(kind="animal") != digest()
    assert digest(label="toy", price=5) == digest(price=5, label="toy")
    assert digest(label=None, price=float("nan")) == digest()
    rows = [{"id": "a", "text": "a bear"}, {"id": "label", "text": "b"}]
    assert digest(label="b") != InputUse.of(Texts.of(rows)).digest


def test_the_id_of_a_row_left_out_is_not_recorded(tmp_path):
    rows = [{"id": "John Smith (HIV)", "text": ""}, {"id": "b", "text": "a bear"}]
    texts = Texts.of(rows, skip_invalid=True)
    assert texts.skipped == ("row 1 (John Smith (HIV))",)
    assert InputUse.of(texts).skipped == ("row 1",)
    (tmp_path / "a.csv").write_text('id,text\nb,a bear\n"Ann, row 2 (HIV)",\n')
    texts = Texts.read(tmp_path, skip_invalid=True)
    assert texts.skipped == ("a.csv, row 2 (Ann, row 2 (HIV))",)
    assert InputUse.of(texts).skipped == ("a.csv, row 2",)


def test_ids_and_texts_are_told_apart_in_a_digest():
    pairs = [[("ab", "c")], [("a", "bc")], [("a", "b"), ("c", "d")], [("a", "bcd")]]
    digests = {
        InputUse.of(Texts.of([{"id": name, "text": text} for name, text in rows])).digest
        for rows in pairs
    }
    assert len(digests) == 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Wood(Enum):
    OAK = "oak wood"


@dataclass
class Place:
    line: int


class Box(BaseModel):
    value: Any
    record: Any = None


def of(value):
    return outcome_of(Box(value=value))


def test_fields_are_named_by_their_path():
    found = of([{"a": Box(value=1.5)}, {"b": Place(3)}])
    assert set(found) == {
        "value",
        "value[]",
        "value[]{}.value",
        "value[]{}.record",
        "value[]{}.line",
    }


def test_numbers_are_kept_by_how_they_lie():
    numbers = of([0.5, 0.25, None, 0.75])["value[]"].numbers
    assert (numbers.count, numbers.mean, numbers.low, numbers.high) == (3, 0.5, 0.25, 0.75)
    assert of([1, 2])["value[]"].numbers is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([0.1, 0.2], [0.2, 0.1]),
        ([0.1], [0.1 + 1e-16]),
        (["a", "b"], ["ab"]),
        (["1"], [1]),
        ([1], [True]),
        ([1], [1.0]),
        ([None], ["None"]),
        ({"a": 1}, {"b": 1}),
        ([[1], [2]], [[1, 2]]),
        (math.nan, math.inf),
        (Wood.OAK, "OAK"),
        (date(2026, 1, 2), date(2026, 1, 3)),
    ],
)
def test_what_is_not_the_same_is_told_apart(one, other):
    assert of(one) != of(other)


def test_a_set_has_no_order():
    assert of({"a", "b", "c"}) == of({"c", "b", "a"})


def test_the_form_is_the_same_whatever_the_numbers_are():
    one, other = of([0.1, "a", 0.2])["value[]"], of([0.3, "a", 0.4])["value[]"]
    assert one.numbers.form == other.numbers.form
    assert one.digest != other.digest
    assert of(["a", 0.1, 0.2])["value[]"].numbers.form != one.numbers.form
    assert of([math.nan, "a", 0.2])["value[]"].numbers.form != one.numbers.form


def test_the_record_of_a_result_is_no_part_of_it():
    assert outcome_of(Box(value=1, record="one")) == outcome_of(Box(value=1, record="other"))


@given(JSON)
def test_every_result_is_described_twice_alike_and_without_its_words(value):
    found = of(value)
    assert found == of(value)
    assert all(set(path) <= set("value[]{}") for path in found)
    assert all(len(used.digest) == 16 for used in found.values())
