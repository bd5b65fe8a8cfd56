"""Figures in pages: what plotly gets to show."""

from __future__ import annotations

import json
import re

import pytest

from metier.workflows.figure import Figure, Point, PointGroup
from metier.workflows.html import draw

TEXT = """He said "no" & <b>left</b>, it's 3 < 4"""
SHOWN = """He said "no" &amp; &lt;b&gt;left&lt;/b&gt;, it's 3 &lt; 4"""


def test_a_figure_shows_texts_as_they_are_written():
    pytest.importorskip("plotly", reason="the extra viz is not installed")
    html = draw(Figure(TEXT, [PointGroup(TEXT, [Point(0, 0, TEXT)])], axes=(TEXT, "y")))
    call = re.search(r"Plotly\.newPlot\(\s*\"[\w-]+\",\s*(\[.*?\}\]),\s*(\{.*\}),", html, re.DOTALL)
    (trace,) = json.loads(call[1])
    layout, _ = json.JSONDecoder().raw_decode(call[2])
    assert trace["text"] == [SHOWN]  # plotly reads these three entities and no others
    assert trace["name"] == SHOWN
    assert layout["title"]["text"] == layout["xaxis"]["title"]["text"] == SHOWN
