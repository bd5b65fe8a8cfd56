"""What is measured of a pipeline, and what is said about how it was."""

from __future__ import annotations

import random
from typing import Annotated

import pytest
from pydantic import Field
from tests.core.evaluation.folders import TEXTS, jsonl, write_collection, write_labeled

from metier import Runtime, Texts, workflow
from metier.errors import InputError, UnknownNameError, UsageError
from metier.evaluation.folder_evaluation import evaluate
from metier.evaluation.labeled_data import read_folder
from metier.evaluation.labeled_tasks import measure_classification
from metier.evaluation.pipeline import Pipeline
from metier.evaluation.search_task import ranking_metrics
from metier.steps.classifying import ClassificationReport, ClassifiedText, LabelScore
from metier.testing import FakeEmbedder
from metier.texts.rows import Item

PACK = """
schema: 1
domain: seafaring
title: Seafaring
retrieval: {lexical: 0.125, terms: phrases}
instructions:
  - {id: things, task: "Given a question, retrieve what answers it", kind: retrieval, dim: 64}
  - {id: topics, task: Group sentences by their topic, kind: clustering, sides: both}
"""


@pytest.fixture
def packed(tmp_path):
    path = tmp_path / "seafaring.yaml"
    path.write_text(PACK)
    return Runtime(FakeEmbedder(), cache=False, plugins=[], packs=[path], progress=False)


def test_a_search_is_measured_by_the_ranks_of_what_answers(words, collection):
    measured = evaluate(words, collection, "core")
    assert (measured.task, measured.kind) == ("things", "retrieval")
    assert measured.metrics == {"ndcg@10": 1.0, "recall@100": 1.0, "mrr@10": 1.0}
    assert measured.config["instruction"] == "core/passage-search@1"
    assert (measured.config["documents"], measured.config["queries"]) == (12, 12)
    assert measured.config["queries_without_answer"] == 0
    assert measured.config["model"] == "fake-embedder"
    assert measured.config["dim"] == 256
    assert measured.config["reranker"] is None
    assert measured.seconds > 0


def test_the_figures_are_those_of_the_search_that_a_user_runs(words, tmp_path):
    queries = {"q1": "wax", "q2": "the", "q3": "river road light"}
    judgments = "q1\tcandle\t1\nq2\tisland\t1\nq3\tcandle\t1\n"
    folder = write_collection(tmp_path / "hard", queries=queries, judgments=judgments)
    measured = evaluate(words, folder, "core", dim=64)
    corpus = Texts.read(folder / "corpus.jsonl")
    index = words.index(corpus, instruction="core/passage-search", domain="core", dim=64)
    expected = 0.0
    for query, answer in zip(queries.values(), ["candle", "island", "candle"], strict=True):
        found = [hit.document_id for hit in index.search(query, top_k=100)]
        rank = found.index(answer) + 1
        expected += 1 / rank / 3 if rank <= 10 else 0
    assert measured.metrics["mrr@10"] == pytest.approx(expected, abs=1e-6)
    assert measured.config["dim"] == 64


def test_a_reranker_is_used_as_in_a_search_unless_told_otherwise(words_reranked, collection):
    assert evaluate(words_reranked, collection, "core").config["reranker"] == "fake-reranker"
    without = evaluate(words_reranked, collection, "core", rerank=False)
    assert without.config["reranker"] is None
    assert "rerank" not in without.config["stages"]


def test_reranking_without_a_reranker_is_refused(words, collection):
    with pytest.raises(UsageError, match="no reranker"):
        evaluate(words, collection, "core", rerank=True)


def test_that_there_is_no_reranker_is_told_before_anything_is_embedded(collection):
    rt = Runtime(Unasked(), cache=False, plugins=[], progress=False)
    with pytest.raises(UsageError, match="no reranker"):
        evaluate(rt, collection, "core", rerank=True)


def test_a_reranker_that_nothing_reads_is_not_loaded(labeled, collection):
    rt = Runtime(FakeEmbedder(), "no-such-folder/reranker", cache=False, plugins=[], progress=False)
    assert evaluate(rt, labeled, "core", kind="classification").metrics["macro_f1"] == 1.0
    assert evaluate(rt, collection, "core", rerank=False).config["reranker"] is None


def test_a_domain_of_a_pack_is_measured_with_its_own_instructions(packed, collection, labeled):
    found = evaluate(packed, collection, "seafaring")
    assert found.config["instruction"] == "seafaring/things@1"
    assert (found.config["workflow"], found.config["dim"]) == ("core/search", 64)
    groups = evaluate(packed, labeled, "seafaring", kind="clustering")
    assert groups.config["instruction"] == "seafaring/topics@1"
    with pytest.raises(UsageError, match="neither a workflow nor an instruction for classific"):
        evaluate(packed, labeled, "seafaring", kind="classification")


def test_an_instruction_that_is_named_is_the_one_measured(packed, collection):
    measured = evaluate(packed, collection, "core", instruction="seafaring/things")
    assert measured.config["instructions"].keys() == {"seafaring/things@1"}


