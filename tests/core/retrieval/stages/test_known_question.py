"""A stage of a plugin that knows what queries ask for and how answers read."""

from __future__ import annotations

import pytest

from metier import Runtime
from metier.errors import PluginError
from metier.registry.retrieval_settings import RetrievalSettings
from metier.testing.fakes import FakeEmbedder

STAGE = """\
from metier.plugin import KnownQuestion, KnownQuestionStage, hookimpl


class GardenStage(KnownQuestionStage):
    name = "garden"
    summary = "what gardeners ask"

    def questions(self):
        return [
            KnownQuestion(("watering", "how much water"), ("two cans on dry days", "none in rain")),
            KnownQuestion(("planting depth", "how deep"), ("ten centimeters below the soil",)),
            KnownQuestion(("pruning", "when to cut back"), ("in march, above a bud",)),
        ][:{count}]


@hookimpl
def metier_search_stages():
    return [GardenStage()]
"""
NOTES = [
    {"id": "depth", "text": "Put tulips ten centimeters below the soil."},
    {"id": "water", "text": "Give roses two cans on dry days."},
    {"id": "talk", "text": "He asked how deep the love of roses is."},
]
KNOWN = RetrievalSettings(dense=1, lexical=0, interaction=0, stages={"garden": 1})


@pytest.fixture
def notes(installed):
    installed.add("garden", code=STAGE.format(count=3))
    return Runtime(FakeEmbedder(), cache=False, progress=False).index(NOTES)


def test_chunks_like_the_answers_of_what_is_asked_move_up(notes):
    plain = KNOWN.model_copy(update={"stages": {}})
    assert notes.search("how deep for tulips", retrieval=plain)[0].document_id == "talk"
    first, *others = notes.search("how deep", retrieval=KNOWN)
    assert first.document_id == "depth"
    assert first.scores["garden"] > 0.5
    assert all(hit.scores["garden"] < first.scores["garden"] / 2 for hit in others)


def test_a_query_about_nothing_known_is_searched_without_it(notes):
    for query in ("he asked for love", "zeppelins over Oslo"):
        assert all("garden" not in hit.scores for hit in notes.search(query, retrieval=KNOWN))


def test_the_words_of_the_query_still_count_among_answers_of_one_kind(installed):
    installed.add("garden", code=STAGE.format(count=3))
    plants = [
        {"id": name, "text": f"Put {name} ten centimeters below the soil."}
        for name in ("garlic", "onions", "tulips")
    ]
    index = Runtime(FakeEmbedder(), cache=False, progress=False).index(plants)
    for name in ("garlic", "onions", "tulips"):
        hit = index.search(f"planting depth, how deep for {name}", retrieval=KNOWN)[0]
        assert (hit.document_id, "garden" in hit.scores) == (name, True)


def test_explanations_say_how_many_questions_are_known(notes):
    assert notes.explain(retrieval=KNOWN).search == "dense 1, garden 1 (3)"


def test_a_stage_that_knows_one_question_is_refused_when_it_is_used(installed):
    installed.add("garden", code=STAGE.format(count=1))
    index = Runtime(FakeEmbedder(), cache=False, progress=False).index(NOTES)
    assert index.search("how deep")
    with pytest.raises(PluginError, match="'garden' knows too little"):
        index.search("how deep", retrieval=KNOWN)
