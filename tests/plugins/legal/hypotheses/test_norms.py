from __future__ import annotations

import pytest

from metier.plugin import Phrases
from metier_legal.hypotheses.norms import Norm, is_of_others, read_norm

COPY = Phrases(["(copy|copied|copying|copies|return*|marked)"])


@pytest.mark.parametrize(
    ("lead", "text", "kind"),
    [
        ("", "The Recipient shall not copy the plans.", "prohibited"),
        ("", "No copies may be made.", "prohibited"),
        ("", "Copying of the plans is strictly forbidden.", "prohibited"),
        ("The Recipient shall not:", "(b) copy the plans;", "prohibited"),
        ("", "The plans shall not be copied except for the Purpose.", "restricted"),
        ("", "The plans may be copied.", "permitted"),
        ("", "Nothing in this letter prevents the Recipient from copying the plans.", "permitted"),
        ("The Recipient may:", "(a) copy the plans;", "permitted"),
        ("", "The Recipient shall return the plans.", "required"),
        ("", "If there is no offer, the Recipient shall return the plans.", "required"),
        ("", "All plans (including, without limitation, drafts) shall be returned.", "required"),
        ("", "The Recipient need not return the plans.", "exempt"),
        ("", "There is no obligation to return the plans.", "exempt"),
        ("This letter does not apply to plans that", "(c) were copied by others;", "excluded"),
        ("", "Plans are secret whether or not they are marked.", "regardless"),
        ("", "copies of the plans", "stated"),
        ("", "So far as the law permits, the Recipient shall return the plans.", "required"),
        ("", "The Recipient must return the plans unless a statute forbids it.", "required"),
        ("", "It shall return the plans so that the owner may burn them.", "required"),
        ("", "The Recipient may copy the plans if the owner so permits.", "permitted"),
        ("", "Apart from one set the plans shall not be copied.", "restricted"),
        ("", "If needed the Recipient is forbidden to copy the plans.", "prohibited"),
        ("", "As said above the Recipient is prohibited from copying the plans.", "prohibited"),
        ("", "The Recipient is legally entitled to copy the plans.", "permitted"),
        ("", "It shall not show the plans and is prohibited from copying them.", "prohibited"),
        ("", "The duty to return the plans does not survive this letter.", "ended"),
        ("", "The Recipient shall return the plans if that is allowed by law.", "required"),
        ("", "The Recipient shall copy no plan.", "prohibited"),
        ("", "The Recipient may copy nothing.", "prohibited"),
        ("", "The Recipient shall return the plans to nobody but the owner.", "prohibited"),
        ("", "The Recipient shall return the plans at no cost to the owner.", "required"),
        ("", "The Recipient shall return the plans and owes nothing more.", "required"),
        ("", "The Recipient shall return plans that are no longer needed.", "required"),
        ("", "The plans may be copied only for the Purpose.", "restricted"),
        ("", "Nothing stops the Recipient from copying the plans.", "permitted"),
        ("", "This letter does not keep the Recipient from copying the plans.", "permitted"),
        ("", "The owner has no objection to copies of the plans.", "permitted"),
        ("", "Nothing in this letter requires the Recipient to return the plans.", "exempt"),
        ("", "Copies of the plans are not secret.", "excluded"),
        ("", "Copies of the plans need not be kept secret.", "excluded"),
        ("", "It does not matter whether the plans are marked.", "regardless"),
        ("", "All duties end with this letter.", "ended"),
        ("", "The duty of secrecy does not end with this letter.", "prohibited"),
        ("", "The duties end two years after this letter.", "stated"),
    ],
)
def test_what_a_statement_makes_of_a_term_is_read_from_its_words(
    lead: str, text: str, kind: str
) -> None:
    assert read_norm(text, COPY, lead).kind == kind


def test_a_denial_of_something_else_in_the_sentence_is_none_of_the_term() -> None:
    text = "The Recipient shall not publish the plans; it shall return them."

    assert read_norm(text, COPY).kind == "required"


def test_the_words_that_decide_are_named() -> None:
    norm = read_norm("The plans shall never be copied unless the owner agrees.", COPY)

    assert norm.words == "never, unless"


@pytest.mark.parametrize(
    ("text", "of_others"),
    [
        ("The Discloser may keep copies of the plans.", True),
        ("Each party may show its own information to anybody.", True),
        ("The Recipient may show information that is public.", True),
        ("The Recipient may keep one copy of the plans.", False),
        ("The Recipient may copy the plans that the Discloser gives it.", False),
    ],
)
def test_what_the_discloser_may_do_is_no_permission_of_the_recipient(text, of_others):
    assert is_of_others(text, Norm("permitted", "may")) is of_others
    assert not is_of_others(text, Norm("prohibited", "not"))
