"""What a user states about a head before it is fitted."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from metier.datafiles.data_model import DataModel
from metier.heads.thresholds import ThresholdGoal


class HeadOptions(DataModel):
    """How a head is fitted.

    Attributes:
        positive: the label that is flagged; None for the rarer of two, and for none of more.
        goal: what flags have to reach on held-out examples; None for no threshold.
        level: share of the texts of each label whose conformal set holds it, in (0, 1).
        unknown: largest share of the texts of known labels that is taken for none of them, in
            [0, 1).
        min_texts: number of examples that a term has to occur in. Terms are kept in the files of a
            head: a larger number keeps words of single people out of them.
        seed: of folds and intervals; the same examples and seed give the same head.

    Raises:
        ParameterError: a value is not possible.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    positive: str | None = None
    goal: ThresholdGoal | None = None
    level: float = Field(0.9, gt=0, lt=1)
    unknown: float = Field(0.05, ge=0, lt=1)
    min_texts: int = Field(2, ge=1)
    seed: int = Field(0, ge=0)
