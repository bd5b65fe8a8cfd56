"""Whether cross-references of two contracts mean clauses that correspond."""

from __future__ import annotations

import re
from collections.abc import Sequence

from metier_legal.comparison.clause_words import ClauseWords
from metier_legal.comparison.divisions import Correspondence
from metier_legal.comparison.order import HeadingPairs, Path
from metier_legal.structure.references import Reference

_RELATIVE = re.compile(r"(?:this|the)\b", re.IGNORECASE)
_SUB_ITEMS = re.compile(r"(?:\s?\(\w{1,4}\))*\Z")
_NUMBER = re.compile(r"[\dA-Za-z.]+(?:\s?\(\w{1,4}\))*\Z")


class ReferenceTargets:
    """Compares references by the clauses that they mean, and by their words where that is not sure.

    Args:
        headings: that correspond.
        clauses: of both contracts.
        correspondences: of these.
    """

    def __init__(
        self,
        headings: HeadingPairs,
        clauses: tuple[Sequence[ClauseWords], Sequence[ClauseWords]],
        correspondences: Sequence[Correspondence],
    ) -> None:
        self._headings = headings
        self._kept: set[Path] = {
            path
            for item in correspondences
            for row in item.left
            for path in _paths(clauses[0][row].clause.path)
        }

    def difference(self, left: Reference, right: Reference) -> str | None:
        """What differs, in a few words; None for references to what corresponds.

        Empty where the words say all.
        """
        same_number = _number(left) == _number(right)
        if _RELATIVE.match(left.text) and _RELATIVE.match(right.text):
            return None
        if left.target is None or right.target is None:
            if not same_number:
                return ""
            is_lost = left.target is not None and left.path not in self._kept
            return "leads to no clause any more" if is_lost else None
        if _sub_items(left) != _sub_items(right):
            return ""
        if left.path in self._headings.right:
            is_same = self._headings.right[left.path] == right.path
        elif left.path in self._kept:
            is_same = same_number  # one of several that became one
        else:
            is_same = False
        if is_same:
            return None
        return "leads to another clause" if same_number else ""


def _paths(path: Path) -> list[Path]:
    return [path[: depth + 1] for depth in range(len(path))]


def _number(reference: Reference) -> str:
    match = _NUMBER.search(reference.text)
    return reference.text.casefold() if match is None else match[0].replace(" ", "")


def _sub_items(reference: Reference) -> str:
    match = _SUB_ITEMS.search(reference.text)
    return "" if match is None else match[0].replace(" ", "")