def test_a_search_is_weighted_as_the_workflow_would_under_the_instruction(packed, collection):
    own = evaluate(packed, collection, "seafaring")
    named = evaluate(packed, collection, "core", instruction="seafaring/things")
    assert own.config["retrieval"]["lexical"] == 0.125
    assert named.config["retrieval"] == own.config["retrieval"]
    assert named.metrics == own.metrics


@pytest.fixture
def crowded(tmp_path):
    """Seventy documents that a search likes best, and behind them thirty that a reranker does."""
    draw = random.Random(1)
    noise = [f"noise{n}" for n in range(400)]
    liked = {f"liked{n}": f"tuna {noise[n]}" for n in range(70)}
    right = {f"r{n}": f"a can of fish {' '.join(draw.sample(noise, 150))}" for n in range(30)}
    others = {f"other{n}": " ".join(draw.sample(noise, 20)) for n in range(200)}
    judged = "".join(f"{q}\t{d}\t1\n" for q in ("q1", "q2") for d in [*right, *list(liked)[::2]])
    return write_collection(
        tmp_path / "crowded",
        documents={**liked, **right, **others},
        queries={"q1": "a can of tuna fish", "q2": "tuna: a fish of a can"},
        judgments=judged,
    )


def test_the_first_ten_are_those_of_a_search_for_ten(words_reranked, crowded):
    measured = evaluate(words_reranked, crowded, "core").metrics
    data = read_folder(crowded)
    index = words_reranked.index(data.documents, instruction="core/passage-search")
    found = {
        name: [hit.document_id for hit in index.search(query)]
        for name, query in data.queries.items()
    }
    shown = ranking_metrics(data.grades, found)
    for name in ("ndcg@10", "mrr@10"):
        expected = sum(shown[name].values()) / len(found)
        assert measured[name] == pytest.approx(expected, abs=1e-6)


def test_a_reranker_neither_adds_to_the_first_hundred_nor_takes_from_them(words_reranked, crowded):
    with_it = evaluate(words_reranked, crowded, "core").metrics
    without = evaluate(words_reranked, crowded, "core", rerank=False).metrics
    assert with_it["recall@100"] == without["recall@100"] > 0


class Unasked(FakeEmbedder):
    """An embedder that must not be used."""

    def embed(self, texts, **options):
        raise AssertionError("nothing was to be embedded")


def test_clusters_are_compared_with_labels(words, labeled):
    measured = evaluate(words, labeled, "core", kind="clustering")
    assert measured.config["workflow"] == "core/cluster"
    assert isinstance(measured.metrics["clusters"], int)
    report = words.run("core/cluster", Texts.read(labeled / "items.jsonl"))
    assert measured.metrics["clusters"] == len(report.clusters)
    assert measured.metrics["noise_share"] == pytest.approx(len(report.outliers) / 16, abs=1e-6)
    assert (measured.config["texts"], measured.config["labels"]) == (16, 2)
    assert measured.config["dim"] == 256


def test_a_classification_holds_every_text_out_once(words, labeled):
    measured = evaluate(words, labeled, "core", kind="classification")
    assert measured.metrics == {"macro_f1": 1.0, "accuracy": 1.0}
    assert (measured.config["folds"], measured.config["seed"]) == (5, 0)
    assert evaluate(words, labeled, "core", kind="classification") != evaluate(
        words, labeled, "core", kind="classification", seed=1
    )


def test_labels_that_words_do_not_show_are_not_learned(words, tmp_path):
    texts = ["red stone", "blue leaf", "green door", "white cup", "black hat", "grey road"]
    folder = write_labeled(tmp_path, {"odd": texts[::2] * 1, "even": texts[1::2]})
    assert evaluate(words, folder, "core", kind="classification").metrics["macro_f1"] < 0.9


def test_equal_texts_are_not_learned_and_held_out(words, tmp_path):
    draw = random.Random(0)
    texts = [" ".join(f"word{draw.randrange(500)}" for _ in range(8)) for _ in range(40)]
    folder = write_labeled(tmp_path, {"odd": texts[::2] * 3, "even": texts[1::2] * 3})
    # the labels are drawn: whoever knows them has seen the text
    assert evaluate(words, folder, "core", kind="classification").metrics["accuracy"] < 0.75


def test_copies_of_a_text_are_no_second_text(words, tmp_path):
    folder = write_labeled(tmp_path, {"many": ["a b", "b c", "c d"], "rare": ["z", "z"]})
    with pytest.raises(InputError, match="'rare' has a single text"):
        evaluate(words, folder, "core", kind="classification")


@workflow("toys/sort")
def sort(rt: Runtime, texts: Annotated[Texts, Field(description="Toys.")]) -> ClassificationReport:
    """Tell texts about a match from those about soup, but for long ones."""

    def classified(one: Item) -> ClassifiedText:
        said = "sport" if "match" in one.text or "goal" in one.text else "kitchen"
        label = said if len(one.text) < 45 else None
        return ClassifiedText(
            id=one.id, text=one.text, label=label, scores=(LabelScore(label=said, score=1.0),)
        )

    return ClassificationReport(
        noun="toys",
        learned_from="labels",
        labels=("sport", "kitchen"),
        threshold=0.0,
        items=tuple(classified(one) for one in texts),
    )


