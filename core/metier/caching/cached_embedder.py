"""An embedder with a cache: known vectors are read, the rest is computed and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from metier.errors import MetierError
from metier.models.embedder import (
    CachedEmbeddings,
    Embedder,
    Embeddings,
    ModelProfile,
    Prompt,
    Side,
    TokenStateEmbedder,
    TokenStates,
    TokenStateSink,
    TokenStateStreamer,
)
from metier.models.vectors import check_dim, slice_and_normalize
from metier.progress import Progress
from metier.texts.checks import require_unicode


def keys_of(embedder: Embedder, prompt: Prompt, texts: Sequence[str]) -> list[bytes]:
    """A key of 32 bytes for each text, equal only where the full vector would be.

    It covers the fingerprint, the stamp of the weight files, the dtype that is computed in, the
    rendered prompt and the text. The stamp stands for weights changed where no fingerprint looks.
    """
    shared = hashlib.sha256()
    model = (embedder.fingerprint, embedder.profile.stamp, embedder.dtype)
    for part in (*model, prompt.prefix):
        raw = part.encode("utf-8", "surrogatepass")
        shared.update(len(raw).to_bytes(8, "big") + raw)
    return [_extended(shared, text) for text in texts]


def _extended(shared: hashlib._Hash, text: str) -> bytes:
    own = shared.copy()
    own.update(text.encode("utf-8"))
    return own.digest()


WINDOW = 512
"""Texts embedded between two writes: what an interrupt can cost."""

LOOKUP = 4096
"""Texts looked up at once; bounds the memory of full vectors beside the result."""


class VectorStore(Protocol):
    """Where full vectors are kept: `VectorCache` on disk, `VectorMemory` in memory.

    Attributes:
        lasting: whether what it keeps outlives the program.
    """

    lasting: bool

    def find(self, keys: Sequence[bytes], dim: int) -> tuple[list[int], Embeddings]:
        """The places in `keys` of what is kept, and the vectors: (k, dim)."""
        ...

    def put(self, embedder: Embedder, keys: Sequence[bytes], encoded: Embeddings) -> None:
        """Keep vectors, one for each key."""
        ...


class CachedEmbedder:
    """An embedder and a cache of its vectors. To those who call it, the embedder.

    Vectors are kept at full size and sliced to the size a call asks for, so one entry serves every
    size. With a cache the embedder always computes full vectors.

    Attributes:
        inner: the embedder that computes.
    """

    @classmethod
    def of(cls, inner: Embedder, cache: VectorStore) -> CachedEmbedder:
        """An embedder with a cache, and with the token states of the inner one if it has any.

        A cache on disk takes the place of another one on disk.
        """
        if cache.lasting and isinstance(inner, CachedEmbedder) and inner._cache.lasting:
            inner = inner.inner
        if isinstance(inner, TokenStateEmbedder):
            return _CachedTokenEmbedder(inner, inner, cache)
        return cls(inner, cache)

    def __init__(self, inner: Embedder, cache: VectorStore) -> None:
        self.inner = inner
        self._cache = cache

    @property
    def profile(self) -> ModelProfile:
        return self.inner.profile

    @property
    def fingerprint(self) -> str:
        return self.inner.fingerprint

    @property
    def device(self) -> str:
        return self.inner.device

    @property
    def dtype(self) -> str:
        return self.inner.dtype

    @property
    def lasting(self) -> bool:
        """Whether vectors are looked for that outlive the program, here or behind this one."""
        behind = self.inner
        return self._cache.lasting or (isinstance(behind, CachedEmbedder) and behind.lasting)

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """As the inner embedder."""
        return self.inner.prompt(task, side)

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """As the inner embedder."""
        return self.inner.count_tokens(texts, prompt=prompt)

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> CachedEmbeddings:
        """Embed the texts that no vector is kept of, each once, and read the rest.

        What is computed is written every few hundred texts, so a run that is interrupted goes on
        where it stopped.

        Raises:
            As the inner embedder.
        """
        return self._embed(texts, prompt, dim, progress, None)

    def _embed(
        self,
        texts: Sequence[str],
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: TokenStateSink | None,
    ) -> CachedEmbeddings:
        check_dim(dim, self.profile.dim)
        require_unicode(texts)
        indexes: dict[bytes, list[int]] = {}  # of the texts that share a key
        for index, key in enumerate(keys_of(self, prompt, texts)):
            indexes.setdefault(key, []).append(index)
        answer = _Answer.empty(len(texts), dim)
        missing: list[bytes] = []
        for keys in _windows(list(indexes), LOOKUP):
            rows, stored = self._cache.find(keys, self.profile.dim)
            targets = [indexes[keys[row]] for row in rows]
            answer.fill(targets, stored)
            progress.advance(sum(map(len, targets)))
            known = set(rows)
            missing += [key for row, key in enumerate(keys) if row not in known]
        recalled = len(texts) - sum(len(indexes[key]) for key in missing)
        # the longest first: texts of one length share a batch, and too little memory shows early
        missing.sort(key=lambda key: len(texts[indexes[key][0]]), reverse=True)
        for keys in _windows(missing, WINDOW):
            targets = [indexes[key] for key in keys]
            computed = self._compute(texts, [rows[0] for rows in targets], prompt, progress, keep)
            self._cache.put(self.inner, keys, computed)
            if isinstance(computed, CachedEmbeddings):  # a cache behind this one
                recalled += computed.recalled
            answer.fill(targets, computed)
            progress.advance(sum(map(len, targets)) - len(targets))
        return CachedEmbeddings(
            answer.vectors, answer.tokens, answer.truncated, recalled, self.lasting
        )

    def _compute(
        self,
        texts: Sequence[str],
        rows: list[int],
        prompt: Prompt,
        progress: Progress,
        keep: TokenStateSink | None,
    ) -> Embeddings:
        chosen, dim, inner = [texts[row] for row in rows], self.profile.dim, self.inner
        try:
            if keep is not None and isinstance(inner, TokenStateStreamer):
                return inner.embed_keeping(
                    chosen, prompt=prompt, dim=dim, progress=progress, keep=keep
                )
            return inner.embed(chosen, prompt=prompt, dim=dim, progress=progress)
        except MetierError as error:
            error.move(rows.__getitem__)
            raise


def uncached(embedder: Embedder) -> Embedder:
    """The embedder that computes, without the caches around it."""
    while isinstance(embedder, CachedEmbedder):
        embedder = embedder.inner
    return embedder


class _CachedTokenEmbedder(CachedEmbedder):
    """A cached embedder whose inner one has token states, which no cache keeps."""

    def __init__(self, inner: Embedder, tokens: TokenStateEmbedder, cache: VectorStore) -> None:
        super().__init__(inner, cache)
        self._tokens = tokens

    def token_states(
        self, texts: Sequence[str], *, prompt: Prompt, progress: Progress
    ) -> list[TokenStates]:
        """As the inner embedder."""
        return self._tokens.token_states(texts, prompt=prompt, progress=progress)

    def embed_keeping(
        self,
        texts: Sequence[str],
        *,
        prompt: Prompt,
        dim: int,
        progress: Progress,
        keep: TokenStateSink,
    ) -> CachedEmbeddings:
        """As `embed`; `keep` receives the states of texts that are computed, as far as the inner
        embedder gives them."""
        return self._embed(texts, prompt, dim, progress, keep)


@dataclass(frozen=True, slots=True)
class _Answer(Embeddings):
    """Rows of a call, filled as they come."""

    @classmethod
    def empty(cls, count: int, dim: int) -> _Answer:
        return cls(
            np.empty((count, dim), dtype=np.float32),
            np.empty(count, dtype=np.int32),
            np.empty(count, dtype=np.bool_),
        )

    def fill(self, targets: list[list[int]], full: Embeddings) -> None:
        """Copy row i of `full`, at this call's size, to each of the rows `targets[i]`."""
        sources = [source for source, rows in enumerate(targets) for _ in rows]
        copies = [row for rows in targets for row in rows]
        self.vectors[copies] = slice_and_normalize(full.vectors, self.vectors.shape[1])[sources]
        self.tokens[copies] = full.tokens[sources]
        self.truncated[copies] = full.truncated[sources]


def _windows(keys: list[bytes], size: int) -> list[list[bytes]]:
    return [keys[start : start + size] for start in range(0, len(keys), size)]
