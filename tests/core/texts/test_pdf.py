"""PDF: the text of all pages, and clear words about what is none."""

from __future__ import annotations

import logging
import sys
import zlib

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from tests.core.texts.pdf import write_pdf

from metier.errors import InputError, MissingExtraError
from metier.texts.reader import page_at
from metier.texts.readers import pdf
from metier.texts.texts import Documents, Texts


def test_a_pdf_is_one_document_that_knows_its_pages(tmp_path):
    path = write_pdf(tmp_path / "a.pdf", "First page\nof three", "", "Third page")
    for kind in (Texts, Documents):
        (item,) = kind.read(path)
        assert item.id == "a.pdf"
        assert item.text.split() == ["First", "page", "of", "three", "Third", "page"]
        assert page_at(item.fields, item.text.index("three")) == 1
        assert page_at(item.fields, item.text.index("Third")) == 3


def test_what_has_no_pages_is_on_none():
    assert page_at({}, 0) is None
    assert page_at({"page_starts": None}, 0) is None


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_that_needs_a_password_is_refused_and_a_restricted_one_is_read(tmp_path, algorithm):
    plain = PdfReader(write_pdf(tmp_path / "plain.pdf", "Secret text"))
    for user in ("", "word"):
        writer = PdfWriter(clone_from=plain)
        writer.encrypt(user, "owner", algorithm=algorithm)
        writer.write(tmp_path / f"for-{user}.pdf")
    assert Documents.read(tmp_path / "for-.pdf").strings == ["Secret text"]
    with pytest.raises(InputError, match=r"for-word\.pdf is protected"):
        Documents.read(tmp_path / "for-word.pdf")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"not a pdf " * 500, "%PDF\u00e4".encode()]
)
def test_what_is_no_pdf_is_refused(tmp_path, content):
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.pdf is not a PDF"):
        Documents.read(tmp_path / "a.pdf")


@pytest.mark.parametrize("left", [20, 150, 300])
def test_a_pdf_that_is_cut_off_is_refused_without_a_word_on_standard_error(tmp_path, left, capfd):
    whole = write_pdf(tmp_path / "a.pdf", "First page").read_bytes()
    (tmp_path / "a.pdf").write_bytes(whole[:left])
    with pytest.raises(InputError, match=r"a\.pdf (is not a readable PDF|holds no text)"):
        Documents.read(tmp_path / "a.pdf")
    assert capfd.readouterr().err == ""


def test_a_pdf_of_pictures_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(InputError, match=r"holds no text on its 2 pages.*\n.*scan"):
        Documents.read(write_pdf(tmp_path / "a.pdf", "", ""))
    with pytest.raises(InputError, match=r"holds no text on its only page\."):
        Documents.read(write_pdf(tmp_path / "b.pdf", ""))


def test_a_pdf_by_another_name_is_refused(tmp_path):
    path = write_pdf(tmp_path / "a.pdf", "Text").rename(tmp_path / "a.txt")
    with pytest.raises(InputError, match=r"a\.txt is not a text file: it is a PDF"):
        Documents.read(path)


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(MissingExtraError, match=r"metier\[documents\]"):
        Documents.read(write_pdf(tmp_path / "a.pdf", "Text"))


BODIES = ("1. Term\nOne year.", "2. Fees\nTen pounds.", "3. Law\nEngland.", "4. End\nNone.")


def read(tmp_path, *pages):
    return Documents.read(write_pdf(tmp_path / "read.pdf", *pages))


@pytest.mark.parametrize(
    ("above", "below", "kept"),
    [
        ("Lease of 12 High Street", "", "Lease of 12 High Street\n\n"),
        ("", "Page {} of 4", ""),
        ("", "- {} -", ""),
        ("{}", "", ""),
        ("Acme and Sons Page {}", "Draft 7", "Acme and Sons Page 1\nDraft 7\n\n"),
        ("Seite {} von 4", "ACME-00{} CONFIDENTIAL", "ACME-001 CONFIDENTIAL\n\n"),
    ],
)
def test_running_lines_are_read_once_and_page_numbers_are_not(tmp_path, above, below, kept):
    pages = [
        f"{above.format(number)}\n{body}\n{below.format(number)}".strip()
        for number, body in enumerate(BODIES, start=1)
    ]
    (item,) = read(tmp_path, *pages)
    text = "\n\n".join(BODIES)
    assert item.text.split() == f"{kept}{text}".split()
    assert [page_at(item.fields, item.text.index(body)) for body in BODIES] == [1, 2, 3, 4]
    for body in BODIES:
        assert f"\n\n{body}" in f"\n\n{item.text}"


