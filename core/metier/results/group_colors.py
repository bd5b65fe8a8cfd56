"""Colors and shapes of groups that also people who see fewer colors tell apart."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

_HEX = """
    0070b0 70e060 c02000 f098ff 801050 c08800 184098 1888ff 984870 98b890
    d85870 f070c8 980000 b8b000 9878a0 3848c8 a8d0a0 b07000 583870 784848
    8060d8 b85050 585090 a090f0 68b060 b868d0 d0b0d8 e8c000 407028 009078
    706090 b040b0 78c868 e890b8 703830 50c0ff 38a838 8030b0 b888b0 f87050
    d898e0 287850 604870 780888 a868f0 e070e0 c868b8 906890 609888 58b8a8
    20e0c0 286058 d03030 40b080 6858c8 903088 8098d0 a07848 906068 b0c088
"""
_PALETTE = tuple(_HEX.split())
"""Each is the farthest from those before it and from gray, by `color_distance`, of the colors of
OKLCH with a lightness of 0.40 to 0.82 and a chroma of 0.06 to 0.20, which show on white and on
black; the first is the blue of Okabe and Ito, Color Universal Design (2008)."""

_SHAPES = ("circle", "triangle", "rect", "rectRot", "star", "crossRot", "cross")
"""Point styles of Chart.js that are told apart when small."""

_VISIONS = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
)
"""Linear RGB as seen with all cones, and without those for long, medium and short waves: Machado,
Oliveira and Fernandes (2009), severity 1."""

_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_OKLAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
"""Ottosson, A perceptual color space for image processing (2020)."""

_NEAREST = 4
_ROUNDS = 4

Vector = tuple[float, float, float]


class GroupMark(NamedTuple):
    """What the points of a group look like.

    Attributes:
        color: `#rrggbb`.
        shape: a point style of Chart.js.
    """

    color: str
    shape: str


def group_colors(count: int) -> list[str]:
    """Different colors, `#rrggbb`, of which the first twelve are told apart by the color-blind.

    Those after the sixtieth take hues a golden angle apart in three lightnesses. No set of so many
    is told apart by its colors alone, so the groups of a figure differ in shape, too.
    """
    return [mark.color for mark in group_marks(count)]


def group_marks(count: int) -> list[GroupMark]:
    """Marks of groups in order: of the first sixty no two have the same shape and like colors."""
    marks = list(_palette_marks()[:count])
    for position in range(count - len(marks)):
        hue = (position * 0.618034 + 0.09) % 1.0
        rgb = colorsys.hls_to_rgb(hue, (0.40, 0.54, 0.66)[position % 3], 0.55)
        color = "#" + "".join(f"{round(part * 255):02x}" for part in rgb)
        marks.append(GroupMark(color, _SHAPES[position % len(_SHAPES)]))
    return marks


def spread_marks(centers: Sequence[tuple[float, float]]) -> list[GroupMark]:
    """The marks of `group_marks`, given so that groups which lie together differ the most in color.

    Pairs of groups exchange their marks as long as that lowers the sum, over each group and its
    four nearest, of the inverse squares of the distances between their colors.

    Args:
        centers: x and y of each group.
    """
    marks = group_marks(len(centers))
    last = min(len(centers), len(_PALETTE))
    if last <= 2:
        return marks
    neighbors = _neighbors(centers[:last])
    order = list(range(last))

    def cost(group: int) -> float:
        color = _PALETTE[order[group]]
        return sum(
            color_distance(color, _PALETTE[order[other]]) ** -2 for other in neighbors[group]
        )

    for _ in range(_ROUNDS):
        is_settled = True
        for first, second in combinations(range(last), 2):
            before = cost(first) + cost(second)
            order[first], order[second] = order[second], order[first]
            if cost(first) + cost(second) < before - 1e-9:
                is_settled = False
            else:
                order[first], order[second] = order[second], order[first]
        if is_settled:
            break
    return [marks[position] for position in order] + marks[last:]


@lru_cache(maxsize=8192)
def color_distance(first: str, second: str) -> float:
    """The least distance of two colors in OKLab as people see them with or without all cones.

    Args:
        first: `rrggbb`, with or without `#` before it.
        second: likewise.
    """
    vectors = zip(_seen(first.lstrip("#")), _seen(second.lstrip("#")), strict=True)
    return min(math.dist(start, end) for start, end in vectors)


@lru_cache(maxsize=1024)
def _seen(color: str) -> tuple[Vector, ...]:
    """A color in OKLab for each kind of vision."""
    shares = [int(color[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    return tuple(_oklab(_product(vision, linear)) for vision in _VISIONS)


def _oklab(linear: Sequence[float]) -> Vector:
    clipped = [min(max(part, 0.0), 1.0) for part in linear]
    return _product(_TO_OKLAB, [part ** (1 / 3) for part in _product(_TO_CONES, clipped)])


def _product(matrix: Sequence[Vector], vector: Sequence[float]) -> Vector:
    first, second, third = (
        sum(weight * part for weight, part in zip(row, vector, strict=True)) for row in matrix
    )
    return first, second, third


@lru_cache(maxsize=1)
def _palette_marks() -> tuple[GroupMark, ...]:
    """Each color with the shape whose earlier colors are farthest from it."""
    colors: dict[str, list[str]] = {shape: [] for shape in _SHAPES}
    marks = []
    for color in _PALETTE:
        shape = max(
            _SHAPES,
            key=lambda shape: min(
                (color_distance(color, earlier) for earlier in colors[shape]), default=9.0
            ),
        )
        colors[shape].append(color)
        marks.append(GroupMark(f"#{color}", shape))
    return tuple(marks)


def _neighbors(centers: Sequence[tuple[float, float]]) -> list[set[int]]:
    """Of each group the four nearest, and those that it is one of the four nearest of."""
    neighbors: list[set[int]] = [set() for _ in centers]
    for group, (x, y) in enumerate(centers):
        others = [other for other in range(len(centers)) if other != group]
        others.sort(key=lambda other: (centers[other][0] - x) ** 2 + (centers[other][1] - y) ** 2)
        for other in others[:_NEAREST]:
            neighbors[group].add(other)
            neighbors[other].add(group)
    return neighbors
