"""How many tokens a server reads of a text: by its tokenizer, else by an estimate."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from metier.models.model_lookup import find_tokenizer

if TYPE_CHECKING:
    from metier.models.tokens import TextTokenizer


class TokenMeter(Protocol):
    """Counts and cuts texts.

    Attributes:
        is_exact: whether counts are those of the server.
    """

    @property
    def is_exact(self) -> bool: ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included."""

    def cut(self, text: str, limit: int, keep: int = 0) -> str:
        """The longest beginning of a text of at most `limit` tokens, special tokens included.

        Args:
            text: a prompt and the text after it.
            limit: at least 2.
            keep: characters at the beginning, the prompt, that stay.
        """

    def was_low_before(self) -> bool:
        """Note that a server counts more tokens of a text; whether it did of another text before.

        A single text may be unusual. Only the second one says that counts are too low.
        """

    def count_more(self) -> bool:
        """Count a quarter more from now on, as a server does; False where it is not estimated."""


_SHORTEST = 8
"""Tokens below which a text that a server refuses as too long is not cut any further."""


def fewer_tokens(count: int) -> int | None:
    """Tokens to cut a text to that has `count` and is refused; None if it has only a few."""
    fewer = count * 4 // 5
    return fewer if fewer >= _SHORTEST else None


class TokenizerCounter:
    """Counts with the tokenizer of a model that is on this machine."""

    is_exact = True

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self._tokenizer = tokenizer
        # A decoder's tokenizer may add the closing token or leave it to the server: see
        # `models/qwen3/checkpoint_checks.py`. Counting one too many is safe.
        (self._special,) = tokenizer.count_with_template([""])
        self._closing = 0 if self._special else 1

    def count(self, texts: Sequence[str]) -> list[int]:
        return [count + self._closing for count in self._tokenizer.count_with_template(texts)]

    def cut(self, text: str, limit: int, keep: int = 0) -> str:
        read = self._tokenizer.encode_with_template([text], limit=limit - self._closing, spans=True)
        ends = read.spans[0][:, 1]
        return text[: max(keep, int(ends.max(initial=0)))] if read.truncated[0] else text

    def was_low_before(self) -> bool:
        return False

    def count_more(self) -> bool:
        return False


_PIECE = re.compile(
    r"[A-Z]?[a-z]{1,18}|[A-Z]{1,18}|\d|[^\W\d_A-Za-z]{1,8}|[^\w\s]|_|\n{1,16}|[^\S\n]{2,16}|\S"
)
"""Words, also in camelCase, single digits, other scripts, marks, breaks and runs of spaces.

Each has a bounded length, so that a text without spaces can be cut, too.
"""

_MOST = 8.0
"""Times the first estimate that a server may count; one for every letter is less."""


class EstimatedCounter:
    """Counts without a tokenizer: rather too many than too few for English, code and Chinese.

    A word counts one token for every six letters begun, in capitals for every three, other scripts
    one for every two bytes, each digit and mark one, and 16 spaces or breaks one. Where a server
    counts more of several texts, all counts are raised.
    """

    is_exact = False

    def __init__(self) -> None:
        self._factor = 1.0
        self._was_low = False

    def count(self, texts: Sequence[str]) -> list[int]:
        counts = (2 + sum(map(_tokens, _PIECE.findall(text))) for text in texts)
        return [math.ceil(count * self._factor) for count in counts]

    def was_low_before(self) -> bool:
        before, self._was_low = self._was_low, True
        return before

    def count_more(self) -> bool:
        if self._factor >= _MOST:
            return False
        self._factor *= 1.25
        return True

    def cut(self, text: str, limit: int, keep: int = 0) -> str:
        limit = int(limit / self._factor)
        total, end = 2, 0
        for match in _PIECE.finditer(text):
            total += _tokens(match[0])
            if total > limit and match.start() >= keep:
                return text[: max(keep, end)]
            end = match.end()
        return text


def _tokens(piece: str) -> int:
    if piece.isascii():
        per_token = 3 if piece.isupper() else 6
        return -(-len(piece) // per_token) if piece[0].isalpha() else 1
    return -(-len(piece.encode("utf-8", "surrogatepass")) // 2)


def token_counter(name: str | None) -> TokenMeter:
    """The counter with the tokenizer of a model, by its folder or hub id; None estimates.

    Raises:
        ModelNotFoundError, CheckpointError: the tokenizer cannot be had or read.
    """
    if name is None:
        return EstimatedCounter()
    from metier.models.tokens import TextTokenizer

    return TokenizerCounter(TextTokenizer.load(find_tokenizer(name)))
