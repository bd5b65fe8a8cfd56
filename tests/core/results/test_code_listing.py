"""Source code in results: lines in their layout with numbers, marks, context and links."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from metier.errors import MetierWarning
from metier.results.documents import markdown_of
from metier.results.file_position import EDITORS, FilePosition
from metier.results.page import PageSection
from metier.results.table import Column, Excerpt, Table
from metier.results.terminal_table import terminal_tables

CODE = '''\
# Prices are kept in cents.
@cached
def total(prices, rate):
    """Add up prices with tax."""
    amount = 0
    for price in prices:
        amount += price
    if rate is None:
        raise ValueError("no rate")
    taxed = amount * (1 + rate)
    return round_half_even(taxed)
'''.rstrip()


def listing(
    file: str = "", *, marks: tuple[str, ...] = ("round_half_even",), title: str = ""
) -> Table:
    stretches = tuple((CODE.index(mark), CODE.index(mark) + len(mark)) for mark in marks)
    row = (
        *(1, 0.875, FilePosition("shop/money.py", 40, 1, file), "Money.total", "method"),
        *("def total(prices, rate)", Excerpt(CODE, stretches, "Python", 40)),
    )
    columns = ("rank", Column("score", "score"), "where", "name", "kind")
    return Table(title, (*columns, Column("signature", hidden=True), "code"), [row])


def printed(table: Table, width: int = 80, **options: object) -> str:
    console = Console(file=io.StringIO(), width=width, **options)
    for part in terminal_tables(table, width):
        console.print(part)
    return console.file.getvalue()


def test_a_long_cell_stands_below_the_name_and_the_position():
    why = "raises or reports this message, and is named in the report"
    row = (1, why, FilePosition("shop/money.py", 40, 1, ""), "Money.total", Excerpt("x", (), "", 1))
    lines = printed(Table("", ("rank", "why", "where", "name", "code"), [row])).splitlines()
    assert [line.rstrip() for line in lines[1:3]] == [
        "1  Money.total  shop/money.py:40:1",
        f"  {why}",
    ]


def test_rows_whose_code_is_hidden_are_a_table():
    row = (FilePosition("shop/money.py", 40, 1, ""), 3, Excerpt("x", (), "", 1))
    hidden = Table("", ("where", Column("lines", "count"), Column("code", hidden=True)), [row])
    assert not hidden.is_listing
    assert re.search(r"where +┃ lines", printed(hidden))


def test_a_row_is_a_heading_with_the_lines_around_what_matters():
    lines = [line.rstrip() for line in printed(listing()).strip().splitlines()]
    assert lines == [
        "1  0.875  Money.total  method  shop/money.py:40:1",
        "   ⋮",
        "  42 │ def total(prices, rate):",
        "   ⋮",
        '  48 │         raise ValueError("no rate")',
        "  49 │     taxed = amount * (1 + rate)",
        "  50 ▌     return round_half_even(taxed)",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_code_stays_on_its_line(width, tmp_path):
    table = listing(
        str(tmp_path / "a folder with a long name" / "money.py"), marks=("amount * (1",)
    )
    code = [line for line in printed(table, width).splitlines() if re.match(r" *\d+ [│▌]", line)]
    assert max(map(len, printed(table, width).splitlines())) <= width
    assert [int(line.split()[0]) for line in code] == [42, 47, 48, 49, 50]


def test_without_marks_the_text_is_shown_from_its_head_on():
    text = printed(listing(marks=()))
    assert "Prices are kept" not in text
    assert "42 │ def total" in text
    assert "49 │" in text
    assert "50 │" not in text


def test_positions_are_links_on_a_terminal_alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    table = listing(str(tmp_path / "ä b.py"))
    assert "\x1b" not in printed(table)
    assert "ä b.py:40:1" in printed(table)
    address = re.search("\x1b]8;[^;]*;([^\x1b]*)\x1b", printed(table, force_terminal=True))
    assert address is not None
    assert address[1] == f"file://{tmp_path.as_posix()}/%C3%A4%20b.py#40"


def test_a_file_elsewhere_is_shown_with_its_whole_path(monkeypatch, tmp_path):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert f"{tmp_path / 'money.py'}:40:1" in printed(listing(str(tmp_path / "money.py")), 200)


def test_the_editor_that_opens_links_can_be_chosen(monkeypatch):
    position = FilePosition("money.py", 40, 5, "/src/money.py")
    assert position.address("vscode") == "vscode://file/src/money.py:40:5"
    assert position.address("x://{path}?{line}") == "x:///src/money.py?40"
    in_cell = FilePosition("sums.ipynb", 2, 5, "/src/sums.ipynb", cell=3)
    assert str(in_cell) == "sums.ipynb, cell 3, line 2"
    assert in_cell.from_here() == "/src/sums.ipynb, cell 3, line 2"
    assert in_cell.address("vscode") == "vscode://file/src/sums.ipynb:1:1"
    assert position.address("none") == FilePosition("money.py", 1).address("vscode") == ""
    monkeypatch.setenv("METIER_LINKS", "pycharm")
    assert "pycharm://open?file=/src" in printed(listing("/src/a.py"), force_terminal=True)
    monkeypatch.setenv("METIER_LINKS", "pycharn")
    with pytest.warns(MetierWarning, match="pycharm"):
        assert "file:///src/a.py" in printed(listing("/src/a.py"), force_terminal=True)
    assert all("{line}" in address for name, address in EDITORS.items() if name != "none")


def test_code_is_colored_on_a_terminal_unless_no_color_is_set(monkeypatch):
    colored = printed(listing(), force_terminal=True, color_system="truecolor")
    assert re.search("\x1b\\[[0-9;]*94m", colored)  # a keyword
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed(listing(), force_terminal=True, color_system="truecolor")
    assert not re.search("\x1b\\[[0-9;]*9[0-7]m", plain)


def test_what_a_terminal_would_act_on_is_not_printed():
    code = Excerpt("x = '\x1b[2J'\ty\n", ((0, 1),), "Python", 1)
    name = "a\x1b]8;;evil\x07"
    text = printed(Table("", ("where", "code"), [(FilePosition(name, 1), code)]))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "1 ▌ x = '�[2J'" in text


def test_documents_have_the_whole_code_in_a_block_that_it_cannot_end():
    table = listing()
    row = (*table.rows[0][:-1], Excerpt(f"{CODE}  # ```", (), "Python", 40))
    text = markdown_of(PageSection("Search", "Best", tables=[Table("", table.columns, [row])]))
    assert "\n1 · 0.875 · shop/money.py:40:1 · Money.total · method" in text
    assert f"````python\n{CODE}  # ```\n````" in text


def test_an_unknown_language_is_shown_without_colors():
    table = Table("", ("code",), [(Excerpt("a := b\n  c", (), "Klingon", 7),)])
    assert "7 │ a := b\n  8 │   c" in printed(table)


def test_a_position_in_a_cell_is_short_and_a_link():
    table = Table("", ("where",), [(FilePosition("shop/money.py", 40, 1, "/a/b/shop/money.py"),)])
    assert "shop/money.py:40:1" in printed(table)
    assert "/a/b" not in printed(table)
    assert "file:///a/b/shop/money.py#40" in printed(table, force_terminal=True)
