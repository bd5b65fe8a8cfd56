from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from metier.plugin import Abbreviations

CASES = [
    ("Hx of HTN", "History of hypertension"),
    ("s/p CABG", "status post coronary artery bypass graft"),
    ("45yo pt c/o SOB", "45 year old patient complains of shortness of breath"),
    ("Rx given, R/O MI", "Prescription given, rule out myocardial infarction"),
    (
        "PMHx: DM, COPD",
        "past medical history: diabetes mellitus, chronic obstructive pulmonary disease",
    ),
    ("Ha! He is a man of PT", None),
    ("sob story of the ripper", None),
]


@pytest.fixture(scope="module")
def abbreviations() -> Abbreviations:
    return Abbreviations.load(Path(str(files("metier_healthcare") / "abbreviations.yaml")))


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_abbreviations_of_the_trade_are_written_in_full(abbreviations, text, expected):
    assert abbreviations.expand(text).text == (text if expected is None else expected)
