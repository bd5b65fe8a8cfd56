"""What other libraries write is read whole: every word of it, in its order, once."""

from __future__ import annotations

import random

import pytest
from tests.core.texts import writers
from tests.core.texts.generated import all_words, document, problems

from metier.texts.texts import Documents, Texts

SEEDS = range(8)

DOCUMENTS = [
    ("txt", writers.plain_text),
    ("md", writers.markdown),
    ("html", writers.html_of_markdown),
    ("html", writers.html_of_lxml),
    ("html", writers.html_of_jinja),
    ("html", writers.html_of_pandas),
    ("xhtml", writers.xhtml),
    ("docx", writers.word),
    ("docx", writers.word_with_changes),
    ("pdf", writers.pdf_of_reportlab),
    ("pdf", writers.pdf_of_two_columns),
    ("pdf", writers.pdf_of_divided_words),
    ("pdf", writers.pdf_of_fpdf),
    ("pptx", writers.slides),
    ("ipynb", writers.notebook),
]
TABLES = [
    ("csv", writers.csv_of_python),
    ("csv", writers.csv_of_pandas),
    ("csv", writers.csv_of_polars),
    ("jsonl", writers.jsonl_of_python),
    ("jsonl", writers.jsonl_of_pandas),
    ("ndjson", writers.jsonl_of_polars),
    ("json", writers.json_of_python),
    ("json", writers.json_of_pandas),
    ("parquet", writers.parquet_of_pandas),
    ("parquet", writers.parquet_of_arrow),
    ("parquet", writers.parquet_of_polars),
    ("xlsx", writers.xlsx_of_xlsxwriter),
    ("xlsx", writers.xlsx_of_openpyxl),
    ("xlsx", writers.xlsx_of_pandas),
]


def named(cases):
    return [pytest.param(*case, id=case[1].__name__) for case in cases]


@pytest.mark.parametrize(("ending", "write"), named(DOCUMENTS))
def test_every_word_of_a_document_is_read_once_and_in_order(tmp_path, ending, write):
    for seed in SEEDS:
        # fonts of PDF files have no other letters here, and their order is that of drawing
        blocks = document(seed, latin=ending == "pdf")
        if write is writers.pdf_of_two_columns:
            blocks = [block for block in blocks if block.kind != "table"]
        path = tmp_path / f"{seed}.{ending}"
        write(blocks, path, random.Random(seed))
        (item,) = Documents.read(path)
        text = item.text.replace(f"{writers.HEADER} | 1\n", "")  # it is read once
        assert problems(text, all_words(blocks)) == [], f"seed {seed}"
        if ending not in ("txt", "pdf"):
            headings = [block.text for block in blocks if block.kind == "heading"]
            marked = [line.lstrip("# ") for line in item.text.splitlines() if line[:1] == "#"]
            assert [line for line in marked if line in headings] == headings


@pytest.mark.parametrize(("ending", "write"), named(TABLES))
def test_every_row_of_a_table_is_read_as_it_was_written(tmp_path, ending, write):
    for seed in SEEDS:
        blocks = document(seed)
        texts = ["\n".join(" ".join(row) for row in block.rows) for block in blocks]
        records = [
            {"id": f"row-{number}", "text": text, "note, more": f"{text[::-1]}\n\n'{number}'"}
            for number, text in enumerate(texts)
        ]
        path = tmp_path / f"{seed}.{ending}"
        write(records, path, random.Random(seed))
        items = Texts.read(path)
        read = [{"id": item.id, "text": item.text, **item.fields} for item in items]
        assert [{name: row[name] for name in records[0]} for row in read] == records
