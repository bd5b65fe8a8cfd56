"""Labels of rows as classes: the different labels, and the position of that of each row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metier.close_names import brief
from metier.errors import InputError, ParameterError
from metier.heads.inputs import Rows


def classes_of(labels: Sequence[str], source: str = "") -> tuple[tuple[str, ...], Rows]:
    """Return the different labels, sorted, and the (n,) position of that of each of n rows.

    Args:
        labels: of the rows.
        source: of the rows, for the message.

    Raises:
        InputError: there are fewer than two different ones.
        ParameterError: a label is no text, or none that a file can hold.
    """
    for row, label in enumerate(labels):
        if not isinstance(label, str):
            raise ParameterError(
                f"The label of row {row} is no text but of type {type(label).__name__}.",
                fix="Write labels as texts, and leave out rows without one.",
                parameter="labels",
            )
    names = sorted(set(labels))
    if len(names) < 2:
        shown = ", ".join(repr(brief(name)) for name in names)
        of_source = f" of {source}" if source else ""
        raise InputError(
            f"All {len(labels)} examples{of_source} have the label {shown}.",
            why="What a label is not has to be learned, too.",
            fix="Give examples of two labels or more.",
        )
    for name in names:
        if not name.isprintable() and any(0xD800 <= ord(sign) <= 0xDFFF for sign in name):
            raise ParameterError(
                f"The label {brief(name)!r} has half of a character.",
                fix="Read the labels in the encoding that they are written in.",
                parameter="labels",
            )
    positions = {name: position for position, name in enumerate(names)}
    return tuple(names), np.array([positions[label] for label in labels], dtype=np.intp)
