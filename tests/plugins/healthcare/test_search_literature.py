from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Documents, Runtime
from metier.errors import ParameterError
from metier.texts.files import read_texts

WORKFLOWS = ("healthcare/search-literature", "healthcare/answer-questions")


@pytest.fixture(scope="module")
def abstracts(samples: Callable[[str], Path]) -> Documents:
    return read_texts(samples("metier_healthcare") / "abstracts.jsonl", Documents)


@pytest.fixture(scope="module")
def leaflets(samples: Callable[[str], Path]) -> Documents:
    return read_texts(samples("metier_healthcare") / "leaflets", Documents)


def test_an_abstract_is_found_whole_with_its_columns(rt: Runtime, abstracts: Documents) -> None:
    result = rt.run("healthcare/search-literature", abstracts, "does vitamin D prevent fractures")

    best = result.hits[0]
    assert best.id == "lit-10"
    assert best.location == "lit-10, Vitamin D and fractures in healthy adults"
    assert best.text == next(item.text for item in abstracts if item.id == "lit-10")
    assert result.rows()[0]["journal"] == "Bone Health Trials"
    assert result.record.instructions[0].id == "healthcare/literature-search@1"


def test_an_abbreviation_stands_for_the_words_of_the_question(rt: Runtime) -> None:
    abstracts = [
        {"id": "short", "text": "In RAS the pressure rises."},
        {"id": "other", "text": "In ARDS the pressure falls."},
        {"id": "small", "text": "In ras the pressure rises."},
    ]
    result = rt.run("healthcare/search-literature", abstracts, "pressure in renal artery stenosis")

    scores = {hit.id: hit.scores["short_form"] for hit in result.hits}
    assert 0.3 < scores["short"] < 1.0
    assert (scores["other"], scores["small"]) == (0.0, 0.0)


def test_words_that_abbreviations_leave_out_may_be_in_the_question(rt: Runtime) -> None:
    abstracts = [{"id": "short", "text": "CODs differ."}, {"id": "long", "text": "COOD differs."}]
    result = rt.run("healthcare/search-literature", abstracts, "cause of our death")

    scores = {hit.id: hit.scores["short_form"] for hit in result.hits}
    assert scores == {"short": pytest.approx(1.0), "long": pytest.approx(1.0)}


def test_a_question_without_a_name_of_two_words_has_no_short_form(rt: Runtime) -> None:
    result = rt.run("healthcare/search-literature", ["PE is dangerous."], "what is embolism")

    assert all("short_form" not in hit.scores for hit in result.hits)


def test_what_is_asked_of_a_disease_decides_between_its_sections(
    rt: Runtime, leaflets: Documents
) -> None:
    for query, section in [
        ("how is obstructive sleep apnea treated", "Treatment"),
        ("what are the symptoms of obstructive sleep apnea", "How it feels"),
        ("what happens if sleep apnea is not treated", "If nothing is done"),
        ("will my baby survive whooping cough", "How it ends"),
        ("how can whooping cough be prevented", "Keeping it away"),
        ("how do doctors find gallstones", "How they are found"),
    ]:
        result = rt.run("healthcare/answer-questions", leaflets, query, top_k=1)
        assert result.hits[0].location.endswith(section), query


def test_a_passage_says_where_it_stands_in_its_page(rt: Runtime, leaflets: Documents) -> None:
    result = rt.run("healthcare/answer-questions", leaflets, "mask that blows air into the nose")

    best = result.hits[0]
    assert best.location == "obstructive-sleep-apnea.md, Obstructive sleep apnea, Treatment"
    page = next(item.text for item in leaflets if item.id == best.fields["source"])
    assert page[best.fields["start"] : best.fields["end"]] == best.text


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_several_questions_keep_their_columns(
    rt: Runtime, abstracts: Documents, workflow: str
) -> None:
    questions = [
        {"id": "a", "question": "aspirin in pregnancy", "team": "blue"},
        {"id": "b", "question": "salt and blood pressure", "team": "red"},
    ]
    result = rt.run(workflow, abstracts, queries=questions)

    assert [(query.id, query.fields["team"]) for query in result.queries] == [
        ("a", "blue"),
        ("b", "red"),
    ]
    assert result.queries[1].hits[0].fields["journal"] == "Journal of Village Medicine"


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_search_needs_a_question(rt: Runtime, abstracts: Documents, workflow: str) -> None:
    with pytest.raises(ParameterError, match="nothing to look for"):
        rt.run(workflow, abstracts)
