"""Product search, listing pages and web addresses."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    number: int
    pages: int

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


def paginate(items: Sequence[T], number: int, size: int = 20) -> Page[T]:
    """Cut a result list into pages; a page number out of range is brought into it."""
    pages = max(1, math.ceil(len(items) / size))
    number = min(max(number, 1), pages)
    start = (number - 1) * size
    return Page(items[start : start + size], number, pages)


def slugify(title: str) -> str:
    """Turn a product title into a URL-friendly slug without accents."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def tokenize(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def rank_products(query: str, titles: dict[str, str]) -> list[str]:
    """Order product ids by how well their titles match, rare words counting for more."""
    words = {sku: set(tokenize(title)) for sku, title in titles.items()}
    seen = Counter(word for found in words.values() for word in found)
    wanted = set(tokenize(query))
    scores = {
        sku: sum(math.log(1 + len(words) / seen[word]) for word in wanted & found)
        for sku, found in words.items()
    }
    return sorted((s for s in scores if scores[s] > 0), key=lambda s: (-scores[s], s))


def average_rating(stars: Sequence[int], prior: float = 3.5, weight: int = 5) -> float:
    """Bayesian mean of review stars, so that a single vote does not top the list."""
    return (prior * weight + sum(stars)) / (weight + len(stars))


def bought_together(baskets: Iterable[set[str]], sku: str, limit: int = 3) -> list[str]:
    others = Counter(item for basket in baskets if sku in basket for item in basket - {sku})
    return [item for item, _ in others.most_common(limit)]
