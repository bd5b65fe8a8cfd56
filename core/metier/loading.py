"""Models of a Runtime: what was asked for, loaded once, by whichever thread needs it first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from metier.settings import DEFAULT_MODEL, configured

if TYPE_CHECKING:
    from metier.models.embedder import Embedder
    from metier.models.family import LoadOptions, ModelFamily
    from metier.models.reranker import Reranker


class Models:
    """The embedder and perhaps the reranker; None stands for the configured one."""

    def __init__(
        self,
        model: str | Path | Embedder | None,
        reranker: str | Path | Reranker | None,
        device: str | None,
        dtype: str | None,
        families: Callable[[], Sequence[ModelFamily]],
    ) -> None:
        self._model = model if model is not None else configured("model") or DEFAULT_MODEL
        self._reranker = reranker if reranker is not None else configured("reranker")
        self._device = device or configured("device") or "auto"
        self._dtype = dtype or configured("dtype") or "auto"
        self._families = families
        self._lock = threading.RLock()

    @property
    def embedder(self) -> Embedder:
        with self._lock:
            if isinstance(self._model, str | Path):
                from metier.models.families import load_embedder

                self._model = load_embedder(_spec(self._model), self._options(), self._families())
            return self._model

    @property
    def reranker(self) -> Reranker | None:
        with self._lock:
            if isinstance(self._reranker, str | Path):
                from metier.models.families import load_reranker

                self._reranker = load_reranker(
                    _spec(self._reranker), self._options(), self._families()
                )
            return self._reranker

    def _options(self) -> LoadOptions:
        from metier.models.family import LoadOptions  # here: it brings numpy with it

        return LoadOptions(self._device, self._dtype)


def _spec(model: str | Path) -> str:
    """A path written so that it is never taken for the id of a hub model: `./models/mine`."""
    if isinstance(model, str):
        return model
    path = model.expanduser()
    return str(path) if path.is_absolute() else f"./{path.as_posix()}"
