"""finance/classify-complaints: complaints by the financial product they are about."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    ClassificationReport,
    Dim,
    LongTexts,
    Runtime,
    Texts,
    Threshold,
    named_labels,
    workflow,
)
from metier_finance.label_files import Examples, LabelField, Labels, Seed, classifier, read_labels


@workflow("finance/classify-complaints", instruction="finance/complaint-classification")
def classify_complaints(
    rt: Runtime,
    complaints: Annotated[Texts, Field(description="Complaints of consumers, one text each.")],
    *,
    labels: Labels = (),
    examples: Examples = None,
    label_field: LabelField = "label",
    threshold: Annotated[
        Threshold, Field(description="Leave a complaint undecided below this score.")
    ] = 0.0,
    seed: Seed = 0,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> ClassificationReport:
    """Say which financial product each complaint is about.

    Without examples a complaint gets the product whose description is nearest. With examples, which
    say more, the labels are those of the examples, and a score is a probability.
    """
    shipped = read_labels("products.yaml")
    described = named_labels(labels, shipped) if labels else shipped
    classify = classifier(described, examples, label_field, seed=seed)
    return classify(
        rt,
        complaints,
        instruction="finance/complaint-classification",
        noun="complaints",
        threshold=threshold,
        dim=dim,
        long_texts=long_texts,
    )
