"""Checklists as data: questions are added, changed and removed by files."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier.datafiles.loader import read_source, validate
from metier.errors import PackError, ParameterError
from metier.registry.checklist import (
    Checklist,
    ChecklistChanges,
    ChecklistQuestion,
    changed_checklist,
)
from metier.registry.layers import with_packs
from metier.registry.pack import load_domain, load_pack
from metier.registry.registry import Registry
from metier.runtime.runtime import Runtime
from metier.steps.checklists import change_checklist, domain_checklist, load_checklist

NEUTRAL = ("Headings bind nobody.", "Notices are sent by mail.", "Time is in days.",
           "The schedules are part of it.", "The singular includes the plural.")  # fmt: skip

LEASE = Checklist(
    questions=(
        ChecklistQuestion(id="rent", title="Rent", aliases=("Base Rent",), expected=True,
                          description="What the tenant pays and when.", threshold=0.7,
                          examples=("The tenant shall pay 900 a month.",),
                          contrasts=("The deposit is 900.",)),
        ChecklistQuestion(id="pets", title="Pets", description="Whether animals may be kept.",
                          examples=("No dogs may be kept in the apartment.",)),
    ),
    neutral=NEUTRAL,
)  # fmt: skip


def changed(tmp_path: Path, content: str) -> Checklist:
    path = tmp_path / "ours.yaml"
    path.write_text(content)
    source = read_source(path)
    return changed_checklist(LEASE, validate(source, ChecklistChanges), source)


def test_questions_are_added_changed_and_removed_and_take_positions(tmp_path):
    checklist = changed(
        tmp_path,
        "questions:\n"
        "  - id: rent\n"
        "    add_examples: [Rent is due on the first day of the month.]\n"
        "    preferred: [Rent is fixed for five years.]\n"
        "    unacceptable: [The landlord may raise the rent at any time.]\n"
        "  - {id: smoking, title: Smoking, description: Where one may smoke.,"
        " examples: [Smoking is allowed on balconies only.], terms: ['smok*']}\n"
        "remove: [pets]\n"
        "neutral: [The lease has two counterparts.]\n",
    )
    rent, smoking = checklist.questions
    assert rent.examples[1] == "Rent is due on the first day of the month."
    assert (rent.threshold, rent.expected, rent.contrasts) == (0.7, True, ("The deposit is 900.",))
    assert rent.has_positions
    assert rent.unacceptable == ("The landlord may raise the rent at any time.",)
    assert (smoking.terms, smoking.expected, smoking.has_positions) == (("smok*",), False, False)
    assert checklist.neutral == (*NEUTRAL, "The lease has two counterparts.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("remove: [pet]", r"ours.yaml, line 1, column 10: there is no question 'pet' to remove. "
                          r"Did you mean 'pets'\?"),
        ("questions: [{id: rents, threshold: 0.3}]",
         r"the question 'rents' is new and has no title and no description and no examples. "
         r"Did you mean 'rent' or 'pets'\?"),
        ("remove: [rent, pets]", "it leaves no question"),
        ("remove: [rent]\nquestions: [{id: rent}]", "question rent is both changed and removed"),
        ("questions: [{id: rent, exampels: []}]", "Did you mean 'examples'"),
        ("questions: [{id: rent, prefered: [a]}]", "Did you mean 'preferred'"),
        ("questions: [{id: rent, terms: ['(a']}]", r"'\(a' cannot be read"),
        ("questions: [{id: pets, title: RENT}]",
         r"line 1, column 24: the question 'pets' would have the title 'RENT', "
         r"which is a name of the question 'rent'.\n"
         r"Use another title, or change 'rent' itself: write id: rent\."),
        ("questions: [{id: pets, aliases: [base-rent]}]",
         "line 1, column 34: the question 'pets' would have the alias 'base-rent', "
         "which is a name of the question 'rent'"),
        ("questions: [{id: pets, add_examples: ['\u200b']}]",
         "line 1, column 39: .*it holds no visible character"),
        ("questions:\n  - id: rent\n  - id: pets\n    add_contrasts: [No dogs may be kept in the "
         "apartment.]",
         "line 3, column 5: the question 'pets' would have 'No dogs may be kept in the apartment.' "
         "both as an example and as a contrast.\nLeave the passage out of one of them"),
        ("questions:\n- id: pets\n  title: base rent\n- id: rent\n  title: Pets",
         r"line 3, column 3: the question 'pets' would have the title 'base rent', "
         r"which is a name of the question 'rent'\.\n(?!.*line)"),
    ],
)  # fmt: skip
def test_changes_that_cannot_be_name_the_line_and_what_to_do(tmp_path, content, message):
    with pytest.raises(PackError, match=message):
        changed(tmp_path, content)


def test_a_question_is_found_by_each_of_its_names_however_they_are_written():
    for name in ("rent", "RENT", "base_rent", "Base-Rent "):
        assert LEASE.named(name) is LEASE.questions[0]
    assert LEASE.named("Rental") is None


def test_one_threshold_takes_the_place_of_those_of_questions():
    assert [question.threshold for question in LEASE.with_one_threshold().questions] == [None, None]


def test_a_checklist_in_code_refuses_what_a_file_may_not_have():
    with pytest.raises(ParameterError, match="question rent is defined more than once"):
        Checklist(questions=(LEASE.questions[0],) * 2, neutral=NEUTRAL)


def test_a_checklist_is_read_from_several_files_with_their_groups(tmp_path):
    money, rest = tmp_path / "money.yaml", tmp_path / "rest.yaml"
    entry = "{id: %s, title: %s, description: It., examples: [That.]%s}"
    money.write_text(f"group: Money\nquestions:\n  - {entry % ('rent', 'Rent', '')}\n")
    rest.write_text(
        f"group: Rest\nneutral: [A., B., C., D., E.]\n"
        f"questions:\n  - {entry % ('pets', 'Pets', ', group: Animals')}\n"
    )
    checklist = load_checklist([money, rest])
    assert [(question.id, question.group) for question in checklist.questions] == [
        ("rent", "Money"),
        ("pets", "Animals"),
    ]
    assert checklist.neutral == ("A.", "B.", "C.", "D.", "E.")
    rest.write_text(money.read_text())
    with pytest.raises(
        PackError, match=r"rest.yaml, line 3, column 5: question rent is in another"
    ):
        load_checklist([money, rest])


def pack(path: Path, head: str, checklist: str) -> Path:
    path.write_text(f"schema: 1\n{head}\ntitle: Leases\nchecklist: {checklist}\n")
    return path


def test_packs_change_a_checklist_before_a_file_of_the_call_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own = pack(tmp_path / "own.yaml", "domain: leases", "{questions: [{id: pets, threshold: 0.2}]}")
    below = pack(tmp_path / "firm.yaml", "domain: firm\nextends: leases", "{remove: [rent]}")
    changes = Registry(with_packs([], [own, below])).checklist_changes("leases")
    assert [locate(()).source for locate, _ in changes] == ["own.yaml", "firm.yaml"]
    file = tmp_path / "call.yaml"
    file.write_text("questions: [{id: pets, threshold: 0.4}]")
    rt = Runtime(None, packs=[own])
    questions = domain_checklist(rt, "leases", LEASE, file).questions
    assert [question.threshold for question in questions] == [0.7, 0.4]
    assert domain_checklist(rt, "leases", LEASE).questions[1].threshold == 0.2
    assert domain_checklist(rt, "games", LEASE) == LEASE
    assert domain_checklist(rt, "leases", LEASE, key="hypotheses") == LEASE


@pytest.mark.parametrize(
    ("checklist", "place"),
    [
        ("\n  remove: [pats]", "line 5, column 12: there is no question 'pats' to remove"),
        ("\n  questions:\n  - id: pets\n    title: Rent",
         "line 7, column 5: the question 'pets' would have the title 'Rent'"),
        ("\n  remove: [rent, pets]", "line 5, column 3: it leaves no question"),
    ],
)  # fmt: skip
def test_changes_of_a_pack_that_cannot_be_name_its_line(tmp_path, checklist, place):
    own = pack(tmp_path / "own.yaml", "domain: leases", checklist)
    with pytest.raises(PackError, match=rf"own\.yaml, {place}"):
        domain_checklist(Runtime(None, packs=[own]), "leases", LEASE)


def test_a_pack_and_a_file_of_questions_given_for_each_other_are_one_error_each(tmp_path):
    own = pack(tmp_path / "own.yaml", "domain: leases", "{remove: [pets]}")
    with pytest.raises(PackError, match=r"own\.yaml is an instruction pack") as caught:
        change_checklist(LEASE, own)
    assert f"packs=[{str(own)!r}]" in str(caught.value)
    assert "unknown key" not in str(caught.value)
    file = tmp_path / "call.yaml"
    file.write_text("questions: [{id: pets, threshold: 0.4}]")
    with pytest.raises(PackError, match=r"call\.yaml holds questions of a checklist") as caught:
        load_pack(file)
    assert "Give it as checklist=" in str(caught.value)


@pytest.mark.parametrize("key", ["checklist", "hypotheses"])
def test_a_plugin_ships_its_checklists_itself(tmp_path, key):
    path = tmp_path / "domain.yaml"
    path.write_text(f"schema: 1\ndomain: leases\ntitle: Leases\n{key}: {{remove: [pets]}}\n")
    with pytest.raises(PackError, match=f"'{key}' is a key of instruction packs"):
        load_domain(path)
