"""The names that an input has for its ids and texts."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest

from metier.errors import ParameterError
from metier.results.table import Column, Table
from metier.texts.files import stream_texts
from metier.texts.texts import Texts

NAMES = ("Antragsnr", "Begründung")
ROWS = [
    {"Antragsnr": f"A-{row}", "Begründung": f"A bear number {row}", "id": row, "Zweck": "Haus"}
    for row in range(4)
]
OPTIONS = {"labels": ["a bear", "a train"]}


@pytest.fixture
def report(rt):
    texts = Texts.of(ROWS, id_field="Antragsnr", text_field="Begründung")
    return rt.run("core/classify", texts, **OPTIONS)


def test_frames_files_and_tables_have_the_names_of_the_input(report, tmp_path):
    assert report.input_names == {"id": "Antragsnr", "text": "Begründung"}
    frame = report.to_frame()
    assert list(frame)[:2] == list(NAMES)
    assert list(frame["Antragsnr"]) == ["A-0", "A-1", "A-2", "A-3"]
    assert list(frame["id"]) == [0, 1, 2, 3]  # a column of the input, which is not the id
    (path,) = report.save(tmp_path / "a.csv")
    assert list(pd.read_csv(path)) == list(frame)
    (path,) = report.save(tmp_path / "a.parquet")
    assert list(pd.read_parquet(path)) == list(frame)
    (path,) = report.save(tmp_path / "a.jsonl")
    assert list(json.loads(path.read_text(encoding="utf-8").splitlines()[0])) == list(frame)
    (path,) = report.save(tmp_path / "a.xlsx")
    headings = [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]]
    assert {*NAMES, "id", "Zweck"} <= set(headings)
    page = report.to_html()
    assert all(json.dumps(name, ensure_ascii=False) in page for name in NAMES)


def test_a_workbook_goes_round_under_the_names_of_the_input(report, tmp_path, rt):
    (path,) = report.save(tmp_path / "a.xlsx")
    texts = rt.read(path, id_field="Antragsnr", text_field="Begründung")
    assert [item.id for item in texts] == ["A-0", "A-1", "A-2", "A-3"]
    assert texts.strings == [row["Begründung"] for row in ROWS]


def test_programs_have_the_same_names_whatever_the_input_has(report):
    assert {"metier_id", "text"} <= set(report.rows()[0])
    assert report.items[0].id == "A-0"
    assert type(report).model_validate_json(report.to_json()) == report


def test_the_columns_of_ids_and_texts_are_kept_and_cannot_be_left_out(report):
    kept = report.select_columns(keep=["Antragsnr", "Zweck"])
    assert {*NAMES, "Zweck"} <= set(kept.to_frame())
    assert list(report.select_columns(keep="Antragsnr").to_frame())[:2] == list(NAMES)
    with pytest.raises(ParameterError, match="'Begründung' holds the ids or the texts"):
        report.select_columns(drop=["Begründung"])


def test_names_that_are_taken_or_found_by_themselves_change_nothing(rt):
    rows = [{"label": f"L{row}", "text": f"A bear {row}"} for row in range(4)]
    report = rt.run("core/classify", Texts.of(rows, id_field="label"), **OPTIONS)
    assert report.input_names == {}
    report = rt.run("core/classify", ["a bear", "a train"], **OPTIONS)
    assert report.input_names == {}
    assert list(report.to_frame())[:2] == ["id", "text"]


def test_rows_with_ids_of_their_own_keep_the_names_of_theirs(rt):
    texts = Texts.of(ROWS, id_field="Antragsnr", text_field="Begründung")
    batch = rt.run("core/search", texts, queries=["a bear"])
    assert batch.input_names == {"id": "Antragsnr", "text": "Begründung"}
    frame = batch.to_frame()
    assert {"query_id", "Antragsnr"} <= set(frame)
    headings = [column.name for table in batch.section().tables for column in table.fields]
    assert "id" in headings  # of the query
    assert "Antragsnr" not in headings


def test_files_whose_columns_differ_have_no_name_in_common(tmp_path):
    (tmp_path / "a.csv").write_text("nr,Text\n1,a bear\n")
    (tmp_path / "b.csv").write_text("nr,note\n2,a train\n")
    texts = Texts.read(tmp_path, id_field="nr")
    assert texts.keys == (None, "nr")
    assert stream_texts(tmp_path, Texts, id_field="nr").keys == texts.keys
    assert Texts.of(texts).keys == texts.keys
    (tmp_path / "c.txt").write_text("a ball")
    assert Texts.read(tmp_path, id_field="nr").keys == (None, None)


def test_a_table_of_other_things_keeps_its_id(report):
    others = report.model_copy(update={"cross_columns": ()})
    table = Table("Others", (Column("id"), "text"), [("X-1", "no text of the input")])

    class More(type(report)):
        def tables(self):
            return [*super().tables(), table]

    more = More.model_validate(others.model_dump())
    assert [column.name for column in more.section().tables[-1].fields] == ["id", "text"]
