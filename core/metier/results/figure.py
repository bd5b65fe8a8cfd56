"""A figure as data: what a result plots. The page that shows it draws it (`results/page.py`)."""

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
        id: of its row in the main tables of the result, under `id`; empty if it has none.
    """

    x: float
    y: float
    label: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class PointGroup:
    """Points that are drawn in one color.

    Attributes:
        name: in the legend.
        points: in any order, of a line in that of the line.
        faint: drawn small and in gray, as outliers are.
        line: drawn as a line from point to point.
        label: what tables call the group where they call it otherwise; it has one color in both.
    """

    name: str
    points: Sequence[Point]
    faint: bool = False
    line: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot of points and lines.

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
