"""Pages of results in a real browser: every row, to sort, filter, search, open and print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.core.results.browser import (
    BROKEN_WORDS,
    CUT_HINTS,
    FITS,
    click,
    errors_of,
    headings,
    open_browser,
    requests_of,
    show,
    story,
    texts,
)

from metier.results.figure import Figure, Point, PointGroup
from metier.results.group_colors import group_colors
from metier.results.page import PageSection, render_frame, render_page
from metier.results.table import Column, Excerpt, ScoredPassage, Table

ROWS = 300
COLORS = ("red", "green", "blue")
NASTY = (
    "</script><script>window.executed = 1</script>",
    "<img src=x onerror='window.executed = 2'>",
    "javascript:window.executed=3",
    '"><svg onload=window.executed=4>',
    "{{constructor.constructor('window.executed=5')()}}",
    "\u2028<!--<script>window.executed=6",
)


def toys() -> Table:
    rows = [
        (f"toy-{number}", number / ROWS, COLORS[number % 3], story(number), 1000 + number)
        for number in range(ROWS)
    ]
    columns = ("id", Column("score", "score"), Column("color", "label"), "story")
    return Table("Toys", (*columns, Column("price", hidden=True)), rows)


def page(*tables: Table, figures: tuple[Figure, ...] = ()) -> str:
    return render_page("Toys", [PageSection("Toys", "300 toys", tables=tables, figures=figures)])


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def cells(browser: Any, field: str) -> list[str]:
    """Texts of the rows that the first table shows, in one column."""
    return texts(browser, f"#s0-table0 .tabulator-row [tabulator-field={field}]")


def test_every_row_is_in_the_page_in_parts_of_twenty_five(browser, tmp_path):
    show(browser, tmp_path, page(toys()))
    assert texts(browser, ".count") == ["300 of 300 rows"]
    assert cells(browser, "c0") == [f"toy-{number}" for number in range(25)]
    click(browser, "button[data-page=next]")
    assert cells(browser, "c0")[0] == "toy-25"
    browser.execute_script("document.querySelector('#s0-table0').tabulator.setPageSize(true)")
    assert len(cells(browser, "c0")) == ROWS


def test_a_click_on_a_heading_sorts_numbers_as_numbers(browser, tmp_path):
    show(browser, tmp_path, page(toys()))
    heading = "[role=columnheader][tabulator-field=c1] .tabulator-col-title-holder"
    click(browser, heading)
    assert cells(browser, "c1")[:2] == ["0.000", "0.003"]
    click(browser, heading)
    assert cells(browser, "c0")[:2] == ["toy-299", "toy-298"]
    ids = "[role=columnheader][tabulator-field=c0] .tabulator-col-title-holder"
    click(browser, ids)
    assert cells(browser, "c0")[:3] == ["toy-0", "toy-1", "toy-2"]


def test_a_label_is_chosen_from_a_list_and_a_score_is_at_least(browser, tmp_path):
    show(browser, tmp_path, page(toys()))
    select = browser.find_element("css selector", "[tabulator-field=c2] select")
    assert select.text.split() == ["all", *COLORS]
    select.send_keys("green")
    assert set(cells(browser, "c2")) == {"green"}
    assert texts(browser, ".count") == ["100 of 300 rows"]
    browser.find_element("css selector", "[tabulator-field=c1] input").send_keys("0.9")
    assert texts(browser, ".count") == ["10 of 300 rows"]


def test_a_search_finds_words_that_a_row_shows_only_when_opened(browser, tmp_path):
    show(browser, tmp_path, page(toys()))
    search = browser.find_element("css selector", "#s0-table0 .toolbar input")
    search.send_keys("ending 217.")
    assert cells(browser, "c0") == ["toy-217"]
    search.clear()
    search.send_keys("1299")
    assert cells(browser, "c0") == ["toy-299"]


def test_a_row_opens_with_the_whole_text_its_marks_and_its_own_columns(browser, tmp_path):
    show(browser, tmp_path, page(toys()))
    click(browser, ".tabulator-row .expand")
    (detail,) = texts(browser, ".detail")
    assert str(story(0)).strip() in detail
    assert "price\n1000" in detail
    assert browser.execute_script(FITS) == [True, True]
    assert texts(browser, ".detail mark") == ["Story 0 \U0001f600 "]
    click(browser, ".tabulator-row .expand")
    assert texts(browser, ".detail") == []


def test_own_columns_are_shown_on_request(browser, tmp_path):
    show(browser, tmp_path, page(toys()))
    assert "price" not in headings(browser)
    click(browser, "details.columns summary")
    click(browser, "details.columns label:last-of-type input")
    assert "price" in headings(browser)
    assert cells(browser, "c4")[0] == "1000"


def test_printed_is_every_row_that_is_not_filtered_out(browser, tmp_path):
    show(browser, tmp_path, page(toys()))
    browser.find_element("css selector", "[tabulator-field=c2] select").send_keys("blue")
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    rows = texts(browser, ".printed tbody tr")
    assert len(rows) == 100
    script = "return document.querySelector('.printed tbody tr').textContent"
    assert str(story(2)) in browser.execute_script(script)
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert texts(browser, ".printed") == []


def test_source_code_keeps_its_lines_and_its_characters(browser, tmp_path):
    code = "def f(a):\n    # \U0001f600 <b>\n    return '&amp;' * a\n" + "\n".join("abcdefghij")
    show(browser, tmp_path, page(Table("", ("text",), [(Excerpt(code, language="Python"),)])))
    shown = texts(browser, ".tabulator-row pre.code")[0]
    assert shown.splitlines()[:3] == code.splitlines()[:3]
    assert "more lines" in shown
    assert "def" in texts(browser, "pre.code .k")
    click(browser, ".expand")
    assert texts(browser, ".detail pre.code")[0].rstrip() == code


def test_points_of_a_plot_have_their_groups_and_texts(browser, tmp_path):
    groups = [
        PointGroup("bears", [Point(1.0, 2.0, NASTY[0])]),
        PointGroup("rest", [Point(2.0, 3.0, "train")], faint=True),
        PointGroup("road", [Point(2.0, 3.0, "here"), Point(1.0, 2.0, "there")], line=True),
    ]
    show(browser, tmp_path, page(toys(), figures=(Figure("Map", groups),)))
    script = """
        const plot = Chart.getChart(document.querySelector("canvas"));
        return plot.data.datasets.map(
            set => [set.label, set.data[0].label, set.backgroundColor, set.showLine, set.pointStyle]
        );
    """
    assert browser.execute_script(script) == [
        ["bears", NASTY[0], group_colors(1)[0], False, "circle"],
        ["rest", "train", "#9a9a9a", False, "circle"],
        ["road", "here", group_colors(3)[2], True, "line"],
    ]


def test_axes_of_shares_end_at_one_and_those_of_others_have_room(browser, tmp_path):
    ends = [Point(0.0, 0.0, ""), Point(1.0, 90.0, "")]
    figure = Figure("Curve", [PointGroup("texts", ends)], axes=("stated", "count"))
    show(browser, tmp_path, page(figures=(figure,)))
    script = """
        const { x, y } = Chart.getChart(document.querySelector("canvas")).scales;
        return [x.min, x.max, y.max > 90];
    """
    assert browser.execute_script(script) == [0, 1, True]


def nasty_section() -> PageSection:
    columns = (NASTY[0], Column("color", "label"), Column(NASTY[1], hidden=True))
    rows = [(text, text, Excerpt(text, ((0, 5),))) for text in NASTY]
    groups = [PointGroup(text, [Point(number, 1.0, text)]) for number, text in enumerate(NASTY)]
    return PageSection(
        NASTY[0], NASTY[1], about=[("Not for", NASTY[3])], figures=[Figure(NASTY[4], groups)],
        tables=[Table(NASTY[5], columns, rows, note=NASTY[1])], notes=NASTY, origin=NASTY[3],
    )  # fmt: skip


def test_nothing_in_a_text_is_executed_or_becomes_part_of_the_page(browser, tmp_path):
    show(browser, tmp_path, render_page(NASTY[0], [nasty_section(), nasty_section()]))
    for button in browser.find_elements("css selector", ".expand"):
        button.click()
    browser.execute_script("document.querySelectorAll('details').forEach(node => node.open = true)")
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    script = """
        return [window.executed === undefined, document.scripts.length,
                document.querySelectorAll("img, section svg[onload], iframe").length];
    """
    assert browser.execute_script(script) == [True, 12, 0]
    assert texts(browser, "#s0-table0 .tabulator-row [tabulator-field=c1]") == list(NASTY)
    assert errors_of(browser) == []


def test_a_page_asks_nobody_for_anything(browser, tmp_path):
    show(browser, tmp_path, page(toys()))
    click(browser, ".expand")
    addresses = [url for url in requests_of(browser) if not url.startswith("data:")]
    assert addresses == [(tmp_path / "page.html").as_uri()]
    assert errors_of(browser) == []


def test_a_page_may_execute_no_script_but_its_own(browser, tmp_path):
    html = page(toys()).replace("</body>", "<script>window.executed = 7</script></body>")
    show(browser, tmp_path, html)
    assert browser.execute_script("return window.executed === undefined")
    assert "Content Security Policy" in errors_of(browser)[0]


def test_a_frame_for_notebooks_draws_the_page(browser, tmp_path):
    section = PageSection("Toys", "300 toys", tables=[toys()])
    show(browser, tmp_path, f"<!doctype html>{render_frame('Toys', [section])}")
    browser.switch_to.frame(browser.find_element("css selector", "iframe"))
    assert texts(browser, ".count") == ["300 of 300 rows"]
    browser.switch_to.default_content()


def test_three_hundred_rows_are_less_than_two_megabytes():
    assert len(page(toys()).encode()) < 2_000_000


def test_colors_of_groups_do_not_repeat():
    colors = group_colors(200)
    assert len(set(colors)) == 200
    assert colors[:5] == group_colors(5)


def simulated_deuteranopia(color: str) -> tuple[float, ...]:
    """Linear RGB as seen without medium-wavelength cones: Machado et al. (2009), severity 1."""
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    matrix = (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    )
    return tuple(
        sum(weight * part for weight, part in zip(row, linear, strict=True)) for row in matrix
    )


def test_the_first_colors_are_told_apart_without_red_and_green():
    seen = [simulated_deuteranopia(color) for color in group_colors(6)]
    distances = [
        sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
        for position, first in enumerate(seen)
        for second in seen[:position]
    ]
    assert min(distances) > 0.1


def test_hints_of_filters_are_not_cut_on_a_wide_screen(browser, tmp_path):
    columns = ("id", Column("score", "score"), "rank", Column("flagged", "label"), "n", "text")
    rows = [(f"a{n}", 0.5, n, "yes", n, story(n)) for n in range(8)]
    show(browser, tmp_path, page(Table("Hits", columns, rows)))
    assert browser.execute_script(CUT_HINTS) == []
    columns = ("id", Column("score", "score"), Column("risk", "label"), "evidence")
    rows = [(f"app-0{n}", 0.5, "Resets, balloon payments and credit", story(n)) for n in range(8)]
    browser.set_window_size(1000, 1200)
    try:
        show(browser, tmp_path, page(Table("Flagged", columns, rows)))
        assert browser.execute_script(CUT_HINTS) == []
    finally:
        browser.set_window_size(1400, 1200)


def test_headings_of_a_wide_matrix_are_not_broken_inside_words(tmp_path, browser):
    names = [f"consultingagreement-{number} amendment" for number in range(12)]
    columns = ("query", *(Column(name, "score") for name in names))
    table = Table("Matrix", columns, [(f"question {row}", *[0.5] * 12) for row in range(3)])
    show(browser, tmp_path, page(table))
    assert browser.execute_script(BROKEN_WORDS) == []
    script = """
        const holder = document.querySelector(".tabulator-tableholder");
        holder.scrollLeft = 900;
        const first = document.querySelector(".tabulator-row [tabulator-field=c0]");
        const box = first.getBoundingClientRect(), outer = holder.getBoundingClientRect();
        return [holder.scrollLeft > 0, box.left >= outer.left && box.right <= outer.right];
    """
    assert browser.execute_script(script) == [True, True]


def test_short_labels_and_headings_are_not_broken_inside_words(tmp_path, browser):
    groups = Table(
        "Groups",
        ("column", Column("group", "label"), Column("texts", "count"), "flagged", "remark"),
        [("home_ownership", "MORTGAGE", 264, "0.72 (0.66 to 0.77)", "")] * 3,
    )
    confusion = Table(
        "Confusion",
        (Column("label"), Column("as charged_off", "number"), Column("as fully_paid", "number")),
        [("charged_off", 0, 149), ("fully_paid", 3, 448)],
    )
    show(
        browser,
        tmp_path,
        render_page("Toys", [PageSection("Toys", "", tables=[groups, confusion])]),
    )
    assert browser.execute_script(BROKEN_WORDS) == []


def test_a_cell_of_a_matrix_tells_its_passage_on_hover_and_where_the_row_is_opened(
    tmp_path, browser
):
    passage = ScoredPassage(0.625, "lease, 1", Excerpt(NASTY[0] + " the tenant pays", ((0, 3),)))
    columns = ("query", *(Column(name, "score") for name in ("lease", "loan", "note", "deed")))
    rows = [("who pays", 0.25, "-", passage, "-")] + [("nobody", "-", "-", "-", "-")] * 6
    show(browser, tmp_path, page(Table("Matrix", columns, rows)))
    assert cells(browser, "c3")[0] == "0.625"
    hint = "return document.querySelector('.tabulator-row [tabulator-field=c3] .bar').title"
    assert browser.execute_script(hint) == "lease, 1\n" + passage.passage.text
    click(browser, ".tabulator-row .expand")
    (detail,) = texts(browser, ".detail")
    assert "lease, 1" in detail
    assert passage.passage.text in detail
    assert "0.250" in detail
    assert texts(browser, ".detail dt") == ["query", "lease", "note"]
    assert texts(browser, ".detail mark") == [NASTY[0][:3]]
    assert browser.execute_script(FITS) == [True, True]
    browser.find_element("css selector", "#s0-table0 .toolbar input").send_keys("tenant")
    assert cells(browser, "c0") == ["who pays"]
    browser.find_element("css selector", "[tabulator-field=c3] input").send_keys("0.7")
    assert cells(browser, "c0") == []
    assert browser.execute_script("return window.executed === undefined")
    assert errors_of(browser) == []
