"""Files of results: each format read back by another program's library."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from markdown_it import MarkdownIt
from pydantic import BaseModel
from tests.core.results.test_result import Toys, record

from metier.errors import MissingExtraError, ParameterError, UsageError
from metier.results.excel import MAX_CELL, MAX_COLUMNS
from metier.results.files import FORMATS
from metier.results.own_columns import OwnFields, own_names, rows_beside
from metier.results.table import Column, Excerpt, Table

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


class Item(BaseModel):
    text: str
    fields: OwnFields


class Story(Toys):
    """A result with texts, scores and columns of the input of every type."""

    items: tuple[Item, ...]

    @classmethod
    def of(cls, texts: Sequence[str], own: Sequence[Mapping[str, Any]] = ()) -> Story:
        fields = own or [{}] * len(texts)
        return cls(
            items=tuple(
                Item(text=text, fields=own) for text, own in zip(texts, fields, strict=True)
            )
        )

    def rows(self):
        found = [
            {"id": str(row), "text": item.text, "score": row / len(self.items)}
            for row, item in enumerate(self.items)
        ]
        return rows_beside(found, [item.fields for item in self.items])

    def tables(self):
        names = own_names(item.fields for item in self.items)
        columns = ("id", Column("score", "score"), Column("text"))
        rows = [
            (
                str(row),
                row / len(self.items),
                Excerpt(item.text, ((0, 2),)),
                *map(item.fields.get, names),
            )
            for row, item in enumerate(self.items)
        ]
        return [
            Table(
                "Stories",
                (*columns, *(Column(name, hidden=True, own=True) for name in names)),
                rows,
            )
        ]


def own_columns(row: int) -> dict[str, Any]:
    """Twelve columns, one of each type that tables of users have."""
    return {
        "whole": row,
        "amount": row / 4,
        "price": Decimal(row) / 100,
        "paid": row % 2 == 0,
        "due": date(2024, 1, 1 + row % 28),
        "seen": datetime(2024, 1, 1, 12, row % 60, 30),
        "opens": time(8, row % 60),
        "branch": f"Zürich {row}",
        "tags": ["a", str(row)],
        "place": {"city": "Bern", "row": row},
        "big": 10**17 + row,
        "gap": None if row % 3 else float("nan"),
    }


def stories(count: int = 300) -> Story:
    texts = tuple(f"Story {row}: a bear, a train, and more." for row in range(count))
    return Story.of(texts, [own_columns(row) for row in range(count)])


def sheet_of(path: Path) -> list[dict[str, Any]]:
    """Rows of the first sheet, as openpyxl reads them."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    names, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_a_frame_has_every_row_and_twelve_own_columns_with_their_types():
    frame = stories().to_frame()
    assert len(frame) == 300
    assert list(frame) == ["id", "text", "score", *own_columns(0)]
    assert frame["whole"].dtype == np.int64
    assert frame["amount"].dtype == np.float64
    assert frame["paid"].dtype == bool
    assert frame["seen"].dtype.kind == "M"
    assert frame["tags"][7] == ["a", "7"]
    assert frame["price"][7] == Decimal("0.07")


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


def test_parquet_keeps_types_and_writes_what_has_none_in_common_as_strings(tmp_path):
    (path,) = stories().save(tmp_path / "a.parquet")
    frame = pd.read_parquet(path)
    assert list(frame) == list(stories(1).to_frame())
    assert frame["due"][7] == date(2024, 1, 8)
    assert frame["price"][7] == Decimal("0.07")
    assert list(frame["tags"][7]) == ["a", "7"]
    assert frame["place"][7] == {"city": "Bern", "row": 7}
    mixed = Story.of(("a", "b"), ({"x": 1}, {"x": "one"}))
    (path,) = mixed.save(tmp_path / "b.parquet")
    assert list(pd.read_parquet(path)["x"]) == ["1", "one"]


