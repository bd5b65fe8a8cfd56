"""The stages of a search: what each brings, what a domain weighs them by, and what hits say."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from metier import Runtime, field
from metier.errors import UsageError
from metier.indexing.reading import token_model
from metier.models.embedder import States
from metier.registry.instruction import Instruction
from metier.registry.retrieval import Aspect, RetrievalSettings
from metier.testing.fakes import FakeEmbedder, FakeReranker

CLAUSES = [
    {"id": "pay", "text": "The buyer pays within thirty days of the invoice.", "year": 2020},
    {"id": "storm", "text": "Neither party answers for delays. Storms excuse them.", "year": 2021},
    {"id": "law", "text": "The laws of Norway govern this agreement.", "year": 2022},
    {"id": "code", "text": "Article X-771/b applies to pallets.", "year": 2023},
]
POEMS = ["\u5e8a\u524d\u660e\u6708", "\u5ef6\u9072\u4ea4\u8ca8", "\u9580\u524d\u5927\u6a39"]
ONLY_DENSE = RetrievalSettings(dense=1, lexical=0, interaction=0)
ONLY_WORDS = RetrievalSettings(dense=0, lexical=1, interaction=0)
TOKENS_TOO = RetrievalSettings(dense=1, lexical=0.5, interaction=1)


@pytest.fixture(scope="module")
def clauses(rt):
    return rt.index(CLAUSES)


def ids(hits):
    return [hit.document_id for hit in hits]


def test_what_only_the_words_find_is_found(clauses):
    (hit, *_) = clauses.search("X-771/b", retrieval=ONLY_WORDS)
    assert hit.document_id == "code"
    assert hit.scores["lexical"] > 0.4
    assert hit.score == hit.scores["fused"] == pytest.approx(hit.scores["lexical"])


def test_what_shares_no_word_is_found_by_its_meaning(clauses):
    (hit, *_) = clauses.search("bad weather", retrieval=TOKENS_TOO)
    assert hit.document_id == "storm"
    assert hit.scores["lexical"] == 0.0
    assert hit.snippet.words == ()
    assert hit.snippet.sentence in hit.text


def test_every_candidate_has_the_score_of_every_stage(clauses, rt):
    hits = clauses.search("which laws govern the agreement", retrieval=TOKENS_TOO)
    assert len(hits) == len(CLAUSES)
    query = rt.embed_queries(["which laws govern the agreement"])
    for hit in hits:
        assert set(hit.scores) == {"dense", "lexical", "interaction", "fused"}
        ((cosine,),) = np.asarray(query) @ np.asarray(rt.embed_documents([hit.text])).T
        assert hit.scores["dense"] == pytest.approx(cosine, abs=1e-4)
    assert hits[0].document_id == "law"


def test_a_stage_without_weight_is_not_run(clauses):
    hits = clauses.search("laws", retrieval=ONLY_DENSE)
    assert all(set(hit.scores) == {"dense", "fused"} for hit in hits)


def test_a_model_without_token_states_goes_without_interaction(qwen3_rt):
    assert token_model(qwen3_rt.embedder) is None
    hits = qwen3_rt.index(CLAUSES).search("laws", rerank=False, retrieval=TOKENS_TOO)
    assert all(set(hit.scores) == {"dense", "lexical", "fused"} for hit in hits)
    assert hits[0].document_id == "law"


def test_a_cache_round_the_model_does_not_hide_its_tokens(rt, tmp_path):
    cached = Runtime(rt.embedder, cache=tmp_path, progress=False)
    assert token_model(cached.embedder) is rt.embedder
    (hit, *_) = cached.index(CLAUSES).search("bad weather", retrieval=TOKENS_TOO)
    assert "interaction" in hit.scores


class Telling(FakeEmbedder):
    """Has a state for each word, and counts the texts it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def token_states(self, texts, *, prompt, progress):
        self.asked += texts
        made = []
        for text in texts:
            words = text.split()
            vectors = self.embed(words, prompt=prompt, dim=self.profile.dim, progress=progress)
            starts = [text.index(word) for word in words]
            spans = [(start, start + len(word)) for start, word in zip(starts, words, strict=True)]
            made.append(States(np.array(spans, np.int32), vectors.vectors.astype(np.float16)))
        return made


def test_a_chunk_is_read_token_by_token_once():
    model = Telling()
    model.profile = replace(model.profile, pooling="mean")
    index = Runtime(model, plugins=[], progress=False).index(CLAUSES)
    index.search("storms", retrieval=TOKENS_TOO)
    index.search("invoice", retrieval=TOKENS_TOO)
    assert sorted(model.asked) == sorted(["storms", "invoice", *(one["text"] for one in CLAUSES)])


def test_a_chunk_that_changed_is_read_again():
    model = Telling()
    model.profile = replace(model.profile, pooling="mean")
    index = Runtime(model, plugins=[], progress=False).index(CLAUSES)
    index.search("zeppelin", retrieval=TOKENS_TOO)
    index.add([{**CLAUSES[0], "text": "The buyer pays for the zeppelin today."}])
    (hit, *_) = index.search("zeppelin", retrieval=TOKENS_TOO)
    assert hit.document_id == "pay"
    assert hit.scores["interaction"] > 0.9


