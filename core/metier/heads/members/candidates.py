"""The members that a head chooses from: add a row to add one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from metier.heads.column_features import ColumnFeatures
from metier.heads.features import Features
from metier.heads.inputs import HeadInputs
from metier.heads.members.bayes import complement_bayes
from metier.heads.members.discriminant import discriminant
from metier.heads.members.logistic import logistic, ratio_scaled
from metier.heads.members.ridge import linear_ridge, radial_ridge
from metier.heads.members.scorer import Learner
from metier.heads.term_features import TermFeatures
from metier.heads.vector_features import VectorFeatures

Source = Literal["vectors", "terms", "columns"]
"""What a member learns from."""


@dataclass(frozen=True, slots=True)
class Member:
    """A way to learn labels.

    Attributes:
        name: for people, different in every row.
        source: what it learns from.
        features: of which kinds, keys of `SOURCES`.
        learn: fits it.
        with_names: whether the names of the labels are examples, too; only of vectors.
        most_classes: number of classes from which on it takes too long.
    """

    name: str
    source: Source
    features: tuple[str, ...]
    learn: Learner
    with_names: bool = False
    most_classes: int | None = None


_VECTORS = ("vectors",)
_TERMS = ("words", "characters")
_CONTENT = ("content words", "characters")

MEMBERS: tuple[Member, ...] = (
    Member("logistic regression on vectors, C 3", "vectors", _VECTORS, logistic(3.0)),
    Member("logistic regression on vectors, C 10", "vectors", _VECTORS, logistic(10.0)),
    Member(
        "logistic regression on vectors and names of labels, C 10",
        "vectors",
        _VECTORS,
        logistic(10.0),
        with_names=True,
    ),
    Member("discriminant analysis of vectors", "vectors", _VECTORS, discriminant(0.7)),
    Member("radial ridge on vectors, gamma 1", "vectors", _VECTORS, radial_ridge(1.0, 0.3)),
    Member("radial ridge on vectors, gamma 2", "vectors", _VECTORS, radial_ridge(2.0, 0.3)),
    Member("ridge on content words", "terms", ("content words",), linear_ridge(1.0)),
    Member("ridge on words and characters", "terms", _TERMS, linear_ridge(1.0)),
    Member(
        "logistic regression on content words",
        "terms",
        ("content words",),
        logistic(10.0),
        most_classes=20,
    ),
    Member(
        "log-count ratios of words and characters",
        "terms",
        _TERMS,
        ratio_scaled(3.0),
        most_classes=20,
    ),
    Member("complement naive Bayes on terms", "terms", _CONTENT, complement_bayes(0.3)),
    Member("logistic regression on columns, C 0.1", "columns", ("columns",), logistic(0.1)),
    Member("logistic regression on columns, C 1", "columns", ("columns",), logistic(1.0)),
    Member("radial ridge on columns", "columns", ("columns",), radial_ridge(0.1, 1.0)),
)
"""Chosen for their log loss on held-out texts of several sets, alone and together; see
`benchmarks/RESULTS.md`."""

SOURCES: Mapping[str, type[Any]] = MappingProxyType(
    {
        "vectors": VectorFeatures,
        "words": TermFeatures,
        "content words": TermFeatures,
        "characters": TermFeatures,
        "columns": ColumnFeatures,
    }
)
"""The class of features of each kind."""


def fit_features(kind: str, inputs: HeadInputs, min_texts: int) -> Features:
    """Fit features of one kind on rows.

    Raises:
        NoFeaturesError: the rows have none of that kind.
    """
    if kind == "vectors":
        return VectorFeatures.fit(inputs)
    if kind == "columns":
        return ColumnFeatures.fit(inputs)
    return TermFeatures.fit(kind, inputs, min_texts)


def members_for(inputs: HeadInputs, classes: int) -> list[Member]:
    """Members that can learn from these inputs and so many classes."""
    there = {
        "vectors": inputs.vectors is not None,
        "terms": inputs.texts is not None,
        "columns": bool(inputs.columns),
    }
    return [
        member
        for member in MEMBERS
        if there[member.source]
        and (not member.with_names or inputs.label_vectors is not None)
        and (member.most_classes is None or classes <= member.most_classes)
    ]
