"""The place of a text in an error of a part is its place in the whole."""

from __future__ import annotations

import pytest

from metier.errors import InputError
from metier.texts.checks import name_place


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Text 3 gives no token.", "Text 13 gives no token."),
        ("No vector for text 0: text 1 holds NaN.", "No vector for text 10: text 1 holds NaN."),
        ("Context 3 of 7 texts.", "Context 3 of 7 texts."),
    ],
)
def test_the_first_text_that_is_spoken_of_is_named_by_its_place(said, named):
    error = InputError(said, why="Text 5 is an example.", fix="Mend it.")
    name_place(error, lambda place: 10 + place)
    assert (error.what, error.why, error.fix) == (named, "Text 5 is an example.", "Mend it.")
    assert str(error) == f"{named}\nText 5 is an example.\nMend it."
