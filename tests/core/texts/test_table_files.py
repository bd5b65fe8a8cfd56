"""Tables in files: separators, quotes, headers, ragged rows."""

from __future__ import annotations

import csv
import threading

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.core.texts.reading import strings

from metier.errors import InputError
from metier.texts.readers import builtin_readers
from metier.texts.texts import Texts


def test_a_table_with_only_a_header_is_refused(file, tmp_path):
    with pytest.raises(InputError, match=r"There is no text.*\n.*only a header"):
        Texts.read(file("a.csv", "id,text\n"))
    parquet.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="There is no text"):
        Texts.read(tmp_path / "a.parquet")


def test_a_quoted_text_may_hold_commas_quotes_and_line_breaks(file):
    path = file("a.csv", 'id,text\n1,"one, ""two""\nthree"\n')
    assert strings(path) == ['one, "two"\nthree']


def test_spaces_round_column_names_are_no_part_of_them(file):
    assert strings(file("a.csv", "id, text \n1,one\n")) == ["one"]


def test_blank_lines_of_a_table_are_no_rows(file):
    assert strings(file("a.csv", "\nid,text\n\n1,one\n\n")) == ["one"]


def test_a_row_with_too_many_fields_is_refused_with_its_line(file):
    with pytest.raises(InputError, match="line 3: the row has more fields than the header"):
        Texts.read(file("a.csv", "id,text\n1,one\n2,two, and more\n"))


@pytest.mark.parametrize("content", ["id,text\n1,one,\n2,two,,\n", "id,text,,\n1,one,,\n2,two,,\n"])
def test_delimiters_behind_the_last_field_are_no_fields(file, content):
    texts = Texts.read(file("a.csv", content))
    assert [(item.id, item.text, item.fields) for item in texts] == [
        ("1", "one", {}),
        ("2", "two", {}),
    ]


def test_every_cell_of_a_column_without_a_name_is_kept_under_its_position(file):
    texts = Texts.read(file("a.csv", ",id,text,,\n0,1,one,x,y\n,2,two,,z\n"))
    assert [item.fields for item in texts] == [
        {"column 1": "0", "column 4": "x", "column 5": "y"},
        {"column 5": "z"},
    ]


@pytest.mark.parametrize(
    "content",
    [
        'id, text, tag\n1, "one, ""two""", x\n',
        'id,text,tag\n1, "one, ""two""",x\n',
        'id;text;tag\n1;  "one, ""two""";x\n',
    ],
)
def test_spaces_between_a_delimiter_and_a_quoted_field_are_no_part_of_it(file, content):
    (item,) = Texts.read(file("a.csv", content))
    assert (item.id, item.text, item.fields) == ("1", 'one, "two"', {"tag": "x"})


def test_spaces_that_begin_a_field_stay_where_the_table_is_not_written_with_them(file):
    texts = Texts.read(file("a.csv", 'text,tag\none, x\n"a ""b""", "quoted" word\n'))
    assert [item.fields["tag"] for item in texts] == [" x", ' "quoted" word']


def test_a_line_above_the_header_is_named_as_what_was_taken_for_it(file):
    with pytest.raises(InputError, match=r"not the header. It is: # exported in May"):
        Texts.read(file("a.csv", "# exported in May\nid,text\n1,one\n"))


def test_quotes_after_a_backslash_are_named_as_a_cause(file):
    with pytest.raises(InputError, match=r'line 2: not valid CSV.*\n.*written \\" inside'):
        Texts.read(file("a.csv", 'id,text\n1,"she said \\"no\\" to it"\n'))


def test_a_row_with_too_few_fields_lacks_the_last_ones(file):
    texts = Texts.read(file("a.csv", "text,id,price\none,1,5\ntwo\n"))
    assert [item.id for item in texts] == ["1", "2"]
    assert texts[1].fields == {"price": None}


def test_a_quote_that_is_never_closed_is_refused_with_its_line(file):
    with pytest.raises(InputError, match=r"line \d: not valid CSV"):
        Texts.read(file("a.csv", 'id,text\n1,"one\n2,two\n'))


