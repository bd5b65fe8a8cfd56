"""A prompt: the rendered text round an input. Only model families render one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Side = Literal["query", "document"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Text a model family puts round every input of one call.

    Attributes:
        side: which side of a comparison the input is on.
        prefix: text before the input, exactly as the model sees it.
        task: the instruction inside `prefix`; None where the model gets none.
    """

    side: Side
    prefix: str = ""
    task: str | None = None

    def render(self, text: str) -> str:
        """The input as the model reads it, special tokens aside."""
        return self.prefix + text

    @property
    def digest(self) -> str:
        """Hash of everything that changes the vector of a text: part of every cache key."""
        return hashlib.sha256(self.prefix.encode("utf-8", "surrogatepass")).hexdigest()[:16]
