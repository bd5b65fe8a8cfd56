"""Files as people have them: encodings, line ends, sizes, packed files."""

from __future__ import annotations

import csv
import gzip
import json
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.texts.reading import strings

from metier.errors import InputError, MetierWarning, UsageError
from metier.texts.checks import MAX_CHARACTERS, is_blank
from metier.texts.files import stream_texts
from metier.texts.readers import builtin_readers
from metier.texts.readers.text_lines import open_text
from metier.texts.texts import Documents, Texts


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


def test_a_line_as_long_as_a_text_may_be_is_one_text(file):
    long = ("word " * MAX_CHARACTERS)[:MAX_CHARACTERS]
    assert strings(file("a.txt", long)) == [long]
    assert strings(file("a.csv", f"text\n{long}\n")) == [long]
    assert strings(file("a.jsonl", json.dumps({"text": long}))) == [long]


def test_a_line_of_a_megabyte_is_refused_with_its_size(file):
    with pytest.raises(InputError, match=r"row 1 .* has 1,048,577 characters"):
        Texts.read(file("a.csv", "id,text\n1," + "x" * (2**20 + 1)))


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
