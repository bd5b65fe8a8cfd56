"""The interface of an embedder: its profile, its prompts and its vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from metier.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MRL_MIN_DIM = 32
"""Shortest Matryoshka dimension the Qwen3-Embedding model card allows."""


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """Facts about one loaded checkpoint.

    Attributes:
        id: what the user asked for: `embedded`, a hub id, a folder or an address.
        family: name of the model family that runs it (`qwen3`, `encoder`, ...).
        revision: hub commit, or a short hash of the weights for a local folder; for a model without
            a folder what its family says.
        dim: dimensions of a full vector; for a reranker 1.
        mrl: whether prefixes of a vector are trained to stand alone (Matryoshka).
        min_dim: shortest prefix that is trained to stand alone; `dim` where `mrl` is false.
        max_tokens: longest input in tokens, special tokens included.
        instruction_aware: whether the model was trained to follow task instructions.
        pooling: `last`, `mean` or `cls`; empty for a reranker.
        languages: ISO 639-1 codes, empty where the checkpoint does not say.
        stamp: changes whenever the weight files are written, also where the fingerprint does not
            notice the change; empty for a model without files. Part of the keys of the vector
            cache.
    """

    id: str
    family: str
    revision: str
    dim: int
    mrl: bool
    min_dim: int
    max_tokens: int
    instruction_aware: bool
    pooling: str = ""
    languages: tuple[str, ...] = ()
    stamp: str = ""


Side = Literal["query", "document"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Text that a model family puts before every input of one call.

    Attributes:
        side: which side of a comparison the input is on.
        prefix: text before the input, exactly as the model sees it.
        task: the instruction inside `prefix`; None where the model gets none.
        named_side: side that a server is told beside the input, as a parameter; empty for none.
    """

    side: Side
    prefix: str = ""
    task: str | None = None
    named_side: str = ""

    def render(self, text: str) -> str:
        """The input as the model reads it, special tokens aside."""
        return self.prefix + text

    @property
    def digest(self) -> str:
        """Hash of everything that changes the vector of a text: part of every cache key."""
        shown = self.prefix + (f"\0{self.named_side}" if self.named_side else "")
        return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Vectors of one call, with the token counts and which texts were cut.

    Attributes:
        vectors: (n, dim) float32, unit rows, in the order of the texts.
        tokens: (n,) int32, tokens the model read of each text, prompt and special tokens included.
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
            comparable only if their fingerprints are equal. The dtype is not part of it and is
            recorded beside it. A model without files hashes what tells it from all others, such as
            its address, name and version.
        device: where it runs, by torch's names (`cpu`, `cuda:0`).
        dtype: number format it computes in, by torch's names (`float32`, `bfloat16`).
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
        """The prompt this model puts before an input.

        `task` is the instruction for this side, or None for the model's own default prompt.
        A model that is not instruction-aware returns the same prompt whatever the task.
        """

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> Embeddings:
        """Embed texts under one prompt. `dim` is at most `profile.dim`: slice, then normalize."""

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, special tokens included, before any cut."""


@dataclass(frozen=True, slots=True)
class TokenStates:
    """The tokens of a text, each with its vector.

    Tokens of the prompt, special tokens and tokens the vocabulary lacks are left out.

    Attributes:
        spans: (tokens, 2) int32, start and end of each token as characters of the text.
        vectors: (tokens, dim) float16 unit rows: the states of the last layer.
    """

    spans: npt.NDArray[np.int32]
    vectors: npt.NDArray[np.float16]

    @property
    def bytes(self) -> int:
        """Memory of both arrays."""
        return self.spans.nbytes + self.vectors.nbytes


@runtime_checkable
class TokenStateEmbedder(Protocol):
    """An embedder that also gives the vectors of the tokens of a text, each in its context.

    They are worth comparing where `profile.pooling` is `mean`: the vector that the model was
    trained to give is then the mean of them.
    """

    def token_states(
        self, texts: Sequence[str], *, prompt: Prompt, progress: Progress
    ) -> list[TokenStates]:
        """The token states of each text under one prompt; long texts are cut as by `embed`."""


TokenStateSink = Callable[[str, TokenStates], bool]
"""(text, its states) -> whether to go on with the states of more texts."""


@runtime_checkable
class TokenStateStreamer(Protocol):
    """An embedder that gives vectors and token states from one forward pass."""

    def embed_keeping(
        self,
        texts: Sequence[str],
        *,
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: TokenStateSink,
    ) -> Embeddings:
        """As `Embedder.embed`; `keep` gets the states of each distinct text, in any order."""


EmbeddingSink = Callable[[list[int], Embeddings], None]
"""(positions of texts in the call, their embeddings): receives a part of a call."""


@runtime_checkable
class IncrementalEmbedder(Protocol):
    """An embedder that gives vectors in parts as they are ready, so that an error loses none."""

    def embed_each(
        self,
        texts: Sequence[str],
        *,
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: EmbeddingSink,
    ) -> Embeddings:
        """As `Embedder.embed`; `keep` gets each part once, in any order, in the calling thread."""


@dataclass(frozen=True, slots=True)
class CachedEmbeddings(Embeddings):
    """Vectors of which some were read from a cache.

    Attributes:
        recalled: how many texts had a vector in the cache.
        cached: whether a cache was asked that outlives the program.
    """

    recalled: int
    cached: bool
