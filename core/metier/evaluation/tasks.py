"""What is measured of a folder, and the constants that all evaluations share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from metier.registry.instruction import Kind

PRECISION = 0.8
"""Precision of flags at which recall is given."""

SEED = 0
"""Seed of folds and resamples."""

FOLDS = 5
"""Parts of texts whose labels are held out in turn."""

RESAMPLES = 1000
"""Resamples of a bootstrap."""

MAX_LOSS = 0.01
"""Largest loss of the leading metric at which a smaller or faster setting is recommended."""


Task = Literal["retrieval", "clustering", "classification", "flagging"]
"""What is measured; each has its own metrics."""

TASK_OF: Mapping[Kind, Task] = {
    "retrieval": "retrieval",
    "reranking": "retrieval",
    "similarity": "retrieval",
    "clustering": "clustering",
    "classification": "classification",
    "flagging": "flagging",
}
"""How an instruction of each kind is measured."""

LEADING: Mapping[Task, str] = {
    "retrieval": "ndcg@10",
    "clustering": "v_measure",
    "classification": "macro_f1",
    "flagging": "roc_auc",
}
"""The metric that a sweep compares; higher is better."""
