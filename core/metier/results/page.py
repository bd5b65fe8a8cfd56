"""An HTML page of results that needs no network: tables to sort and search, and plots.

Libraries in `assets/` draw it in the browser from JSON. No text becomes HTML or code: the JSON is
data, the script puts it into the document as text, and the content security policy of the page
allows the scripts of this module alone, by their hashes, and no request to anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from statistics import median
from typing import Any

from metier.results.document_position import TONE_COLORS, positions_of
from metier.results.figure import Figure, PointGroup
from metier.results.file_position import EDITORS, FilePosition, chosen_editor
from metier.results.group_colors import GroupMark, group_colors, group_marks, spread_marks
from metier.results.page_cells import cell_data, is_exact
from metier.results.page_documents import documents_data, order_of_tables
from metier.results.result_document import ResultDocument
from metier.results.table import (
    Column,
    Excerpt,
    ScoredPassage,
    Table,
    is_empty,
    shown,
    whole,
)

_SCRIPTS = (
    *("tabulator.min.js", "chart.min.js", "chart-zoom.min.js"),
    *("links.js", "cells.js", "pictures.js", "maps.js", "plots.js", "print.js", "review.js"),
    "page.js",
)
_STYLES = ("tabulator.min.css", "page.css", "review.css")
_FAINT = "#9a9a9a"
_TOLD_APART = 8
"""So many groups need no colors that follow from where they lie."""
_ESCAPED = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
"""What no script element and no file in UTF-8 may have as it is."""

_COLORLESS = ("outlier", "undecided")
"""Labels of what has none of the others."""


@dataclass(frozen=True, slots=True)
class PageSection:
    """One result on a page.

    Attributes:
        title: what it is, in words.
        headline: one sentence with the main result.
        about: labels and texts, such as what the result is not for.
        figures: drawn in order.
        tables: shown in order, below the figures.
        notes: below the tables.
        origin: one line that says how the result was made.
        documents: that cells of the tables lead into.
    """

    title: str
    headline: str
    about: Sequence[tuple[str, str]] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    origin: str = ""
    documents: Sequence[ResultDocument] = ()


def render_page(title: str, sections: Sequence[PageSection]) -> str:
    """A complete HTML document.

    Args:
        title: of the page; a single section with the same title gets no heading of its own.
        sections: in order.
    """
    data = {
        "sections": [
            {
                "figures": [_figure_data(figure, section.tables) for figure in section.figures],
                "tables": _tables_data(section.tables, section.figures),
                "documents": documents_data(section.tables, section.documents),
            }
            for section in sections
        ],
        **_links(sections),
    }
    scripts = _scripts()
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(
        _section_html(section, index, heading=len(sections) > 1 or section.title != title)
        for index, section in enumerate(sections)
    )
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{_styles()}</style>\n</head>\n"
        f"<body>\n<h1>{escape(title)}</h1>\n{_contents_html(sections)}\n{body}\n"
        "<noscript><p>The tables and plots of this page are drawn by its own scripts, which are "
        "switched off.</p></noscript>\n"
        f'<script type="application/json" id="page-data">{_json_in_html(data)}</script>\n'
        + "\n".join(f"<script>{script}</script>" for script in scripts)
        + "\n</body>\n</html>\n"
    )


def render_frame(title: str, sections: Sequence[PageSection], *, height: int = 640) -> str:
    """A page inside of an `iframe`, for notebooks: its styles and scripts touch nothing else.

    Args:
        title: of the page.
        sections: in order.
        height: in pixels.
    """
    page = escape(render_page(title, sections))
    return (
        f'<iframe title="{escape(title)}" srcdoc="{page}" width="100%" height="{height}" '
        'style="border:0" sandbox="allow-scripts allow-modals allow-downloads '
        'allow-top-navigation-to-custom-protocols"></iframe>'
    )


def _links(sections: Sequence[PageSection]) -> dict[str, Any]:
    """The editors that open positions in files, where there are any, and the one chosen first."""
    rows = [row for section in sections for table in section.tables for row in table.rows]
    if not any(isinstance(cell, FilePosition) for row in rows for cell in row):
        return {}
    editor = chosen_editor()
    return {"editors": EDITORS, "editor": "none" if editor == "file" else editor}


def _section_html(section: PageSection, index: int, *, heading: bool) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>"] if heading else []
    parts.append(f'<p class="headline">{escape(section.headline)}</p>')
    if section.about:
        pairs = "".join(
            f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in section.about
        )
        parts.append(f'<dl class="about">{pairs}</dl>')
    for position, figure in enumerate(section.figures):
        parts.append(_block_html(f"s{index}-figure{position}", figure.title))
    parts += _tables_html(section, index)
    parts += [f'<p class="note">{escape(note)}</p>' for note in section.notes]
    if section.origin:
        parts.append(f"<footer>{escape(section.origin)}</footer>")
    return f'<section id="s{index}">\n' + "\n".join(parts) + "\n</section>"


def _tables_html(section: PageSection, index: int) -> list[str]:
    """Places for the tables; above the documents and beside them those that lead there."""
    blocks = []
    for position, table in enumerate(section.tables):
        note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
        blocks.append(_block_html(f"s{index}-table{position}", table.title) + note)
    if not section.documents:
        return blocks
    order = order_of_tables(section.tables)
    findings = "".join(blocks[position] for position in order.beside)
    review = (
        f'<div class="review" id="s{index}-review"><div class="findings">{findings}</div>'
        '<div class="documents"></div></div>'
    )
    above = [blocks[position] for position in order.above]
    return [*above, review, *(blocks[position] for position in order.below)]


def _block_html(name: str, title: str) -> str:
    heading = f"<h3>{escape(title)}</h3>" if title else ""
    return f'<div id="{name}">{heading}</div>'


def _contents_html(sections: Sequence[PageSection]) -> str:
    """The table of contents: sections, and what is in them; empty for a single block."""
    entries = [_entries(section, index) for index, section in enumerate(sections)]
    if len(sections) == 1:
        items = "".join(f"<li>{_link(*entry)}</li>" for entry in entries[0])
        return f"<nav><ul>{items}</ul></nav>" if len(entries[0]) > 1 else ""
    items = "".join(
        f"<li>{_link(f's{index}', section.title)}</li>" for index, section in enumerate(sections)
    )
    return f'<nav class="many"><ul>{items}</ul></nav>'


def _entries(section: PageSection, index: int) -> list[tuple[str, str]]:
    titles = {f"figure{number}": figure.title for number, figure in enumerate(section.figures)}
    titles |= {f"table{number}": table.title for number, table in enumerate(section.tables)}
    return [(f"s{index}-{name}", title) for name, title in titles.items() if title]


def _link(target: str, text: str) -> str:
    return f'<a href="#{target}">{escape(text)}</a>'


# --- data for the script --------------------------------------------------------------------------


def _figure_data(figure: Figure, tables: Sequence[Table]) -> dict[str, Any]:
    marks = _marks(figure)
    rows = _rows_by_id(tables)
    return {
        "title": figure.title,
        "axes": figure.axes,
        "map": _is_map(figure),
        "groups": [
            {
                "name": group.name,
                "faint": group.faint,
                "line": group.line,
                "color": mark.color,
                "shape": mark.shape,
                "points": [
                    (
                        *(round(point.x, 4), round(point.y, 4), point.label),
                        *(rows.get(point.id, ()) if point.id else ()),
                    )
                    for point in group.points
                ],
            }
            for group, mark in zip(figure.groups, marks, strict=True)
        ],
    }


def _marks(figure: Figure) -> list[GroupMark]:
    """The mark of each group; on a map with many, groups that lie together differ the most."""
    marks = group_marks(len(figure.groups))
    colored = [position for position, group in enumerate(figure.groups) if not group.faint]
    if _is_map(figure) and len(colored) > _TOLD_APART:
        centers = [_center(figure.groups[position]) for position in colored]
        for position, mark in zip(colored, spread_marks(centers), strict=True):
            marks[position] = mark
    for position, group in enumerate(figure.groups):
        color, shape = marks[position]
        shape = "line" if group.line else "circle" if group.faint else shape
        marks[position] = GroupMark(_FAINT if group.faint else color, shape)
    return marks


def _is_map(figure: Figure) -> bool:
    return figure.axes is None and not any(group.line for group in figure.groups)


def _center(group: PointGroup) -> tuple[float, float]:
    if not group.points:
        return (0.0, 0.0)
    return median(point.x for point in group.points), median(point.y for point in group.points)


def _rows_by_id(tables: Sequence[Table]) -> dict[str, tuple[int, int]]:
    """The table and row of each id in the main tables; of an id that is there twice the first."""
    rows: dict[str, tuple[int, int]] = {}
    for number, table in enumerate(tables):
        names = [column.name for column in table.fields]
        if table.main and "id" in names:
            column = names.index("id")
            for position, row in enumerate(table.rows):
                rows.setdefault(shown(row[column]), (number, position))
    return rows


def _tables_data(tables: Sequence[Table], figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Tables of a section: a label has one color in all columns of the same name.

    Labels that are groups of a figure have the colors they have there.
    """
    drawn = {
        group.label: mark.color
        for figure in figures
        for group, mark in zip(figure.groups, _marks(figure), strict=True)
        if group.label
    }
    labels: dict[str, dict[str, None]] = {}
    for table in tables:
        for index, column in enumerate(table.fields):
            if column.kind == "label":
                cells = (shown(row[index]) for row in table.rows if not is_empty(row[index]))
                labels.setdefault(column.name, {}).update(dict.fromkeys(cells))
    colors = {name: _label_colors(list(values), drawn) for name, values in labels.items()}
    for table in tables:
        for column in table.fields:
            for label in {*column.tones} & {*colors.get(column.name, ())}:
                colors[column.name][label] = TONE_COLORS[column.tones[label]]
    return [_table_data(table, colors) for table in tables]


