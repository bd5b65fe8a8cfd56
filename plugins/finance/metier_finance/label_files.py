"""Labels of the plugin with the texts that stand for them, and how texts are given one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from metier.plugin import (
    ClassificationReport,
    Texts,
    classify_by_examples,
    classify_by_labels,
    labels_of,
    load_data,
)

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Labels = Annotated[
    tuple[Label, ...],
    Field(
        description="Each a name, or `name: description`, in place of those of the plugin; a name "
        "of the plugin keeps its description."
    ),
]
Examples = Annotated[
    Texts | None, Field(description="Labeled rows to learn from, in place of descriptions.")
]
LabelField = Annotated[str, Field(description="Field of the examples that holds the label.")]
Seed = Annotated[int, Field(ge=0, description="Draws the examples that are held out.")]


class LabelFile(BaseModel):
    """Names of labels, each with the text that is compared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: dict[Label, Label] = Field(min_length=2)


def read_labels(name: str) -> dict[str, str]:
    """Labels of a file of the plugin."""
    return load_data(Path(str(files("metier_finance") / name)), LabelFile).labels


def classifier(
    described: Mapping[str, str],
    examples: Texts | None,
    label_field: str,
    *,
    only_near: bool = False,
    margin: float = 0.0,
    seed: int = 0,
) -> Callable[..., ClassificationReport]:
    """The step that learns from examples where there are some, else takes the nearest description.

    Args:
        described: labels with the texts that are compared.
        examples: labeled rows.
        label_field: field of the examples that holds the label.
        only_near: as of `classify_by_labels`.
        margin: as of `classify_by_labels`.
        seed: as of `classify_by_examples`.

    Returns:
        `classify_by_labels` or `classify_by_examples`, which takes the Runtime, the texts and what
        both have in common.
    """
    if examples is None:
        return partial(classify_by_labels, labels=described, only_near=only_near, margin=margin)
    known = labels_of(examples, label_field)
    return partial(
        classify_by_examples, examples=examples, labels=known, only_near=only_near, seed=seed
    )
