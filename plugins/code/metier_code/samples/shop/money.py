"""Currency rounding, tax and display of amounts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def round_currency(amount: Decimal, bankers: bool = False) -> Decimal:
    """Round an amount to two decimal places, half up unless banker's rounding is asked for."""
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN if bankers else ROUND_HALF_UP)


def sales_tax(net: Decimal, rate: Decimal) -> Decimal:
    """Compute the tax due on a net price."""
    if rate < 0:
        raise ValueError("a tax rate cannot be negative")
    return round_currency(net * rate)


def net_from_gross(gross: Decimal, rate: Decimal) -> Decimal:
    return round_currency(gross / (1 + rate))


def split_evenly(amount: Decimal, parts: int) -> list[Decimal]:
    """Divide an amount into instalments that add up exactly, spreading the odd cents."""
    if parts < 1:
        raise ValueError("parts must be at least 1")
    cents, rest = divmod(int(round_currency(amount) * 100), parts)
    return [Decimal(cents + (1 if i < rest else 0)) / 100 for i in range(parts)]


def format_amount(amount: Decimal, symbol: str = "\u20ac") -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}{symbol}{abs(round_currency(amount)):,.2f}"


def convert(amount: Decimal, source: str, target: str, rates: Mapping[str, Decimal]) -> Decimal:
    """Exchange an amount between currencies; each rate is units per one euro."""
    if source == target:
        return round_currency(amount)
    return round_currency(amount / rates[source] * rates[target])
