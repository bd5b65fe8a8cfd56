"""core/predict: what a head says about texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier import Head, apply_head
from metier.plugin import PredictionReport, Runtime, Texts, workflow


@workflow("core/predict", instruction="core/text-classification")
def predict(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="Texts, with the columns that the head needs.")],
    *,
    head: Annotated[Path, Field(description="Folder of a head, as core/fit saves it.")],
) -> PredictionReport:
    """Give texts the labels of a head, with probabilities, and say where it is not sure.

    Texts are embedded as the examples of the head were; another model is refused.
    """
    loaded = Head.load(head)
    return PredictionReport.of(loaded, apply_head(rt, loaded, texts), texts, noun="texts")
