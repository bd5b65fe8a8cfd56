from __future__ import annotations

import pytest

from metier import Runtime
from metier.errors import ParameterError
from metier.plugin import Item
from metier_legal.duties.reading import read_duties
from metier_legal.structure import read_contract

_DEFINED = (
    'This agreement is between Tallow & Wick Candles Ltd ("we", "us" or the "Shop") and Ines '
    'Varga ("you" or the "Painter").\n\n1. Work\n\n1.1 '
)
_ONLY_ROLES = (
    'This agreement is between Tallow & Wick Candles Ltd (the "Shop") and Ines Varga (the '
    '"Painter").\n\n1. Work\n\n1.1 '
)
_ONLY_US = (
    'This agreement is between Tallow & Wick Candles Ltd ("us") and Ines Varga (the "Painter").'
    "\n\n1. Work\n\n1.1 "
)


def _read(text: str, preamble: str = _DEFINED) -> list[tuple[str, str, str, str]]:
    contract = read_contract(Item("a", preamble + text))
    return [
        (duty.party, duty.modality, duty.texts("due"), duty.texts("condition"))
        for duty in read_duties(contract)
    ]


def test_a_preamble_may_give_a_party_several_names() -> None:
    contract = read_contract(Item("a", _DEFINED))

    assert [(party.name, party.role, party.aliases) for party in contract.parties] == [
        ("Tallow & Wick Candles Ltd", "Shop", ("we", "us", "Shop")),
        ("Ines Varga", "Painter", ("you", "Painter")),
    ]
    (shop, _) = read_contract(Item("a", _ONLY_US)).parties
    assert (shop.role, shop.aliases) == ("us", ("us",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We will pay you 40 dollars an hour.", [("Shop", "obligation", "", "")]),
        ("The Shop must lend you brushes.", [("Shop", "obligation", "", "")]),
        ("YOU MUST NOT SELL THE SKETCHES.", [("Painter", "prohibition", "", "")]),
        ("You will send a bill each month, and we will pay it on 2 May.",
         [("Painter", "obligation", "each month", ""), ("Shop", "obligation", "on 2 May", "")]),
        ("Each bill will be paid by us within 12 days.",
         [("Shop", "obligation", "within 12 days", "")]),
        ("If we are late, you may stop painting.",
         [("Painter", "permission", "", "If we are late")]),
        ("In case of frost we shall heat the studio.",
         [("Shop", "obligation", "", "In case of frost")]),
        ("You can come at any time, and we won't charge for it.",
         [("Painter", "permission", "", ""), ("Shop", "prohibition", "", "")]),
        ("You don't have to come.", [("Painter", "no obligation", "", "")]),
        ("Either of us may stop after 20 days' notice.",
         [("each party", "permission", "after 20 days' notice", "")]),
        ("Neither you nor your staff may smoke.", [("Painter", "prohibition", "", "")]),
        ("Neither of us may show the sketches.", [("each party", "prohibition", "", "")]),
        ("Each of us will keep its own books.", [("each party", "obligation", "", "")]),
        ("You and we shall meet every week.", [("each party", "obligation", "every week", "")]),
        # neither an object nor a part of a noun is the subject
        ("The paint that we give you must be white.", []),
        ("All sketches you may draw belong to the Shop.", []),
        ("The list is in Annex A. It must name each color.", [("", "obligation", "", "")]),
        ("You will draw a list. It must name each color.",
         [("Painter", "obligation", "", ""), ("", "obligation", "", "")]),
    ],
)  # fmt: skip
def test_we_and_you_are_the_parties_that_the_preamble_gives_them_to(
    text: str, expected: list[tuple[str, str, str, str]]
) -> None:
    assert _read(text) == expected


def test_we_and_you_are_parties_of_their_own_where_no_preamble_gives_them_away() -> None:
    text = "You must paint the door, and we must pay for it. It is sold under US law."

    assert [row[:2] for row in _read(text, _ONLY_ROLES)] == [
        ("you", "obligation"), ("we", "obligation"),
    ]  # fmt: skip
    assert [row[0] for row in _read(text, _ONLY_US)] == ["you", "us"]
    assert [row[0] for row in _read(text, "1. Work\n\n1.1 ")] == ["you", "we"]


def test_a_clause_may_name_the_party_that_does_something() -> None:
    rows = _read(
        'One party (the "Shower") shows the other (the "Viewer") its sketches.\n\n'
        "1.2 The Shower shall number them.",
        _ONLY_ROLES,
    )

    assert [row[:2] for row in rows] == [("Shower", "obligation")]


@pytest.mark.parametrize("name", ["we", "Us", "our", "shop", "Tallow"])
def test_duties_are_chosen_by_each_name_of_a_party(rt: Runtime, name: str) -> None:
    text = f"{_DEFINED}We will pay you weekly.\n\n1.2 You must paint the door."

    result = rt.run("legal/obligations", [{"id": "a", "text": text}], party=name)

    assert [duty.party for duty in result.duties] == ["Shop"]
    with pytest.raises(ParameterError, match="No party fits 'they'"):
        rt.run("legal/obligations", [{"id": "a", "text": text}], party="they")
