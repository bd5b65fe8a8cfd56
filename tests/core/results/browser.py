"""A real browser without a window, for tests of pages."""

from __future__ import annotations

import base64
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from metier.results.table import Excerpt

MISSING = "Chromium and its driver are not installed"

CUT_HINTS = """
    const cut = [];
    const measure = document.createElement("canvas").getContext("2d");
    for (const input of document.querySelectorAll(".tabulator-header-filter input")) {
        if (input.offsetParent === null) continue;
        const style = getComputedStyle(input);
        measure.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const inside = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
        const clear = input.type === "search" ? 12 : 0;  // the room of its button to empty it
        const width = measure.measureText(input.placeholder).width + clear;
        if (width > input.clientWidth - inside) cut.push(input.placeholder);
    }
    return cut;
"""
"""Hints of filters that have no room."""

BROKEN_WORDS = """
    const broken = [];
    for (const node of document.querySelectorAll(".tabulator-col-title, .chip")) {
        const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
        for (let text = texts.nextNode(); text; text = texts.nextNode()) {
            for (const match of text.data.matchAll(/[^\\s-]+/g)) {
                const range = document.createRange();
                range.setStart(text, match.index);
                range.setEnd(text, match.index + match[0].length);
                if (range.getClientRects().length > 1) broken.push(match[0]);
            }
        }
        if (node.scrollWidth > node.clientWidth) broken.push(node.innerText);
    }
    return broken;
"""
"""Words of headings and labels that are broken, or have no room."""

FITS = """
    const holder = document.querySelector(".tabulator-tableholder");
    const detail = holder.querySelector(".detail");
    return [holder.scrollHeight <= holder.clientHeight, detail.offsetWidth <= holder.clientWidth];
"""
"""Whether what is shown of an opened row is seen whole, without moving the table."""


@contextmanager
def open_browser(folder: Path, *, width: int = 1400, height: int = 1200) -> Iterator[Any]:
    """A driver of headless Chromium; skips the test where there is none.

    Args:
        folder: for its profile.
        width: of the window, in pixels.
        height: of the window, in pixels.
    """
    webdriver = pytest.importorskip("selenium.webdriver", reason=MISSING)
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip(MISSING)
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", f"--user-data-dir={folder}", f"--window-size={width},{height}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    browser = webdriver.Chrome(options=options, service=service)
    try:
        yield browser
    finally:
        browser.quit()


def story(number: int) -> Excerpt:
    """A text of about 450 characters with a mark in its beginning."""
    text = (
        f"Story {number} \U0001f600 begins. " + "And then it goes on. " * 20 + f"Ending {number}."
    )
    return Excerpt(text, ((0, text.index("begins")),))


def show(browser: Any, folder: Path, html: str) -> None:
    """Open a page, from a file in a folder."""
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    requests_of(browser)
    errors_of(browser)
    browser.get(path.as_uri())


def texts(browser: Any, selector: str) -> list[str]:
    """What is seen of each element."""
    script = "return [...document.querySelectorAll(arguments[0])].map(node => node.innerText)"
    return list(browser.execute_script(script, selector))


def headings(browser: Any) -> list[str]:
    """Names of the columns that are shown."""
    script = """
        return [...document.querySelectorAll(".tabulator-col-title")]
            .filter(node => node.offsetParent !== null).map(node => node.innerText);
    """
    return list(browser.execute_script(script))


def click(browser: Any, selector: str) -> None:
    browser.find_element("css selector", selector).click()


def print_page(browser: Any) -> list[str]:
    """Texts of the pages of A4 that the browser prints, without white space.

    Raises:
        AssertionError: a text begins beside its page, or is smaller than 6 points.
    """
    paper = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True}
    printed = browser.execute_cdp_cmd("Page.printToPDF", paper)
    pages = PdfReader(io.BytesIO(base64.b64decode(printed["data"]))).pages
    for page in pages:
        page.extract_text(visitor_text=_inside(float(page.mediabox.width)))
    return ["".join(page.extract_text().split()) for page in pages]


def _inside(width: float) -> Any:
    def visit(text: str, current: Any, matrix: Any, font: object, size: float) -> None:
        if text.strip():
            left = matrix[4] * current[0] + current[4]
            points = size * abs(matrix[0] * current[0])
            assert 0 <= left <= width, f"beside the page: {text!r}"
            assert points >= 6, f"{points:.1f} points: {text!r}"

    return visit


def requests_of(browser: Any) -> list[str]:
    """Addresses that pages asked for since the last call, the pages themselves included."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def errors_of(browser: Any) -> list[str]:
    """What pages wrote to the console as errors since the last call."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
