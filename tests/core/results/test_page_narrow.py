"""Pages in a narrow window: the columns that matter stay, and an opened row has the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.core.results.browser import (
    CUT_HINTS,
    FITS,
    click,
    headings,
    open_browser,
    show,
    story,
    texts,
)

from metier.results.page import PageSection, render_page
from metier.results.table import Column, Excerpt, Table


def page(table: Table) -> str:
    return render_page("Toys", [PageSection("Toys", "All toys", tables=[table])])


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_browser(tmp_path_factory.mktemp("profile"), width=500) as driver:
        yield driver


def check_narrow(narrow: Any, names: list[str]) -> None:
    """The columns that are shown; nothing is cut, and an opened row is seen whole."""
    assert [name for name in headings(narrow) if name.strip()] == names
    assert narrow.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    assert narrow.execute_script(CUT_HINTS) == []
    click(narrow, ".tabulator-row .expand")
    assert narrow.execute_script(FITS) == [True, True]


def test_best_matches_keep_query_place_and_text_on_a_narrow_screen(narrow, tmp_path):
    columns = (
        *("id", Column("query", main=True), Column("cosine", "score")),
        *(Column("where", main=True), Column("text", main=True)),
    )
    rows = [(f"q{n}", f"question {n}", 0.5, f"shelf/book{n}.txt, 1", story(n)) for n in range(8)]
    show(narrow, tmp_path, page(Table("Best", columns, rows)))
    check_narrow(narrow, ["query", "where", "text"])
    (detail,) = texts(narrow, ".detail")
    assert "q0" in detail
    assert "0.500" in detail


def test_flagged_texts_keep_their_ids_on_a_narrow_screen(narrow, tmp_path):
    columns = ("id", Column("score", "score"), Column("risk", "label"), "evidence")
    rows = [(f"r{n:04}", n / 8, "Missed or late payments", str(story(n))) for n in range(8)]
    show(narrow, tmp_path, page(Table("Flagged", columns, rows)))
    check_narrow(narrow, ["id", "score", "risk", "evidence"])


def test_hits_of_code_keep_their_place_on_a_narrow_screen_and_lines_are_not_cut(narrow, tmp_path):
    code = Excerpt(
        "def f(a_rather_long_name_of_a_parameter, another_one):\n    return 1", language="Python"
    )
    rows = [(n, 0.5, f"toys/shelf.py:{n}", code) for n in range(1, 9)]
    show(
        narrow, tmp_path, page(Table("", ("rank", Column("score", "score"), "where", "text"), rows))
    )
    check_narrow(narrow, ["score", "where", "text"])
    script = """
        const code = document.querySelector("pre.code");
        return code.scrollWidth <= code.clientWidth;
    """
    assert narrow.execute_script(script)


def test_both_texts_of_a_match_stay_on_a_narrow_screen(narrow, tmp_path):
    columns = (
        "left id",
        "right id",
        Column("score", "score"),
        "rank",
        "rank back",
        "left",
        "right",
    )
    rows = [(f"a{n}", f"b{n}", 0.5, 1, 2, story(n), story(n + 1)) for n in range(8)]
    show(narrow, tmp_path, page(Table("Matches", columns, rows)))
    check_narrow(narrow, ["score", "left", "right"])


def test_the_longest_text_stays_on_a_narrow_screen(narrow, tmp_path):
    words = "many words of this column " * 4
    rows = [(f"toy-{number}", words, words, story(number)) for number in range(3)]
    columns = ("id", "place", "place of the story", "story")
    show(narrow, tmp_path, page(Table("Toys", columns, rows)))
    check_narrow(narrow, ["place", "place of the story", "story"])


def test_a_matrix_keeps_all_of_its_columns_on_a_narrow_screen(narrow, tmp_path):
    names = [f"contract {number}" for number in range(8)]
    columns = ("query", *(Column(name, "score") for name in names))
    matrix = Table("Matrix", columns, [(f"question {row}", *[0.5] * 8) for row in range(3)])
    show(narrow, tmp_path, page(matrix))
    assert [name for name in headings(narrow) if name.strip()] == ["query", *names]
    width = "return document.documentElement.scrollWidth <= window.innerWidth"
    assert narrow.execute_script(width)


def test_a_long_list_fits_and_the_parts_of_its_pages_too(narrow, tmp_path):
    columns = ("id", Column("score", "score"), Column("color", "label"), "story")
    rows = [(f"toy-{n}", n / 300, ("red", "green")[n % 2], story(n)) for n in range(300)]
    show(narrow, tmp_path, page(Table("Toys", (*columns, Column("price", hidden=True)),
         [(*row, n) for n, row in enumerate(rows)])))  # fmt: skip
    check_narrow(narrow, ["id", "score", "color", "story"])
    assert "price" in texts(narrow, ".detail")[0]
    click(narrow, "button[data-page=next]")
    assert texts(narrow, ".tabulator-row [tabulator-field=c0]")[0] == "toy-25"


def test_a_column_that_is_asked_for_is_shown_on_a_narrow_screen(narrow, tmp_path):
    columns = ("id", Column("score", "score"), "story", Column("price", hidden=True, own=True))
    rows = [(f"toy-{n}", n / 8, story(n), 100 + n) for n in range(8)]
    show(narrow, tmp_path, page(Table("Toys", columns, rows)))
    click(narrow, "details.columns summary")
    click(narrow, "details.columns label:last-of-type input")
    assert "price" in headings(narrow)
    assert texts(narrow, ".tabulator-row [tabulator-field=c3]")[0] == "100"
    assert "story" in headings(narrow)


def test_short_values_of_an_opened_row_stand_beside_their_names(narrow, tmp_path):
    rows = [(f"toy-{n}", n / 8, story(n)) for n in range(3)]
    show(narrow, tmp_path, page(Table("Toys", ("id", Column("score", "score"), "story"), rows)))
    click(narrow, ".expand")
    script = """
        const top = (node) => node.getBoundingClientRect().top;
        return [...document.querySelectorAll(".detail dt")]
            .map((name) => top(name) === top(name.nextElementSibling));
    """
    assert narrow.execute_script(script) == [True, True, False]
