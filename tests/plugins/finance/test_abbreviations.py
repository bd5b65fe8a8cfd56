from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from metier.plugin import Abbreviations

CASES = [
    ("Chrg-off in 2014", "Charge-off in 2014"),
    ("90 DPD twice", "90 days past due twice"),
    ("BK7 disch. 2012", "chapter 7 bankruptcy discharged 2012"),
    ("Ch. 13 BK dism. in 2010", "Chapter 13 bankruptcy dismissed in 2010"),
    ("my pmts on the accts", "my payments on the accounts"),
    ("DTI of 40%", "debt-to-income ratio of 40%"),
    ("two NSF fees", "two insufficient funds fees"),
    ("no DQs w/o notice", "no delinquencies without notice"),
    ("the car was repo'd", "the car was repossessed"),
    ("refi of my mtg, 30 yr", "refinance of my mortgage, 30 years"),
    ("paid off my ccs", "paid off my credit cards"),
    ("Mr. Ch of the archive is on the local", None),
    ("a book on banking, balanced", None),
    ("please cc'd me at acct@bank.example", None),
]


@pytest.fixture(scope="module")
def abbreviations() -> Abbreviations:
    return Abbreviations.load(Path(str(files("metier_finance") / "abbreviations.yaml")))


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_abbreviations_of_the_trade_are_written_in_full(abbreviations, text, expected):
    assert abbreviations.expand(text).text == (text if expected is None else expected)
