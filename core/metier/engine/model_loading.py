"""The models of an Engine, loaded once, by whichever thread needs them first."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from metier.datafiles.remote import Remote
from metier.folders import expand_home
from metier.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from metier.caching.vector_cache import VectorCache
    from metier.models.embedder import Embedder
    from metier.models.family import LoadOptions, ModelFamily
    from metier.models.reranker import Reranker


class Models:
    """An embedder and perhaps a reranker.

    Args:
        model: name or folder of the embedder, a `Remote`, or an `Embedder`; None for
            `DEFAULT_MODEL`.
        reranker: the same for the reranker; None for none.
        device: the device to load them on; None for `auto`.
        dtype: the number format to load them in; None for `auto`.
        cache: True, a folder or a `VectorCache` to keep vectors on disk; None or False for none.
        before_send: what texts pass through before they leave the machine: texts and destination
            to as many texts. None for nothing.
        guard_stamp: a hash that changes with what that does; asked for at the first load.
        families: the model families that may load them, asked for at the first load.

    Attributes:
        embedder_name: name of the embedder; None where an `Embedder` was given.
        reranker_name: the same for the reranker; None where there is none, too.
    """

    def __init__(
        self,
        model: str | Path | Remote | Embedder | None = None,
        reranker: str | Path | Remote | Reranker | None = None,
        *,
        device: str | None = None,
        dtype: str | None = None,
        cache: VectorCache | str | Path | bool | None = None,
        families: Callable[[], Sequence[ModelFamily]] = tuple,
        before_send: Callable[[Sequence[str], str], Sequence[str]] | None = None,
        guard_stamp: Callable[[], str] = str,
    ) -> None:
        self._model: str | Remote | Embedder = (
            _name_of(model) if isinstance(model, Path) else model or DEFAULT_MODEL
        )
        self._reranker: str | Remote | Reranker | None = (
            _name_of(reranker) if isinstance(reranker, Path) else reranker
        )
        self.embedder_name = self._model if isinstance(self._model, str) else None
        self.reranker_name = self._reranker if isinstance(self._reranker, str) else None
        self._device = device or "auto"
        self._dtype = dtype or "auto"
        self._cache = False if cache is None else cache
        self._families = families
        self._before_send = before_send
        self._guard_stamp = guard_stamp
        self._embedder: Embedder | None = None
        self._memorizing: Embedder | None = None
        self._lock = threading.RLock()

    @property
    def options(self) -> LoadOptions:
        """Device and number format, as model families take them."""
        from metier.models.family import LoadOptions  # here: it brings numpy with it

        return LoadOptions(self._device, self._dtype, self._before_send, self._guard_stamp())

    @property
    def embedder(self) -> Embedder:
        """The embedder, with the cache around it if there is one."""
        if self._embedder is None:
            with self._lock:
                if self._embedder is None:
                    self._embedder = self._cached(self._loaded_embedder())
        return self._embedder

    @property
    def memorizing(self) -> Embedder:
        """The embedder with a cache of some megabytes in memory around it."""
        with self._lock:
            if self._memorizing is None:
                from metier.caching.cached_embedder import CachedEmbedder
                from metier.caching.vector_memory import VectorMemory

                self._memorizing = CachedEmbedder.of(self.embedder, VectorMemory())
            return self._memorizing

    @property
    def reranker(self) -> Reranker | None:
        """The reranker; None where there is none."""
        with self._lock:
            if isinstance(self._reranker, str | Remote):
                from metier.models.loading import load_reranker

                self._reranker = load_reranker(self._reranker, self.options, self._families())
            return self._reranker

    def with_cache(self, cache: VectorCache) -> Models:
        """The same models, the embedder with this cache around it and no other on disk."""
        from metier.caching.cached_embedder import CachedEmbedder

        clone = copy.copy(self)
        clone._embedder = CachedEmbedder.of(self.embedder, cache)
        clone._memorizing = None
        clone._lock = threading.RLock()
        return clone

    def facts(self) -> dict[str, object]:
        """Id, device and number format of the models as far as they are known; loads nothing."""
        embedder = self._model if self._embedder is None else self._embedder
        reranker = self._reranker
        facts: dict[str, object]
        if isinstance(embedder, str | Remote):
            name = embedder if isinstance(embedder, str) else embedder.label
            facts = {"model": name, "device": self._device, "dtype": self._dtype}
            facts["loaded"] = False
        else:
            facts = {"model": embedder.profile.id, "family": embedder.profile.family}
            facts |= {"device": embedder.device, "dtype": embedder.dtype}
        if isinstance(reranker, str | Remote):
            facts["reranker"] = reranker if isinstance(reranker, str) else reranker.rerank_label
        elif reranker is not None:
            facts["reranker"] = reranker.profile.id
        return facts

    def _loaded_embedder(self) -> Embedder:
        if not isinstance(self._model, str | Remote):
            return self._model
        from metier.models.loading import load_embedder

        return load_embedder(self._model, self.options, self._families())

    def _cached(self, embedder: Embedder) -> Embedder:
        if self._cache is False:
            return embedder
        from metier.caching.cached_embedder import CachedEmbedder
        from metier.caching.vector_cache import VectorCache

        cache = self._cache
        if isinstance(cache, bool):
            cache = VectorCache()
        elif isinstance(cache, str | Path):
            cache = VectorCache(cache)
        return CachedEmbedder.of(embedder, cache)


def _name_of(folder: Path) -> str:
    """A path written so that it is never taken for the id of a hub model: `./models/mine`."""
    path = expand_home(folder)
    return str(path) if path.is_absolute() else f"./{path.as_posix()}"
