"""mteb itself evaluates a Runtime on a folder, and comes to the figures of `metier eval`."""

from __future__ import annotations

import random

import pytest
from tests.core.evaluation.folders import DOCUMENTS, jsonl, write_collection, write_labeled

from metier import Runtime
from metier.errors import MetierWarning, UsageError
from metier.evaluation.folder_evaluation import evaluate
from metier.evaluation.labeled_data import read_collection
from metier.evaluation.pipeline import choose_pipeline
from metier.evaluation.search_task import build, measure_search
from metier.registry.retrieval_settings import RetrievalSettings
from metier.testing import FakeReranker

mteb = pytest.importorskip("mteb", reason="mteb is not installed: it is part of the extra eval")

QUERIES = {
    "q1": "fruit",
    "q2": "ship at the harbour in the rain",
    "q3": "the road",
    "q4": "wax of bees and candles",
    "q5": "nothing",
}
JUDGMENTS = """\
q1\tapple\t2
q1\tforest\t1
q2\tanchor\t1
q3\tbridge\t1
q4\thoney\t3
q4\tcandle\t1
"""


@pytest.fixture
def hard(tmp_path):
    return write_collection(tmp_path / "hard", queries=QUERIES, judgments=JUDGMENTS)


@pytest.fixture
def tiny(one_thread, qwen3_folder):
    """A model with random weights, so that no ranking is perfect."""
    return Runtime(qwen3_folder, cache=False, plugins=[], progress=False)


def scores(model, folder):
    from metier.evaluation.mteb import MtebTask

    options = {"cache": None, "show_progress_bar": False, "co2_tracker": False}
    result = mteb.evaluate(model, MtebTask(folder), **options)
    (found,) = result.task_results[0].scores["test"]
    return found


def test_mteb_and_metier_eval_come_to_the_same_figures(tiny, hard):
    from metier.evaluation.mteb import MtebModel

    found = scores(MtebModel(tiny, "core/passage-search", dim=32), hard)
    ours = evaluate(tiny, hard, "core", dim=32).metrics
    assert 0 < ours["ndcg@10"] < 1
    assert found["ndcg_at_10"] == pytest.approx(ours["ndcg@10"], abs=1e-5)  # mteb's digits
    assert found["recall_at_100"] == pytest.approx(ours["recall@100"], abs=1e-5)
    assert found["mrr_at_10"] == pytest.approx(ours["mrr@10"], abs=1e-5)


def test_with_titles_and_a_reranker_the_figures_are_the_same_too(
    one_thread, qwen3_folder, tmp_path
):
    from metier.evaluation.mteb import MtebModel

    rt = Runtime(qwen3_folder, FakeReranker(), cache=False, plugins=[], progress=False)
    draw = random.Random(1)
    words = " ".join(DOCUMENTS.values()).split()
    many = {f"d{n}": " ".join(draw.choices(words, k=6)) for n in range(150)}
    queries = {f"q{n}": " ".join(draw.sample(words, 4)) for n in range(5)}
    judged = "".join(f"{q}\t{d}\t1\n" for q in queries for d in draw.sample(sorted(many), 20))
    folder = write_collection(tmp_path / "x", documents=many, queries=queries, judgments=judged)
    rows = [{"_id": name, "title": draw.choice(words), "text": text} for name, text in many.items()]
    jsonl(folder / "corpus.jsonl", rows)
    found = scores(MtebModel(rt, "core/passage-search"), folder)
    ours = evaluate(rt, folder, "core")
    assert {"dense", "lexical", "rerank"} <= set(ours.config["stages"])
    for theirs, name in (("ndcg_at_10", "ndcg@10"), ("recall_at_100", "recall@100")):
        assert 0 < ours.metrics[name] < 1
        assert found[theirs] == pytest.approx(ours.metrics[name], abs=1e-5)


def test_vectors_alone_ranked_by_mteb_are_a_search_without_the_other_stages(tiny, hard):
    from metier.evaluation.mteb import MtebModel

    model = MtebModel(tiny, "core/passage-search")

    class Vectors:
        """What mteb takes for an encoder, and searches by itself."""

        mteb_model_meta = model.mteb_model_meta
        encode = staticmethod(model.encode)
        similarity = staticmethod(model.similarity)
        similarity_pairwise = staticmethod(model.similarity_pairwise)

    collection, pipeline = read_collection(hard), choose_pipeline(tiny, "retrieval", "core")
    ours = measure_search(
        build(tiny, collection, pipeline),
        collection,
        RetrievalSettings(lexical=0, interaction=0, feedback=0),
        instruction=pipeline.instruction,
        rerank=False,
        progress=tiny.engine.progress,
    )
    assert scores(Vectors(), hard)["ndcg_at_10"] == pytest.approx(ours.metrics["ndcg@10"], abs=1e-5)


