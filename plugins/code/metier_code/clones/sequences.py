"""Token sequences of many definitions as arrays: as written, and without names and literals."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from metier_code.clones.grams import gram_hashes
from metier_code.clones.tokens import Token, TokenKind

Ids = npt.NDArray[np.uint32]

_CODES = {TokenKind.NAME: 0, TokenKind.STRING: 1, TokenKind.NUMBER: 2}
_FIRST_WORD = 3
_RUN = 6


@dataclass(frozen=True)
class TokenSequence:
    """The tokens of one definition.

    Attributes:
        written: a number for each token, (tokens,): equal ones are written alike.
        shape: the same with one number for all names, one for all strings and one for all other
            literals, (tokens,).
    """

    written: Ids
    shape: Ids

    def __len__(self) -> int:
        return len(self.shape)

    @cached_property
    def renamed(self) -> Ids:
        """Names numbered in the order in which they first appear, and all else as in `shape`.

        Sequences that differ in names replaced throughout and in literals are equal here.
        """
        renamed = self.shape.copy()
        is_name = self.shape == _CODES[TokenKind.NAME]
        _, first, inverse = np.unique(self.written[is_name], return_index=True, return_inverse=True)
        order = np.empty(len(first), dtype=np.uint32)
        order[np.argsort(first)] = np.arange(len(first))
        renamed[is_name] = np.uint32(2**31) + order[inverse]
        return renamed

    @cached_property
    def runs(self) -> npt.NDArray[np.uint64]:
        """Hashes of the different runs of six tokens by their shape, in order."""
        return np.unique(gram_hashes(self.shape, _RUN))

    @property
    def variety(self) -> float:
        """Share of the runs of tokens that differ, in [0, 1]; low for a list of assignments."""
        return len(self.runs) / max(1, len(self) - _RUN + 1)

    @property
    def is_name(self) -> npt.NDArray[np.bool_]:
        """Which tokens are names, (tokens,)."""
        return np.asarray(self.shape == _CODES[TokenKind.NAME])


class TokenSequences:
    """Token sequences over one vocabulary, which grows as they are added; 8 bytes a token."""

    def __init__(self) -> None:
        self._vocabulary: dict[tuple[TokenKind, str], int] = {}
        self._written = array("I")
        self._shape = array("I")
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, tokens: Iterable[Token]) -> None:
        """Append the tokens of one more definition."""
        vocabulary = self._vocabulary
        for token in tokens:
            number = vocabulary.setdefault((token.kind, token.text), len(vocabulary) + _FIRST_WORD)
            self._written.append(number)
            self._shape.append(_CODES.get(token.kind, number))
        self._ends.append(len(self._written))

    def __getitem__(self, row: int) -> TokenSequence:
        start, end = self._ends[row], self._ends[row + 1]
        return TokenSequence(self.written[start:end], self.shape[start:end])

    @property
    def written(self) -> Ids:
        return np.frombuffer(self._written, dtype=np.uint32)

    @property
    def shape(self) -> Ids:
        return np.frombuffer(self._shape, dtype=np.uint32)

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """Offsets of the sequences in `written` and `shape`, (sequences + 1,)."""
        return np.frombuffer(self._ends, dtype=np.uint64).astype(np.int64)
