"""Discount codes: when they may be used and what they take off."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import round_currency

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class CouponError(ValueError):
    """The coupon cannot be applied to this order."""


@dataclass(frozen=True)
class Coupon:
    code: str
    percent: Decimal
    expires: date
    minimum_spend: Decimal = Decimal(0)
    max_uses: int | None = None


def validate_coupon(coupon: Coupon, total: Decimal, used: int, today: date) -> None:
    """Reject a discount code that is expired, used up or below its minimum spend."""
    if today > coupon.expires:
        raise CouponError(f"{coupon.code} has expired")
    if coupon.max_uses is not None and used >= coupon.max_uses:
        raise CouponError(f"{coupon.code} has been used up")
    if total < coupon.minimum_spend:
        raise CouponError(f"{coupon.code} needs a spend of at least {coupon.minimum_spend}")


def apply_discount(total: Decimal, coupon: Coupon) -> Decimal:
    reduction = round_currency(total * coupon.percent / 100)
    return max(total - reduction, Decimal(0))


def best_coupon(coupons: list[Coupon], total: Decimal, today: date) -> Coupon | None:
    """Pick the valid code that saves the customer the most."""
    usable = [c for c in coupons if c.expires >= today and total >= c.minimum_spend]
    return max(usable, key=lambda c: c.percent, default=None)


def generate_code(length: int = 8) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
