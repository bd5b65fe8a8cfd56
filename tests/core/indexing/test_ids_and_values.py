"""Ids are compared as what they say wherever they stand, and fields are kept or refused plainly."""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from tests.core.indexing.tales import ids

from metier import field
from metier.errors import InputError, MetierWarning, ParameterError
from metier.texts.rows import Item

UUID_7 = UUID("00000000-0000-0000-0000-000000000007")


class Tale(enum.Enum):
    FOX = 7
    CROW = "crow"


class Name(enum.StrEnum):
    FOX = "fox"


KINDS = [
    (7, "7"),
    (np.int64(7), "7"),
    (np.uint8(7), "7"),
    (7.0, "7"),
    (np.float32(7), "7"),
    (Decimal("7.0"), "7"),
    (Tale.FOX, "7"),
    (Name.FOX, "fox"),
    (np.str_("fox"), "fox"),
    ("7", "7"),
    ("007", "007"),
    (7.5, "7.5"),
    (2**70, str(2**70)),
    (UUID_7, str(UUID_7)),
    (date(2024, 3, 1), "2024-03-01"),
]
kinds = pytest.mark.parametrize(("raw", "name"), KINDS, ids=[f"{raw!r}" for raw, _ in KINDS])


@pytest.fixture(params=["memory", "disk"])
def at(request, folder):
    return folder if request.param == "disk" else None


@pytest.mark.parametrize(
    ("raw", "name", "is_on_disk"),
    # ids are texts before a store gets them: on disk one of each kind of text is enough
    [*((*kind, False) for kind in KINDS), *((*kind, True) for kind in KINDS[::5])],
)
def test_an_id_means_the_same_wherever_it_is_given(words_rt, folder, raw, name, is_on_disk):
    at = folder if is_on_disk else None
    index = words_rt.index([{"id": raw, "text": "the fox"}, {"id": "b", "text": "the crow"}], at=at)
    assert ids(index.search("fox", top_k=1)) == [name]
    assert ids(index.search("tale", where=field("id") == raw)) == [name]
    assert ids(index.search("tale", where=field("id").is_in([raw]))) == [name]
    assert index.add([{"id": name, "text": "the fox"}]).kept == 1
    index.add([{"id": raw, "text": "the fox and the grapes"}])
    assert len(index) == 2
    index.add([Item(raw, "the fox")])
    assert len(index) == 2
    assert index.remove([raw]) == 1
    assert ids(index.search("tale")) == ["b"]


@pytest.mark.parametrize(
    "given",
    [
        [1, 2],
        (1, "2"),
        {1, 2},
        np.array([1, 2]),
        pd.Series([1.0, 2.0]),
        [1, 1, "1", 2],
        pd.DataFrame({"id": [1, 2]})["id"],
    ],
    ids=lambda given: type(given).__name__,
)
def test_ids_may_come_in_any_list(words_rt, at, given):
    index = words_rt.index(pd.DataFrame({"id": [1, 2, 3], "text": ["fox", "crow", "hare"]}), at=at)
    assert index.remove(given) == 2
    assert ids(index.search("tale")) == ["3"]
    index.add(pd.DataFrame({"id": [1, 2], "text": ["fox", "crow"]}))
    assert index.remove(iter(given)) == 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("7", "no list of ids"),
        (b"7", "no list of ids"),
        (7, "no list of ids"),
        ({"7": 1}, "no list of ids"),
        (pd.DataFrame({"id": ["7"]}), "no list of ids"),
        ([None], "number 1 is missing"),
        (["7", float("nan")], "number 2 is missing"),
        ([["7"]], "id of row 1 is of type list"),
        (iter([]), "an iterator that gives nothing"),
    ],
)
def test_what_is_no_list_of_ids_removes_nothing(words_rt, wrong, message):
    index = words_rt.index([{"id": 7, "text": "the fox"}])
    with pytest.raises((ParameterError, InputError), match=message):
        index.remove(wrong)
    assert len(index) == 1


def test_ids_of_no_document_are_named(words_rt, at):
    index = words_rt.index([{"id": "tale-7", "text": "the fox"}, {"id": 8, "text": "crow"}], at=at)
    message = "1 of 1 ids are of no document in the index: 'tale-6'. Did you mean 'tale-7'"
    with pytest.warns(MetierWarning, match=re.escape(message)):
        assert index.remove(["tale-6"]) == 0
    message = "2 of 3 ids are of no document in the index: '7', '9'."
    with pytest.warns(MetierWarning, match=re.escape(message)):
        assert index.remove([7, 8, 9]) == 1
    assert index.remove([]) == 0


