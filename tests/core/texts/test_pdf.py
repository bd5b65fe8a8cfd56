"""PDF: the text of all pages, and clear words about what is none."""

from __future__ import annotations

import sys

import pytest
from pypdf import PdfReader, PdfWriter
from tests.core.texts.pdf import write_pdf

from metier.errors import InputError, MissingExtraError
from metier.texts.reader import page_at
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


def test_a_pdf_by_another_name_is_refused(tmp_path):
    path = write_pdf(tmp_path / "a.pdf", "Text").rename(tmp_path / "a.txt")
    with pytest.raises(InputError, match=r"a\.txt is not a text file: it is a PDF"):
        Documents.read(path)


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(MissingExtraError, match=r"metier\[documents\]"):
        Documents.read(write_pdf(tmp_path / "a.pdf", "Text"))
