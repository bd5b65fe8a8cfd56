"""Slides, rich text and spreadsheets, written by other libraries than those that read them."""

from __future__ import annotations

import zipfile

import pytest
from pptx import Presentation
from pptx.util import Inches
from xlsxwriter import Workbook

from metier.errors import InputError, UsageError
from metier.texts.files import stream_texts
from metier.texts.reader import DATA_SHEETS
from metier.texts.texts import Documents, Texts


def test_slides_are_one_document_with_their_titles_as_headings(tmp_path):
    deck = Presentation()
    deck.core_properties.title = "Plan"
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Our\nplan"
    first.placeholders[1].text = "grow\nsave"
    first.notes_slide.notes_text_frame.text = "Say it slowly."
    second = deck.slides.add_slide(deck.slide_layouts[6])
    table = second.shapes.add_table(1, 2, 0, 0, Inches(1), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Cost", "5"
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "inside"
    hidden = deck.slides.add_slide(deck.slide_layouts[1])
    hidden.shapes.title.text = "secret"
    hidden._element.set("show", "0")
    deck.save(str(tmp_path / "a.pptx"))
    (item,) = Documents.read(tmp_path / "a.pptx")
    assert (item.id, item.title) == ("a.pptx", "Plan")
    assert item.text == "# Our plan\n\ngrow\nsave\n\nSay it slowly.\n\nCost | 5\n\ninside"


def test_a_cell_of_a_slide_is_repeated_in_the_rows_that_it_spans_only(tmp_path):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    table = slide.shapes.add_table(3, 3, 0, 0, Inches(4), Inches(1)).table
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"{row}{column}"
    table.cell(1, 1).text = table.cell(2, 0).text = table.cell(2, 1).text = ""
    table.cell(1, 0).merge(table.cell(2, 1))
    deck.save(str(tmp_path / "a.pptx"))
    assert Documents.read(tmp_path / "a.pptx").strings == ["00 | 01 | 02\n10 | 12\n10 | 22"]


def test_rich_text_is_one_document(tmp_path):
    path = tmp_path / "a.rtf"
    path.write_bytes(
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 The {\b fee} is \'80 5.\par "
        rb"Caf\u233? too.\par}"
    )
    (item,) = Documents.read(path)
    assert item.text.split("\n") == ["The fee is \u20ac 5.", "Caf\u00e9 too."]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"Shown {\v no }too\v  no\v0 .", "Shown too."),
        (r"Kept {\deleted no}{\revised new}", "Kept new"),
        (r"{\v no {\b no} \plain yes}", "yes"),
        (r"The cap{\footnote Of {\i each} year.} holds.", "The cap [Of each year.] holds."),
        (r"{\header Acme\par}{\footerf Draft}Text\par", "Text\n\nAcme\n\nDraft"),
        (r"{\pntext 1.\tab}Term\par{\listtext 2.\tab}Fees\par", "1.\tTerm\n2.\tFees"),
        (r"\trowd\pard\intbl a\par b\cell\cell c\cell\row\trowd\intbl 1\cell\row\pard d|e",
         "a b |  | c\n1\nd|e"),
        (r"smile \u-10179?\u-8638? and \u233?t\u233?", "smile \U0001f642 and \u00e9t\u00e9"),
        (r"in\-demnity", "indemnity"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt the link}} ends", "the link ends"),
        (r"one{\pict\wmetafile8\bin6 }}{\}}} two{\*\blob\bin2{{} three \\bin9 four",
         r"one two three \bin9 four"),
        (r"\ansicpg1251 \'cf\'f0\'e8", "\u041f\u0440\u0438"),
    ],
)  # fmt: skip
def test_rich_text_is_read_as_it_is_shown(tmp_path, source, text):
    (tmp_path / "a.rtf").write_text(rf"{{\rtf1\ansi {source}}}" + "\n")
    (item,) = Documents.read(tmp_path / "a.rtf")
    assert "\n".join(line.strip() for line in item.text.strip().split("\n")) == text


@pytest.mark.parametrize("piece", [r"\v ", "{", "}", r"{\header ", r"\intbl a\cell\row ", "\\"])
def test_rich_text_of_repeated_pieces_is_read_in_one_pass(tmp_path, piece):
    (tmp_path / "a.rtf").write_text(r"{\rtf1\ansi Begin\par " + piece * 20_000)
    assert Documents.read(tmp_path / "a.rtf").strings[0].startswith("Begin")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.pptx", "not a presentation"),
        ("a.rtf", "not a rich text"),
        ("a.xlsx", "not a spreadsheet"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(InputError, match=message):
        Documents.read(tmp_path / name)


def test_rows_of_all_sheets_are_named_by_the_header_of_each(tmp_path):
    with Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("one")
        for row, cells in enumerate(
            [["id", "Text", "price"], ["a", "one, two", 5], [], ["b", "x"]]
        ):
            sheet.write_row(row + 1, 0, cells)
        other = book.add_worksheet("two")
        other.write_row(0, 0, ["Text", "id"])
        other.write_row(1, 0, ["three", "c"])
    texts = Texts.read(tmp_path / "a.xlsx")
    assert [(item.id, item.text, item.fields.get("price")) for item in texts] == [
        ("a", "one, two", 5),
        ("b", "x", None),
        ("c", "three", None),
    ]


def write_sheets(path, **sheets):
    with Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)


