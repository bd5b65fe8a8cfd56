"""Source code on a page, in a real browser: lines, colors, and links that an editor opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.core.results.browser import (
    click,
    errors_of,
    open_browser,
    print_page,
    requests_of,
    show,
    texts,
)
from tests.core.results.test_code_listing import CODE, listing

from metier.results.page import PageSection, render_page
from metier.results.table import Excerpt, Table

LINKS = "return [...document.querySelectorAll('a.position')].map(node => node.getAttribute('href'))"
CHOOSE = """
    const select = document.querySelector(".editor select");
    select.value = arguments[0];
    select.dispatchEvent(new Event("change"));
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_browser(tmp_path_factory.mktemp("profile"), width=1200) as driver:
        yield driver


def page(table: Table) -> str:
    return render_page("Search", [PageSection("Search", "Best 1 of 9", tables=[table])])


def test_code_is_shown_by_its_lines_with_numbers_marks_and_colors(browser, tmp_path):
    show(browser, tmp_path, page(listing("/src/money.py")))
    numbers = "return [...document.querySelectorAll('.number')].map(node => node.dataset.line)"
    assert browser.execute_script(numbers) == ["42", "48", "49", "50"]
    assert texts(browser, "pre.lines .marked code") == ["    return round_half_even(taxed)\n"]
    assert texts(browser, "pre.lines mark") == ["round_half_even"]
    assert "def" in texts(browser, "pre.lines .k")
    click(browser, ".expand")
    assert "".join(texts(browser, ".detail pre.lines code")).rstrip() == CODE
    assert "def total(prices, rate)" in texts(browser, ".detail dd")
    assert not [address for address in requests_of(browser) if address.startswith("http")]
    assert errors_of(browser) == []
    assert "50returnround_half_even(taxed)" in print_page(browser)[0].replace("│", "")


def test_the_reader_chooses_what_opens_a_position(browser, tmp_path):
    show(browser, tmp_path, page(listing("/src/a b.py")))
    assert texts(browser, "a.position") == ["shop/money.py:40:1"]
    assert browser.execute_script(LINKS) == [None]
    browser.execute_script(CHOOSE, "vscode")
    assert browser.execute_script(LINKS) == ["vscode://file/src/a%20b.py:40:1"]
    browser.refresh()
    assert browser.execute_script(LINKS) == ["vscode://file/src/a%20b.py:40:1"]
    browser.execute_script(CHOOSE, "")
    for address, link in {
        "javascript:alert('{path}')": None,
        "ed://{path}?at={line}": "ed:///src/a%20b.py?at=40",
    }.items():
        own = browser.find_element("css selector", ".editor input")
        own.clear()
        own.send_keys(address, "\t")
        assert browser.execute_script(LINKS) == [link]
    browser.execute_script(CHOOSE, "none")


def test_code_that_looks_like_markup_is_text(browser, tmp_path):
    code = Excerpt("</script><img src=x onerror='window.executed=1'>\n\n\tb", ((0, 0),), "HTML", 1)
    show(browser, tmp_path, page(Table("", ("code",), [(code,)])))
    assert texts(browser, "pre.lines code")[0].strip() == code.text.splitlines()[0]
    assert browser.execute_script("return window.executed") is None
    assert texts(browser, ".editor") == []
    assert errors_of(browser) == []
