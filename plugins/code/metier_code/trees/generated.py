"""Sources that a program made, by their shape and by what they say of themselves."""

from __future__ import annotations

_LONG_LINES = 500
"""Characters of a line on average, from which a file of some size was made by a bundler."""
_BUNDLE = 50_000


def why_generated(text: str, name: str, language: str) -> tuple[str, str] | None:
    """Why a source was not written by hand: reason and detail; None if it may have been."""
    if language == "Jupyter":
        return None
    if ".min." in name:
        return "minified", "by its name"
    return ("minified", "") if has_long_lines(text) else None


def has_long_lines(text: str) -> bool:
    """Whether a source is large, and its lines are too long on average for written code."""
    return len(text) >= _BUNDLE and len(text) / (text.count("\n") + 1) > _LONG_LINES
