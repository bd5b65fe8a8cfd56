"""How well a head does on texts that it has not learned from, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydantic import BaseModel, ConfigDict

from metier.heads.calibration_curve import CurvePoint, calibration_curve
from metier.heads.column_groups import group_order
from metier.heads.inputs import Floats, Rows
from metier.heads.resampling import (
    Estimate,
    Metric,
    Truth,
    binned_error,
    draw,
    estimate,
    estimates,
    macro,
    macro_f1,
    mean_of,
    mean_where,
    pr_auc,
    roc_auc,
)
from metier.heads.score_curve import ScoreCurve, score_curve

MOST_GROUPS = 100
"""Groups of a column that are compared."""

SMALL = 30
"""Texts of a group below which its figures are uncertain."""

FOUR_FIFTHS = 0.8
"""Ratio of selection rates below which a selection may have an adverse impact: a rule of thumb of
the Uniform Guidelines on Employee Selection Procedures (29 CFR 1607.4 D)."""

MOST_CURVES = 12
"""Labels without a positive one whose curves are kept: a plot of more cannot be read."""

_LEAST = 1e-12


class ClassQuality(BaseModel):
    """Held-out texts of one label.

    Attributes:
        label: its name.
        count: number of its texts that were held out.
        precision: share of the texts that got the label that are of it; None if none got it.
        recall: share of its texts that got it.
        f1: harmonic mean of the two.
        coverage: share of its texts whose conformal set holds it.
        sure: number of texts whose conformal set holds it alone.
        sure_right: share of these that are of it; None if there are none.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    count: int
    precision: float | None
    recall: float
    f1: float
    coverage: float
    sure: int = 0
    sure_right: float | None = None


class ConformalQuality(BaseModel):
    """The conformal sets of held-out texts, each by the scores of other folds.

    Attributes:
        level: that was stated.
        coverage: share of the texts whose set holds their label.
        sure: share of the texts whose set is a single label.
        not_sure: share with two labels or more.
        none_known: share with none.
    """

    model_config = ConfigDict(frozen=True)

    level: float
    coverage: float
    sure: float
    not_sure: float
    none_known: float


class GroupQuality(BaseModel):
    """Held-out texts of one group of a column.

    Attributes:
        column: that the group is of.
        group: its value; None for texts without one.
        count: number of its texts.
        positives: number of its positive texts.
        selection_rate: share of its texts that is flagged.
        ratio: of this rate to that of the group with the highest one, of groups that are not small
            where there are some; None if nothing is flagged.
        recall: share of its positive texts that is flagged; None without any.
        precision: share of its flagged texts that is positive; None without any.
        small: whether it has so few texts that the figures say little.
    """

    model_config = ConfigDict(frozen=True)

    column: str
    group: str | None
    count: int
    positives: int
    selection_rate: Estimate
    ratio: float | None
    recall: float | None
    precision: float | None
    small: bool

    @property
    def below_four_fifths(self) -> bool:
        """Whether the ratio is below four fifths."""
        return self.ratio is not None and self.ratio < FOUR_FIFTHS


