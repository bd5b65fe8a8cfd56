"""Dates, times, durations and numbers are compared as what they are, in every store."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.indexing.toy_rows import MANIFEST, row, vectors

from metier import field as field_of
from metier.errors import InputError, ParameterError
from metier.indexing.comparable_values import Duration, duration_of, moment_of, number_of
from metier.indexing.condition_parsing import parse_condition
from metier.indexing.conditions import Condition
from metier.indexing.field_values import fields_of, value_of
from metier.indexing.lance.store import LanceStore
from metier.indexing.memory_store import MemoryStore

OPERATORS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
ZONES = [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=11, seconds=7))]


@dataclass
class Sample:
    """A value with what it is, worked out without metier.

    Attributes:
        raw: the value as a document or a condition has it.
        kind: what it is as the value of a condition.
        known: what it is read as, by kind.
    """

    raw: object
    kind: str
    known: dict[str, object] = field(default_factory=dict)


def number(raw: object, exact: Fraction | int) -> Sample:
    return Sample(raw, "text" if isinstance(raw, str) else "number", {"number": Fraction(exact)})


def moment(raw: object, day: date, instant: int | None = None) -> Sample:
    known = {"date": (day.toordinal(), instant)}
    return Sample(raw, "text" if isinstance(raw, str) else "date", known)


def nanoseconds(elapsed: timedelta) -> int:
    return (elapsed.days * 86_400 + elapsed.seconds) * 10**9 + elapsed.microseconds * 1000


def instant_of(at: datetime) -> int:
    """Nanoseconds since the year 1 in UTC; a datetime without an offset is one in UTC."""
    offset = at.utcoffset() or timedelta(0)
    return nanoseconds(at.replace(tzinfo=None) - datetime(1, 1, 1)) - nanoseconds(offset)


def as_sample(at: datetime, shape: str, extra: int) -> Sample:
    """A moment as different libraries and files have it; `extra` are nanoseconds."""
    instant, day = instant_of(at), at.date()
    match shape:
        case "python":
            return moment(at, day, instant)
        case "text":
            return moment(at.isoformat(), day, instant)
        case "text with a space":
            return moment(str(at).replace("+00:00", "Z"), day, instant)
        case "pandas":
            return moment(pd.Timestamp(at) + pd.Timedelta(extra, "ns"), day, instant + extra)
        case "numpy":
            naive = at.replace(tzinfo=None)
            exact = np.datetime64(naive, "ns") + np.timedelta64(extra, "ns")
            return moment(exact, day, instant_of(naive) + extra)
    return moment(at.date().isoformat() if shape == "text of a date" else at.date(), day)


DATES = st.builds(
    as_sample,
    st.datetimes(
        datetime(2024, 2, 28), datetime(2024, 3, 2), timezones=st.sampled_from([None, *ZONES])
    ).map(lambda at: at.replace(minute=0, second=0, microsecond=at.microsecond % 2)),
    st.sampled_from(
        ["python", "text", "text with a space", "pandas", "numpy", "date", "text of a date"]
    ),
    st.integers(0, 2),
)


def as_time(hour: int, minute: int, zone: timezone | None, is_text: bool) -> Sample:
    at = time(hour, minute, tzinfo=zone)
    clock = nanoseconds(timedelta(hours=hour, minutes=minute))
    known = {"time": clock - nanoseconds(at.utcoffset() or timedelta(0))}
    if zone is None:
        known["duration"] = clock  # as programs print it
    return Sample(at.isoformat() if is_text else at, "text" if is_text else "time", known)


TIMES = st.builds(
    as_time,
    st.integers(0, 23),
    st.sampled_from([0, 15, 45]),
    st.sampled_from([None, *ZONES]),
    st.booleans(),
)


def as_duration(count: int, shape: str) -> Sample:
    """A duration of some quarters of an hour, and as many nanoseconds where a shape has them."""
    elapsed, kind = timedelta(minutes=15 * count), "duration"
    exact = nanoseconds(elapsed) + count
    match shape:
        case "python":
            return Sample(elapsed, kind, {kind: nanoseconds(elapsed)})
        case "text":
            known = {kind: nanoseconds(elapsed)}
            if 40 <= count < 96:  # two digits for the hours
                known["time"] = nanoseconds(elapsed)
            return Sample(str(elapsed), "text", known)
        case "pandas":
            return Sample(pd.Timedelta(exact, "ns"), kind, {kind: exact})
        case "numpy":
            return Sample(np.timedelta64(exact, "ns"), kind, {kind: exact})
    return Sample(pd.Timedelta(exact, "ns").isoformat(), "text", {kind: exact})


DURATIONS = st.builds(
    as_duration,
    st.integers(-200, 200),
    st.sampled_from(["python", "text", "pandas", "numpy", "text in ISO 8601"]),
)
NUMBERS = st.one_of(
    st.integers(-3, 3).map(lambda n: number(n, n)),
    st.integers(2**60 - 1, 2**60 + 1).map(lambda n: number(n, n)),
    st.integers(-(2**60) - 1, 1 - 2**60).map(lambda n: number(str(n), n)),
    st.integers(-20, 20).map(lambda n: number(n / 10, Fraction(n, 10))),
    st.integers(-20, 20).map(lambda n: number(Decimal(n).scaleb(-1), Fraction(n, 10))),
    st.integers(-20, 20).map(lambda n: number(f"{n}.0{n % 10}", Fraction(f"{n}.0{n % 10}"))),
    st.integers(-9, 9).map(lambda n: number(Decimal(10**30 + n), 10**30 + n)),
    st.integers(0, 3).map(lambda n: number(Decimal(n).scaleb(-200), Fraction(n, 10**200))),
    st.booleans().map(lambda fact: number(fact, int(fact))),
    st.sampled_from([number(1e-07, Fraction(1, 10**7)), number("1e-07", Fraction(1, 10**7))]),
)
TEXTS = st.sampled_from(["", "2024", "unknown", "2024-13-01", "24:00", "P", "1e4", "007"]).map(
    lambda text: Sample(text, "text", {"number": Fraction(text)} if text == "2024" else {})
)
MISSING = st.sampled_from([None, float("nan"), pd.NaT, np.datetime64("NaT"), Decimal("NaN")]).map(
    lambda raw: Sample(raw, "missing")
)
VALUES = st.one_of(DATES, DATES, TIMES, DURATIONS, NUMBERS, NUMBERS, TEXTS, MISSING)


def expected(value: Sample, compare: object, operand: Sample) -> bool:
    """Whether a value of a document meets a condition."""
    left, right = value.known.get(operand.kind), operand.known.get(operand.kind)
    if operand.kind == "text":
        stored = value_of(value.raw)  # a date, for one, is the text that spells it
        left, right = stored if isinstance(stored, str) else None, operand.raw
    if left is None:
        return compare is operator.ne
    if operand.kind == "date":
        (left_day, left_at), (right_day, right_at) = left, right
        left, right = (left_day, right_day) if None in (left_at, right_at) else (left_at, right_at)
    return compare(left, right)


def matches(store: MemoryStore | LanceStore, where: Condition) -> set[int]:
    (nearest,) = store.nearest(vectors([99]), 50, where)
    return {int(chunk_id, 16) for chunk_id in nearest.ids}


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=12), st.lists(VALUES, min_size=1, max_size=8))
def test_both_stores_compare_as_plain_python_does(values, others):
    rows = [row(n, **fields_of({"x": value.raw})) for n, value in enumerate(values)]
    operands = [each for each in [*values[:4], *others] if each.kind != "missing"]
    listed = [each for each in operands if each.kind != "text" or each.raw]
    with TemporaryDirectory() as folder:
        on_disk, in_memory = LanceStore(folder), MemoryStore(MANIFEST, str.split)
        on_disk.begin(MANIFEST)
        for store in (on_disk, in_memory):
            store.put(rows, vectors(range(len(rows))))
            for operand in operands:
                for compare in OPERATORS:
                    assert matches(store, compare(field_of("x"), operand.raw)) == {
                        n for n, value in enumerate(values) if expected(value, compare, operand)
                    }, (compare, operand)
            among = field_of("x").is_in([each.raw for each in listed])
            met = {
                n
                for n, value in enumerate(values)
                if any(expected(value, operator.eq, each) for each in listed)
            }
            assert matches(store, among) == met
            assert matches(store, ~among) == {*range(len(values))} - met


@pytest.fixture(params=["memory", "disk"])
def store(request, tmp_path):
    if request.param == "memory":
        return MemoryStore(MANIFEST, str.split)
    on_disk = LanceStore(tmp_path / "index")
    on_disk.begin(MANIFEST)
    return on_disk


def put(store: MemoryStore | LanceStore, values: list[object]) -> None:
    rows = [row(n, **fields_of({"x": value})) for n, value in enumerate(values)]
    store.put(rows, vectors(range(len(rows))))


x = field_of("x")
PARIS = timezone(timedelta(hours=1))


def test_a_date_equals_every_time_of_its_day(store):
    put(
        store,
        [
            datetime(2024, 2, 29, 23, 59, 59, 999999),
            datetime(2024, 3, 1),
            pd.Timestamp("2024-03-01 23:59:59.999999999"),
            "2024-03-01T23:30:00-05:00",
            date(2024, 3, 1),
            "2024-03-02",
        ],
    )
    day = date(2024, 3, 1)
    assert matches(store, x == day) == {1, 2, 3, 4}
    assert matches(store, x != day) == {0, 5}
    assert matches(store, x < day) == {0}
    assert matches(store, x <= day) == {0, 1, 2, 3, 4}
    assert matches(store, x > day) == {5}
    assert matches(store, x >= day) == {1, 2, 3, 4, 5}
    assert matches(store, x.is_in([day, date(2024, 3, 2)])) == {1, 2, 3, 4, 5}
    assert matches(store, x == datetime(2024, 3, 1, 12)) == {4}
    assert matches(store, x > datetime(2024, 3, 1, 12)) == {2, 3, 5}


def test_an_offset_counts_and_a_time_without_one_is_in_utc(store):
    put(
        store,
        [
            datetime(2024, 3, 1, 10, tzinfo=PARIS),
            "2024-03-01T09:00:00Z",
            "2024-03-01 09:00",
            datetime(2024, 3, 1, 10),
            "2024-03-01T04:00-0500",
        ],
    )
    for at in (datetime(2024, 3, 1, 9), datetime(2024, 3, 1, 10, tzinfo=PARIS)):
        assert matches(store, x == at) == {0, 1, 2, 4}
        assert matches(store, x > at) == {3}


def test_nanoseconds_count(store):
    ticks = [pd.Timestamp("2024-03-01T10:00:00.123456789") + pd.Timedelta(n, "ns") for n in (0, 1)]
    put(store, [ticks[0], ticks[1].to_datetime64(), "2024-03-01T10:00:00.123456789"])
    assert matches(store, x == ticks[0]) == {0, 2}
    assert matches(store, x > ticks[0].to_datetime64()) == {1}
    assert matches(store, ticks[0].to_datetime64() < x) == {1}  # numpy leaves it to the field
    assert matches(store, x.is_in(ticks)) == {0, 1, 2}


def test_decimals_and_large_integers_are_compared_as_numbers_without_rounding(store):
    put(store, [Decimal("19.90"), 19.9, "19.90", Decimal("6"), 6, 2**60, 2**60 + 1, Decimal("0.1")])
    assert matches(store, x > Decimal("6")) == {0, 1, 2, 5, 6}
    assert matches(store, x == Decimal("19.9")) == {0, 1, 2}
    assert matches(store, x == np.int64(2**60)) == {5}
    assert matches(store, x > 2**60) == {6}
    assert matches(store, x.is_in([6, 2**60 + 1])) == {3, 4, 6}
    assert matches(store, x < Decimal("0.1000000000000000055511151231257827")) == {7}
    assert matches(store, x.is_in([Decimal("0.1000000000000000055511151231257827")])) == set()


def test_the_condition_says_whether_a_text_is_a_time_or_a_duration(store):
    put(
        store,
        [time(9, 30), "10:30", timedelta(days=1, hours=2), np.timedelta64(5, "ns"), "P1DT2H", "x"],
    )
    assert matches(store, x > time(10)) == {1}
    assert matches(store, x > timedelta(hours=10)) == {2, 4}
    assert matches(store, x == timedelta(hours=9.5)) == {0}  # "09:30:00" spells both
    assert matches(store, x == timedelta(days=1, hours=2)) == {2, 4}
    assert matches(store, x == pd.Timedelta(5, "ns")) == {3}
    assert matches(store, x <= date(2024, 3, 1)) == set()
    assert matches(store, x != date(2024, 3, 1)) == {*range(6)}


def test_a_condition_in_text_reads_dates_times_and_durations(store):
    put(store, [datetime(2024, 3, 1, 10, tzinfo=PARIS), "2024-03-02", time(9), timedelta(hours=27)])
    for text, expected_rows in [
        ("x=2024-03-01", {0}),
        ("x >= 2024-03-01T09:00:00Z", {0, 1}),
        ("x > 2024-03-01 10:00+01:00", {1}),
        ("x in [2024-03-02, 09:00]", {1, 2}),
        ("x in [2024-03-02T01:02:03.000000004Z]", {1}),
        ("x<10:00", {2}),
        ("x>=P1DT2H59M", {3}),
        ('x="2024-03-02"', {1}),
        ('x in ["2024-03-01"]', set()),
    ]:
        assert matches(store, parse_condition(text)) == expected_rows, text


def test_dates_in_the_deepest_groups_are_read_by_every_store(store):
    put(store, [datetime(2024, 3, day, 12) for day in range(1, 29)] + [date(2024, 3, 3), 2**60])
    deep = x > datetime(2024, 3, 20)
    for day in range(1, 10):
        deep = ~(deep | (x == datetime(2024, 3, day))) if day % 2 else deep & (x != Decimal(2**60))
    for where in (deep, ~deep):
        assert matches(store, where) == {
            n
            for n, each in enumerate(store.rows([f"{n:032x}" for n in range(30)]))
            if where.holds(each.fields)
        }


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2024-3-1",
        "20240301",
        "2024-03-01T25:00",
        "2024-03-01T10:00:00.1234567890",
        "01.03.2024",
        "\u0662024-03-01",
        "2024-03-01\n",
        "0000-01-01",
    ],
)
def test_what_is_no_date_in_iso_8601_is_a_text(text):
    assert moment_of(text) is None
    assert not (x >= date(2024, 3, 1)).holds({"x": text})


@pytest.mark.parametrize(
    "text", ["P", "PT", "P1Y", "P1M", "P1DT", "1:2:3", "25:61:00", "P9" + "9" * 12 + "W"]
)
def test_what_is_no_duration_of_fixed_length_is_a_text(text):
    assert duration_of(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("P1W", 604_800),
        ("-P1DT1H", -90_000),
        ("P-1DT5H0M0S", -68_400),
        ("-1 day, 5:00:00", -68_400),
        ("-1 days +05:00:00", -68_400),
        ("2 days 00:00:00.5", 172_800.5),
        ("30:00:00", 108_000),
        ("PT0S", 0),
    ],
)
def test_durations_are_read_in_iso_8601_and_as_programs_print_them(text, seconds):
    reading = duration_of(text)
    assert reading is not None
    assert reading.nanoseconds == int(seconds * 10**9)
    assert duration_of(str(reading)) == reading


@given(st.integers(-(10**24) + 1, 10**24 - 1))
def test_a_duration_is_read_back_from_its_text(count):
    assert duration_of(str(Duration(count))) == Duration(count)


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(-2, 2, places=30))
def test_sort_keys_of_numbers_are_in_the_order_of_the_numbers(first, second):
    left, right = number_of(first), number_of(second)
    if left is not None and right is not None:
        assert (left < right) == (first < second) == (left.sort_key < right.sort_key)
        assert (left == right) == (first == second) == (left.sort_key == right.sort_key)


@pytest.mark.parametrize("value", [pd.NaT, np.datetime64("NaT"), pd.NA, Decimal("NaN"), 10**400])
def test_what_is_missing_or_too_large_is_no_operand(value):
    with pytest.raises(ParameterError, match="cannot be compared"):
        x == value  # noqa: B015


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (np.datetime64("2024-03-01T10:00", "ns"), "2024-03-01T10:00:00"),
        (np.datetime64("2024-03-01T10:00:00.000000001"), "2024-03-01T10:00:00.000000001"),
        (np.datetime64("2024-03"), "2024-03-01"),
        (np.datetime64("12024-03-01"), "12024-03-01"),
        (np.timedelta64(90, "m"), "PT1H30M"),
        (np.timedelta64(-1, "ns"), "-PT0.000000001S"),
        (np.timedelta64(2, "Y"), "2 years"),
        (timedelta(days=400, microseconds=5), "P400DT0.000005S"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("1E+999999"), "1E+999999"),
        (Decimal("-Infinity"), None),
        (pd.NaT, None),
        (pd.NA, None),
    ],
)
def test_values_are_kept_as_texts_that_spell_them(raw, stored):
    assert value_of(raw) == stored


def test_an_index_of_a_former_schema_refuses_to_compare_dates(tmp_path):
    former = LanceStore(tmp_path / "index")
    former.begin(replace(MANIFEST, schema=1))
    put(former, [1, "2024-03-01"])
    assert matches(former, x <= 1) == {0}
    assert matches(former, x == "2024-03-01") == {1}
    for where in (x == date(2024, 3, 1), ~(x.is_in([Decimal(2**60)]) | (x == 1))):
        with pytest.raises(InputError, match="Build the index again") as refused:
            matches(former, where)
        assert refused.value.code == "index-mismatch"
