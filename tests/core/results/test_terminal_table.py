"""Tables on a terminal: a matrix that does not fit is divided, and nothing in it is folded."""

from __future__ import annotations

import io

from rich.console import Console

from metier.results.table import Column, Table
from metier.results.terminal_table import terminal_tables

NAMES = [f"supply-agreement-{number:02}.txt" for number in range(1, 13)]


def matrix(names: list[str], query: str = "who pays the rent") -> Table:
    columns = (Column("query"), *(Column(name, "score") for name in names))
    return Table("Matrix", columns, [(query, *[0.25] * len(names))], note="Cosine.")


def printed(table: Table, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    for part in terminal_tables(table, width):
        console.print(part)
    return console.file.getvalue()


def test_a_matrix_that_fits_keeps_its_headings():
    text = printed(matrix(NAMES[:4]), 140)
    assert all(name in text for name in NAMES[:4])
    assert f"1 {NAMES[0]}" not in text


def test_long_headings_become_numbers_with_a_key_beneath():
    text = printed(matrix(NAMES), 150)
    head, key = text[: text.index("Cosine.")], text[text.index("Cosine.") :]
    assert not any(name in head for name in NAMES)
    for number, name in enumerate(NAMES, start=1):
        assert f"{number} {name}" in key
    assert text.count("0.250") == 12
    assert "columns 1 to" not in text


def test_a_matrix_wider_than_the_terminal_is_shown_in_blocks():
    text = printed(matrix(NAMES), 70)
    assert "Matrix, columns 1 to 6 of 12" in text
    assert "Matrix, columns 7 to 12 of 12" in text
    assert text.count("0.250") == 12
    assert text.count("who pays the rent") == 2
    assert text.count("Cosine.") == 1
    assert max(map(len, text.splitlines())) <= 70


def test_short_headings_stay_in_blocks():
    names = [f"v{number}" for number in range(30)]
    text = printed(matrix(names), 60)
    assert "0 v0" not in text
    assert "v29" in text
    assert text.count("0.250") == 30


def test_a_table_with_texts_is_never_divided():
    columns = ("id", *(Column(f"a long heading {number}", "score") for number in range(9)), "text")
    table = Table("Toys", columns, [("toy", *[0.5] * 9, "a bear")])
    assert not table.is_matrix
    assert len(terminal_tables(table, 40)) == 1


def duties() -> Table:
    columns = ("party", "modality", "what", Column("score", "score"), "where", "contract")
    text = "The Confectioner shall deliver undamaged gingerbread on the first day of the month."
    row = ("Confectioner", "Non-Disparagement", text, 0.5, "7. Deliveries", "shelf/gingerbread.txt")
    return Table("Duties", columns, [row, ("Grocer", None, "It pays.", 0.25, None, "a.txt")])


def test_columns_fold_at_words_and_longer_texts_have_wider_columns():
    text = printed(duties(), 100)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    cells = [[cell.strip() for cell in line.split("\u2502")[1:-1]] for line in lines]
    words = [" ".join(column).split() for column in zip(*filter(None, cells), strict=True)]
    assert words[0] == ["Confectioner", "Grocer"]
    assert words[1] == ["Non-", "Disparagement"]
    assert words[2] == " ".join(row[2] for row in duties().rows).split()
    assert words[5] == ["shelf/", "gingerbread.", "txt", "a.txt"]
    (border,) = [line for line in lines if "\u2533" in line]
    widths = [len(part) for part in border.split("\u2533")]
    assert max(widths) == widths[2]


def test_rows_stand_below_each_other_where_words_have_no_room():
    text = printed(duties(), 60)
    assert max(map(len, text.splitlines())) <= 60
    assert "modality   Non-Disparagement" in text
    assert text.count("modality") == 1
    assert text.count("contract") == 2
    long = Table("", ("id", "text"), [("f" * 40, "a bear")])
    assert "\u2503" in printed(long, 40)
