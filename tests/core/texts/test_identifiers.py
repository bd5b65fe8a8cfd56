"""Identifiers of source code in words."""

from __future__ import annotations

import pytest

from metier.chunking.chunk import content_of
from metier.texts.identifiers import in_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Cart.totalPrice", "cart total price"),
        ("parseHTTP_Url2", "parse http url 2"),
        ("total_price", "total_price"),
        ("Cart.total", "Cart.total"),
        ("Fees of eBay", "Fees of eBay"),
        ("7.2", "7.2"),
    ],
)
def test_only_camel_case_is_written_as_words(text: str, words: str) -> None:
    assert in_words(text) == words


def test_models_read_headings_in_words() -> None:
    text = "return this.lines;"
    assert content_of("src, Cart.totalPrice", text) == f"src, cart total price\n{text}"
    assert content_of("totalPrice", "totalPrice = 1") == "totalPrice = 1"
