"""Columns of texts that are numbers or dates."""

from __future__ import annotations

from datetime import date, datetime

import openpyxl
import pytest
from tests.core.results.stories import Story

from metier.results.text_columns import form_of


@pytest.mark.parametrize(
    "texts",
    [
        ("1.1", "1.10", "1.2"),
        ("007", "8"),
        ("1.10", "1.2"),
        ("1.0", "2.00"),
        ("1234567890123456",),
        ("0.12345678901234567",),
        ("1,234", "2,345"),
        ("1,2", "3,4"),
        ("1,2,3", "6000,5"),
        ("6000,5", "about 6000"),
        ("31.02.2024", "01.02.2024"),
        ("5.4.24",),
        ("05.04.2024", "soon"),
        ("1e5",),
        ("NaN",),
        (" 1",),
        ("", None),
        (1, 2),
        ("1", 2),
    ],
)
def test_what_is_not_a_number_for_certain_stays_a_text(texts):
    assert form_of(texts, own=True) is None


@pytest.mark.parametrize(
    ("texts", "values", "shown"),
    [
        (("1", "", "-20"), [1, -20], ""),
        (("0.1", "2", "3.25"), [0.1, 2.0, 3.25], ""),
        (("5.20", "-6.00", "1234.50"), [5.2, -6.0, 1234.5], "0.00"),
        (("6000,5", "7000"), [6000.5, 7000.0], ""),
        (("1.234,56", "-12,00", "0,99"), [1234.56, -12.0, 0.99], "0.00"),
        (("6000,500", "1234,250"), [6000.5, 1234.25], "0.000"),
        (("05.04.2024", "31.12.1999"), [date(2024, 4, 5), date(1999, 12, 31)], "dd.mm.yyyy"),
    ],
)
def test_numbers_and_dates_of_a_whole_column_are_such(texts, values, shown):
    form = form_of(texts, own=True)
    assert [form.convert(text) for text in texts if text] == values
    assert form.format == shown


def test_ids_and_labels_of_a_result_are_whole_numbers_or_texts():
    assert form_of(["1", "2"], own=False).convert("2") == 2
    assert form_of(["1.5", "2.5"], own=False) is None
    assert form_of(["05.04.2024"], own=False) is None


def test_a_workbook_says_what_was_read_as_numbers_and_dates(tmp_path):
    own = [
        {"Betrag": "6000,5", "Datum": "05.04.2024", "Abschnitt": "1.1", "Preis": "5.20"},
        {"Betrag": "7000", "Datum": "31.12.2024", "Abschnitt": "1.10", "Preis": "12.00"},
    ]
    (path,) = Story.of(["a", "b"], own).save(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    names, first, second = book.worksheets[0].iter_rows()
    cells = dict(zip([cell.value for cell in names], second, strict=True))
    assert cells["Betrag"].value == 7000
    assert cells["Datum"].value == datetime(2024, 12, 31)
    assert cells["Abschnitt"].value == "1.10"
    assert (cells["Preis"].value, cells["Preis"].number_format) == (12, "0.00")
    assert first[[cell.value for cell in names].index("Betrag")].value == 6000.5
    notes = [row[1] for row in book["About"].iter_rows(values_only=True) if row[0] == "Note"]
    assert "Column 'Betrag': decimal commas were read as such." in notes
    assert "Column 'Datum': day.month.year was read as a date." in notes
    assert len(notes) == 2
