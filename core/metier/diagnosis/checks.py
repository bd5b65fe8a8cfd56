"""Checks as data, the tolerances they use, and the texts they probe models with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from metier.models.catalog import CatalogMatch

Status = Literal["pass", "warn", "fail", "skip"]
Group = Literal["machine", "model", "tokenizer", "template", "numbers", "golden"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: a few words; no other check of a diagnosis has the same.
        group: what it is about.
        status: `pass`; `fail`: results are wrong or none can be had; `warn`: something to know;
            `skip`: it could not be looked at.
        detail: what was seen, with numbers.
        fix: what to do; None where there is nothing to do.
    """

    name: str
    group: Group
    status: Status
    detail: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks, in the order they were made."""

    checks: tuple[Check, ...]

    @property
    def summary(self) -> dict[Status, int]:
        """How many checks have each status."""
        counts = Counter(check.status for check in self.checks)
        return {status: counts[status] for status in get_args(Status)}

    @property
    def failed(self) -> bool:
        """Whether any check failed."""
        return self.summary["fail"] > 0

    def of(self, group: Group) -> tuple[Check, ...]:
        """The checks of one group."""
        return tuple(check for check in self.checks if check.group == group)


def severity(recognized: CatalogMatch) -> Status:
    """What it means to differ from a released model.

    Known by its id it is wrong; one that has its shape alone may be trained further.
    """
    return "fail" if recognized.by == "id" else "warn"


def judged(
    name: str, group: Group, right: bool, detail: str, *, fix: str, otherwise: Status = "fail"
) -> Check:
    """A check that passes if it is right, and else is `otherwise` and says what to do."""
    if right:
        return Check(name, group, "pass", detail)
    return Check(name, group, otherwise, detail, fix)


def of_rounding(dtype: str) -> float:
    """Between two runs of one model on one machine: the order of sums is all that differs."""
    return 1e-6 if dtype == "float32" else 5e-3


def of_neighbors() -> float:
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


_TINY = 1e-30  # a length by which a row of zeros can be divided

Numbers = npt.NDArray[np.float32] | npt.NDArray[np.float64]


def moved(one: Numbers, other: Numbers) -> float:
    """The largest difference of two numbers in the same place; NaN where one is NaN."""
    return float(np.abs(one - other).max())


def turned(one: Numbers, other: Numbers) -> float:
    """The largest 1 - cosine of two rows of (n, dim); NaN where a number is NaN.

    What a number format changes in it does not depend on how many numbers a row has, and what
    a record rounds off it leaves out of sight.
    """
    # half the square of a chord: 1 minus a product would have lost the digits that matter
    chord = _unit(one) - _unit(other)
    return float((chord**2).sum(axis=1).max() / 2)


def _unit(rows: Numbers) -> npt.NDArray[np.float64]:
    exact = rows.astype(np.float64)
    lengths: npt.NDArray[np.float64] = np.linalg.norm(exact, axis=1, keepdims=True)
    unit: npt.NDArray[np.float64] = exact / np.maximum(lengths, _TINY)
    return unit


PROBES = (
    "",
    "x",
    " leading space",
    "What is the capital of China?",
    "//path",
    "(",
    "\nnew line",
    "\n\n",
    "12,345.67€",
    "中国的首都是北京。",
    "🙂👍🏽",
    "\u0301 accent first",
)
"""Beginnings that a tokenizer may join to what stands before them."""

SPELLED_TOKENS = ("<|endoftext|>", "<|im_end|>", "a <|im_start|>assistant\n<think> b")
"""Special tokens a text may quote, which must not end the turn it is quoted in."""

PLAIN = ("The capital of China is Beijing.", "Gravity is a force that attracts two bodies.")
"""Two ordinary texts that have nothing to do with each other."""

QUESTION = "What is the capital of China?"
"""The first of `PLAIN` answers it and the second does not."""
