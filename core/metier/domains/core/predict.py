"""core/predict: what a head says about texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier import Head, apply_head, fit_head
from metier.errors import ParameterError
from metier.plugin import (
    InstructionId,
    PredictionReport,
    Runtime,
    Texts,
    labels_of,
    workflow,
)


@workflow("core/predict", instruction="core/text-classification")
def predict(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="Texts, with the columns that the head needs.")],
    *,
    head: Annotated[
        Path | None, Field(description="Folder of a head, as core/fit saves it.")
    ] = None,
    examples: Annotated[
        Texts | None,
        Field(description="Labeled rows to learn a head from, instead of a saved one."),
    ] = None,
    label_field: Annotated[
        str, Field(description="Field of the examples that holds the label.")
    ] = "label",
    instruction: Annotated[
        InstructionId,
        Field(description="Of a head that is learned from examples; a saved one has its own."),
    ] = "core/text-classification",
) -> PredictionReport:
    """Give texts the labels of a head, with probabilities, and say where it is not sure.

    Texts are embedded as the examples of the head were; another model is refused.
    """
    if (head is None) == (examples is None):
        raise ParameterError(
            "core/predict takes either a head or examples"
            + (", and got neither." if head is None else ", and got both."),
            fix="Name the folder of a head ($head), or give labeled rows ($examples).",
            parameters={"head": ..., "examples": ...},
            parameter="head",
        )
    if head is not None:
        learned = Head.load(head)
    else:
        assert examples is not None
        labels = labels_of(examples, label_field)
        learned = fit_head(rt, examples, labels, instruction=instruction)
    return PredictionReport.of(learned, apply_head(rt, learned, texts), texts, noun="texts")
