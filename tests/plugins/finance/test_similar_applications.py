from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime
from metier.errors import InputError
from metier.texts.files import read_texts
from metier.texts.texts import Texts


def test_similar_applications_and_their_outcomes(
    rt: Runtime, samples: Callable[[str], Path]
) -> None:
    folder = samples("metier_finance")
    new = read_texts(folder / "applications.csv", Texts)
    earlier = read_texts(folder / "earlier-applications.csv", Texts)

    result = rt.run("finance/similar-applications", new, earlier, top_k=5)

    items = {item.id: item for item in result.items}
    cards = items["app-003"]  # five cards at the limit
    assert all("card" in near.case.text for near in cards.nearest[:3])
    assert {share.outcome: share.base_rate for share in cards.outcomes} == pytest.approx(
        {"repaid": 0.6333, "defaulted": 0.3667}
    )
    assert cards.fields["amount"] == new[2].fields["amount"]
    assert items["app-007"].nearest == ()  # behind on the car and the electric bill


def test_the_outcome_of_an_earlier_case_keeps_its_name_beside_a_column_of_the_input(
    rt: Runtime,
) -> None:
    earlier = [
        {"id": f"e{n}", "text": f"Loan for roof number {n}.", "outcome": ("paid", "late")[n % 2]}
        for n in range(4)
    ]
    result = rt.run("finance/similar-applications", earlier[:1], earlier[1:])
    names = [column.name for column in result.tables()[1].fields]
    assert "earlier outcome" in names
    assert not any(name.startswith("metier_") for name in names)


def test_earlier_applications_need_an_outcome(rt: Runtime) -> None:
    rows = [{"text": "A roof.", "ended": "repaid"}, {"text": "A car.", "ended": "defaulted"}]

    with pytest.raises(InputError, match="'outcome'") as caught:
        rt.run("finance/similar-applications", ["A boat."], rows)
    assert "ended" in str(caught.value)

    result = rt.run("finance/similar-applications", ["A boat."], rows, outcome_field="ended")
    assert result.outcomes == ("defaulted", "repaid")
