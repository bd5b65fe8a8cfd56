from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime
from metier.texts.files import read_texts
from metier.texts.texts import Texts


@pytest.fixture(scope="module")
def applications(samples: Callable[[str], Path]) -> Texts:
    return read_texts(samples("metier_finance") / "applications.csv", Texts)


@pytest.fixture(scope="module")
def earlier(samples: Callable[[str], Path]) -> Texts:
    return read_texts(samples("metier_finance") / "earlier-applications.csv", Texts)


def test_the_same_applications_show_no_drift(rt: Runtime, applications: Texts) -> None:
    report = rt.run("finance/drift", applications, applications)

    assert not report.seen
    assert report.headline().startswith("No drift seen: 40 new applications")
    assert all(rate.difference.value == 0.0 for rate in report.rates)


def test_a_risk_that_moved_is_named(rt: Runtime, applications: Texts) -> None:
    late = [
        {"id": f"n{n}", "text": f"I am {n + 2} months behind on my car loan and missed payments."}
        for n in range(24)
    ]

    report = rt.run("finance/drift", late, applications)

    assert report.vectors_differ
    moved = {rate.name for rate in report.rates if rate.seen}
    assert any("payment" in name.lower() or "delinq" in name.lower() for name in moved)
    assert "rose from" in report.headline()


def test_the_scores_of_a_head_are_compared(
    rt: Runtime, applications: Texts, earlier: Texts, tmp_path: Path
) -> None:
    rt.run("finance/fit-risk", earlier, at=tmp_path / "risk")

    report = rt.run("finance/drift", applications, earlier, head=tmp_path / "risk", risks=False)

    (score,) = report.scores
    assert score.name == "probability of defaulted"
    assert [rate.name for rate in report.rates] == ["defaulted"]
    assert report.rows()[0]["score of probability of defaulted"] == pytest.approx(
        report.items[0].scores[score.name]
    )


def test_risks_of_a_pack_are_compared_too(rt: Runtime, applications: Texts, tmp_path: Path) -> None:
    pack = tmp_path / "ours.yaml"
    pack.write_text(
        "schema: 1\ndomain: finance\ntitle: Ours\ntaxonomy:\n"
        "  risks: [{id: boats, title: Boats, signs: [I want to buy a boat.]}]\n"
        "  remove: [delinquency]\n"
    )
    with_pack = Runtime(rt.embedder, packs=[pack], progress=False)

    report = with_pack.run("finance/drift", applications, applications)

    names = {rate.name for rate in report.rates}
    assert "Boats" in names
    assert "Missed or late payments" not in names
