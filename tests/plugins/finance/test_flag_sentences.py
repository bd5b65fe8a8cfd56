"""Flags measured on sentences that were written before the taxonomy, and on the samples.

The floors are what was reached, less what a few sentences change. A sentence is right where a risk
that a reader would flag it for is flagged, and where nothing is flagged if there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from metier import Runtime, Texts
from metier.steps.flag_report import FlagReport
from metier_finance.flag_loans import shipped_taxonomy

SENTENCES = yaml.safe_load((Path(__file__).parent / "flag_sentences.yaml").read_text("utf-8"))

SAMPLES = {
    "app-003": {"over-indebtedness"},
    "app-007": {"delinquency"},
    "app-010": {"geopolitical-exposure", "sanctions-regulation"},
    "app-012": {"income-instability"},
    "app-013": {"income-instability"},
    "app-016": {"fraud-signals"},
    "app-020": {"hardship"},
    "app-023": {"collections-bankruptcy"},
    "app-026": {"speculation"},
    "app-029": {"over-indebtedness"},
    "app-032": {"fraud-signals"},
    "app-033": {"income-instability", "delinquency"},
    "app-036": {"geopolitical-exposure"},
    "app-037": {"over-indebtedness", "delinquency"},
    "app-038": {"collections-bankruptcy"},
    "app-040": {"speculation"},
}
"""Risks that a reader finds in the sample applications; the others have none."""


class Quality(NamedTuple):
    """Precision and recall of flags."""

    precision: float
    recall: float


def quality(pairs: Iterable[tuple[set[str], set[str]]]) -> Quality:
    """Of texts: the risks that are flagged, and those of which any is right."""
    flagged = right = risky = 0
    for flags, risks in pairs:
        flagged += bool(flags)
        right += bool(flags & risks)
        risky += bool(risks)
    return Quality(right / flagged, right / risky)


@pytest.fixture(scope="module")
def flags(rt: Runtime) -> dict[str, set[str]]:
    """Flagged risks of every sentence."""
    texts = [case["text"] for half in SENTENCES.values() for case in half]
    report: FlagReport = rt.run("finance/flag-loans", texts)
    return {item.text: {flag.risk for flag in item.flags} for item in report.items}


@pytest.mark.parametrize(
    ("half", "precision", "recall"), [("tried", 0.8, 0.55), ("kept", 0.65, 0.37)]
)
def test_sentences_are_flagged_for_their_risk_and_others_are_not(flags, half, precision, recall):
    cases = SENTENCES[half]
    assert len(cases) == 60
    reached = quality((flags[case["text"]], set(case["risks"])) for case in cases)
    assert reached.precision >= precision
    assert reached.recall >= recall


@pytest.mark.parametrize(
    ("kind", "most"), [("negated", 1), ("other", 4), ("past", 1), ("hypothetical", 1), ("near", 1)]
)
def test_what_is_ruled_out_or_near_is_rarely_flagged(flags, kind, most):
    flagged = [
        case["text"]
        for half in SENTENCES.values()
        for case in half
        if case["kind"] == kind and flags[case["text"]]
    ]
    assert len(flagged) <= most, flagged


def test_nothing_of_the_sentences_is_in_the_taxonomy():
    risks = shipped_taxonomy().risks
    own = {sentence for risk in risks for sentence in (*risk.signs, *risk.contrasts)}
    measured = {case["text"] for half in SENTENCES.values() for case in half}
    assert measured.isdisjoint(own | {*shipped_taxonomy().neutral})
    assert {risk for half in SENTENCES.values() for case in half for risk in case["risks"]} <= {
        risk.id for risk in risks
    }


def test_samples_are_flagged_for_what_a_reader_finds(
    rt: Runtime, samples: Callable[[str], Path]
) -> None:
    applications = rt.read(samples("metier_finance") / "applications.csv", Texts)
    report = rt.run("finance/flag-loans", applications)
    flagged = {(item.id, flag.risk) for item in report.items for flag in item.flags}
    labeled = {(name, risk) for name, risks in SAMPLES.items() for risk in risks}
    assert len(flagged & labeled) / len(flagged) >= 0.8
    assert len(flagged & labeled) / len(labeled) >= 0.9
