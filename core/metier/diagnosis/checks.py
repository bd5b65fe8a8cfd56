"""Checks as data, the tolerances they use, and the texts they probe models with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from metier.models.catalog import CatalogMatch
from metier.models.embedder import Embedder
from metier.models.reranker import Reranker

Status = Literal["pass", "warn", "fail", "skip"]
Group = Literal["machine", "model", "server", "tokenizer", "template", "numbers", "golden"]
Remedy = Literal["record", "require embedder", "require reranker"]
"""How to call `examine` again: with record=True, or with a model among those required."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check and its result.

    Attributes:
        name: a few words, unique in a diagnosis.
        group: what it is about.
        status: `pass`; `fail`: results are wrong or none can be had; `warn`: something to know;
            `skip`: it could not be checked.
        detail: what was measured, with numbers.
        fix: what to do; None where there is nothing to do.
        remedy: how to call `examine` again to settle it; None where that does not help.
    """

    name: str
    group: Group
    status: Status
    detail: str
    fix: str | None = None
    remedy: Remedy | None = None


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
    """The status of a model that differs from the released one it was recognized as.

    With the id of a released model it is wrong; with the same sizes alone it may be a fine-tune.
    """
    return "fail" if recognized.by == "id" else "warn"


def make_check(
    name: str,
    group: Group,
    passes: bool,
    detail: str,
    *,
    fix: str,
    otherwise: Status = "fail",
    remedy: Remedy | None = None,
) -> Check:
    """A check that passes, or has the status `otherwise` and says what to do."""
    if passes:
        return Check(name, group, "pass", detail)
    return Check(name, group, otherwise, detail, fix, remedy)


def computed_in(model: Embedder | Reranker) -> str:
    """The number format of a model; `unknown` of one at a server, which may be any."""
    return "unknown" if model.device == "remote" else model.dtype


def rounding_tolerance(dtype: str) -> float:
    """Largest difference between two runs of one model on one machine.

    Only the order of sums may differ.
    """
    return 1e-6 if dtype == "float32" else 5e-3


def batch_tolerance() -> float:
    """Largest 1 - cosine between vectors in one half-precision format, alone and in a batch.

    It is a bound on the angle and not on the numbers of a vector, which are the smaller the more
    of them there are.
    """
    return 1e-3


def record_tolerance(*dtypes: str) -> float:
    """Largest 1 - cosine between a record and vectors of the same checkpoint now.

    The coarsest format decides. Compared with float32, vectors of the tiny checkpoints of
    `metier.testing` and of the embedded model differ by up to 2e-5 in float16, 1.3e-3 in bfloat16
    and 8e-3 in int8.
    """
    allowed = {"float32": 1e-6, "float16": 1e-3, "bfloat16": 2e-3, "int8": 1e-2}
    return max(allowed.get(dtype, 1e-2) for dtype in dtypes)


def vector_tolerance(*dtypes: str) -> float:
    """Largest difference of cosines and vector elements between machines.

    The coarsest format decides.
    """
    allowed = {"float32": 1e-3, "bfloat16": 5e-3, "float16": 5e-3, "int8": 1e-2}
    return max(allowed.get(dtype, 1e-2) for dtype in dtypes)


def score_tolerance(*dtypes: str) -> float:
    """Largest difference of scores between machines.

    Near 0.5 a score changes by a quarter of what its logit does. Logits are a few units large, and
    a number with 8 significant bits is rounded by up to 1/256 of itself.
    """
    return 1e-3 if set(dtypes) == {"float32"} else 2e-2


_TINY = 1e-30  # a length by which a row of zeros can be divided

FloatArray = npt.NDArray[np.float32] | npt.NDArray[np.float64]


def largest_difference(first: FloatArray, second: FloatArray) -> float:
    """The largest absolute difference of two arrays, element by element; NaN where one is NaN."""
    return float(np.abs(first - second).max())


def largest_angle(first: FloatArray, second: FloatArray) -> float:
    """The largest 1 - cosine between rows of two (n, dim) arrays; NaN where an element is NaN.

    How much a number format changes it does not depend on `dim`, and the rounding of a record to
    six digits is too small to show.
    """
    # Half the squared distance of unit vectors: 1 minus a product loses the digits that matter.
    distance = _unit_rows(first) - _unit_rows(second)
    return float((distance**2).sum(axis=1).max() / 2)


def _unit_rows(rows: FloatArray) -> npt.NDArray[np.float64]:
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
"""Texts whose beginning a tokenizer may join to what stands before them."""

SPELLED_TOKENS = ("<|endoftext|>", "<|im_end|>", "a <|im_start|>assistant\n<think> b")
"""Special tokens a text may quote, which must not end the turn it is quoted in."""

PLAIN = ("The capital of China is Beijing.", "Gravity is a force that attracts two bodies.")
"""Two ordinary texts that have nothing to do with each other."""

QUESTION = "What is the capital of China?"
"""The first of `PLAIN` answers it and the second does not."""
