"""What a call is given as texts: strings, and nothing that only looks like a list of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metier.errors import UsageError
from metier.texts.texts import Texts


def strings_of(texts: Iterable[str] | Texts, name: str) -> list[str]:
    """All of them in a list; arguments and errors are those of `given_texts`."""
    return list(given_texts(texts, name))


def given_texts(texts: Iterable[str] | Texts, name: str) -> Iterable[str]:
    """An iterable of strings as it is, and the strings of `Texts`.

    Args:
        texts: what the call was given.
        name: of the parameter.

    Raises:
        UsageError: it is one string, a frame, a mapping, or nothing that can be iterated over.
    """
    if isinstance(texts, str | bytes):
        raise UsageError(f"{name} is one string.", fix="Put it in a list: [text].")
    if isinstance(texts, Texts):
        return texts.strings
    frame = hasattr(texts, "columns")  # iterating over one gives its column names
    if frame or isinstance(texts, Mapping) or not isinstance(texts, Iterable):
        raise UsageError(
            f"{name} is of type {type(texts).__name__}, not a list of strings.",
            fix="Pass a list of strings, or metier.Texts.of(frame, text_field='...').",
        )
    return texts
