"""Flagging, measured against texts that are known to be at risk."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from metier.errors import InputError
from metier.evaluation.defaults import PRECISION
from metier.evaluation.folder import Labelled
from metier.evaluation.measured import Outcome
from metier.evaluation.pipeline import Pipeline
from metier.workflows.flagging import FlagReport

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.runtime import Runtime

_BINS = 10


def measure_flagging(
    rt: Runtime,
    data: Labelled,
    pipeline: Pipeline,
    *,
    positive: str | None = None,
    precision: float = PRECISION,
    dim: int | None = None,
) -> Outcome:
    """Metrics of the highest score of each text.

    `roc_auc`: chance that a positive text scores above another one; 0.5 for scores at random.
    `pr_auc`: average precision; `base_rate` for scores at random. `recall_at_precision`: the
    largest share of positive texts that a threshold finds while its flags are right as often as
    asked, 0 where no threshold is. `calibration_error`: mean distance between score and share of
    positive texts in ten bins of equal width, weighted by how many texts they hold (Naeini, Cooper
    and Hauskrecht 2015); scores of a taxonomy order texts and are no probabilities, and this says
    how far from it they are.

    Args:
        positive: the label of texts that should be flagged; None for the rarer of two.

    Raises:
        InputError: there is no such label, or none is given and there are more than two, or as
            many texts of one as of the other.
        UsageError: the domain has no workflow that flags.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

    chosen = positive_label(data, positive)
    report: FlagReport = pipeline.run(rt, data.texts, dim)
    scores = np.array([max(one.score for one in item.scores) for item in report.items])
    truth = np.array([label == chosen for label in data.labels])
    precisions, recalls, _ = precision_recall_curve(truth, scores)

    def roc_auc(places: npt.NDArray[np.intp]) -> float:
        if len(set(truth[places])) < 2:
            return 0.5  # a draw of one kind has nothing to tell apart
        return float(roc_auc_score(truth[places], scores[places]))

    return Outcome(
        metrics={
            "roc_auc": roc_auc(np.arange(len(truth))),
            "pr_auc": float(average_precision_score(truth, scores)),
            "base_rate": float(truth.mean()),
            "recall_at_precision": float(recalls[precisions >= precision].max(initial=0.0)),
            "calibration_error": _calibration_error(truth, scores),
        },
        config={"texts": len(truth), "positive": chosen, "precision": precision},
        cases=[item.id for item in data.texts],
        leading=roc_auc,
    )


def positive_label(data: Labelled, positive: str | None) -> str:
    """The label of texts that should be flagged: what is asked for, else the rarer of two.

    Raises:
        InputError: there is no such label, or none is given and there are more than two, or as
            many texts of one as of the other.
    """
    counts = Counter(data.labels)
    if positive is not None:
        if positive in counts:
            return positive
        raise InputError(
            f"No text has the label {positive!r}.", why=f"There are: {', '.join(sorted(counts))}."
        )
    if len(counts) > 2:
        raise InputError(
            f"The texts have {len(counts)} labels: which of them should be flagged?",
            why=f"There are: {', '.join(sorted(counts))}.",
            fix="Name it with --positive.",
        )
    one, other = counts
    if counts[one] == counts[other]:
        raise InputError(
            f"There are as many texts with the label {one!r} as with {other!r}: which should be "
            "flagged?",
            why="Without an answer the rarer one is.",
            fix="Name it with --positive.",
        )
    return min(counts, key=lambda label: counts[label])


def _calibration_error(truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> float:
    import numpy as np

    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for one in np.unique(bins):
        inside = bins == one
        error += inside.mean() * abs(scores[inside].mean() - truth[inside].mean())
    return float(error)
