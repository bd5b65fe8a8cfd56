"""A sweep: what it tries, what it recommends, and what it confirms on data it did not see."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.core.evaluation.folders import DOCUMENTS, QUERIES, write_collection, write_labelled

from metier.errors import InputError, PackError, UnknownNameError, UsageError
from metier.evaluation.bootstrap import difference, resampled
from metier.evaluation.evidence import read_evidence, write_evidence
from metier.evaluation.folder import Collection, read_folder
from metier.evaluation.grid import Axes
from metier.evaluation.measured import Outcome
from metier.evaluation.split import split
from metier.evaluation.sweep import sweep

FEW = {"resamples": 100}
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
    judgements = "".join(f"{name}\tapple\t1\n" for name in more)
    folder = write_collection(tmp_path / "b", queries=more, judgements=judgements)
    after = split(read_folder(folder)).development
    assert set(before.queries.values()) == set(after.queries.values()) - {"boats in the harbour"}


def test_equal_texts_lie_in_one_half(tmp_path):
    twice = [f"sentence number {n // 2}" for n in range(60)]
    one, other = split(read_folder(write_labelled(tmp_path, {"a": twice, "b": ["x", "y"]})))
    assert not set(one.texts.strings) & set(other.texts.strings)


def test_too_little_data_is_not_split(tmp_path):
    with pytest.raises(InputError, match="too few for two halves"):
        split(read_folder(write_labelled(tmp_path, {"a": ["x", "y"], "b": ["z"]})))


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
    with pytest.warns(UserWarning, match="trained for 32 numbers or more"):
        strict = sweep(words, folder, "core", axes=axes, within=0.0, **FEW).evidence
    scores = {one.dim: one.score for one in strict.settings}
    assert scores[8] < scores[256]
    assert strict.best.dim == 256
    with pytest.warns(UserWarning, match="trained for 32 numbers or more"):
        loose = sweep(words, folder, "core", axes=axes, within=1.0, **FEW)
    assert loose.evidence.best.dim == 8
    confirmed = loose.evidence.confirmation
    assert confirmed.score < confirmed.default_score
    if confirmed.against_default.verdict == "worse":
        assert loose.headline().startswith("Keep the default")


def test_by_itself_a_sweep_tries_the_instructions_and_halves_of_the_size(words, labelled):
    found = sweep(words, labelled, "core", kind="clustering", **FEW).evidence
    assert [one.dim for one in found.settings] == [256, 128, 64]
    assert {one.instruction for one in found.settings} == {"core/text-grouping@1"}
    assert {one.weights for one in found.settings} == {None}
    assert {one.seconds for one in found.settings} == {None}


def test_a_classification_is_swept_too(words, labelled):
    found = sweep(words, labelled, "core", kind="classification", axes=Axes(dims=[64]), **FEW)
    assert found.evidence.metric == "macro_f1"
    assert [one.dim for one in found.evidence.settings] == [256, 64]


def test_weights_of_stages_are_swept_and_differ_in_what_they_find(words, tmp_path):
    queries = {f"q{n}": f"{word} of the and in" for n, word in enumerate(DOCUMENTS)}
    judgements = "".join(f"q{n}\t{name}\t1\n" for n, name in enumerate(DOCUMENTS))
    folder = write_collection(tmp_path / "x", queries=queries, judgements=judgements)
    axes = Axes(["core/passage-search"], [32], {**VECTORS, "lexical": [0.0, 5.0]})
    found = sweep(words, folder, "core", axes=axes, **FEW)
    by_weight = {one.weights["lexical"]: one.score for one in found.evidence.settings[1:]}
    assert by_weight[5.0] > by_weight[0.0]
    assert "lexical" in found.tables()[0].columns
    with pytest.raises(UnknownNameError, match="Did you mean 'lexical'"):
        sweep(words, folder, "core", axes=Axes(weights={"lexcal": [0.0]}), **FEW)


def test_an_axis_of_searches_is_refused_elsewhere(words, labelled):
    with pytest.raises(UsageError, match="weights is an axis of retrieval"):
        sweep(words, labelled, "core", kind="clustering", axes=Axes(weights={"lexical": [0.1]}))


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
    path = write_evidence(swept.evidence, tmp_path / "e.yaml")
    path.write_text(path.read_text().replace("kind: retrieval", "kind: retrievals"))
    with pytest.raises(PackError, match=r"e.yaml, line 3.*kind"):
        read_evidence(path)
    last = len(swept.evidence.settings)
    text = path.read_text().replace("retrievals", "retrieval")
    path.write_text(
        text.replace(f"recommended: {swept.evidence.recommended}", f"recommended: {last}")
    )
    with pytest.raises(PackError, match=f"recommended is {last} of {last} settings"):
        read_evidence(path)


def test_evidence_is_yaml_by_its_name(swept, tmp_path):
    with pytest.raises(UsageError, match=r"Name it e\.yaml"):
        write_evidence(swept.evidence, tmp_path / "e.json")


def test_a_sweep_shows_both_halves_apart_and_plots_what_was_tried(swept, tmp_path):
    pytest.importorskip("plotly", reason="the extra viz is not installed")
    chosen, confirmed = swept.tables()
    assert chosen.title.startswith("Chosen from: development half")
    assert confirmed.title.startswith("Confirmed on: other half")
    assert len(chosen.rows) == len(swept.evidence.settings)
    swept.save(tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text()
    assert "bytes per vector" in page
    assert "milliseconds per search" in page
    kept = json.loads((tmp_path / "out" / "result.json").read_text())
    assert kept["evidence"]["metric"] == "ndcg@10"
