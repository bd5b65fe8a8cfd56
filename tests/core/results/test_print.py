"""Printed pages: every row and every column on the paper, in a size to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.core.results.browser import click, open_browser, print_page, show, texts

from metier.results.figure import Figure, Point, PointGroup
from metier.results.page import PageSection, render_page
from metier.results.table import Column, Excerpt, ScoredPassage, Table

OWN = (Column("branch", hidden=True, own=True), Column("opened on", hidden=True, own=True))


def page(*tables: Table, figures: tuple[Figure, ...] = ()) -> str:
    about = [("For", "People who repair toys.")]
    section = PageSection("Toys", "All toys", about=about, tables=tables, figures=figures)
    return render_page("Toys", [section])


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def toys(count: int) -> Table:
    rows = [
        (f"toy-{number:03}", number / count, f"Defect {number:03}.", f"b{number}", "May 4")
        for number in range(count)
    ]
    return Table("Toys", ("id", Column("score", "score"), "defect", *OWN), rows)


def function(lines: int) -> Excerpt:
    body = [f"    step_{number:02} = {number}" for number in range(1, lines)]
    return Excerpt("\n".join(["def repair(toy):", *body]), language="Python")


@pytest.mark.parametrize("count", [12, 14, 40])
def test_a_wide_matrix_is_printed_in_blocks_of_columns_after_the_first(browser, tmp_path, count):
    names = [f"Workshop{number:02}Agreement-RepairAndReturn.txt" for number in range(count)]
    columns = ("query", *(Column(name, "score") for name in names))
    rows = [
        (f"Question {row}?", *(round((row * count + number) / 1000, 3) for number in range(count)))
        for row in range(4)
    ]
    show(browser, tmp_path, page(Table("Matrix", columns, rows)))
    printed = "".join(print_page(browser))
    assert [name for name in names if name not in printed] == []
    assert [f"{cell:.3f}" for row in rows for cell in row[1:] if f"{cell:.3f}" not in printed] == []
    blocks = printed.count("Columns")
    assert blocks > 1
    assert f"to{count}of{count}" in printed
    assert [printed.count(f"Question{row}?") for row in range(4)] == [blocks] * 4


def test_a_matrix_that_fits_is_printed_as_one_table(browser, tmp_path):
    columns = ("query", *(Column(f"toy {number}", "score") for number in range(5)))
    passage = ScoredPassage(0.625, "book 1", Excerpt("Glue the wheel."))
    rows = [("Who glues?", "-", passage, "-", "-", 0.5)]
    show(browser, tmp_path, page(Table("Matrix", columns, rows)))
    (printed,) = print_page(browser)
    assert "Columns" not in printed
    assert "Whoglues?-0.625--0.500" in printed


def test_a_printed_list_has_every_row_with_the_columns_of_the_input_beneath(browser, tmp_path):
    show(browser, tmp_path, page(toys(300)))
    printed = "".join(print_page(browser))
    ids = [f"toy-{number:03}{number / 300:.3f}Defect{number:03}." for number in range(300)]
    assert [row for row in ids if row not in printed] == []
    own = [f"branchb{number}·openedonMay4" for number in range(300)]
    assert [row for row in own if row not in printed] == []
    assert texts(browser, ".printed") == []


def test_columns_that_were_chosen_are_printed_as_columns(browser, tmp_path):
    show(browser, tmp_path, page(toys(8)))
    click(browser, "details.columns summary")
    click(browser, "details.columns label:nth-of-type(3) input")
    click(browser, "details.columns label:nth-of-type(4) input")
    printed = "".join(print_page(browser))
    assert "idscorebranch" in printed
    assert "toy-0020.250b2openedonMay4" in printed
    assert "Defect" not in printed


def test_columns_without_room_are_printed_beneath_their_row(browser, tmp_path):
    names = [f"measurement {number:02}" for number in range(20)]
    rows = [
        (f"toy-{row}", "red", *(f"value{row}x{number:02}" for number in range(20)))
        for row in range(3)
    ]
    table = Table("Toys", ("id", Column("color", "label"), *names), rows)
    show(browser, tmp_path, page(table))
    printed = "".join(print_page(browser))
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell not in printed] == []
    assert [name for name in names if name.replace(" ", "") not in printed] == []


def test_of_source_code_the_first_lines_are_printed(browser, tmp_path):
    rows = [
        (1, "toys.py:1", function(40)),
        (2, "toys.py:90", function(13)),
        (3, "a.py:1", function(9)),
    ]
    show(browser, tmp_path, page(Table("Hits", ("rank", "where", "text"), rows)))
    printed = "".join(print_page(browser))
    assert "defrepair(toy):" in printed
    assert [printed.count(f"step_{line:02}=") for line in (8, 9, 11, 12, 39)] == [3, 2, 2, 0, 0]
    assert "28morelines,notprinted" in printed
    assert "1moreline,notprinted" in printed


def test_the_first_printed_page_has_rows_of_the_first_table(browser, tmp_path):
    rows = [(rank, f"toys.py:{rank}", function(90)) for rank in range(1, 13)]
    show(browser, tmp_path, page(Table("", ("rank", "where", "text"), rows)))
    first, *others = print_page(browser)
    assert [f"toys.py:{rank}" in first for rank in (1, 2, 3, 4)] == [True] * 4
    assert f"toys.py:{12}" in others[-1]


def test_a_text_longer_than_a_page_is_printed_whole_from_the_first_page_on(browser, tmp_path):
    words = [f"word{number:04}" for number in range(2000)]
    table = Table("Notes", ("id", "text"), [("n1", Excerpt(" ".join(words))), ("n2", "short")])
    show(browser, tmp_path, page(table))
    pages = print_page(browser)
    assert "word0000" in pages[0]
    assert [word for word in words if word not in "".join(pages)] == []


COLORS = """
    const plot = Chart.getChart(document.querySelector("canvas"));
    const { options } = plot;
    return [options.plugins.legend.labels.color, options.scales.x.ticks.color, plot.width];
"""


NEXT_FRAME = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"


def test_a_plot_is_printed_in_the_colors_of_paper_and_as_before_afterwards(browser, tmp_path):
    figure = Figure("Map", [PointGroup("bears", [Point(1.0, 2.0, "bear")])], axes=("a", "b"))
    scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    try:
        show(browser, tmp_path, page(toys(8), figures=(figure,)))
        before = browser.execute_script(COLORS)
        browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
        assert browser.execute_script(COLORS)[:2] == ["#000000", "#444444"]
        browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
        assert browser.execute_script(COLORS) == before
        assert before[0] != "#000000"
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_change_of_the_color_scheme_keeps_what_was_searched(browser, tmp_path):
    figure = Figure("Map", [PointGroup("bears", [Point(1.0, 2.0, "bear")])])
    show(browser, tmp_path, page(toys(8), figures=(figure,)))
    light = browser.execute_script(COLORS)
    browser.find_element("css selector", "#s0-table0 .toolbar input").send_keys("toy-003")
    scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    try:
        browser.execute_async_script(NEXT_FRAME)
        assert texts(browser, ".count") == ["1 of 8 rows"]
        assert browser.execute_script(COLORS)[0] != light[0]
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
