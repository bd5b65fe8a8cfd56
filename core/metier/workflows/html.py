"""Self-contained HTML: a page, and figures that need no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from metier.errors import MissingExtraError
from metier.workflows.figure import Figure


def draw(figure: Figure) -> str:
    """A figure as an interactive HTML fragment, script included.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    try:
        from plotly import graph_objects
    except ImportError:
        raise MissingExtraError("A figure", "viz", "plotly") from None
    plot = graph_objects.Figure(
        [
            graph_objects.Scatter(
                x=[point.x for point in group.points],
                y=[point.y for point in group.points],
                text=[_plot_text(point.label) for point in group.points],
                name=_plot_text(group.name),
                mode="markers",
                marker={"color": "#b0b0b0", "size": 5} if group.faint else {"size": 7},
                hoverinfo="text",
            )
            for group in figure.groups
        ]
    )
    plot.update_layout(
        title=_plot_text(figure.title),
        template="plotly_white",
        height=560,
        legend={"itemsizing": "constant"},
    )
    if figure.axes is None:
        plot.update_layout(xaxis={"visible": False}, yaxis={"visible": False, "scaleanchor": "x"})
    else:
        x, y = figure.axes
        plot.update_layout(xaxis={"title": _plot_text(x)}, yaxis={"title": _plot_text(y)})
    html: str = plot.to_html(full_html=False, include_plotlyjs=True)
    return html


def _plot_text(text: str) -> str:
    """Text as plotly reads it: it knows `&amp;`, `&lt;` and `&gt;`, and shows `&quot;` as it is."""
    return escape(text, quote=False)


_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .92em; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem;
         border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.note { opacity: .75; font-style: italic; }
footer { opacity: .75; font-size: .85em; }
section { margin-bottom: 3rem; }
"""


def page(title: str, sections: Sequence[str]) -> str:
    """A page of ready HTML fragments under a plain-text title."""
    body = "\n".join(f"<section>{section}</section>" for section in sections)
    return (
        f"<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
        f"<meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )
