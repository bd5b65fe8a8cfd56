"""A figure as data: what a result plots. The page that shows it draws it (`results.page`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple


class Point(NamedTuple):
    """A point of a figure.

    Attributes:
        x: on the horizontal axis.
        y: on the vertical axis.
        label: text that is shown for it.
    """

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class PointGroup:
    """Points that are drawn in one color.

    Attributes:
        name: in the legend.
        points: in any order.
        faint: drawn small and in gray, as outliers are.
    """

    name: str
    points: Sequence[Point]
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A scatter plot.

    Attributes:
        title: above the plot.
        groups: of points, in the order of the legend.
        axes: names of x and y; None for a map, where only distances mean something.
        kind: of plot; there is one kind.
    """

    title: str
    groups: Sequence[PointGroup]
    axes: tuple[str, str] | None = None
    kind: Literal["scatter"] = "scatter"
