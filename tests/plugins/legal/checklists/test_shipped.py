"""The clause types that the plugin ships: complete, readable, and each under the names it has."""

from __future__ import annotations

from collections import Counter

import pytest

from metier_legal.checklists.shipped import shipped_checklist


def test_each_type_says_what_it_is_in_many_wordings():
    checklist = shipped_checklist()
    assert len(checklist.questions) == 41
    assert len(checklist.neutral) >= 60
    for question in checklist.questions:
        assert len(question.examples) >= 8, question.id
        assert question.contrasts, question.id
        assert question.terms, question.id
        assert question.questions, question.id
        assert question.group, question.id


def test_no_sentence_stands_for_two_types_or_for_none_of_them():
    checklist = shipped_checklist()
    counts = Counter(text for question in checklist.questions for text in question.examples)
    counts.update(checklist.neutral)
    assert [text for text, times in counts.items() if times > 1] == []


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Cap On Liability", "cap-on-liability"),
        ("limitation of liability", "cap-on-liability"),
        ("Governing Laws", "governing-law"),
        ("No-Solicit Of Employees", "no-solicit-of-employees"),
        ("Rofr/Rofo/Rofn", "right-of-first-refusal"),
        ("Third-Party Beneficiaries", "third-party-beneficiary"),
        ("change_of_control", "change-of-control"),
    ],
)
def test_a_type_is_found_by_the_names_that_files_of_labels_use(name, id):
    question = shipped_checklist().named(name)
    assert question is not None
    assert question.id == id


def test_what_most_contracts_have_is_expected():
    expected = {question.id for question in shipped_checklist().questions if question.expected}
    assert {"parties", "governing-law", "cap-on-liability", "anti-assignment"} <= expected
    assert not expected & {"source-code-escrow", "most-favored-nation", "non-disparagement"}