def test_json_lines_hold_every_row_with_all_columns(tmp_path):
    (path,) = stories().save(tmp_path / "a.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 300
    assert rows[7]["due"] == "2024-01-08"
    assert rows[7]["place"] == {"city": "Bern", "row": 7}
    assert rows[0]["gap"] is None


def test_times_with_a_zone_are_written_in_every_format(tmp_path):
    story = Story.of(("a",), ({"seen": datetime(2024, 1, 1, 12, tzinfo=UTC)},))
    for suffix in FORMATS:
        (path,) = story.save(tmp_path / f"a{suffix}")
        assert path.stat().st_size > 0
    assert sheet_of(tmp_path / "a.xlsx")[0]["seen"] == "2024-01-01T12:00:00Z"
    assert pd.read_parquet(tmp_path / "a.parquet")["seen"][0] == pd.Timestamp("2024-01-01T12Z")


def test_markdown_shows_texts_as_they_are(tmp_path):
    nasty = "<b>bold</b> | [link](javascript:x) *stars* `code` # heading AT&amp;T &copy; &#65;"
    story = Story.of([nasty])
    (path,) = story.save(tmp_path / "a.md")
    html = MarkdownIt("commonmark").enable("table").render(path.read_text(encoding="utf-8"))
    assert "<b>" not in html
    assert "<a " not in html
    cells = pd.read_html(io.StringIO(html), flavor="lxml")[0]
    assert cells["text"][0] == nasty


def test_a_word_document_has_the_tables_and_highlights_what_is_marked(tmp_path):
    (path,) = stories(3).save(tmp_path / "a.docx")
    document = Document(str(path))
    (table,) = document.tables
    assert [cell.text for cell in table.rows[0].cells][:3] == ["id", "score", "text"]
    assert table.rows[3].cells[2].text == "Story 2: a bear, a train, and more."
    marked = [
        run.text
        for run in table.rows[1].cells[2].paragraphs[0].runs
        if run.font.highlight_color == WD_COLOR_INDEX.YELLOW
    ]
    assert marked == ["St"]


@pytest.mark.parametrize("suffix", list(FORMATS))
def test_control_characters_break_no_format(tmp_path, suffix):
    story = Story.of(("a\x00b\x0bc\ufffe",), ({"x\x01": "y\x02"},))
    assert story.save(tmp_path / f"a{suffix}")


def test_an_ending_that_no_format_has_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(UsageError, match=r"\.xls'.*\n.*\.xlsx"):
        Toys().save(tmp_path / "a.xls")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_a_folder_whatever_its_name(tmp_path):
    (tmp_path / "v1.0").mkdir()
    assert len(Toys().save(tmp_path / "v1.0")) == 3


@pytest.mark.parametrize(
    ("suffix", "package", "extra"),
    [
        (".xlsx", "xlsxwriter", "tables"),
        (".parquet", "pyarrow", "tables"),
        (".docx", "docx", "documents"),
    ],
)
def test_a_format_whose_package_is_missing_says_what_to_install(
    tmp_path, monkeypatch, suffix, package, extra
):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"metier\[{extra}\]"):
        Toys().save(tmp_path / f"a{suffix}")


def test_own_columns_are_kept_and_dropped_by_name():
    story = stories(2)
    assert list(story.select_columns(keep=["amount", "due"]).to_frame())[3:] == ["amount", "due"]
    assert "branch" not in story.select_columns(drop=["branch"]).to_frame()
    assert list(story.select_columns(keep=[]).to_frame()) == ["id", "text", "score"]
    assert story.select_columns() == story


def test_a_column_that_the_input_lacks_is_refused_with_close_names():
    with pytest.raises(ParameterError, match="amount"):
        stories(2).select_columns(keep=["ammount"])


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


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode())))


@pytest.mark.parametrize(
    "number", ["-5.20", "+49151", "-1.234,56", "+1", "-7", "1e-5", "-5 %", "-1,000"]
)
def test_a_number_in_a_csv_stays_one(tmp_path, number):
    (path,) = Story.of(["a"], [{"own": number}]).save(tmp_path / "a.csv")
    assert csv_rows(path)[0]["own"] == number


def test_a_csv_with_zero_bytes_in_a_text_can_be_read_again(tmp_path, rt):
    (path,) = Story.of(["a bear"], [{"own": "a\x00b"}]).save(tmp_path / "a.csv")
    assert rt.read(path)[0].fields["own"] == "a\N{REPLACEMENT CHARACTER}b"


HARD = {
    "bytes": b"\xff\x00",
    "array": np.array([1.5, float("nan")]),
    "unsigned": np.uint64(2**63 + 1),
    "large": 2**70,
    "huge": 10**400,
    "time": np.datetime64("2024-05-06T07:08:09.5", "ns"),
    "day": np.datetime64("2024-05-06"),
    "span": np.timedelta64(90, "s"),
    "decimal": Decimal("1e400"),
    "nested": {"a": [float("nan"), float("inf")]},
    "account": 1234567890123456789,
}


@pytest.mark.parametrize("suffix", FORMATS)
def test_values_of_unusual_types_are_written_in_every_format(tmp_path, suffix):
    story = Story.of(["a", "b"], [HARD, {}])
    (path,) = story.save(tmp_path / f"a{suffix}")
    assert path.stat().st_size > 0
    if suffix in (".json", ".jsonl", ".html"):

        def refuse(constant: str) -> None:
            raise AssertionError(constant)

        content = path.read_text(encoding="utf-8")
        if suffix == ".html":
            content = re.search('id="page-data">(.*?)</script>', content)[1]
        json.loads(
            content.splitlines()[0] if suffix == ".jsonl" else content, parse_constant=refuse
        )


