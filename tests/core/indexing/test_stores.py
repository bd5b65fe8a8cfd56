"""Stores: both do the same, and keep what they were given."""

from __future__ import annotations

import functools
import operator
from dataclasses import replace
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.indexing.given import DIM, MANIFEST, row, rows, vectors

from metier import field
from metier.indexing.conditions import Condition
from metier.indexing.lance.store import LanceStore
from metier.indexing.memory_store import MemoryStore
from metier.indexing.store import Row
from metier.retrieval.bm25 import Bm25

HOSTILE = [
    "it's",
    "' OR 1=1 --",
    "a\\'b",
    '"q"',
    "x\x00y",
    "a; DROP TABLE chunks",
    "\u2028",
    "\\",
    "%_",
    "{x}",
]


@pytest.fixture(params=["memory", "disk"])
def store(request, tmp_path):
    if request.param == "memory":
        return MemoryStore(MANIFEST, str.split)
    made = LanceStore(tmp_path / "index")
    made.begin(MANIFEST)
    return made


def number_of(identity: str) -> int:
    return int(identity, 16)


def test_what_was_put_is_there_as_it_was(store):
    given = rows(range(50))
    store.put(given, vectors(range(50)))
    ids = [one.chunk.id for one in given]
    assert len(store) == 50
    assert store.rows(ids[::-1]) == given[::-1]
    np.testing.assert_allclose(store.vectors(ids[7:9]), vectors([7, 8]), atol=1e-3)
    held = store.contents()
    assert {one.chunk.document_id: {one.chunk.id: one.digest} for one in given} == {
        document: one.chunks for document, one in held.items()
    }
    assert {one.source for one in held.values()} == {"the input"}


def test_a_put_that_fails_leaves_what_was_there(store):
    store.put(rows(range(5)), vectors(range(5)))
    with pytest.raises((TypeError, ValueError), match=r"1[67]"):
        store.put(rows(range(3, 9)), vectors(range(6), dim=DIM + 1))
    assert len(store) == 5
    (found,) = store.nearest(vectors([3]), 9)
    assert sorted(map(number_of, found.ids)) == [0, 1, 2, 3, 4]
    store.put(rows(range(3, 9)), vectors(range(3, 9)))
    assert number_of(store.nearest(vectors([8]), 1)[0].ids[0]) == 8


def test_ids_that_are_not_there_are_passed_over(store):
    store.put(rows([1]), vectors([1]))
    there = f"{1:032x}"
    assert [one.chunk.id for one in store.rows(["no", there, "it's"])] == [there]
    assert store.vectors(["no", there]).shape == (1, DIM)
    assert store.vectors([]).shape == (0, DIM)
    store.remove(["no", "it's"])
    assert len(store) == 1


def test_an_empty_store_finds_nothing(store):
    store.put([], np.empty((0, DIM), dtype=np.float32))
    assert len(store) == 0
    assert store.contents() == {}
    (found,) = store.nearest(vectors([1]), 5)
    assert (found.ids, len(found.scores)) == ([], 0)
    (found,) = store.nearest(vectors([1]), 5, dim=4)
    assert found.ids == []


def test_a_put_replaces_what_has_the_same_id(store):
    store.put(rows(range(10)), vectors(range(10)))
    changed = row(3, color="red")
    store.put([changed, row(3, color="blue"), row(11)], vectors([30, 31, 11]))
    assert len(store) == 11
    assert store.rows([changed.chunk.id]) == [row(3, color="blue")]
    np.testing.assert_allclose(store.vectors([changed.chunk.id]), vectors([31]), atol=1e-3)
    (found,) = store.nearest(vectors([1]), 20, field("number") == 3)
    assert found.ids == []


def test_the_nearest_are_those_of_the_whole_matrix(store):
    store.put(rows(range(300)), vectors(range(300)))
    queries = vectors(range(1000, 1005))
    products = queries @ vectors(range(300)).T
    for found, expected in zip(store.nearest(queries, 7), products, strict=True):
        assert [number_of(one) for one in found.ids] == list(np.argsort(-expected)[:7])
        np.testing.assert_allclose(found.scores, np.sort(expected)[::-1][:7], atol=1e-3)


def test_equal_vectors_stand_in_the_order_of_their_ids(store):
    store.put(rows([5, 3, 9, 1]), np.repeat(vectors([0]), 4, axis=0))
    for count in (2, 4):
        (found,) = store.nearest(vectors([0]), count)
        assert [number_of(one) for one in found.ids] == [1, 3, 5, 9][:count]


