"""Denials as negspacy finds them, which is NegEx for spaCy; it knows no other status."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import spacy
from negspacy.negation import Negex  # noqa: F401  # registers the pipe
from negspacy.termsets import termset
from tests.core.assertion.tables import read_table

from metier.plugin import AssertionRules

TABLE = read_table(Path(__file__).with_name("assertion_sentences.txt"))

FINDINGS = ("fever", "chest pain", "a rash", "swelling of the legs", "nausea", "pneumonia")
FRAMES = (
    "Patient has {}.",
    "She complains of {} since Monday.",
    "Presents with {}.",
    "Exam shows {}.",
    "No {}.",
    "Denies {}.",
    "He denied {}.",
    "Patient denies any {}.",
    "There is no {}.",
    "No evidence of {}.",
    "No signs of {}.",
    "No sign of {}.",
    "Negative for {}.",
    "She never had {}.",
    "Patient is without {}.",
    "Absence of {}.",
    "He is not having {}.",
    "No cough, headache or {}.",
    "Denies cough, headache, dizziness or {}.",
    "No cough but has {}.",
    "Denies cough but has {}.",
    "Has no cough, however {} is there.",
    "No increase in {}.",
    "Not only {} but a cough.",
    "{} was ruled out.",
    "Has {}, no cough.",
    "Has {} and denies a cough.",
    "The patient did not report {}.",
    "There was no complaint of {}.",
    "Patient has {}, though he cannot walk.",
)

NEGEX_ALONE = {
    "Denies fever, reports [cough].",
    "No fever; [cough] is present.",
    "No chest pain, complains of [dyspnea].",
    "Denies alcohol use; admits to [smoking].",
    "Cannot tolerate food because of [vomiting].",
    "He denied cough, pain and [rashes], except where the dressing is.",
    "No improvement in [pain].",
    "Did not take insulin and developed [ketoacidosis].",
    "Rule out [pneumonia].",  # this one and those below are uncertain here
    "R/O [MI].",
    "[Appendicitis] is unlikely.",
    "Cannot rule out [fracture].",
    "Cannot exclude [infarct].",
    "Doubt [meningitis].",
}
"""Sentences that NegEx takes for a denial, and the rules do not."""

RULES_ALONE = {
    "The [abscess] is not seen.",
    "[Fever]: none",
    "[Fever]: negative",
    "The parents also deny [vomiting].",
    "[Nausea] and vomiting are absent.",
    "Neg for [hematuria].",
    "Refused any [transfusion].",
    "She refuses [anticoagulation].",
    "Workup for [PE] was negative.",
    "Blood cultures were negative; [endocarditis] excluded.",
}
"""Denials that NegEx does not know."""


@pytest.fixture(scope="module")
def rules() -> AssertionRules:
    return AssertionRules.load("en", Path(str(files("metier_healthcare") / "assertion.yaml")))


@pytest.fixture(scope="module")
def negex() -> Any:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    patterns = termset("en_clinical").get_patterns()
    nlp.add_pipe("negex", config={"neg_termset": patterns, "ent_types": ["FINDING"]})
    return nlp


def is_negated(nlp: Any, text: str, start: int, end: int) -> bool:
    doc = nlp.make_doc(text)
    doc.ents = [doc.char_span(start, end, label="FINDING", alignment_mode="expand")]
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
    return bool(doc.ents[0]._.negex)


def test_frames_of_findings_are_denied_where_negex_denies_them(rules, negex):
    different = []
    for frame in FRAMES:
        for finding in FINDINGS:
            text = frame.format(finding)
            start = text.index(finding)
            end = start + len(finding)
            ours = "negated" in rules.judge_span(text, start, end).statuses
            if ours != is_negated(negex, text, start, end):
                different.append(text)
    assert different == []


def test_sentences_of_the_table_differ_from_negex_only_where_it_is_known(rules, negex):
    ours, theirs = set(), set()
    for case in TABLE:
        before, target = case.sentence[: case.start], case.sentence[case.start : case.end]
        name = f"{before}[{target}]{case.sentence[case.end :]}"
        if "negated" in rules.judge_span(case.sentence, case.start, case.end).statuses:
            ours.add(name)
        if is_negated(negex, case.sentence, case.start, case.end):
            theirs.add(name)
    assert theirs - ours == NEGEX_ALONE
    assert ours - theirs == RULES_ALONE
