"""Paths: a file, a folder, standard input, and what is none of them."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tempfile
from pathlib import Path

import pytest

from metier.errors import InputError, PluginError, UsageError
from metier.texts.files import read_texts, stream_texts
from metier.texts.reader import Reader
from metier.texts.texts import Documents, Texts


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch):
    """Let these bytes stand on standard input."""

    def put(raw: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    return put


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no folder for temporary files be of use."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "gone")])


def test_a_missing_file_is_a_usage_error_that_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"There is no file 'gone.csv'") as refused:
        Texts.read("gone.csv")
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize("text", ["word " * 200, "a\0b", "~nobody-of-that-name/x.csv"])
def test_a_text_given_as_a_path_is_a_missing_file(text):
    with pytest.raises(UsageError, match="There is no file"):
        Texts.read(text)


def test_a_file_nobody_reads_is_refused_with_what_can_be_read(tmp_path):
    (tmp_path / "a.xyz").touch()
    with pytest.raises(UsageError, match=r"No reader for 'a.xyz'.*\n.*\.csv, \.docx"):
        Texts.read(tmp_path / "a.xyz")


def test_a_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.txt").write_text("one")
    assert Texts.read("~/a.txt").strings == ["one"]


def test_a_folder_is_read_in_the_order_of_its_paths(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.csv").write_text("id,text\nx,two\n")
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "sub" / "c.jsonl").write_text('{"id": "y", "text": "three"}')
    (tmp_path / "notes.xyz").touch()
    texts = Texts.read(tmp_path)
    assert texts.strings == ["one", "two", "three"]
    assert [item.id for item in texts] == ["a.txt:1", "x", "y"]
    assert texts.skipped == ("notes.xyz (no reader)",)


def test_files_that_cannot_be_read_are_left_out_where_that_is_asked_for(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("one\n\0")
    (tmp_path / "sub" / "b.csv").write_text('id,text\nx,"never closed\n')
    (tmp_path / "c.csv").write_text("id,text\nx,two\ny,\n")
    with pytest.raises(InputError):
        Texts.read(tmp_path)
    texts = Texts.read(tmp_path, skip_invalid=True)
    assert "two" in texts.strings
    assert "sub/b.csv (cannot be read)" in texts.skipped
    assert texts.skipped[-1].endswith("(y)")


def test_a_folder_of_which_no_file_can_be_read_is_refused_with_the_first_reason(tmp_path):
    (tmp_path / "b.csv").write_text('id,text\nx,"never closed\n')
    with pytest.raises(InputError, match=r"b.csv, line \d: not valid CSV"):
        Texts.read(tmp_path, skip_invalid=True)


@pytest.mark.parametrize("id_field", [None, "key"])
def test_tables_that_share_an_id_have_their_names_before_their_ids(tmp_path, id_field):
    field = id_field or "id"
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.csv").write_text(f"{field},text\n1,one\n2,two\n,three\n")
    (tmp_path / "sub" / "b.jsonl").write_text(f'{{"{field}": 1, "text": "four"}}')
    (tmp_path / "c.csv").write_text(f"{field},text\n7,five\n")
    texts = Texts.read(tmp_path, id_field=id_field)
    assert [item.id for item in texts] == ["a.csv:1", "a.csv:2", "3", "7", "sub/b.jsonl:1"]


def test_one_id_twice_in_one_table_of_a_folder_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,one\n1,two\n")
    with pytest.raises(InputError, match="same id as row 1"):
        Texts.read(tmp_path)


def test_files_of_one_name_in_two_folders_have_two_ids(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text("one\ntwo")
    (tmp_path / "a.txt").write_text("top")
    assert [item.id for item in Documents.read(tmp_path)] == ["a.txt", "x/a.txt", "y/a.txt"]
    assert [item.id for item in Texts.read(tmp_path)][:3] == ["a.txt:1", "x/a.txt:1", "x/a.txt:2"]


def test_hidden_files_and_readmes_of_a_folder_are_left_out(tmp_path):
    (tmp_path / ".git").mkdir()
    for name in (".git/a.txt", ".hidden.txt", "README.md", "readme.txt", "b.txt"):
        (tmp_path / name).write_text("text")
    (tmp_path / "README.rst").touch()
    texts = Documents.read(tmp_path)
    assert [item.id for item in texts] == ["b.txt"]
    assert texts.skipped == ()


def test_what_tools_put_into_a_folder_is_left_out(tmp_path):
    for place in ("node_modules/a.txt", "x/__pycache__/b.txt", "env/pyvenv.cfg", "env/c.txt",
                  "cache/CACHEDIR.TAG", "cache/d.txt", "vendor/e.txt", "build/f.txt"):  # fmt: skip
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("text")
    assert [item.id for item in Documents.read(tmp_path)] == ["build/f.txt", "vendor/e.txt"]


def test_a_link_that_leads_round_in_a_circle_is_not_followed(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "gone.txt").symlink_to("nowhere.txt")
    assert [item.id for item in Documents.read(tmp_path)] == ["a.txt"]


def test_an_empty_file_of_a_folder_is_left_out_and_named(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.txt").write_text(" \n")
    texts = Documents.read(tmp_path)
    assert ([item.id for item in texts], texts.skipped) == (["a.txt"], ("b.txt (empty)",))
    (tmp_path / "c.csv").write_text("id,text\n")
    (tmp_path / "d.txt").touch()
    skipped = ("b.txt (empty)", "c.csv (no rows)", "d.txt (empty)")
    assert Documents.read(tmp_path).skipped == Texts.read(tmp_path).skipped == skipped
    (tmp_path / "a.txt").unlink()
    with pytest.raises(InputError, match="There is no text in"):
        Documents.read(tmp_path)


def test_an_empty_file_of_a_folder_is_left_out_whatever_its_format(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    suffixes = ("csv", "docx", "html", "ipynb", "json", "ods", "parquet", "pdf", "pptx", "rtf",
                "xls", "xlsx")  # fmt: skip
    for suffix in suffixes:
        (tmp_path / f"b.{suffix}").touch()
    (tmp_path / "c.html").write_text("\ufeff \n", encoding="utf-8")
    (tmp_path / "d.json.gz").write_bytes(gzip.compress(b""))
    skipped = [f"b.{suffix} (empty)" for suffix in suffixes]
    for kind in (Documents, Texts):
        texts = kind.read(tmp_path)
        assert texts.strings == ["one"]
        assert [*texts.skipped] == [*skipped, "c.html (empty)", "d.json.gz (empty)"]


@pytest.mark.parametrize(
    "content",
    [
        '{"items": [{"id": "a", "text": "one"}]}',
        '{"version": 2, "items": [{"id": "a", "description": "one"}]}',
        '{"id": "a", "text": "one"}',
        '{"id": "a", "text": "one"}\n{"id": "b", "text": "two"}',
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_json_that_is_read_alone_is_read_in_a_folder(tmp_path, content, name):
    raw = content.encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    texts = Texts.read(tmp_path)
    assert list(texts) == list(Texts.read(tmp_path / name))
    assert (texts[0].id, texts[0].text, texts.skipped) == ("a", "one", ())


def test_json_of_a_folder_has_the_field_that_is_asked_for(tmp_path):
    (tmp_path / "a.json").write_text('{"items": [{"Remark": "one"}]}')
    assert Texts.read(tmp_path, text_field="Remark").strings == ["one"]
    with pytest.raises(InputError, match=r"Left out are: a.json \(holds no array of rows\)"):
        Texts.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"name": "shop", "description": "A shop.", "files": ["dist"]}', "holds no array of rows"),
        ('{"references": [{"path": "../core"}]}', "holds no array of rows"),
        ('{"extends": ["base"]}', "holds no array of rows"),
        ('{\n  // a comment\n  "strict": true\n}', "not valid JSON"),
        ("[]", "no rows"),
    ],
)
def test_json_of_a_folder_without_rows_is_left_out_with_the_reason(tmp_path, content, reason):
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.json").write_text(content)
    texts = Texts.read(tmp_path)
    assert (texts.strings, texts.skipped) == (["one"], (f"b.json ({reason})",))


@pytest.mark.skipif(sys.platform != "linux", reason="links elsewhere have other limits")
def test_a_file_of_a_folder_that_cannot_be_looked_at_is_told_or_left_out(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "far.txt").symlink_to("x" * 300)  # no name may be so long
    with pytest.raises(InputError, match=r"far\.txt cannot be read: File name too long"):
        Documents.read(tmp_path)
    texts = Documents.read(tmp_path, skip_invalid=True)
    assert (texts.strings, texts.skipped) == (["one"], ("far.txt (cannot be read)",))


@pytest.mark.skipif(sys.platform != "linux", reason="names elsewhere are always Unicode")
def test_a_name_that_is_no_unicode_makes_an_id_that_is(tmp_path):
    for name in (b"caf\xe9.txt", b"\xff.csv"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        path.write_text("text\none\n")
    (tmp_path / "b.csv").write_text("id,text\n1,two\n")
    ids = [item.id for item in Documents.read(tmp_path)]
    assert sorted(ids) == ["1", "3", "caf\\xe9.txt"]
    assert Texts.read(path).source == "\\xff.csv"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_with_a_name_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(UsageError, match="is a pipe or a device"):
        Texts.read(tmp_path / "a.txt")
    os.mkfifo(tmp_path / "63")
    with pytest.raises(
        UsageError, match=r"'63' is a pipe .*\n.*\n.* - for the file and format=..."
    ):
        Texts.read(tmp_path / "63")


def test_a_file_without_a_known_ending_may_be_read_by_its_format(tmp_path):
    (tmp_path / "toys.list").write_text("a bear\n")
    with pytest.raises(UsageError, match=r"Say how to read it with format=..."):
        Texts.read(tmp_path / "toys.list")
    assert Texts.read(tmp_path / "toys.list", format="txt").strings == ["a bear"]


def test_a_reader_may_choose_its_files_of_a_folder(tmp_path):
    for name in ("a.txt", "b.txt", "c.md"):
        (tmp_path / name).write_text(name)
    asked = []

    def first(folder):
        asked.append(folder)
        return [folder / "a.txt"]

    one = Reader(
        "one", (".txt", ".text"), lambda path: iter([{"text": path.read_text()}]), files=first
    )
    texts = read_texts(tmp_path, Texts, readers=[one])
    assert (texts.strings, texts.skipped) == (["a.txt", "c.md"], ())
    assert asked == [tmp_path]


def test_a_reader_that_fails_is_an_error_that_names_it(tmp_path):
    (tmp_path / "a.xyz").touch()
    broken = Reader("xyz", (".xyz",), lambda path: iter([{}["text"]]))
    with pytest.raises(PluginError, match=r"The reader 'xyz' failed on a.xyz: KeyError"):
        read_texts(tmp_path / "a.xyz", Texts, readers=[broken])


def test_a_folder_with_nothing_to_read_is_refused(tmp_path):
    (tmp_path / "a.xyz").touch()
    with pytest.raises(InputError, match="holds no file that can be read"):
        Texts.read(tmp_path)


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no devices here")
def test_a_device_is_no_folder():
    with pytest.raises(UsageError, match="'null' is a pipe or a device"):
        Texts.read("/dev/null")


def test_a_reader_of_a_plugin_wins_for_its_suffix(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    shout = Reader("shout", (".txt",), lambda path: iter([{"text": path.read_text().upper()}]))
    assert read_texts(tmp_path / "a.txt", Texts, readers=[shout]).strings == ["ONE"]


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    def read(path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.txt").touch()
    with pytest.raises(InputError, match=r"a.txt cannot be read: Permission denied"):
        read_texts(tmp_path / "a.txt", Texts, readers=[Reader("locked", (".txt",), read)])


def test_standard_input_is_one_text_a_line(stdin):
    stdin(b"one\n\ntwo\n")
    texts = Texts.read("-")
    assert texts.strings == ["one", "two"]
    assert [item.id for item in texts] == ["stdin:1", "stdin:3"]
    assert texts.source == "standard input"


@pytest.mark.parametrize("before", [b"", b" \n", b"\xef\xbb\xbf"])
def test_standard_input_that_starts_like_an_object_is_json_lines(stdin, before):
    stdin(before + b'{"id": "a", "text": "one"}\n')
    assert [(item.id, item.text) for item in Texts.read("-")] == [("a", "one")]


@pytest.mark.parametrize("kind", [Texts, Documents])
@pytest.mark.parametrize(
    "content",
    [
        "id,text\na,one\n",
        "\ufeff\nId;Text\na;one\n",
        'sep=;\r\n"id";"text"\r\na;one',
        "text\tid\none\ta",
    ],
)
def test_standard_input_that_starts_with_a_header_is_a_table(stdin, kind, content):
    stdin(content.encode())
    assert [(item.id, item.text) for item in kind.read("-")] == [("a", "one")]


def test_a_header_on_standard_input_may_have_the_name_that_is_asked_for(stdin):
    stdin(b"nr,remark\na,one\n")
    assert Texts.read("-", text_field="remark", id_field="nr").strings == ["one"]
    stdin(b"nr,remark\na,one\n")
    assert Texts.read("-").strings == ["nr,remark", "a,one"]


@pytest.mark.parametrize("content", ["text", "Text, with notes\nand no table\n", "a,b\n1,2\n"])
def test_lines_on_standard_input_with_commas_are_lines(stdin, content):
    stdin(content.encode())
    assert Texts.read("-").strings == content.splitlines()


def test_standard_input_is_one_document_where_documents_are_read(stdin):
    stdin(b"one\n\ntwo\n")
    assert [(item.id, item.text) for item in Documents.read("-")] == [("stdin", "one\n\ntwo\n")]


def test_empty_standard_input_is_refused(stdin):
    stdin(b"")
    with pytest.raises(InputError, match="There is no text in standard input"):
        Texts.read("-")


def test_standard_input_that_cannot_be_kept_is_told_so(stdin, no_room):
    stdin(b"one\n")
    with pytest.raises(InputError, match="Standard input cannot be kept on disk: No usable"):
        Texts.read("-")


def test_files_are_read_where_nothing_can_be_kept_on_disk(tmp_path, no_room):
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.html").write_text("<p>two")
    for kind in (Texts, Documents):
        assert [item.text for item in stream_texts(tmp_path, kind)] == ["one", "two"]


@pytest.mark.parametrize("line", ["one {}", '{{"id": "stdin:{0}", "text": "one {0}"}}'])
def test_standard_input_can_be_gone_through_twice_at_a_time(stdin, line):
    stdin("\n".join(line.format(number) for number in range(1, 3001)).encode())
    stream = stream_texts("-", Texts)
    begun = iter(stream)
    first = next(begun)
    whole = list(stream)
    assert [first, *begun] == whole
    assert [item.text for item in whole] == [f"one {number}" for number in range(1, 3001)]
