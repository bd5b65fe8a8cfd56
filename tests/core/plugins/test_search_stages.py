"""A search stage of a plugin: one class, and it shows wherever stages do."""

from __future__ import annotations

import sys

import pytest
from tests.core.evaluation.folders import write_collection

from metier import Runtime
from metier.cli.main import main
from metier.errors import PluginError, UnknownNameError
from metier.evaluation import Axes, sweep
from metier.plugins.host import PluginHost
from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval.stages.table import STAGES
from metier.testing.fakes import FakeEmbedder

STAGE = """\
import numpy as np
from metier.plugin import SearchStage, hookimpl


class RecencyStage(SearchStage):
    name = "{name}"
    summary = "newer documents are better"
    tried = (0.0, 0.5)

    def scores(self, context, positions):
        years = [context.candidates[position].fields.get("year", 2000) for position in positions]
        return np.array([(year - 2000) / 100 for year in years], dtype=np.float32)


@hookimpl
def metier_search_stages():
    return [RecencyStage()]
"""
NOTES = [
    {"id": "old", "text": "The fee is due in thirty days.", "year": 2001},
    {"id": "new", "text": "The fee is due in thirty days.", "year": 2099},
]
NEWER = RetrievalSettings(dense=1, lexical=0, interaction=0, stages={"recency": 0.5})


@pytest.fixture
def recency(installed):
    installed.add("news", code=STAGE.format(name="recency"))
    return Runtime(FakeEmbedder(), cache=False, progress=False)


def test_stages_of_plugins_follow_those_of_metier_in_the_order_of_plugins(installed):
    for name in ("zoo", "art"):
        installed.add(name, code=STAGE.format(name=name))
    assert list(PluginHost().search_stages()) == [*STAGES, "art", "zoo"]
    assert list(PluginHost([]).search_stages()) == list(STAGES)


def test_hits_have_the_score_of_the_stage_and_its_weight_counts(recency):
    index = recency.index(NOTES)
    first, second = index.search("fee", retrieval=NEWER)
    assert (first.document_id, second.document_id) == ("new", "old")
    assert first.scores["recency"] == pytest.approx(0.99)
    assert first.score == pytest.approx((first.scores["dense"] + 0.5 * 0.99) / 1.5, abs=1e-6)
    assert "recency" not in index.search("fee")[0].scores


def test_a_domain_weighs_the_stage_and_explanations_name_it(recency, tmp_path):
    pack = tmp_path / "clauses.yaml"
    pack.write_text(
        "schema: 1\ndomain: clauses\ntitle: Clauses\nretrieval: {stages: {recency: 0.3}}\n"
        "instructions: [{id: find, task: Find the clause that answers, kind: retrieval}]\n"
    )
    rt = Runtime(FakeEmbedder(), cache=False, progress=False, packs=[pack])
    index = rt.index(NOTES, instruction="clauses/find")
    assert "recency" in index.search("fee")[0].scores
    assert index.explain().search.endswith(", recency 0.3")
    assert ", recency 0.3" in rt.explain("clauses/find").search


def test_a_sweep_tries_its_weights(recency, tmp_path):
    collection = write_collection(tmp_path / "facts")
    swept = sweep(recency, collection, "core", axes=Axes(dims=[48]), resamples=100)
    tried = {setting.weights["recency"] for setting in swept.evidence.settings}
    assert tried == {0.0, 0.5}
    assert "recency" in swept.tables()[0].columns
    axes = Axes(["core/passage-search"], [48], {"recency": [0.25]})
    swept = sweep(recency, collection, "core", axes=axes, resamples=100)
    assert [setting.weights["recency"] for setting in swept.evidence.settings] == [0.0, 0.25]


@pytest.mark.parametrize("command", [["eval", "sweep"], ["index", "search"]])
def test_the_help_of_commands_that_take_weights_names_it(recency, command, capsys):
    assert main([*command, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "aspect, named, feedback or recency" in text


def test_the_help_of_a_sweep_says_which_weights_it_tries(recency, capsys):
    main(["eval", "sweep", "--help"])
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "lexical=0, 0.25, 0.5; recency=0, 0.5" in text


def test_a_weight_of_a_stage_that_no_plugin_brings_is_refused_when_something_is_searched(recency):
    index = recency.index(NOTES)
    settings = RetrievalSettings(stages={"recencey": 0.3})
    for ask in (index.search, index.search_many):
        with pytest.raises(UnknownNameError, match="Did you mean 'recency'"):
            ask(["fee"] if ask == index.search_many else "fee", retrieval=settings)
    with pytest.raises(UnknownNameError, match="Did you mean 'recency'"):
        index.explain(retrieval=settings)


def test_two_stages_of_one_name_are_refused_when_something_is_searched(installed):
    for name in ("news", "press"):
        installed.add(name, code=STAGE.format(name="recency"))
    index = Runtime(FakeEmbedder(), cache=False, progress=False).index(NOTES)
    with pytest.raises(PluginError, match="'recency', which another stage has"):
        index.search("fee")


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("scores(self, context, positions): return 1 / 0", "ZeroDivisionError: division by zero"),
        ("scores(self, context, positions): return [0.5]", r"An array of shape \(1,\) came"),
        ("scores(self, context, positions): return None", "gave no scores"),
        ("scores(self, context, positions): return ['a'] * len(positions)", "gave no scores"),
        ("scores(self, context, positions): return [1e300] * len(positions)", "gave no scores"),
        ("applies(self, context): return 1 / 0", "ZeroDivisionError: division by zero"),
        ("query_texts(self, query, settings): return query", "gave no list of texts but a str"),
        ("query_texts(self, query, settings): return 1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_stage_that_fails_is_an_error_that_names_it(installed, method, message):
    code = STAGE.format(name="recency").replace(
        "\n\n\n@hookimpl", f"\n    def {method}\n\n\n@hookimpl"
    )
    installed.add("news", code=code)
    index = Runtime(FakeEmbedder(), cache=False, progress=False).index(NOTES)
    with pytest.raises(PluginError, match="search stage 'recency'") as failed:
        index.search("fee", retrieval=NEWER)
    failed.match(message)


def test_the_code_of_the_plugin_is_imported_when_something_is_searched(recency):
    index = recency.index(NOTES)
    assert "toy_news" not in sys.modules
    index.search("fee")
    assert "toy_news" in sys.modules


def test_a_plugin_is_asked_for_its_stages_once_until_plugins_are_looked_for_again(recency):
    stage = recency.plugins.search_stages()["recency"]
    recency.index(NOTES).search("fee")
    assert recency.plugins.search_stages()["recency"] is stage
    recency.refresh()
    assert recency.plugins.search_stages()["recency"] is not stage
