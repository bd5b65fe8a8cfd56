from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime
from metier.errors import InputError, ParameterError
from metier.texts.files import read_texts
from metier.texts.texts import Texts


@pytest.fixture(scope="module")
def complaints(samples: Callable[[str], Path]) -> Texts:
    return read_texts(samples("metier_finance") / "complaints.csv", Texts)


def test_groups_are_counted_by_period_in_their_order(rt: Runtime, complaints: Texts) -> None:
    result = rt.run(
        "finance/cluster-complaints", complaints, date_column="received", period="quarter"
    )

    table = result.section().tables[0]
    assert [column.name for column in table.fields] == [
        *("group", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "all"),
    ]
    app = next(row for row in table.rows if "app" in str(row[0]))
    assert app[1:3] == (0, 0)  # nobody complained about the app before its update
    assert app[4] > app[3] > 0
    *groups, total = table.rows
    assert sum(row[-1] for row in groups) == total[-1] == len(complaints)
    assert result.members[0].fields["received_quarter"] == "2024-Q1"
    assert result.members[0].fields["channel"] == complaints[0].fields["channel"]


def test_without_dates_complaints_are_grouped_alone(rt: Runtime, complaints: Texts) -> None:
    result = rt.run("finance/cluster-complaints", complaints)

    assert result.cross_columns == ()
    assert result.clusters


def test_a_column_that_holds_no_dates_is_refused(rt: Runtime, complaints: Texts) -> None:
    with pytest.raises(InputError, match="is no date"):
        rt.run("finance/cluster-complaints", complaints, date_column="channel")
    with pytest.raises(InputError, match="'recieved'"):
        rt.run("finance/cluster-complaints", complaints, date_column="recieved")
    with pytest.raises(ParameterError, match="period"):
        rt.run("finance/cluster-complaints", complaints, date_column="received", period="week")
