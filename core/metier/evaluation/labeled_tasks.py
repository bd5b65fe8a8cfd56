"""Classification, clustering and flagging measured against labels."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from metier.errors import InputError, UsageError
from metier.evaluation.labeled_data import LabeledTexts
from metier.evaluation.measurement import FOLDS, PRECISION, SEED, Outcome
from metier.evaluation.pipeline import Pipeline, generic
from metier.steps.classifying import ClassificationReport
from metier.steps.cluster_report import ClusterReport
from metier.steps.clustering import cluster_texts
from metier.steps.flag_report import FlagReport

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.runtime.runtime import Runtime


def measure_classification(
    rt: Runtime,
    data: LabeledTexts,
    pipeline: Pipeline,
    *,
    dim: int | None = None,
    folds: int = FOLDS,
    seed: int = SEED,
) -> Outcome:
    """Metrics of texts that were classified.

    What learns from examples, as the generic workflow does, is fitted on the texts of the other
    folds. Equal texts are in one fold, so that none is both learned and held out. Another workflow
    of the domain's own is run on all texts as it is.

    `macro_f1`: the mean over the labels of the harmonic mean of precision and recall, so that rare
    labels count as much as common ones; undecided texts are wrong. `accuracy`: share that is right.

    Raises:
        UsageError: no instruction is given and the domain has none for classification, or its
            workflow needs more than texts, or runs under another instruction.
        InputError: a label has a single text, which cannot be learned and held out.
    """
    import numpy as np
    from sklearn.metrics import accuracy_score, f1_score

    labels = np.array(data.labels)
    config: dict[str, int] = {"texts": len(labels), "labels": len(set(data.labels))}
    if pipeline.learns_from_examples:
        used = min(folds, _fewest(data))
        predicted = _held_out(rt, data, pipeline, dim=dim, folds=used, seed=seed)
        config |= {"folds": used, "seed": seed}
    else:
        _require_own_instruction(rt, pipeline)
        report: ClassificationReport = pipeline.run(rt, data.texts, dim)
        predicted = np.array([item.label or "" for item in report.items])

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
    )


def _require_own_instruction(rt: Runtime, pipeline: Pipeline) -> None:
    """Refuse to measure a workflow under an instruction that it does not read."""
    if pipeline.instruction is None or pipeline.runs_as_it_is(rt):
        return
    raise UsageError(
        f"{pipeline.name} does not run under {pipeline.instruction.full_id!r}.",
        why="It is measured as it is, with the instruction of its own.",
        fix="Leave the instruction out, or name the generic workflow: $workflow.",
        parameters={"workflow": generic("classification")},
    )


def _fewest(data: LabeledTexts) -> int:
    """Different texts of the rarest label; one that has several labels is of its first."""
    different = Counter(dict.fromkeys(data.labels, 0))
    different.update(data.labels[row] for row in _first(data).values())
    rarest, count = min(different.items(), key=lambda pair: (pair[1], pair[0]))
    if count < 2:
        raise InputError(
            f"The label {rarest!r} has {'a single text' if count else 'no text of its own'}.",
            why="It would have to be both learned and held out.",
            fix="Give every label two different texts or more, or leave rare labels out.",
        )
    return count


def _held_out(
    rt: Runtime, data: LabeledTexts, pipeline: Pipeline, *, dim: int | None, folds: int, seed: int
) -> npt.NDArray[np.str_]:
    """(n,) the label of each text by the examples of other folds."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    from metier.heads.learning import learn
    from metier.progress import working
    from metier.steps.learning import head_inputs

    if pipeline.instruction is None:
        raise UsageError(
            f"{pipeline.name} names no instruction.",
            fix="Name one: $instruction",
            parameters={"instruction": ...},
        )
    inputs = head_inputs(
        rt,
        data.texts,
        data.labels,
        instruction=pipeline.instruction,
        dim=dim,
        long_texts=pipeline.long_texts or "pool",
    )
    labels = np.array(data.labels)
    known, targets = np.unique(labels, return_inverse=True)
    predicted = np.empty_like(labels)
    first = _first(data)
    different = np.array(list(first.values()))
    fold = np.empty(len(labels), dtype=int)
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(split.split(different, labels[different])):
        fold[different[held_out]] = number
    fold = fold[[first[text] for text in data.texts.strings]]
    with working(rt.engine.progress, "classifying", folds) as bar:
        for number in range(folds):
            rows, held_out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            learned = learn(inputs.take(rows), targets[rows], len(known), seed=seed)
            probabilities = learned.probabilities(inputs.take(held_out))
            predicted[held_out] = known[probabilities.argmax(axis=1)]
            bar.advance()
    return predicted


def _first(data: LabeledTexts) -> dict[str, int]:
    """The row in which each different text is for the first time."""
    rows: dict[str, int] = {}
    for row, text in enumerate(data.texts.strings):
        rows.setdefault(text, row)
    return rows


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
) -> Outcome:
    """Metrics of the highest score of each text.

    `roc_auc`: chance that a positive text scores above another one; 0.5 for scores at random.
    `pr_auc`: average precision; `base_rate` for scores at random. `recall_at_precision`: the
    largest share of positive texts that a threshold finds at that precision, 0 if there is none.
    `calibration_error`: see the function of that name.

    Args:
        positive: the label of texts that should be flagged; None for the rarer of two.

    Raises:
        InputError: as `positive_label`.
        UsageError: the domain has no workflow that flags.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

    from metier.heads.calibration_curve import calibration_error

    chosen = positive_label(data, positive)
    report: FlagReport = pipeline.run(rt, data.texts, dim)
    scores = np.array([max(risk.score for risk in item.scores) for item in report.items])
    truth = np.array([label == chosen for label in data.labels])
    precisions, recalls, _ = precision_recall_curve(truth, scores)

    def roc_auc(rows: npt.NDArray[np.intp]) -> float:
        is_mixed = len(set(truth[rows])) == 2  # a draw of one kind has nothing to tell apart
        return float(roc_auc_score(truth[rows], scores[rows])) if is_mixed else 0.5

    return Outcome(
        metrics={
            "roc_auc": roc_auc(np.arange(len(truth))),
            "pr_auc": float(average_precision_score(truth, scores)),
            "base_rate": float(truth.mean()),
            "recall_at_precision": float(recalls[precisions >= precision].max(initial=0.0)),
            "calibration_error": calibration_error(truth, scores),
        },
        config={"texts": len(truth), "positive": chosen, "precision": precision},
        cases=[item.id for item in data.texts],
        leading=roc_auc,
    )


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
