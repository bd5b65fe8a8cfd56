"""Files as people have them: encodings, line ends, quotes, ragged rows."""

from __future__ import annotations

import csv
import gzip
import json
import threading
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from metier.errors import InputError, MetierWarning, UsageError
from metier.texts.checks import MAX_CHARACTERS, is_blank
from metier.texts.files import stream_texts
from metier.texts.readers import builtin_readers
from metier.texts.readers.text_lines import open_text
from metier.texts.texts import Documents, Texts


def strings(path: Path, **options: str) -> list[str]:
    return Texts.read(path, **options).strings


@pytest.fixture
def file(tmp_path: Path):
    """Write a file of that name."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def test_suffixes_belong_to_one_reader_each():
    suffixes = [suffix for reader in builtin_readers() for suffix in reader.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert {".csv", ".docx", ".html", ".jsonl", ".md", ".parquet", ".pdf", ".txt"} <= set(suffixes)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "A.TXT"])
def test_a_text_file_is_one_text_a_line_named_by_its_line(file, name):
    texts = Texts.read(file(name, "one\n\n  two \n"))
    assert [(item.id, item.text) for item in texts] == [
        (f"{name}:1", "one"),
        (f"{name}:3", "  two "),
    ]


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_text_file_is_one_document_where_documents_are_read(file, name):
    (item,) = Documents.read(file(name, "one\n\ntwo\n"))
    assert (item.id, item.text) == (name, "one\n\ntwo\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(file, end):
    assert strings(file("a.txt", f"one{end}two{end}")) == ["one", "two"]
    assert strings(file("a.csv", f"id,text{end}1,one{end}2,two{end}")) == ["one", "two"]
    if end != "\r":
        assert strings(file("a.jsonl", f'{{"text":"one"}}{end}"two"{end}')) == ["one", "two"]


def test_only_line_ends_end_a_line(file):
    line = "one\u2028still one\x0cand\x85on"
    assert strings(file("a.txt", f"{line}\ntwo")) == [line, "two"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "one"),
        ("a.csv", "text\none"),
        ("a.tsv", "text\none"),
        ("a.jsonl", '{"text":"one"}'),
    ],
)
def test_a_byte_order_mark_is_no_part_of_the_text(file, name, content):
    assert strings(file(name, b"\xef\xbb\xbf" + content.encode())) == ["one"]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_bytes_that_are_no_text_are_refused(file, name):
    with pytest.raises(InputError, match="zero bytes"):
        Texts.read(file(name, b"PK\x03\x04\x00\x00"))
    with pytest.raises(InputError, match=r"not UTF-8: byte 12 \(line 2\)"):
        Texts.read(file(name, "id,text\n1,cr\u00e8me".encode("latin-1")))


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
@pytest.mark.parametrize("content", ["", "\n", "\ufeff\n\n"])
def test_an_empty_file_is_refused(file, name, content):
    with pytest.raises(InputError, match=f"There is no text in {name}"):
        Texts.read(file(name, content))


def test_a_table_with_only_a_header_is_refused(file, tmp_path):
    with pytest.raises(InputError, match=r"There is no text.*\n.*only a header"):
        Texts.read(file("a.csv", "id,text\n"))
    parquet.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="There is no text"):
        Texts.read(tmp_path / "a.parquet")


rows = st.lists(
    st.tuples(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)
        .filter(lambda text: not is_blank(text))
    ),
    min_size=1,
)  # fmt: skip


@given(rows, st.sampled_from([",", "\t"]))
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("csv") / ("a.csv" if delimiter == "," else "a.tsv")
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([("text",), *rows])
    assert strings(path) == [row[0] for row in rows]


@given(rows)
def test_what_json_writes_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    path.write_text("\n".join(json.dumps({"text": row[0]}) for row in rows), encoding="utf-8")
    assert strings(path) == [row[0] for row in rows]


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


@pytest.mark.parametrize(
    "line", ['{"id": 1, "text": "one", "text": "two"}', '{"text": "one", "x": {"y": 1, "y": 2}}']
)
def test_a_key_twice_in_an_object_is_refused_with_its_line(file, line):
    with pytest.raises(InputError, match=r"line 1: not valid JSON \(the key '\w+' .* twice"):
        Texts.read(file("a.jsonl", line))


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


def test_a_line_as_long_as_a_text_may_be_is_one_text(file):
    long = ("word " * MAX_CHARACTERS)[:MAX_CHARACTERS]
    assert strings(file("a.txt", long)) == [long]
    assert strings(file("a.csv", f"text\n{long}\n")) == [long]
    assert strings(file("a.jsonl", json.dumps({"text": long}))) == [long]


def test_a_line_of_a_megabyte_is_refused_with_its_size(file):
    with pytest.raises(InputError, match=r"row 1 .* has 1,048,577 characters"):
        Texts.read(file("a.csv", "id,text\n1," + "x" * (2**20 + 1)))


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


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "line 2: not valid JSON"),
        ("[" * 100_000, "line 2: not valid JSON"),
        ("9" * 5000, "line 2: not valid JSON"),
        ("[1]", "line 2: an array, not an object"),
        ("7", "line 2: a number, not an object"),
        ("null", "line 2: null, not an object"),
        ("true", "line 2: true or false, not an object"),
    ],
)
def test_a_line_that_is_no_json_object_is_refused_with_its_number(file, line, said):
    with pytest.raises(InputError, match=said):
        Texts.read(file("a.jsonl", f'{{"text": "one"}}\n{line}\n'))


def test_a_json_array_is_refused_with_the_way_out(file):
    with pytest.raises(InputError, match="big JSON array"):
        Texts.read(file("a.jsonl", '[\n{"text": "one"}\n]'))


def test_a_lone_surrogate_in_json_is_refused(file):
    with pytest.raises(InputError, match="lone surrogate"):
        Texts.read(file("a.jsonl", '{"text": "a\\ud83d"}'))


def test_ndjson_is_jsonl(file):
    assert strings(file("a.ndjson", '{"id": 1, "text": "one"}')) == ["one"]


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


def test_a_text_file_of_hundreds_of_megabytes_is_refused_as_a_document_unread(tmp_path):
    path = tmp_path / "a.txt"
    with path.open("wb") as out:
        out.truncate(200_000_000)
    with pytest.raises(InputError, match=r"too long for one document: 200 MB.*\n.*limit"):
        Documents.read(path)


def test_a_document_may_be_longer_than_other_texts(file):
    path = file("a.txt", "word " * (MAX_CHARACTERS // 4))
    assert len(Documents.read(path)[0].text) > MAX_CHARACTERS
    with pytest.raises(InputError, match="the limit is 500,000"):
        Texts.read(path)


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


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "caf\u00e9\r\n"),
        ("a.csv", "id,text\r\n1,caf\u00e9\r\n"),
        ("a.tsv", "id\ttext\r\n1\tcaf\u00e9\r\n"),
        ("a.jsonl", '{"text": "caf\u00e9"}\n'),
        ("a.json", '[{"text": "caf\u00e9"}]'),
    ],
)
def test_utf_16_with_its_mark_is_read_as_such(file, encoding, name, content):
    path = file(name, f"\ufeff{content}".encode(encoding))
    with pytest.warns(MetierWarning, match="read as utf-16"):
        assert strings(path) == ["caf\u00e9"]
    with pytest.warns(MetierWarning, match="read as utf-16"):
        assert strings(path.parent, skip_invalid=True) == ["caf\u00e9"]


def test_utf_16_that_is_cut_off_is_told_with_its_line(file):
    path = file("a.txt", "\ufeffone\ntwo".encode("utf-16-le")[:-1])
    for kind in (Texts, Documents):
        with pytest.raises(InputError, match=r"not utf-16: byte 14 \(line 2\)"):
            kind.read(path)


@pytest.mark.parametrize("begun", [b"", b"\xef\xbb\xbf", b"a" * 1_048_575])
def test_the_first_byte_that_is_no_text_is_told_wherever_it_stands(file, begun):
    path = file("a.txt", begun + "\u00e9\n\u00e9".encode() + b"\nx\xe9y")
    place = len(begun) + 7
    with pytest.raises(InputError, match=rf"not UTF-8: byte {place} \(line 3\)"):
        Texts.read(path)
    with pytest.raises(InputError, match=rf"not UTF-8: byte {place} \(line 3\)"):
        Documents.read(path)


def test_a_letter_that_is_cut_off_at_the_end_is_told(file):
    with pytest.raises(InputError, match=r"not UTF-8: byte 4 \(line 2\)"):
        Texts.read(file("a.txt", b"one\n\xc3"))


def test_a_broken_line_of_json_is_told_by_its_own_number_alone(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{\n{"text": "two"}\n')
    with pytest.raises(InputError, match=r"a\.jsonl, line 2: .*: line 1 column 2"):
        Texts.read(tmp_path / "a.jsonl")


def test_a_file_whose_broken_bytes_are_mended_meanwhile_is_told_as_changed(file):
    path = file("a.txt", b"a" * 100_000 + b"\xff\n")
    mended = ExitStack()
    mended.callback(path.write_bytes, b"a\n")
    with (
        path.open("rb") as raw,
        pytest.raises(InputError, match=r"a\.txt was changed while it was read"),
        open_text(raw, "a.txt", newline=None) as text,
        mended,
    ):
        text.read()


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ('[{"id": 1, "text": "one"}, "two"]', ["one", "two"]),
        ('{"data": [{"text": "one"}], "total": 1}', ["one"]),
        ('{"text": "one", "tags": ["a"]}', ["one"]),
        ('{"text": "one"}\n{"text": "two"}\n', ["one", "two"]),
        ('\ufeff[\n  {\n  "text": "one"\n}\n]', ["one"]),
    ],
)
def test_json_is_an_array_an_object_or_one_object_a_line(file, content, texts):
    assert strings(file("a.json", content)) == texts


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "one"}, 7]', "item 2: a number, not an object"),
        ('[{"text": "one"}', "not valid JSON"),
        ('[{"text": "one", "text": "two"}]', "'text' stands in an object twice"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_json_that_holds_no_objects_is_refused(file, content, message):
    with pytest.raises(InputError, match=message):
        Texts.read(file("a.json", content))


def test_of_a_folder_settings_in_json_are_left_out_and_named(file, tmp_path):
    file("package.json", '{"name": "x", "description": "y"}')
    file("data.json", ' [{"text": "one"}]')
    texts = Texts.read(tmp_path)
    assert (texts.strings, texts.skipped) == (["one"], ("package.json (holds no array of rows)",))


def test_a_notebook_is_its_cells_without_their_output(file):
    cells = [
        {"cell_type": "markdown", "source": ["# Report\n", "Sales rose."]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": "1"}]},
        {"cell_type": "code", "source": []},
    ]
    notebook = {"cells": cells, "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4}
    (item,) = Documents.read(file("a.ipynb", json.dumps(notebook)))
    assert item.text == "# Report\nSales rose.\n\n```python\nprint(1)\n```"
    cells = [{"cell_type": "code", "source": "text = '''\n```\n'''"}]
    (item,) = Documents.read(file("c.ipynb", json.dumps({"cells": cells})))
    assert item.text == "````\ntext = '''\n```\n'''\n````"
    with pytest.raises(InputError, match="not a notebook"):
        Documents.read(file("b.ipynb", "[]"))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt.gz", "one"), ("a.csv.gz", "id,text\na,one"), ("a.jsonl.GZ", '{"text": "one"}')],
)
def test_a_packed_file_is_read_as_what_is_in_it(file, name, content):
    path = file(name, gzip.compress(content.encode()))
    assert strings(path) == ["one"]
    assert [item.text for item in stream_texts(path, Texts)] == ["one"]


def test_a_packed_file_of_a_folder_has_the_name_of_what_is_in_it(file, tmp_path):
    (tmp_path / "sub").mkdir()
    file("sub/a.txt.gz", gzip.compress(b"one"))
    (item,) = Documents.read(tmp_path)
    assert item.id == "sub/a.txt"


def test_a_packed_file_that_is_damaged_or_grows_too_much_is_refused(file):
    with pytest.raises(InputError, match="cannot be unpacked"):
        Texts.read(file("a.txt.gz", gzip.compress(b"one")[:-4]))
    with pytest.raises(InputError, match="cannot be unpacked"):
        Texts.read(file("b.txt.gz", b"one"))
    with pytest.raises(InputError, match="too large once unpacked"):
        Texts.read(file("c.txt.gz", gzip.compress(b"0" * 110_000_000, 1)))


def test_a_file_that_nothing_reads_is_refused_with_what_to_do(file):
    with pytest.raises(UsageError, match=r"Save it as \.docx"):
        Texts.read(file("a.odt", "PK"))
    with pytest.raises(UsageError, match="Unpack it"):
        Texts.read(file("a.zip", "PK"))


def test_markdown_has_two_endings(file):
    (item,) = Documents.read(file("a.markdown", "# A\n\nb"))
    assert item.text == "# A\n\nb"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("---\ndate: 2020\ntitle: A guide\n---\n# One\n", "A guide"),
        ('---\r\ntitle: "Fees: all"  \r\n---\r\nOne\r\n', "Fees: all"),
        ("---\ndate: 2020\n---\ntitle: no\n", None),
        ("# One\n---\ntitle: no\n---\n", None),
    ],
)
def test_the_title_of_a_markdown_file_is_that_of_its_front_matter(file, content, title):
    (item,) = Documents.read(file("a.md", content))
    assert (item.title, item.text) == (title, content)
