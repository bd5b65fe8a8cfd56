"""Files of results: each format read back by another program's library."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from markdown_it import MarkdownIt
from tests.core.results.stories import Story, own_columns, sheet_of, stories
from tests.core.results.test_result import Toys

from metier.errors import MissingExtraError, ParameterError, UsageError
from metier.results.files import FORMATS


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
