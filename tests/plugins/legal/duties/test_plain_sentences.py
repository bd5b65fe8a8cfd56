from __future__ import annotations

import pytest

from metier.plugin import Item
from metier_legal.duties.duty import Duty
from metier_legal.duties.reading import read_duties
from metier_legal.structure import read_contract

_ROLES = (
    'This agreement is between Pewter Press plc (the "Printer") and Calla Books Ltd ("Calla" or '
    'the "Publisher").\n\n1. Work\n\n1.1 '
)
_YOU = (
    'This agreement is between Pewter Press plc ("we") and Calla Books Ltd ("you" or the '
    '"Publisher").\n\n1. Work\n\n1.1 '
)


def _duties(text: str, preamble: str = _ROLES) -> list[Duty]:
    contract = read_contract(Item("a", preamble + text))
    return list(read_duties(contract))


def _read(text: str, preamble: str = _ROLES) -> list[tuple[str, str, str]]:
    return [(duty.party, duty.modality, duty.texts("due")) for duty in _duties(text, preamble)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Publisher pays a fee of 3,100 crowns a month.",
         [("Publisher", "obligation", "a month")]),
        ("Calla delivers the texts by 3 May 2026.",
         [("Publisher", "obligation", "by 3 May 2026")]),
        ("On delivery the Publisher pays half of the price.", [("Publisher", "obligation", "")]),
        ("The Printer keeps the plates for two years, and the Publisher bears the cost.",
         [("Printer", "obligation", "for two years"), ("Publisher", "obligation", "")]),
        ("Each party pays its own taxes.", [("each party", "obligation", "")]),
        ("If a plate breaks, the Printer replaces it within 8 days.",
         [("Printer", "obligation", "within 8 days")]),
        ("If the Publisher is late, it pays 20 euros a day.",
         [("Publisher", "obligation", "a day")]),
        ("The Printer does not pay for paper.", [("Printer", "no obligation", "")]),
        ("The Printer pays no interest.", [("Printer", "no obligation", "")]),
        # the party is no subject of a main clause, or nothing is laid down
        ("The books that the Publisher pays for belong to it.", []),
        ("Title passes when the Publisher pays.", []),
        ("The Printer keeps all rights in the plates.", []),
        ("The Printer reports are numbered.", []),
        ("The paper keeps its color.", []),
        ("The Printer sells ink.", []),
    ],
)  # fmt: skip
def test_verbs_in_the_present_tense_lay_down_duties_of_a_party(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert _read(text) == expected


def test_what_the_present_tense_lays_down_is_told_with_its_verb() -> None:
    (duty,) = _duties("The Publisher pays a fee of 3,100 crowns a month.")

    assert (duty.modal, duty.action) == ("", "pays a fee of 3,100 crowns a month")


def test_representations_in_the_present_tense_are_no_duties() -> None:
    preamble = _ROLES.replace("1. Work", "1. Representations")

    assert _read("The Printer maintains a web page.", preamble) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Keep the proofs safe, and return them within a week.",
         [("Publisher", "obligation", ""), ("Publisher", "obligation", "within a week")]),
        ("Do not copy the fonts.", [("Publisher", "prohibition", "")]),
        ("If a page is missing, tell us within 2 days.",
         [("Publisher", "obligation", "within 2 days")]),
        ("Return of proofs is free.", []),
        ("Use is free.", []),
    ],
)  # fmt: skip
def test_imperatives_are_duties_of_who_is_addressed(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert _read(text, _YOU) == expected
    # nobody is addressed where no party is called "you"
    assert [row[1:] for row in _read(text)] == [row[1:] for row in expected]
    assert {row[0] for row in _read(text)} <= {""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nobody but the parties may see the proofs.",
         ("", "prohibition", "", "", "Nobody but the parties may see the proofs.")),
        ("Only printers of the guild may touch the press.",
         ("", "prohibition", "", "", "Only printers of the guild may touch the press.")),
        ("Only the Printer may touch the press.",
         ("Printer", "permission", "", "", "the Printer may touch the press.")),
        ("Neither the Printer nor its staff may sell the proofs.",
         ("Printer", "prohibition", "", "",
          "Neither the Printer nor its staff may sell the proofs.")),
        ("The rent of the shed is 80 euros, due on the second of each month.",
         ("", "obligation", "on the second of each month", "",
          "The rent of the shed is 80 euros, due on the second of each month.")),
        ("Affiliates of the Publisher may sell the books.",
         ("Publisher", "permission", "", "", "Affiliates of the Publisher may sell the books.")),
        ("The Printer does not have to bind more than 90 books.",
         ("Printer", "no obligation", "", "",
          "The Printer does not have to bind more than 90 books.")),
        ("The price is 700 euros a week, payable in advance each Friday.",
         ("", "obligation", "a week; each Friday", "",
          "The price is 700 euros a week, payable in advance each Friday.")),
        ("Before the Printer melts a plate in the course of the year, it shall ask Calla.",
         ("Printer", "obligation", "Before the Printer melts a plate in the course of the year", "",
          "Before the Printer melts a plate in the course of the year, it shall ask Calla.")),
        ("The Publisher may choose when and where it reads the proofs.",
         ("Publisher", "permission", "", "",
          "The Publisher may choose when and where it reads the proofs.")),
    ],
)  # fmt: skip
def test_party_condition_and_words_of_single_sentences(
    text: str, expected: tuple[str, str, str, str, str]
) -> None:
    (duty,) = _duties(text)

    assert (
        duty.party, duty.modality, duty.texts("due"), duty.texts("condition"), duty.quote,
    ) == expected  # fmt: skip
    assert not duty.is_party_unsure


@pytest.mark.parametrize(
    ("text", "due", "kind"),
    [
        ("The Printer shall report by the eleventh day of each month.",
         "by the eleventh day of each month", "recurring"),
        ("The Printer may stop by notice of two months.", "by notice of two months", "period"),
        ("The Printer may prolong the term if it says so at least six weeks before its end.",
         "at least six weeks before its end", "period"),
        ("The Printer may leave if it gives nine days' notice.", "nine days' notice", "period"),
        ("The Printer may use the shed for a further two months.",
         "for a further two months", "period"),
        ("The Printer has three weeks to object.", "three weeks", "period"),
        ("The Printer shall sweep the shed every Sunday.", "every Sunday", "recurring"),
        # a time in a condition on anything else is none of the duty
        ("The Printer may leave if the shed is nine days late.", "", None),
    ],
)  # fmt: skip
def test_times_of_notices_and_days(text: str, due: str, kind: str | None) -> None:
    (duty,) = _duties(text)

    assert duty.texts("due") == due
    assert duty.due_kinds == ({kind} if kind else set())


def test_sentences_of_contracts_that_name_no_parties_have_no_words_as_parties() -> None:
    preamble = "Owner: Pewter Press. Customer: Calla Books.\n\n1. Work\n\n1.1 "
    text = (
        "Before the Owner melts a plate, it shall ask. If the Customer is late, it shall pay. "
        "After the sale, it may wait."
    )

    assert [duty.party for duty in _duties(text, preamble)] == ["Owner", "Customer", "Customer"]
