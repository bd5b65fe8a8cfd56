"""The vectors of texts as features, as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from metier.errors import UsageError
from metier.heads.features import Arrays
from metier.heads.inputs import Floats, HeadInputs


@dataclass(frozen=True, slots=True)
class VectorFeatures:
    """The dimensions of a vector.

    Attributes:
        size: their number.
    """

    size: int

    @classmethod
    def fit(cls, inputs: HeadInputs) -> Self:
        return cls(inputs.matrix.shape[1])

    def transform(self, inputs: HeadInputs) -> Floats:
        vectors = inputs.matrix
        if vectors.shape[1] != self.size:
            raise UsageError(
                f"The head has learned from vectors of {self.size} dimensions; these have "
                f"{vectors.shape[1]}.",
                fix="Embed the texts with the model and the vector size of the head.",
                code="head-mismatch",
            )
        return vectors

    def arrays(self) -> Arrays:
        return {}

    def settings(self) -> dict[str, Any]:
        return {"size": self.size}

    @classmethod
    def restore(cls, arrays: Arrays, settings: dict[str, Any]) -> Self:
        return cls(int(settings["size"]))
