"""Evidence of flags: what a sentence is compared with, and what rules it out."""

from __future__ import annotations

import json

import pytest

from metier import Texts
from metier.assertion.rules import AssertionRules
from metier.errors import UsageError
from metier.registry.taxonomy import Risk, Taxonomy
from metier.steps.flagging import flag_texts
from metier.texts.abbreviations import Abbreviations

TORN = Risk(
    id="torn",
    title="Torn",
    description="A part came off or broke.",
    instruction="core/text-flagging",
    signs=("The arm was torn off.", "The wheel broke.", "It does not run any more."),
    contrasts=("It is as good as new.",),
    terms=("broke*", "tore", "torn"),
)
TAXONOMY = Taxonomy(
    risks=(TORN,),
    neutral=("It is made of wood.", "The box is blue.", "It was a present.", "We have two.",
             "It cost ten dollars.", "Children play with it."),
)  # fmt: skip
BROKE, NEVER, MAYBE = (
    "The wheel broke.",
    "The wheel never broke.",
    "If the wheel broke we would cry.",
)


@pytest.fixture(scope="module")
def rules() -> AssertionRules:
    return AssertionRules.load("en")


def score_of(rt, text, *, taxonomy=TAXONOMY, **options):
    options = {"threshold": 0.3} | options
    return flag_texts(rt, Texts.of([text]), taxonomy, **options).items[0].scores[0]


def test_evidence_names_the_nearest_sign_and_contrast_with_both_similarities(rt):
    evidence = score_of(rt, "The box is blue. The left wheel broke off.").evidence
    assert evidence.sentence == "The left wheel broke off."
    assert (evidence.sign.sentence, evidence.status) == ("The wheel broke.", "affirmed")
    texts = [evidence.sentence, evidence.sign.sentence, evidence.contrast.sentence]
    vectors = rt.embed_documents(texts)
    assert evidence.sign.similarity == pytest.approx(float(vectors[0] @ vectors[1]), abs=2e-3)
    assert evidence.contrast.similarity == pytest.approx(float(vectors[0] @ vectors[2]), abs=2e-3)
    assert evidence.contrast.sentence in {*TORN.contrasts, *TAXONOMY.neutral}


@pytest.mark.parametrize(
    ("sentence", "status", "word"),
    [(NEVER, "negated", "never"), (MAYBE, "hypothetical", "if")],
)
def test_a_sentence_that_says_otherwise_is_ruled_out_and_shown(rt, rules, sentence, status, word):
    assert score_of(rt, sentence).flagged, "the comparison alone would flag it"
    score = score_of(rt, sentence, assertion=rules)
    assert (score.flagged, score.score) == (False, 0.0)
    (ruled_out,) = score.ruled_out
    assert ruled_out.score == score_of(rt, sentence).score
    assert ruled_out.evidence.status == score.evidence.status == status
    assert word in " ".join(ruled_out.evidence.words).lower()


def test_another_sentence_of_the_text_counts_all_the_same(rt, rules):
    score = score_of(rt, f"{NEVER} The arm was torn off yesterday.", assertion=rules)
    assert score.flagged
    assert score.evidence.sentence == "The arm was torn off yesterday."
    assert [ruled_out.evidence.sentence for ruled_out in score.ruled_out] == [NEVER]


def test_a_risk_says_what_rules_a_sentence_out(rt, rules):
    lenient = TORN.model_copy(update={"rules_out": ()})
    taxonomy = Taxonomy(risks=(lenient,), neutral=TAXONOMY.neutral)
    assert score_of(rt, NEVER, taxonomy=taxonomy, assertion=rules).flagged
    ours = TORN.model_copy(update={"rules_out": ("other person",)})
    theirs = Taxonomy(risks=(ours,), neutral=TAXONOMY.neutral)
    neighbor = "My neighbor's wheel broke."
    assert score_of(rt, neighbor, assertion=rules).flagged
    ruled_out = score_of(rt, neighbor, taxonomy=theirs, assertion=rules).ruled_out
    assert [sentence.evidence.status for sentence in ruled_out] == ["other person"]


