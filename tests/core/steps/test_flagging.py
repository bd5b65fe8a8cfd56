"""Flagging: a text scores as its highest sentence, which is the evidence."""

from __future__ import annotations

import pytest

from metier import Texts
from metier.datafiles.loader import load_data
from metier.engine.ledger import Ledger
from metier.errors import PackError, ParameterError
from metier.registry.taxonomy import Taxonomy
from metier.steps.flag_report import FlagReport
from metier.steps.flagging import flag_texts

TAXONOMY = """\
risks:
  - id: broken
    title: The toy is broken
    instruction: toys/sort
    signs: [The wheel came off., The arm is torn., It does not run any more.]
    contrasts: [Nothing is broken., It works as on the first day.]
  - id: lost
    title: The toy is lost
    instruction: toys/find
    signs: [We cannot find it anywhere., It was left on the train., It is gone.]
neutral:
  - It is made of wood.
  - It was a present for a birthday.
  - The box is blue.
  - It cost ten dollars.
  - Children of three years play with it.
"""
REPORTS = Texts.of(
    [
        {"id": "ok", "text": "It is made of wood. The box is blue."},
        {"id": "torn", "text": "It was a present.  The left arm is torn! It cost ten dollars."},
        {"id": "gone", "text": "We have looked everywhere and cannot find it."},
    ]
)


@pytest.fixture
def taxonomy(tmp_path) -> Taxonomy:
    path = tmp_path / "risks.yaml"
    path.write_text(TAXONOMY)
    return load_data(path, Taxonomy)


@pytest.fixture
def toys(installed, rt, qwen3_rt):
    """Runtimes with the models of the shared ones and the instructions of one toy domain."""
    from metier import Runtime

    installed.add("toys")
    return {
        "encoder": Runtime(rt.embedder, progress=False),
        "qwen3": Runtime(qwen3_rt.embedder, progress=False),
    }


def test_a_text_scores_as_its_highest_sentence_and_says_which(toys, taxonomy):
    report = flag_texts(toys["encoder"], REPORTS, taxonomy, threshold=0.6, noun="reports")
    torn = next(item for item in report.items if item.id == "torn")
    best = torn.scores[0]
    assert (best.risk, best.evidence.sentence) == ("broken", "The left arm is torn!")
    assert torn.text[best.evidence.start : best.evidence.end] == best.evidence.sentence
    gone = next(item for item in report.items if item.id == "gone")
    assert gone.scores[0].risk == "lost"


def test_every_text_has_every_risk_highest_first(toys, taxonomy):
    report = flag_texts(toys["encoder"], REPORTS, taxonomy, threshold=0.6)
    assert [item.id for item in report.items] == ["ok", "torn", "gone"]
    for item in report.items:
        assert {one.risk for one in item.scores} == {"broken", "lost"}
        scores = [one.score for one in item.scores]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_flagged_is_what_reaches_the_threshold_as_it_is_shown(toys, taxonomy):
    report = flag_texts(toys["encoder"], REPORTS, taxonomy, threshold=0.5)
    for item in report.items:
        for one in item.scores:
            assert one.flagged == (one.score >= 0.5)
    exact = report.items[0].scores[0].score
    again = flag_texts(toys["encoder"], REPORTS, taxonomy, threshold=exact)
    assert again.items[0].scores[0].flagged
    assert len(again.rows()) == 6


@pytest.mark.parametrize(("threshold", "flagged"), [(0.0, 3), (1.0, 0)])
def test_the_headline_counts_the_flagged(toys, taxonomy, threshold, flagged):
    report = flag_texts(toys["encoder"], REPORTS, taxonomy, threshold=threshold, noun="reports")
    assert report.headline().startswith(f"{flagged} of 3 reports flagged")
    assert len(report.tables()) == (3 if flagged else 2)


def test_risks_whose_instructions_declare_other_sizes_are_compared_in_one(toys, taxonomy):
    # toys/find declares 48 numbers and toys/sort none, in a model that has 64
    report = flag_texts(toys["qwen3"], REPORTS, taxonomy, threshold=0.5)
    assert len(report.rows()) == 6


def test_a_taxonomy_is_embedded_once_in_the_life_of_a_runtime(toys, taxonomy):
    rt, first, second = toys["qwen3"], Ledger(), Ledger()
    reports = [
        flag_texts(rt.with_engine(rt.engine.recording(ledger)), REPORTS, taxonomy, threshold=0.5)
        for ledger in (first, second)
    ]
    assert reports[0] == reports[1]
    assert (first.texts_recalled, second.texts_recalled) == (0, 20)
    assert not second.cached, "there is no cache on disk"
    # six sentences of the texts twice: toys/sort is for both sides, toys/find for queries
    assert second.texts_embedded == first.texts_embedded == 32


def test_a_risk_with_few_signs_is_named_in_a_note(toys, taxonomy):
    report = flag_texts(toys["encoder"], REPORTS, taxonomy, threshold=0.5)
    assert "Few signs: The toy is broken (3), The toy is lost (3)." in " ".join(report.notes())
    many = taxonomy.risks[0].model_copy(
        update={"signs": tuple(f"Part {n} broke." for n in range(10))}
    )
    enough = taxonomy.model_copy(update={"risks": (many,)})
    again = flag_texts(toys["encoder"], REPORTS, enough, threshold=0.5)
    assert again.few_signs == {}
    assert not any("Few signs" in note for note in again.notes())
    assert [row[0::4] for row in again.tables()[0].rows] == [("The toy is broken", "broken")]


def test_a_report_goes_through_json_and_back(toys, taxonomy):
    report = flag_texts(toys["encoder"], REPORTS, taxonomy, threshold=0.5)
    assert FlagReport.model_validate_json(report.to_json()) == report
    assert len(report.to_frame()) == 6


def test_a_risk_defined_twice_is_refused_with_its_place(tmp_path):
    path = tmp_path / "risks.yaml"
    path.write_text(TAXONOMY.replace("id: lost", "id: broken"))
    with pytest.raises(PackError, match="line 1, column 1: risks: risk broken is defined more"):
        load_data(path, Taxonomy)


def test_a_taxonomy_needs_enough_neutral_sentences(taxonomy):
    with pytest.raises(ParameterError, match="at least 5"):
        Taxonomy(risks=taxonomy.risks, neutral=taxonomy.neutral[:4])
