"""Learning from examples: folds, members, their choice, and what they predict for held-out rows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from metier.errors import InputError
from metier.heads.calibration import Calibrator, Temperature, calibrate
from metier.heads.column_features import ColumnFeatures
from metier.heads.features import Features, NoFeaturesError, stack
from metier.heads.inputs import Floats, HeadInputs, Rows
from metier.heads.members.candidates import Member, fit_features, members_for
from metier.heads.members.scorer import Scorer
from metier.heads.stacking import Pool, choose

FOLDS = 5
"""Parts of the rows that are held out in turn."""

_LEARNED = -1
"""Fold of rows that are never held out: theirs is the only text of their label."""

_NAME_COPIES = 2
"""Times that the name of a label is an example, where names are examples."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedMembers:
    """Members that have learned from the same rows, and their features."""

    features: Mapping[str, Features]
    scorers: Mapping[str, tuple[tuple[str, ...], Scorer]]

    def scores(self, inputs: HeadInputs) -> dict[str, Floats]:
        """Return the (n, k) scores of each member."""
        computed = {kind: fitted.transform(inputs) for kind, fitted in self.features.items()}
        return {
            name: scorer.scores(stack([computed[kind] for kind in kinds]))
            for name, (kinds, scorer) in self.scorers.items()
        }

    def unread(self, inputs: HeadInputs) -> dict[str, int]:
        """Return how many values of each column cannot be read as those learned from were."""
        columns = self.features.get("columns")
        return columns.unread(inputs) if isinstance(columns, ColumnFeatures) else {}


@dataclass(frozen=True, slots=True, eq=False)
class LearningResult:
    """What was learned from examples, and how it does on held-out ones.

    Attributes:
        members: that were chosen, fitted on all rows.
        pool: their weights.
        calibrator: from the log probabilities of the pool to probabilities.
        rows: (m,) rows that were held out once.
        truth: (m,) their class.
        held_out: (m, k) their probabilities, by members that were fitted, and by weights and a
            calibrator that were chosen, without their fold.
        folds: (m,) their fold.
        losses: log loss of each member alone on the held-out rows; lower is better.
        calibration: held-out log loss of each way to calibrate.
        sources: what each member learns from.
    """

    members: FittedMembers
    pool: Pool
    calibrator: Calibrator
    rows: Rows
    truth: Rows
    held_out: Floats
    folds: Rows
    losses: Mapping[str, float]
    calibration: Mapping[str, float]
    sources: Mapping[str, str]

    @property
    def accuracy(self) -> float | None:
        """Share of the held-out rows whose likeliest class is theirs; None without any."""
        if not len(self.rows):
            return None
        return float((self.held_out.argmax(axis=1) == self.truth).mean())

    def probabilities(self, inputs: HeadInputs) -> Floats:
        """Return the (n, k) probabilities of n rows."""
        logs = self.pool.log_probabilities(self.members.scores(inputs))
        return self.calibrator.probabilities(logs)


def learn(
    inputs: HeadInputs, targets: Rows, count: int, *, seed: int = 0, min_texts: int = 1
) -> LearningResult:
    """Learn classes from rows.

    Each member predicts every row by what it learned from the rows of other folds. From these
    predictions the members are chosen that are then fitted on all rows. Where too few labels have
    two different rows there are no folds, and the first member of each source is taken.

    Args:
        inputs: n rows.
        targets: (n,) the class of each row, from 0 to count - 1, each at least once.
        count: number of classes k.
        seed: of the folds.
        min_texts: number of texts that a term has to occur in.

    Raises:
        InputError: no member can learn from these rows.
    """
    members = members_for(inputs, count)
    folds = fold_rows(inputs.keys(), targets, seed)
    rows = np.flatnonzero(folds != _LEARNED)
    if len(rows) == 0:
        return _without_folds(inputs, targets, count, members, min_texts)
    scores = _held_out_scores(inputs, targets, count, members, folds, min_texts)
    scores = {name: array[rows] for name, array in scores.items()}
    truth, fold = targets[rows], folds[rows]
    logs = np.empty((len(rows), count))
    for number in np.unique(fold):
        inside = fold == number
        pool = choose({name: array[~inside] for name, array in scores.items()}, truth[~inside])
        inner = {name: scores[name][inside] for name in pool.weights}
        logs[inside] = pool.log_probabilities(inner)
    pool, calibrated = choose(scores, truth), calibrate(logs, truth, fold)
    chosen = [member for member in members if member.name in pool.weights]
    return LearningResult(
        members=_fit(inputs, targets, count, chosen, min_texts),
        pool=pool,
        calibrator=calibrated.calibrator,
        rows=rows,
        truth=truth,
        held_out=calibrated.held_out,
        folds=fold,
        losses={name: choose({name: array}, truth).loss for name, array in scores.items()},
        calibration=calibrated.losses,
        sources={member.name: member.source for member in members},
    )


