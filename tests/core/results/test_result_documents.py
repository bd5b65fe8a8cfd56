"""Documents that rows of a result point into, and the cells that lead there."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from tests.core.results.reviews import LEASE, Review, lease
from tests.core.results.stories import sheet_of
from tests.core.results.test_result import rendered

from metier.results.document_position import DocumentPosition, positions_of
from metier.results.documents import word_of
from metier.results.excel import workbook_of
from metier.results.file_position import FilePosition
from metier.results.group import ResultGroup
from metier.results.page import PageSection
from metier.results.record import outcome_of
from metier.results.result_document import DocumentHeading, ResultDocument, shown_text
from metier.results.table import Table
from metier.texts.rows import Item


def test_json_has_the_findings_and_not_the_documents():
    review = Review(cited_documents=(lease(),))
    assert "LEASE OF A PLAYROOM" not in review.to_json()
    read = Review.model_validate_json(review.to_json())
    assert (read.findings, read.cited_documents) == (review.findings, ())
    assert json.loads(read.to_json()) == json.loads(review.to_json())
    assert outcome_of(read) == outcome_of(review)


def test_a_document_is_made_of_an_item_with_its_title_and_pages():
    fields = {"title": "A lease", "page_starts": [0, LEASE.index("2. Return")]}
    heading = DocumentHeading("1. Rent", LEASE.index("1. Rent"))
    document = ResultDocument.of(Item("lease.pdf", LEASE, fields), [heading])
    assert (document.id, document.name, document.headings) == ("lease.pdf", "A lease", (heading,))
    pages = [document.page_at(LEASE.index(words)) for words in ("LEASE", "The tenant", "Toys are")]
    assert pages == [1, 1, 2]
    plain = ResultDocument("note.txt", "a")
    assert (plain.name, plain.page_at(0)) == ("note.txt", None)


def test_a_position_is_shown_by_its_label_everywhere(tmp_path):
    review = Review(cited_documents=(lease(),))
    assert "at The tenant p" in rendered(review)
    assert "at The tenant p" in rendered(Review.model_validate_json(review.to_json()))
    several = (DocumentPosition("a.txt", 3, 5), DocumentPosition("a.txt", 7, 9, "2.1"))
    assert "a.txt, characters 3 to 5; 2.1" in rendered(Table("", ("where",), [(several,)]).rich())
    review = Review.model_validate_json(review.to_json())
    for name in ("a.md", "a.docx"):
        review.save(tmp_path / name)
    assert "at The tenant p" in (tmp_path / "a.md").read_text(encoding="utf-8")
    (table,) = Document(str(tmp_path / "a.docx")).tables
    assert table.rows[1].cells[2].text == "at The tenant p"


def test_a_workbook_has_page_and_offsets_of_a_position_in_columns(tmp_path):
    review = Review(cited_documents=(lease(),))
    (path,) = review.save(tmp_path / "a.xlsx")
    rent, toys, deposit = sheet_of(path)
    assert [*rent] == [
        "question",
        "outcome",
        "place",
        "place page",
        "place start",
        "place end",
        "quote",
    ]
    assert (rent["place"], rent["place page"], toys["place page"]) == ("at The tenant p", 1, 2)
    assert LEASE[toys["place start"] : toys["place end"]] == toys["quote"]
    assert [deposit[f"place{end}"] for end in ("", " page", " start", " end")] == [None] * 4
    where = FilePosition("shop/money.py", 40, 1, "/src/money.py")
    table = Table("Code", ("where", "first"), [(where, DocumentPosition("a", 1, 2))])
    file = io.BytesIO(workbook_of(PageSection("", "", tables=[table])))
    names, cells = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
    assert (names[0], cells[0]) == ("where", "shop/money.py:40:1")
    assert names[1:4] == ("first", "first start", "first end")


def test_word_has_the_documents_with_numbered_marks_in_colors(tmp_path):
    nasty = LEASE + "\x00 \ud800 and overlapping words"
    inside = DocumentPosition("lease.txt", len(LEASE) + 8, len(LEASE) + 19, "", "bad", ((0, 0),))
    rows = [(name, outcome, cell) for name, outcome, cell, _ in Review().tables()[0].rows]
    around = DocumentPosition("lease.txt", len(LEASE), len(nasty), "the end")
    rows += [("around", "MATCH", around), ("inside", "MATCH", inside)]
    table = Table("Findings", ("question", "outcome", "place"), rows)
    section = PageSection("Review", "", tables=[table], documents=[lease(text=nasty)])
    word = Document(io.BytesIO(word_of(section)))
    assert word.tables[0].rows[2].cells[2].text == "[2] at Toys are ret"
    assert word.tables[0].rows[3].cells[2].text == ""
    paragraphs = [paragraph.text for paragraph in word.paragraphs]
    at = paragraphs.index("lease.txt")
    assert paragraphs[at + 1 : at + 4] == [
        "LEASE OF A PLAYROOM",
        "1. Rent",
        "[1] The tenant pays 40 marbles \U0001f600 on the first of the month.",
    ]
    assert paragraphs[-1] == "[3] \ufffd \ufffd and [4] overlapping words"
    runs = [run for paragraph in word.paragraphs[at:] for run in paragraph.runs]
    colored = [(run.text, run.font.highlight_color) for run in runs if run.font.highlight_color]
    assert colored == [
        ("The tenant pays 40 marbles \U0001f600", WD_COLOR_INDEX.BRIGHT_GREEN),
        ("Toys are returned clean", WD_COLOR_INDEX.YELLOW),
        ("\ufffd \ufffd and ", WD_COLOR_INDEX.GRAY_25),
        ("overlapping", WD_COLOR_INDEX.PINK),
        (" words", WD_COLOR_INDEX.GRAY_25),
    ]
    first, last = word.sections
    assert first.page_width > first.page_height
    assert last.page_width < last.page_height


def test_word_has_real_headings_and_each_number_of_a_passage_once():
    text = "# LEASE\n\n## 1. Rent\n\nForty marbles.\n\nItem\n# 2 is a bear.\n\n#hash\n"
    whole = DocumentPosition("lease.docx", text.index("## 1"), text.index("\n\nItem"), "1. Rent")
    begun = DocumentPosition("lease.docx", whole.start, text.index("Rent"), "its number", "bad")
    rows = [(whole, (whole, begun)), (None, DocumentPosition("lease.docx", 2, 7, "title"))]
    documents = [ResultDocument("lease.docx", text, headings=(DocumentHeading("LEASE", 2),))]
    section = PageSection("", "", tables=[Table("", ("where", "also"), rows)], documents=documents)
    word = Document(io.BytesIO(word_of(section)))
    paragraphs = [(part.style.name, part.text) for part in word.paragraphs]
    assert paragraphs[paragraphs.index(("Heading 1", "lease.docx")) + 1 :] == [
        ("Heading 2", "[2] LEASE"),
        ("Heading 3", "[1] 1. Rent"),
        *(("Normal", line) for line in ("Forty marbles.", "Item", "# 2 is a bear.", "#hash")),
    ]
    (heading,) = [part for part in word.paragraphs if part.text == "[1] 1. Rent"]
    pink, gray = WD_COLOR_INDEX.PINK, WD_COLOR_INDEX.GRAY_25
    colors = [(run.text, run.font.highlight_color) for run in heading.runs]
    assert colors == [("[1] ", None), ("1. ", pink), ("Rent", gray)]


def test_paragraphs_broken_into_lines_are_whole_where_people_read_them():
    wrapped = "The buyer pays for the parcels that it ordered, on the first day of each\nmonth."
    entries = (
        "The seller delivers parcels in boxes, and the buyer counts them, where it can\n(a) at home"
    )
    table = "Each party    has a number of marbles that it brings along, and others\nplay"
    address = "Marble Street 7\nPlaytown"
    for text, is_whole in ((wrapped, True), (entries, False), (table, False), (address, False)):
        assert shown_text(text) == (text.replace("\n", " ") if is_whole else text)
    assert shown_text("a\rb\x0cc\r\n\udc00") == "a\nb\nc\r\n\ufffd"


@pytest.mark.parametrize("other", [LEASE, LEASE.replace("box", "bag")])
def test_a_group_keeps_documents_of_the_same_name_apart(other):
    parts = {
        "first": Review(cited_documents=(lease(),)),
        "second": Review(cited_documents=(lease(text=other),)),
    }
    group = ResultGroup(parts=parts)
    if other == LEASE:
        assert [document.id for document in group.section().documents] == ["lease.txt"]
    texts = {document.id: document.text for document in group.section().documents}
    for table, text in zip(group.section().tables[1:], (LEASE, other), strict=True):
        (cell,) = positions_of(table.rows[0][2])
        assert texts[cell.document] == text
        assert "marbles" in texts[cell.document][cell.start : cell.end]
        assert table.rows[2][2] is None


def test_marks_of_bold_type_are_not_shown_and_offsets_stay():
    text = "**Date:** 4 May\n\n**Between** Ann and Bo. 2 ** 3 is 8; f(**a, **b) and [***] stay."
    shown = shown_text(text)
    assert len(shown) == len(text)
    assert shown.replace("\N{WORD JOINER}", "") == text.replace("**Date:**", "Date:").replace(
        "**Between**", "Between"
    )
    start = text.index("Ann")
    assert shown[start : start + 3] == "Ann"
    rows = [(DocumentPosition("lease.md", start, start + 3, "Ann"),)]
    documents = [ResultDocument("lease.md", text)]
    section = PageSection("", "", tables=[Table("", ("where",), rows)], documents=documents)
    word = Document(io.BytesIO(word_of(section)))
    assert [paragraph.text for paragraph in word.paragraphs][-2:] == [
        "Date: 4 May", "Between [1] Ann and Bo. 2 ** 3 is 8; f(**a, **b) and [***] stay.",
    ]  # fmt: skip