@pytest.mark.parametrize("id_field", [None, "key"])
def test_sheets_that_share_an_id_have_their_names_before_their_ids(tmp_path, id_field):
    header = [id_field or "id", "text"]
    write_sheets(
        tmp_path / "a.xlsx",
        North=[header, [1, "one"], [2, "two"], [None, "three"]],
        South=[header, [1, "four"]],
        West=[header, [7, "five"]],
    )
    expected = ["North:1", "North:2", "3", "South:1", "7"]
    assert [item.id for item in Texts.read(tmp_path / "a.xlsx", id_field=id_field)] == expected
    (tmp_path / "b.csv").write_text(f"{header[0]},text\n2,six\n")
    texts = Texts.read(tmp_path, id_field=id_field)
    assert [item.id for item in texts] == [
        "a.xlsx:North:1", "a.xlsx:North:2", "3", "a.xlsx:South:1", "7", "b.csv:2",
    ]  # fmt: skip
    assert list(stream_texts(tmp_path, Texts, id_field=id_field)) == list(texts)


def test_a_row_that_cannot_be_used_is_located_by_its_sheet_and_its_row_there(tmp_path):
    rows = [["id", "text"], [], ["a", "one"], ["b", 5]]
    write_sheets(tmp_path / "a.xlsx", North=[["text"], ["zero"]], South=rows)
    with pytest.raises(InputError, match=r"sheet South, row 4 \(b\) is a number, not text"):
        Texts.read(tmp_path / "a.xlsx")
    texts = Texts.read(tmp_path / "a.xlsx", skip_invalid=True)
    assert (texts.strings, texts.skipped) == (["zero", "one"], ("sheet South, row 4 (b)",))
    assert Texts.read(tmp_path, skip_invalid=True).skipped == ("a.xlsx, sheet South, row 4 (b)",)


def test_each_sheet_has_fields_of_its_own(tmp_path):
    write_sheets(
        tmp_path / "a.xlsx",
        One=[["id", "text"], ["a", "one"]],
        Two=[["Text", "ID", "content"], ["two", "b", "more"]],
    )
    texts = Texts.read(tmp_path / "a.xlsx")
    assert [(item.id, item.text, item.fields) for item in texts] == [
        ("a", "one", {}),
        ("b", "two", {"content": "more"}),
    ]


def test_a_sheet_without_the_text_is_left_out_and_told_if_another_has_it(tmp_path):
    about = [["About", "Version"], ["Written by Ann", 2]]
    write_sheets(tmp_path / "a.xlsx", About=about, Fees=[["id", "text"], ["a", "one"]])
    texts = Texts.read(tmp_path / "a.xlsx")
    assert texts.strings == ["one"]
    assert texts.skipped == ("a.xlsx, sheet About (no column with the text)",)
    write_sheets(tmp_path / "b.xlsx", About=about, More=[["Remark"], ["one"]])
    with pytest.raises(InputError, match="Its fields are: About, Version, Remark"):
        Texts.read(tmp_path / "b.xlsx")
    assert Texts.read(tmp_path / "b.xlsx", text_field="Remark").strings == ["one"]


def test_two_columns_of_one_name_in_a_sheet_are_refused(tmp_path):
    with Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("one").write_row(0, 0, ["text", "text"])
    with pytest.raises(InputError, match="sheet one: 2 columns have the name"):
        Texts.read(tmp_path / "a.xlsx")


def test_a_cell_that_spans_rows_of_a_sheet_is_repeated_in_each(tmp_path):
    with Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 2, 0, 3, "region")
        sheet.write_row(0, 0, ["id", "text"])
        for row in range(1, 5):
            sheet.write_row(row, 0, [f"a{row}", f"text {row}"])
        sheet.merge_range(1, 2, 3, 3, "north")
        sheet.write(4, 2, "south")
    texts = Texts.read(tmp_path / "a.xlsx")
    assert [item.fields["region"] for item in texts] == ["north", "north", "north", "south"]
    assert [len(item.fields) for item in texts] == [1, 1, 1, 1]


def test_a_cell_that_spans_rows_is_repeated_in_its_own_column_of_a_table_apart_from_the_edge(
    tmp_path,
):
    with Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(
            [["id", "text", "region"], ["a", "one"], ["b", "two"]], start=3
        ):
            sheet.write_row(row, 2, cells)
        sheet.merge_range(4, 4, 5, 4, "north")
    texts = Texts.read(tmp_path / "a.xlsx")
    assert [(item.id, item.text, item.fields["region"]) for item in texts] == [
        ("a", "one", "north"),
        ("b", "two", "north"),
    ]


