"""A sweep: what it tries, what it recommends, and what it confirms on data it did not see."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from tests.core.evaluation.folders import DOCUMENTS, QUERIES, write_collection, write_labeled

from metier import Runtime, Texts
from metier.errors import InputError, PackError, ParameterError, UnknownNameError, UsageError
from metier.evaluation.evidence import read_evidence, write_evidence
from metier.evaluation.folder_evaluation import evaluate
from metier.evaluation.grid import Axes
from metier.evaluation.labeled_data import Collection, LabeledTexts, read_folder
from metier.evaluation.measurement import Outcome
from metier.evaluation.sampling import difference, resampled, split
from metier.evaluation.settings_sweep import sweep
from metier.testing import FakeEmbedder, FakeReranker

FEW = {"resamples": 100}
TOYS = """
schema: 1
domain: toys
title: Toys
instructions: [{id: by-use, task: Sort toys by use, kind: classification}]
workflows:
  - {id: flag, call: metier_toys.work:flag, summary: Flag toys that burn}
  - {id: sort, call: metier_toys.work:sort, summary: Sort toys}
safety: {intended_use: Playing., not_for: Eating., data_handling: Stays here.}
"""
WORK = '''
from typing import Annotated

from pydantic import Field

from metier import Runtime, Texts, workflow
from metier.steps.classifying import ClassificationReport, ClassifiedText, LabelScore
from metier.steps.flag_report import Evidence, FlaggedText, FlagReport, RiskScore


@workflow("toys/flag")
def flag(rt: Runtime, texts: Annotated[Texts, Field(description="Toys.")]) -> FlagReport:
    """Flag toys that burn."""
    items = []
    for one in texts:
        burns = "fire" in one.text
        evidence = Evidence(start=0, end=len(one.text), sentence=one.text)
        score = RiskScore(risk="fire", score=float(burns), flagged=burns, evidence=evidence)
        items.append(FlaggedText(id=one.id, text=one.text, scores=(score,)))
    return FlagReport(noun="toys", threshold=0.5, titles={"fire": "Fire"}, items=tuple(items))


@workflow("toys/sort")
def sort(rt: Runtime, texts: Annotated[Texts, Field(description="Toys.")]) -> ClassificationReport:
    """Sort toys."""
    items = []
    for one in texts:
        label = "y" if "fire" in one.text else "n"
        score = LabelScore(label=label, score=1.0)
        items.append(ClassifiedText(id=one.id, text=one.text, label=label, scores=(score,)))
    return ClassificationReport(
        noun="toys", learned_from="labels", labels=("y", "n"), threshold=0.0, items=tuple(items)
    )
'''
VECTORS = {"lexical": [0.0], "interaction": [0.0], "feedback": [0.0]}


def outcome(values):
    found = np.array(values, dtype=float)
    return Outcome({}, {}, [str(n) for n in found], lambda places: float(found[places].mean()))


def test_halves_share_no_query_and_all_documents(collection):
    data = read_folder(collection)
    one, other = split(data)
    assert isinstance(one, Collection)
    assert isinstance(other, Collection)
    assert one.queries.keys() | other.queries.keys() == QUERIES.keys()
    assert not one.queries.keys() & other.queries.keys()
    assert one.grades.keys() == one.queries.keys()
    assert len(one.documents) == len(other.documents) == len(DOCUMENTS)


def test_a_query_stays_in_its_half_when_others_come_and_ids_change(tmp_path):
    before = split(read_folder(write_collection(tmp_path / "a"))).development
    renamed = {f"new-{name}": text for name, text in reversed(QUERIES.items())}
    more = {**renamed, "extra": "boats in the harbour"}
    judgments = "".join(f"{name}\tapple\t1\n" for name in more)
    folder = write_collection(tmp_path / "b", queries=more, judgments=judgments)
    after = split(read_folder(folder)).development
    assert set(before.queries.values()) == set(after.queries.values()) - {"boats in the harbour"}


def test_equal_texts_lie_in_one_half(tmp_path):
    twice = [f"sentence number {n // 2}" for n in range(60)]
    one, other = split(read_folder(write_labeled(tmp_path, {"a": twice, "b": ["x", "y"]})))
    assert not set(one.texts.strings) & set(other.texts.strings)


def test_too_little_data_is_not_split(tmp_path):
    with pytest.raises(InputError, match="too few for two halves"):
        split(read_folder(write_labeled(tmp_path, {"a": ["x", "y"], "b": ["z"]})))


def test_a_difference_that_every_query_shows_is_told_apart():
    better, worse = outcome(np.linspace(0.5, 1, 40)), outcome(np.linspace(0.3, 0.8, 40))
    drawn = [resampled(one, resamples=200, seed=0) for one in (better, worse)]
    found = difference(better, worse, *drawn)
    # the same queries are drawn for both, so that their own spread is no part of the interval
    assert (found.mean, found.low, found.high) == pytest.approx((0.2, 0.2, 0.2), abs=1e-6)
    assert found.verdict == "better"
    assert difference(worse, better, *drawn[::-1]).verdict == "worse"


def test_a_difference_that_one_query_makes_is_not_told_apart():
    one, other = outcome([1] + [0.5] * 19), outcome([0] + [0.5] * 19)
    drawn = [resampled(each, resamples=500, seed=0) for each in (one, other)]
    found = difference(one, other, *drawn)
    assert found.mean == pytest.approx(0.05)
    assert found.low == 0.0 < found.high
    assert found.verdict == "not told apart"


def test_a_seed_draws_the_same_again():
    one = outcome(np.arange(30))
    drawn = [resampled(one, resamples=50, seed=seed) for seed in (3, 3, 4)]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_every_combination_is_tried_once_and_the_default_first(words_reranked, collection):
    axes = Axes(["core/passage-search"], [32, 64, 256], {"lexical": [0.25]})
    found = sweep(words_reranked, collection, "core", axes=axes, **FEW).evidence
    default = found.settings[0]
    assert (default.instruction, default.dim) == ("core/passage-search@1", 256)
    tried = [(one.dim, tuple(one.weights.items()), one.rerank) for one in found.settings]
    assert sorted(set(tried)) == sorted(tried)
    assert {one[0] for one in tried} == {32, 64, 256}
    assert {one[2] for one in tried} == {True, False}
    assert [one.bytes_per_vector for one in found.settings] == [4 * one[0] for one in tried]
    assert all(one.seconds > 0 for one in found.settings)
    assert default.against_default.mean == 0.0


class Counting(FakeEmbedder):
    """An embedder that counts the texts it was given."""

    documents = queries = 0

    def embed(self, texts, *, prompt, **options):
        self.documents += len(texts) * (prompt.side == "document")
        self.queries += len(texts) * (prompt.side == "query")
        return super().embed(texts, prompt=prompt, **options)


def test_documents_are_embedded_once_for_each_size_whatever_else_is_tried(collection):
    model = Counting()
    rt = Runtime(model, FakeReranker(), cache=False, plugins=[], progress=False)
    weights = {"lexical": [0.0, 0.25, 0.5], "feedback": [0.0, 0.5]}
    axes = Axes(["core/passage-search"], [64, 256], weights)
    found = sweep(rt, collection, "core", axes=axes, **FEW).evidence
    assert len(found.settings) >= 12
    assert model.documents == 2 * len(DOCUMENTS)


def test_instructions_that_the_model_does_not_read_are_not_tried(collection, tmp_path):
    pack = tmp_path / "sea.yaml"
    pack.write_text(
        "schema: 1\ndomain: sea\ntitle: Seafaring\ninstructions:\n"
        "  - {id: one, task: Find what answers a question, kind: retrieval}\n"
        "  - {id: other, task: Find what a word means, kind: retrieval}\n"
    )
    axes = Axes(dims=[64], weights={"lexical": [0.5]})
    tried = {}
    for aware in (True, False):
        model = FakeEmbedder()
        model.profile = dataclasses.replace(model.profile, instruction_aware=aware)
        rt = Runtime(model, cache=False, plugins=[], packs=[pack], progress=False)
        found = sweep(rt, collection, "sea", axes=axes, **FEW).evidence
        tried[aware] = {one.instruction for one in found.settings}
    assert tried == {True: {"sea/one@1", "sea/other@1"}, False: {"sea/one@1"}}


def test_short_vectors_that_are_as_good_are_recommended_and_confirmed(words, collection):
    axes = Axes(["core/passage-search"], [64, 128, 256], VECTORS, rerank=False)
    swept = sweep(words, collection, "core", axes=axes, **FEW)
    found = swept.evidence
    best = max(one.score for one in found.settings)
    good = [one.dim for one in found.settings if one.score >= best - found.within]
    assert found.best.dim == min(good) == 64
    assert found.cases + found.confirmation.cases == len(QUERIES)
    assert "to save space (256 bytes, not 1024)" in swept.headline()


def test_a_recommendation_may_lose_only_as_much_as_is_said(words, tmp_path):
    # without its lexical part a search of 8 numbers is a guess
    axes = Axes(["core/passage-search"], [8, 256], VECTORS, rerank=False)
    folder = write_collection(tmp_path / "things")
    with pytest.warns(UserWarning, match="trained for 32 dimensions or more"):
        strict = sweep(words, folder, "core", axes=axes, within=0.0, **FEW).evidence
    scores = {one.dim: one.score for one in strict.settings}
    assert scores[8] < scores[256]
    assert strict.best.dim == 256
    with pytest.warns(UserWarning, match="trained for 32 dimensions or more"):
        loose = sweep(words, folder, "core", axes=axes, within=1.0, **FEW)
    assert loose.evidence.best.dim == 8
    confirmed = loose.evidence.confirmation
    assert confirmed.score < confirmed.default_score
    if confirmed.against_default.verdict == "worse":
        assert loose.headline().startswith("Keep the default")


def test_by_itself_a_sweep_tries_the_instructions_and_halves_of_the_size(words, labeled):
    found = sweep(words, labeled, "core", kind="clustering", **FEW).evidence
    assert [one.dim for one in found.settings] == [256, 128, 64]
    assert {one.instruction for one in found.settings} == {"core/text-grouping@1"}
    assert {one.weights for one in found.settings} == {None}
    assert {one.seconds for one in found.settings} == {None}


def test_a_classification_is_swept_too(words, labeled):
    found = sweep(words, labeled, "core", kind="classification", axes=Axes(dims=[64]), **FEW)
    assert found.evidence.metric == "macro_f1"
    assert [one.dim for one in found.evidence.settings] == [256, 64]


@pytest.fixture
def toys(metier_plugin):
    """A Runtime with a plugin that flags what holds the word fire, and sorts by it."""
    metier_plugin("toys", manifest=TOYS, modules={"work": WORK})
    return Runtime(FakeEmbedder(), cache=False, progress=False)


def in_halves(development, other):
    """Texts by label, as many of each in each half as there are letters: y and n."""
    words = {"y": "fire", "n": "water"}
    every = [(f"{number} {words[label]}", label) for label in "yn" for number in range(60)]
    texts, labels = zip(*every, strict=True)
    halves = split(LabeledTexts(Texts.of(texts), labels))
    found = {"y": [], "n": []}
    for half, wanted in zip(halves, (development, other), strict=True):
        for label in "yn":
            there = [
                t for t, one in zip(half.texts.strings, half.labels, strict=True) if one == label
            ]
            found[label] += there[: wanted.count(label)]
    return found


def test_the_same_label_is_flagged_in_both_halves(toys, tmp_path):
    """Of all texts those with y are rarer, and of one half they are not."""
    folder = write_labeled(tmp_path, in_halves("yyynnnnn", "yyynn"))
    found = sweep(toys, folder, "toys", kind="flagging", **FEW).evidence
    assert (found.default.score, found.confirmation.score) == (1.0, 1.0)


def test_a_half_with_nothing_to_flag_is_refused(toys, tmp_path):
    folder = write_labeled(tmp_path, in_halves("nnnnnn", "yyynnnn"))
    with pytest.raises(InputError, match="Of the 6 texts in one half 0 have the label 'y'"):
        sweep(toys, folder, "toys", kind="flagging", **FEW)


def test_what_is_wrong_with_the_other_half_is_told_before_the_work_is_done(tmp_path):
    model = Counting()
    rt = Runtime(model, cache=False, plugins=[], progress=False)
    folder = write_labeled(tmp_path, in_halves("yyynnn", "nnnnny"))
    with pytest.raises(InputError, match=r"One half .* measured\. The label 'y' has a single text"):
        sweep(rt, folder, "core", kind="classification", **FEW)
    assert (model.documents, model.queries) == (0, 0)


def test_a_workflow_that_classifies_by_itself_is_swept_as_it_is(toys, tmp_path):
    folder = write_labeled(tmp_path, in_halves("yyynnn", "yyynnn"))
    found = sweep(toys, folder, "toys", kind="classification", **FEW).evidence
    assert {one.instruction for one in found.settings} == {None}
    with pytest.raises(UsageError, match=r"seed=\.\.\. draws folds, and toys/sort is run"):
        evaluate(toys, folder, "toys", kind="classification", seed=1)
    with pytest.raises(UsageError, match="toys/sort does not run under 'toys/by-use@1'"):
        sweep(toys, folder, "toys", kind="classification", axes=Axes(["toys/by-use"]), **FEW)


def test_weights_of_stages_are_swept_and_differ_in_what_they_find(words, tmp_path):
    queries = {f"q{n}": f"{word} of the and in" for n, word in enumerate(DOCUMENTS)}
    judgments = "".join(f"q{n}\t{name}\t1\n" for n, name in enumerate(DOCUMENTS))
    folder = write_collection(tmp_path / "x", queries=queries, judgments=judgments)
    axes = Axes(["core/passage-search"], [32], {**VECTORS, "lexical": [0.0, 5.0]})
    found = sweep(words, folder, "core", axes=axes, **FEW)
    by_weight = {one.weights["lexical"]: one.score for one in found.evidence.settings[1:]}
    assert by_weight[5.0] > by_weight[0.0]
    assert "lexical" in found.tables()[0].columns
    with pytest.raises(UnknownNameError, match="Did you mean 'lexical'"):
        sweep(words, folder, "core", axes=Axes(weights={"lexcal": [0.0]}), **FEW)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"lexical": [-1.0]}, "weighted with lexical -1.*\n.*greater than or equal to 0"),
        ({"lexical": [float("nan")]}, "weighted with lexical nan.*\n.*finite number"),
        ({"aspect": [1.0]}, "weighted with aspect 1.*\n.*aspect and aspects go together"),
        ({"dense": [0.0], "lexical": [0.0]}, "would find nothing"),
    ],
)
def test_a_weight_that_cannot_be_is_told(words, collection, weights, said):
    with pytest.raises(ParameterError, match=said):
        sweep(words, collection, "core", axes=Axes(weights=weights), **FEW)


def test_of_many_combinations_those_that_find_nothing_are_left_out(words, collection):
    axes = Axes(dims=[64], weights={"dense": [0.0, 1.0], "lexical": [0.0, 0.5]})
    found = sweep(words, collection, "core", axes=axes, **FEW).evidence
    tried = {(one.weights["dense"], one.weights["lexical"]) for one in found.settings[1:]}
    assert tried == {(0.0, 0.5), (1.0, 0.0), (1.0, 0.5)}


def test_a_weight_of_0_for_aspects_is_a_search_without_them(collection, tmp_path):
    pack = tmp_path / "sea.yaml"
    pack.write_text(
        "schema: 1\ndomain: sea\ntitle: Seafaring\n"
        "retrieval: {aspect: 1.0, aspects: [{asked: [why], words: cause}]}\n"
        "instructions: [{id: one, task: Find what answers a question, kind: retrieval}]\n"
    )
    rt = Runtime(FakeEmbedder(), cache=False, plugins=[], packs=[pack], progress=False)
    axes = Axes(dims=[64], weights={"aspect": [0.0, 2.0]})
    found = sweep(rt, collection, "sea", axes=axes, **FEW).evidence
    assert [one.weights["aspect"] for one in found.settings] == [1.0, 0.0, 2.0]


def test_that_there_is_no_reranker_is_told_before_anything_is_embedded(collection):
    model = Counting()
    rt = Runtime(model, cache=False, plugins=[], progress=False)
    with pytest.raises(UsageError, match="no reranker"):
        sweep(rt, collection, "core", axes=Axes(rerank=True), **FEW)
    assert model.documents == 0


def test_an_axis_of_searches_is_refused_elsewhere(words, labeled):
    with pytest.raises(UsageError, match="weights is an axis of retrieval"):
        sweep(words, labeled, "core", kind="clustering", axes=Axes(weights={"lexical": [0.1]}))


@pytest.fixture
def swept(words, collection):
    axes = Axes(["core/passage-search"], [64, 256], {"lexical": [0.25]})
    return sweep(words, collection, "core", axes=axes, **FEW)


def test_evidence_is_read_back_as_it_was_written(swept, tmp_path):
    path = write_evidence(swept.evidence, tmp_path / "beside" / "pack.evidence.yaml")
    assert read_evidence(path) == swept.evidence
    said = path.read_text()
    assert not any(text in said for text in (*QUERIES.values(), *DOCUMENTS.values()))


def test_evidence_that_was_changed_is_refused_with_the_place(swept, tmp_path):
    path = write_evidence(swept.evidence, tmp_path / "e.evidence.yaml")
    path.write_text(path.read_text().replace("kind: retrieval", "kind: retrievals"))
    with pytest.raises(PackError, match=r"e.evidence.yaml, line 3.*kind"):
        read_evidence(path)
    last = len(swept.evidence.settings)
    text = path.read_text().replace("retrievals", "retrieval")
    path.write_text(
        text.replace(f"recommended: {swept.evidence.recommended}", f"recommended: {last}")
    )
    with pytest.raises(PackError, match=f"recommended is {last} of {last} settings"):
        read_evidence(path)


@pytest.mark.parametrize("name", ["e.json", "e.yaml", "e.evidence.yml"])
def test_evidence_is_told_from_packs_by_its_name(swept, tmp_path, name):
    with pytest.raises(UsageError, match=r"Name it e\.evidence\.yaml"):
        write_evidence(swept.evidence, tmp_path / name)
    assert not list(tmp_path.glob("e.*"))


def test_a_sweep_shows_both_halves_apart_and_plots_what_was_tried(swept, tmp_path):
    chosen, confirmed = swept.tables()
    assert chosen.title.startswith("Chosen from: development half")
    assert confirmed.title.startswith("Confirmed on: other half")
    assert len(chosen.rows) == len(swept.evidence.settings)
    for figure in swept.figures():
        assert sum(len(group.points) for group in figure.groups) == len(swept.evidence.settings)
    swept.save(tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text()
    assert "bytes per vector" in page
    assert "milliseconds per search" in page
    kept = json.loads((tmp_path / "out" / "result.json").read_text())
    assert kept["evidence"]["metric"] == "ndcg@10"
