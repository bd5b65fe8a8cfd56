"""What a head learns from and predicts from: vectors, texts and columns of the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from metier.errors import ParameterError, UsageError

if TYPE_CHECKING:
    from metier.registry.provenance import Provenance

Floats = npt.NDArray[np.float64]
"""Scores, losses and features."""

Rows = npt.NDArray[np.intp]
"""Positions of rows, or the class of each row."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadInputs:
    """The same n rows as vectors, as texts and as columns; at least one of the three.

    Attributes:
        vectors: (n, dim), such as those of `Runtime.embed_queries`, which say what they were made
            with; None to learn from the rest.
        texts: n texts, for the features of their terms.
        columns: n values by the name of their column: numbers, categories, dates, or None where a
            value is missing.
        label_vectors: (k, dim) vectors of the names of the labels, in sorted order of the labels:
            the names are examples, too. Read by `Head.fit` only.

    Raises:
        ParameterError: there is nothing to learn from, the numbers of rows differ, vectors are no
            finite numbers, or a text is none.
    """

    vectors: npt.NDArray[Any] | None = None
    texts: Sequence[str] | None = None
    columns: Mapping[str, Sequence[object]] | None = None
    label_vectors: npt.NDArray[Any] | None = None

    def __post_init__(self) -> None:
        _require_vectors(self.vectors, "vectors")
        _require_vectors(self.label_vectors, "label_vectors")
        if self.texts is not None:
            _require_texts(self.texts)
        for name, cells in (self.columns or {}).items():
            if isinstance(cells, str) or not hasattr(cells, "__len__"):
                raise ParameterError(
                    f"The column {name!r} is no sequence of values.", parameter="columns"
                )
        sizes = {name: len(rows) for name, rows in self._parts().items()}
        if not sizes:
            raise ParameterError(
                "HeadInputs are empty.", fix="Give vectors, texts or columns.", parameter="vectors"
            )
        if len(set(sizes.values())) > 1:
            counts = ", ".join(f"{name} {count}" for name, count in sizes.items())
            raise ParameterError(f"HeadInputs have different numbers of rows: {counts}.")
        if 0 in sizes.values():
            raise ParameterError("HeadInputs have no rows.", fix="Give at least one row.")

    def __len__(self) -> int:
        return len(next(iter(self._parts().values())))

    @property
    def provenance(self) -> Provenance | None:
        """What the vectors were made with; None where they do not say."""
        return getattr(self.vectors, "provenance", None)

    @property
    def matrix(self) -> npt.NDArray[np.float64]:
        """(n, dim) vectors in float64.

        Raises:
            UsageError: there are none.
        """
        if self.vectors is None:
            raise _missing("vectors")
        return np.asarray(self.vectors, dtype=np.float64)

    @property
    def strings(self) -> list[str]:
        """The n texts.

        Raises:
            UsageError: there are none.
        """
        if self.texts is None:
            raise _missing("texts")
        return list(self.texts)

    def column(self, name: str) -> list[object]:
        """The n values of a column.

        Raises:
            UsageError: there is no such column.
        """
        if self.columns is None or name not in self.columns:
            raise _missing(f"the column {name!r}")
        return list(self.columns[name])

    def take(self, rows: npt.NDArray[np.intp]) -> HeadInputs:
        """Return some of the rows, in this order."""
        return HeadInputs(
            vectors=None if self.vectors is None else np.asarray(self.vectors)[rows],
            texts=None if self.texts is None else [self.texts[row] for row in rows],
            columns=None
            if self.columns is None
            else {name: [cells[row] for row in rows] for name, cells in self.columns.items()},
            label_vectors=self.label_vectors,
        )

    def keys(self) -> list[object]:
        """Something that is equal where two rows are: their texts, else their vectors or values."""
        if self.texts is not None:
            return list(self.texts)
        if self.vectors is not None:
            return [row.tobytes() for row in np.ascontiguousarray(self.vectors)]
        assert self.columns is not None  # one of the three is there
        return [repr(cells) for cells in zip(*self.columns.values(), strict=True)]

    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] = {"vectors": self.vectors, "texts": self.texts}
        parts |= {f"column {name!r}": cells for name, cells in (self.columns or {}).items()}
        return {name: rows for name, rows in parts.items() if rows is not None}


def _require_vectors(vectors: npt.NDArray[Any] | None, parameter: str) -> None:
    if vectors is None:
        return
    array = np.asarray(vectors)
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise ParameterError(
            f"{parameter} is no array of (texts, dim) numbers.", parameter=parameter
        )
    if not np.isfinite(array).all():
        rows = np.flatnonzero(~np.isfinite(array).all(axis=1))
        raise ParameterError(
            f"{parameter} has NaN or infinity in {len(rows)} rows, the first of them {rows[0]}.",
            fix="Embed these texts again, or leave them out.",
            parameter=parameter,
        )


def _require_texts(texts: Sequence[str]) -> None:
    if isinstance(texts, str):
        raise ParameterError("texts is a single text.", fix="Give a list.", parameter="texts")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ParameterError(
                f"Row {row} of texts is no text but of type {type(text).__name__}.",
                parameter="texts",
            )


def _missing(what: str) -> UsageError:
    return UsageError(
        f"The head has learned from {what}, which these inputs do not have.",
        fix="Give the head what it was fitted with.",
        code="head-mismatch",
    )
