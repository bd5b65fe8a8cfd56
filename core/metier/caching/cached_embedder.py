"""An embedder with a cache: stored vectors are read, others are computed and stored."""

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
    IncrementalEmbedder,
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


def cache_keys(embedder: Embedder, prompt: Prompt, texts: Sequence[str]) -> list[bytes]:
    """Return a key of 32 bytes for each text; keys are equal only if the full vectors are.

    A key is the SHA-256 hash of the model's fingerprint, the stamp of its weight files, its dtype,
    the rendered prompt, the side where a server is told it, and the text. The stamp covers changes
    of the weights that the fingerprint does not notice.
    """
    shared = hashlib.sha256()
    model = (embedder.fingerprint, embedder.profile.stamp, embedder.dtype)
    for part in (*model, prompt.prefix, *filter(None, [prompt.named_side])):
        raw = part.encode("utf-8", "surrogatepass")
        shared.update(len(raw).to_bytes(8, "big") + raw)
    return [_digest(shared, text) for text in texts]


def _digest(shared: hashlib._Hash, text: str) -> bytes:
    own = shared.copy()
    own.update(text.encode("utf-8"))
    return own.digest()


WINDOW = 512
"""Number of texts embedded between two writes; an interrupt loses at most as many."""

LOOKUP = 4096
"""Number of texts looked up at a time; it bounds the memory of full vectors."""

_AS_LONG = 0.9
"""Share of a limit of tokens that a text has at least which was cut there by an estimate."""


class VectorStore(Protocol):
    """A cache of full vectors: `VectorCache` on disk or `VectorMemory` in memory.

    Attributes:
        persistent: whether the vectors outlive the process.
    """

    persistent: bool

    def find(self, keys: Sequence[bytes], dim: int) -> tuple[list[int], Embeddings]:
        """Return the positions in `keys` of the k keys in the cache, and their (k, dim) vectors."""
        ...

    def put(self, embedder: Embedder, keys: Sequence[bytes], encoded: Embeddings) -> None:
        """Store one vector for each key."""
        ...


class CachedEmbedder:
    """An embedder with a cache of its vectors, itself an `Embedder`.

    Full vectors are computed and stored, and then cut to the `dim` of a call, so that one entry
    serves every `dim`.

    Attributes:
        inner: the embedder that computes.
    """

    @classmethod
    def of(cls, inner: Embedder, cache: VectorStore) -> CachedEmbedder:
        """Return an embedder with a cache, with token states if the inner embedder has them.

        A cache on disk replaces another one on disk.
        """
        if cache.persistent and isinstance(inner, CachedEmbedder) and inner._cache.persistent:
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
    def persistent(self) -> bool:
        """Whether this cache, or one of the inner embedder, outlives the process."""
        behind = self.inner
        return self._cache.persistent or (isinstance(behind, CachedEmbedder) and behind.persistent)

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """As the inner embedder."""
        return self.inner.prompt(task, side)

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """As the inner embedder."""
        return self.inner.count_tokens(texts, prompt=prompt)

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> CachedEmbeddings:
        """Embed texts: read stored vectors, and compute the others, once for equal texts.

        Computed vectors are written every few hundred texts, so that an interrupted run can
        continue where it stopped.

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
        for index, key in enumerate(cache_keys(self, prompt, texts)):
            indexes.setdefault(key, []).append(index)
        answer = _Answer.empty(len(texts), dim)
        missing: list[bytes] = []
        for keys in _windows(list(indexes), LOOKUP):
            rows, stored = self._usable(*self._cache.find(keys, self.profile.dim))
            targets = [indexes[keys[row]] for row in rows]
            answer.fill(targets, stored)
            progress.advance(sum(map(len, targets)))
            known = set(rows)
            missing += [key for row, key in enumerate(keys) if row not in known]
        recalled = len(texts) - sum(len(indexes[key]) for key in missing)
        # longest first: texts of similar length share a batch, and too little memory shows early
        missing.sort(key=lambda key: len(texts[indexes[key][0]]), reverse=True)
        for keys in _windows(missing, WINDOW):
            targets = [indexes[key] for key in keys]
            computed = self._compute(
                texts, [rows[0] for rows in targets], keys, prompt, progress, keep
            )
            if isinstance(computed, CachedEmbeddings):  # from the cache of the inner embedder
                recalled += computed.recalled
            answer.fill(targets, computed)
            progress.advance(sum(map(len, targets)) - len(targets))
        return CachedEmbeddings(
            answer.vectors, answer.tokens, answer.truncated, recalled, self.persistent
        )

    def _usable(self, rows: list[int], stored: Embeddings) -> tuple[list[int], Embeddings]:
        """What was found, without texts that a server cut at another limit than that of now.

        The limit of a server is in no key: a profile names it, and a refusal may.
        """
        if not stored.truncated.any() or not isinstance(uncached(self), IncrementalEmbedder):
            return rows, stored
        limit = self.profile.max_tokens
        is_as_long = (stored.tokens >= limit * _AS_LONG) & (stored.tokens <= limit)
        kept = np.flatnonzero(~stored.truncated | is_as_long)
        return [rows[index] for index in kept], Embeddings(
            stored.vectors[kept], stored.tokens[kept], stored.truncated[kept]
        )

    def _compute(
        self,
        texts: Sequence[str],
        rows: list[int],
        keys: list[bytes],
        prompt: Prompt,
        progress: Progress,
        keep: TokenStateSink | None,
    ) -> Embeddings:
        """Compute the vectors of some texts, and store them under their keys."""
        selected, dim, inner = [texts[row] for row in rows], self.profile.dim, self.inner
        try:
            if isinstance(inner, IncrementalEmbedder):

                def store(done: list[int], part: Embeddings) -> None:
                    self._cache.put(self.inner, [keys[row] for row in done], part)

                return inner.embed_each(
                    selected, prompt=prompt, dim=dim, progress=progress, keep=store
                )
            if keep is not None and isinstance(inner, TokenStateStreamer):
                computed = inner.embed_keeping(
                    selected, prompt=prompt, dim=dim, progress=progress, keep=keep
                )
            else:
                computed = inner.embed(selected, prompt=prompt, dim=dim, progress=progress)
            self._cache.put(self.inner, keys, computed)
            return computed
        except MetierError as error:
            error.move(rows.__getitem__)
            raise


def uncached(embedder: Embedder) -> Embedder:
    """Return the embedder that computes, without the caches around it."""
    while isinstance(embedder, CachedEmbedder):
        embedder = embedder.inner
    return embedder


class _CachedTokenEmbedder(CachedEmbedder):
    """A cached embedder whose inner embedder has token states; these are not cached."""

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
        """As `embed`; `keep` receives the token states of the texts that are computed.

        It receives none if the inner embedder does not provide them.
        """
        return self._embed(texts, prompt, dim, progress, keep)


@dataclass(frozen=True, slots=True)
class _Answer(Embeddings):
    """The result of a call, filled row by row."""

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
