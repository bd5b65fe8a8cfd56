"""Classification, clustering and flagging measured against labels."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from metier.errors import InputError, UsageError
from metier.evaluation.held_out import LearningOptions, predict_held_out
from metier.evaluation.labeled_data import LabeledTexts
from metier.evaluation.measurement import Outcome
from metier.evaluation.pipeline import FIT, Pipeline, generic
from metier.evaluation.tasks import PRECISION
from metier.steps.classifying import ClassificationReport
from metier.steps.cluster_report import ClusterReport
from metier.steps.clustering import cluster_texts
from metier.steps.flag_report import FlagReport

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.heads.head_report import HeadReport, HeldOut
    from metier.heads.inputs import Floats
    from metier.heads.resampling import Truth
    from metier.runtime.runtime import Runtime


def measure_classification(
    rt: Runtime,
    data: LabeledTexts,
    pipeline: Pipeline,
    *,
    dim: int | None = None,
    learning: LearningOptions | None = None,
) -> Outcome:
    """Metrics of texts that were classified.

    What learns from examples, as the generic workflow does, is fitted on the texts of the other
    folds. Equal texts are in one fold, so that none is both learned and held out. Another workflow
    of the domain's own is run on all texts as it is, and told the labels where it takes `labels`.

    `macro_f1`: the mean over the labels of the harmonic mean of precision and recall, so that rare
    labels count as much as common ones; undecided texts are wrong. `accuracy`: share that is right.

    Raises:
        UsageError: no instruction is given and the domain has none for classification, or its
            workflow needs more than texts, or runs under another instruction.
        InputError: a label has a single text, which cannot be learned and held out.
    """
    import numpy as np
    from sklearn.metrics import accuracy_score, f1_score

    labels, report = np.array(data.labels), None
    config: dict[str, Any] = {"texts": len(labels), "labels": len(set(data.labels))}
    if pipeline.learns_from_examples:
        held_out, report = _held_out(rt, data, pipeline, learning, dim=dim)
        predicted = np.array(held_out.classes)[held_out.predicted]
        config |= _learning_config(report, learning)
    else:
        _require_own_instruction(rt, pipeline)
        result: ClassificationReport = pipeline.run(rt, data.texts, dim, sorted(set(data.labels)))
        predicted = np.array([item.label or "" for item in result.items])

    def macro_f1(rows: npt.NDArray[np.intp]) -> float:
        present = np.unique(labels[rows])
        return float(f1_score(labels[rows], predicted[rows], labels=present, average="macro"))

    return Outcome(
        metrics={
            "macro_f1": macro_f1(np.arange(len(labels))),
            "accuracy": float(accuracy_score(labels, predicted)),
        },
        config=config,
        cases=[item.id for item in data.texts],
        leading=macro_f1,
        report=report,
    )


def _held_out(
    rt: Runtime,
    data: LabeledTexts,
    pipeline: Pipeline,
    learning: LearningOptions | None,
    *,
    dim: int | None,
    positive: str | None = None,
) -> tuple[HeldOut, HeadReport]:
    """Predictions for texts whose labels were held out, and the report of them."""
    from metier.heads.head_report import make_report

    if pipeline.fits_head:
        _require_own_instruction(rt, pipeline)
    options = learning or LearningOptions()
    held_out = predict_held_out(rt, data, pipeline, options, positive=positive, dim=dim)
    return held_out, make_report(held_out, level=options.level, seed=options.seed)


def _learning_config(report: HeadReport, learning: LearningOptions | None) -> dict[str, Any]:
    options = learning or LearningOptions()
    columns = {"columns": list(options.columns)} if options.columns else {}
    return {"folds": report.folds, "seed": options.seed, "level": options.level, **columns}


def _require_own_instruction(rt: Runtime, pipeline: Pipeline) -> None:
    """Refuse to measure a workflow under an instruction that it does not read."""
    if pipeline.instruction is None or pipeline.takes("instruction") or pipeline.runs_as_it_is(rt):
        return
    raise UsageError(
        f"{pipeline.name} does not run under {pipeline.instruction.full_id!r}.",
        why="It is measured as it is, with the instruction of its own.",
        fix="Leave the instruction out, or name the generic workflow: $workflow.",
        parameters={"workflow": FIT if pipeline.fits_head else generic("classification")},
    )


def measure_clustering(
    rt: Runtime, data: LabeledTexts, pipeline: Pipeline, *, dim: int | None = None
) -> Outcome:
    """Metrics of a clustering.

    `v_measure`: the harmonic mean of homogeneity and completeness (Rosenberg and Hirschberg 2007).
    `ari`: the Rand index adjusted for chance (Hubert and Arabie 1985), 0 for a clustering at
    random. For both, texts that fit no cluster are a group of their own, so leaving hard texts out
    is no way to a better figure. `noise_share`: of these texts. `clusters`: how many there are.
    """
    import numpy as np
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    report = _report(rt, data, pipeline, dim)
    labels = np.array(data.labels)
    clusters = np.array([member.label for member in report.members])
    return Outcome(
        metrics={
            "v_measure": float(v_measure_score(labels, clusters)),
            "ari": float(adjusted_rand_score(labels, clusters)),
            "noise_share": len(report.outliers) / len(report.members),
            "clusters": len(report.clusters),
        },
        config={"texts": len(labels), "labels": len(set(data.labels))},
        cases=[item.id for item in data.texts],
        leading=lambda rows: float(v_measure_score(labels[rows], clusters[rows])),
    )


def _report(rt: Runtime, data: LabeledTexts, pipeline: Pipeline, dim: int | None) -> ClusterReport:
    """The domain's workflow where it runs under this instruction, else the step it stands on."""
    if pipeline.runs_as_it_is(rt):
        report: ClusterReport = pipeline.run(rt, data.texts, dim)
        return report
    assert pipeline.instruction is not None  # without a workflow there is one
    long_texts = pipeline.long_texts or "pool"
    return cluster_texts(
        rt, data.texts, instruction=pipeline.instruction, dim=dim, long_texts=long_texts
    )


