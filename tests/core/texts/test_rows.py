"""Frames and columns of pandas, Arrow and polars as texts."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from metier.errors import InputError
from metier.texts.texts import Texts

ROWS = {"id": ["a", None, "c"], "text": ["one", "two", "three"], "price": [1.5, None, 3.0]}


class PolarsFrame:
    """Stands in for a polars frame, which says its rows by this method."""

    columns = ("id", "text", "price")

    def to_dicts(self):
        return [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]


@pytest.mark.parametrize(
    "frame", [pd.DataFrame(ROWS), pa.table(ROWS), PolarsFrame()], ids=["pandas", "arrow", "polars"]
)
def test_a_frame_gives_its_rows_with_gaps_as_none(frame):
    texts = Texts.of(frame)
    assert texts.strings == ["one", "two", "three"]
    assert [item.id for item in texts] == ["a", "2", "c"]
    assert [item.fields["price"] for item in texts] == [1.5, None, 3.0]


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA, pd.NaT])
def test_a_gap_in_a_text_column_is_a_missing_text(gap):
    frame = pd.DataFrame({"text": pd.Series(["one", gap], dtype=object)})
    with pytest.raises(InputError, match="row 2 is missing"):
        Texts.of(frame)


def test_ids_that_became_floats_beside_a_gap_are_whole_numbers_again():
    frame = pd.DataFrame({"id": [1, None, 3], "text": ["x", "y", "z"]})
    assert [item.id for item in Texts.of(frame)] == ["1", "2", "3"]


def test_the_named_index_of_a_frame_is_a_field_of_its_rows():
    frame = pd.DataFrame({"id": ["007", "x"], "day": [1, 2], "text": ["one", "two"]})
    texts = Texts.of(frame.set_index(["day", "id"]))
    assert [(item.id, item.fields) for item in texts] == [("007", {"day": 1}), ("x", {"day": 2})]
    assert [item.id for item in Texts.of(frame.set_index("id", drop=False))] == ["007", "x"]
    assert Texts.of(frame[["text"]])[0].fields == {}


def test_categories_dates_and_odd_columns_are_kept_as_fields():
    day = pd.Timestamp("2026-01-02")
    frame = pd.DataFrame({"text": ["x"], "kind": pd.Categorical(["a"]), "day": [day], 7: [1]})
    assert Texts.of(frame)[0].fields == {"kind": "a", "day": day, "7": 1}


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["one", "two"]),
        pd.Series(["one", "two"], dtype="category"),
        pa.array(["one", "two"]),
        pa.chunked_array([["one"], ["two"]]),
        np.array(["one", "two"]),
        np.array(["one", "two"], dtype=object),
    ],
    ids=lambda column: type(column).__module__.partition(".")[0],
)
def test_a_column_of_strings_is_texts(column):
    assert Texts.of(column).strings == ["one", "two"]


@pytest.mark.parametrize("column", [pd.Series(["one", None]), pa.array(["one", None])])
def test_a_gap_in_a_bare_column_is_a_missing_text(column):
    with pytest.raises(InputError, match="row 2 is missing"):
        Texts.of(column)
    assert Texts.of(column, skip_invalid=True).skipped == ("row 2",)


def test_a_table_of_numbers_is_refused():
    with pytest.raises(InputError, match="Which field"):
        Texts.of(pd.DataFrame(np.eye(3)))
    with pytest.raises(InputError, match="Row 1 of the input is of type ndarray"):
        Texts.of(np.eye(3))


def test_an_empty_frame_is_refused():
    with pytest.raises(InputError, match="There is no text"):
        Texts.of(pd.DataFrame({"text": []}))


RESOURCES = [
    (
        {"resourceType": "Observation", "note": [{"text": "Pain at rest."}, {"text": "Better."}]},
        "Pain at rest.\n\nBetter.",
    ),
    (
        {
            "resourceType": "Patient",
            "text": {
                "status": "generated",
                "div": "<div xmlns='http://www.w3.org/1999/xhtml'><p>Lena <b>Holm</b><br/>42</p>"
                "</div>",
            },
        },
        "Lena Holm\n42",
    ),
    (
        {
            "resourceType": "DocumentReference",
            "content": [
                {"attachment": {"contentType": "text/plain", "data": "RmV2ZXIu"}},
                {"attachment": {"contentType": "text/html", "data": "PHA+Q291Z2g8L3A+"}},
            ],
        },
        "Fever.\n\nCough",
    ),
    ({"resourceType": "Condition", "note": [{"text": "Stable."}, {"text": " "}]}, "Stable.\n\n "),
    ({"resourceType": "Basic", "description": "As it is."}, "As it is."),
]


@pytest.mark.parametrize(("resource", "text"), RESOURCES)
def test_a_resource_of_fhir_is_read_by_its_notes_narrative_or_attachments(resource, text):
    (item,) = Texts.of([{**resource, "id": "r1"}])
    assert (item.id, item.text) == ("r1", text)
    assert item.fields["resourceType"] == resource["resourceType"]


def test_lines_of_fhir_are_read_from_a_file(tmp_path):
    path = tmp_path / "Observation.ndjson"
    rows = [resource for resource, _ in RESOURCES[:1] * 2]
    path.write_text("".join(f"{json.dumps({**row, 'id': str(n)})}\n" for n, row in enumerate(rows)))
    assert Texts.read(path).strings == ["Pain at rest.\n\nBetter."] * 2


def test_a_bundle_of_fhir_is_a_row_for_each_resource_in_it(tmp_path):
    path = tmp_path / "bundle.json"
    resources = [{**resource, "id": str(n)} for n, (resource, _) in enumerate(RESOURCES)]
    entries = [{"fullUrl": "urn:uuid:1", "resource": resource} for resource in resources]
    entries.append({"request": {"method": "DELETE", "url": "Patient/9"}})
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries, "link": []}
    path.write_text(json.dumps(bundle, indent=1))
    texts = Texts.read(path)
    assert texts.strings == [text for _, text in RESOURCES]
    assert [item.id for item in texts] == list("01234")
    for resource in resources:
        resource["id"] = "1"
    path.write_text(json.dumps(bundle))
    assert [item.id for item in Texts.read(path)][:2] == ["Observation/1", "Patient/1"]


@pytest.mark.parametrize(
    "row",
    [
        {"note": [{"text": "no resource"}]},
        {"resourceType": 5, "note": [{"text": "no resource"}]},
        {"resourceType": "Observation", "note": []},
        {"resourceType": "Observation", "note": [{"author": "me"}]},
        {"resourceType": "Observation", "note": [7]},
        {"resourceType": "Media", "content": [{"contentType": "image/png", "data": "RmV2ZXIu"}]},
        {"resourceType": "Binary", "content": [{"contentType": "text/plain", "data": "%%"}]},
    ],
)
def test_a_list_that_is_no_text_of_fhir_is_refused_by_its_type(row):
    with pytest.raises(InputError, match="row 1 is of type list, not text"):
        Texts.of([row])
