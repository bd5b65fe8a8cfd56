"""The result of fitting a head: how good it is on examples that were held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metier.heads.head_report import FOUR_FIFTHS, GroupQuality, HeadReport, metric_title
from metier.heads.model_card import MemberUse, group_remark, unused_note
from metier.heads.resampling import Estimate
from metier.heads.thresholds import HeadThreshold
from metier.results.figure import Figure
from metier.results.result import Result
from metier.results.table import Column, Table
from metier.steps.head_figures import head_figures

if TYPE_CHECKING:
    from metier.heads.head import Head

_LOWER_IS_BETTER = ("log_loss", "brier", "calibration_error")


class HeadResult(Result):
    """A head that was fitted, and how good it is on examples that were held out.

    Attributes:
        noun: what the texts are, for people.
        folder: where the head was saved; empty if it was not.
        examples: number of examples.
        labels: number of examples of each label.
        positive: the label that is flagged; None for none.
        level: share of the texts of each label whose set of labels is to hold it.
        threshold: of flags, with the precision and recall it gives; None without a goal.
        calibration: how probabilities are calibrated: temperature, sigmoid or isotonic.
        members: that were tried, with their share of the result.
        columns: of the examples that it learned from.
        unused_columns: that it was offered, and that do not help.
        report: figures of held-out examples; None where none could be held out.
    """

    noun: str
    folder: str = ""
    examples: int
    labels: dict[str, int]
    positive: str | None
    level: float
    threshold: HeadThreshold | None
    calibration: str
    members: tuple[MemberUse, ...]
    columns: tuple[str, ...]
    unused_columns: tuple[str, ...] = ()
    report: HeadReport | None

    @classmethod
    def of(cls, head: Head, *, noun: str, folder: str = "") -> HeadResult:
        """The result of a head.

        Args:
            head: that was fitted.
            noun: what the texts are, for people.
            folder: where it was saved; empty if it was not.
        """
        return cls(
            noun=noun,
            folder=folder,
            examples=head.card.examples,
            labels=dict(head.card.labels),
            positive=head.positive,
            level=head.level,
            threshold=head.threshold,
            calibration=head.calibration,
            members=head.card.members,
            columns=head.columns,
            unused_columns=head.unused_columns,
            report=head.report,
        )

    def title(self) -> str:
        return f"Head for {self.noun}"

    def headline(self) -> str:
        learned = f"Learned {len(self.labels)} labels from {self.examples} {self.noun}"
        if self.report is None:
            return f"{learned}; none could be held out, so how good it is is not known"
        is_ranked = self.positive is not None and "roc_auc" in self.report.metrics
        name, shown = ("roc_auc", "ROC-AUC") if is_ranked else ("macro_f1", "macro-F1")
        return f"{learned}: {shown} {_shown(self.report.metrics[name])} on held-out ones"

    def tables(self) -> list[Table]:
        report = self.report
        parts = [self._threshold_table()]
        if report is not None:
            parts = [_metrics_table(report), *parts, self._labels_table(report)]
            parts += [_confusion_table(report), _sure_table(report), _groups_table(report)]
        return [table for table in [*parts, self._members_table()] if table is not None]

    def figures(self) -> list[Figure]:
        return [] if self.report is None else head_figures(self.report, self.threshold)

    def notes(self) -> list[str]:
        notes = []
        if self.folder:
            notes.append(f"Saved in {self.folder}, with a model card, README.md.")
        if self.report is not None:
            notes.append(
                f"All figures are of {self.report.texts} examples held out in "
                f"{self.report.folds} folds, with 95 % intervals."
            )
        if len(self.labels) == 2 and len({*self.labels.values()}) == 1:
            notes.append(
                f"Both labels are equally frequent: {self.positive!r} is flagged, unless you name "
                "the other."
            )
        if self.unused_columns:
            notes.append(unused_note(self.unused_columns))
        if self.threshold is not None:
            notes.append("The threshold was chosen on them, so new texts may do a little worse.")
        return [*notes, *super().notes()]

    def rows(self) -> list[dict[str, Any]]:
        if self.report is None:
            return []
        return [
            {"metric": name, "value": metric.value, "low": metric.low, "high": metric.high}
            for name, metric in self.report.metrics.items()
        ]

    def _threshold_table(self) -> Table | None:
        if self.threshold is None:
            return None
        row = (
            str(self.threshold.goal),
            self.threshold.value,
            self.threshold.precision,
            self.threshold.recall,
            f"{self.threshold.flagged} of {self.threshold.texts}",
        )
        names = ("goal", Column("threshold", "number"), Column("precision", "score"))
        columns = (*names, Column("recall", "score"), "flagged")
        return Table(f"Threshold for {self.positive}", columns, [row])

    def _labels_table(self, report: HeadReport) -> Table:
        rows = [
            (quality.label, quality.count, quality.precision, quality.recall, quality.f1,
             quality.coverage, quality.sure, quality.sure_right)
            for quality in report.classes
        ]  # fmt: skip
        names = ("precision", "recall", "f1", "coverage")
        columns = (Column("label", "label"), Column("texts", "count"))
        note = (
            f"Coverage: share whose set of labels holds the right one; {self.level:g} is stated. "
            "Sure: texts for which the label is the only one in the set; right: share of these "
            "that have it. Of a rare label few of these may be right."
        )
        scores = tuple(Column(name, "score") for name in names)
        sure = (Column("sure", "count"), Column("right", "score"))
        return Table("Labels", (*columns, *scores, *sure), rows, note=note)

    def _members_table(self) -> Table:
        rows = [(use.name, use.source, use.share, use.log_loss) for use in self.members]
        columns = ("member", "learns from", Column("share", "score"), Column("log loss", "number"))
        note = f"Tried on held-out examples; probabilities are calibrated by {self.calibration}."
        return Table("What it learned from", columns, rows, note=note)


def _shown(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def _metrics_table(report: HeadReport) -> Table:
    alone = report.frequency_metrics
    rows = [
        (
            metric_title(name),
            metric.value,
            metric.low,
            metric.high,
            alone.get(name),
            "lower" if name in _LOWER_IS_BETTER else "higher",
        )
        for name, metric in report.metrics.items()
    ]
    numbers = tuple(Column(name, "number") for name in ("value", "low", "high", "baseline"))
    note = (
        "Baseline: the figure of one who knows how frequent each label is and reads no text. Where "
        "the interval holds it, nothing was learned that this figure measures."
    )
    return Table("Quality on held-out examples", ("metric", *numbers, "better"), rows, note=note)


def _confusion_table(report: HeadReport) -> Table:
    names = list(report.labels)
    columns = (Column("label"), *(Column(f"as {name}", "number") for name in names))
    rows = [(name, *counts) for name, counts in zip(names, report.confusion, strict=True)]
    head = len(rows) if len(rows) <= 12 else 0
    return Table("Confusion", columns, rows, note="Rows are the true labels.", head=head)


def _sure_table(report: HeadReport) -> Table:
    sets = report.conformal
    row = (sets.level, sets.coverage, sets.sure, sets.not_sure, sets.none_known)
    names = ("stated", "coverage", "sure", "not sure", "none of the known")
    note = "Shares of held-out examples; coverage: their set of labels holds the right one."
    return Table("How sure it is", tuple(Column(name, "score") for name in names), [row], note=note)


def _groups_table(report: HeadReport) -> Table | None:
    if not report.groups:
        return None
    rows = [
        _group_row(group, spared)
        for group, spared in zip(report.groups, report.spared_ratios, strict=True)
    ]
    columns = (
        *(Column("column", "label"), Column("group", "label"), Column("texts", "count")),
        *("flagged", "flagged ratio", "spared ratio", Column("recall", "score")),
        *(Column("precision", "score"), "remark"),
    )
    note = (
        "Flagged ratio: of the share that is flagged to that of the group where it is highest; "
        "spared ratio: the same of the share that is not. The four-fifths rule of thumb for "
        f"adverse impact looks at the better outcome: a ratio of it below {FOUR_FIFTHS:g} needs a "
        "closer look. It is no proof of discrimination, and a higher ratio none of its absence."
    )
    return Table("Groups", columns, rows, note=note, head=len(rows))


def _group_row(group: GroupQuality, spared: float | None) -> tuple[object, ...]:
    return (
        group.column,
        group.group or "(empty)",
        group.count,
        _shown(group.selection_rate),
        "" if group.ratio is None else f"{group.ratio:.2f}",
        "" if spared is None else f"{spared:.2f}",
        group.recall,
        group.precision,
        group_remark(group, spared),
    )
