"""Classification, measured on texts whose labels were held out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from metier.errors import InputError, UsageError
from metier.evaluation.defaults import FOLDS, SEED
from metier.evaluation.folder import Labelled
from metier.evaluation.measured import Outcome
from metier.evaluation.pipeline import Pipeline, generic
from metier.workflows.classifying import ClassificationReport

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.runtime import Runtime


def measure_classification(
    rt: Runtime,
    data: Labelled,
    pipeline: Pipeline,
    *,
    dim: int | None = None,
    folds: int = FOLDS,
    seed: int = SEED,
) -> Outcome:
    """Metrics of texts that were classified.

    The generic workflow learns from examples: every text is embedded once, and the regression that
    the workflow fits is fitted on each fold's other texts. Equal texts lie in one fold, so that
    none is learned and held out. A workflow of the domain's own is run on all texts as it is.

    `macro_f1`: the mean over the labels of the texts of the harmonic mean of precision and recall,
    so that rare labels count as much as common ones; what a workflow says besides, also that it is
    undecided, is wrong and no label more. `accuracy`: share that is right.

    Raises:
        UsageError: no instruction is given and the domain has none for classification, or its
            workflow needs more than texts, or runs under another instruction.
        InputError: a label has a single text, which cannot be learned and held out.
    """
    import numpy as np
    from sklearn.metrics import accuracy_score, f1_score

    labels = np.array(data.labels)
    config: dict[str, int] = {"texts": len(labels), "labels": len(set(data.labels))}
    if pipeline.is_generic:
        used = min(folds, _fewest(data))
        found = _held_out(rt, data, pipeline, dim=dim, folds=used, seed=seed)
        config |= {"folds": used, "seed": seed}
    else:
        _require_own_instruction(rt, pipeline)
        report: ClassificationReport = pipeline.run(rt, data.texts, dim)
        found = np.array([item.label or "" for item in report.items])

    def macro_f1(places: npt.NDArray[np.intp]) -> float:
        there = np.unique(labels[places])
        return float(f1_score(labels[places], found[places], labels=there, average="macro"))

    return Outcome(
        metrics={
            "macro_f1": macro_f1(np.arange(len(labels))),
            "accuracy": float(accuracy_score(labels, found)),
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
        fix="Leave the instruction out, or name the generic workflow: "
        f"--workflow {generic('classification')}.",
    )


def _fewest(data: Labelled) -> int:
    """Different texts of the rarest label; one that has several labels is of its first."""
    different = Counter(dict.fromkeys(data.labels, 0))
    different.update(data.labels[place] for place in _first(data).values())
    rarest, count = min(different.items(), key=lambda pair: (pair[1], pair[0]))
    if count < 2:
        raise InputError(
            f"The label {rarest!r} has {'a single text' if count else 'no text of its own'}.",
            why="It would have to be both learned and held out.",
            fix="Give every label two different texts or more, or leave rare labels out.",
        )
    return count


def _held_out(
    rt: Runtime, data: Labelled, pipeline: Pipeline, *, dim: int | None, folds: int, seed: int
) -> npt.NDArray[np.str_]:
    """(n,) the label of each text by the examples of other folds."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    from metier.analysis.example_classifier import ExampleClassifier
    from metier.progress import working

    if pipeline.instruction is None:
        raise UsageError(
            f"{pipeline.name} names no instruction.", fix="Name one: --instruction ID."
        )
    vectors = rt.embed_queries(data.texts, instruction=pipeline.instruction, dim=dim)
    labels = np.array(data.labels)
    found = np.empty_like(labels)
    first = _first(data)
    different = np.array(list(first.values()))
    fold = np.empty(len(labels), dtype=int)
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for number, (_, places) in enumerate(split.split(different, labels[different])):
        fold[different[places]] = number
    fold = fold[[first[text] for text in data.texts.strings]]
    with working(rt.progress, "classifying", folds) as bar:
        for number in range(folds):
            learned, held_out = fold != number, fold == number
            fitted = ExampleClassifier(random_state=seed).fit(vectors[learned], labels[learned])
            found[held_out] = fitted.predict(vectors[held_out])
            bar.advance()
    return found


def _first(data: Labelled) -> dict[str, int]:
    """Where each different text stands for the first time."""
    places: dict[str, int] = {}
    for place, text in enumerate(data.texts.strings):
        places.setdefault(text, place)
    return places