def _label_colors(labels: Sequence[str], drawn: Mapping[str, str]) -> dict[str, str]:
    colored = [label for label in labels if label not in _COLORLESS]
    colors = dict(zip(colored, group_colors(len(colored)), strict=True))
    if drawn.keys() >= {*colored}:
        colors = {label: drawn[label] for label in colored}
    return {label: colors.get(label, _FAINT) for label in labels}


def _table_data(table: Table, colors: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    columns = [
        _column_data(column, [row[index] for row in table.rows], colors.get(column.name, {}))
        for index, column in enumerate(table.fields)
    ]
    return {"columns": columns, "rows": [[cell_data(cell) for cell in row] for row in table.rows]}


def _column_data(
    column: Column, cells: Sequence[object], colors: Mapping[str, str]
) -> dict[str, Any]:
    cells = [cell.score if isinstance(cell, ScoredPassage) else cell for cell in cells]
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    finite = [abs(number) for number in numbers if is_exact(number)]
    labels = [shown(cell) for cell in cells if not is_empty(cell)]
    values = list(dict.fromkeys(labels)) if column.kind == "label" else []
    return {
        "name": column.name,
        "kind": column.kind,
        "hidden": column.hidden,
        "main": column.main,
        "own": column.own,
        "code": any(isinstance(cell, Excerpt) and cell.language for cell in cells),
        "leads": any(map(positions_of, cells)),
        "toned": bool(column.tones),
        "listed": any(isinstance(cell, Excerpt) and cell.first_line for cell in cells),
        "digits": 3 if any(isinstance(cell, float) for cell in cells) and not column.own else 0,
        "highest": max(finite, default=0),
        "widest": max((len(whole(cell, exact=column.own)) for cell in cells), default=0),
        "values": values,
        "colors": [colors[value] for value in values],
    }


def _json_in_html(data: Any) -> str:
    """JSON that ends no script element, whatever is in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


# --- files of the page ----------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _scripts() -> tuple[str, ...]:
    """The scripts, without the comments that name a source map nobody has."""
    return tuple(
        "\n".join(
            line
            for line in _asset(name).splitlines()
            if not line.startswith("//# sourceMappingURL=")
        )
        for name in _SCRIPTS
    )


@lru_cache(maxsize=1)
def _styles() -> str:
    return "\n".join(_asset(name) for name in _STYLES)


def _asset(name: str) -> str:
    return (files("metier.results") / "assets" / name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    """The hash of a script as a content security policy names it."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
