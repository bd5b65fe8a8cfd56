"""Names that may have been meant where an unknown one was given."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable


def did_you_mean(name: str, known: Iterable[str], *, limit: int = 1) -> str | None:
    """A question with the known names closest to `name`; None where none is close."""
    return suggest(close_names(name, known, limit))


def suggest(names: Collection[str]) -> str | None:
    """A question with names that may have been meant; None where there are none."""
    return f"Did you mean {' or '.join(map(repr, names))}?" if names else None


def brief(value: object, limit: int = 60) -> str:
    """The beginning of a name or a value, at most `limit` characters, for a message.

    What stands in a table may be a whole text, and that is no part of a message.
    """
    text = str(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def known_names(known: Collection[str], *, limit: int | None = None) -> str:
    """A sentence that lists known names in their order, at most `limit` of them."""
    names = [brief(name) for name in list(known)[:limit]]
    more = f" and {len(known) - len(names)} more" if len(known) > len(names) else ""
    return f"Known: {', '.join(names) or 'none'}{more}."


def close_names(
    name: str, known: Iterable[str], limit: int = 3, *, cutoff: float = 0.55
) -> list[str]:
    """Known names that are similar to an unknown one, most similar first.

    Names are compared whole and by their last part. Those much less similar than the best are left
    out.

    Args:
        name: unknown name.
        known: names that there are.
        limit: most names to return.
        cutoff: least similarity, in [0, 1], by `difflib.SequenceMatcher`.
    """
    if len(name) > _LONGEST:
        return []
    candidates = [candidate for candidate in known if len(candidate) <= _LONGEST]
    close = difflib.get_close_matches(name, candidates, n=limit, cutoff=cutoff)
    tails = {_last_part(candidate): candidate for candidate in candidates}
    matches = difflib.get_close_matches(_last_part(name), tails, n=limit, cutoff=max(cutoff, 0.6))
    close = list(dict.fromkeys([*close, *(tails[match] for match in matches)]))
    scores = [_similarity(name, candidate) for candidate in close]
    least = max(scores, default=0.0) - _MOST_BELOW_BEST
    return [name for name, score in zip(close, scores, strict=True) if score >= least][:limit]


_LONGEST = 200
"""Characters of a name: comparing takes the product of two lengths, and texts are no names."""

_MOST_BELOW_BEST = 0.25
"""How much less similar than the best another name may be."""


def _last_part(name: str) -> str:
    return name.rpartition("/")[2]


def _similarity(name: str, other: str) -> float:
    """The similarity of two names or of their last parts, whichever is higher; in [0, 1]."""
    pairs = ((name, other), (_last_part(name), _last_part(other)))
    return max(difflib.SequenceMatcher(None, *pair).ratio() for pair in pairs)