def test_of_many_equal_chunks_the_first_ids_are_found(store):
    numbers = [*range(300, 0, -1)]
    store.put(rows(numbers), np.repeat(vectors([0]), 300, axis=0))
    (found,) = store.nearest(vectors([0]), 5)
    assert [number_of(one) for one in found.ids] == [1, 2, 3, 4, 5]
    (found,) = store.nearest(vectors([0]), 5, field("number") > 100)
    assert [number_of(one) for one in found.ids] == [101, 102, 103, 104, 105]
    assert [number_of(one) for one in store.search_terms(["text"], 3).ids] == [1, 2, 3]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        (field("number") >= 45, lambda n: n >= 45),
        (field("kind") == "odd", lambda n: n % 2 == 1),
        (field("kind") != "odd", lambda n: n % 2 == 0),
        ((field("number") < 10) & ~(field("kind") == "odd"), lambda n: n < 10 and n % 2 == 0),
        (
            field("number").is_in([1, 2, 2.5]) | (field("number") > 47.5),
            lambda n: n in (1, 2, 48, 49),
        ),
        (field("absent") == 1, lambda n: False),
        (~(field("absent") == 1), lambda n: True),
        (field("kind").is_present(), lambda n: True),
        (field("absent").is_present(), lambda n: False),
        (field("kind") == 3, lambda n: False),
        (field("kind").is_in([]), lambda n: False),
        (field("number") < "5", lambda n: False),
        (field("kind") > "even", lambda n: n % 2 == 1),
    ],
    ids=lambda value: repr(value) if isinstance(value, Condition) else "",
)
def test_conditions_choose_the_same_rows_in_every_store(store, where, kept):
    store.put(rows(range(50)), vectors(range(50)))
    (found,) = store.nearest(vectors([99]), 50, where)
    assert sorted(map(number_of, found.ids)) == [n for n in range(50) if kept(n)]


def test_many_conditions_and_deep_ones_are_read_by_every_store(store):
    store.put(rows(range(50)), vectors(range(50)))
    many = functools.reduce(operator.or_, [field("number") == n for n in range(0, 4000, 7)])
    listed = field("number").is_in([*range(0, 4000, 7), "odd"])
    deep = field("number") > 100
    for n in range(5):
        deep = ~(deep | (field("number") == n)) & (field("number") < 40 + n)
    for where, kept in [
        (many, {*range(0, 50, 7)}),
        (listed, {*range(0, 50, 7)}),
        (~many, {*range(50)} - {*range(0, 50, 7)}),
        (deep, {n for n in range(50) if deep.holds({"number": n})}),
    ]:
        (found,) = store.nearest(vectors([99]), 50, where)
        assert {number_of(one) for one in found.ids} == kept


def test_a_field_may_be_of_any_name_and_kind(store):
    names = ["year", "Year", "year of issue", "a.b", "größe", "it's", "年", "select", "x_y", "x y"]
    given = [row(number, **{name: number}) for number, name in enumerate(names)]
    given.append(row(99, year="unknown", flag=True))
    store.put(given, vectors(range(len(given))))
    for number, name in enumerate(names):
        (found,) = store.nearest(vectors([1]), 50, field(name) == number)
        assert [number_of(one) for one in found.ids] == [number]
    (found,) = store.nearest(vectors([1]), 50, field("year") == "unknown")
    assert [number_of(one) for one in found.ids] == [99]
    (found,) = store.nearest(vectors([1]), 50, field("flag") == True)  # noqa: E712
    assert [number_of(one) for one in found.ids] == [99]
    assert store.rows([given[-1].chunk.id])[0].fields == {"year": "unknown", "flag": True}


def test_a_text_that_spells_a_number_is_compared_with_numbers_too(store):
    years = ["999", "2020", "2021.5", "02022", "about 2023", "-1", "1e4"]
    store.put([row(n, year=year) for n, year in enumerate(years)], vectors(range(len(years))))
    for where, expected in [
        (field("year") >= 2020, {"2020", "2021.5"}),
        (field("year") < 1000, {"999", "-1"}),
        (field("year") == 2020, {"2020"}),
        (field("year") == "2020", {"2020"}),
        (field("year") >= "2", {"2020", "2021.5", "999", "about 2023"}),
        (field("year").is_in([2021.5, "02022"]), {"2021.5", "02022"}),
    ]:
        (found,) = store.nearest(vectors([1]), 50, where)
        assert {years[number_of(one)] for one in found.ids} == expected


def test_a_text_that_spells_true_or_false_is_compared_with_them_too(store):
    given = ["true", "True", "FALSE", "untrue", True, False, "1"]
    store.put([row(n, open=one) for n, one in enumerate(given)], vectors(range(len(given))))
    for where, expected in [
        (field("open") == True, {0, 1, 4, 6}),  # noqa: E712
        (field("open") == False, {2, 5}),  # noqa: E712
        (field("open") != True, {2, 3, 5}),  # noqa: E712
        (field("open") == "true", {0}),
        (field("open").is_in([False, "untrue"]), {2, 3, 5}),
    ]:
        (found,) = store.nearest(vectors([1]), 50, where)
        assert set(map(number_of, found.ids)) == expected


