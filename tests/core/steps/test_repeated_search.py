"""A search workflow that is asked again prepares what it searches once, if it is a plain search."""

from __future__ import annotations

from metier.steps.repeated_search import RepeatedSearch
from metier.steps.searching import Passage, SearchResult, search_passages
from metier.workflows.contract import workflow

INSTRUCTION = "core/passage-search"
read: list[str] = []


def passages() -> list[Passage]:
    read.append("read")
    return [Passage("a", "a bear to hug"), Passage("b", "a train of wood")]


@workflow("core/search")
def plain(rt, query: str, top_k: int = 10) -> SearchResult:
    """Search."""
    return search_passages(rt, query, passages(), instruction=INSTRUCTION, top_k=top_k)


@workflow("core/search")
def altered(rt, query: str) -> SearchResult:
    """Search, and leave something out."""
    result = search_passages(rt, query, passages(), instruction=INSTRUCTION)
    return result.model_copy(update={"hits": result.hits[:1]})


@workflow("core/search")
def reworded(rt, query: str) -> SearchResult:
    """Search for something else."""
    return search_passages(rt, f"a toy: {query}", passages(), instruction=INSTRUCTION)


def test_a_plain_search_reads_once_and_finds_what_a_new_run_finds(rt):
    read.clear()
    repeated = RepeatedSearch(rt, plain, {})
    results = [repeated.search(query) for query in ("hug", "locomotive")]
    repeated.change("top_k", 1)
    results.append(repeated.search("hug"))
    assert repeated.is_prepared
    assert read == ["read"]
    alone = [plain(rt, "hug"), plain(rt, "locomotive"), plain(rt, "hug", top_k=1)]
    assert [result.hits for result in results] == [result.hits for result in alone]
    assert [result.record.texts_embedded for result in results] == [3, 1, 1]


def test_a_workflow_that_does_more_runs_as_a_whole_each_time(rt):
    for own in (altered, reworded):
        read.clear()
        repeated = RepeatedSearch(rt, own, {})
        results = [repeated.search(query) for query in ("hug", "locomotive")]
        assert not repeated.is_prepared
        assert read == ["read", "read"]
        assert results[1].hits == own(rt, "locomotive").hits
