"""A scatter plot as an HTML fragment that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from metier.errors import MissingExtraError


class Group(NamedTuple):
    """Points of one colour: (x, y, text shown on hovering); faint ones stand back in grey."""

    name: str
    points: Sequence[tuple[float, float, str]]
    faint: bool = False


def scatter(groups: Sequence[Group], title: str, *, axes: tuple[str, str] | None = None) -> str:
    """An interactive scatter plot, script included.

    Args:
        groups: the points.
        title: above the plot.
        axes: what x and y are; None for a map, where only nearness means something.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    try:
        from plotly import graph_objects
    except ImportError:
        raise MissingExtraError("A figure", "viz", "plotly") from None
    figure = graph_objects.Figure(
        [
            graph_objects.Scatter(
                x=[x for x, _, _ in group.points],
                y=[y for _, y, _ in group.points],
                text=[escape(text) for _, _, text in group.points],
                name=escape(group.name),
                mode="markers",
                marker={"color": "#b0b0b0", "size": 5} if group.faint else {"size": 7},
                hoverinfo="text",
            )
            for group in groups
        ]
    )
    figure.update_layout(
        title=escape(title),
        template="plotly_white",
        height=560,
        legend={"itemsizing": "constant"},
    )
    if axes is None:
        figure.update_layout(xaxis={"visible": False}, yaxis={"visible": False, "scaleanchor": "x"})
    else:
        x, y = axes
        figure.update_layout(xaxis={"title": escape(x)}, yaxis={"title": escape(y)})
    html: str = figure.to_html(full_html=False, include_plotlyjs=True)
    return html