def test_a_store_knows_the_names_of_its_fields(store):
    assert store.fields() == []
    names = ["year", "Year", "year_of issue", "größe", "it's", "年", "5f", "_5f_"]
    given = [row(number, **{name: number}) for number, name in enumerate(names)]
    given.append(row(99, year="unknown", flag=True))
    store.put(given, vectors(range(len(given))))
    assert store.fields() == sorted([*names, "flag"])


def test_a_source_is_unfinished_until_it_is_ended(store):
    for source in ("it's", "a/b", "it's"):
        store.begin_source(source)
    assert store.unfinished() == ["a/b", "it's"]
    store.end_sources(["it's", "no"])
    assert store.unfinished() == ["a/b"]
    store.put(rows([1]), vectors([1]))
    assert store.unfinished() == ["a/b"]
    store.drop()
    if store.path is None:
        assert store.unfinished() == []


def test_what_a_text_holds_is_data_and_never_sql(store):
    given = [row(number, said=text) for number, text in enumerate(HOSTILE)]
    store.put(given, vectors(range(len(given))))
    for number, text in enumerate(HOSTILE):
        (found,) = store.nearest(vectors([1]), 50, field("said") == text)
        assert [number_of(one) for one in found.ids] == [number]
        (found,) = store.nearest(vectors([1]), 50, field("said").is_in([text]))
        assert [number_of(one) for one in found.ids] == [number]
    assert len(store) == len(HOSTILE)


def test_an_id_may_hold_a_quote(store):
    hostile = row(1)
    chunk = type(hostile.chunk)("it's", "x' OR '1'='1", "text", 0, 4, "", "")
    store.put([Row(chunk, {}, "a'b"), row(2)], vectors([1, 2]))
    assert store.rows(["it's"])[0].chunk == chunk
    store.remove(["it's"])
    assert list(store.contents()) == ["document 2"]


def test_what_was_removed_is_not_found(store):
    store.put(rows(range(20)), vectors(range(20)))
    store.remove([f"{number:032x}" for number in range(0, 20, 2)])
    (found,) = store.nearest(vectors([4]), 20)
    assert sorted(map(number_of, found.ids)) == list(range(1, 20, 2))
    store.put(rows([4]), vectors([4]))
    (found,) = store.nearest(vectors([4]), 1)
    assert number_of(found.ids[0]) == 4


def test_fewer_numbers_compare_rotated_vectors(store):
    flat = np.zeros((40, DIM), dtype=np.float32)
    flat[:, -3:] = vectors(range(40), 3)  # the first numbers tell nothing
    store.put(rows(range(40)), flat)
    query = np.zeros((1, DIM), dtype=np.float32)
    query[:, -3:] = vectors([77], 3)
    (whole,) = store.nearest(query, 5)
    (short,) = store.nearest(query, 5, dim=3)
    assert short.ids == whole.ids
    np.testing.assert_allclose(short.scores, whole.scores, atol=1e-3)
    (least,) = store.nearest(query, 40, dim=1)
    assert len(least.ids) == 40
    (some,) = store.nearest(query, 40, field("kind") == "odd", dim=3)
    assert {number_of(one) % 2 for one in some.ids} == {1}


def test_nothing_is_left_after_a_drop(store):
    store.put(rows(range(5)), vectors(range(5)))
    store.drop()
    if isinstance(store, MemoryStore):
        assert len(store) == 0
    else:
        assert not store.exists()


WRITTEN = [
    "cat sat mat",
    "cat cat dog",
    "owl moon night cat",
    "dog bark moon",
    "it's \u732b",
    "moon",
]


def spelled(number: int, text: str) -> Row:
    chunk = replace(row(number).chunk, text=text, end=len(text))
    return Row(chunk, {"number": number}, "the input")


def written(texts: list[str]) -> list[Row]:
    return [spelled(number, text) for number, text in enumerate(texts)]


def test_terms_find_the_chunks_that_have_most_of_them(store):
    store.put(written(WRITTEN), vectors(range(len(WRITTEN))))
    store.compact()
    expected = Bm25(text.split() for text in WRITTEN)
    for query in ("cat", "cat moon", "cat cat dog", "it's", "\u732b", "moon nothing"):
        found = store.search_terms(query.split(), 10)
        scores = expected.scores(query.split())
        best = sorted((-score, number) for number, score in enumerate(scores) if score)
        assert [number_of(one) for one in found.ids] == [number for _, number in best]
        np.testing.assert_allclose(found.scores, [-score for score, _ in best], rtol=1e-5)
        ids = [f"{number:032x}" for number in (4, 0, 99, 5)]
        of_some = store.score_terms(query.split(), ids)
        np.testing.assert_allclose(of_some, [scores[4], scores[0], 0, scores[5]], rtol=1e-5)
    assert store.rarity("cat") == pytest.approx(expected.rarity("cat"))
    assert store.rarity("nothing") == pytest.approx(expected.rarity("nothing"))


