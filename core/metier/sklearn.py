"""Estimators for pipelines and searches of scikit-learn: texts to vectors, vectors to labels.

from sklearn.pipeline import make_pipeline
from metier.sklearn import ExampleClassifier, TextEmbedder

classifier = make_pipeline(TextEmbedder("embedded"), ExampleClassifier())
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from metier.engine.long_texts import LongTextMode, require_mode
from metier.errors import ParameterError
from metier.heads.example_classifier import ExampleClassifier
from metier.runtime.config import RuntimeConfig
from metier.runtime.runtime import Runtime
from metier.texts.texts import Texts, strings_of

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from metier.models.embedder import Embedder
    from metier.registry.instruction import Instruction

__all__ = ["ExampleClassifier", "TextEmbedder"]


class TextEmbedder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Embeds texts. It learns nothing: `fit` loads the model and sees how long its vectors are.

    Clones that ask for the same model share it, so that a search over parameters loads it once. A
    pickle holds the settings and no weights; where it is read, the model is loaded when it is
    needed.

    Args:
        model: `embedded`, a Hugging Face id, a local folder, a model server, or an
            `Embedder`, which cannot be pickled. None takes METIER_MODEL, else
            Qwen/Qwen3-Embedding-0.6B.
        instruction: id or `Instruction`; None for the model's default prompt.
        dim: vector size; None for the instruction's default.
        side: `query` for texts that are compared with their like, as in classification;
            `document` for texts that are searched.
        device: as for `Runtime`.
        dtype: as for `Runtime`.
        cache: as for `Runtime`; with True no text is embedded twice, fold after fold.
        packs: as for `Runtime`.
        long_texts: `pool` reads texts longer than the model reads in parts, of whose vectors it
            takes the mean, weighted by tokens; `cut` reads their beginning, with a warning.

    Attributes:
        n_features_out_: numbers of a vector, once it is fitted; those of the parameters as they
            are, also where they were set after `fit`.
    """

    def __init__(
        self,
        model: str | Path | Embedder | None = None,
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        side: Literal["query", "document"] = "query",
        device: str | None = None,
        dtype: str | None = None,
        cache: str | Path | bool | None = None,
        packs: Sequence[str | Path] = (),
        long_texts: LongTextMode = "pool",
    ) -> None:
        self.model = model
        self.instruction = instruction
        self.dim = dim
        self.side = side
        self.device = device
        self.dtype = dtype
        self.cache = cache
        self.packs = packs
        self.long_texts = long_texts

    def fit(self, X: Any, y: object = None) -> Self:
        """Load the model.

        Args:
            X: strings, in a list, an array or a column; or `Texts`.
            y: ignored.

        Raises:
            ParameterError: `X` is no row of strings, or `side` or `long_texts` is neither of the
                two.
            DimError: `dim` is more than the model has.
            UsageError: there is no such instruction or pack.
            ModelError: the model cannot be loaded.
        """
        _strings(X)
        if self.side not in ("query", "document"):
            raise ParameterError(
                f"side={self.side!r} is neither 'query' nor 'document'.", parameter="side"
            )
        require_mode(self.long_texts)
        self._fitted = (self.get_params(deep=False), self._size())
        return self

    def transform(self, X: Any) -> npt.NDArray[np.float32]:
        """(n, dim) unit rows for n strings.

        Raises:
            InputError: a text is empty or not valid Unicode.
        """
        check_is_fitted(self)
        rt = self._runtime()
        embed = rt.embed_documents if self.side == "document" else rt.embed_queries
        vectors = embed(
            _strings(X), instruction=self.instruction, dim=self.dim, long_texts=self.long_texts
        )
        return np.asarray(vectors)

    @property
    def n_features_out_(self) -> int:
        check_is_fitted(self)
        params, size = self._fitted
        return size if params == self.get_params(deep=False) else self._size()

    @property
    def _n_features_out(self) -> int:
        """What the mixin that names features asks for."""
        return self.n_features_out_

    def _size(self) -> int:
        rt = self._runtime()
        return rt.instructions.plan(self.instruction, self.dim, rt.embedder.profile).dim

    def __sklearn_is_fitted__(self) -> bool:
        return "_fitted" in vars(self)

    def _runtime(self) -> Runtime:
        config = RuntimeConfig(
            self.model, device=self.device, dtype=self.dtype, cache=self.cache, packs=self.packs
        )
        return self._models().runtime(config)

    def _models(self) -> _Models:
        if "_loaded" not in vars(self):
            self._loaded = _Models()
        return self._loaded

    def __sklearn_clone__(self) -> Self:
        """A clone with the same parameters that shares the models and is not fitted.

        What `set_output` and metadata routing have set stays, as with other estimators.
        """
        clone = type(self)(**self.get_params(deep=False))
        for name in ("_sklearn_output_config", "_metadata_request"):
            if name in vars(self):
                setattr(clone, name, copy.deepcopy(vars(self)[name]))
        clone._loaded = self._models()
        return clone

    def __getstate__(self) -> dict[str, Any]:
        if not isinstance(self.model, str | Path | None):
            raise ParameterError(
                "A TextEmbedder whose model was given as an object cannot be pickled.",
                why="A pickle holds settings and no weights.",
                fix="Give the model's name or folder.",
            )
        state = dict(super().__getstate__())
        state.pop("_loaded", None)
        return state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


class _Models:
    """Runtimes by their configuration, each made once whichever thread needs it first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runtimes: dict[RuntimeConfig, Runtime] = {}

    def runtime(self, config: RuntimeConfig) -> Runtime:
        with self._lock:
            if config not in self._runtimes:
                self._runtimes[config] = Runtime.from_config(config)
            return self._runtimes[config]


def _strings(texts: Any) -> list[str] | Texts:
    if isinstance(texts, Texts):
        return texts
    if isinstance(texts, str):
        raise ParameterError("X is one string.", fix="Put it in a list: [text].", parameter="X")
    if getattr(texts, "ndim", 1) != 1:
        raise ParameterError(
            f"X has {texts.ndim} dimensions, and texts have one.",
            fix="Give one column: X['text'], or a ColumnTransformer with its name as a string.",
            parameter="X",
        )
    return strings_of(texts, "X")
