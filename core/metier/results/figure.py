"""A figure as data: what a result plots. The page that shows it draws it (`results/page.py`)."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

_OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#a68f00")
"""Okabe and Ito, Color Universal Design (2008), without black; yellow is darkened, so that all of
them show on white and on black."""

_SHAPES = ("circle", "triangle", "rect", "rectRot", "star", "crossRot", "rectRounded", "cross")
"""Point styles of Chart.js; a group has the color and the shape of its position."""


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
        points: in any order, of a line in that of the line.
        faint: drawn small and in gray, as outliers are.
        line: drawn as a line from point to point.
    """

    name: str
    points: Sequence[Point]
    faint: bool = False
    line: bool = False


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


def group_colors(count: int) -> list[str]:
    """Different colors, `#rrggbb`, of which the first seven are told apart by the color-blind.

    Those after them take hues a golden angle apart in three lightnesses. No set of so many is told
    apart by its colors alone, so the groups of a figure differ in the shape of their points, too.
    """
    colors = list(_OKABE_ITO[:count])
    for position in range(count - len(colors)):
        hue = (position * 0.618034 + 0.09) % 1.0
        rgb = colorsys.hls_to_rgb(hue, (0.40, 0.54, 0.66)[position % 3], 0.55)
        color = "#" + "".join(f"{round(part * 255):02x}" for part in rgb)
        colors.append(color)
    return colors


def group_shape(position: int) -> str:
    """The shape of the points of a group: as its color, by its position."""
    return _SHAPES[position % len(_SHAPES)]
