from __future__ import annotations

import pytest

from metier import Runtime, Texts
from metier.errors import ParameterError
from metier.plugin import SimilarCases, find_similar_cases

TASK = "core/text-matching"
EARLIER = Texts.of(
    [
        {"id": "r1", "text": "The roof leaks and has to be replaced.", "year": 2019},
        {"id": "r2", "text": "New roof tiles before the winter.", "year": 2020},
        {"id": "r3", "text": "Repair of the roof after a storm.", "year": 2021},
        {"id": "w1", "text": "Our wedding needs a caterer and a band.", "year": 2019},
        {"id": "w2", "text": "Wedding dress and photographer.", "year": 2020},
    ]
)
OUTCOMES = ["repaid", "repaid", "defaulted", "repaid", "repaid"]


def similar(rt: Runtime, rows: list[object], top_k: int = 3) -> SimilarCases:
    return find_similar_cases(
        rt, Texts.of(rows), EARLIER, OUTCOMES, instruction=TASK, noun="loans", top_k=top_k
    )


def test_the_nearest_earlier_cases_come_with_how_they_ended(rt: Runtime) -> None:
    (item,) = similar(rt, [{"id": "n", "text": "A leaking roof.", "amount": 7}]).items

    assert {near.case.id for near in item.nearest} == {"r1", "r2", "r3"}
    assert [near.score for near in item.nearest] == sorted(
        (near.score for near in item.nearest), reverse=True
    )
    assert {near.case.id: near.outcome for near in item.nearest}["r3"] == "defaulted"
    assert item.nearest[0].case.fields == {"year": 2019}
    assert item.fields == {"amount": 7}


def test_shares_have_wilson_intervals_beside_the_share_of_all(rt: Runtime) -> None:
    (item,) = similar(rt, ["A leaking roof."]).items
    repaid, defaulted = item.outcomes

    # Wilson (1927) for 2 of 3, as in Brown, Cai and DasGupta (2001), formula 4
    assert (repaid.outcome, repaid.count, repaid.share) == ("repaid", 2, 0.6667)
    assert (repaid.low, repaid.high) == pytest.approx((0.2077, 0.9385), abs=1e-4)
    assert (repaid.base_rate, defaulted.base_rate) == (0.8, 0.2)
    assert not repaid.differs


def test_a_share_differs_where_the_share_of_all_lies_outside_of_its_interval(rt: Runtime) -> None:
    rows = [{"id": f"o{n}", "text": f"New tires for the van number {n}."} for n in range(30)]
    rows += [{"id": f"d{n}", "text": f"Piano lessons on day {n}."} for n in range(10)]
    earlier = Texts.of(rows)
    ended = ["repaid"] * 30 + ["defaulted"] * 10

    result = find_similar_cases(
        rt, Texts.of(["Piano lessons."]), earlier, ended, instruction=TASK, top_k=8
    )

    repaid, defaulted = result.items[0].outcomes
    assert (defaulted.share, defaulted.base_rate, defaulted.differs) == (1.0, 0.25, True)
    assert defaulted.low > 0.25
    assert repaid.differs
    assert result.tables()[0].rows[0][3].endswith("*")


def test_nothing_is_said_where_nothing_is_near(rt: Runtime) -> None:
    result = similar(rt, ["Quantum chromodynamics on a lattice."])

    (item,) = result.items
    assert item.nearest == item.outcomes == ()
    assert result.headline().startswith("0 of 1 loans with similar ones")
    assert "nothing near" in result.tables()[0].rows[0]
    (row,) = result.rows()
    assert row["near"] == 0
    assert row["share of repaid"] is None
    assert row["base rate of repaid"] == 0.8


def test_an_application_is_not_its_own_precedent(rt: Runtime) -> None:
    result = find_similar_cases(rt, EARLIER, EARLIER, OUTCOMES, instruction=TASK, top_k=2)

    for item in result.items:
        assert item.id not in {near.case.id for near in item.nearest}
        assert len(item.nearest) <= 2


def test_rows_keep_the_columns_of_the_input(rt: Runtime) -> None:
    result = similar(rt, [{"id": "n", "text": "A leaking roof.", "near": "school"}])

    (row,) = result.rows()
    assert row["near"] == "school"
    assert row["metier_near"] == 3
    assert row["nearest"].split(", ") == [near.case.id for near in result.items[0].nearest]


def test_one_outcome_is_refused(rt: Runtime) -> None:
    with pytest.raises(ParameterError, match="All 5 earlier loans ended alike: 'repaid'"):
        find_similar_cases(rt, EARLIER, EARLIER, ["repaid"] * 5, instruction=TASK, noun="loans")


def test_a_result_is_read_back_from_json(rt: Runtime) -> None:
    result = similar(rt, ["A leaking roof.", "Quantum chromodynamics on a lattice."])

    assert SimilarCases.model_validate_json(result.to_json()) == result
