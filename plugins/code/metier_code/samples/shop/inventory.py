"""Stock levels, reservations and supplier imports."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterable, Iterator
from typing import TextIO


class OutOfStock(Exception):
    """There are not enough units left to reserve."""


class Inventory:
    """Thread-safe count of units on hand and units held for open orders."""

    def __init__(self, on_hand: dict[str, int]) -> None:
        self._on_hand = dict(on_hand)
        self._held: dict[str, dict[str, int]] = {}
        self._lock = threading.Lock()

    def _free(self, sku: str) -> int:
        held = sum(items.get(sku, 0) for items in self._held.values())
        return self._on_hand.get(sku, 0) - held

    def available(self, sku: str) -> int:
        with self._lock:
            return self._free(sku)

    def reserve(self, order_id: str, sku: str, quantity: int) -> None:
        """Hold units for an order so that nobody else can buy them."""
        if quantity < 1:
            raise ValueError("quantity must be at least 1")
        with self._lock:
            if self._free(sku) < quantity:
                raise OutOfStock(sku)
            items = self._held.setdefault(order_id, {})
            items[sku] = items.get(sku, 0) + quantity

    def release(self, order_id: str) -> None:
        """Give the held units back when an order is cancelled or times out."""
        with self._lock:
            self._held.pop(order_id, None)

    def commit(self, order_id: str) -> None:
        with self._lock:
            for sku, quantity in self._held.pop(order_id, {}).items():
                self._on_hand[sku] -= quantity


def read_stock_csv(handle: TextIO) -> Iterator[tuple[str, int]]:
    """Import stock counts from a supplier's CSV file, skipping rows without a SKU."""
    for number, row in enumerate(csv.DictReader(handle), start=2):
        sku = (row.get("sku") or "").strip()
        if not sku:
            continue
        try:
            yield sku, int(row.get("quantity") or 0)
        except ValueError as error:
            raise ValueError(f"line {number}: quantity is not a whole number") from error


def low_stock(levels: Iterable[tuple[str, int]], reorder_point: int = 5) -> list[str]:
    return sorted(sku for sku, quantity in levels if quantity <= reorder_point)
