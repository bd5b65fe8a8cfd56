"""Index: searching, adding, updating and removing documents."""

from __future__ import annotations

import asyncio
from datetime import date

import numpy as np
import pytest

import metier
from metier import Documents, Hit, Runtime, field
from metier.errors import InputError, MetierWarning, ParameterError, UsageError
from metier.registry.instruction import Instruction
from metier.testing.fakes import FakeEmbedder

ANIMALS = [
    {"id": "cat", "text": "the cat sat on the mat", "year": 2020, "kind": "pet"},
    {"id": "dog", "text": "dogs bark at the moon", "year": 2021, "kind": "pet"},
    {"id": "owl", "text": "an owl sees the moon at night", "year": 1999, "kind": "wild"},
]
BOTH = Instruction(id="sort", task="Sort animals by kind", kind="clustering", sides="both")


@pytest.fixture
def animals(words_rt):
    return words_rt.index(ANIMALS)


def ids(hits: list[Hit]) -> list[str]:
    return [hit.document_id for hit in hits]


class Counting(FakeEmbedder):
    """Counts the documents it embeds."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    def embed(self, texts, *, prompt, dim, progress):
        if prompt.side == "document":
            self.embedded += texts
        return super().embed(texts, prompt=prompt, dim=dim, progress=progress)


@pytest.fixture
def counting():
    return Counting()


@pytest.fixture
def counting_rt(counting):
    return Runtime(counting, plugins=[], progress=False)


def test_the_documents_that_answer_are_found_best_first(animals):
    hits = animals.search("the moon at night")
    assert ids(hits) == ["owl", "dog", "cat"]
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert hits[0].text == ANIMALS[2]["text"]
    assert hits[0].fields == {"year": 1999, "kind": "wild"}
    assert hits[0].score > hits[1].score > hits[2].score


def test_scores_are_the_cosines_of_the_vectors(animals, words_rt):
    query = words_rt.embed_queries(["a cat"])
    documents = words_rt.embed_documents([animal["text"] for animal in ANIMALS])
    expected = dict(zip(["cat", "dog", "owl"], (query @ documents.T)[0], strict=True))
    for hit in animals.search("a cat"):
        assert hit.scores["dense"] == pytest.approx(expected[hit.document_id], abs=1e-6)


def test_top_k_limits_and_must_be_positive(animals):
    assert ids(animals.search("the moon at night", top_k=1)) == ["owl"]
    with pytest.raises(ParameterError, match="top_k=0"):
        animals.search("moon", top_k=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top_k": "3"}, "top_k='3' is not a whole number"),
        ({"top_k": 2.5}, "top_k=2.5 is not a whole number"),
        ({"top_k": None}, "top_k=None is not a whole number"),
        ({"top_k": True}, "top_k=True is not a whole number"),
        ({"dim": "8"}, "dim='8' is not a whole number"),
        ({"dim": 8.0}, "dim=8.0 is not a whole number"),
        ({"retrieval": {"dense": 1}}, "is of type dict, not RetrievalSettings"),
    ],
)
def test_options_of_another_type_are_told_by_name(animals, options, message):
    calls = [
        lambda: animals.search("moon", **options),
        lambda: animals.search_many(["moon"], **options),
        lambda: asyncio.run(animals.asearch("moon", **options)),
        lambda: animals.explain(**options),
    ]
    for call in calls:
        with pytest.raises(ParameterError, match=message):
            call()


@pytest.mark.parametrize("query", [None, 5, ["moon"], "", b"moon"])
def test_a_query_that_is_no_text_is_told(animals, query):
    with pytest.raises(InputError, match=r"Text 0 is of type|The query is empty"):
        animals.search(query)
    with pytest.raises((InputError, UsageError)):
        animals.search_many(query if query != ["moon"] else [query])


def test_whole_numbers_and_queries_may_come_in_any_form(animals):
    (first, second) = animals.search_many(iter(["moon", "mat"]), top_k=np.int64(1))
    assert ids(first + second) == ids(
        [*animals.search("moon", top_k=1), *animals.search("mat")[:1]]
    )


@pytest.mark.parametrize("wrong", ["cat", None, 5])
def test_what_is_to_be_removed_has_to_be_a_list(animals, wrong):
    with pytest.raises(ParameterError, match="no list of ids"):
        animals.remove(wrong)
    assert len(animals) == 3


def test_equal_scores_stand_in_the_order_of_ids(words_rt):
    index = words_rt.index([{"id": name, "text": "a cat"} for name in ("c", "a", "b")])
    first = ids(index.search("a cat"))
    again = words_rt.index([{"id": name, "text": "a cat"} for name in ("b", "c", "a")])
    assert ids(again.search("a cat")) == first


def test_conditions_leave_documents_out(animals):
    hits = animals.search("the moon at night", where=field("year") >= 2000)
    assert ids(hits) == ["dog", "cat"]
    assert animals.search("moon", where=field("kind") == "'; DROP TABLE chunks; --") == []
    with pytest.raises(ParameterError, match="not a condition"):
        animals.search("moon", where="year > 2000")


def test_many_queries_find_what_each_finds_alone(animals):
    queries = ["the moon", "a mat", "barking dogs"]
    together = animals.search_many(queries)
    assert [ids(hits) for hits in together] == [ids(animals.search(query)) for query in queries]
    assert animals.search_many([]) == []


def test_a_search_may_be_awaited(animals):
    assert asyncio.run(animals.asearch("a mat", top_k=1)) == animals.search("a mat", top_k=1)


def test_a_reranker_orders_the_nearest_where_there_is_one(reranking_rt):
    index = reranking_rt.index(ANIMALS)
    reranked = index.search("moon")
    assert all(hit.score == hit.scores["rerank"] for hit in reranked)
    assert all("dense" in hit.scores for hit in reranked)
    plain = index.search("moon", rerank=False)
    assert all("rerank" not in hit.scores for hit in plain)


def test_a_reranker_that_is_asked_for_and_not_there_is_an_error(animals):
    with pytest.raises(UsageError, match="no reranker"):
        animals.search("moon", rerank=True)


def test_an_explanation_refuses_what_a_search_refuses(words_rt):
    empty = words_rt.index([])  # a search would not come as far as the reranker
    for call in (lambda: empty.search("moon", rerank=True), lambda: empty.explain(rerank=True)):
        with pytest.raises(UsageError, match=r"no reranker(.|\n)*reranker="):
            call()


def test_nothing_found_by_a_field_that_no_document_has_is_told_with_close_names(animals):
    with pytest.warns(MetierWarning, match="no document has the field 'yaer'. Did you mean 'year'"):
        assert animals.search("moon", where=field("yaer") > 2000) == []
    mixed = (field("kind") == "pet") & (field("color") == "red")
    with pytest.warns(MetierWarning, match="'color'. Known: 'kind', 'year'.") as warned:
        assert animals.search_many(["moon", "mat"], where=mixed) == [[], []]
    assert len(warned) == 1


def test_a_string_that_is_no_date_or_number_of_its_field_is_told(words_rt):
    index = words_rt.index([{"id": "a", "text": "moon", "filed": date(2024, 3, 1), "n": 12}])
    with pytest.warns(MetierWarning, match=r"'filed' has dates, .*'1 March 2024'.*date\(2024"):
        index.search("moon", where=field("filed") < "1 March 2024")
    with pytest.warns(MetierWarning, match="'n' has numbers, and '1.200,5' is none"):
        index.search("moon", where=field("n").is_in(["1.200,5"]))
    assert index.fields() == ["filed", "n"]


def test_a_condition_that_may_be_meant_is_not_told_of(animals, words_rt):
    assert animals.search("moon", where=field("kind") == "tame") == []
    assert len(animals.search("moon", where=~(field("yaer") > 2000))) == 3
    assert words_rt.index([]).search("moon", where=field("yaer") > 2000) == []


def test_an_empty_index_finds_nothing_and_may_be_filled(words_rt):
    index = words_rt.index([])
    assert (len(index), index.search("moon")) == (0, [])
    index.add(ANIMALS)
    assert len(index) == 3


def test_what_did_not_change_is_not_embedded_again(counting, counting_rt):
    index = counting_rt.index(ANIMALS)
    counting.embedded.clear()
    changed = [ANIMALS[0], {**ANIMALS[1], "text": "dogs sleep"}]
    report = index.update(changed)
    assert counting.embedded == ["dogs sleep"]
    assert (report.documents, report.embedded, report.kept, report.removed) == (2, 1, 1, 2)
    assert ids(index.search("dogs sleep")) == ["dog", "cat"]


def test_changed_fields_are_kept_without_embedding(counting, counting_rt):
    index = counting_rt.index(ANIMALS)
    counting.embedded.clear()
    index.update([{**animal, "year": 1900} for animal in ANIMALS])
    assert counting.embedded == []
    assert len(index.search("moon", where=field("year") == 1900)) == 3


def test_add_replaces_by_id_and_leaves_the_rest(animals):
    animals.add([{"id": "cat", "text": "a cat is asleep"}])
    assert len(animals) == 3
    assert animals.search("cat asleep", top_k=1)[0].text == "a cat is asleep"


def test_update_removes_what_went_of_its_source_alone(words_rt):
    index = words_rt.index([])
    index.add([{"id": "a", "text": "a cat"}], source="zoo/cats.csv")
    index.add([{"id": "b", "text": "a dog"}], source="zoo/dogs.csv")
    index.add([{"id": "c", "text": "an owl"}], source="zoology")
    index.update([{"id": "a", "text": "a cat"}], source="zoo/cats.csv")
    assert len(index) == 3
    index.update([{"id": "d", "text": "a bat"}], source="zoo")
    assert sorted(ids(index.search("animal"))) == ["c", "d"]


def test_a_document_of_one_source_does_not_take_the_place_of_anothers(words_rt):
    index = words_rt.index([{"id": "a", "text": "a cat"}], source="cats.csv")
    with pytest.raises(InputError, match=r"has the id of a document of cats\.csv in the index"):
        index.add([{"id": "a", "text": "a dog"}], source="dogs.csv")
    with pytest.raises(InputError, match=r"index of its own(.|\n)*the folder above both"):
        index.update([{"id": "a", "text": "a dog"}], source="dogs.csv")
    assert index.info().unfinished == ()
    assert index.search("cat")[0].text == "a cat"


def test_an_index_says_that_not_all_documents_of_a_source_are_in_it(words_rt, tmp_path):
    def broken():
        for number in range(1100):
            yield {"id": str(number), "text": f"a cat, number {number}"}
        yield {"id": "bad", "text": ""}

    empty = words_rt.index([])
    with pytest.raises(InputError, match="is empty"):
        empty.update([{"id": "bad", "text": ""}])
    assert empty.info().unfinished == ()  # it is as it was
    for at in (None, tmp_path / "index"):
        index = words_rt.index([{"id": "dog", "text": "a dog"}], source="dogs.csv", at=at)
        with pytest.raises(InputError, match="is empty"):
            index.update(broken(), source="zoo/cats.csv")
        assert index.info().unfinished == ("zoo/cats.csv",)
        assert index.info().to_dict()["unfinished"] == ["zoo/cats.csv"]
        index.add([{"id": "0", "text": "a cat, number 0"}], source="zoo/cats.csv")
        with pytest.warns(MetierWarning, match=r"Not all documents of zoo/cats\.csv are in"):
            assert index.search("cat, number 7")
        index.update([{"id": "cat", "text": "a cat"}], source="zoo")
        assert index.info().unfinished == ()
        assert sorted(ids(index.search("animal"))) == ["cat", "dog"]


def test_documents_are_removed_by_id(animals):
    with pytest.warns(MetierWarning, match=r"1 of 2 ids are of no document in the index: 'cow'\."):
        assert animals.remove(["cat", "cow", "cat"]) == 1
    assert sorted(ids(animals.search("moon"))) == ["dog", "owl"]
    with pytest.raises(ParameterError, match="Put it in a list"):
        animals.remove("dog")


def test_texts_without_ids_keep_theirs_wherever_they_stand(counting, counting_rt):
    index = counting_rt.index(["a cat", "a dog"])
    counting.embedded.clear()
    report = index.update(["an owl", "a dog", "a cat", "a dog"])
    assert counting.embedded == ["an owl"]
    assert (report.kept, len(index)) == (2, 3)


def test_an_iterator_is_read_as_it_is_needed_and_in_windows(counting, counting_rt):
    read = 0

    def rows():
        nonlocal read
        for read in range(1, 2501):
            yield {"id": str(read), "text": f"text number {read}"}
            assert read - len(counting.embedded) <= 3 * 1024

    index = counting_rt.index(rows())
    assert (read, len(index)) == (2500, 2500)
    assert index.search("text number 2077", top_k=1)[0].document_id == "2077"


@pytest.mark.parametrize("rows", [ANIMALS + ANIMALS[:1], iter(ANIMALS + ANIMALS[:1])])
def test_two_documents_with_one_id_are_refused(words_rt, rows):
    with pytest.raises(InputError, match=r"same id|have the id"):
        words_rt.index(rows)


def test_ids_are_compared_across_windows(words_rt):
    rows = [{"id": str(number % 1500), "text": f"text {number}"} for number in range(1501)]
    with pytest.raises(InputError, match="Two documents of the input have the id '0'"):
        words_rt.index(rows)


@pytest.mark.parametrize("text", ["", "   ", "a \ud800 b", None, 5])
def test_a_text_that_cannot_be_used_is_named(words_rt, text):
    with pytest.raises(InputError, match="row 2"):
        words_rt.index([{"id": "a", "text": "a cat"}, {"id": "b", "text": text}])


def test_texts_say_where_they_come_from(words_rt):
    texts = Documents.of([{"id": "a", "text": "a cat"}], source="cats.csv")
    assert words_rt.index(texts).search("cat")[0].source == "cats.csv"


def test_an_instruction_of_an_index_is_that_of_its_searches(words_rt):
    task = Instruction(id="find", task="Find the animal that is meant", kind="retrieval", dim=64)
    index = words_rt.index(ANIMALS, instruction=task)
    assert index.manifest.provenance.dim == 64
    query = words_rt.embed_queries(["moon"], instruction=task)
    documents = words_rt.embed_documents([animal["text"] for animal in ANIMALS], instruction=task)
    best = index.search("moon")[0]
    assert best.scores["dense"] == pytest.approx(float(np.max(query @ documents.T)), abs=1e-6)


def test_a_query_may_have_an_instruction_of_its_own_but_not_one_of_both_sides(words_rt):
    index = words_rt.index(ANIMALS)
    task = Instruction(id="find", task="Find the animal that is meant", kind="retrieval")
    assert index.search("moon", instruction=task)[0].score != index.search("moon")[0].score
    with pytest.raises(UsageError, match="the query and of the index cannot be compared"):
        index.search("moon", instruction=BOTH)


def test_runtimes_and_indexes_share_nothing(words_rt):
    index, other = words_rt.index(ANIMALS), words_rt.index(ANIMALS[:1])
    other.remove(["cat"])
    assert (len(index), len(other)) == (3, 0)


def test_an_index_shows_what_it_was_made_with(words_rt):
    assert repr(words_rt.index(ANIMALS, instruction=BOTH)) == (
        "Index(path=None, model='fake-embedder', dim=256, instruction='sort@1', domain='core')"
    )


def test_an_index_and_its_hits_are_public_names():
    assert metier.Index.__name__ == "Index"
    assert metier.Hit.__name__ == "Hit"


def test_more_chunks_in_memory_than_is_wise_are_told_of(words_rt, monkeypatch):
    monkeypatch.setattr("metier.indexing.index.MANY", 2)
    with pytest.warns(MetierWarning, match="holds 3 chunks in memory.*at=FOLDER"):
        words_rt.index(ANIMALS)


def test_equal_rows_without_ids_are_one_document_however_far_apart(words_rt):
    texts = ["the same", *(f"tale number {number}" for number in range(1500)), "the same"]
    assert len(words_rt.index(iter(texts))) == 1501
    assert len(words_rt.index({"text": text} for text in [*texts[:1100], *texts[:1100]])) == 1100


def test_a_search_can_be_explained_before_it_is_made(animals, reranking_rt):
    whole = animals.explain()
    assert (whole.dim, whole.compared, whole.rotated, whole.shortlist) == (256, 256, False, None)
    assert whole.dim_reason == "all dimensions that the model gives"
    assert (whole.rerank, whole.rerank_reason) == (False, "there is none")
    assert "dense" in whole.search
    short = animals.explain(dim=32, instruction=None)
    assert (short.compared, short.rotated) == (32, True)
    assert "rotated to the axes of this index" in str(short)
    assert short.to_dict()["nearness"] == short.nearness
    reranked = reranking_rt.index(ANIMALS, dim=128)
    assert reranked.explain().rerank
    assert reranked.explain().dim_reason.startswith("the first of the 256 dimensions")
    assert reranked.explain(rerank=False).rerank_reason == "the call asks for none"
    with pytest.raises(ParameterError, match="top_k=0"):
        animals.explain(top_k=0)
