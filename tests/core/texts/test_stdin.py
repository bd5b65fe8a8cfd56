"""The format of standard input: as its content shows, or as it is named."""

from __future__ import annotations

import gzip
import io
import json
import sys

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet
from tests.core.texts.pdf import write_pdf

from metier.errors import InputError, MetierWarning, UnknownNameError
from metier.texts.files import stream_texts
from metier.texts.texts import Documents, Texts


@pytest.fixture
def stdin(monkeypatch):
    """Let these bytes stand on standard input."""

    def put(raw: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    return put


def spreadsheet() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["id", "text"])
        sheet.write_row(1, 0, ["a", "one"])
        sheet.write_row(2, 0, ["b", "two"])
    return buffer.getvalue()


def parquet_file() -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"id": ["a", "b"], "text": ["one", "two"]}), buffer)
    return buffer.getvalue()


ROWS = [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]
TABLES = {
    "csv": b"id,text\na,one\nb,two\n",
    "tsv": b"id\ttext\na\tone\nb\ttwo\n",
    "jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
    "json": json.dumps(ROWS).encode(),
    "json, spread": json.dumps({"rows": ROWS}, indent=2).encode(),
    "xlsx": spreadsheet(),
    "parquet": parquet_file(),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_format_of_a_table_is_seen(stdin, name, pack):
    stdin(pack(TABLES[name]))
    texts = Texts.read("-")
    assert [(item.id, item.text) for item in texts] == [("a", "one"), ("b", "two")]
    stdin(pack(TABLES[name]))
    assert list(stream_texts("-", Texts)) == list(texts)


def test_documents_are_seen(stdin, tmp_path):
    stdin(b"<!doctype html><title>A page</title><p>one</p>")
    assert Documents.read("-").strings == ["one"]
    stdin(write_pdf(tmp_path / "a.pdf", "A deed of sale").read_bytes())
    assert "A deed of sale" in Documents.read("-")[0].text
    stdin(b"# A heading\n\none\n")
    assert [(item.id, item.text) for item in Documents.read("-")] == [
        ("stdin", "# A heading\n\none\n")
    ]


@pytest.mark.parametrize("text", ["[1] Kim 2019, a note", "{sic} he wrote", "<p> is a tag", "PK"])
def test_plain_text_that_begins_like_another_format_is_text(stdin, text):
    stdin(text.encode())
    if text.startswith("{"):  # more likely a broken row than a text
        with pytest.raises(InputError, match="stdin, line 1: not valid JSON"):
            Texts.read("-")
        stdin(text.encode())
        assert Texts.read("-", format="txt").strings == [text]
    else:
        assert Texts.read("-").strings == [text]


def test_a_named_format_wins_over_what_the_content_shows(stdin):
    stdin(TABLES["csv"])
    assert Texts.read("-", format="txt").strings == ["id,text", "a,one", "b,two"]
    stdin(b"one column\tof texts, with a comma\nx\ty\n")
    texts = Texts.read("-", format=".TSV", text_field="one column")
    assert [item.fields for item in texts] == [{"of texts, with a comma": "y"}]


def test_a_named_format_reads_a_file_of_another_ending(tmp_path):
    (tmp_path / "export.dat").write_bytes(TABLES["csv"])
    assert Texts.read(tmp_path / "export.dat", format="csv").strings == ["one", "two"]


def test_an_unknown_format_is_refused(stdin):
    stdin(b"one")
    with pytest.raises(UnknownNameError, match="There is no format 'jsnol'") as refused:
        Texts.read("-", format="jsnol")
    assert "'jsonl'" in str(refused.value)


def test_a_table_in_another_encoding_is_seen(stdin):
    rows = "id,text\na,Die Gebühr ist für mich zu hoch und nicht erklärt\n"
    for encoding in ("cp1252", "utf-16"):
        stdin(rows.encode(encoding))
        with pytest.warns(MetierWarning, match="stdin is read as"):
            assert Texts.read("-")[0].id == "a"
        stdin(rows.encode(encoding))
        assert Texts.read("-", encoding=encoding)[0].id == "a"


def test_a_closed_standard_input_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="Standard input is closed"):
        Texts.read("-")


def test_a_name_that_two_columns_have_is_an_error_and_no_plain_text(stdin):
    stdin(b"text;text\na toy;a bear\n")
    with pytest.raises(InputError, match="2 columns have the name 'text'"):
        Documents.read("-")


@pytest.mark.parametrize("raw", [b"", b" \n"])
def test_nothing_on_standard_input_is_said_to_be_nothing(stdin, raw):
    stdin(raw)
    with pytest.raises(InputError, match="There is no text in standard input") as refused:
        Documents.read("-")
    assert refused.value.code == "no-texts"
    assert "oversized" not in str(refused.value)
