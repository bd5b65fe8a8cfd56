"""What an embedder is: text in, unit vectors out, nothing lost in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from metier.models.profile import ModelProfile
from metier.models.prompt import Prompt, Side
from metier.progress import Progress


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors of one call, with what had to be cut to make them.

    Attributes:
        vectors: (n, dim) float32, unit rows, in the order of the texts.
        tokens: (n,) int32, tokens the model read for each text, prompt and special tokens included.
        truncated: (n,) bool, whether the text was cut at the model's `max_tokens`.
    """

    vectors: npt.NDArray[np.float32]
    tokens: npt.NDArray[np.int32]
    truncated: npt.NDArray[np.bool_]


class Embedder(Protocol):
    """A model that turns texts into vectors.

    Attributes:
        profile: facts about the checkpoint.
        fingerprint: hash of weights, config, tokenizer, pooling and template. Vectors are
            comparable only if their fingerprints are equal; dtype is not part of it and is
            recorded beside it.
        device: where it runs, in torch's words (`cpu`, `cuda:0`).
        dtype: what it computes in, in torch's words (`float32`, `bfloat16`).
    """

    @property
    def profile(self) -> ModelProfile: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def dtype(self) -> str: ...

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """The prompt this model puts round an input.

        `task` is the instruction for this side, or None for the model's own default prompt.
        A model that is not instruction-aware returns the same prompt whatever the task.
        """

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> Encoded:
        """Embed texts under one prompt. `dim` is at most `profile.dim`: slice, then normalise."""

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, special tokens included, before any cut."""


@dataclass(frozen=True, slots=True)
class States:
    """A text as a model sees it, token by token.

    The prompt, special tokens and those the vocabulary lacks are left out.

    Attributes:
        spans: (tokens, 2) int32, first character of each in the text and the one after its last.
        vectors: (tokens, dim) float16 unit rows: the states of the last layer.
    """

    spans: npt.NDArray[np.int32]
    vectors: npt.NDArray[np.float16]

    @property
    def bytes(self) -> int:
        """Memory they take."""
        return self.spans.nbytes + self.vectors.nbytes


@runtime_checkable
class TokenStates(Protocol):
    """What an embedder may have besides: vectors of the tokens of a text, each in its context.

    They are worth comparing where `profile.pooling` is `mean`: then the vector a model was trained
    to give is made of them.
    """

    def token_states(
        self, texts: Sequence[str], *, prompt: Prompt, progress: Progress
    ) -> list[States]:
        """The states of each text under one prompt; a text too long is cut as `embed` cuts it."""


Keep = Callable[[str, States], bool]
"""Is told a text and its states, and says whether it wants those of more texts."""


@runtime_checkable
class KeepsStates(Protocol):
    """What an embedder with token states may have besides: both from one reading of a text."""

    def embed_keeping(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress, keep: Keep
    ) -> Encoded:
        """As `Embedder.embed`; `keep` is told the states of texts in no order, equal ones once."""
