"""`Head`: learns labels from examples, and predicts them with calibrated probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import numpy.typing as npt

from metier.errors import InputError, ParameterError, UnknownNameError
from metier.heads.classes import classes_of
from metier.heads.conformal import Conformal, held_out_sets
from metier.heads.head_options import HeadOptions
from metier.heads.head_prediction import HeadPrediction
from metier.heads.head_report import MOST_GROUPS, HeadReport, HeldOut, make_report
from metier.heads.inputs import Floats, HeadInputs, Rows
from metier.heads.model_card import HeadCard, make_card
from metier.heads.thresholds import HeadThreshold, ThresholdGoal, choose_threshold
from metier.registry.provenance import Provenance, require_same

if TYPE_CHECKING:
    from metier.heads.calibration import Calibrator
    from metier.heads.learning import FittedMembers, LearningResult
    from metier.heads.novelty import Novelty
    from metier.heads.stacking import Pool
    from metier.registry.instruction import Instruction


@dataclass(frozen=True, slots=True, eq=False)
class FittedHead:
    """What a head computes with.

    Attributes:
        members: that were chosen.
        pool: their weights.
        calibrator: from the log probabilities of the pool to probabilities.
        conformal: what sets are made of.
        novelty: what rows of no label are told by.
    """

    members: FittedMembers
    pool: Pool
    calibrator: Calibrator
    conformal: Conformal
    novelty: Novelty

    def probabilities(self, inputs: HeadInputs) -> Floats:
        """Return the (n, k) probabilities of n rows."""
        logs = self.pool.log_probabilities(self.members.scores(inputs))
        return self.calibrator.probabilities(logs)


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Learned from labeled examples; `fit` makes one, `save` keeps it, `load` reads it.

    Attributes:
        classes: the k labels, sorted.
        level: coverage of the sets.
        unknown: largest share of the texts of known labels that is taken for none of them.
        positive: the label that is flagged; None for none.
        threshold: of flags; None where no goal was stated.
        card: what it learned from, with its evidence and its report.
        provenance: model, dim and instruction of its vectors; None where they did not say.
        instruction: that its texts are embedded under; None for none.
        long_texts: how texts longer than the model reads are read.
    """

    classes: tuple[str, ...]
    level: float
    unknown: float
    positive: str | None
    threshold: HeadThreshold | None
    card: HeadCard
    _fitted: FittedHead
    provenance: Provenance | None = None
    instruction: Instruction | None = None
    long_texts: Literal["pool", "cut"] = "pool"

    @classmethod
    def fit(
        cls,
        inputs: HeadInputs,
        labels: Sequence[str],
        options: HeadOptions | None = None,
        *,
        groups: Mapping[str, Sequence[str | None]] | None = None,
        instruction: Instruction | None = None,
        long_texts: Literal["pool", "cut"] = "pool",
    ) -> Self:
        """Learn labels from examples.

        What it learns from (vectors, terms, columns) and how is chosen by the log loss on examples
        that were held out in turn, and so is the calibration. Equal examples are held out together.

        Args:
            inputs: n examples.
            labels: the label of each.
            options: the label that is flagged, the goal of its threshold and more.
            groups: n values by column, whose groups the report compares.
            instruction: that the vectors were made under, to embed new texts under.
            long_texts: how texts longer than the model reads were read.

        Raises:
            InputError: fewer than two labels, nothing to learn from, or no threshold has the goal.
            ParameterError: the numbers of rows differ, or a goal names no label that is flagged.
            UnknownNameError: no example has the positive label.
        """
        stated = options or HeadOptions()
        _require_rows(inputs, labels, groups or {})
        classes, targets = classes_of(labels)
        _require_names(inputs, classes)
        positive = _positive(classes, targets, stated)
        learned = _learn(inputs, targets, len(classes), stated)
        threshold = _threshold(classes, learned, positive, stated.goal)
        report = _report(classes, learned, positive, threshold, stated, groups or {})
        return cls(
            classes=classes,
            level=stated.level,
            unknown=stated.unknown,
            positive=positive,
            threshold=threshold,
            card=make_card(inputs, labels, stated, learned, report),
            _fitted=_fitted(inputs, targets, learned),
            provenance=inputs.provenance,
            instruction=instruction,
            long_texts=long_texts,
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that its inputs need to have."""
        return self.card.columns if "columns" in self._fitted.members.features else ()

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """Names of the columns that it was offered and does not use."""
        return () if self.columns else self.card.columns

    @property
    def calibration(self) -> str:
        """How its probabilities are calibrated: temperature, sigmoid or isotonic."""
        return self._fitted.calibrator.method

    @property
    def keeps_examples(self) -> bool:
        """Whether what single examples were turned into is part of it, as of kernel methods."""
        return any(scorer.kind == "kernel" for _, scorer in self._fitted.members.scorers.values())

    @property
    def sources(self) -> tuple[str, ...]:
        """What it learned from, of vectors, terms and columns."""
        chosen = [use.source for use in self.card.members if use.share > 0]
        return tuple(dict.fromkeys(chosen))

    @property
    def report(self) -> HeadReport | None:
        """How it does on held-out examples; None where none could be held out."""
        return self.card.report

    def predict(self, inputs: HeadInputs) -> HeadPrediction:
        """Predict the labels of n rows.

        Raises:
            UsageError: the inputs lack what the head learned from, or their vectors were made with
                another model, dim or instruction.
        """
        self.require_provenance(inputs.provenance)
        probabilities = self._fitted.probabilities(inputs)
        scores = flags = None
        if self.positive is not None:
            position = self.classes.index(self.positive)
            scores = probabilities[:, position]
            flags = _flags(probabilities, position, self.threshold)
        return HeadPrediction(
            classes=self.classes,
            probabilities=probabilities,
            unread=self._fitted.members.unread(inputs),
            p_values=self._fitted.conformal.p_values(probabilities),
            sets=self._fitted.conformal.sets(probabilities, self.level),
            unknown=self._fitted.novelty.p_values(inputs) <= self.unknown,
            scores=scores,
            flags=flags,
        )

    def require_provenance(self, provenance: Provenance | None) -> None:
        """Refuse vectors of another model, dim or instruction; those that do not say are accepted.

        Raises:
            UsageError: they differ; the message lists the differences.
        """
        require_same(self.provenance, provenance, noun="head", remedy="fit it again")

    def save(self, folder: str | Path) -> Path:
        """Write it into a folder, completely or not at all: `head.safetensors` with the numbers,
        `head.json` and `README.md`, the model card.

        The files hold terms of the texts, and no text. Where a kernel method was chosen, they hold
        vectors of single texts (`keeps_examples`), from which one may guess what they say.

        Returns:
            The folder.

        Raises:
            UsageError: the folder has other files than those of a head, or cannot be written.
        """
        from metier.heads.head_files import write_head

        return write_head(self, folder)

    @classmethod
    def load(cls, folder: str | Path) -> Head:
        """Read a head that `save` wrote.

        Raises:
            InputError: there is none, its files are not what was written, or a newer version of
                metier wrote it.
        """
        from metier.heads.head_files import read_head

        return read_head(folder)


def _learn(inputs: HeadInputs, targets: Rows, count: int, options: HeadOptions) -> LearningResult:
    from threadpoolctl import threadpool_limits

    from metier.heads.learning import learn

    # threads wait longer for each other than these matrices take, and change the last bits
    with threadpool_limits(1):
        return learn(inputs, targets, count, seed=options.seed, min_texts=options.min_texts)


def _require_rows(
    inputs: HeadInputs, labels: Sequence[str], groups: Mapping[str, Sequence[str | None]]
) -> None:
    if len(labels) != len(inputs):
        raise ParameterError(
            f"There are {len(inputs)} examples and {len(labels)} labels.", parameter="labels"
        )
    for name, cells in groups.items():
        if len(cells) != len(inputs):
            raise ParameterError(
                f"There are {len(inputs)} examples and {len(cells)} values of {name!r}.",
                parameter="groups",
            )
        if len(set(cells)) > MOST_GROUPS:
            raise InputError(
                f"The column {name!r} has {len(set(cells))} different values, of which each would "
                "be a group.",
                why=f"More than {MOST_GROUPS} groups of so few texts are not compared. Names of "
                "single people are none, and do not belong into a report.",
                fix="Name a column of few values, such as bands of ages.",
                code="too-many-groups",
            )


def _require_names(inputs: HeadInputs, classes: tuple[str, ...]) -> None:
    vectors = inputs.label_vectors
    if vectors is None:
        return
    if len(vectors) != len(classes):
        raise ParameterError(
            f"There are {len(classes)} labels and {len(vectors)} vectors of labels.",
            parameter="label_vectors",
        )
    if inputs.vectors is not None and vectors.shape[1] != inputs.vectors.shape[1]:
        raise ParameterError(
            f"The vectors of labels have {vectors.shape[1]} dimensions, and those of examples "
            f"{inputs.vectors.shape[1]}.",
            parameter="label_vectors",
        )


def _positive(classes: tuple[str, ...], targets: Rows, options: HeadOptions) -> str | None:
    if options.positive is not None:
        if options.positive not in classes:
            raise UnknownNameError("label", options.positive, classes, parameter="positive")
        return options.positive
    if len(classes) == 2:
        first, second = np.bincount(targets)
        return classes[0] if first < second else classes[1]
    if options.goal is not None:
        raise ParameterError(
            "A goal of a threshold needs the label that is flagged: $positive",
            why=f"There are {len(classes)} labels.",
            parameters={"positive": ...},
            parameter="positive",
        )
    return None


def _threshold(
    classes: tuple[str, ...],
    learned: LearningResult,
    positive: str | None,
    goal: ThresholdGoal | None,
) -> HeadThreshold | None:
    if goal is None or positive is None:
        return None
    if not len(learned.truth):
        raise InputError(
            "There are no held-out examples to choose a threshold on.",
            why="Two labels need two different examples each.",
            fix="Give more examples, or leave out the goal of the threshold.",
            code="goal-not-reachable",
        )
    position = classes.index(positive)
    return choose_threshold(learned.truth == position, learned.held_out[:, position], goal)


def _flags(
    probabilities: Floats, position: int, threshold: HeadThreshold | None
) -> npt.NDArray[np.bool_]:
    if threshold is None:
        return np.asarray(probabilities.argmax(axis=1) == position)
    return np.asarray(probabilities[:, position] >= threshold.value)


def _fitted(inputs: HeadInputs, targets: Rows, learned: LearningResult) -> FittedHead:
    from metier.heads.novelty import Novelty

    return FittedHead(
        learned.members,
        learned.pool,
        learned.calibrator,
        Conformal.fit(learned.held_out, learned.truth),
        Novelty.fit(inputs, targets, learned.rows, learned.folds),
    )


def _report(
    classes: tuple[str, ...],
    learned: LearningResult,
    positive: str | None,
    threshold: HeadThreshold | None,
    options: HeadOptions,
    groups: Mapping[str, Sequence[str | None]],
) -> HeadReport | None:
    truth, probabilities = learned.truth, learned.held_out
    if not len(truth):
        return None
    flags = None
    if positive is not None:
        flags = _flags(probabilities, classes.index(positive), threshold)
    return make_report(
        HeldOut(
            classes=classes,
            targets=truth,
            probabilities=probabilities,
            folds=learned.folds,
            sets=held_out_sets(probabilities, truth, learned.folds, options.level),
            positive=positive,
            flags=flags,
            groups={name: [cells[row] for row in learned.rows] for name, cells in groups.items()},
        ),
        level=options.level,
        seed=options.seed,
    )