class HeadReport(BaseModel):
    """Figures of held-out texts, with 95 % intervals; never of texts as they were learned.

    Members, weights, calibration and conformal sets for a text come from the other folds.

    Attributes:
        texts: number of texts that were held out once.
        folds: parts that they were held out in.
        labels: number of these texts by label, sorted; confusions are in this order.
        positive: the label that is flagged; None if there is none.
        metrics: `accuracy`, `macro_f1`, `log_loss`, `brier`, `calibration_error` and, where there
            are texts to rank, `roc_auc` and `pr_auc`. `brier` is the mean squared distance of a
            score from 0 or 1, summed over the labels where none is positive (Brier 1950). The last
            three are about the positive label or, without one, about the likeliest label and the
            mean over labels. Higher is better but for `log_loss`, `brier` and `calibration_error`.
        calibration_curve: bins of the same scores as `calibration_error`.
        curves: what thresholds give: of the score of the positive label or, without one, of each of
            up to 12 labels.
        confusion: number of texts by true label (rows) and predicted label (columns).
        classes: figures of each label.
        conformal: figures of the conformal sets.
        groups: figures of groups, for a head with a positive label.
    """

    model_config = ConfigDict(frozen=True)

    texts: int
    folds: int
    labels: dict[str, int]
    positive: str | None
    metrics: dict[str, Estimate]
    calibration_curve: tuple[CurvePoint, ...]
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassQuality, ...]
    conformal: ConformalQuality
    groups: tuple[GroupQuality, ...] = ()
    curves: tuple[ScoreCurve, ...] = ()

    @property
    def frequency_metrics(self) -> dict[str, float]:
        """The metrics of one who knows how frequent each label is and reads no text.

        There is none of the calibration error, which such a one does not make.
        """
        shares = np.array([count / self.texts for count in self.labels.values()])
        most, known = float(shares.max()), shares[shares > 0]
        positive = None if self.positive is None else self.labels[self.positive] / self.texts
        figures = {
            "accuracy": most,
            "macro_f1": 2 * most / (1 + most) / len(known),
            "log_loss": float(-(known * np.log(known)).sum()),
            "brier": 1 - float((shares**2).sum())
            if positive is None
            else positive * (1 - positive),
            "roc_auc": 0.5,
            "pr_auc": float(known.mean()) if positive is None else positive,
        }
        return {name: round(figures[name], 4) for name in self.metrics if name in figures}

    @property
    def spared_ratios(self) -> list[float | None]:
        """Of each group the share that is not flagged, to that of the group of its column where it
        is highest, of groups that are not small where there are some; None where all are flagged.
        """
        spared = [1.0 - group.selection_rate.value for group in self.groups]
        pairs = list(zip(self.groups, spared, strict=True))
        large = {group.column for group in self.groups if not group.small}
        highest: dict[str, float] = {}
        for group, share in pairs:
            if not group.small or group.column not in large:
                highest[group.column] = max(share, highest.get(group.column, 0.0))
        return [_rounded(share, highest[group.column]) for group, share in pairs]


