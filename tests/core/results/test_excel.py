"""Workbooks of results, as openpyxl reads them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime, time

import openpyxl
import pytest
from tests.core.results.stories import Story, sheet_of, stories
from tests.core.results.test_result import Toys, record

from metier.errors import UsageError
from metier.results.excel import MAX_CELL, MAX_COLUMNS
from metier.results.table import Column, Table

FORMULAS = (
    "=1+1",
    "+1-2",
    "-1+A1",
    "-2*3",
    "+49151x",
    "-Smith",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("a")',
)

LINKS = ("https://example.org/a", "mailto:a@example.org", "internal:Sheet1!A1", "file:///etc")


def test_an_excel_sheet_has_every_row_with_dates_and_numbers_as_such(tmp_path):
    (path,) = stories().save(tmp_path / "work list.xlsx")
    rows = sheet_of(path)
    assert [row["id"] for row in rows] == list(range(300))
    row = rows[7]
    assert (row["whole"], row["amount"], row["paid"]) == (7, 1.75, False)
    assert (row["due"], row["seen"]) == (datetime(2024, 1, 8), datetime(2024, 1, 1, 12, 7, 30))
    assert (row["opens"], row["branch"]) == (time(8, 7), "Zürich 7")
    assert row["price"] == pytest.approx(0.07)
    assert json.loads(row["tags"].replace("'", '"')) == ["a", "7"]
    assert row["big"] == str(10**17 + 7)  # Excel would lose its last digits
    assert row["gap"] is None
    assert row["text"] == "Story 7: a bear, a train, and more."


def test_an_excel_sheet_has_filters_a_fixed_heading_and_a_sheet_about_it(tmp_path):
    story = stories(5).model_copy(update={"record": record(not_for="Eating.")})
    (path,) = story.save(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Stories", "About"]
    sheet = book["Stories"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:O6"
    assert [
        rule.type for _, rules in sheet.conditional_formatting._cf_rules.items() for rule in rules
    ] == ["colorScale"]
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert about["Not for"] == "Eating."
    assert about["In short"] == story.headline()


def test_ids_and_columns_go_from_sheet_to_sheet(tmp_path, rt):
    book = openpyxl.Workbook()
    names = ("Loan", "text", "Branch", "Due", "Amount", "score")
    book.active.append(names)
    for row in range(9):
        due = datetime(2024, 1, 1 + row)
        book.active.append((f"L-{row}", f"A bear {row}", f"Zürich {row}", due, row + 0.5, "own"))
    book.save(tmp_path / "first.xlsx")
    texts = rt.read(tmp_path / "first.xlsx", id_field="Loan")
    story = Story.of(texts.strings, [item.fields for item in texts])
    (path,) = story.save(tmp_path / "second.xlsx")
    rows = sheet_of(path)
    assert [row["text"] for row in rows] == [f"A bear {row}" for row in range(9)]
    assert [row["Branch"] for row in rows] == [f"Zürich {row}" for row in range(9)]
    assert [row["Due"].date() for row in rows] == [date(2024, 1, 1 + row) for row in range(9)]
    assert [row["Amount"] for row in rows] == [row + 0.5 for row in range(9)]
    assert [row["score"] for row in rows] == ["own"] * 9
    assert [row["metier_score"] for row in rows][:2] == [0, pytest.approx(1 / 9)]


@pytest.mark.parametrize("text", [*FORMULAS, *LINKS])
def test_no_cell_of_a_sheet_is_a_formula_or_a_link(tmp_path, text):
    story = Story.of((text,), ({text: text},))
    (path,) = story.save(tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell.hyperlink for cell in cells if cell.hyperlink] == []
    (path,) = story.save(tmp_path / "a.csv")
    lines = list(csv.reader(io.StringIO(path.read_bytes().decode())))
    dangerous = [cell for line in lines for cell in line if cell[:1] in tuple("=+-@\t\r")]
    assert dangerous == []


def test_a_text_longer_than_a_cell_of_excel_is_cut_and_says_so(tmp_path):
    story = Story.of(("a bear. " * 5000,), ({},))
    (path,) = story.save(tmp_path / "a.xlsx")
    cell = sheet_of(path)[0]["text"]
    assert len(cell) == MAX_CELL
    assert cell.endswith("a cell of Excel holds 32,767 characters)")


def test_sheets_get_names_that_excel_takes(tmp_path):
    class Sheets(Toys):
        def tables(self):
            titles = ("a/b: [all] of them?", "", "A b   all  of them", "x" * 40, "History", "About")
            return [Table(title, ("toy",), [("bear",)]) for title in titles]

    (path,) = Sheets().save(tmp_path / "a.xlsx")
    names = openpyxl.load_workbook(path).sheetnames
    assert len(names) == 7
    assert len({name.lower() for name in names}) == 7
    assert all(len(name) <= 31 for name in names)


def test_numbers_of_the_input_that_were_texts_are_numbers_in_excel_and_codes_are_not(tmp_path):
    own = [{"amount": "10.08", "count": "7", "code": "007", "mixed": "1"} for _ in range(2)]
    own[1] |= {"amount": "", "mixed": "one"}
    (path,) = Story.of(["a", "b"], own).save(tmp_path / "a.xlsx")
    first, second = sheet_of(path)
    assert (first["amount"], first["count"], first["code"], first["mixed"]) == (
        10.08,
        7,
        "007",
        "1",
    )
    assert (second["amount"], second["mixed"]) == (None, "one")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    formats = {cell.number_format for cell in sheet[2] if cell.value == 10.08}
    assert formats == {"General"}


def test_more_columns_than_a_sheet_holds_are_refused_with_what_to_do(tmp_path):
    story = Story.of(["a"], [{f"c{number}": number for number in range(MAX_COLUMNS)}])
    with pytest.raises(
        UsageError, match=r"16,387 columns; a sheet of Excel holds 16,384"
    ) as caught:
        story.save(tmp_path / "a.xlsx")
    assert ".parquet" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


class Book(Story):
    """A result with a table for each of several subjects, the texts in the last."""

    def tables(self):
        (texts,) = super().tables()
        summary = [(item.fields.get("code"), "bear") for item in self.items[:1]] * 9
        title = "Flagged applications, highest first"
        columns = (Column("code", own=True), "toy")
        return [Table(title, columns, summary), replace(texts, main=True)]


def test_the_sheet_with_the_texts_is_the_first_whatever_the_others_hold(tmp_path):
    for count in (1, 30):
        (path,) = Book.of(["a"] * count).save(tmp_path / "a.xlsx")
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["Stories", "Flagged applications, highest", "About"]


def test_a_column_has_one_type_in_all_sheets(tmp_path):
    (path,) = Book.of(["a", "b"], [{"code": "17"}, {"code": "1x"}]).save(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[:2]:
        names, *rows = sheet.iter_rows(values_only=True)
        assert {type(row[names.index("code")]) for row in rows} == {str}


def test_a_workbook_of_a_result_is_read_again_with_the_same_ids_and_columns(tmp_path, rt):
    own = [{"Branch": f"Zürich {row}", "Amount": row} for row in range(9)]
    texts = [f"A bear {row}" for row in range(9)]
    (path,) = Book.of(texts, own).save(tmp_path / "a.xlsx")
    first = rt.read(path)
    assert [item.id for item in first] == [str(row) for row in range(9)]
    assert first.strings == texts
    assert [{name: item.fields[name] for name in own[0]} for item in first] == own
    (path,) = Story.of(first.strings, [item.fields for item in first]).save(tmp_path / "b.xlsx")
    again = rt.read(path)
    assert [item.id for item in again] == [item.id for item in first]
    assert [{name: item.fields[name] for name in own[0]} for item in again] == own
