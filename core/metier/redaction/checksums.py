"""What has to hold of a value besides its form: check digits, calendars, addresses of networks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

CheckName = Literal["luhn", "aba", "nhs", "vin", "dea", "npi", "iban", "day", "month-day", "ip"]
"""A check of `CHECKS`."""


def has_luhn_digit(value: str) -> bool:
    """Whether the last digit is that of ISO/IEC 7812, as on payment cards."""
    digits = [int(digit) for digit in re.sub(r"\D", "", value)]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return len(digits) > 1 and total % 10 == 0


def has_npi_digit(value: str) -> bool:
    """Whether it is a National Provider Identifier: its check digit counts the prefix 80840."""
    return has_luhn_digit(f"80840{re.sub(r'[^0-9]', '', value)}")


def has_aba_digit(value: str) -> bool:
    """Whether nine digits are a routing number of the American Bankers Association."""
    digits = [int(digit) for digit in re.sub(r"\D", "", value)]
    return (
        len(digits) == 9
        and sum(d * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0
    )


def has_nhs_digit(value: str) -> bool:
    """Whether ten digits are an NHS number: the last one follows from the others modulo 11."""
    digits = [int(digit) for digit in re.sub(r"\D", "", value)]
    if len(digits) != 10:
        return False
    total = sum(digit * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11 == digits[9]


_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def has_vin_digit(value: str) -> bool:
    """Whether 17 characters are a vehicle identification number of ISO 3779 with a check digit."""
    letters = value.upper()
    if len(letters) != 17 or set(letters) & set("IOQ"):
        return False
    values = [int(_VIN_VALUES.get(letter, letter)) for letter in letters]
    rest = sum(v * w for v, w in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return letters[8] == ("X" if rest == 10 else str(rest))


def has_dea_digit(value: str) -> bool:
    """Whether two letters and seven digits are a number of the Drug Enforcement Administration."""
    digits = [int(digit) for digit in re.sub(r"\D", "", value)]
    return len(digits) == 7 and (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def has_iban_digits(value: str) -> bool:
    """Whether it is an International Bank Account Number of ISO 13616."""
    letters = re.sub(r"\W", "", value).upper()
    moved = letters[4:] + letters[:4]
    return len(letters) > 14 and int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def is_day(value: str) -> bool:
    """Whether numbers can be a day of a calendar, in any order of day, month and year."""
    numbers = [int(number) for number in re.findall(r"\d+", value)][:3]
    if len(numbers) < 3:
        return True
    first, second, third = numbers
    if first > 31:  # the year leads
        first, third = third, first
    return 1 <= min(first, second) <= 12 and 1 <= max(first, second) <= 31


def is_month_and_day(value: str) -> bool:
    """Whether two numbers can be a month and a day, in either order."""
    numbers = [int(number) for number in re.findall(r"\d+", value)]
    return len(numbers) == 2 and 1 <= min(numbers) <= 12 and 1 <= max(numbers) <= 31


def is_ip_address(value: str) -> bool:
    """Whether it is an address of the internet protocol, version 4 or 6."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return value not in ("::", "::1")


CHECKS: Mapping[CheckName, Callable[[str], bool]] = MappingProxyType(
    {
        "luhn": has_luhn_digit,
        "aba": has_aba_digit,
        "nhs": has_nhs_digit,
        "vin": has_vin_digit,
        "dea": has_dea_digit,
        "npi": has_npi_digit,
        "iban": has_iban_digits,
        "day": is_day,
        "month-day": is_month_and_day,
        "ip": is_ip_address,
    }
)
"""Checks by the name that rules have for them."""
