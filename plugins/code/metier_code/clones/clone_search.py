"""Clones of types 1 to 3 among definitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metier_code.clones.candidates import candidate_pairs, rows_sharing_runs
from metier_code.clones.comparison import (
    LEAST_SIMILARITY,
    CloneEvidence,
    compare,
    share_enough_runs,
)
from metier_code.clones.groups import linked_groups
from metier_code.clones.sequences import TokenSequence, TokenSequences

_FAMILIES = {"TypeScript": "JavaScript", "TSX": "JavaScript", "C": "C++"}
"""Languages that share most of their syntax with another, which they are compared with."""


def language_family(language: str) -> str:
    """A language, or the one that it shares most of its syntax with."""
    return _FAMILIES.get(language, language)


class CloneSearch:
    """Finds clones among definitions.

    Args:
        sequences: tokens of the definitions.
        languages: of each definition; only those of one language, or of one family, are compared.
        rows: definitions to compare; all by default.
        least_similarity: as of `compare`.
    """

    def __init__(
        self,
        sequences: TokenSequences,
        languages: Sequence[str],
        rows: Sequence[int] | None = None,
        *,
        least_similarity: float = LEAST_SIMILARITY,
    ) -> None:
        self._sequences = sequences
        self._families = [language_family(language) for language in languages]
        self._least_similarity = least_similarity
        chosen = range(len(sequences)) if rows is None else rows
        self._rows = np.array(chosen, dtype=np.int64)
        self._read: dict[int, TokenSequence] = {}
        self._known: dict[tuple[int, int], CloneEvidence] = {}

    def evidence(self, row: int, other: int) -> CloneEvidence:
        """What two definitions share; compared once."""
        key = (min(row, other), max(row, other))
        if key not in self._known:
            self._known[key] = compare(
                self._sequence(key[0]),
                self._sequence(key[1]),
                least_similarity=self._least_similarity,
            )
        return self._known[key]

    def groups(self) -> list[list[int]]:
        """Rows of definitions that are clones of each other, each group in order, two or more.

        Definitions with the same tokens but for names and literals are in one group at once.
        """
        equal = {rows[0]: rows for rows in self._equal_rows()}
        linked = linked_groups(self._clone_pairs(np.array(list(equal))), self._are_clones)
        alone = set(equal) - {row for rows in linked for row in rows}
        groups = [*linked, *([row] for row in alone)]
        whole = [sorted(member for row in rows for member in equal[row]) for rows in groups]
        return sorted(rows for rows in whole if len(rows) > 1)

    def clone_pairs(self) -> list[tuple[int, int]]:
        """Pairs of rows that are clones, the most similar first; equal ones are paired, too."""
        return self._clone_pairs(self._rows)

    def clones_of(self, row: int) -> list[int]:
        """Rows of the clones of one definition, the most similar first."""
        family = self._families[row]
        alike = [other for other in self._rows.tolist() if self._families[other] == family]
        candidates = rows_sharing_runs(self._sequences, row, np.array(alike, dtype=np.int64))
        clones = [other for other in candidates.tolist() if self._are_clones(row, other)]
        return sorted(clones, key=lambda other: (-self.evidence(row, other).similarity, other))

    def _clone_pairs(self, rows: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
        pairs: list[tuple[int, int]] = []
        families = np.array([self._families[row] for row in rows.tolist()])
        for family in sorted(set(families.tolist())):
            candidates = candidate_pairs(self._sequences, rows[families == family])
            pairs += [
                (row, other) for row, other in candidates.tolist() if self._are_clones(row, other)
            ]
        return sorted(pairs, key=lambda pair: (-self.evidence(*pair).similarity, pair))

    def _are_clones(self, row: int, other: int) -> bool:
        first, second = self._sequence(row), self._sequence(other)
        return (
            share_enough_runs(first, second, self._least_similarity)
            and self.evidence(row, other).is_clone
        )

    def _equal_rows(self) -> list[list[int]]:
        """Rows with the same tokens but for names and literals, in groups of one or more."""
        equal: dict[tuple[str, bytes], list[int]] = {}
        for row in self._rows.tolist():
            key = (self._families[row], self._sequence(row).renamed.tobytes())
            equal.setdefault(key, []).append(row)
        return list(equal.values())

    def _sequence(self, row: int) -> TokenSequence:
        if row not in self._read:
            self._read[row] = self._sequences[row]
        return self._read[row]
