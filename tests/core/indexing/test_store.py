"""Stores: the one in memory and the one on disk return the same rows, scores and fields."""

from __future__ import annotations

import functools
import operator
from dataclasses import replace
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.indexing.toy_rows import DIM, MANIFEST, row, rows, vectors

from metier import field
from metier.indexing.conditions import Condition
from metier.indexing.lance.store import LanceStore
from metier.indexing.memory_store import MemoryStore
from metier.indexing.store import Row
from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval.bm25 import Bm25
from metier.retrieval.terms import Analyzer

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
    on_disk = LanceStore(tmp_path / "index")
    on_disk.begin(MANIFEST)
    return on_disk


def number_of(chunk_id: str) -> int:
    return int(chunk_id, 16)


def test_rows_and_vectors_are_returned_as_they_were_put(store):
    stored = rows(range(50))
    store.put(stored, vectors(range(50)))
    ids = [stored_row.chunk.id for stored_row in stored]
    assert len(store) == 50
    assert store.rows(ids[::-1]) == stored[::-1]
    np.testing.assert_allclose(store.vectors(ids[7:9]), vectors([7, 8]), atol=1e-3)
    documents = store.contents()
    assert {each.chunk.document_id: {each.chunk.id: each.digest} for each in stored} == {
        document_id: document.chunks for document_id, document in documents.items()
    }
    assert {document.source for document in documents.values()} == {"the input"}


def test_a_failed_put_changes_nothing(store):
    store.put(rows(range(5)), vectors(range(5)))
    with pytest.raises((TypeError, ValueError), match=r"1[67]"):
        store.put(rows(range(3, 9)), vectors(range(6), dim=DIM + 1))
    assert len(store) == 5
    (matches,) = store.nearest(vectors([3]), 9)
    assert sorted(map(number_of, matches.ids)) == [0, 1, 2, 3, 4]
    store.put(rows(range(3, 9)), vectors(range(3, 9)))
    assert number_of(store.nearest(vectors([8]), 1)[0].ids[0]) == 8


def test_unknown_ids_are_ignored(store):
    store.put(rows([1]), vectors([1]))
    there = f"{1:032x}"
    assert [found_row.chunk.id for found_row in store.rows(["no", there, "it's"])] == [there]
    assert store.vectors(["no", there]).shape == (1, DIM)
    assert store.vectors([]).shape == (0, DIM)
    store.remove(["no", "it's"])
    assert len(store) == 1


def test_an_empty_store_finds_nothing(store):
    store.put([], np.empty((0, DIM), dtype=np.float32))
    assert len(store) == 0
    assert store.contents() == {}
    (matches,) = store.nearest(vectors([1]), 5)
    assert (matches.ids, len(matches.scores)) == ([], 0)
    (matches,) = store.nearest(vectors([1]), 5, dim=4)
    assert matches.ids == []


def test_a_put_replaces_the_row_with_the_same_id(store):
    store.put(rows(range(10)), vectors(range(10)))
    changed = row(3, color="red")
    store.put([changed, row(3, color="blue"), row(11)], vectors([30, 31, 11]))
    assert len(store) == 11
    assert store.rows([changed.chunk.id]) == [row(3, color="blue")]
    np.testing.assert_allclose(store.vectors([changed.chunk.id]), vectors([31]), atol=1e-3)
    (matches,) = store.nearest(vectors([1]), 20, field("number") == 3)
    assert matches.ids == []


def test_the_nearest_chunks_are_those_of_an_exact_search(store):
    store.put(rows(range(300)), vectors(range(300)))
    queries = vectors(range(1000, 1005))
    products = queries @ vectors(range(300)).T
    for matches, expected in zip(store.nearest(queries, 7), products, strict=True):
        assert [number_of(chunk_id) for chunk_id in matches.ids] == list(np.argsort(-expected)[:7])
        np.testing.assert_allclose(matches.scores, np.sort(expected)[::-1][:7], atol=1e-3)