def test_what_is_asked_of_the_subject_draws_up_what_is_about_that(rt):
    leaflets = rt.index(
        [
            {"id": "causes", "text": "Hay fever comes from pollen in spring."},
            {"id": "treatment", "text": "Hay fever: take one tablet a day, or use a nasal spray."},
        ]
    )
    asked = Aspect(asked=("treat",), words="therapy, medication, drugs")
    settings = RetrievalSettings(dense=1, lexical=0, interaction=0, aspect=2, aspects=(asked,))
    first, second = leaflets.search("how to treat hay fever", retrieval=settings)
    assert first.document_id == "treatment"
    assert first.scores["aspect"] > second.scores["aspect"]
    other = leaflets.search("where does hay fever come from", retrieval=settings)
    assert all("aspect" not in hit.scores for hit in other)


def test_conditions_hold_for_what_the_words_find_too(clauses):
    hits = clauses.search("laws of Norway", where=field("year") < 2022, retrieval=TOKENS_TOO)
    assert sorted(ids(hits)) == ["pay", "storm"]


def test_a_reranker_orders_the_best_and_what_was_before_is_kept():
    found = Runtime(FakeEmbedder(), FakeReranker(), plugins=[], progress=False).index(CLAUSES)
    hits = found.search("storms excuse delays", retrieval=TOKENS_TOO)
    scores = [hit.scores["rerank"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert [hit.score for hit in hits] == scores
    assert all("fused" in hit.scores for hit in hits)
    without = found.search("storms excuse delays", rerank=False)
    assert all("rerank" not in hit.scores for hit in without)


def test_a_domain_may_leave_the_reranker_out(tmp_path):
    pack = tmp_path / "toys.yaml"
    pack.write_text(
        "schema: 1\ndomain: toys\ntitle: Toys\nretrieval: {rerank: false}\n"
        "instructions:\n  - {id: find, task: Find the toy that is meant, kind: retrieval}\n"
    )
    rt = Runtime(FakeEmbedder(), FakeReranker(), plugins=[], packs=[pack], progress=False)
    index = rt.index(CLAUSES, instruction="toys/find")
    assert "rerank" not in index.search("storms")[0].scores
    assert "rerank" in index.search("storms", rerank=True)[0].scores


def test_a_hit_says_where_and_why(clauses):
    (hit, *_) = clauses.search("do storms excuse the parties")
    assert hit.document_id == "storm"
    source = CLAUSES[1]["text"]
    assert source[hit.snippet.start : hit.snippet.end] == hit.snippet.text
    shown = {hit.snippet.text[start:end] for start, end in hit.snippet.matches}
    assert shown == {"Storms", "excuse"}
    assert set(hit.snippet.words) == {"party", *shown}
    assert hit.snippet.sentence == "Storms excuse them."
    assert clauses.search("storms", snippets=False)[0].snippet is None


def test_a_document_of_many_chunks_stands_once_by_its_best(qwen3_rt):
    filler = "The box is blue and stands by the door. " * 150
    text = f"{filler}\n\nThe zeppelin is made of tin.\n\n{filler}"
    index = qwen3_rt.index([{"id": "long", "text": text}, {"id": "short", "text": "A kite."}])
    assert len(index) > 2
    first, second = index.search("zeppelin", rerank=False)
    assert (first.document_id, second.document_id) == ("long", "short")
    assert "zeppelin" in first.snippet.text
    assert text[first.snippet.start : first.snippet.end] == first.snippet.text


def test_terms_other_than_those_of_the_index_are_refused(clauses):
    with pytest.raises(UsageError, match="compares words in english"):
        clauses.search("storms", retrieval=RetrievalSettings(terms="identifiers"))


def test_many_queries_give_what_each_gives_alone(clauses):
    queries = ["storms", "laws of Norway", "pallets"]
    together = clauses.search_many(queries, retrieval=TOKENS_TOO)
    for query, hits in zip(queries, together, strict=True):
        alone = clauses.search(query, retrieval=TOKENS_TOO)
        assert ids(alone) == ids(hits)
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in alone], abs=1e-3)


def test_an_instruction_of_the_call_reaches_the_tokens():
    model = Telling()
    model.profile = replace(model.profile, pooling="mean")
    task = Instruction(id="find", task="Find the clause that is meant", kind="retrieval")
    index = Runtime(model, plugins=[], progress=False).index(CLAUSES, instruction=task)
    assert "interaction" in index.search("storms", retrieval=TOKENS_TOO)[0].scores


def test_a_query_the_model_cannot_read_is_searched_by_its_words(rt):
    poems = rt.index({"id": str(n), "text": text} for n, text in enumerate(POEMS))
    hits = poems.search("\u5ef6\u9072\u8ca8")
    assert hits[0].text == POEMS[1]
    assert "interaction" not in hits[0].scores
    assert hits[0].score == pytest.approx(hits[0].scores["lexical"])
    assert "interaction" in poems.search("a late delivery")[0].scores


def test_threads_may_search_one_index(clauses):
    alone = {query: ids(clauses.search(query)) for query in ("storms", "pallets", "Norway")}
    found: list[bool] = []

    def work(query: str) -> None:
        found.extend(ids(clauses.search(query)) == alone[query] for _ in range(3))

    threads = [threading.Thread(target=work, args=(query,)) for query in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 9