def test_values_of_unusual_types_are_whole_in_what_programs_read(tmp_path):
    story = Story.of(["a", "b"], [HARD, {}])
    (path,) = story.save(tmp_path / "a.jsonl")
    row = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert row["bytes"] == "/wA="
    assert row["array"] == [1.5, None]
    assert (row["unsigned"], row["large"], row["huge"]) == (2**63 + 1, 2**70, 10**400)
    assert row["time"] == "2024-05-06T07:08:09.500000"
    assert row["nested"] == {"a": [None, "inf"]}
    (path,) = story.save(tmp_path / "a.csv")
    assert json.loads(csv_rows(path)[0]["nested"]) == {"a": [None, "inf"]}
    (path,) = story.save(tmp_path / "a.parquet")
    frame = pd.read_parquet(path)
    assert frame["bytes"][0] == b"\xff\x00"
    assert frame["unsigned"][0] == 2**63 + 1
    assert frame["large"][0] == str(2**70)
    assert frame["time"][0] == pd.Timestamp("2024-05-06T07:08:09.5")
    assert frame["decimal"][0] == "1E+400"
    (path,) = story.save(tmp_path / "a.xlsx")
    sheet = sheet_of(path)[0]
    assert sheet["account"] == "1234567890123456789"
    assert sheet["huge"] == str(10**400)
    assert sheet["time"] == datetime(2024, 5, 6, 7, 8, 9, 500_000)


def test_a_run_is_recorded_and_repeated_whatever_its_columns_hold(rt):
    rows = [{"text": "a bear", **HARD}, {"text": "a train"}]
    first, second = (rt.run("core/classify", rows, labels=["a bear", "a train"]) for _ in range(2))
    assert first.record.result == second.record.result
    other = [{**rows[0], "bytes": b"\xff\x01"}, rows[1]]
    changed = rt.run("core/classify", other, labels=["a bear", "a train"])
    assert changed.record.result != first.record.result


def test_a_page_has_whole_numbers_that_a_browser_would_round_as_texts():
    page = Story.of(["a"], [{"account": 1234567890123456789, "small": 2**53}]).to_html()
    data = json.loads(re.search('id="page-data">(.*?)</script>', page)[1])
    (row,) = data["sections"][0]["tables"][0]["rows"]
    assert row[-2:] == ["1234567890123456789", 2**53]


def test_more_columns_than_a_sheet_holds_are_refused_with_what_to_do(tmp_path):
    story = Story.of(["a"], [{f"c{number}": number for number in range(MAX_COLUMNS)}])
    with pytest.raises(
        UsageError, match=r"16,387 columns; a sheet of Excel holds 16,384"
    ) as caught:
        story.save(tmp_path / "a.xlsx")
    assert ".parquet" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_decimals_of_the_input_are_shown_as_they_are_and_those_of_the_result_rounded(tmp_path):
    story = Story.of(["a", "b", "c"], [{"rate": 0.123456789}, {"rate": 4000.0}, {}])
    (path,) = story.save(tmp_path / "a.md")
    content = path.read_text(encoding="utf-8")
    assert "0.123456789" in content
    assert "4000 |" in content
    assert "0.333" in content
    assert "0.3333" not in content
    (path,) = story.save(tmp_path / "a.docx")
    cells = [cell.text for row in Document(str(path)).tables[0].rows for cell in row.cells]
    assert {"0.123456789", "4000", "0.333"} <= set(cells)
    data = json.loads(re.search('id="page-data">(.*?)</script>', story.to_html())[1])
    digits = {
        column["name"]: column["digits"] for column in data["sections"][0]["tables"][0]["columns"]
    }
    assert (digits["rate"], digits["score"]) == (0, 3)


def test_whole_numbers_stay_whole_beside_empty_cells(tmp_path):
    story = Story.of(["a", "b"], [{"loan": 2**60 + 1, "paid": True}, {}])
    frame = story.to_frame()
    assert str(frame["loan"].dtype) == "Int64"
    assert frame["loan"][0] == 2**60 + 1
    assert frame["paid"].dtype == object
    (path,) = story.save(tmp_path / "a.parquet")
    frame = pd.read_parquet(path)
    assert str(frame["loan"].dtype) == "Int64"
    assert frame["loan"][0] == 2**60 + 1


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
