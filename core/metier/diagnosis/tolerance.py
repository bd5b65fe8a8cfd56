"""How far two results may be apart and still be the same, by number format."""

from __future__ import annotations


def of_rounding(dtype: str) -> float:
    """Between two runs of one model on one machine: the order of sums is all that differs."""
    return 1e-6 if dtype == "float32" else 5e-3


def of_neighbours() -> float:
    """Of 1 - cosine between vectors of one short format, alone and in a batch.

    Of their numbers nothing follows: the more a vector has, the smaller each is.
    """
    return 1e-3


def of_records(*dtypes: str) -> float:
    """Of 1 - cosine between vectors of one checkpoint then and now; the coarsest format decides.

    Against float32 the tiny checkpoints of `metier.testing` and the embedded model turn by up to
    2e-5 in float16, 1.3e-3 in bfloat16 and 8e-3 in int8.
    """
    allowed = {"float32": 1e-6, "float16": 1e-3, "bfloat16": 2e-3, "int8": 1e-2}
    return max(allowed.get(dtype, 1e-2) for dtype in dtypes)


def of_vectors(*dtypes: str) -> float:
    """Of cosines and numbers of vectors, between machines; of formats the coarsest decides."""
    allowed = {"float32": 1e-3, "bfloat16": 5e-3, "float16": 5e-3, "int8": 1e-2}
    return max(allowed.get(dtype, 1e-2) for dtype in dtypes)


def of_scores(*dtypes: str) -> float:
    """Of scores, between machines: near the middle one moves by a quarter of its logit's rounding.

    Logits are of some units, and a number of 8 bits is rounded by up to 1/256 of itself.
    """
    return 1e-3 if set(dtypes) == {"float32"} else 2e-2
