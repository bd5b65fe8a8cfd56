"""Labels that are predicted for the texts of one fold by what was learned from the other folds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.errors import InputError, UsageError
from metier.evaluation.labeled_data import LabeledTexts
from metier.evaluation.pipeline import Pipeline
from metier.evaluation.tasks import FOLDS, SEED

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.heads.head_report import HeldOut
    from metier.heads.inputs import HeadInputs
    from metier.runtime.runtime import Runtime

LEVEL = 0.9
"""Share of the texts of each label whose set of labels is to hold it."""


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """How what learns from examples is measured.

    Attributes:
        columns: fields of the texts to learn from as well.
        level: share of the texts of each label whose set of labels is to hold it.
        folds: parts of the texts that are held out in turn.
        seed: of the folds.
    """

    columns: tuple[str, ...] = ()
    level: float = LEVEL
    folds: int = FOLDS
    seed: int = SEED


def predict_held_out(
    rt: Runtime,
    data: LabeledTexts,
    pipeline: Pipeline,
    options: LearningOptions,
    *,
    positive: str | None = None,
    dim: int | None = None,
) -> HeldOut:
    """Predict each text by what a head learned from the texts of the other folds.

    The choice of members, their weights, the calibration and the conformal sets are of the other
    folds, too. Equal texts are in one fold, so that none is both learned and held out.

    Args:
        rt: the Runtime.
        data: texts with labels.
        pipeline: that learns from examples.
        options: how it learns; there are fewer folds where the rarest label has fewer texts.
        positive: the label that is flagged; None for none.
        dim: vector size; None for the instruction's default.

    Raises:
        UsageError: the pipeline names no instruction.
        InputError: a label has a single text, or no text has such a field.
    """
    import numpy as np

    from metier.heads.conformal import Conformal
    from metier.heads.head_report import HeldOut
    from metier.heads.learning import learn
    from metier.progress import working

    used, seed = min(options.folds, _fewest(data)), options.seed
    inputs = _inputs(rt, data, pipeline, options.columns, dim)
    classes, targets = np.unique(np.array(data.labels), return_inverse=True)
    fold = _folds(data, used, seed)
    probabilities = np.empty((len(targets), len(classes)))
    sets = np.empty(probabilities.shape, dtype=bool)
    with working(rt.engine.progress, "fitting", used) as bar:
        for number in range(used):
            rows, held_out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            least, examples = pipeline.min_texts, inputs.take(rows)
            learned = learn(examples, targets[rows], len(classes), seed=seed, min_texts=least)
            conformal = Conformal.fit(learned.held_out, learned.truth)
            probabilities[held_out] = learned.probabilities(inputs.take(held_out))
            sets[held_out] = conformal.sets(probabilities[held_out], options.level)
            bar.advance()
    names = tuple(classes.tolist())
    return HeldOut(names, targets, probabilities, fold, sets, positive)


def _inputs(
    rt: Runtime,
    data: LabeledTexts,
    pipeline: Pipeline,
    columns: Sequence[str],
    dim: int | None,
) -> HeadInputs:
    from metier.steps.learning import head_inputs

    if pipeline.instruction is None:
        raise UsageError(
            f"{pipeline.name} names no instruction.",
            fix="Name one: $instruction",
            parameters={"instruction": ...},
        )
    return head_inputs(
        rt,
        data.texts,
        data.labels,
        instruction=pipeline.instruction,
        columns=columns,
        dim=dim,
        long_texts=pipeline.long_texts or "pool",
    )


def _folds(data: LabeledTexts, count: int, seed: int) -> npt.NDArray[np.intp]:
    """(n,) the fold of each text."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    first = _first(data)
    different = np.array(list(first.values()))
    labels = np.array(data.labels)[different]
    fold = np.empty(len(data.labels), dtype=np.intp)
    split = StratifiedKFold(count, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(split.split(different, labels)):
        fold[different[held_out]] = number
    return fold[[first[text] for text in data.texts.strings]]


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


def _first(data: LabeledTexts) -> dict[str, int]:
    """The row in which each different text is for the first time."""
    rows: dict[str, int] = {}
    for row, text in enumerate(data.texts.strings):
        rows.setdefault(text, row)
    return rows