def fold_rows(keys: Sequence[object], targets: Rows, seed: int) -> Rows:
    """Return the (n,) fold of each row; -1 for rows that are never held out.

    Equal rows are in one fold, by the class of the first of them. The rows of a class that has a
    single one are never held out, nor are those equal to them, and no row is where fewer than two
    classes have two.
    """
    first: dict[object, int] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    different = np.array(list(first.values()), dtype=np.intp)
    sizes = np.bincount(targets[different], minlength=int(targets.max()) + 1)
    usable = different[sizes[targets[different]] > 1]
    folds = np.full(len(keys), _LEARNED, dtype=np.intp)
    if np.count_nonzero(sizes > 1) < 2:
        return folds
    number = min(FOLDS, int(sizes.max()))
    split = StratifiedKFold(number, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # a class with fewer rows than folds is spread over as many folds as it has rows
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for position, (_, held_out) in enumerate(split.split(usable, targets[usable])):
            folds[usable[held_out]] = position
    group = np.array([first[key] for key in keys], dtype=np.intp)
    for label in np.unique(targets):
        own = targets == label
        if len(np.unique(folds[group[own]])) == 1:  # held out all at once, it would not be learned
            folds[group[own]] = _LEARNED
    by_row = folds[group]
    is_testable = len(np.unique(targets[by_row != _LEARNED])) > 1
    return by_row if is_testable else np.full(len(keys), _LEARNED, dtype=np.intp)


def _without_folds(
    inputs: HeadInputs, targets: Rows, count: int, members: list[Member], min_texts: int
) -> LearningResult:
    firsts = {member.source: member for member in reversed(members)}
    fitted = _fit(inputs, targets, count, list(firsts.values()), min_texts)
    even = dict.fromkeys(fitted.scorers, 1.0 / len(fitted.scorers))
    pool = Pool(even, even, np.zeros(count), np.nan)
    none = np.empty(0, dtype=np.intp)
    sources = {member.name: member.source for member in members}
    return LearningResult(
        members=fitted,
        pool=pool,
        calibrator=Temperature(1.0),
        rows=none,
        truth=none,
        held_out=np.empty((0, count)),
        folds=none,
        losses={},
        calibration={},
        sources=sources,
    )


def _held_out_scores(
    inputs: HeadInputs,
    targets: Rows,
    count: int,
    members: list[Member],
    folds: Rows,
    min_texts: int,
) -> dict[str, Floats]:
    """(n, k) scores of each member for the rows of each fold; members that fail in one are left
    out."""
    scores = {member.name: np.zeros((len(folds), count)) for member in members}
    for number in np.unique(folds[folds != _LEARNED]):
        learned, held_out = np.flatnonzero(folds != number), np.flatnonzero(folds == number)
        fitted = _fit(inputs.take(learned), targets[learned], count, members, min_texts)
        predicted = fitted.scores(inputs.take(held_out))
        scores = {name: array for name, array in scores.items() if name in predicted}
        for name, array in scores.items():
            array[held_out] = predicted[name]
    if not scores:
        raise _nothing_to_learn()
    return scores


def _fit(
    inputs: HeadInputs, targets: Rows, count: int, members: Sequence[Member], min_texts: int
) -> FittedMembers:
    """Fit members, each kind of features once; those without features are left out."""
    features: dict[str, Features] = {}
    for kind in dict.fromkeys(kind for member in members for kind in member.features):
        with suppress(NoFeaturesError):
            features[kind] = fit_features(kind, inputs, min_texts)
    computed = {kind: fitted.transform(inputs) for kind, fitted in features.items()}
    scorers: dict[str, tuple[tuple[str, ...], Scorer]] = {}
    for member in members:
        if not set(member.features) <= set(features):
            continue
        rows, classes = stack([computed[kind] for kind in member.features]), targets
        if member.with_names:
            names = np.asarray(inputs.label_vectors, dtype=np.float64)
            rows = np.vstack([rows, *[names] * _NAME_COPIES])
            classes = np.concatenate([targets, *[np.arange(count)] * _NAME_COPIES])
        with suppress(NoFeaturesError):
            scorers[member.name] = (member.features, member.learn(rows, classes, count))
    if not scorers:
        raise _nothing_to_learn()
    used = {kind: features[kind] for kinds, _ in scorers.values() for kind in kinds}
    return FittedMembers(used, scorers)


def _nothing_to_learn() -> InputError:
    return InputError(
        "There is nothing to learn from in these rows.",
        why="No term occurs in enough texts, and no column has a value in enough rows.",
        fix="Give vectors, or texts that share terms.",
    )