def test_a_negation_of_something_else_rules_nothing_out(rt, rules):
    # no term of the risk is in it, and what it says is what a sign says
    score = score_of(rt, "It does not run at all.", assertion=rules)
    assert score.flagged
    assert score.ruled_out == ()


def test_a_risk_may_have_a_threshold_of_its_own(rt):
    strict = Taxonomy(risks=(TORN.model_copy(update={"threshold": 1.0}),), neutral=TAXONOMY.neutral)
    report = flag_texts(rt, Texts.of([BROKE]), strict, threshold=0.1)
    assert report.flagged == []
    assert report.thresholds == {"torn": 1.0}
    assert "unless a risk has a threshold of its own" in report.headline()
    assert flag_texts(rt, Texts.of([BROKE]), strict.with_one_threshold(), threshold=0.1).flagged


def test_a_reranker_reads_what_is_flagged_and_changes_no_score(qwen3_rt):
    texts = Texts.of(["The wheel broke.", "The box is blue."])
    report = flag_texts(qwen3_rt, texts, TAXONOMY, threshold=0.0)
    ranked = qwen3_rt.rerank(
        "Torn: A part came off or broke.", texts, instruction="core/text-flagging"
    )
    read = {item.text: item.scores[0].evidence.probability for item in report.items}
    assert read == {doc.text: pytest.approx(doc.score, abs=1e-3) for doc in ranked}
    alone = flag_texts(qwen3_rt, texts, TAXONOMY, threshold=0.0, rerank=False)
    assert [item.scores[0].evidence.probability for item in alone.items] == [None, None]
    assert [item.scores[0].score for item in alone.items] == [
        item.scores[0].score for item in report.items
    ]
    assert "probability" in [column.name for column in report.tables()[1].fields]


def test_a_reranker_that_is_required_has_to_be_there(rt):
    with pytest.raises(UsageError, match="There is no reranker"):
        score_of(rt, BROKE, rerank=True)


def test_tables_pages_and_rows_show_what_was_ruled_out(rt, rules):
    report = flag_texts(
        rt, Texts.of([f"{NEVER} The arm was torn off."]), TAXONOMY, threshold=0.3, assertion=rules
    )
    (table,) = [table for table in report.tables() if "ruled out" in table.title]
    row = dict(zip([column.name for column in table.fields], table.rows[0], strict=True))
    assert (row["status"], row["words"], row["evidence"]) == ("negated", "never", NEVER)
    assert row["sign"] in TORN.signs
    assert row["text"].marks == ((0, len(NEVER)),)
    assert report.rows()[0]["ruled_out"] == [f"{NEVER} (negated: never)"]
    assert "negated" in report.to_html()
    plain = json.loads(report.to_json())["items"][0]["scores"][0]
    assert plain["ruled_out"][0]["evidence"]["words"] == ["never"]


def test_labels_of_the_input_suggest_a_threshold(rt):
    rows = [{"text": BROKE, "bad": "yes"}, {"text": "The box is blue.", "bad": "no"}]
    report = flag_texts(rt, Texts.of(rows), TAXONOMY, threshold=0.5, labels="bad")
    (suggestion,) = report.suggestions
    assert (suggestion.precision, suggestion.recall) == (1.0, 1.0)
    assert "Thresholds that fit your labels" in [table.title for table in report.tables()]
    assert any("say little" in note for note in report.notes())


def test_abbreviations_are_read_and_offsets_are_those_of_the_text(rt, tmp_path):
    path = tmp_path / "short.yaml"
    path.write_text("schema: 1\nabbreviations: [{short: [whl brk], full: the wheel broke}]\n")
    abbreviations = Abbreviations.load(path)
    text = "Blue box. Whl brk on day 2. Two left."
    assert not score_of(rt, text).flagged
    score = score_of(rt, text, abbreviations=abbreviations)
    assert score.flagged
    evidence = score.evidence
    assert text[evidence.start : evidence.end] == evidence.sentence == "Whl brk on day 2."
