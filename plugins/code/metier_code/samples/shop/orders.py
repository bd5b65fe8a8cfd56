"""Order life cycle and shipping estimates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from .money import round_currency


class OrderState(Enum):
    NEW = "new"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.NEW: frozenset({OrderState.PAID, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.SHIPPED, OrderState.REFUNDED}),
    OrderState.SHIPPED: frozenset({OrderState.DELIVERED}),
    OrderState.DELIVERED: frozenset({OrderState.REFUNDED}),
    OrderState.CANCELLED: frozenset(),
    OrderState.REFUNDED: frozenset(),
}
ZONE_BASE = {"domestic": Decimal("3.90"), "europe": Decimal("9.50"), "world": Decimal("18.00")}


def advance(current: OrderState, target: OrderState) -> OrderState:
    """Move an order to its next state, refusing a step that is not allowed."""
    if target not in TRANSITIONS[current]:
        raise ValueError(f"cannot go from {current.value} to {target.value}")
    return target


def is_final(state: OrderState) -> bool:
    return not TRANSITIONS[state]


def shipping_cost(weight_grams: int, zone: str, express: bool = False) -> Decimal:
    """Estimate what it costs to send a parcel, from its weight and destination zone."""
    if weight_grams <= 0:
        raise ValueError("weight must be positive")
    started_kilos = -(-weight_grams // 1000)
    cost = ZONE_BASE[zone] + Decimal("1.20") * (started_kilos - 1)
    return round_currency(cost * 2 if express else cost)


def volumetric_weight(length_cm: int, width_cm: int, height_cm: int) -> int:
    """Grams a carrier charges for a bulky but light box."""
    return length_cm * width_cm * height_cm // 5


def estimated_arrival(shipped: date, working_days: int) -> date:
    day = shipped
    while working_days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            working_days -= 1
    return day


def parse_timestamp(text: str) -> datetime:
    """Read an ISO 8601 date or date-time; one without an offset is taken as UTC."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def within_return_window(delivered: datetime, now: datetime, days: int = 30) -> bool:
    return timedelta(0) <= now - delivered <= timedelta(days=days)
