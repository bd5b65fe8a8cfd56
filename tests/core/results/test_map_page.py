"""The map of a page in a real browser: search, selection, legend, files and colors."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from tests.core.results.browser import click, errors_of, open_browser, requests_of, show, texts

from metier.results.figure import Figure, Point, PointGroup
from metier.results.group_colors import color_distance, group_colors, group_marks, spread_marks
from metier.results.page import PageSection, render_page
from metier.results.table import Column, Excerpt, Table

SIDE = 6
KINDS = ("bears", "trains", "boats </text><script>window.executed = 1</script>")
NASTY = "<script>window.executed = 2</script> \"quoted\" & 'so' ]]> \x01"
SVG = "{http://www.w3.org/2000/svg}"


def toy(group: int, number: int) -> str:
    return f"toy-{group}-{number}"


def map_section() -> PageSection:
    """Three groups on squares of six by six points, beside each other, and two outliers."""
    groups, rows = [], []
    for group, kind in enumerate(KINDS):
        points = []
        for number in range(SIDE * SIDE):
            story = NASTY if number == 0 else f"story {number} of {kind}"
            identity = toy(group, number)
            points.append(
                Point(20 * group + number % SIDE, number // SIDE, f"{identity}: {story}", identity)
            )
            rows.append((identity, str(group), Excerpt(story), f"=price{number}"))
        groups.append(PointGroup(f"{group}: {kind}", points, label=str(group)))
    odd = [Point(12.0, number, f"odd-{number}", f"odd-{number}") for number in range(2)]
    groups.append(PointGroup("outliers", odd, faint=True))
    own = Column("price", hidden=True, own=True)
    outliers = Table(
        "Outliers",
        ("id", Column("text", main=True), own),
        [(f"odd-{number}", Excerpt(f"lonely {number}"), "-5.20") for number in range(2)],
        main=True,
    )
    members = Table(
        "Members",
        ("id", Column("cluster", "label"), Column("text", main=True), own),
        rows,
        main=True,
    )
    figure = Figure("Map of the toys", groups)
    return PageSection("Toys", "110 toys", figures=[figure], tables=[outliers, members])


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Iterator[Any]:
    with open_browser(tmp_path_factory.mktemp("profile")) as driver:
        behavior = {"behavior": "allow", "downloadPath": str(downloads)}
        driver.execute_cdp_cmd("Page.setDownloadBehavior", behavior)
        yield driver


@pytest.fixture
def browser(opened: Any, tmp_path: Path) -> Iterator[Any]:
    show(opened, tmp_path, render_page("Toys", [map_section()]))
    yield opened
    assert opened.execute_script("return window.executed === undefined")
    assert errors_of(opened) == []
    assert [url for url in requests_of(opened) if not url.startswith(("data:", "blob:"))] == [
        (tmp_path / "page.html").as_uri()
    ]


PIXELS = """
    const plot = Chart.getChart(document.querySelector("canvas"));
    const [x, y] = arguments;
    return [plot.scales.x.getPixelForValue(x), plot.scales.y.getPixelForValue(y)];