def test_two_columns_of_one_name_are_refused(file):
    with pytest.raises(InputError, match="2 columns have the name 'text'"):
        Texts.read(file("a.csv", "id,text,text\n1,one,two\n"))


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ("sep=;\nid;text\n1;one, two\n", {}),
        ('"sep=,"\nid,text\n1,"one, two"\n', {}),
        ("id;text;price, net\n1;one, two;5\n", {"price, net": "5"}),
        ('id,"note; inner",text\n1,x,"one, two"\n', {"note; inner": "x"}),
        ("id|text|a,b\n1|one, two|5\n", {"a,b": "5"}),
    ],
)
def test_what_separates_columns_is_what_the_header_says(file, content, fields):
    (item,) = Texts.read(file("a.csv", content))
    assert (item.id, item.text, item.fields) == ("1", "one, two", fields)


def test_a_tab_file_is_separated_by_tabs(file):
    assert strings(file("a.tab", "id\ttext, all\ttext\n1\tx\tone, two\n")) == ["one, two"]


def test_two_fields_that_differ_only_in_case_are_refused_unless_one_is_named(file):
    path = file("a.csv", "id,Text,text\n1,one,two\n")
    with pytest.raises(InputError, match="'Text' and 'text' have the same name but for case"):
        Texts.read(path)
    assert strings(path, text_field="text") == ["two"]
    with pytest.raises(InputError, match="'ID' and 'id'"):
        Texts.of([{"text": "one", "ID": 1, "id": 2}])


def test_two_columns_of_one_name_in_parquet_and_frames_are_refused(tmp_path):
    table = pa.table([["one"], ["two"]], names=["text", "text"])
    parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match="2 columns have the name 'text'"):
        Texts.read(tmp_path / "a.parquet")
    for frame in (table, pd.DataFrame([["one", "two"]], columns=["text", "text"])):
        with pytest.raises(InputError, match="have the same name: text, text"):
            Texts.of(frame)


def test_reading_leaves_the_csv_module_as_it_was(file):
    before = csv.field_size_limit()
    paths = [file(f"{n}.csv", "text\n" + "x" * 100_000 * n) for n in range(1, 5)]
    read = []
    threads = [
        threading.Thread(target=lambda path=path: read.append(len(strings(path)[0])))
        for path in paths * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read) == sorted([100_000, 200_000, 300_000, 400_000] * 4)
    assert csv.field_size_limit() == before


def test_parquet_keeps_types_and_gaps(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"id": [1, None], "text": ["one", "two"], "n": [None, 2]}), path)
    texts = Texts.read(path)
    assert [(item.id, item.text, item.fields["n"]) for item in texts] == [
        ("1", "one", None),
        ("2", "two", 2),
    ]


def test_a_damaged_parquet_file_is_refused(file):
    with pytest.raises(InputError, match="not a readable Parquet file"):
        Texts.read(file("a.parquet", b"PAR1 and nothing else"))


def test_duplicate_ids_of_a_file_are_refused(file):
    with pytest.raises(InputError, match=r"row 2 .* same id as row 1"):
        Texts.read(file("a.csv", "id,text\n1,one\n1,two\n"))


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_table_may_have_another_separator_where_its_header_has_no_comma(file, delimiter):
    lines = "id|text\n1|one, two\n2|'three|'\n".replace("'", '"')
    path = file("a.csv", lines.replace("|", delimiter))
    assert strings(path) == ["one, two", f"three{delimiter}"]


def test_a_quote_that_is_never_closed_is_found_before_all_of_a_large_file_is_one_text(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w") as out:
        out.write('id,text\n1,"one\n')
        out.writelines(f"{number},{'word ' * 1000}\n" for number in range(5000))
    with pytest.raises(InputError, match=r"a.csv, line \d+: not valid CSV \(field larger"):
        Texts.read(path)


def test_two_tables_may_be_read_side_by_side(file):
    path = file("a.csv", "text\n" + f"{'x' * 300_000}\n" * 8)
    (reader,) = [one for one in builtin_readers() if one.name == "csv"]
    both = zip(reader.read(path), reader.read(path), strict=True)
    assert sum(one == other for one, other in both) == 8
