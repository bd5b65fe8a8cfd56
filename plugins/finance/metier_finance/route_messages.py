"""finance/route-messages: what customers want, or that it is not known."""

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
from metier_finance.label_files import Examples, Label, LabelField, Seed, classifier, read_labels


@workflow("finance/route-messages", instruction="finance/intent-classification")
def route_messages(
    rt: Runtime,
    messages: Annotated[Texts, Field(description="Messages of customers, one text each.")],
    *,
    intents: Annotated[
        tuple[Label, ...],
        Field(description="Each a name, or `name: description`, in place of those of the plugin."),
    ] = (),
    examples: Examples = None,
    label_field: LabelField = "label",
    threshold: Annotated[
        Threshold, Field(description="Leave a message undecided below this score.")
    ] = 0.0,
    margin: Annotated[
        float,
        Field(
            ge=0.0,
            le=1.0,
            description="Without examples: leave a message undecided whose two nearest intents "
            "have cosines nearer to each other than this.",
        ),
    ] = 0.02,
    seed: Seed = 0,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> ClassificationReport:
    """Say what each customer's message wants, and leave undecided what fits no intent.

    Without examples a message gets the intent whose description is nearest, unless none is near or
    two are equally near. With a few examples of each intent a score is a probability.
    """
    described = named_labels(intents) if intents else read_labels("intents.yaml")
    classify = classifier(
        described, examples, label_field, only_near=True, margin=margin, seed=seed
    )
    return classify(
        rt,
        messages,
        instruction="finance/intent-classification",
        noun="messages",
        threshold=threshold,
        dim=dim,
        long_texts=long_texts,
    )
