"""Documents that rows of a result point into, and the cells that lead there."""

from __future__ import annotations

import json

import openpyxl
import pytest
from docx import Document
from tests.core.results.reviews import LEASE, Review, lease
from tests.core.results.test_result import rendered

from metier.results.document_position import DocumentPosition, positions_of
from metier.results.group import ResultGroup
from metier.results.result_document import DocumentHeading, ResultDocument
from metier.results.table import Table
from metier.texts.rows import Item


def test_json_has_the_findings_and_not_the_documents():
    review = Review(cited_documents=(lease(),))
    assert "LEASE OF A PLAYROOM" not in review.to_json()
    read = Review.model_validate_json(review.to_json())
    assert (read.findings, read.cited_documents) == (review.findings, ())
    assert json.loads(read.to_json()) == json.loads(review.to_json())


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
    for name in ("a.md", "a.docx", "a.xlsx"):
        review.save(tmp_path / name)
    assert "at The tenant p" in (tmp_path / "a.md").read_text(encoding="utf-8")
    (table,) = Document(str(tmp_path / "a.docx")).tables
    assert table.rows[1].cells[2].text.endswith("at The tenant p")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert sheet["C2"].value == "at The tenant p"
    assert sheet["C4"].value is None


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
