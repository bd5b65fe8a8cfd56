"""Sections of notes by their headings: notes of many styles, and texts that only look like one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import metier
from metier import Runtime, chunk, field
from metier.errors import InputError, MetierWarning, PackError, ParameterError
from metier.plugin import AssertionRules, Phrases, Texts
from metier_healthcare.section_choice import choose_sections, section_items
from metier_healthcare.sections import NoteSections, note_sections

SECTIONS = NoteSections.load()
ASSERTION = Path(__file__).parents[3] / "plugins/healthcare/metier_healthcare/assertion.yaml"

CLINIC = """Chief Complaint - sore knee
HPI: Mr. Invented is 61 and limps since a fall in May.
PMH/PSH: gout; appendectomy 1980
Meds (home):
  1. allopurinol
Allergies to medications: none known
FH: mother had a stroke.
Soc Hx: retired, walks a dog.
ROS
Negative but for the knee.
PHYSICAL EXAM ON ADMISSION:
General: well. HEENT: normal. Knee: swollen.
Labs (3/4): uric acid 9.
A/P: 1) Gout flare. Plan: colchicine.
Return precautions: fever"""

DICTATED = (
    "CHIEF COMPLAINT:,  Shortness of breath.,HISTORY OF PRESENT ILLNESS:,  She woke at 4:30, could "
    "not lie flat, and called a neighbor.,PAST MEDICAL, SURGICAL AND FAMILY HISTORY:,  Listed in "
    "the chart.,MEDS:,  Furosemide.,SOCIAL HISTORY:,  Lives alone.,PHYSICAL EXAMINATION:,GENERAL:  "
    "Anxious.,CHEST:  Crackles.,HOSPITAL COURSE:,  She lost 5 kg.,DISCHARGE INSTRUCTIONS:,  Weigh "
    "daily.,IMPRESSION/PLAN:,  Heart failure."
)

MARKDOWN = """# Discharge summary
## Hospital Course
Quiet.
## Discharge Medications
- none
**Follow-up:** in a week
### Condition at discharge
Good"""

PROSE = (
    "Seen today. Past medical history: asthma. Family history: father with glaucoma. Allergies: "
    "penicillin. Assessment and plan: refill the inhaler."
)


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (CLINIC, ["chief-complaint", "history-of-present-illness",
                  "past-medical-history/past-surgical-history", "medications", "allergies",
                  "family-history", "social-history", "review-of-systems", "physical-exam",
                  "laboratory", "assessment-and-plan", "plan", "discharge-instructions"]),
        (DICTATED, ["chief-complaint", "history-of-present-illness",
                    "past-medical-history/past-surgical-history/family-history", "medications",
                    "social-history", "physical-exam", "hospital-course",
                    "discharge-instructions", "assessment-and-plan"]),
        (MARKDOWN, ["hospital-course", "medications", "follow-up", "disposition"]),
        (PROSE, ["past-medical-history", "family-history", "allergies", "assessment-and-plan"]),
        ("S: tired\nO: pale\nA: gout\nP: rest", ["subjective", "objective", "assessment", "plan"]),
        ("1. Findings: none\n2. Impression: normal", ["findings", "assessment"]),
        ("ASSESSMENT\r\nGout\r\n\r\nPLAN\r\nRest", ["assessment", "plan"]),
    ],
)  # fmt: skip
def test_the_sections_of_a_note_are_found_in_its_style(note, expected):
    sections = SECTIONS.find(note)
    assert ["/".join(section.kinds) for section in sections] == expected
    assert sections[-1].end == len(note)
    for section, following in pairwise(sections):
        assert section.start < section.body <= section.end == following.start
        assert note[section.start :].startswith(section.heading)


@pytest.mark.parametrize(
    "text",
    [
        "The plan was discussed with the family, and the history is long.",
        "He reports no allergies: he has never had any. She made a plan: to walk.",
        "Blood pressure at 10:30 was high, in the plan: see above.",
        "Her medications, allergies and family history were reviewed.",
        "Neurologic: intact. Cardiovascular: regular. Skin: warm. Psych: calm.",
        "Family members were present\nSocial workers came later",
        "Exam findings suggest gout - the plan is rest",
        "plan\nhistory",
        "All: the whole team agreed. Data: none of it was kept, rx: none",
        "Assessment tools: three scales. Follow the plan: rest.",
        "",
    ],
)
def test_words_of_headings_within_sentences_begin_no_section(text):
    assert SECTIONS.find(text) == []


PIECES = ("Plan", "PMH", ":", "\n", " ", ",", "-", "and", "/", "FH", "x. ")


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_sections_are_in_order_and_within_the_text(text):
    position = 0
    for section in SECTIONS.find(text):
        assert position <= section.start < section.body <= section.end <= len(text)
        position = section.end
    assert list(note_sections(text)) == list(note_sections(text))


def test_a_long_text_without_end_is_read_in_linear_time():
    for piece in ("a, ", "PMH/", "- ", "x:", "\n- 1. "):
        assert list(SECTIONS.find(piece * 50_000)) == []
    (section,) = SECTIONS.find("Plan: " * 50_000)
    assert section.end == 300_000


def test_a_splitter_divides_notes_and_no_other_texts():
    titles = [section.headings for section in note_sections(PROSE)]
    assert titles[:2] == [("Past medical history",), ("Family history",)]
    assert note_sections("Plan: rest until Monday, then walk.") == []
    assert note_sections("OBJECTIVE: To see. RESULTS: We saw. CONCLUSIONS: It is seen.") == []
    counter = lambda texts: [len(text.split()) for text in texts]  # noqa: E731
    item = metier.Item("n1", CLINIC)
    pieces = chunk(item, counter=counter, max_tokens=60, splitter=note_sections)
    assert "n1:6, Allergies" in [piece.location for piece in pieces]


def test_what_stands_under_a_heading_has_its_status():
    rules = AssertionRules.load("en", ASSERTION)
    note = (
        "HPI: He has asthma.\nPMH: Pneumonia.\nFAMILY HISTORY: Stroke. No gout.\n"
        "FAMILY AND SOCIAL HISTORY: Cancer.\nPLAN: Treat asthma."
    )
    terms = Phrases(["asthma", "pneumonia", "stroke", "gout", "cancer"])
    assertions = SECTIONS.judge_each(rules, note, terms)
    assert [(each.target.lower(), each.statuses) for each in assertions] == [
        ("asthma", ("affirmed",)),
        ("pneumonia", ("past",)),
        ("stroke", ("family",)),
        ("gout", ("negated", "family")),
        ("cancer", ("affirmed",)),  # the heading does not say whose
        ("asthma", ("affirmed",)),
    ]
    (modifier,) = assertions[2].modifiers[:1]
    heading = "FAMILY HISTORY"
    assert (note[modifier.start : modifier.end], modifier.text) == (heading, heading)
    assert "section-past-medical-history" in [each.rule for each in assertions[1].modifiers]


def test_chosen_sections_are_the_text_and_the_rest_is_left_out():
    notes = Texts.of([{"id": "n1", "text": CLINIC, "ward": "3"}, {"id": "n2", "text": PROSE}])
    chosen = choose_sections(notes, ["hpi", "assessment"])
    assert chosen.strings == [
        "Mr. Invented is 61 and limps since a fall in May.\n\n1) Gout flare.",
        "refill the inhaler.",
    ]
    assert chosen[0].fields["ward"] == "3"
    parts = chosen[0].fields["sections"]
    assert [part["section"] for part in parts] == [
        "history-of-present-illness",
        "assessment-and-plan",
    ]
    assert [CLINIC[part["start"] : part["end"]] for part in parts] == chosen[0].text.split("\n\n")
    without = choose_sections(notes, (), ["Family Hx", "allergies"])
    assert without[1].text == "Seen today.\n\nasthma.\n\nrefill the inhaler."
    assert "stroke" not in without[0].text
    assert choose_sections(notes) is notes


def test_notes_without_the_chosen_sections_are_named():
    notes = Texts.of(["HPI: tired", "no heading", "Plan: rest"])
    with pytest.warns(MetierWarning, match=r"2 of 3 notes have none of the chosen.*: 2, 3\."):
        assert choose_sections(notes, ["hpi"]).strings == ["tired"]
    with pytest.warns(MetierWarning, match="1 of 3 notes"):
        assert choose_sections(notes, without=["plan"]).strings == ["tired", "no heading"]
    with pytest.raises(InputError, match="No text in the input has the sections"):
        choose_sections(notes, ["allergies"])
    with pytest.raises(ParameterError, match=r"(?s)no section 'moods'.*: chief-complaint, hist"):
        choose_sections(notes, ["moods"])
    with pytest.raises(ParameterError, match=r"Did you mean 'family-history'\?"):
        choose_sections(notes, without=["family histry"])


def test_an_index_finds_in_some_sections_only(rt: Runtime):
    items = section_items(Texts.of([{"id": "n1", "text": PROSE}, {"id": "n2", "text": "Plan: x"}]))
    assert [item.id for item in items] == [
        "n1:none", "n1:past-medical-history", "n1:family-history", "n1:allergies",
        "n1:assessment-and-plan", "n2:plan",
    ]  # fmt: skip
    index = rt.index(items, domain="healthcare")
    hits = index.search("glaucoma", where=field("section") != "family-history")
    assert "n1:family-history" not in [hit.document_id for hit in hits]
    assert index.search("glaucoma", top_k=1)[0].document_id == "n1:family-history"


def test_notes_are_grouped_by_the_chosen_sections(rt: Runtime):
    words = ("knee pain after a fall", "itching rash on both arms")
    notes = [
        f"HPI: {words[number % 2]} since {number} days.\nFamily history: {number}" + " gout" * 20
        for number in range(12)
    ]
    report = rt.run("healthcare/cluster-notes", notes, groups=2, sections=["hpi"])
    labels = [member.label for member in report.members]
    assert labels == labels[:2] * 6
    assert labels[0] != labels[1]
    assert report.members[0].text == "knee pain after a fall since 0 days."


def test_more_kinds_come_from_files_and_mistakes_in_them_are_located(tmp_path):
    path = tmp_path / "ward.yaml"
    path.write_text(
        "schema: 1\nsections:\n  - {id: ward-round, title: Ward round, headings: [ward round]}\n"
    )
    (section,) = NoteSections.load(path).find("WARD ROUND: better")
    assert section.kinds == ("ward-round",)
    path.write_text("schema: 1\nsections:\n  - {id: x, title: X, assertion: gone}\n")
    with pytest.raises(PackError, match=r"ward\.yaml, line 3"):
        NoteSections.load(path)


def test_a_row_for_each_section_keeps_the_columns_of_the_note(rt: Runtime, tmp_path):
    notes = [
        {"id": "n1", "text": PROSE, "ward": "3", "start": "May"},
        {"id": "n2", "text": "Plan: rest.\nPlan: sleep."},
        {"id": "n3", "text": "No heading at all."},
    ]
    result = rt.run("healthcare/divide-notes", notes, without_sections=["allergies"])
    assert [part.id for part in result.parts] == [
        "n1:none", "n1:past-medical-history", "n1:family-history", "n1:assessment-and-plan",
        "n2:plan", "n2:plan-2", "n3:none",
    ]  # fmt: skip
    for part in result.parts:
        (note,) = [note["text"] for note in notes if note["id"] == part.note]
        assert note[part.start : part.end] == part.text
    assert result.headline() == "7 sections of 3 notes, 2 of which have headings"
    frame = result.to_frame()
    assert list(frame["section"])[:2] == ["none", "past-medical-history"]
    assert list(frame["ward"])[:1] == ["3"]
    assert list(frame["start"])[:1] == ["May"]  # the column of the input keeps its name
    assert [part.id for part in rt.run("healthcare/divide-notes", notes[:2], sections=["a/p"]).parts
            ] == ["n1:assessment-and-plan", "n2:plan", "n2:plan-2"]  # fmt: skip


def test_an_index_of_the_domain_divides_notes_at_their_headings(rt: Runtime):
    index = rt.index([{"id": "n1", "text": CLINIC}], domain="healthcare")
    (hit,) = index.search("gout flare", top_k=1)
    assert hit.location == "n1:14, Assessment and plan"
