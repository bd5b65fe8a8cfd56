from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from metier import Texts
from metier.errors import InputError
from metier.plugin import with_periods


def dated(*values: Any) -> Texts:
    return Texts.of([{"text": f"Text {value}.", "sent": value} for value in values])


def periods(texts: Texts, period: Any) -> list[Any]:
    result, name = with_periods(texts, "sent", period)
    return [item.fields[name] for item in result]


@pytest.mark.parametrize(
    ("period", "expected"), [("month", "2024-08"), ("quarter", "2024-Q3"), ("year", "2024")]
)
def test_a_date_lies_in_a_period(period: str, expected: str) -> None:
    values = ("2024-08-31", "2024-08-01T23:59:59Z", date(2024, 8, 2), datetime(2024, 8, 3, 4, 5))

    assert periods(dated(*values), period) == [expected] * 4


def test_texts_keep_their_columns_and_get_one_named_by_column_and_period() -> None:
    texts = Texts.of([{"id": "a", "text": "One.", "sent": "2023-12-31", "channel": "web"}])

    result, name = with_periods(texts, "sent", "quarter")

    assert name == "sent_quarter"
    assert dict(result[0].fields) == {
        "sent": "2023-12-31",
        "channel": "web",
        "sent_quarter": "2023-Q4",
    }
    assert (result[0].id, result.source) == ("a", texts.source)


def test_a_text_without_a_date_has_no_period() -> None:
    assert periods(dated("2024-01-05", None, "", float("nan")), "month") == [
        "2024-01",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("3/14/2024", "4/5/2024"), ["2024-03", "2024-04"]),
        (("14.3.2024", "4.5.2024"), ["2024-03", "2024-05"]),
    ],
)
def test_another_date_of_the_column_tells_whether_the_day_comes_first(
    values: tuple[str, ...], expected: list[str]
) -> None:
    assert periods(dated(*values), "month") == expected


@pytest.mark.parametrize("values", [("4/5/2024", "1/2/2024"), ("14/3/2024", "3/14/2024")])
def test_dates_whose_order_is_not_to_be_seen_are_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        periods(dated(*values), "month")

    assert "Whether the day or the month comes first" in str(caught.value)
    assert "2024-03-14" in str(caught.value)


@pytest.mark.parametrize("value", ["last spring", "2024-02-30", "30/2/2024", 7])
def test_what_is_no_date_is_refused_with_the_row(value: Any) -> None:
    with pytest.raises(InputError, match=r"of '1' is no date"):
        periods(dated(value, "31/1/2024"), "year")


def test_a_column_that_is_not_there_is_refused_with_the_close_name() -> None:
    with pytest.raises(InputError, match="sent") as caught:
        with_periods(dated("2024-01-01"), "snet", "month")

    assert caught.value.code == "field-not-found"
