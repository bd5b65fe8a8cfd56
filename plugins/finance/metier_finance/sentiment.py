"""finance/sentiment: how statements read to an investor."""

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


@workflow("finance/sentiment", instruction="finance/sentiment")
def sentiment(
    rt: Runtime,
    statements: Annotated[Texts, Field(description="Headlines or sentences, one text each.")],
    *,
    labels: Labels = (),
    examples: Examples = None,
    label_field: LabelField = "label",
    threshold: Annotated[
        Threshold, Field(description="Leave a statement undecided below this score.")
    ] = 0.0,
    seed: Seed = 0,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> ClassificationReport:
    """Say whether each statement is negative, neutral or positive for an investor.

    Without examples a statement gets the sentiment whose description is nearest, which is a rough
    guess. With examples the labels are those of the examples, and a score is a probability.
    """
    shipped = read_labels("sentiments.yaml")
    described = named_labels(labels, shipped) if labels else shipped
    classify = classifier(described, examples, label_field, seed=seed)
    return classify(
        rt,
        statements,
        instruction="finance/sentiment",
        noun="statements",
        threshold=threshold,
        dim=dim,
        long_texts=long_texts,
    )
