"""core/classify: labels for texts, from descriptions or from examples, under any instruction."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import Field, StringConstraints

from metier.errors import ParameterError
from metier.plugin import (
    ClassificationReport,
    Dim,
    InstructionId,
    LongTexts,
    Runtime,
    Texts,
    Threshold,
    classify_by_examples,
    classify_by_labels,
    labels_of,
    named_labels,
    workflow,
)

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@workflow("core/classify", instruction="core/text-classification")
def classify(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to classify.")],
    *,
    labels: Annotated[
        tuple[Label, ...],
        Field(description="Each a name, or `name: description`; texts get the nearest."),
    ] = (),
    examples: Annotated[
        Texts | None, Field(description="Labeled rows to learn from, instead of labels.")
    ] = None,
    label_field: Annotated[
        str, Field(description="Field of the examples that holds the label.")
    ] = "label",
    instruction: Annotated[
        InstructionId,
        Field(description="Id of a classification instruction, of any domain or pack."),
    ] = "core/text-classification",
    threshold: Annotated[
        Threshold, Field(description="Leave a text undecided below this score.")
    ] = 0.0,
    seed: Annotated[int, Field(ge=0, description="Draws the examples that are held out.")] = 0,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> ClassificationReport:
    """Give each text one of your labels, from their descriptions or from labeled examples.

    From examples a head is learned, and a score is a calibrated probability. From descriptions
    nothing is learned, and a score orders the labels of a text.
    """
    if bool(labels) == (examples is not None):
        raise ParameterError(
            "core/classify takes either labels or examples"
            + (", and got both." if labels else ", and got neither."),
            fix="Name labels ($labels), or give labeled rows ($examples).",
            parameters={"labels": ["refund", "delivery"], "examples": ...},
            parameter="labels",
        )
    by_labels = partial(classify_by_labels, rt, texts, dim=dim, long_texts=long_texts)
    by_examples = partial(classify_by_examples, rt, texts, dim=dim, long_texts=long_texts)
    if examples is None:
        return by_labels(named_labels(labels), instruction=instruction, threshold=threshold)
    known = labels_of(examples, label_field)
    return by_examples(examples, known, instruction=instruction, threshold=threshold, seed=seed)
