"""Checks of the vectors and scores of any embedder or reranker, without a reference model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from metier.diagnosis.checks import (
    PLAIN,
    QUESTION,
    Check,
    batch_tolerance,
    computed_in,
    largest_angle,
    largest_difference,
    make_check,
    rounding_tolerance,
    severity,
)
from metier.models.catalog import CatalogMatch
from metier.models.embedder import Embedder
from metier.models.reranker import Reranker
from metier.models.vectors import slice_and_normalize
from metier.progress import NoProgress

_UNIT = 1e-5
"""How far a norm may be from 1: the rounding of a sum of thousands of float32 squares."""

_RELEVANT, _IRRELEVANT = 0.5, 0.1
"""A released reranker scores a plain answer above the first, and another text below the second."""

_SQUEEZED = (0.5, 0.7311)
"""Sigmoid of 0 and of 1: the range of scores if the sigmoid is applied to them a second time."""

_BATCH_FIX = "Padding or attention lets texts see each other: use another device, dtype or version."


def embedder_number_checks(embedder: Embedder) -> list[Check]:
    """Unit length, independence of the batch, shorter vectors."""
    first, second = PLAIN
    both = _vectors(embedder, PLAIN)
    if not np.isfinite(both).all():
        return [Check("unit length", "numbers", "fail", "a vector holds NaN or infinity", _FLOAT32)]
    alone = _vectors(embedder, [first])
    return [
        _unit_length(both),
        _vector_neighbors(
            alone,
            [_vectors(embedder, [first, first]), _vectors(embedder, [first, second])],
            computed_in(embedder),
        ),
        _shorter_vectors(embedder, alone),
    ]


def reranker_number_checks(reranker: Reranker, recognized: CatalogMatch | None) -> list[Check]:
    """Range of scores and independence of the batch; for a released model also a plain pair."""
    first = PLAIN[0]
    pair = _scores(reranker, PLAIN)
    checks = [
        _range(pair),
        _score_neighbors(
            _scores(reranker, [first]),
            [_scores(reranker, [first, first]), pair],
            computed_in(reranker),
        ),
    ]
    return checks if recognized is None else [*checks, _relevance(pair, recognized)]


def _vectors(
    embedder: Embedder, texts: Sequence[str], dim: int | None = None
) -> npt.NDArray[np.float32]:
    prompt = embedder.prompt(None, "document")
    size = dim or embedder.profile.dim
    return embedder.embed(texts, prompt=prompt, dim=size, progress=NoProgress()).vectors


def _scores(reranker: Reranker, documents: Sequence[str]) -> npt.NDArray[np.float32]:
    return reranker.score(QUESTION, documents, task=None, progress=NoProgress()).scores


def _unit_length(vectors: npt.NDArray[np.float32]) -> Check:
    furthest = float(np.abs(np.linalg.norm(vectors.astype(np.float64), axis=1) - 1).max())
    right = furthest <= _UNIT
    return make_check(
        "unit length",
        "numbers",
        right,
        f"norms are 1 but for {furthest:.1e} (allowed {_UNIT:.0e})",
        fix="Normalize after slicing: cosine and dot product differ otherwise.",
    )


def _vector_neighbors(
    alone: npt.NDArray[np.float32], together: Sequence[npt.NDArray[np.float32]], dtype: str
) -> Check:
    """Whether the first row is the same alone and in every batch."""
    if dtype == "float32":
        return _neighbors(
            "vector neighbors", alone, together, largest_difference, "", rounding_tolerance(dtype)
        )
    return _neighbors(
        "vector neighbors", alone, together, largest_angle, "1 - cosine ", batch_tolerance()
    )


def _score_neighbors(
    alone: npt.NDArray[np.float32], together: Sequence[npt.NDArray[np.float32]], dtype: str
) -> Check:
    return _neighbors(
        "score neighbors", alone, together, largest_difference, "", rounding_tolerance(dtype)
    )


def _neighbors(
    name: str,
    alone: npt.NDArray[np.float32],
    together: Sequence[npt.NDArray[np.float32]],
    distance: Callable[[npt.NDArray[np.float32], npt.NDArray[np.float32]], float],
    unit: str,
    allowed: float,
) -> Check:
    difference = max(distance(rows[:1], alone) for rows in together)
    return make_check(
        name,
        "numbers",
        difference <= allowed,
        f"alone and in a batch differ by {unit}{difference:.1e} (allowed {allowed:.0e})",
        fix=_BATCH_FIX,
    )


def _shorter_vectors(embedder: Embedder, full: npt.NDArray[np.float32]) -> Check:
    profile = embedder.profile
    dim = profile.min_dim if profile.min_dim < profile.dim else max(1, profile.dim // 2)
    vectors = _vectors(embedder, PLAIN[:1], dim)
    if vectors.shape[1] != dim:
        return Check(
            "shorter vectors",
            "numbers",
            "fail",
            f"dim={dim} gave {vectors.shape[1]} dimensions",
            "The model ignores dim; ask for the full size only.",
        )
    difference = float(np.abs(vectors - slice_and_normalize(full, dim)).max())
    allowed = rounding_tolerance(computed_in(embedder))
    right = difference <= allowed
    return make_check(
        "shorter vectors",
        "numbers",
        right,
        f"dim={dim} is the normalized prefix but for {difference:.1e} (allowed {allowed:.0e})",
        fix="Slice first, then normalize.",
    )


def _range(scores: npt.NDArray[np.float32]) -> Check:
    right = bool(np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1).all())
    return make_check(
        "score range",
        "numbers",
        right,
        f"{scores.min():.4f} to {scores.max():.4f}",
        fix="Scores have to be probabilities: sigmoid(logit of yes - logit of no).",
    )


def _relevance(scores: npt.NDArray[np.float32], recognized: CatalogMatch) -> Check:
    relevant, irrelevant = (float(score) for score in scores)
    low, high = _SQUEEZED
    squeezed = all(low <= score <= high for score in (relevant, irrelevant))
    right = relevant > _RELEVANT and irrelevant < _IRRELEVANT
    fix = "The sigmoid was applied twice." if squeezed else "Template or answers are wrong."
    return make_check(
        "relevance",
        "numbers",
        right,
        f"a plain answer gets {relevant:.4f} (more than {_RELEVANT} is right), "
        f"another text {irrelevant:.4f} (less than {_IRRELEVANT})",
        fix=fix,
        otherwise=severity(recognized),
    )


_FLOAT32 = "Use dtype='float32' (or 'bfloat16' on a GPU that has it)."
