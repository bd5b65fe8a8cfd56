"""Contracts in files that nobody can read, or that take more memory than they seem to."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter
from tests.core.texts.pdf import write_pdf

from metier import Documents
from metier.cli.main import main
from metier.errors import InputError

MOST_BYTES = 150_000_000
"""Memory that reading it may take."""


def encrypted_pdf(folder: Path) -> Path:
    writer = PdfWriter(clone_from=write_pdf(folder / "plain.pdf", "1. Rent", "2. Law"))
    writer.encrypt("secret", algorithm="RC4-128")
    path = folder / "contract.pdf"
    writer.write(path)
    return path


def image_only_pdf(folder: Path) -> Path:
    return write_pdf(folder / "contract.pdf", "", "")


def truncated_pdf(folder: Path) -> Path:
    path = write_pdf(folder / "contract.pdf", "1. Rent", "2. Law")
    path.write_bytes(path.read_bytes()[:200])
    return path


def truncated_docx(folder: Path) -> Path:
    path = folder / "contract.docx"
    document = docx.Document()
    document.add_paragraph("1. Rent")
    document.save(str(path))
    path.write_bytes(path.read_bytes()[:3000])
    return path


def zip_bomb(folder: Path) -> Path:
    """A Word document of under 1 MB that is over 100 MB once unpacked."""
    path = folder / "contract.docx"
    docx.Document().save(str(path))
    with zipfile.ZipFile(path) as plain:
        parts = {name: plain.read(name) for name in plain.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name, content in parts.items():
            if name != "word/document.xml":
                bomb.writestr(name, content)
        with bomb.open("word/document.xml", "w") as body:
            for _ in range(120):
                body.write(b" " * 1_000_000)
    return path


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (encrypted_pdf, "password"),
        (image_only_pdf, "no text"),
        (truncated_pdf, "contract.pdf"),
        (truncated_docx, "contract.docx"),
        (zip_bomb, "unpacked"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_file_that_cannot_be_read_is_refused_with_its_name(
    write: Callable[[Path], Path],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write(tmp_path)

    code = main(
        ["run", "legal/search-clauses", str(path), "--query", "rent", "--model", "embedded"]
    )

    captured = capsys.readouterr()
    assert code == 1
    assert captured.out == ""
    assert path.name in captured.err
    assert reason in captured.err
    assert "Traceback" not in captured.err


def test_a_zip_bomb_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    path = zip_bomb(tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="unpacked"):
            Documents.read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
