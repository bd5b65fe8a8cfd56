"""Word documents: what is read in which order, and what is refused."""

from __future__ import annotations

import sys
import zipfile
from copy import deepcopy

import docx
import pytest
from tests.core.texts.pdf import write_pdf
from tests.core.texts.word import paragraph, write_word

from metier.errors import InputError, MissingExtraError
from metier.texts.texts import Documents, Texts


@pytest.fixture
def path(tmp_path):
    document = docx.Document()
    document.add_heading("The report", level=0)
    document.add_paragraph("An introduction.")
    document.add_heading("Figures\nof the year", level=2)
    table = document.add_table(rows=2, cols=3)
    for row, cells in zip(table.rows, (("a", "b", "c"), ("1", "", "3\nand more")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.add_row().cells[0].merge(table.rows[2].cells[2]).text = "over all"
    document.add_paragraph("")
    document.add_paragraph("The end.")
    document.save(str(tmp_path / "a.docx"))
    return tmp_path / "a.docx"


def test_paragraphs_headings_and_tables_are_read_in_order(path):
    for kind in (Texts, Documents):
        (item,) = kind.read(path)
        assert item.id == "a.docx"
        assert item.text == (
            "# The report\n\nAn introduction.\n\n## Figures of the year\n\n"
            "a | b | c\n1 |  | 3 and more\nover all\n\nThe end."
        )


def test_a_document_without_text_is_refused(tmp_path):
    docx.Document().save(str(tmp_path / "a.docx"))
    with pytest.raises(InputError, match=r"a\.docx holds no text"):
        Documents.read(tmp_path / "a.docx")


def test_what_is_no_word_document_is_refused(tmp_path):
    file = tmp_path / "a.docx"
    for content in (b"", b"text", b"PK\x03\x04 and nothing else"):
        file.write_bytes(content)
        with pytest.raises(InputError, match=r"a\.docx is not a Word document"):
            Documents.read(file)
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    with pytest.raises(InputError, match=r"is a \.doc file, or protected"):
        Documents.read(file)
    with pytest.raises(InputError, match="not a Word document"):
        Documents.read(write_pdf(file, "Text"))
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(InputError, match="not a Word document"):
        Documents.read(file)


def test_a_broken_document_is_refused(path, tmp_path):
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "b.docx", "w") as broken:
        for name in whole.namelist():
            content = whole.read(name)
            broken.writestr(name, content[:200] if name == "word/document.xml" else content)
    with pytest.raises(InputError, match=r"b\.docx is not a readable Word document"):
        Documents.read(tmp_path / "b.docx")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match="not a Word document"):
        Documents.read(path)


def test_an_archive_made_to_fill_the_memory_is_refused_unread(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
        archive.getinfo("word/document.xml").file_size = 450_000_000
    with pytest.raises(InputError, match=r"too long for one document: 450 MB once unpacked"):
        Documents.read(tmp_path / "a.docx")


def test_the_extra_is_named_where_it_is_missing(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lxml", None)
    monkeypatch.setitem(sys.modules, "lxml.etree", None)
    with pytest.raises(MissingExtraError, match=r"metier\[documents\]"):
        Documents.read(path)


def test_a_cell_that_spans_rows_says_its_text_in_each_however_many(tmp_path):
    document = docx.Document()
    table = document.add_table(rows=1200, cols=2)
    for number, row in enumerate(table._tbl.tr_lst):
        first, second = row.tc_lst
        first.vMerge = "continue" if number else "restart"
        first.p_lst[0].add_r().add_t("" if number else "Fees")
        second.p_lst[0].add_r().add_t(str(number))
    document.save(str(tmp_path / "a.docx"))
    (item,) = Documents.read(tmp_path / "a.docx")
    assert item.text.splitlines() == [f"Fees | {number}" for number in range(1200)]


def test_a_row_has_any_number_of_cells(tmp_path):
    document = docx.Document()
    table = document.add_table(rows=2, cols=1)
    for row in table._tbl.tr_lst:
        for _ in range(1499):
            row.append(deepcopy(row.tc_lst[0]))
    first, second = (row.tc_lst for row in table._tbl.tr_lst)
    first[-1].vMerge, second[-1].vMerge = "restart", "continue"
    first[-1].p_lst[0].add_r().add_t("Fees")
    second[0].p_lst[0].add_r().add_t("1")
    document.save(str(tmp_path / "a.docx"))
    (item,) = Documents.read(tmp_path / "a.docx")
    above, below = item.text.splitlines()
    assert above == " | " * 1499 + "Fees"
    assert below == "1" + " | " * 1499 + "Fees"


def test_pictures_are_not_unpacked_however_large(path):
    text = Documents.read(path).strings
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/media/a.png", "")
        archive.getinfo("word/media/a.png").file_size = 600_000_000
    assert Documents.read(path).strings == text


def test_a_part_is_bounded_by_any_name(tmp_path):
    path = write_word(tmp_path / "a.docx", paragraph("Text"), main="word/text.bin")
    assert Documents.read(path).strings == ["Text"]
    with zipfile.ZipFile(path, "a") as archive:
        archive.getinfo("word/text.bin").file_size = 300_000_000
        archive.writestr("end", "")
    with pytest.raises(InputError, match=r"too long for one document: 300 MB once unpacked"):
        Documents.read(path)


def test_tags_are_bounded_before_they_are_parsed(tmp_path):
    path = write_word(tmp_path / "a.docx", "<w:p/>" * 6_000_001)
    with pytest.raises(InputError, match=r"too long for one document: 6,000,\d+ tags"):
        Documents.read(path)


def test_text_repeated_by_merged_cells_is_bounded(tmp_path):
    spans = "<w:tcPr><w:vMerge{}/></w:tcPr>"
    first = f"<w:tr><w:tc>{spans.format('')}{paragraph('x' * 1_000_000)}</w:tc></w:tr>"
    first = first.replace("<w:vMerge/>", '<w:vMerge w:val="restart"/>')
    others = f"<w:tr><w:tc>{spans.format('')}<w:p/></w:tc></w:tr>" * 30
    path = write_word(tmp_path / "a.docx", f"<w:tbl>{first}{others}</w:tbl>")
    with pytest.raises(InputError, match=r"too long for one document: over 21,000,000 characters"):
        Documents.read(path)


def test_nesting_is_bounded(tmp_path):
    path = write_word(tmp_path / "a.docx", "<w:sdt>" * 5000 + "</w:sdt>" * 5000)
    with pytest.raises(InputError, match=r"a\.docx is not a readable Word document"):
        Documents.read(path)