@pytest.mark.parametrize("shown", ["{}", "- {} -", "Page {}"])
def test_roman_page_numbers_are_page_numbers(tmp_path, shown):
    numbers = ("i", "ii", "iii", "iv")
    pages = [f"{body}\n{shown.format(n)}" for body, n in zip(BODIES, numbers, strict=True)]
    assert read(tmp_path, *pages).strings == ["\n\n".join(BODIES)]


def test_a_running_line_may_name_a_part(tmp_path):
    pages = [f"Part {'I' if n < 4 else 'II'} - Lease | {n}\n{BODIES[n % 4]}" for n in range(1, 7)]
    (item,) = read(tmp_path, *pages)
    texts = "\n\n".join(BODIES[number % 4] for number in range(1, 7))
    assert item.text == f"Part I - Lease | 1\nPart II - Lease | 4\n\n{texts}"


def test_pages_that_are_alike_are_not_taken_for_running_lines(tmp_path):
    pages = [f"Certificate of stock\nShare {number} of 3" for number in (1, 2, 3)]
    assert read(tmp_path, *pages).strings == ["\n\n".join(pages)]


def test_what_begins_a_page_and_is_no_running_line_stays(tmp_path):
    pages = [f"SCHEDULE {number}\nText of {name}" for number, name in enumerate("abc", start=1)]
    assert read(tmp_path, *pages).strings == ["\n\n".join(pages)]
    pages = ["1. Yes\na", "2. Yes\nb", "3. Yes\nc"]
    assert read(tmp_path, *pages).strings == ["\n\n".join(pages)]
    pages = ["12 units\na", "90 units\nb", "31 units\nc"]
    assert read(tmp_path, *pages).strings == ["\n\n".join(pages)]
    pages = ["12 units\na", "13 units\nb"]
    assert read(tmp_path, *pages).strings == ["\n\n".join(pages)]
    pages = ["Receipt 7001\na", "Receipt 7002\nb", "Receipt 7003\nc"]
    assert read(tmp_path, *pages).strings == ["\n\n".join(pages)]
    pages = ["(i)\na", "(ii)\nb", "(iii)\nc"]
    assert read(tmp_path, *pages).strings == ["\n\n".join(pages)]
    pages = ["Alike\na", "b", "c", "d", "e", "Alike\nf"]
    assert read(tmp_path, *pages).strings == ["\n\n".join(pages)]


@pytest.mark.parametrize(
    ("pages", "text"),
    [
        (["The warran-\nty ends."], "The warranty\nends."),
        (["The WARRAN-\nTY ends."], "The WARRANTY\nends."),
        (["in-\ndemni-\nfied by"], "indemnified\nby"),
        (["a non-\nrefundable fee"], "a non-refundable\nfee"),
        (["a risk-based test is risk-\nbased here"], "a risk-based test is risk-based\nhere"),
        (["by Smith-\nJones here"], "by Smith-Jones\nhere"),
        (["pre-\nand post-\nor no sale"], "pre-\nand post-\nor no sale"),
        (["isl-\nand, an island"], "island,\nan island"),
        (["in 2020-\n2021 and -\na dash"], "in 2020-\n2021 and -\na dash"),
        (["the war-\nranty.\nNext"], "the warranty.\nNext"),
        (["It may termi-", "nate at once.\nSo it is."], "It may\nterminate\n\nat once.\nSo it is."),
    ],
)
def test_words_divided_at_the_end_of_a_line_are_whole(tmp_path, pages, text):
    (item,) = read(tmp_path, *pages)
    assert item.text.split() == text.split()
    if len(pages) == 1:
        assert item.text.rstrip() == text


def test_a_row_of_a_table_is_a_line_and_words_drawn_apart_are_words(tmp_path):
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for y, cells in ((700, ("Item", "Price")), (680, ("Pen", "1.20"))):
        for x, cell in zip((72, 300), cells, strict=True):
            canvas.drawString(x, y, cell)
    x = 72
    for letter in "drawn by letters":
        canvas.drawString(x, 660, letter)
        x += canvas.stringWidth(letter, "Helvetica", 12)
    canvas.save()
    (item,) = Documents.read(tmp_path / "a.pdf")
    assert item.text == "Item Price\nPen 1.20\ndrawn by letters"


