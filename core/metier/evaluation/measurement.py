"""Results of an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from metier.evaluation.tasks import Task
from metier.heads.head_report import HeadReport

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a pipeline did on data, with all that a comparison needs.

    Attributes:
        metrics: by name.
        config: what decided the metrics, as far as only the task knows it.
        cases: ids of the queries or texts that were judged.
        leading: rows of cases, perhaps repeated -> their leading metric, for a bootstrap.
        seconds: mean time of a search; None for tasks whose settings all take the same.
        report: figures with intervals, of what was learned from examples; None of anything else.
    """

    metrics: Mapping[str, float | int]
    config: Mapping[str, Any]
    cases: Sequence[str]
    leading: Callable[[npt.NDArray[np.intp]], float]
    seconds: float | None = None
    report: HeadReport | None = None


class Measurement(BaseModel):
    """What was measured on one folder of labeled data.

    Attributes:
        task: name of the folder.
        kind: what was measured.
        metrics: by name; each says in its own page what it means. Higher is better but for
            `noise_share`, `calibration_error` and `brier`.
        config: everything that decided the figures: domain, workflow, instructions with their
            content hashes, model with its fingerprint, vector size, and how large the data is.
        seconds: from the first text to the last metric, models loaded before.
        report: of what learns from examples: figures of held-out texts with 95 % intervals, of
            each label too, calibration and conformal sets; None of anything else.
    """

    model_config = ConfigDict(frozen=True)

    task: str
    kind: Task
    metrics: dict[str, int | float]
    config: dict[str, Any]
    seconds: float
    report: HeadReport | None = None