def test_a_sheet_whose_cells_are_far_apart_is_refused_before_it_fills_the_memory(tmp_path):
    for name, row, column in (("far.xlsx", 1_048_575, 16_383), ("near.xlsx", 1_048_575, 2)):
        with Workbook(str(tmp_path / name)) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["id", "text"])
            sheet.write_row(1, 0, ["a", "one"])
            sheet.write(row, column, "a note")
    with pytest.raises(InputError, match=r"table of them has 17,179,869,184 cells"):
        Texts.read(tmp_path / "far.xlsx")
    assert Texts.read(tmp_path / "near.xlsx", skip_invalid=True).strings == ["one"]


def test_an_id_that_spans_rows_of_a_sheet_is_an_id_that_several_have(tmp_path):
    with Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([["id", "text"], [None, "one"], [None, "two"]]):
            sheet.write_row(row, 0, cells)
        sheet.merge_range(1, 0, 2, 0, "a")
    with pytest.raises(InputError, match=r"sheet Sheet1, row 3 \(a\) has the same id as row 2"):
        Texts.read(tmp_path / "a.xlsx")


def test_hidden_sheets_are_not_read(tmp_path):
    with Workbook(str(tmp_path / "a.xlsx")) as book:
        sheets = {name: book.add_worksheet(name) for name in ("shown", "hidden", "very hidden")}
        for name, sheet in sheets.items():
            sheet.write_row(0, 0, ["id", "text"])
            sheet.write_row(1, 0, ["a", name])
        sheets["hidden"].hide()
        sheets["very hidden"].very_hidden()
    assert Texts.read(tmp_path / "a.xlsx").strings == ["shown"]


def test_a_cell_beside_the_table_of_a_sheet_is_kept_under_its_position(tmp_path):
    with Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "text"])
        sheet.write_row(1, 0, ["a", "one", None, "call back"])
        sheet.write_row(2, 0, ["b", "two"])
    texts = Texts.read(tmp_path / "a.xlsx")
    assert [item.fields for item in texts] == [{"column 4": "call back"}, {}]


@pytest.mark.parametrize("name", ["a.pptx", "a.xlsx"])
def test_an_archive_made_to_fill_the_memory_is_refused_unread(tmp_path, name):
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sheet.xml", b"<" * 110_000_000)
    with pytest.raises(InputError, match="too large: 110 MB"):
        Documents.read(tmp_path / name)


def test_one_sheet_of_a_workbook_can_be_read(tmp_path):
    header = ["id", "text"]
    path = tmp_path / "a.xlsx"
    write_sheets(path, North=[header, [1, "one"]], South=[header, [1, "two"], [2, "three"]])
    south = Texts.read(f"{path}#South")
    assert [(item.id, item.text) for item in south] == [("1", "two"), ("2", "three")]
    assert south.files == (path,)
    assert list(stream_texts(f"{path}#South", Texts)) == list(south)
    (tmp_path / "b.csv").write_text("id,text\n7,four\n")
    several = Texts.read([f"{path}#North", f"{path}#South", tmp_path / "b.csv"])
    assert [item.id for item in several] == [
        *("a.xlsx#North:1", "a.xlsx#South:1", "a.xlsx#South:2", "7"),
    ]


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    path = tmp_path / "a.xlsx"
    write_sheets(path, North=[["text"], ["one"]], South=[["text"], ["two"]])
    with pytest.raises(UsageError, match=r"a.xlsx has no sheet 'Soth'") as caught:
        Texts.read(f"{path}#Soth")
    assert "'South'" in str(caught.value)
    (tmp_path / "b.csv").write_text("id,text\n7,four\n")
    with pytest.raises(UsageError, match=r"b.csv has no sheets"):
        Texts.read(f"{tmp_path / 'b.csv'}#South")
    (tmp_path / "b.csv#South").write_text("a text\n")
    with pytest.raises(UsageError, match=r"No reader"):
        Texts.read(f"{tmp_path / 'b.csv'}#South")


def test_whole_numbers_of_a_sheet_are_whole(tmp_path):
    rows = [["id", "text", 2024, "amount"], [1, "one", 3, 2.5], [2, "two", 12345678901234567, 7]]
    write_sheets(tmp_path / "a.xlsx", North=rows)
    first, second = Texts.read(tmp_path / "a.xlsx")
    assert (repr(first.fields["2024"]), repr(first.fields["amount"])) == ("3", "2.5")
    assert (repr(second.fields["2024"]), repr(second.fields["amount"])) == (
        "12345678901234570",  # Excel keeps no more digits
        "7",
    )


@pytest.mark.parametrize("value", ["nothing", '["nowhere"]', "[1]", "1", '{"a": 1}'])
def test_a_property_of_another_program_changes_nothing(tmp_path, value):
    with Workbook(str(tmp_path / "a.xlsx")) as book:
        book.set_custom_property(DATA_SHEETS, value, "text")
        for name in ("North", "South"):
            book.add_worksheet(name).write_column(0, 0, ["text", name])
    assert Texts.read(tmp_path / "a.xlsx").strings == ["North", "South"]