def test_letters_that_a_font_ties_together_are_read_apart(tmp_path):
    registerFont(TTFont("Vera", "Vera.ttf"))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Vera", 12)
    canvas.drawString(72, 700, "the \ufb01nal \ufb02oor caf\u00e9")
    canvas.save()
    assert Documents.read(tmp_path / "a.pdf").strings == ["the final floor caf\u00e9"]


def scan(tmp_path, name="scan.pdf"):
    canvas = Canvas(str(tmp_path / name))
    canvas.drawString(72, 700, "A page of text")
    for shown in (True, True, False, True):
        canvas.showPage()
        if shown:
            canvas.drawInlineImage(PICTURE, 0, 0, 600, 800)
    canvas.save()
    return tmp_path / name


PICTURE = Image.new("L", (8, 8))


def test_pages_without_text_among_others_are_told(tmp_path):
    items = Documents.read(scan(tmp_path))
    assert items.strings == ["A page of text" + "\n\n" * 4]
    assert items.skipped == ("scan.pdf, pages 2-3, 5 (no text: scanned?)",)
    folder = tmp_path / "folder"
    folder.mkdir()
    write_pdf(folder / "a.pdf", "Text")
    scan(folder)
    assert Documents.read(folder).skipped == ("scan.pdf, pages 2-3, 5 (no text: scanned?)",)


def test_values_of_forms_are_read_with_their_names(tmp_path):
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(72, 700, "Form")
    form = canvas.acroForm
    form.textfield(name="Tenant", value="Jane Roe", x=100, y=600)
    form.textfield(name="x1", tooltip="Rent", value="900", x=100, y=550)
    form.textfield(name="Empty", value="", x=100, y=500)
    form.textfield(name="Secret", value="hidden", x=100, y=450, annotationFlags="hidden")
    form.textfield(name="Password", value="abc", x=100, y=400, fieldFlags="password")
    form.checkbox(name="Pets allowed", checked=True, x=100, y=350)
    form.checkbox(name="Smoking", checked=False, x=100, y=300)
    form.choice(name="Term", value="two years", options=["one year", "two years"], x=100, y=250)
    canvas.save()
    assert Documents.read(tmp_path / "a.pdf").strings == [
        "Form\nTenant: Jane Roe\nRent: 900\nPets allowed: \u2612\nTerm: two years"
    ]


def test_pages_over_the_limits_of_the_library_are_told(tmp_path):
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.beginForm("word")
    canvas.drawString(72, 700, "word")
    canvas.endForm()
    canvas.drawString(72, 600, "Start")
    for _ in range(5001):
        canvas.doForm("word")
    canvas.save()
    items = Documents.read(tmp_path / "a.pdf")
    assert items[0].text.count("word") == 5000
    assert items.skipped == ("a.pdf, page 1 (too much to read all)",)


def test_a_page_that_fills_the_memory_is_no_scan(tmp_path):
    writer = PdfWriter(clone_from=write_pdf(tmp_path / "a.pdf", "Text"))
    stream = StreamObject()
    stream._data = zlib.compress(b" " * 80_000_000, 9)
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    writer.write(tmp_path / "b.pdf")
    with pytest.raises(InputError, match=r"b\.pdf is too much to read \(page 1"):
        Documents.read(tmp_path / "b.pdf")


def test_drawing_operators_are_bounded(tmp_path, monkeypatch):
    path = write_pdf(tmp_path / "a.pdf", "Text\n" * 50)
    monkeypatch.setattr(pdf, "_MOST_OPERATORS", 50)
    with pytest.raises(InputError, match=r"too long for one document: over 50 drawing operators"):
        Documents.read(path)


def test_text_that_forms_repeat_is_bounded_while_it_is_read(tmp_path):
    canvas = Canvas(str(tmp_path / "a.pdf"), pageCompression=1)
    canvas.beginForm("words")
    canvas.drawString(72, 700, "word " * 100_000)
    canvas.endForm()
    for _ in range(5000):
        canvas.doForm("words")
    canvas.save()
    with pytest.raises(InputError, match=r"too long for one document: over 20,\d{3},\d{3} char"):
        Documents.read(tmp_path / "a.pdf")


def test_the_log_of_the_library_is_as_before(tmp_path):
    logger = logging.getLogger("pypdf")
    before = (logger.level, logger.propagate, list(logger.handlers))
    read(tmp_path, "Text")
    assert (logger.level, logger.propagate, list(logger.handlers)) == before
