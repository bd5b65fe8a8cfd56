"""Models of a Runtime: what was asked for, loaded once, by whichever thread needs it first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from metier.errors import ParameterError
from metier.folders import expanded
from metier.settings import DEFAULT_MODEL, check_dtype, configured, device_parts

if TYPE_CHECKING:
    from metier.caching.vector_cache import VectorCache
    from metier.models.embedder import Embedder
    from metier.models.family import LoadOptions, ModelFamily
    from metier.models.reranker import Reranker


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What models a Runtime was asked for, the configured ones included.

    Attributes:
        embedder: name of the embedder; None where an `Embedder` was given.
        reranker: name of the reranker; None where a `Reranker` was given, or none is wanted.
        device: as it was given, `auto` included.
        dtype: as it was given, `auto` included.
    """

    embedder: str | None
    reranker: str | None
    device: str
    dtype: str

    @property
    def options(self) -> LoadOptions:
        """Device and dtype as a model family takes them."""
        from metier.models.family import LoadOptions  # here: it brings numpy with it

        return LoadOptions(self.device, self.dtype)


class Models:
    """The embedder and perhaps the reranker; None stands for the configured one."""

    def __init__(
        self,
        model: str | Path | Embedder | None,
        reranker: str | Path | Reranker | None,
        device: str | None,
        dtype: str | None,
        cache: VectorCache | str | Path | bool | None,
        families: Callable[[], Sequence[ModelFamily]],
    ) -> None:
        self._model = model if model is not None else configured("model") or DEFAULT_MODEL
        self._reranker = reranker if reranker is not None else configured("reranker")
        self.asked = ModelRequest(
            _spec(self._model) if isinstance(self._model, str | Path) else None,
            _spec(self._reranker) if isinstance(self._reranker, str | Path) else None,
            device or configured("device") or "auto",
            dtype or configured("dtype") or "auto",
        )
        device_parts(self.asked.device, source="device" if device else "METIER_DEVICE")
        check_dtype(self.asked.dtype)
        self._cache = _configured_cache() if cache is None else cache
        self._families = families
        self._embedder: Embedder | None = None
        self._memorizing: Embedder | None = None
        self._lock = threading.RLock()

    @property
    def embedder(self) -> Embedder:
        with self._lock:
            if self._embedder is None:
                self._embedder = self._remembering(self._loaded_embedder())
            return self._embedder

    @property
    def memorizing(self) -> Embedder:
        """The embedder with a cache in memory of some megabytes."""
        with self._lock:
            if self._memorizing is None:
                from metier.caching.cached_embedder import CachedEmbedder
                from metier.caching.vector_memory import VectorMemory

                self._memorizing = CachedEmbedder.of(self.embedder, VectorMemory())
            return self._memorizing

    @property
    def reranker(self) -> Reranker | None:
        with self._lock:
            if isinstance(self._reranker, str | Path):
                from metier.models.loading import load_reranker

                self._reranker = load_reranker(
                    _spec(self._reranker), self.asked.options, self._families()
                )
            return self._reranker

    def facts(self) -> dict[str, object]:
        """What can be said of the models now, as they are or as they were asked for; none is
        loaded for it."""
        embedder = self._model if self._embedder is None else self._embedder
        reranker = self._reranker
        facts: dict[str, object]
        if isinstance(embedder, str | Path):
            facts = {"model": self.asked.embedder, "device": self.asked.device}
            facts |= {"dtype": self.asked.dtype, "loaded": False}
        else:
            facts = {"model": embedder.profile.id, "family": embedder.profile.family}
            facts |= {"device": embedder.device, "dtype": embedder.dtype}
        if isinstance(reranker, str | Path):
            facts["reranker"] = self.asked.reranker
        elif reranker is not None:
            facts["reranker"] = reranker.profile.id
        return facts

    def _loaded_embedder(self) -> Embedder:
        if not isinstance(self._model, str | Path):
            return self._model
        from metier.models.loading import load_embedder

        return load_embedder(_spec(self._model), self.asked.options, self._families())

    def _remembering(self, embedder: Embedder) -> Embedder:
        """The embedder with the cache that is wanted round it."""
        if self._cache is False:
            return embedder
        from metier.caching.cached_embedder import CachedEmbedder
        from metier.caching.vector_cache import VectorCache

        if isinstance(embedder, CachedEmbedder):  # of another Runtime
            embedder = embedder.inner
        cache = self._cache
        if isinstance(cache, bool):
            cache = VectorCache()
        elif isinstance(cache, str | Path):
            cache = VectorCache(cache)
        return CachedEmbedder.of(embedder, cache)


def _configured_cache() -> bool:
    value = configured("cache")
    if value not in (None, "0", "1"):
        raise ParameterError(f"METIER_CACHE={value!r} is neither 0 nor 1.")
    return value == "1"


def _spec(model: str | Path) -> str:
    """A path written so that it is never taken for the id of a hub model: `./models/mine`."""
    if isinstance(model, str):
        return model
    path = expanded(model)
    return str(path) if path.is_absolute() else f"./{path.as_posix()}"
