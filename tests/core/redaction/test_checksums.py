"""Check digits tell numbers of a kind from other numbers."""

from __future__ import annotations

import pytest

from metier.redaction.checksums import CHECKS


@pytest.mark.parametrize(
    ("check", "valid", "invalid"),
    [
        ("luhn", "4111 1111 1111 1111", "4111 1111 1111 1112"),
        ("npi", "1234567893", "1234567890"),
        ("aba", "021000021", "021000022"),
        ("nhs", "943 476 5919", "943 476 5918"),
        ("vin", "1M8GDM9AXKP042788", "1M8GDM9A1KP042788"),
        ("dea", "AB1234563", "AB1234564"),
        ("iban", "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 33"),
        ("day", "31/12/2020", "31/13/2020"),
        ("month-day", "03/31", "13/32"),
        ("ip", "2001:db8::1", "10:20:30"),
    ],
)
def test_a_check_holds_of_a_right_number_and_not_of_a_wrong_one(check, valid, invalid):
    assert CHECKS[check](valid)
    assert not CHECKS[check](invalid)
