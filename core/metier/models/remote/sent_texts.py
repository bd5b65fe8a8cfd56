"""The texts of a call as they are sent to a server: under their prompt, counted and cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from metier.errors import ErrorPosition, UsageError
from metier.models.embedder import Prompt
from metier.models.remote.embedding_requests import EmbeddingRequest
from metier.models.remote.token_counter import TokenMeter, fewer_tokens

_LEAST = 8
"""Tokens of a text that are read at least beside a prompt that the server writes."""


class SentTexts:
    """Texts with their tokens, which are cut to what the server reads.

    Args:
        texts: as the user wrote them.
        prompt: that they are read under.
        counter: of the tokens of the server.
        request: what the requests have in common: all but their texts.
        with_prompt: whether the prompt is sent in each text; else the server writes it.

    Attributes:
        texts: as they are sent.
        tokens: that the server reads of each, prompt included.
        cut: whether the end of each is missing.
        request: as above.
    """

    def __init__(
        self,
        texts: Sequence[str],
        prompt: Prompt,
        counter: TokenMeter,
        request: EmbeddingRequest,
        *,
        with_prompt: bool = True,
    ) -> None:
        self.request = request
        rendered = [prompt.render(text) for text in texts]
        self.tokens = counter.count(rendered)
        self.texts = rendered if with_prompt else list(texts)
        self.cut = [False] * len(rendered)
        self._is_usual: dict[int, bool] = {}  # of texts with more tokens than are counted
        self._kept = len(prompt.prefix) if with_prompt else 0
        bare, prompted = (0, 0) if with_prompt else counter.count(["", prompt.render("")])
        self._added = prompted - bare  # tokens of a prompt that the server writes
        self._counter = counter

    def fit(self, rows: Iterable[int], limit: int | None) -> bool:
        """Cut those of the rows that have more tokens than `limit`; whether there were any.

        Raises:
            UsageError: the prompt alone has as many tokens.
        """
        long = [row for row in rows if limit is not None and self.tokens[row] > limit]
        for row in long:
            if not self._shorten(row, limit or 0):
                raise UsageError(
                    f"The model server reads {limit} tokens, which the instruction alone has.",
                    why="Nothing of $position would be left after it.",
                    position=ErrorPosition(index=row),
                    fix="Shorten the instruction, or set max_tokens of the profile if the server "
                    "reads more.",
                    code="instruction-too-long",
                )
        return bool(long)

    def shorten(self, row: int, limit: int | None, *, is_named: bool) -> bool:
        """Cut a text that a server refuses as too long although it seems to fit.

        Args:
            row: of the text.
            limit: tokens of the longest text that the server reads, as far as is known.
            is_named: whether the refusal names this limit. Then the estimate of tokens is too low,
                and from the second such text on it is higher.

        Returns:
            Whether the text is shorter now; it is not once it has only a few tokens.
        """
        if row not in self._is_usual:
            self._is_usual[row] = is_named and self._counter.was_low_before()
        while is_named and self._is_usual[row] and self._counter.count_more():
            for index, count in enumerate(self.tokens):
                self.tokens[index] = -(-count * 5 // 4)
            if self.fit([row], limit):
                return True
        fewer = fewer_tokens(min(self.tokens[row], limit or self.tokens[row]))
        return fewer is not None and self._shorten(row, fewer)

    def _shorten(self, row: int, limit: int) -> bool:
        """Cut a text; False if nothing of it would be left after the prompt."""
        if limit - self._added < _LEAST:
            return False
        text = self._counter.cut(self.texts[row], limit - self._added, self._kept)
        if len(text) <= self._kept:
            return False
        self.texts[row] = text
        self.cut[row] = True
        (count,) = self._counter.count([text])
        self.tokens[row] = min(limit, count + self._added)
        return True
