"""Classification, measured on texts whose labels were held out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from metier.errors import InputError, UsageError
from metier.evaluation.defaults import FOLDS, SEED
from metier.evaluation.folder import Labelled
from metier.evaluation.measured import Outcome
from metier.evaluation.pipeline import Pipeline

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
    """Metrics of texts classified by examples, each text by the examples of other folds.

    Every text is embedded once, and the regression that the workflow fits is fitted on each fold's
    other texts. `macro_f1`: the mean over labels of the harmonic mean of precision and recall, so
    that rare labels count as much as common ones. `accuracy`: share that is right.

    Raises:
        UsageError: no instruction is given and the domain has none for classification.
        InputError: a label has a single text, which cannot be learned and held out.
    """
    import numpy as np
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.model_selection import StratifiedKFold

    from metier.analysis.classify import regress
    from metier.progress import working

    if pipeline.instruction is None:
        raise UsageError(
            f"{pipeline.name} names no instruction.", fix="Name one: --instruction ID."
        )
    rarest, count = min(Counter(data.labels).items(), key=lambda pair: (pair[1], pair[0]))
    if count < 2:
        raise InputError(
            f"The label {rarest!r} has a single text.",
            why="It would have to be both learned and held out.",
            fix="Give every label two texts or more, or leave rare labels out.",
        )
    used = min(folds, count)
    vectors = rt.embed_queries(data.texts, instruction=pipeline.instruction, dim=dim)
    labels = np.array(data.labels)
    found = np.empty_like(labels)
    split = StratifiedKFold(used, shuffle=True, random_state=seed)
    with working(rt.progress, "classifying", used) as bar:
        for learned, held_out in split.split(vectors, labels):
            fitted = regress(
                vectors[learned], labels[learned].tolist(), vectors[held_out], seed=seed
            )
            found[held_out] = np.array(fitted.labels)[fitted.probabilities.argmax(axis=1)]
            bar.advance()
    sizes = {"texts": len(labels), "labels": len(set(data.labels)), "folds": used, "seed": seed}

    def macro_f1(places: npt.NDArray[np.intp]) -> float:
        return float(f1_score(labels[places], found[places], average="macro"))

    return Outcome(
        metrics={
            "macro_f1": macro_f1(np.arange(len(labels))),
            "accuracy": float(accuracy_score(labels, found)),
        },
        config=sizes,
        cases=[item.id for item in data.texts],
        leading=macro_f1,
    )
