"""Clauses of contracts in Word and PDF files."""

from __future__ import annotations

from pathlib import Path

import docx
from tests.core.texts.pdf import write_pdf

from metier import Documents
from metier_legal.structure.clauses import clause_sections

PAGES = (
    "1. Definitions\nGoods means the items that the order names.\n2. Supply\nOn time and in full.",
    "3. Price\nThe price is fixed for a year.",
    "4. Confidentiality\nEach party keeps what it learns secret.\n5. Law\nFrench law applies.",
)


def clauses(path: Path) -> list[tuple[tuple[str, ...], list[str]]]:
    (item,) = Documents.read(path)
    return [
        (section.headings, item.text[section.start : section.end].split())
        for section in clause_sections(item.text, item.id)
        if section.headings
    ]


def test_a_running_header_changes_no_clause(tmp_path: Path) -> None:
    plain = clauses(write_pdf(tmp_path / "plain.pdf", *PAGES))
    assert [headings for headings, _ in plain] == [
        ("1. Definitions",), ("2. Supply",), ("3. Price",), ("4. Confidentiality",), ("5. Law",),
    ]  # fmt: skip
    pages = [
        f"Framework Agreement of Alder and Birch\nPage {number} of 3\n{page}"
        for number, page in enumerate(PAGES, start=1)
    ]
    assert clauses(write_pdf(tmp_path / "headed.pdf", *pages)) == plain
    pages = [f"{page}\nAlder and Birch\n{number}" for number, page in enumerate(PAGES, start=7)]
    assert clauses(write_pdf(tmp_path / "footed.pdf", *pages)) == plain


def test_automatic_numbers_of_a_word_document_make_clauses(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Alder and Birch"
    for title in ("Definitions", "Supply"):
        document.add_paragraph(title, style="List Number")
        document.add_paragraph(f"A sentence on {title.lower()}.")
    document.save(str(tmp_path / "a.docx"))
    assert clauses(tmp_path / "a.docx") == [
        (("1. Definitions",), ["1.", "Definitions", "A", "sentence", "on", "definitions."]),
        (("2. Supply",), ["2.", "Supply", "A", "sentence", "on", "supply."]),
    ]
