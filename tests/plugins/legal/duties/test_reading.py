from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from metier import Documents
from metier.plugin import Item
from metier_legal.duties.duty import Duty
from metier_legal.duties.reading import read_duties
from metier_legal.structure import read_contract

_PREAMBLE = (
    'This Agreement is made between Pumpernickel Rail GmbH (the "Operator") and Sable and Sons '
    'Limited (the "Owner").\n\n1. Terms\n\n'
)


def _duties(text: str, preamble: str = _PREAMBLE) -> list[Duty]:
    contract = read_contract(Item("rail.txt", preamble + text))
    duties = list(read_duties(contract))
    for duty in duties:
        assert contract.text[duty.start : duty.end] == duty.quote
        for mark in duty.marks:
            assert contract.text[mark.start : mark.end] == mark.text
            assert mark.start < mark.end <= duty.end
            assert duty.start <= mark.start or duty.introduction
    return duties


def _read(text: str) -> list[tuple[str, str, str]]:
    return [(duty.party, duty.modality, duty.texts("due")) for duty in _duties(text)]


def test_the_sentences_that_the_rules_were_written_with_are_read_right() -> None:
    path = Path(__file__).parents[4] / "benchmarks" / "duty_sentences.yaml"
    for contract in yaml.safe_load(path.read_text(encoding="utf-8"))["contracts"]:
        preamble = f"{contract['opening'].strip()}\n\n1. Terms\n\n" if contract["opening"] else ""
        for text, *expected in contract["looked_at"]:
            duties = _duties(text, preamble)
            assert [[duty.party, duty.modality] for duty in duties] == [
                [party, modality] for party, modality, _ in expected
            ], text
            for duty, (_, _, due) in zip(duties, expected, strict=True):
                assert (due in duty.texts("due")) if due else not duty.texts("due"), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sable shall lease the track to Pumpernickel Rail until 31 December 2031.",
         [("Owner", "obligation", "until 31 December 2031")]),
        ("Each of the parties shall, at its own cost, keep its own books.",
         [("each party", "obligation", "")]),
        ("The Operator and the Owner shall inspect the bridges every two years.",
         [("each party", "obligation", "every two years")]),
        ("Neither the track nor the station may be sold by the Owner.",
         [("Owner", "prohibition", "")]),
        ("Neither the Owner nor its staff may enter a train.", [("Owner", "prohibition", "")]),
        ("No party shall be obliged to run trains in a storm.",
         [("each party", "no obligation", "")]),
        ("The Operator shall make no change to the signals.", [("Operator", "prohibition", "")]),
        ("The Owner shall be informed by the Operator of each delay without undue delay.",
         [("Operator", "obligation", "without undue delay")]),
        ("In no event may the Operator close the line.", [("Operator", "prohibition", "")]),
        ("The Owner warrants that the bridges will be maintained for ten years.", []),
        ("The Operator shall pay the Owner the fees which shall be due under Schedule 2 within ten "
         "days of invoice.", [("Operator", "obligation", "within ten days of invoice")]),
        ("If the Owner shall fail to repair the track within five days, the Operator may do so.",
         [("Operator", "permission", "")]),
        ("The licenses granted to the Operator shall expire.", []),
        ("The Operator reserves the right to run fewer trains in May 2027.",
         [("Operator", "permission", "")]),
        ("The Operator has to report monthly, and the monthly report must name each train.",
         [("Operator", "obligation", "monthly")]),
    ],
)  # fmt: skip
def test_who_must_do_what_is_read_from_the_grammar_of_a_sentence(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert _read(text) == expected


def test_it_is_the_party_that_the_sentence_before_is_about() -> None:
    duties = _duties(
        "The Operator runs the line. It shall clean the stations weekly. "
        "Each invoice is sent in May. It shall be paid by the Owner within 30 days."
    )

    assert [(duty.party, duty.texts("due")) for duty in duties] == [
        ("Operator", "weekly"), ("Owner", "within 30 days"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "due", "condition"),
    [
        ("If the Operator finds a broken rail, it shall inform the Owner within two days.",
         "within two days", "If the Operator finds a broken rail"),
        ("Where a bridge is unsafe, the Operator must stop all trains.",
         "", "Where a bridge is unsafe"),
        ("By 30 June 2031, the Operator shall repaint the stations.", "By 30 June 2031", ""),
        ("Within six weeks of the signing the Operator shall name a driver.",
         "Within six weeks of the signing", ""),
        ("Every quarter, the Operator shall report.", "Every quarter", ""),
        ("On termination the Operator shall hand over the keys.", "", "On termination"),
    ],
)  # fmt: skip
def test_what_stands_before_the_subject_belongs_to_the_duty(
    text: str, due: str, condition: str
) -> None:
    (duty,) = _duties(text)

    assert (duty.party, duty.quote) == ("Operator", text)
    assert (duty.texts("due"), duty.texts("condition")) == (due, condition)


@pytest.mark.parametrize(
    ("text", "party", "modality", "due", "condition"),
    [
        ("The Operator shall pay a fee of 4,300 crowns a month.",
         "Operator", "obligation", "a month", ""),
        ("The Owner shall supply ten sleepers per quarter.",
         "Owner", "obligation", "per quarter", ""),
        ("The Operator shall pay the track fee annually in advance.",
         "Operator", "obligation", "annually in advance", ""),
        ("The Operator must pay 90 euros per year, monthly in arrears.",
         "Operator", "obligation", "per year; monthly in arrears", ""),
        ("The Owner shall publish its figures each year.", "Owner", "obligation", "each year", ""),
        ("The Operator shall pay interest of 4 per cent a year.", "Operator", "obligation", "", ""),
        ("If the Operator fails to pay the Owner may close the line.",
         "Owner", "permission", "", "If the Operator fails to pay"),
        ("When the rails arrive the Owner shall count them within 3 working days.",
         "Owner", "obligation", "within 3 working days", "When the rails arrive"),
        ("Should the Operator be late the Owner may cancel the train.",
         "Owner", "permission", "", "Should the Operator be late"),
        ("If the Owner is late and the Operator asks for it the Owner shall pay 50 euros.",
         "Owner", "obligation", "", "If the Owner is late and the Operator asks for it"),
        ("Where the Operator and the Owner shall differ, the Owner must call an expert.",
         "Owner", "obligation", "", "Where the Operator and the Owner shall differ"),
        ("Each party shall keep the secrets of the other for five years.",
         "each party", "obligation", "for five years", ""),
        ("Neither party may sell the line.", "each party", "prohibition", "", ""),
        ("The parties will meet twice a year.", "each party", "obligation", "twice a year", ""),
        ("The Owner is required to insure the bridges.", "Owner", "obligation", "", ""),
        ("The Owner undertakes to mend each signal within 30 days of receipt.",
         "Owner", "obligation", "within 30 days of receipt", ""),
        ("The Operator agrees not to copy the maps.", "Operator", "prohibition", "", ""),
        ("The Operator shall pay no later than the 5th of each month.",
         "Operator", "obligation", "no later than the 5th of each month", ""),
        ("The Owner shall hand over the keys on or before 1 May 2026.",
         "Owner", "obligation", "on or before 1 May 2026", ""),
        ("Payment is due within 40 days of the invoice.",
         "", "obligation", "within 40 days of the invoice", ""),
    ],
)  # fmt: skip
def test_plain_sentences_have_party_time_and_condition(
    text: str, party: str, modality: str, due: str, condition: str
) -> None:
    (duty,) = _duties(text)

    assert (duty.party, duty.modality) == (party, modality)
    assert (duty.texts("due"), duty.texts("condition")) == (due, condition)
    recurs = {"month", "per", "annually", "each", "year"} & {*due.split()}
    assert ("recurring" in duty.due_kinds) == bool(recurs)
    assert not duty.is_party_unsure


def test_it_without_a_party_before_is_the_one_named_last_and_flagged() -> None:
    (book,) = _duties("The timetable hangs in the office of the Owner. It shall print 40 copies.")
    (track,) = _duties("The timetable is attached. It shall print 40 copies.")
    (named,) = _duties("The Owner owns the timetable. It shall print 40 copies.")

    assert (book.party, book.is_party_unsure) == ("Owner", True)
    assert (track.party, track.is_party_unsure) == ("", True)
    assert (named.party, named.is_party_unsure) == ("Owner", False)
    assert "party not sure" in book.reasons
    assert "a party is named" not in book.reasons
    assert _duties("The timetable is attached. It shall apply to all trains.") == []


def test_items_of_a_list_have_the_times_and_conditions_of_what_introduces_it() -> None:
    duties = _duties(
        "1.1 On termination the Operator shall, within ten days:\n\n(a) return the tickets; and\n\n"
        "(b) clear the stations.\n"
    )

    assert [(duty.quote, duty.texts("condition"), duty.texts("due")) for duty in duties] == [
        ("return the tickets", "On termination", "within ten days"),
        ("clear the stations.", "On termination", "within ten days"),
    ]


def test_a_day_of_each_month_is_a_time_that_comes_again() -> None:
    (duty,) = _duties("By the fifth day of each month the Operator shall send its figures.")

    assert duty.due_kinds == {"recurring"}


def test_each_item_of_a_list_carries_on_what_introduces_it() -> None:
    duties = _duties(
        "1.1 During the term, the Operator shall:\n\n(a) run a train each day;\n\n"
        "(b) sell tickets; and\n\n(c) pay 5,000 euros to the Owner by 1 March 2027.\n\n"
        "1.2 The Owner shall provide these parts:\n\n(a) rails; and\n\n(b) sleepers.\n\n"
        "1.3 The Owner shall not (i) tear up the rails or (ii) sell the sleepers.\n"
    )

    assert [(duty.party, duty.modality, duty.quote) for duty in duties] == [
        ("Operator", "obligation", "run a train each day"),
        ("Operator", "obligation", "sell tickets"),
        ("Operator", "obligation", "pay 5,000 euros to the Owner by 1 March 2027."),
        ("Owner", "obligation", "The Owner shall provide these parts:"),
        ("Owner", "prohibition", "tear up the rails"),
        ("Owner", "prohibition", "sell the sleepers."),
    ]
    assert duties[0].introduction == "the Operator shall"
    assert [mark.text for mark in duties[2].marks] == ["5,000 euros", "by 1 March 2027"]


def test_a_condition_is_marked_and_its_time_is_no_deadline() -> None:
    (duty,) = _duties(
        "Unless a delay lasts more than two hours, the Operator shall refund the fare within 14 "
        "days after a claim."
    )

    assert duty.texts("due") == "within 14 days after a claim"
    (leave,) = _duties("The Owner may leave if the rent of $900 is ten days late.")
    assert leave.texts("condition") == "if the rent of $900 is ten days late"
    assert leave.texts("amount") == "$900"
    assert leave.texts("due") == ""


def test_what_has_a_time_and_money_comes_before_what_every_contract_has() -> None:
    preamble = _PREAMBLE.removesuffix("1. Terms\n\n")
    rent, notice = _duties(
        "1. Rent\n\nThe Operator shall pay 700 euros by 2 May 2027.\n\n"
        "2. Notices\n\nThe Operator shall send notices by post.\n",
        preamble,
    )

    assert rent.points > notice.points
    assert rent.reasons == ("obligation", "a date", "an amount", "a party is named")
    assert "ordinary clause" in notice.reasons


def test_contracts_without_a_preamble_name_their_parties_by_role_or_name() -> None:
    text = (
        "The supplier shall deliver. Quillon will not resell the goods. You must pay us. "
        "The Products shall work. Fees shall rise."
    )

    duties = _duties(text, "")

    assert [(duty.party, duty.modality) for duty in duties] == [
        ("Supplier", "obligation"), ("Quillon", "prohibition"), ("you", "obligation"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "shall " * 8_000,
        "The Operator shall, " * 2_000,
        "if the Owner may, unless " * 2_000,
        "the Owner pays " * 3_000,
        "Keep the keys, and " * 3_000,
        "within 10 days after the " * 2_000,
        "(a) " * 10_000 + "shall: " + "(a) (b) " * 2_000,
        "no " + ")" * 20_000 + " shall",
        "A" * 40_000 + " shall be " + "paid " * 2_000,
    ],
)
def test_hostile_texts_are_read_to_their_end(text: str) -> None:
    duties = _duties(f"{text}. The Owner must go by 2 May 2027.")

    assert (duties[-1].party, duties[-1].texts("due")) == ("Owner", "by 2 May 2027")


def test_the_samples_have_their_duties() -> None:
    samples = Path(__file__).parents[4] / "plugins" / "legal" / "metier_legal" / "samples"
    (supply,) = Documents.read(samples / "supply-agreement.txt")

    duties = list(read_duties(read_contract(supply)))

    (pays,) = [duty for duty in duties if "undisputed invoice" in duty.quote]
    assert (pays.party, pays.clause) == ("Buyer", "6. Payment, 6.1")
    assert pays.texts("due") == "within thirty days of the date on which it is received"
