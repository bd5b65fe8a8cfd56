"""Findings beside the documents they are about, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from tests.core.results.browser import (
    BROKEN_WORDS,
    click,
    errors_of,
    headings,
    open_browser,
    print_page,
    requests_of,
    show,
    story,
    texts,
)
from tests.core.results.reviews import LEASE, TONES, Review, lease, position

from metier.results.document_position import DocumentPosition
from metier.results.page import PageSection, render_page
from metier.results.result_document import DocumentHeading, ResultDocument
from metier.results.table import Column, Excerpt, Table

SEEN = """
    const done = arguments[0];
    const pieces = () => [...document.querySelectorAll(".document mark.current")];
    const isSeen = (node) => {
        const inner = node.getClientRects()[0];
        const outer = node.closest(".document").getBoundingClientRect();
        return inner.top >= Math.max(outer.top, 0) - 1
            && inner.bottom <= Math.min(outer.bottom, innerHeight) + 1;
    };
    const quote = () => pieces().map((node) => node.textContent).join("");
    const report = () => done([quote(), pieces().length > 0 && isSeen(pieces()[0])]);
    let frames = 12;
    const wait = () => (frames-- ? requestAnimationFrame(wait) : report());
    wait();
"""
"""The text of the current marks, and whether their beginning is seen."""

ROW = ".findings .tabulator-row:nth-child({}) [tabulator-field=c0]"
NASTY = (
    "</script><script>window.executed = 1</script>",
    "<img src=x onerror='window.executed = 2'>",
    "zero\u200bwidth\u2060joined",
    "\u202eright to left\u202c \u05d0\u05d1\u05d2",
    "a lone \ud800 surrogate \U0001f600 and a pair",
    "a line\r\nfeed \x00 and \u2028 a separator",
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_browser(tmp_path_factory.mktemp("profile"), height=900) as driver:
        yield driver


@pytest.fixture
def browser(opened: Any) -> Iterator[Any]:
    yield opened
    assert opened.execute_script("return window.executed") is None
    assert errors_of(opened) == []
    assert not [address for address in requests_of(opened) if address.startswith("http")]
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def page(tables: Sequence[Table], documents: Sequence[ResultDocument]) -> str:
    return render_page("Review", [PageSection("Review", "", tables=tables, documents=documents)])


def seen(browser: Any) -> tuple[str, bool]:
    quote, is_seen = browser.execute_async_script(SEEN)
    return quote, is_seen


def contract(clauses: int, *, other: str = "") -> tuple[ResultDocument, Table]:
    """A contract of many clauses, with a finding in each of them but every tenth."""
    names = [f"{number}. Clause of {number} marbles" for number in range(1, clauses + 1)]
    body = " ".join(["Each party keeps its marbles where the other party can count them."] * 8)
    text = "\n\n".join(
        f"{name}\n\n{body} It holds {index}{other}." for index, name in enumerate(names)
    )
    starts = [text.index(f"{name}\n") for name in names]
    headings = tuple(map(DocumentHeading, names, starts))
    document = ResultDocument(f"long{other}.txt", text, headings=headings)
    rows: list[tuple[object, ...]] = []
    for index, name in enumerate(names):
        outcome = "MISSING" if index % 10 == 9 else "MATCH" if index % 2 else "DEVIATION"
        where = position(document, f"It holds {index}{other}.", TONES[outcome])
        rows.append((name, outcome, where if index % 10 < 9 else None))
    columns = (Column("question", main=True), Column("outcome", "label", tones=TONES), "place")
    return document, Table("Findings", columns, rows)


def test_a_click_on_a_finding_shows_its_quote_in_the_document(browser, tmp_path):
    review = Review(cited_documents=(lease(),))
    show(browser, tmp_path, review.to_html())
    for row, (question, outcome, quote) in enumerate(review.findings[:2], start=1):
        click(browser, ROW.format(row))
        assert seen(browser) == (quote, True)
        (status,) = texts(browser, ".status")
        assert status == f"{row} of 3: {question} · {outcome} · at {quote[:12]}"
    assert texts(browser, ".document mark.warning.current") == ["Toys are returned clean"]
    click(browser, ROW.format(3))
    assert texts(browser, ".status") == ["3 of 3: deposit · MISSING · not in the document"]
    assert texts(browser, ".nowhere") == ["not in the document"]
    assert seen(browser) == ("", False)
    text = "return document.querySelector('.document').textContent"
    assert browser.execute_script(text) == LEASE


def test_a_mark_chosen_by_click_or_key_shows_its_finding(browser, tmp_path):
    document, table = contract(60)
    show(browser, tmp_path, page([table], [document]))
    mark = browser.find_element("css selector", "mark[data-number='52']")
    assert mark.get_attribute("title") == "52: 57. Clause of 57 marbles · DEVIATION"
    for keys in ("", "\ue007"):
        show(browser, tmp_path, page([table], [document]))
        mark = browser.find_element("css selector", "mark[data-number='52']")
        mark.send_keys(keys) if keys else mark.click()
        assert seen(browser) == ("It holds 56.", True)
        (row,) = texts(browser, ".tabulator-row.current")
        assert "57. Clause of 57 marbles" in row
    browser.find_element("css selector", ".tabulator-row.current .passage").send_keys("\ue015")
    assert seen(browser) == ("It holds 57.", True)
    focused = "return document.activeElement.closest('.tabulator-row').textContent"
    assert "58. Clause" in browser.execute_script(focused)


def test_next_and_previous_follow_the_filter_and_marks_do_too(browser, tmp_path):
    document, table = contract(60)
    show(browser, tmp_path, page([table], [document]))
    click(browser, "[aria-label='previous finding']")
    assert texts(browser, ".status")[0].startswith("60 of 60: 60. Clause of 60 marbles · MISSING")
    choice = browser.find_element("css selector", ".findings [tabulator-field=c1] select")
    choice.send_keys("MATCH")
    for number in ("1 of 24", "2 of 24"):
        click(browser, "[aria-label='next finding']")
        assert texts(browser, ".status")[0].startswith(number)
    assert seen(browser) == ("It holds 3.", True)
    assert len(texts(browser, ".document mark.good:not(.off)")) == 24
    assert texts(browser, ".document mark.warning:not(.off)") == []


def test_the_outline_leads_to_a_heading_of_a_long_document(browser, tmp_path):
    document, table = contract(900)
    assert len(document.text) > 500_000
    show(browser, tmp_path, page([table], [document]))
    click(browser, ".outline summary")
    (entry,) = browser.find_elements("xpath", "//button[.='700. Clause of 700 marbles']")
    entry.click()
    script = SEEN.replace("document.querySelectorAll('.document mark.current')", "")
    script = script.replace('".document mark.current"', '".document b"')
    script = script.replace("pieces().length > 0 && isSeen(pieces()[0])", "isSeen(pieces()[699])")
    assert browser.execute_async_script(script)[1]
    click(browser, ROW.format(21))
    assert seen(browser) == ("It holds 20.", True)


def test_a_row_leads_to_two_documents_beside_each_other(browser, tmp_path):
    old, new = contract(40)[0], contract(40, other=" now")[0]
    rows = []
    for index in range(40):
        first = position(old, f"It holds {index}.")
        second = position(new, f"It holds {index} now.", "warning")
        changed = (second.end - 5, second.end - 1)
        second = DocumentPosition(new.id, second.start, second.end, "here", "warning", (changed,))
        rows.append((f"clause {index}", first if index != 5 else None, second))
    show(browser, tmp_path, page([Table("", ("clause", "old", "new"), rows)], [old, new]))
    click(browser, ROW.format(24))
    assert seen(browser) == ("It holds 23.It holds 23 now.", True)
    panes = "return [...document.querySelectorAll('.document')].map(node => node.scrollTop > 500)"
    assert browser.execute_script(panes) == [True, True]
    assert texts(browser, "mark.current.part") == [" now"]
    click(browser, ROW.format(6))
    assert seen(browser) == ("It holds 5 now.", True)


def test_a_cell_of_a_matrix_opens_its_document(browser, tmp_path):
    documents = [contract(30, other=f" of {name}")[0] for name in ("a", "b", "c")]
    row = [
        position(document, f"It holds 20 of {name}.")
        for document, name in zip(documents, "abc", strict=True)
    ]
    columns = ("question", *(Column(name, "label") for name in "abc"))
    rows = [("marbles", *row), *((f"boats {number}", "", "missing", "") for number in range(6))]
    show(browser, tmp_path, page([Table("", columns, rows)], documents))
    for name, button in zip("abc", range(3), strict=True):
        browser.find_elements("css selector", ".passage")[button].click()
        assert seen(browser) == (f"It holds 20 of {name}.", True)
    assert texts(browser, ".view option:checked") == ["long of c.txt"]
    choice = browser.find_element("css selector", "[tabulator-field=c2] select")
    assert choice.text.split("\n") == ["all", str(row[1]).strip(), "missing"]
    options = choice.find_elements("css selector", "option")
    options[2].click()
    assert texts(browser, ".count") == ["6 of 7 rows"]
    assert texts(browser, ".tabulator-row [tabulator-field=c2]") == ["missing"] * 6
    options[1].click()
    assert texts(browser, ".count") == ["1 of 7 rows"]


def test_hostile_texts_and_overlapping_marks_are_shown_as_they_are(browser, tmp_path):
    text = "\n\n".join(NASTY)
    document = ResultDocument("<b>x</b>.txt", text, headings=(DocumentHeading(NASTY[0], 0),))
    rows: list[tuple[object, ...]] = []
    for quote in NASTY:
        where = position(document, quote, "bad")
        rows.append((quote, where, Excerpt(quote)))
    inner = text.index("width")
    rows.append(("inner", DocumentPosition(document.id, inner, inner + 5, quote), None))
    rows.append(("outside", DocumentPosition(document.id, 5_000, -3), None))
    rows.append(("elsewhere", DocumentPosition("other.txt", 0, 3), None))
    columns = (Column("question", main=True), "place", "quote")
    show(browser, tmp_path, page([Table("", columns, rows)], [document]))
    for row, quote in enumerate(NASTY, start=1):
        click(browser, ROW.format(row))
        assert seen(browser) == (quote.replace("\ud800", "\ufffd"), True)
    mark = browser.find_element("css selector", "mark[data-number='7']")
    for expected in ("width", NASTY[2], "width"):
        mark.click()
        assert seen(browser) == (expected, True)
    click(browser, ROW.format(9))
    assert texts(browser, ".status")[0].endswith("elsewhere · not in the document")


def test_signs_of_headings_are_not_seen_and_offsets_stay(browser, tmp_path):
    text = "# LEASE \U0001f600\r\n\r\n## 1. Rent\n\nForty marbles.\n\nItem\n# 2 is a bear.\n"
    rent, item = text.index("## 1"), text.index("# 2 is")
    document = ResultDocument("lease.docx", text, headings=(DocumentHeading("1. Rent", rent + 3),))
    rows = [
        ("rent", DocumentPosition(document.id, rent, text.index("Forty"), "1. Rent", "good")),
        ("bear", DocumentPosition(document.id, item, item + 3, "an item")),
    ]
    show(browser, tmp_path, page([Table("", ("question", "where"), rows)], [document]))
    script = "return document.querySelector('.document').textContent"
    assert browser.execute_script(script) == text
    assert texts(browser, ".document [role=heading]") == [
        "# LEASE \U0001f600",
        "## 1. Rent",
    ]
    assert texts(browser, ".document [aria-level='4'] mark") == ["1. Rent"]
    heights = "return [...document.querySelectorAll('.sign')].map(node => node.offsetWidth)"
    assert browser.execute_script(heights) == [0, 0]
    numbers = "return [...document.querySelectorAll('.document mark')].map(n => n.dataset.number)"
    assert browser.execute_script(numbers) == ["1", None, "2"]
    click(browser, ROW.format(2))
    assert seen(browser) == ("# 2", True)


def set_width(browser: Any, width: int, height: int = 700) -> None:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def shown_rows(browser: Any) -> int:
    """Rows of findings that are seen whole."""
    script = """
        const pane = document.querySelector(".findings").getBoundingClientRect();
        return [...document.querySelectorAll(".findings .tabulator-row")]
            .filter((row) => row.getBoundingClientRect().bottom <= pane.bottom).length;
    """
    return int(browser.execute_script(script))


def test_many_columns_have_room_above_the_document(browser, tmp_path):
    document, _ = contract(8)
    where = [position(document, f"It holds {number}.", "warning") for number in range(8)]
    long = "within thirty days of the end of the year in which the marbles were counted"
    columns = (
        *(Column("party", "label", main=True), Column("modality", "label", tones=TONES)),
        *(Column("what", main=True), "due", "condition", "amount", Column("where", main=True)),
        Column("contract", "label"),
    )
    rows = [
        ("Grocer", "DEVIATION", f"{long}, {long}", long, f"if {long}", "40 marbles", cell,
         f"toys/marbles-agreement-of-2026-{number}.txt")
        for number, cell in enumerate(where)
    ]  # fmt: skip
    for width in (1400, 1000):
        set_width(browser, width)
        show(browser, tmp_path, page([Table("Duties", columns, rows)], [document]))
        names = [getattr(column, "name", column) for column in columns]
        assert [name for name in headings(browser) if name.strip()] == names
        assert browser.execute_script(BROKEN_WORDS) == []
        assert shown_rows(browser) >= 1
        click(browser, ROW.format(1))
        assert seen(browser) == ("It holds 0.", True)


def test_a_matrix_of_outcomes_keeps_the_columns_that_do_not_fit(browser, tmp_path):
    document, _ = contract(4)
    cell = position(document, "It holds 0.", "good")
    names = [f"agreement-{number:02}.txt" for number in range(12)]
    columns = (
        Column("clause type", main=True),
        *(Column(name, "label", tones=TONES) for name in names),
    )
    rows = [("Non-Disparagement", *[cell] * 6, *["MISSING"] * 6), ("Rent", *["MATCH"] * 12)]
    matrix = Table("Matrix", columns, rows)
    for width in (1400, 400):
        set_width(browser, width)
        show(browser, tmp_path, page([matrix], [document]))
        assert [name for name in headings(browser) if name.strip()] == ["clause type", *names]
        (first,) = texts(browser, "[tabulator-field=c0].tabulator-cell")[:1]
        assert first == "Non-Disparagement"
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [320, 400, 500, 768])
def test_a_narrow_page_shows_findings_and_breaks_no_word(browser, tmp_path, width):
    document, _ = contract(12)
    outcomes = ("CONTRADICTED", "NOT MENTIONED", "ENTAILED")
    columns = (
        Column("hypothesis", main=True),
        Column("outcome", "label", main=True, tones=dict.fromkeys(outcomes, "neutral")),
        *("evidence", "where", Column("confidence", "score"), "decided by"),
    )
    rows = [
        ("Confidentiality of the agreement", outcomes[number % 3], story(number),
         position(document, f"It holds {number}.", "good"), 0.5, "")
        for number in range(12) if number != 9
    ]  # fmt: skip
    set_width(browser, width)
    show(browser, tmp_path, page([Table("Findings", columns, rows)], [document]))
    assert shown_rows(browser) >= 3
    assert browser.execute_script(BROKEN_WORDS) == []
    assert "decided by" not in headings(browser)
    fits = """
        const findings = document.querySelector(".findings");
        const isInside = findings.scrollWidth <= findings.clientWidth;
        return [isInside, document.documentElement.scrollWidth <= innerWidth];
    """
    assert browser.execute_script(fits) == [True, True]
    for number in range(2):
        click(browser, "[aria-label='next finding']")
        assert seen(browser) == (f"It holds {number}.", True)


def test_a_narrow_page_keeps_what_rows_are_known_by_and_offers_the_other_columns(browser, tmp_path):
    document, _ = contract(8)
    where = [position(document, f"It holds {number}.", "warning") for number in range(8)]
    words = "two marbles a day \u2192 three marbles an hour, but for the blue ones of the attic"
    changes = Table(
        "Changes",
        (Column("status", "label", main=True, tones=TONES), "left clause", "right clause",
         Column("kinds"), Column("words", main=True)),
        [("DEVIATION", cell, cell, "number, party, wording", words) for cell in where],
    )  # fmt: skip
    findings = Table(
        "Findings",
        (Column("contract", "label", main=True), Column("clause type", "label", main=True),
         Column("status", "label", tones=TONES), "quote", Column("confidence", "score")),
        [("marbles-agreement.txt", f"Marble Rent {number}", cell, words, 0.5)
         for number, cell in enumerate(where)],
    )  # fmt: skip
    for table, kept in ((changes, ["status", "words"]), (findings, ["clause type", "status"])):
        set_width(browser, 500)
        show(browser, tmp_path, page([table], [document]))
        assert set(kept) <= set(headings(browser))
        click(browser, "details.columns summary")
        checked = """
            return [...document.querySelectorAll(".columns input:checked")]
                .map((box) => box.parentNode.textContent.trim());
        """
        shown = [name for name in headings(browser) if name.strip()]
        assert browser.execute_script(checked) == shown


@pytest.mark.parametrize("width", [400, 800])
def test_a_narrow_screen_has_the_document_below_the_findings(browser, tmp_path, width):
    document, table = contract(30)
    metrics = {"width": width, "height": 760, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    show(browser, tmp_path, page([table], [document]))
    browser.execute_script(
        "arguments[0].click()", browser.find_elements("css selector", ".findings .passage")[-1]
    )
    assert seen(browser) == ("It holds 24.", True)
    assert "outcome" in headings(browser)
    script = """
        const [findings, pane] = [".findings", ".document"].map(
            (name) => document.querySelector(name).getBoundingClientRect());
        return [document.documentElement.scrollWidth <= innerWidth, findings.bottom <= pane.top];
    """
    assert browser.execute_script(script) == [True, True]
    names = """
        const controls = document.querySelectorAll(
            ".review button, .review select, .review [role=region]");
        const name = (node) => node.textContent.trim() || node.getAttribute("aria-label");
        return [...controls].filter((node) => !name(node)).length;
    """
    assert browser.execute_script(names) == 0


def test_paper_has_the_findings_with_their_numbers_and_every_document(browser, tmp_path):
    old, table = contract(12)
    show(browser, tmp_path, page([table], [old, lease()]))
    printed = "".join(print_page(browser))
    assert "[3]Itholds2." in printed
    assert "[3]atItholds2." in printed
    assert printed.count("atItholds10.") == 1
    assert printed.count("Itholds10.") == 2
    assert "LEASEOFAPLAYROOM" in printed
    assert texts(browser, ".printed") == []


def test_a_passage_of_several_tables_has_one_number_and_hidden_columns_lead_too(browser, tmp_path):
    document = lease()
    rent, toys = position(document, "pays 40 marbles"), position(document, "in the box")
    more = (position(document, "clean", "bad"), position(document, "1. Rent"))
    columns = ("question", "where", Column("further", hidden=True))
    urgent = Table("Urgent", columns, [("toys", toys, None)])
    both = Table("All", columns, [("rent", rent, None), ("toys", toys, more)])
    other = Table("Overview", ("question", "count"), [("toys", 2)])
    show(browser, tmp_path, page([other, urgent, both], [document]))
    assert texts(browser, "h3") == ["Overview", "Urgent", "All"]
    assert texts(browser, ".findings h3") == ["Urgent", "All"]
    assert texts(browser, ".findings [tabulator-field=c1] sup") == ["1", "2", "1"]
    numbers = "return [...document.querySelectorAll('.document mark')].map(n => n.dataset.number)"
    assert browser.execute_script(numbers) == ["1", "2", "1", "1"]  # heading, rent, clean, box
    click(browser, ".document mark[data-number='2']")
    assert texts(browser, ".status") == ["1 of 2: rent · at pays 40 marb"]
    click(browser, "[aria-label='next finding']")
    assert texts(browser, ".status") == ["2 of 2: toys · at in the box"]
    assert seen(browser) == ("1. Rentcleanin the box", True)


def test_a_page_without_findings_in_a_document_shows_both(browser, tmp_path):
    rows = [("deposit", "MISSING", None)]
    table = Table("Findings", ("question", Column("outcome", "label", tones=TONES), "place"), rows)
    show(browser, tmp_path, page([table], [lease()]))
    click(browser, ROW.format(1))
    assert texts(browser, ".status") == ["1 of 1: deposit · MISSING · not in the document"]
    html = page([table], [])
    data = json.loads(html.split('id="page-data">')[1].split("</script>")[0])
    assert data["sections"][0]["documents"] == []
    assert 'class="review"' not in html
    (color,) = data["sections"][0]["tables"][0]["columns"][1]["colors"]
    assert color == "#c8413b"
