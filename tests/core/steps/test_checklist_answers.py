"""Documents asked the questions of a checklist that is not of the legal domain."""

from __future__ import annotations

import numpy as np
import pytest

from metier import Runtime
from metier.errors import UsageError
from metier.registry.checklist import Checklist, ChecklistQuestion
from metier.steps.checklist_answers import ChecklistReader

LEAFLETS = Checklist(
    questions=(
        ChecklistQuestion(
            id="dose",
            title="Dose",
            description="How much of the medicine to take.",
            questions=("How many tablets should I take?",),
            examples=(
                "Take one tablet twice a day.",
                "Adults: 20 mg once daily with food.",
                "The usual dose is two capsules every eight hours.",
                "Children over six take half a tablet in the morning.",
            ),
            contrasts=("Each pack contains 28 tablets.",),
            terms=("tablet*", "dose", "mg"),
        ),
        ChecklistQuestion(
            id="storage",
            title="Storage",
            description="Where and how to keep the medicine.",
            questions=("How should it be stored?",),
            examples=(
                "Store below 25 degrees in the original package.",
                "Keep this medicine in a refrigerator.",
                "Protect from light and moisture.",
                "Keep out of the sight and reach of children.",
            ),
            contrasts=("The package is made of recycled paper.",),
            terms=("store*", "keep"),
        ),
    ),
    neutral=(
        "This leaflet was last revised in May.",
        "The manufacturer is in Basel.",
        "Read all of this leaflet carefully.",
        "Ask your pharmacist if you have questions.",
        "Patents protect the name of the product.",
        "More information is on the website of the agency.",
    ),
)
DOSE_ONLY = (
    "This leaflet tells you about Exemplin.",
    "Swallow one tablet every morning with water.",
    "Talk to a doctor if you feel unwell.",
)


@pytest.fixture(scope="module")
def reader(rt: Runtime) -> ChecklistReader:
    return ChecklistReader(rt, LEAFLETS, instruction="core/text-flagging")


def test_an_answer_is_present_at_its_passage_and_what_nothing_is_near_to_is_missing(reader):
    (answers,) = reader.read([DOSE_ONLY])
    assert int(answers.scores[:, 0].argmax()) == 1
    assert answers.probabilities[0] > 0.5 > answers.probabilities[1]
    assert answers.shares[1, 0] == answers.probabilities[0]
    assert (answers.shares.max(axis=0) == answers.probabilities).all()


def test_documents_are_read_independently_and_twice_alike(rt, reader):
    both = reader.read([DOSE_ONLY, ("Keep the bottle in the refrigerator at all times.",)])
    again = ChecklistReader(rt, LEAFLETS, instruction="core/text-flagging").read([DOSE_ONLY])[0]
    np.testing.assert_allclose(both[0].scores, again.scores, atol=1e-3)
    assert both[1].probabilities[1] > 0.5


def test_a_document_without_passages_answers_nothing(reader):
    (answers,) = reader.read([()])
    assert answers.probabilities.tolist() == [0.0, 0.0]
    assert answers.scores.shape == (0, 2)


def test_a_question_with_one_example_and_an_instruction_of_its_own_is_read(rt):
    single = LEAFLETS.questions[0].model_copy(
        update={
            "examples": LEAFLETS.questions[0].examples[:1],
            "instruction": "core/passage-search",
        }
    )
    checklist = LEAFLETS.model_copy(update={"questions": (single, LEAFLETS.questions[1])})
    reader = ChecklistReader(rt, checklist, instruction="core/text-flagging", ordinary=[DOSE_ONLY])
    (answers,) = reader.read([DOSE_ONLY])
    assert int(answers.scores[:, 0].argmax()) == 1
    assert np.isfinite(answers.scores).all()


def test_a_question_with_a_single_example_is_answered_and_a_checklist_of_such_is_refused(rt):
    driving = ChecklistQuestion(
        id="driving",
        title="Driving",
        description="Whether one may drive.",
        examples=("Do not drive a car after taking this medicine.",),
        terms=("drive",),
    )
    checklist = LEAFLETS.model_copy(update={"questions": (*LEAFLETS.questions, driving)})
    reader = ChecklistReader(rt, checklist, instruction="core/text-flagging")
    answers = reader.read([["Do not drive a car after you have taken this medicine."]])
    assert answers[0].probabilities[2] > 0.5

    single = LEAFLETS.model_copy(update={"questions": (driving,)})
    with pytest.raises(UsageError, match="No question of the checklist has two examples"):
        ChecklistReader(rt, single, instruction="core/text-flagging")