def test_a_workflow_of_the_domain_that_classifies_is_the_one_measured(words, labeled):
    data = read_folder(labeled)
    pipeline = Pipeline("classification", "toys", sort, None)
    found = measure_classification(words, data, pipeline)
    decided = [len(text) < 45 for text in data.texts.strings]
    assert found.metrics["accuracy"] == sum(decided) / len(decided)
    assert "folds" not in found.config


def test_undecided_texts_are_wrong_and_no_label_of_their_own(words, tmp_path):
    short = ["a match", "a goal", "match and goal"]
    long = "a match of two teams that went on for a very long time"
    folder = write_labeled(tmp_path, {"sport": [*short, long], "kitchen": ["a pot", "a lid"]})
    pipeline = Pipeline("classification", "toys", sort, None)
    found = measure_classification(words, read_folder(folder), pipeline)
    assert found.metrics["macro_f1"] == pytest.approx((2 * 3 / (2 * 3 + 1) + 1.0) / 2)


def test_a_workflow_is_not_measured_under_an_instruction_it_does_not_read(words, labeled):
    other = words.instructions.resolve("core/text-classification").instruction
    pipeline = Pipeline("classification", "toys", sort, other)
    with pytest.raises(UsageError, match=r"toys/sort does not run under .*\n.*\n.*core/classify"):
        measure_classification(words, read_folder(labeled), pipeline)


def test_a_label_whose_texts_all_have_another_before_is_refused(words, tmp_path):
    folder = write_labeled(tmp_path, {"first": ["a b", "b c"], "later": ["a b", "b c"]})
    with pytest.raises(InputError, match="'later' has no text of its own"):
        evaluate(words, folder, "core", kind="classification")


def test_a_folder_may_begin_with_a_home(words, labeled, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(labeled.parent))
    measured = evaluate(words, f"~/{labeled.name}", "core", kind="clustering")
    assert measured.task == labeled.name


def test_a_label_of_one_text_cannot_be_held_out(words, tmp_path):
    folder = write_labeled(tmp_path, {"many": ["a b", "b c", "c d"], "rare": ["z"]})
    with pytest.raises(InputError, match="'rare' has a single text"):
        evaluate(words, folder, "core", kind="classification")


def test_texts_longer_than_the_model_reads_are_measured_as_a_workflow_reads_them(tmp_path):
    """What tells the texts apart stands where a model of 60 tokens does not read on.

    A head reads terms of the whole text all the same.
    """
    rt = Runtime(FakeEmbedder(max_tokens=60), plugins=[], progress=False)
    same = "It was bought in a shop in the old town. " * 6
    rows = [
        {"text": same + f"{text} " * 10, "label": label}
        for label, texts in TEXTS.items()
        for text in texts
    ]
    jsonl(tmp_path / "items.jsonl", rows)
    for kind, metric in (("classification", "macro_f1"), ("clustering", "v_measure")):
        whole = evaluate(rt, tmp_path, "core", kind=kind)
        cut = evaluate(rt, tmp_path, "core", kind=kind, long_texts="cut")
        assert whole.metrics == evaluate(rt, tmp_path, "core", kind=kind, long_texts="pool").metrics
        loss = 0.3 if kind == "clustering" else 0.0
        assert whole.metrics[metric] >= cut.metrics[metric] + loss, "the beginnings are the same"
        assert (whole.config["texts_divided"], whole.config["texts_truncated"]) == (16, 0)
        assert (cut.config["texts_divided"], cut.config["texts_truncated"]) == (0, 16)


def test_what_a_task_has_no_use_for_is_refused(words, collection, labeled):
    for wrong, folder, kind in [
        ({"positive": "x"}, collection, None),
        ({"precision": 0.5}, collection, None),
        ({"seed": 1}, collection, None),
        ({"long_texts": "cut"}, collection, None),
        ({"rerank": True}, labeled, "clustering"),
        ({"instruction": "core/text-flagging"}, labeled, "flagging"),
    ]:
        with pytest.raises(UsageError, match=r"Leave (it|instruction=\.\.\.) out"):
            evaluate(words, folder, "core", kind=kind, **wrong)


def test_the_kind_must_fit_the_data(words, collection, labeled):
    with pytest.raises(UsageError, match="Say kind="):
        evaluate(words, labeled, "core")
    with pytest.raises(UsageError, match="no queries to search for"):
        evaluate(words, labeled, "core", kind="retrieval")
    with pytest.raises(UsageError, match="is a test collection"):
        evaluate(words, collection, "core", kind="clustering")


def test_unknown_names_are_refused(words, collection):
    with pytest.raises(UnknownNameError, match="Did you mean 'core'"):
        evaluate(words, collection, "cor")
    with pytest.raises(UsageError, match="core/cluster is not for retrieval"):
        evaluate(words, collection, "core", workflow="core/cluster")


def test_flagging_needs_a_taxonomy_of_the_domain(words, labeled):
    with pytest.raises(UsageError, match="core/flag needs more than texts"):
        evaluate(words, labeled, "core", kind="flagging", positive="sport")