def measure_flagging(
    rt: Runtime,
    data: LabeledTexts,
    pipeline: Pipeline,
    *,
    positive: str | None = None,
    precision: float = PRECISION,
    dim: int | None = None,
    learning: LearningOptions | None = None,
) -> Outcome:
    """Metrics of the score of each text: the highest of a flag run, or the one that was learned.

    What learns from examples is fitted on the texts of the other folds, as for a classification.

    `roc_auc`: chance that a positive text scores above another one; 0.5 for scores at random.
    `pr_auc`: average precision; `base_rate` for scores at random. `recall_at_precision`: the
    largest share of positive texts that a threshold finds at that precision, 0 if there is none.
    `calibration_error`: see the function of that name. `brier`, of learned scores: the mean squared
    distance of scores from 0 and 1.

    Args:
        positive: the label of texts that should be flagged; None for the rarer of two.

    Raises:
        InputError: as `positive_label`, or as `measure_classification`.
        UsageError: the domain has no workflow that flags.
    """
    import numpy as np

    chosen = positive_label(data, positive)
    truth = np.array([label == chosen for label in data.labels])
    config: dict[str, Any] = {"texts": len(truth), "positive": chosen, "precision": precision}
    report, brier = None, {}
    if pipeline.learns_from_examples:
        held_out, report = _held_out(rt, data, pipeline, learning, dim=dim, positive=chosen)
        _, scores = held_out.scored()
        brier = {"brier": float(np.mean((scores - truth) ** 2))}
        config |= _learning_config(report, learning)
    else:
        flags: FlagReport = pipeline.run(rt, data.texts, dim)
        scores = np.array([max(risk.score for risk in item.scores) for item in flags.items])
    return Outcome(
        metrics=_score_metrics(truth, scores, precision) | brier,
        config=config,
        cases=[item.id for item in data.texts],
        leading=lambda rows: _roc_auc(truth[rows], scores[rows]),
        report=report,
    )


def _score_metrics(truth: Truth, scores: Floats, precision: float) -> dict[str, float]:
    from sklearn.metrics import average_precision_score, precision_recall_curve

    from metier.heads.calibration_curve import calibration_error

    precisions, recalls, _ = precision_recall_curve(truth, scores)
    return {
        "roc_auc": _roc_auc(truth, scores),
        "pr_auc": float(average_precision_score(truth, scores)),
        "base_rate": float(truth.mean()),
        "recall_at_precision": float(recalls[precisions >= precision].max(initial=0.0)),
        "calibration_error": calibration_error(truth, scores),
    }


def _roc_auc(truth: Truth, scores: Floats) -> float:
    from sklearn.metrics import roc_auc_score

    is_mixed = truth.any() and not truth.all()  # a draw of one kind has nothing to tell apart
    return float(roc_auc_score(truth, scores)) if is_mixed else 0.5


def positive_label(data: LabeledTexts, positive: str | None) -> str:
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
            fix="Name it with $positive",
            parameters={"positive": ...},
        )
    first, second = counts
    if counts[first] == counts[second]:
        raise InputError(
            f"There are as many texts with the label {first!r} as with {second!r}: which should be "
            "flagged?",
            why="Without an answer the rarer one is.",
            fix="Name it with $positive",
            parameters={"positive": ...},
        )
    return min(counts, key=lambda label: counts[label])
