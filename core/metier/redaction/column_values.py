"""Names and numbers of columns as rules of identifiers read them."""

from __future__ import annotations

from typing import Any


def digits_of(value: Any) -> str:
    """A number as a person writes it: a record number of a table with gaps is 48213.0 there.

    Args:
        value: of any type of numbers, also of NumPy.
    """
    try:
        return str(int(value)) if value == int(value) else str(value)
    except (ValueError, OverflowError):  # no number, or infinite
        return str(value)


def spaced_name(name: str) -> str:
    """The name of a column in words: `patient_id` and `patientId` are `patient id`."""
    return "".join(
        f" {letter}" if letter.isupper() and name[index - 1 : index].islower() else letter
        for index, letter in enumerate(name.replace("_", " "))
    )
