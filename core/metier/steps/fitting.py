"""Parameters of workflows that fit a head, and what they do with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from metier.close_names import brief, did_you_mean, known_names
from metier.engine.long_texts import LongTextMode
from metier.errors import ParameterError
from metier.registry.instruction import Instruction
from metier.steps.head_results import HeadResult
from metier.steps.learning import fit_head
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.heads.thresholds import ThresholdGoal
    from metier.runtime.runtime import Runtime

HeadFolder = Annotated[
    Path | None, Field(description="Folder to save the head in; not saved if not given.")
]
"""Folder that a head is saved in; None to measure it only."""

HeadColumns = Annotated[
    tuple[str, ...],
    Field(description="Other columns to learn from, such as an amount; may be given again."),
]
"""Names of columns that a head learns from beside the texts."""

Subgroup = Annotated[
    tuple[str, ...],
    Field(
        description="Column whose groups, of numbers its quarters, are compared and not learned; "
        "may be given again."
    ),
]
"""Names of columns whose groups a report compares."""

Positive = Annotated[
    str | None, Field(description="Label that is flagged; the rarer of two by default.")
]
"""The label that is flagged; None for the rarer of two."""

_SHARE = {"gt": 0.0, "le": 1.0}

GoalRecall = Annotated[
    float | None, Field(**_SHARE, description="Flag at least this share of the positive texts.")
]
"""Least recall of flags; None for no such goal."""

GoalPrecision = Annotated[
    float | None, Field(**_SHARE, description="Let at least this share of the flags be right.")
]
"""Least precision of flags; None for no such goal."""

GoalFlags = Annotated[
    float | None,
    Field(**_SHARE, description="Flag at most this share of the texts, the highest scores."),
]
"""Largest share of texts that is flagged; None for no such goal."""

HeadLevel = Annotated[
    float,
    Field(
        gt=0.0,
        lt=1.0,
        description="Share of the texts of each label whose set of labels holds it.",
    ),
]
"""Coverage of the sets of possible labels."""


def goal_of(
    recall: float | None, precision: float | None, flags: float | None
) -> ThresholdGoal | None:
    """The goal of a threshold, None where none is stated.

    Raises:
        ParameterError: several are stated.
    """
    from metier.heads.thresholds import ThresholdGoal

    stated = [value for value in (recall, precision, flags) if value is not None]
    if not stated:
        return None
    if len(stated) > 1:
        raise ParameterError(
            "A threshold has one goal, and several are stated: $recall, $precision, $flags.",
            fix="State one of them.",
            parameters={"recall": 0.8, "precision": 0.8, "flags": 0.1},
            parameter="recall",
        )
    return ThresholdGoal(recall=recall, precision=precision, rate=flags)


def _require_label(positive: str | None, labels: Sequence[str]) -> None:
    known = sorted(set(labels))
    if positive is not None and positive not in known:
        raise ParameterError(
            f"No example has the label {brief(positive)!r}.",
            why=did_you_mean(positive, known) or known_names(known, limit=20),
            fix="Name one of the labels with $positive, or leave it out for the rarer of two.",
            parameters={"positive": ...},
            parameter="positive",
        )


def fit_and_save(
    rt: Runtime,
    examples: Texts,
    labels: Sequence[str],
    *,
    instruction: str | Instruction,
    noun: str = "texts",
    at: Path | None = None,
    columns: Sequence[str] = (),
    subgroup: Sequence[str] = (),
    positive: str | None = None,
    recall: float | None = None,
    precision: float | None = None,
    flags: float | None = None,
    level: float = 0.9,
    seed: int = 0,
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> HeadResult:
    """Fit a head as `fit_head` does, save it where a folder is named, and say how good it is.

    Args:
        rt: the Runtime.
        examples: labeled texts.
        labels: the label of each.
        instruction: id or `Instruction`.
        noun: what the texts are, for people.
        at: folder to save the head in; None to measure it only.
        columns: as of `fit_head`, as are `dim`, `long_texts` and what it raises.
        subgroup: names of columns whose groups are compared.
        positive: as of `HeadOptions`, as are `level` and `seed`.
        recall: goal of the threshold, as of `ThresholdGoal`, as are `precision` and `flags`, the
            rate.
    """
    from metier.heads.head_files import require_head_folder
    from metier.heads.head_options import HeadOptions

    if at is not None:
        require_head_folder(at)  # before what takes long
    _require_label(positive, labels)
    options = HeadOptions(
        positive=positive, goal=goal_of(recall, precision, flags), level=level, seed=seed
    )
    fit = partial(fit_head, rt, examples, labels, instruction=instruction, options=options)
    head = fit(columns=columns, group_columns=subgroup, dim=dim, long_texts=long_texts)
    folder = "" if at is None else str(head.save(at))
    return HeadResult.of(head, noun=noun, folder=folder)
