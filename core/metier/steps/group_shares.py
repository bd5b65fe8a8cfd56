"""How likely a text belongs to each of several groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SHOWN_GROUPS = 3
"""Groups that are named for each text, at most."""

_LEAST_SHARE = 0.005
"""Probability below which a group is not named."""


class GroupShare(BaseModel):
    """How likely a text belongs to a group.

    Attributes:
        label: of the group.
        name: of the group.
        probability: share of the nearest texts that are in it, by their cosines.
    """

    model_config = ConfigDict(frozen=True)

    label: int
    name: str
    probability: float


def likeliest_groups(
    shares: npt.NDArray[np.float64], names: Mapping[int, str]
) -> tuple[GroupShare, ...]:
    """Return the likeliest groups of a text, at most three, the likeliest first.

    Args:
        shares: (k,) probabilities.
        names: of the k groups by their labels, in order.
    """
    labels = list(names)
    return tuple(
        GroupShare(
            label=labels[group],
            name=names[labels[group]],
            probability=round(float(shares[group]), 4),
        )
        for group in (-shares).argsort(kind="stable")[:_SHOWN_GROUPS].tolist()
        if shares[group] >= _LEAST_SHARE
    )


def second_group(groups: Sequence[GroupShare], label: int) -> dict[str, Any]:
    """Return the likeliest group beside a text's own as flat columns, None where there is none.

    Args:
        groups: the likeliest first.
        label: of the text's own group; -1 for none.
    """
    others = [group for group in groups if group.label != label]
    second = others[0] if others else None
    return {
        "second_label": second and second.label,
        "second_name": second and second.name,
        "second_probability": second and second.probability,
    }