def test_equal_vectors_are_in_the_order_of_their_ids(store):
    store.put(rows([5, 3, 9, 1]), np.repeat(vectors([0]), 4, axis=0))
    for count in (2, 4):
        (matches,) = store.nearest(vectors([0]), count)
        assert [number_of(chunk_id) for chunk_id in matches.ids] == [1, 3, 5, 9][:count]


def test_of_many_equal_chunks_the_first_ids_are_found(store):
    numbers = [*range(300, 0, -1)]
    store.put(rows(numbers), np.repeat(vectors([0]), 300, axis=0))
    (matches,) = store.nearest(vectors([0]), 5)
    assert [number_of(chunk_id) for chunk_id in matches.ids] == [1, 2, 3, 4, 5]
    (matches,) = store.nearest(vectors([0]), 5, field("number") > 100)
    assert [number_of(chunk_id) for chunk_id in matches.ids] == [101, 102, 103, 104, 105]
    assert [number_of(chunk_id) for chunk_id in store.search_terms(["text"], 3).ids] == [1, 2, 3]


@pytest.mark.parametrize(
    ("where", "meets"),
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
def test_conditions_choose_the_same_rows_in_every_store(store, where, meets):
    store.put(rows(range(50)), vectors(range(50)))
    (matches,) = store.nearest(vectors([99]), 50, where)
    assert sorted(map(number_of, matches.ids)) == [n for n in range(50) if meets(n)]


def test_many_conditions_and_deep_ones_are_read_by_every_store(store):
    store.put(rows(range(50)), vectors(range(50)))
    many = functools.reduce(operator.or_, [field("number") == n for n in range(0, 4000, 7)])
    listed = field("number").is_in([*range(0, 4000, 7), "odd"])
    deep = field("number") > 100
    for n in range(5):
        deep = ~(deep | (field("number") == n)) & (field("number") < 40 + n)
    for where, numbers in [
        (many, {*range(0, 50, 7)}),
        (listed, {*range(0, 50, 7)}),
        (~many, {*range(50)} - {*range(0, 50, 7)}),
        (deep, {n for n in range(50) if deep.holds({"number": n})}),
    ]:
        (matches,) = store.nearest(vectors([99]), 50, where)
        assert {number_of(chunk_id) for chunk_id in matches.ids} == numbers


def test_a_field_can_have_any_name_and_type(store):
    names = ["year", "Year", "year of issue", "a.b", "größe", "it's", "年", "select", "x_y", "x y"]
    stored = [row(number, **{name: number}) for number, name in enumerate(names)]
    stored.append(row(99, year="unknown", flag=True))
    store.put(stored, vectors(range(len(stored))))
    for number, name in enumerate(names):
        (matches,) = store.nearest(vectors([1]), 50, field(name) == number)
        assert [number_of(chunk_id) for chunk_id in matches.ids] == [number]
    (matches,) = store.nearest(vectors([1]), 50, field("year") == "unknown")
    assert [number_of(chunk_id) for chunk_id in matches.ids] == [99]
    (matches,) = store.nearest(vectors([1]), 50, field("flag") == True)  # noqa: E712
    assert [number_of(chunk_id) for chunk_id in matches.ids] == [99]
    assert store.rows([stored[-1].chunk.id])[0].fields == {"year": "unknown", "flag": True}


def test_a_string_that_spells_a_number_is_compared_with_numbers_too(store):
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
        (matches,) = store.nearest(vectors([1]), 50, where)
        assert {years[number_of(chunk_id)] for chunk_id in matches.ids} == expected


def test_a_string_that_spells_a_boolean_is_compared_with_booleans_too(store):
    values = ["true", "True", "FALSE", "untrue", True, False, "1"]
    store.put([row(n, open=value) for n, value in enumerate(values)], vectors(range(len(values))))
    for where, expected in [
        (field("open") == True, {0, 1, 4, 6}),  # noqa: E712
        (field("open") == False, {2, 5}),  # noqa: E712
        (field("open") != True, {2, 3, 5}),  # noqa: E712
        (field("open") == "true", {0}),
        (field("open").is_in([False, "untrue"]), {2, 3, 5}),
    ]:
        (matches,) = store.nearest(vectors([1]), 50, where)
        assert set(map(number_of, matches.ids)) == expected


def test_a_store_knows_the_names_of_its_fields(store):
    assert store.fields() == []
    names = ["year", "Year", "year_of issue", "größe", "it's", "年", "5f", "_5f_"]
    stored = [row(number, **{name: number}) for number, name in enumerate(names)]
    stored.append(row(99, year="unknown", flag=True))
    store.put(stored, vectors(range(len(stored))))
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


def test_strings_are_never_read_as_sql(store):
    stored = [row(number, text=text) for number, text in enumerate(HOSTILE)]
    store.put(stored, vectors(range(len(stored))))
    for number, text in enumerate(HOSTILE):
        (matches,) = store.nearest(vectors([1]), 50, field("text") == text)
        assert [number_of(chunk_id) for chunk_id in matches.ids] == [number]
        (matches,) = store.nearest(vectors([1]), 50, field("text").is_in([text]))
        assert [number_of(chunk_id) for chunk_id in matches.ids] == [number]
    assert len(store) == len(HOSTILE)


def test_an_id_can_contain_a_quote(store):
    hostile = row(1)
    chunk = type(hostile.chunk)("it's", "x' OR '1'='1", "text", 0, 4, "", "")
    store.put([Row(chunk, {}, "a'b"), row(2)], vectors([1, 2]))
    assert store.rows(["it's"])[0].chunk == chunk
    store.remove(["it's"])
    assert list(store.contents()) == ["document 2"]


def test_removed_chunks_are_not_found(store):
    store.put(rows(range(20)), vectors(range(20)))
    store.remove([f"{number:032x}" for number in range(0, 20, 2)])
    (matches,) = store.nearest(vectors([4]), 20)
    assert sorted(map(number_of, matches.ids)) == list(range(1, 20, 2))
    store.put(rows([4]), vectors([4]))
    (matches,) = store.nearest(vectors([4]), 1)
    assert number_of(matches.ids[0]) == 4


def test_fewer_dimensions_compare_rotated_vectors(store):
    flat = np.zeros((40, DIM), dtype=np.float32)
    flat[:, -3:] = vectors(range(40), 3)  # the first dimensions are all zero
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
    assert {number_of(chunk_id) % 2 for chunk_id in some.ids} == {1}


def test_drop_leaves_nothing(store):
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


def row_with_text(number: int, text: str) -> Row:
    chunk = replace(row(number).chunk, text=text, end=len(text))
    return Row(chunk, {"number": number}, "the input")


def written(texts: list[str]) -> list[Row]:
    return [row_with_text(number, text) for number, text in enumerate(texts)]


def test_chunks_are_ranked_by_bm25(store):
    store.put(written(WRITTEN), vectors(range(len(WRITTEN))))
    store.compact()
    expected = Bm25(text.split() for text in WRITTEN)
    for query in ("cat", "cat moon", "cat cat dog", "it's", "\u732b", "moon nothing"):
        matches = store.search_terms(query.split(), 10)
        scores = expected.scores(query.split())
        best = sorted((-score, number) for number, score in enumerate(scores) if score)
        assert [number_of(chunk_id) for chunk_id in matches.ids] == [number for _, number in best]
        np.testing.assert_allclose(matches.scores, [-score for score, _ in best], rtol=1e-5)
        ids = [f"{number:032x}" for number in (4, 0, 99, 5)]
        of_some = store.score_terms(query.split(), ids)
        np.testing.assert_allclose(of_some, [scores[4], scores[0], 0, scores[5]], rtol=1e-5)
    assert store.rarity("cat") == pytest.approx(expected.rarity("cat"))
    assert store.rarity("nothing") == pytest.approx(expected.rarity("nothing"))


def test_terms_are_never_read_as_a_query_language(store):
    store.put(written(WRITTEN), vectors(range(len(WRITTEN))))
    assert store.search_terms([], 10).ids == []
    assert store.search_terms(["moon", "' OR 1=1 --", '"', "AND", "+", "*"], 1).ids == [f"{5:032x}"]
    matches = store.search_terms(["cat"], 10, field("number") >= 1)
    assert [number_of(chunk_id) for chunk_id in matches.ids] == [1, 2]
    assert store.score_terms([], [f"{1:032x}"]).tolist() == [0.0]


def test_a_condition_changes_no_score(store):
    store.put(written(WRITTEN), vectors(range(len(WRITTEN))))
    store.compact()
    ids = [f"{number:032x}" for number in range(len(WRITTEN))]
    expected = Bm25(text.split() for text in WRITTEN).scores(["cat"])
    matches = store.search_terms(["cat"], 10, field("number") >= 1)
    np.testing.assert_allclose(matches.scores, expected[1:3], rtol=1e-5)
    np.testing.assert_allclose(store.score_terms(["cat"], ids), expected, rtol=1e-5)


def test_chunks_added_later_are_found_by_their_terms(store):
    store.put(written(WRITTEN), vectors(range(len(WRITTEN))))
    store.compact()
    new = [replace(row(77).chunk, text="a newt", end=6), replace(row(0).chunk, text="gone", end=4)]
    store.put([Row(chunk, {}, "the input") for chunk in new], vectors([77, 0]))
    assert [number_of(chunk_id) for chunk_id in store.search_terms(["newt"], 5).ids] == [77]
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
def test_terms_rank_the_same_on_disk_as_in_memory_after_any_writes(writes):
    with TemporaryDirectory() as folder:
        on_disk, in_memory = LanceStore(folder), MemoryStore(MANIFEST, str.split)
        on_disk.begin(MANIFEST)
        for kind, what in [*writes, ("compact", ())]:
            if kind == "other process":
                on_disk = LanceStore(folder)
            for store in (on_disk, in_memory):
                if kind == "put":
                    written_rows = [row_with_text(number, text) for number, text in what.items()]
                    store.put(written_rows, vectors(what))
                elif kind == "remove":
                    store.remove([f"{number:032x}" for number in what])
                elif kind == "compact":
                    store.compact()
        for query in (["cat"], ["dog", "moon", "moon"], SOME):
            expected, matches = in_memory.search_terms(query, 99), on_disk.search_terms(query, 99)
            scores = dict(zip(expected.ids, expected.scores.tolist(), strict=True))
            assert dict(zip(matches.ids, matches.scores.tolist(), strict=True)) == pytest.approx(
                scores, rel=1e-5
            )


def test_a_removed_source_does_not_count_in_the_rarity_of_terms(store):
    """LanceDB reports nothing about files of which all rows were removed."""
    store.put(written(["cat sat", "owl moon"] * 20), vectors(range(40)))
    store.compact()
    store.put(
        [row_with_text(number, "cat") for number in range(100, 160)], vectors(range(100, 160))
    )
    store.compact()
    store.remove([f"{number:032x}" for number in range(100, 160)])
    store.compact()
    expected = Bm25(text.split() for text in ["cat sat", "owl moon"] * 20).scores(["cat", "moon"])
    matches = store.search_terms(["cat", "moon"], 99)
    assert len(matches.ids) == 40
    np.testing.assert_allclose(sorted(matches.scores), sorted(expected), rtol=1e-5)


def test_emoji_and_names_with_signs_are_found_in_every_store(tmp_path):
    analyze = Analyzer(RetrievalSettings()).names
    texts = [
        "a \U0001f44d\U0001f3fd toy",
        "a \U0001f44d toy",
        "\u2764\ufe0f\u200d\U0001f525",
        "C++",
    ]
    on_disk = LanceStore(tmp_path / "index", analyze)
    on_disk.begin(MANIFEST)
    for store in (MemoryStore(MANIFEST, analyze), on_disk):
        store.put(written(texts), vectors(range(len(texts))))
        store.compact()
        for number, text in enumerate(texts):
            terms = [name for name in analyze(text) if name != "toy"]
            matches = store.search_terms(terms, 9)
            assert [number_of(chunk_id) for chunk_id in matches.ids] == [number]
