"""The readers metier brings, a module for each kind of file."""

from __future__ import annotations

from metier.texts.reader import Reader
from metier.texts.readers.docx import DOCX
from metier.texts.readers.html import HTML
from metier.texts.readers.json_rows import JSON, JSON_LINES, NOTEBOOK
from metier.texts.readers.office import PPTX, RTF, SPREADSHEET
from metier.texts.readers.pdf import PDF
from metier.texts.readers.tables import CSV, PARQUET, TSV
from metier.texts.readers.text_lines import TEXT


def builtin_readers() -> tuple[Reader, ...]:
    """The readers that need no plugin. A library they need is imported when a file is read."""
    return (
        *(TEXT, CSV, TSV, JSON_LINES, JSON, PARQUET, SPREADSHEET),
        *(HTML, PDF, DOCX, PPTX, RTF, NOTEBOOK),
    )
