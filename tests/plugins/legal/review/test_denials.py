"""Passages that deny what a question asks for, or are another clause than the one asked for."""

from __future__ import annotations

import pytest

from metier_legal.checklists.shipped import shipped_checklist
from metier_legal.review.denials import Denials


def _denials(question: str) -> Denials:
    return Denials(shipped_checklist().named(question))


@pytest.mark.parametrize(
    ("question", "passage", "words"),
    [
        ("cap-on-liability", "There is no cap on the liability of either party.", "There is no"),
        ("cap-on-liability", "The carrier's liability is unlimited.", "unlimited"),
        ("renewal-term", "The lease ends on 1 May 2026 and does not renew by itself.",
         "does not renew"),
        ("renewal-term", "This contract will not be automatically extended.",
         "will not be automatically extended"),
        ("insurance", "The tenant need not insure the barn.", "need not"),
        ("insurance", "Neither party needs to carry insurance.", "Neither party needs to"),
        ("insurance", "The baker does not have to take out insurance.", "does not have to"),
        ("anti-assignment", "Each party may assign this contract freely.",
         "may assign this contract freely"),
        ("anti-assignment", "The lender may transfer the loan without\nthe borrower's consent.",
         "may transfer the loan without the borrower's consent"),
        ("exclusivity", "The maker appoints the shop as its non-exclusive dealer.",
         "non-exclusive"),
        ("third-party-beneficiary", "Nobody but the parties can enforce this lease.",
         "Nobody but the parties"),
        ("third-party-beneficiary", "Only the parties may rely on this contract.",
         "Only the parties"),
        ("volume-restriction", "The number of seats that the club may use is not limited.",
         "is not limited"),
        ("license-grant", "This contract does not grant a license to the marks.",
         "does not grant"),
    ],
)  # fmt: skip
def test_a_denial_is_known_by_its_words(question, passage, words):
    assert _denials(question).words(passage) == words
    assert _denials(question).rejects(passage)


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("uncapped-liability", "There is no cap on the liability of either party."),
        ("uncapped-liability", "The carrier's liability is unlimited."),
        ("uncapped-liability", "Except for fraud, liability is limited to the fees of a year."),
        ("cap-on-liability", "There is no liability except for intent."),
        ("cap-on-liability", "Liability for fraud is unlimited, otherwise limited to the price."),
        ("renewal-term", "If a party says so, the lease is not renewed."),
        ("renewal-term", "The lease shall not renew unless both parties agree."),
        ("insurance", "The tenant need not insure the barn until it is finished."),
        ("anti-assignment", "Neither party may assign this contract without consent."),
        ("anti-assignment", "The lender may assign the loan to an affiliate without consent."),
        ("exclusivity", "If the dealer buys less, its appointment becomes non-exclusive."),
        ("license-grant", "The maker grants a non-exclusive license to use the marks."),
        ("volume-restriction", "Support is not limited to office hours."),
        ("liquidated-damages", "A fee of 40 euros and interest at 5 percent is due."),
    ],
)  # fmt: skip
def test_an_answer_with_such_words_is_no_denial(question, passage):
    assert not _denials(question).rejects(passage)


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("uncapped-liability", "The garage's liability is limited to the price of the repair."),
        ("uncapped-liability", "What the garage owes in all never exceeds 9,000 dollars."),
        ("uncapped-liability", "The liability of the garage shall not exceed the price."),
        ("liquidated-damages", "Late payments bear interest of 8 percent a year."),
        ("liquidated-damages", "If a bill is paid late, the plumber may charge interest."),
    ],
)
def test_another_clause_is_not_taken_for_the_one_asked_for(question, passage):
    assert _denials(question).is_other(passage)
    assert not _denials(question).words(passage)
