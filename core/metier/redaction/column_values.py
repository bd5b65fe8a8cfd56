"""Names and numbers of columns as rules of identifiers read them."""

from __future__ import annotations

from collections.abc import Mapping
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


def without_file(identity: str, numbers: Mapping[str, int]) -> str:
    """The id of a text with the number of its file in place of the path, which may be a name.

    Args:
        identity: such as `notes/abara.txt:1`.
        numbers: of the files that were read, by their names.
    """
    last = identity.rpartition("/")[2]
    for name in (last, last.rpartition(":")[0], last.partition(":")[0]):
        if name in numbers:
            return f"file {numbers[name]}{last[len(name) :]}"
    return identity
