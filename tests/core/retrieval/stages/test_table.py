"""The table of stages: weights, descriptions, and what a plugin may add to it."""

from __future__ import annotations

import numpy as np
import pytest

from metier.errors import PluginError, UnknownNameError
from metier.registry.retrieval_settings import BUILT_IN_STAGES, RetrievalSettings
from metier.retrieval.stages.stage import SearchPhase, SearchStage
from metier.retrieval.stages.table import STAGES, describe_stages, stage_weights, with_stages


class RecencyStage(SearchStage):
    name = "recency"
    summary = "newer documents are better"

    def scores(self, context, positions):
        return np.zeros(len(positions), dtype=np.float32)


def test_the_settings_have_a_key_for_each_stage_of_metier_with_its_weight():
    weighted = {
        name: stage for name, stage in STAGES.items() if stage.phase is not SearchPhase.RERANK
    }
    assert tuple(weighted) == BUILT_IN_STAGES
    assert RetrievalSettings().weights == {name: stage.weight for name, stage in weighted.items()}
    assert all(name == stage.name and stage.summary for name, stage in STAGES.items())


def test_a_stage_of_a_plugin_has_its_own_weight_until_settings_give_another():
    class EagerStage(RecencyStage):
        weight = 0.5

    table = with_stages([*STAGES.values(), EagerStage()])
    assert stage_weights(RetrievalSettings(), table)["recency"] == 0.5
    assert stage_weights(RetrievalSettings(stages={"recency": 0.1}), table)["recency"] == 0.1


def test_a_weight_of_a_stage_that_is_not_there_is_refused_with_the_closest_name():
    table = with_stages([*STAGES.values(), RecencyStage()])
    with pytest.raises(UnknownNameError, match="Did you mean 'recency'"):
        stage_weights(RetrievalSettings(stages={"recencey": 0.1}), table)
    with pytest.raises(UnknownNameError, match="'rerank'"):
        stage_weights(RetrievalSettings(stages={"rerank": 0.1}), table)


def test_stages_are_described_with_their_weights_and_what_else_sets_them():
    settings = RetrievalSettings(
        dense=1, lexical=0.5, interaction=2, language="german", feedback=0.1
    )
    assert describe_stages(settings) == (
        "dense 1, lexical 0.5 (words, german), interaction 2 (rare), feedback 0.1"
    )
    assert describe_stages(RetrievalSettings(lexical=0, interaction=0)) == "dense 1"
    headings = RetrievalSettings(lexical=0, interaction=0, heading=2)
    assert describe_stages(headings) == "dense 1, heading 2"
    assert describe_stages(headings, has_headings=False) == "dense 1"
    ours = RetrievalSettings(lexical=0, interaction=0, stages={"recency": 0.3})
    assert describe_stages(ours) == "dense 1, recency 0.3"


def named(**attributes):
    return type("OddStage", (RecencyStage,), attributes)()


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (named(name="dense"), "'dense', which another stage has"),
        (named(name="fused"), "'fused', which another stage has"),
        (named(name="Recency"), "needs a name and a summary"),
        (named(name="re-cency"), "needs a name and a summary"),
        (named(summary=""), "needs a name and a summary"),
        (named(phase=SearchPhase.RERANK), "OddStage reranks"),
        ("recency", "'recency' is no search stage"),
        (named(name=5), "needs a name and a summary"),
        (named(phase="all"), "has the phase 'all'"),
        (named(weight=-1.0), "has the weight -1.0"),
        (named(weight=float("nan")), "has the weight nan"),
        (named(weight="1"), "has the weight '1'"),
        (named(tried=(0.5, 101)), "has the weight 101"),
    ],
)
def test_a_stage_that_cannot_be_used_is_refused(stage, message):
    with pytest.raises(PluginError, match=message):
        with_stages([*STAGES.values(), stage])