"""


def drag(browser: Any, *corners: tuple[float, float], shift: bool = False) -> None:
    """Move the pointer over the map, pressed, from corner to corner in its coordinates."""
    script = """
        const canvas = document.querySelector("canvas"), box = canvas.getBoundingClientRect();
        const plot = Chart.getChart(canvas);
        canvas.setPointerCapture = () => {};
        const send = (kind, [x, y]) => canvas.dispatchEvent(new PointerEvent(kind, {
            clientX: box.left + plot.scales.x.getPixelForValue(x),
            clientY: box.top + plot.scales.y.getPixelForValue(y),
            button: 0, bubbles: true, shiftKey: arguments[1],
        }));
        send("pointerdown", arguments[0][0]);
        for (const corner of arguments[0].slice(1)) send("pointermove", corner);
        send("pointerup", arguments[0][arguments[0].length - 1]);
    """
    browser.execute_script(script, corners, shift)


def selected(browser: Any) -> list[str]:
    """Ids in the table of what is selected."""
    script = """
        const holder = document.querySelector(".selection > div:last-child"), done = arguments[0];
        if (!holder) return done([]);
        const ids = () => done(holder.tabulator.getData().map((row) => row.cells[0]));
        if (holder.tabulator.initialized) ids();
        else holder.tabulator.on("tableBuilt", ids);
    """
    return list(browser.execute_async_script(script))


def search(browser: Any, words: str) -> list[str]:
    field = browser.find_element("css selector", ".map-search input")
    field.clear()
    field.send_keys(words)
    return texts(browser, ".found")


def downloaded(browser: Any, downloads: Path, button: str, name: str) -> bytes:
    """The content of a file that a button saves."""
    path = downloads / name
    path.unlink(missing_ok=True)
    script = """
        [...document.querySelectorAll("button")]
            .find((button) => button.textContent === arguments[0]).click();
    """
    browser.execute_script(script, button)
    wait = "setTimeout(arguments[0], 50)"
    for _ in range(100):
        browser.execute_async_script(wait)
        if path.exists():
            break
    return path.read_bytes()


def test_a_search_finds_texts_and_names_of_groups_and_selects_what_it_found(browser):
    assert search(browser, "PRICE7 story") == ["3 of 110 found"]
    assert search(browser, "TRAINS") == ["36 of 110 found"]
    assert search(browser, "lonely") == ["2 of 110 found"]
    click(browser, ".map-search button")
    assert selected(browser) == ["odd-0", "odd-1"]
    assert search(browser, "no such words") == ["0 of 110 found"]
    assert search(browser, " ") == [""]


def test_what_is_not_found_is_faint(browser):
    at = browser.execute_script(PIXELS, 2, 2)
    script = """
        const [x, y] = arguments[0].map((place) => Math.round(place * devicePixelRatio));
        const canvas = document.querySelector("canvas");
        requestAnimationFrame(() => requestAnimationFrame(() =>
            arguments[1]([...canvas.getContext("2d").getImageData(x, y, 1, 1).data])));
    """
    color = [int(group_marks(1)[0].color[start : start + 2], 16) for start in (1, 3, 5)]
    color.append(255)
    click(browser, ".map-tools input[type=checkbox]")
    assert browser.execute_async_script(script, at) == color
    search(browser, "trains")
    assert browser.execute_async_script(script, at)[3] < 80
    search(browser, "bears")
    assert browser.execute_async_script(script, at) == color


def test_a_rectangle_selects_the_points_in_it_with_their_own_columns(browser, downloads):
    drag(browser, (-0.5, -0.5), (1.0, 1.0), (1.5, 2.5))
    expected = [toy(0, number) for number in (0, 1, 6, 7, 12, 13)]
    assert selected(browser) == expected
    assert texts(browser, ".chosen") == ["6 of 110 selected"]
    drag(browser, (12.0, 0.0), shift=True)
    assert sorted(selected(browser)) == sorted([*expected, "odd-0"])
    table = downloaded(browser, downloads, "download CSV", "map-of-the-toys.csv").decode()
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(table, newline=""))}
    assert sorted(rows) == sorted([*expected, "odd-0"])
    assert (rows[toy(0, 7)]["cluster"], rows[toy(0, 7)]["price"]) == ("0", "'=price7")
    assert rows[toy(0, 0)]["text"] == NASTY
    assert (rows["odd-0"]["cluster"], rows["odd-0"]["price"]) == ("", "-5.20")
    drag(browser, (12.0, 0.0), shift=True)
    assert selected(browser) == expected
    drag(browser, (-0.5, -0.5), (1.0, 1.0), (5.5, 5.5))
    drag(browser, (10.0, 4.0))
    drag(browser, (12.0, 1.0))
    assert selected(browser) == ["odd-1"]
    drag(browser, (10.0, 4.0))
    assert selected(browser) == []


def test_a_lasso_selects_what_it_goes_around(browser):
    browser.find_element("css selector", "input[value=lasso]").click()
    drag(browser, (19.5, -0.5), (21.8, -0.5), (19.5, 1.8), (19.4, 0.0))
    assert selected(browser) == [toy(1, 0), toy(1, 1), toy(1, 6)]


def test_the_legend_hides_groups_and_leaves_one_alone_by_keys(browser):
    visible = """
        const plot = Chart.getChart(document.querySelector("canvas"));
        return plot.data.datasets.map((set, index) => plot.isDatasetVisible(index));
    """
    first, second, *_ = browser.find_elements("css selector", ".legend button")
    first.send_keys("\ue007")
    assert browser.execute_script(visible) == [False, True, True, True]
    assert first.get_attribute("aria-pressed") == "false"
    drag(browser, (-0.5, -0.5), (20.5, 0.5))
    assert selected(browser) == ["odd-0", toy(1, 0)]
    second.send_keys("\ue008\ue007")
    assert browser.execute_script(visible) == [False, True, False, False]
    second.send_keys("\ue008\ue007")
    assert browser.execute_script(visible) == [True] * 4


def test_the_keys_go_from_point_to_point_and_select(browser):
    canvas = browser.find_element("css selector", "canvas")
    drag(browser, (0.0, 0.0))
    canvas.send_keys("\ue014")
    assert texts(browser, ".tip") == [f"0: bears\n{toy(0, 1)}: story 1 of bears"]
    canvas.send_keys("\ue013")
    assert toy(0, 7) in texts(browser, ".tip")[0]
    canvas.send_keys("\ue007")
    assert selected(browser) == [toy(0, 0), toy(0, 7)]
    canvas.send_keys("\ue00c")
    assert selected(browser) == []


def test_a_point_under_the_pointer_tells_its_text(browser):
    script = """
        const canvas = document.querySelector("canvas"), box = canvas.getBoundingClientRect();
        canvas.dispatchEvent(new PointerEvent("pointermove", {
            clientX: box.left + arguments[0] + 3, clientY: box.top + arguments[1] }));
    """
    browser.execute_script(script, *browser.execute_script(PIXELS, 40, 0))
    (tip,) = texts(browser, ".tip")
    assert KINDS[2] in tip
    assert "<script>window.executed = 2</script>" in tip


def test_the_svg_has_the_points_of_the_view_the_names_and_the_legend(browser, downloads):
    root = ElementTree.fromstring(downloaded(browser, downloads, "SVG", "map-of-the-toys.svg"))
    points = root.findall(f".//{SVG}path[@class='point']")
    assert len(points) == 110
    titles = [point.findtext(f"{SVG}title") for point in points]
    assert f"{toy(2, 0)}: {NASTY}".replace("\x01", "\ufffd") in titles
    entries = root.findall(f".//{SVG}g[@class='entry']/{SVG}text")
    assert [entry.text for entry in entries] == [f"{n}: {kind}" for n, kind in enumerate(KINDS)] + [
        "outliers"
    ]
    names = [name.text or "" for name in root.findall(f".//{SVG}text[@class='name']")]
    assert sorted(name[:8] for name in names) == ["0: bears", "1: train", "2: boats"]
    assert root.findall(f".//{SVG}script") == []
    browser.find_element("css selector", "input[value=zoom]").click()
    drag(browser, (-0.5, -0.5), (3.0, 3.0), (5.5, 5.5))
    root = ElementTree.fromstring(downloaded(browser, downloads, "SVG", "map-of-the-toys.svg"))
    assert len(root.findall(f".//{SVG}path[@class='point']")) == SIDE * SIDE


def test_the_png_shows_the_same_view_at_twice_the_size(browser, downloads):
    root = ElementTree.fromstring(downloaded(browser, downloads, "SVG", "map-of-the-toys.svg"))
    png = downloaded(browser, downloads, "PNG", "map-of-the-toys.png")
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size == (2 * int(root.attrib["width"]), 2 * int(root.attrib["height"]))
    colors = {color: count for count, color in image.getcolors(1 << 20) or []}
    assert max(colors, key=lambda color: colors[color]) == (255, 255, 255)
    for mark in group_marks(3):
        drawn = tuple(int(mark.color[start : start + 2], 16) for start in (1, 3, 5))
        assert colors.get(drawn, 0) > 36 * 40


def test_colors_are_told_apart_with_or_without_all_cones():
    marks = group_marks(60)
    pairs = [(first, second) for first in marks for second in marks if first < second]
    first_ones = {*marks[:12]}
    assert len(pairs) == 60 * 59 / 2
    assert (
        min(
            color_distance(first.color, second.color)
            for first, second in pairs
            if {first, second} <= first_ones
        )
        > 0.085
    )
    assert (
        min(
            color_distance(first.color, second.color)
            for first, second in pairs
            if first.shape == second.shape
        )
        > 0.06
    )
    assert min(color_distance(mark.color, "#9a9a9a") for mark in marks) > 0.02
    assert len({*group_marks(300)}) == 300
    assert color_distance("#c02000", "#407028") < color_distance("#0070b0", "#407028")


def test_groups_that_lie_together_have_the_colors_that_differ_most():
    centers = [(float(number * 37 % 61), float(number * 23 % 53)) for number in range(60)]
    marks = spread_marks(centers)
    assert sorted(marks) == sorted(group_marks(60))

    def least_near(marks: list[Any]) -> float:
        return min(
            color_distance(marks[group].color, marks[other].color)
            for group, (x, y) in enumerate(centers)
            for other in sorted(
                range(60), key=lambda at: (centers[at][0] - x) ** 2 + (centers[at][1] - y) ** 2
            )[1:4]
        )

    assert least_near(marks) > 0.085 > least_near(group_marks(60))


def test_tables_show_the_groups_of_a_map_in_its_colors():
    rows = [(f"toy-{number}", str(number)) for number in range(12)]
    groups = [
        PointGroup(
            f"{number}: toys",
            [Point(number * 5 % 12, number * 7 % 12, "a toy", f"toy-{number}")],
            label=str(number),
        )
        for number in range(12)
    ]
    table = Table("Toys", ("id", Column("cluster", "label")), rows, main=True)
    section = PageSection("Toys", "", figures=[Figure("Map", groups)], tables=[table])
    html = render_page("Toys", [section])
    data = json.loads(html.split('id="page-data">')[1].split("</script>")[0])["sections"][0]
    drawn = [group["color"] for group in data["figures"][0]["groups"]]
    column = data["tables"][0]["columns"][1]
    assert (column["values"], column["colors"]) == ([str(number) for number in range(12)], drawn)
    assert drawn != group_colors(12)
    points = [group["points"][0][3:] for group in data["figures"][0]["groups"]]
    assert points == [[0, number] for number in range(12)]
