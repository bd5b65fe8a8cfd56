"""Shopping cart contents, totals and merging."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from .money import round_currency


@dataclass(frozen=True)
class CartLine:
    """One product in a cart, with its quantity."""

    sku: str
    unit_price: Decimal
    quantity: int

    def subtotal(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass
class Cart:
    """The lines a shopper has chosen, keyed by stock number."""

    lines: dict[str, CartLine] = field(default_factory=dict)

    def add(self, sku: str, unit_price: Decimal, quantity: int = 1) -> None:
        """Put a product in the cart, raising the quantity if it is already there."""
        if quantity < 1:
            raise ValueError("quantity must be at least 1")
        present = self.lines.get(sku)
        total = quantity + (present.quantity if present else 0)
        self.lines[sku] = CartLine(sku, unit_price, total)

    def remove(self, sku: str) -> bool:
        return self.lines.pop(sku, None) is not None

    def total(self) -> Decimal:
        """Sum all lines and round to the cent."""
        return round_currency(sum((line.subtotal() for line in self.lines.values()), Decimal(0)))

    def item_count(self) -> int:
        return sum(line.quantity for line in self.lines.values())


def merge_carts(guest: Cart, account: Cart) -> Cart:
    """Combine an anonymous visitor's cart with the saved one after sign-in."""
    merged = Cart(dict(account.lines))
    for line in guest.lines.values():
        merged.add(line.sku, line.unit_price, line.quantity)
    return merged


def qualifies_for_free_delivery(cart: Cart, threshold: Decimal = Decimal("50")) -> bool:
    return cart.total() >= threshold