def metric_title(name: str) -> str:
    """A metric's name for people."""
    known = {
        "macro_f1": "macro-F1",
        "brier": "Brier score",
        "roc_auc": "ROC-AUC",
        "pr_auc": "PR-AUC",
    }
    return known.get(name, name.replace("_", " "))


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Predictions for held-out rows.

    Attributes:
        classes: the k labels.
        targets: (n,) class of each row.
        probabilities: (n, k).
        folds: (n,) the part that each row was held out with.
        sets: (n, k) whether each class is in the conformal set of a row.
        positive: the label that is flagged.
        flags: (n,) rows that are flagged; None where groups are not compared.
        groups: n values by column.
    """

    classes: Sequence[str]
    targets: Rows
    probabilities: Floats
    folds: Rows
    sets: Truth
    positive: str | None
    flags: Truth | None = None
    groups: Mapping[str, Sequence[str | None]] = field(default_factory=dict)

    @property
    def predicted(self) -> Rows:
        """(n,) the likeliest class of each row."""
        return np.asarray(self.probabilities.argmax(axis=1))

    def scored(self) -> tuple[Truth, Floats]:
        """(n,) whether a row is positive, and its score; without a positive label, whether the
        likeliest class is right, and its probability."""
        if self.positive is None:
            return self.targets == self.predicted, self.probabilities.max(axis=1)
        position = self.classes.index(self.positive)
        return self.targets == position, self.probabilities[:, position]


def make_report(held_out: HeldOut, *, level: float, seed: int) -> HeadReport:
    """Make the report of held-out rows.

    Args:
        held_out: their predictions.
        level: that the conformal sets are of.
        seed: of the draws.
    """
    targets, classes = held_out.targets, held_out.classes
    sets = held_out.sets
    covered = sets[np.arange(len(targets)), targets]
    confusion = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(confusion, (targets, held_out.predicted), 1)
    weights = draw(targets, seed)
    truth, scores = held_out.scored()
    groups = () if held_out.flags is None else held_out.groups.items()
    return HeadReport(
        texts=len(targets),
        folds=len(np.unique(held_out.folds)),
        labels={label: int((targets == number).sum()) for number, label in enumerate(classes)},
        positive=held_out.positive,
        metrics=estimates(_metrics(held_out), weights),
        calibration_curve=tuple(calibration_curve(truth, scores)),
        confusion=tuple(tuple(map(int, row)) for row in confusion),
        classes=_class_qualities(classes, confusion, targets, sets),
        conformal=_conformal_quality(sets, covered, level),
        groups=tuple(
            quality
            for column, values in groups
            for quality in _group_qualities(column, values, truth, held_out.flags, weights)
        ),
        curves=_curves(held_out),
    )


def _curves(held_out: HeldOut) -> tuple[ScoreCurve, ...]:
    if held_out.positive is not None:
        return (score_curve(held_out.positive, *held_out.scored()),)
    if len(held_out.classes) > MOST_CURVES:
        return ()
    return tuple(
        score_curve(label, held_out.targets == number, held_out.probabilities[:, number])
        for number, label in enumerate(held_out.classes)
    )


def _metrics(held_out: HeldOut) -> dict[str, Metric]:
    targets, probabilities = held_out.targets, held_out.probabilities
    losses = -np.log(np.maximum(probabilities[np.arange(len(targets)), targets], _LEAST))
    truth, scores = held_out.scored()
    ranked, distances = [(truth, scores)], (scores - truth) ** 2
    if held_out.positive is None:
        is_class = targets[:, None] == np.arange(len(held_out.classes))
        distances = ((probabilities - is_class) ** 2).sum(axis=1)
        ranked = [(targets == label, probabilities[:, label]) for label in np.unique(targets)]
    return {
        "accuracy": mean_of(held_out.predicted == targets),
        "macro_f1": macro_f1(targets, held_out.predicted, len(held_out.classes)),
        "log_loss": mean_of(losses),
        "brier": mean_of(distances),
        "calibration_error": binned_error(truth, scores),
        "roc_auc": macro([roc_auc(is_label, ranks) for is_label, ranks in ranked]),
        "pr_auc": macro([pr_auc(is_label, ranks) for is_label, ranks in ranked]),
    }


def _class_qualities(
    classes: Sequence[str], confusion: Rows, targets: Rows, sets: Truth
) -> tuple[ClassQuality, ...]:
    qualities = []
    for number, label in enumerate(classes):
        is_label = targets == number
        sure = sets[:, number] & (sets.sum(axis=1) == 1)
        hits, count = confusion[number, number], confusion[number].sum()
        guesses = confusion[:, number].sum()
        qualities.append(
            ClassQuality(
                label=label,
                count=int(count),
                precision=_rounded(hits, guesses),
                recall=_rounded(hits, count) or 0.0,
                f1=_rounded(2 * hits, count + guesses) or 0.0,
                coverage=_rounded((sets[:, number] & is_label).sum(), count) or 0.0,
                sure=int(sure.sum()),
                sure_right=_rounded((sure & is_label).sum(), sure.sum()),
            )
        )
    return tuple(qualities)


def _conformal_quality(sets: Truth, covered: Truth, level: float) -> ConformalQuality:
    sizes = sets.sum(axis=1)
    return ConformalQuality(
        level=level,
        coverage=round(float(covered.mean()), 4),
        sure=round(float((sizes == 1).mean()), 4),
        not_sure=round(float((sizes > 1).mean()), 4),
        none_known=round(float((sizes == 0).mean()), 4),
    )


def _group_qualities(
    column: str, values: Sequence[str | None], truth: Truth, flags: Truth | None, weights: Floats
) -> list[GroupQuality]:
    assert flags is not None  # there are no groups without flags
    names = sorted(set(values), key=group_order)
    groups = {name: np.array([value == name for value in values]) for name in names}
    large = [inside for inside in groups.values() if inside.sum() >= SMALL] or groups.values()
    highest = max(float(flags[inside].mean()) for inside in large)
    return [
        GroupQuality(
            column=column,
            group=name,
            count=int(inside.sum()),
            positives=int(truth[inside].sum()),
            selection_rate=estimate(mean_where(flags, inside), weights),
            ratio=_rounded(flags[inside].mean(), highest),
            recall=_rounded((truth & flags & inside).sum(), (truth & inside).sum()),
            precision=_rounded((truth & flags & inside).sum(), (flags & inside).sum()),
            small=int(inside.sum()) < SMALL,
        )
        for name, inside in groups.items()
    ]


def _rounded(part: float, whole: float) -> float | None:
    return round(float(part) / float(whole), 4) if whole > 0 else None
