"""What suppliers send: price lists and delivery dates."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TextIO


def read_price_csv(handle: TextIO) -> Iterator[tuple[str, Decimal]]:
    """Read purchase prices from a supplier's CSV file."""
    for number, row in enumerate(csv.DictReader(handle), start=2):
        code = (row.get("code") or "").strip()
        if not code:
            continue
        try:
            yield code, Decimal(row.get("price") or "0")
        except InvalidOperation as error:
            raise ValueError(f"line {number}: price is not a number") from error


def delivery_date(ordered: date, lead_days: int, closed: frozenset[date] = frozenset()) -> date:
    current = ordered
    while lead_days > 0:
        current += timedelta(days=1)
        if current.weekday() < 5 and current not in closed:
            lead_days -= 1
    return current


def parcel_price(grams: int, zone: str, insured: bool = False) -> Decimal:
    """What a carrier asks for a parcel."""
    if grams <= 0:
        raise ValueError("weight must be positive")
    kilos = -(-grams // 1000)
    price = BASE_PRICES[zone] + Decimal("0.95") * (kilos - 1)
    return price * 2 if insured else price


BASE_PRICES = {"domestic": Decimal("2.10"), "europe": Decimal("6.80"), "world": Decimal("13.40")}
