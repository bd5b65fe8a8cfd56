"""Search in passages: the stages' order, a reranker where there is one, rows that lose nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest

from metier.errors import UsageError
from metier.indexing.search_results import Hit
from metier.registry.instruction import Instruction
from metier.registry.retrieval_settings import RetrievalSettings
from metier.steps.searching import Passage, SearchResult, document_passages, search_passages
from metier.texts.rows import Item
from metier.texts.splitter import Section

TASK = Instruction(id="find", task="Given a wish, retrieve the toy for it", kind="retrieval")
TOYS = ["A brown teddy bear to hug", "A steam train on steel rails", "A box of wooden blocks"]


def passages(texts=TOYS) -> list[Passage]:
    return [Passage(str(n), text, f"box {n}") for n, text in enumerate(texts)]


def test_what_was_asked_for_is_found_first(rt):
    found = search_passages(rt, "a locomotive", passages(), instruction=TASK, noun="toys", top_k=2)
    assert found.hits[0].id == "1"
    assert [hit.rank for hit in found.hits] == [1, 2]
    assert found.hits[0].score == found.hits[0].scores["fused"] > found.hits[1].score
    assert found.hits[0].scores["dense"] > found.hits[1].scores["dense"]
    assert "rerank" not in found.hits[0].scores
    assert found.headline() == "Best 2 of 3 toys for: a locomotive"
    assert (found.hits[0].location, found.hits[0].text) == ("box 1", TOYS[1])


def test_no_more_hits_than_passages(rt):
    assert len(search_passages(rt, "a", passages(), instruction=TASK, top_k=50).hits) == 3


def test_nothing_is_found_in_nothing(rt):
    found = search_passages(rt, "a", [], instruction=TASK)
    assert (found.hits, found.searched, found.rows()) == ((), 0, [])


def test_passages_that_are_the_same_stand_in_their_order(rt):
    found = search_passages(rt, "a bear", passages(["a bear"] * 5), instruction=TASK)
    assert [hit.id for hit in found.hits] == ["0", "1", "2", "3", "4"]


def test_what_is_compared_may_differ_from_what_is_shown(rt):
    toys = [
        Passage("a", "Item 1", "", content=TOYS[0]),
        Passage("b", "Item 2", "", content=TOYS[1]),
    ]
    found = search_passages(rt, "something to hug", toys, instruction=TASK)
    assert found.hits[0].text == "Item 1"


def test_a_reranker_orders_the_nearest(qwen3_rt):
    found = search_passages(qwen3_rt, "a bear", passages(), instruction=TASK, top_k=3)
    by_hand = qwen3_rt.rerank("a bear", TOYS, instruction=TASK)
    assert [hit.id for hit in found.hits] == [str(ranked.index) for ranked in by_hand]
    for hit, ranked in zip(found.hits, by_hand, strict=True):
        assert hit.score == hit.scores["rerank"] == pytest.approx(ranked.score, abs=1e-6)
        assert hit.scores["dense"] != hit.scores["rerank"]


def test_a_reranker_may_be_left_alone(qwen3_rt):
    found = search_passages(qwen3_rt, "a bear", passages(), instruction=TASK, rerank=False)
    assert all("rerank" not in hit.scores for hit in found.hits)
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_the_weights_of_a_call_decide_the_order(qwen3_rt):
    by_vectors = RetrievalSettings(dense=1, lexical=0, interaction=0)
    found = search_passages(
        qwen3_rt, "a bear", passages(), instruction=TASK, rerank=False, retrieval=by_vectors
    )
    cosines = [hit.scores["dense"] for hit in found.hits]
    assert cosines == sorted(cosines, reverse=True)
    assert all(set(hit.scores) == {"dense", "fused"} for hit in found.hits)
    assert all(hit.scores["dense"] == hit.score for hit in found.hits)


def test_a_passage_too_long_for_the_model_is_found_by_its_end(qwen3_rt):
    filler = " ".join(["the box is blue and stands by the door"] * 400)
    toys = [
        Passage("long", f"{filler}. A zeppelin of tin.", "box 1"),
        Passage("short", "A box of wooden blocks", "box 2"),
    ]
    found = search_passages(qwen3_rt, "zeppelin", toys, instruction=TASK, rerank=False)
    assert (found.searched, len(found.hits)) == (2, 2)
    assert found.hits[0].id == "long"
    assert found.hits[0].snippet.words == ("zeppelin",)
    assert found.hits[0].snippet.sentence == "A zeppelin of tin."
    assert "zeppelin" in found.hits[0].snippet.text
    assert any("zeppelin" in str(cell) for cell in found.tables()[0].rows[0])


def test_a_title_is_read_before_the_text(rt):
    toys = [Passage("a", "Made of tin", "", title="Zeppelin"), Passage("b", "Made of wood", "")]
    (hit, _) = search_passages(rt, "zeppelin", toys, instruction=TASK).hits
    assert (hit.id, hit.text, hit.snippet.words) == ("a", "Made of tin", ())
    assert hit.scores["lexical"] > 0


def test_asking_for_a_reranker_that_is_not_there_is_refused(rt):
    with pytest.raises(UsageError, match="no reranker"):
        search_passages(rt, "a", passages(), instruction=TASK, rerank=True)


def test_facts_are_columns_under_their_own_names():
    hit = Hit(
        rank=1,
        score=0.5,
        id="7",
        document_id="7",
        source="toys",
        location="here",
        start=0,
        end=6,
        text="a bear",
        scores={"dense": 0.5},
        fields={"line": 3, "text": "no bear"},
    )
    result = SearchResult(query="q", noun="toys", searched=1, hits=(hit,))
    (row,) = result.rows()
    assert (row["line"], row["text"], row["id"]) == (3, "no bear", "7")
    assert row["metier_text"] == "a bear"
    assert (row["location"], row["cosine"], row["rerank"]) == ("here", 0.5, None)
    assert SearchResult.model_validate_json(result.to_json()) == result


def test_a_passage_takes_its_location_by_the_deprecated_name_too():
    with pytest.deprecated_call(match="location"):
        passage = Passage("a", "a bear", place="box 1")
    assert passage == Passage("a", "a bear", "box 1")
    assert passage.location == "box 1"


def boxes(text, name):
    """A box from each line that ends in a colon to the next."""
    starts = [0 if line == 0 else text.index("Box 2:") for line in range(text.count("Box"))]
    for start, end in pairwise([*starts, len(text)]):
        yield Section(start, end, (text[start:end].partition(":")[0],))


def test_documents_are_cut_into_the_sections_of_a_splitter(rt):
    documents = [
        Item("list", "Box 1: a bear\n\nBox 2: a train\n", {"title": "Toys"}),
        Item("note", "a box without a number"),
    ]
    passages = document_passages(rt, documents, splitter=boxes, instruction=TASK)
    assert [(passage.id, passage.location, passage.text) for passage in passages] == [
        ("list:0-13", "list, Box 1", "Box 1: a bear"),
        ("list:15-29", "list, Box 2", "Box 2: a train"),
        ("note:0-22", "note", "a box without a number"),
    ]
    assert [passage.title for passage in passages] == ["Toys", "Toys", ""]
    assert passages[1].facts == {"source": "list", "start": 15, "end": 29, "title": "Toys"}


def test_a_section_too_long_for_the_model_becomes_passages_under_its_heading(rt):
    text = "Box 1: a bear\n\nBox 2: " + "a train and its rails. " * 100
    first, *parts = document_passages(rt, [Item("list", text)], splitter=boxes, instruction=TASK)
    assert first.text == "Box 1: a bear"
    assert len(parts) > 1
    assert {passage.location for passage in parts} == {"list, Box 2"}
    assert all(passage.content.startswith("Box 2") for passage in parts)
    assert max(rt.engine.count_tokens([passage.content for passage in parts])) <= 256