def test_conditions_know_the_id_by_one_name(words_rt, at):
    rows = [{"doc_id": n, "text": f"tale {n}"} for n in range(5)]
    index = words_rt.index(rows, at=at)
    assert sorted(ids(index.search("tale", where=field("id") >= 3))) == ["3", "4"]
    assert len(index.search("tale", where=~(field("id") == 3))) == 4
    with pytest.warns(MetierWarning, match="The id of a document is its field 'id'"):
        assert index.search("tale", where=field("doc_id") == 3) == []
    assert "id" not in index.search("tale")[0].fields
    assert "id" not in index._store.fields()


@pytest.mark.parametrize(
    "wrong", [b"7", [7], {"a": 7}, {7}, np.array([7, 8]), (7, 8)], ids=lambda v: type(v).__name__
)
def test_an_id_that_is_no_single_value_is_refused(words_rt, wrong):
    with pytest.raises(InputError, match=f"id of row 2 is of type {type(wrong).__name__}"):
        words_rt.index([{"id": "a", "text": "a fox"}, {"id": wrong, "text": "a crow"}])


def test_missing_ids_are_made_of_the_content_however_they_are_missing(words_rt):
    names = {
        words_rt.index([{"id": gap, "text": "a fox"}]).search("fox")[0].document_id
        for gap in (None, "", pd.NA, pd.NaT, np.float64("nan"))
    }
    assert len(names) == 5  # the gaps are part of the content
    assert all(len(name) == 16 for name in names)


@dataclass
class Author:
    name: str


KEPT = [
    (np.array([1, 2]), "[1, 2]"),
    (np.array([[1.5], [np.nan]]), "[[1.5], [null]]"),
    (np.array("grapes"), "grapes"),
    (np.array(["2024-03-01"], dtype="datetime64[D]"), '["2024-03-01"]'),
    (np.int64(3), 3),
    (np.bool_(True), True),
    (np.datetime64("2024-03-01T09:30"), "2024-03-01T09:30:00"),
    (pd.Timestamp("2024-03-01 09:30"), "2024-03-01T09:30:00"),
    (pd.Series(["a", "b"]), '["a", "b"]'),
    (pd.Period("2024-03"), "2024-03"),
    ({"b", "a", "c"}, '["a", "b", "c"]'),
    (frozenset([2, 10]), "[10, 2]"),
    (Tale.CROW, "crow"),
    (Tale.FOX, 7),
    (Name.FOX, "fox"),
    ([Tale.FOX, UUID_7, date(2024, 3, 1)], f'[7, "{UUID_7}", "2024-03-01"]'),
    ({"a": {1: np.float32(0.5)}}, '{"a": {"1": 0.5}}'),
    (UUID_7, str(UUID_7)),
]


@pytest.mark.parametrize(("raw", "kept"), KEPT, ids=[type(raw).__name__ for raw, _ in KEPT])
def test_a_field_with_one_plain_meaning_is_kept_as_that(words_rt, at, raw, kept):
    index = words_rt.index([{"id": "a", "text": "a fox", "x": raw}], at=at)
    (hit,) = index.search("fox")
    assert hit.fields == {"x": kept}
    assert type(hit.fields["x"]) is type(kept)
    assert index.update([{"id": "a", "text": "a fox", "x": raw}]).kept == 1


@pytest.mark.parametrize("gap", [None, float("nan"), np.nan, pd.NaT, pd.NA, np.datetime64("NaT")])
def test_a_missing_field_is_no_field(words_rt, at, gap):
    index = words_rt.index([{"id": "a", "text": "a fox", "x": gap, "y": 1}], at=at)
    assert index.search("fox")[0].fields == {"y": 1}
    assert json.dumps(index.search("fox")[0].fields)


CYCLE: list[object] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    "raw",
    [
        b"bytes",
        [b"bytes"],
        bytearray(b"bytes"),
        memoryview(b"bytes"),
        pd.DataFrame({"a": [1]}),
        [pd.DataFrame({"a": [1]})],
        {"a": {"b": Author("Aesop")}},
        Author("Aesop"),
        1 + 2j,
        {(1, 2): 3},
        CYCLE,
        object,
    ],
    ids=lambda raw: type(raw).__name__,
)
def test_a_field_without_a_plain_meaning_is_an_error_that_names_document_and_field(
    words_rt, at, raw
):
    with pytest.raises(InputError, match="The field 'x' of the document 'b' cannot be kept") as (
        refused
    ):
        words_rt.index(
            [{"id": "a", "text": "a fox", "x": 1}, {"id": "b", "text": "a crow", "x": raw}], at=at
        )
    assert "type" in refused.value.why or "deep" in refused.value.why
    with pytest.raises(ParameterError, match=r"field\('x'\) cannot be compared"):
        field("x") == raw  # noqa: B015 the comparison itself is refused
