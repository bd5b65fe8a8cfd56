"""The stages of a search: what each brings, what a domain weighs them by, and what hits say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from metier import Runtime, field
from metier.chunking.chunk import Chunk
from metier.errors import UsageError
from metier.indexing.memory_store import MemoryStore
from metier.indexing.search import Searcher, SearchPlan
from metier.indexing.search_options import SearchOptions
from metier.indexing.store import Row
from metier.models.embedder import TokenStates
from metier.registry.instruction import Instruction
from metier.registry.retrieval_settings import Aspect, RetrievalSettings
from metier.retrieval.ranking import CANDIDATES
from metier.retrieval.stages.table import STAGES
from metier.retrieval.terms import Analyzer, Term
from metier.testing.fakes import FakeEmbedder, FakeReranker

CLAUSES = [
    {"id": "pay", "text": "The buyer pays within thirty days of the invoice.", "year": 2020},
    {"id": "storm", "text": "Neither party answers for delays. Storms excuse them.", "year": 2021},
    {"id": "law", "text": "The laws of Norway govern this agreement.", "year": 2022},
    {"id": "code", "text": "Article X-771/b applies to pallets.", "year": 2023},
]
ONLY_DENSE = RetrievalSettings(dense=1, lexical=0, interaction=0)
ONLY_WORDS = RetrievalSettings(dense=0, lexical=1, interaction=0)
STORMS = Aspect(asked=("storm",), words="bad weather")
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
    assert qwen3_rt.engine.token_embedder is None
    hits = qwen3_rt.index(CLAUSES).search("laws", rerank=False, retrieval=TOKENS_TOO)
    assert all(set(hit.scores) == {"dense", "lexical", "fused"} for hit in hits)
    assert hits[0].document_id == "law"


def test_a_cache_round_the_model_does_not_hide_its_tokens(rt, tmp_path):
    cached = Runtime(rt.embedder, cache=tmp_path, progress=False)
    assert cached.engine.token_embedder is cached.embedder
    (hit, *_) = cached.index(CLAUSES).search("bad weather", retrieval=TOKENS_TOO)
    assert "interaction" in hit.scores


def test_a_query_is_divided_into_terms_once_for_all_of_its_snippets(clauses, monkeypatch):
    divided: list[str] = []
    words = Analyzer.words

    def recorded(analyzer: Analyzer, text: str) -> Iterator[Term]:
        divided.append(text)
        return words(analyzer, text)

    monkeypatch.setattr(Analyzer, "words", recorded)
    query = "laws of storms, pallets and the buyer"
    hits = clauses.search(query, retrieval=ONLY_WORDS)
    assert all(hit.snippet.words for hit in hits)
    assert (len(hits), divided.count(query)) == (4, 1)


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
            made.append(TokenStates(np.array(spans, np.int32), vectors.vectors.astype(np.float16)))
        return made


def test_a_chunk_is_read_token_by_token_once():
    model = Telling()
    model.profile = replace(model.profile, pooling="mean")
    index = Runtime(model, plugins=[], progress=False).index(CLAUSES)
    index.search("storms", retrieval=TOKENS_TOO)
    index.search("invoice", retrieval=TOKENS_TOO)
    assert sorted(model.asked) == sorted(["storms", "invoice", *(one["text"] for one in CLAUSES)])


class TellingAtOnce(Telling):
    """Has the states at hand when it embeds, and tells them until nobody wants more."""

    def embed_keeping(self, texts, *, prompt, dim, progress, keep):
        told = self.token_states(texts, prompt=prompt, progress=progress)
        self.asked = []
        for text, states in zip(texts, told, strict=True):
            if not keep(text, states):
                break
        return self.embed(texts, prompt=prompt, dim=dim, progress=progress)


def test_what_was_read_to_build_an_index_in_memory_is_not_read_again_to_search_it(tmp_path):
    model = TellingAtOnce()
    model.profile = replace(model.profile, pooling="mean")
    on_disk = Runtime(model, plugins=[], progress=False).index(CLAUSES, at=tmp_path / "index")
    on_disk.search("storms", retrieval=TOKENS_TOO)
    assert sorted(model.asked) == sorted(clause["text"] for clause in CLAUSES)
    model.asked = []
    in_memory = Runtime(model, plugins=[], progress=False).index(CLAUSES)
    (hit, *_) = in_memory.search("storms", retrieval=TOKENS_TOO)
    assert "interaction" in hit.scores
    assert model.asked == []


def test_an_index_searches_the_same_with_what_was_kept_and_without(rt, clauses, tmp_path):
    cached = Runtime(rt.embedder, cache=tmp_path, progress=False)  # a cache keeps vectors alone
    other = cached.index(CLAUSES)
    for query in ("which laws govern the agreement", "bad weather"):
        kept, computed = (one.search(query, retrieval=TOKENS_TOO) for one in (clauses, other))
        assert ids(kept) == ids(computed)
        for hit, same in zip(kept, computed, strict=True):
            assert hit.scores == pytest.approx(same.scores, abs=2e-3)


def test_a_chunk_that_changed_is_read_again():
    model = Telling()
    model.profile = replace(model.profile, pooling="mean")
    index = Runtime(model, plugins=[], progress=False).index(CLAUSES)
    index.search("zeppelin", retrieval=TOKENS_TOO)
    index.add([{**CLAUSES[0], "text": "The buyer pays for the zeppelin today."}])
    (hit, *_) = index.search("zeppelin", retrieval=TOKENS_TOO)
    assert hit.document_id == "pay"
    assert hit.scores["interaction"] > 0.9


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


def test_a_query_longer_than_the_model_reads_is_no_foreign_one(clauses, recwarn):
    query = "do storms excuse the party that is late? " * 100
    hits = clauses.search(query, retrieval=TOKENS_TOO)
    assert not recwarn, "all of the query is read"
    assert hits[0].document_id == "storm"
    assert "interaction" in hits[0].scores
    (found,) = {hit.score == pytest.approx(hit.scores["lexical"]) for hit in hits}
    assert not found


@pytest.mark.parametrize("settings", [ONLY_DENSE, ONLY_WORDS, TOKENS_TOO])
def test_a_document_of_many_chunks_does_not_crowd_out_the_others(words_rt, settings):
    book = "\n\n".join(f"# Storm {n}\n\nStorm storm storm {n}." for n in range(CANDIDATES + 20))
    index = words_rt.index(
        [
            {"id": "book", "text": book},
            {"id": "one", "text": "A storm that came by night from the hills and the sea."},
            {"id": "two", "text": "Rain."},
        ]
    )
    assert len(index) > CANDIDATES
    first, *others = ids(index.search("storm", top_k=2, retrieval=settings))
    assert (first, others[:1]) == ("book", ["one"])
    assert set(ids(index.search("storm", top_k=3, retrieval=settings))) == {"book", "one", "two"}


class Shrinking(MemoryStore):
    """Loses a chunk to another writer after each question it answers."""

    def search_terms(self, terms, count, where=None):
        found = super().search_terms(terms, count, where)
        self.remove(found.ids[:1])
        return found

    def rows(self, ids):
        found = super().rows(ids)
        self.remove(ids[:1])
        return found


def test_what_is_removed_while_a_search_is_at_it_does_no_harm(words_rt):
    store = Shrinking(words_rt.index().manifest, str.split)
    texts = [f"storm {'rain ' * (n % 7)}" for n in range(CANDIDATES + 20)]
    texts += [f"zeppelin of tin number {n} over the blue sea" for n in range(10)]
    store.put(
        [Row(Chunk(str(n), str(n), text, 0, len(text), "", "")) for n, text in enumerate(texts)],
        np.asarray(words_rt.embed_documents(texts)),
    )
    settings = RetrievalSettings(lexical=1, interaction=0, aspect=1, aspects=(STORMS,))
    for top_k in (5, 3 * CANDIDATES):
        before = len(store)
        (hits,) = Searcher(words_rt.engine, store).search(
            ["storm zeppelin"], SearchPlan(SearchOptions(top_k=top_k), settings, STAGES)
        )
        assert len(store) < before
        assert len(hits) >= min(top_k, len(store))


def test_by_short_vectors_what_the_words_alone_find_is_found_too(rt):
    texts = [f"A storm of {n} days." for n in range(CANDIDATES)] + ["Article X-771/b applies."]
    index = rt.index([{"id": str(n), "text": text} for n, text in enumerate(texts)])
    for hit in index.search("X-771/b storm", dim=8, retrieval=RetrievalSettings(interaction=0)):
        assert hit.score == pytest.approx(
            (hit.scores["dense"] + 0.5 * hit.scores["lexical"]) / 1.5, abs=1e-5
        )
    (hit,) = index.search("X-771/b", dim=8, top_k=1, retrieval=ONLY_WORDS)
    assert hit.text == texts[-1]


def test_as_many_numbers_as_the_vectors_have_are_all_of_them(words_rt):
    texts = [f"A storm of {n} days." for n in range(CANDIDATES)] + ["Zeppelin, tin and sea."]
    index = words_rt.index([{"id": str(n), "text": text} for n, text in enumerate(texts)])
    full = words_rt.embedder.profile.dim
    query, settings = "a storm of days zeppelin", RetrievalSettings(lexical=9, interaction=0)
    hits = index.search(query, dim=full, retrieval=settings)
    assert [hit.scores for hit in hits] == [
        hit.scores for hit in index.search(query, retrieval=settings)
    ]
    assert hits[0].text == texts[-1]


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


def test_the_old_name_of_a_hits_location_warns(clauses):
    (hit, *_) = clauses.search("storms")
    with pytest.warns(DeprecationWarning, match=r"Hit\.location"):
        assert hit.place == hit.location