CORPUS = [{"id": name, "title": "", "text": text} for name, text in DOCUMENTS.items()]


def test_a_reranking_task_ranks_its_candidates_and_nothing_else(words):
    from metier.evaluation.mteb import MtebModel

    model = MtebModel(words, "core/passage-search")
    model.index(CORPUS)
    queries = [{"id": "q1", "text": "fruit in autumn"}, {"id": "q2", "text": "the harbour"}]
    queries.append({"id": "q3", "text": "the beat"})
    candidates = {"q1": ["honey", "drum", "apple"], "q2": ["engine", "cloud"]}
    every = model.search(queries, top_k=100)
    ranked = model.search(queries, top_k=100, top_ranked=candidates)
    for name, documents in candidates.items():
        assert set(ranked[name]) == set(documents)
        # in the order in which they are among all documents
        best_first = sorted(documents, key=every[name].__getitem__, reverse=True)
        assert sorted(ranked[name], key=ranked[name].__getitem__, reverse=True) == best_first
    assert max(ranked["q1"], key=ranked["q1"].__getitem__) == "apple"
    assert ranked["q3"] == {}
    assert len(model.search(queries[:1], top_k=2, top_ranked=candidates)["q1"]) == 2


def test_mteb_scores_a_reranking_task_by_its_candidates(words, tmp_path):
    from metier.evaluation.mteb import MtebModel, MtebTask

    task = MtebTask(write_collection(tmp_path, queries={"q": "honey"}, judgments="q\tdrum\t1\n"))
    options = {"cache": None, "show_progress_bar": False, "co2_tracker": False}
    model = MtebModel(words, "core/passage-search")

    def reciprocal_rank() -> float:
        (score,) = mteb.evaluate(model, task, **options).task_results[0].scores["test"]
        return score["mrr_at_1"]

    assert reciprocal_rank() == 0
    task.dataset["default"]["test"]["top_ranked"] = {"q": ["drum"]}
    assert reciprocal_rank() == 1


def test_the_instruction_of_a_query_is_read_after_its_text(words):
    from metier.evaluation.mteb import MtebModel

    model = MtebModel(words, "core/passage-search")
    model.index(CORPUS)
    asked = {"id": "q", "text": "the harbour", "instruction": "bees and wax"}
    plain = {"id": "q", "text": "the harbour bees and wax"}
    alone = {"id": "q", "text": "the harbour", "instruction": None}
    assert model.search([asked], top_k=5) == model.search([plain], top_k=5)
    assert model.search([asked], top_k=5) != model.search([alone], top_k=5)


@pytest.mark.parametrize(
    ("turns", "text"),
    [
        (["the harbour", "bees"], "the harbour; bees"),
        (
            [{"role": "user", "content": "the drum"}, {"role": "me", "content": "bees"}],
            "user: the drum; me: bees",
        ),
    ],
)
def test_a_conversation_is_one_query(words, turns, text):
    from metier.evaluation.mteb import MtebModel

    model = MtebModel(words, "core/passage-search")
    model.index(CORPUS)
    spoken, written = ({"id": "q", "text": query} for query in (turns, text))
    assert model.search([spoken], top_k=3) == model.search([written], top_k=3)
    spoken["instruction"] = "wax"
    written["text"] = f"wax {text}"
    assert model.search([spoken], top_k=3) == model.search([written], top_k=3)


def test_a_document_without_text_is_its_title_and_one_without_both_is_left_out(words):
    from metier.evaluation.mteb import MtebModel

    model = MtebModel(words, "core/passage-search")
    titled = {"id": "moth", "title": "Moths fly to lamps", "text": ""}
    model.index([*CORPUS, titled])
    assert next(iter(model.search([{"id": "q", "text": "moths lamps"}], top_k=3)["q"])) == "moth"
    empty = {"id": "void", "title": None, "text": " "}
    with pytest.warns(MetierWarning, match="1 of 14 documents have neither text nor title"):
        model.index([*CORPUS, titled, empty])
    query = [{"id": "q", "text": "the drum"}]
    ranked = model.search(query, top_k=9, top_ranked={"q": ["void", "drum"]})
    assert ranked["q"] == {"drum": 0.0, "void": -1.0}


def test_the_model_says_what_it_is(tiny):
    from metier.evaluation.mteb import MtebModel

    meta = MtebModel(tiny, dim=32).mteb_model_meta
    assert (meta.revision, meta.embed_dim) == (tiny.embedder.fingerprint, 32)
    assert meta.name.startswith("metier/")


def test_texts_with_labels_are_no_task_of_mteb(tmp_path):
    from metier.evaluation.mteb import MtebTask

    with pytest.raises(UsageError, match=r"Measure it with metier\.evaluation\.evaluate\."):
        MtebTask(write_labeled(tmp_path))