def test_terms_are_data_and_may_be_limited_and_left_out(store):
    store.put(written(WRITTEN), vectors(range(len(WRITTEN))))
    assert store.search_terms([], 10).ids == []
    assert store.search_terms(["moon", "' OR 1=1 --", '"', "AND", "+", "*"], 1).ids == [f"{5:032x}"]
    found = store.search_terms(["cat"], 10, field("number") >= 1)
    assert [number_of(one) for one in found.ids] == [1, 2]
    assert store.score_terms([], [f"{1:032x}"]).tolist() == [0.0]


def test_a_condition_changes_no_score(store):
    store.put(written(WRITTEN), vectors(range(len(WRITTEN))))
    store.compact()
    ids = [f"{number:032x}" for number in range(len(WRITTEN))]
    expected = Bm25(text.split() for text in WRITTEN).scores(["cat"])
    found = store.search_terms(["cat"], 10, field("number") >= 1)
    np.testing.assert_allclose(found.scores, expected[1:3], rtol=1e-5)
    np.testing.assert_allclose(store.score_terms(["cat"], ids), expected, rtol=1e-5)


def test_what_is_added_later_is_found_by_its_terms(store):
    store.put(written(WRITTEN), vectors(range(len(WRITTEN))))
    store.compact()
    new = [replace(row(77).chunk, text="a newt", end=6), replace(row(0).chunk, text="gone", end=4)]
    store.put([Row(chunk, {}, "the input") for chunk in new], vectors([77, 0]))
    assert [number_of(one) for one in store.search_terms(["newt"], 5).ids] == [77]
    assert store.search_terms(["mat"], 5).ids == []
    store.remove([f"{77:032x}"])
    assert store.search_terms(["newt"], 5).ids == []


SOME = ["cat", "dog", "moon", "night", "owl", "mat", "sat", "bark", "it's", "\u732b"]
TEXTS = st.lists(st.sampled_from(SOME), min_size=1, max_size=12).map(" ".join)
WRITES = st.one_of(
    st.tuples(st.just("put"), st.dictionaries(st.integers(0, 30), TEXTS, min_size=1, max_size=9)),
    st.tuples(st.just("remove"), st.sets(st.integers(0, 30), min_size=1)),
    st.tuples(st.just("compact"), st.just(())),
    st.tuples(st.just("other process"), st.just(())),
)


@settings(max_examples=12)
@given(st.lists(WRITES, min_size=2, max_size=8))
def test_whatever_was_written_words_rank_the_same_on_disk_as_in_memory(writes):
    with TemporaryDirectory() as folder:
        on_disk, in_memory = LanceStore(folder), MemoryStore(MANIFEST, str.split)
        on_disk.begin(MANIFEST)
        for kind, what in [*writes, ("compact", ())]:
            if kind == "other process":
                on_disk = LanceStore(folder)
            for store in (on_disk, in_memory):
                if kind == "put":
                    made = [spelled(number, text) for number, text in what.items()]
                    store.put(made, vectors(what))
                elif kind == "remove":
                    store.remove([f"{number:032x}" for number in what])
                elif kind == "compact":
                    store.compact()
        for query in (["cat"], ["dog", "moon", "moon"], SOME):
            expected, found = in_memory.search_terms(query, 99), on_disk.search_terms(query, 99)
            scores = dict(zip(expected.ids, expected.scores.tolist(), strict=True))
            assert dict(zip(found.ids, found.scores.tolist(), strict=True)) == pytest.approx(
                scores, rel=1e-5
            )


def test_a_whole_source_that_went_does_not_count_in_how_rare_its_words_are(store):
    """Of files that are gone altogether LanceDB says nothing."""
    store.put(written(["cat sat", "owl moon"] * 20), vectors(range(40)))
    store.compact()
    store.put([spelled(number, "cat") for number in range(100, 160)], vectors(range(100, 160)))
    store.compact()
    store.remove([f"{number:032x}" for number in range(100, 160)])
    store.compact()
    expected = Bm25(text.split() for text in ["cat sat", "owl moon"] * 20).scores(["cat", "moon"])
    found = store.search_terms(["cat", "moon"], 99)
    assert len(found.ids) == 40
    np.testing.assert_allclose(sorted(found.scores), sorted(expected), rtol=1e-5)
