"""Several queries in one search: best matches, the matrix, and what is near to nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metier.errors import ParameterError
from metier.steps.nearness import near_cosine
from metier.steps.query_batches import BatchResult, search_one_or_many, search_queries
from metier.steps.searching import Passage, SearchResult, search_passages
from metier.texts.texts import Texts

TASK = "core/passage-search"
PASSAGES = [
    Passage("a:1", "The tenant pays the rent every month.", "lease, 1", document="lease"),
    Passage("a:2", "Dogs and cats are allowed in the flat.", "lease, 2", document="lease"),
    Passage("b:1", "The lender may ask for the loan back at any time.", "loan, 1", document="loan"),
]  # fmt: skip
QUERIES = [
    {"id": "q1", "text": "when is the rent due", "topic": "money"},
    {"id": "q2", "text": "are pets allowed", "topic": "home"},
    {"id": "q3", "text": "speed of light in water", "topic": "physics"},
]


@pytest.fixture(scope="module")
def batch(rt) -> BatchResult:
    queries = Texts.of(QUERIES)
    return search_queries(rt, queries, PASSAGES, instruction=TASK, noun="clauses", top_k=2)


def test_each_query_has_the_hits_of_a_search_by_itself(rt, batch):
    for row, query in zip(QUERIES, batch.queries, strict=True):
        alone = search_passages(rt, row["text"], PASSAGES, instruction=TASK, noun="c", top_k=2)
        assert [(hit.id, hit.score) for hit in query.hits] == [
            (hit.id, pytest.approx(hit.score, abs=1e-5)) for hit in alone.hits
        ]


def test_the_matrix_has_the_best_of_each_document_and_nothing_where_none_is_near(batch):
    assert batch.documents == ("lease", "loan")
    assert [query.near for query in batch.queries] == [True, True, False]
    first, second, third = batch.matrix()
    assert first[0] > (first[1] or batch.threshold)
    assert second[0] > batch.threshold
    assert third == [None, None]
    assert batch.queries[0].matches[0].location == "lease, 1"
    best, matrix, _ = batch.tables()
    assert best.rows[2][3] == "nothing near"
    assert matrix.rows[2][1:] == ("nothing near", "nothing near")


def test_columns_of_the_queries_come_back(batch):
    rows = batch.rows()
    assert [row["query_id"] for row in rows] == ["q1", "q1", "q2", "q2", "q3", "q3"]
    assert [row["topic"] for row in rows][::2] == ["money", "home", "physics"]
    assert batch.to_frame()["near"].tolist() == [True, True, True, True, False, False]


def test_a_batch_goes_through_json(batch):
    assert BatchResult.model_validate_json(batch.to_json()) == batch


def test_one_document_makes_no_matrix(rt):
    passages = [Passage("1", "a bear", document="toys"), Passage("2", "a train", document="toys")]
    result = search_queries(rt, Texts.of(["teddy"]), passages, instruction=TASK)
    assert result.documents == ()
    assert len(result.tables()) == 2


def test_a_query_or_several_but_not_both(rt):
    one = search_one_or_many(rt, PASSAGES, "rent", None, instruction=TASK)
    assert isinstance(one, SearchResult)
    many = search_one_or_many(rt, PASSAGES, None, Texts.of(["rent"]), instruction=TASK)
    assert isinstance(many, BatchResult)
    for query, queries in ((None, None), ("rent", Texts.of(["rent"]))):
        with pytest.raises(ParameterError, match="one query, or several"):
            search_one_or_many(rt, PASSAGES, query, queries, instruction=TASK)


def test_what_is_near_depends_on_the_model_and_not_on_the_call(rt):
    assert near_cosine(rt, TASK) == near_cosine(rt, TASK)
    assert 0.2 < near_cosine(rt, TASK) < 0.6


def test_workflows_take_queries(rt):
    documents = [{"id": passage.id, "text": passage.text} for passage in PASSAGES]
    result = rt.run("core/search", documents, queries=[row["text"] for row in QUERIES])
    assert [query.hits[0].id for query in result.queries][:2] == ["a:1", "a:2"]
    assert result.record.inputs["queries"].texts == 3
    assert result.documents == ("a:1", "a:2", "b:1")


def test_the_best_match_is_the_first_that_is_near(batch):
    query = batch.queries[0]
    far, near = query.hits[1], query.hits[0]
    swapped = query.model_copy(update={"hits": (replace(far, scores={"dense": 0.0}), near)})
    assert batch.best(swapped) is near
    assert batch.best(query) is query.hits[0]
    assert batch.best(query.model_copy(update={"hits": ()})) is None
