"""Paths: a file, a folder, standard input, and what is none of them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from metier.errors import InputError, UsageError
from metier.texts.files import read_texts
from metier.texts.reader import Reader
from metier.texts.texts import Documents, Texts


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch):
    """Let these bytes stand on standard input."""

    def put(raw: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    return put


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
    assert texts.skipped == ("notes.xyz",)


def test_files_that_cannot_be_read_are_left_out_where_that_is_asked_for(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("one\n\0")
    (tmp_path / "sub" / "b.csv").write_text('id,text\nx,"never closed\n')
    (tmp_path / "c.csv").write_text("id,text\nx,two\ny,\n")
    with pytest.raises(InputError):
        Texts.read(tmp_path)
    texts = Texts.read(tmp_path, skip_invalid=True)
    assert "two" in texts.strings
    assert "sub/b.csv" in texts.skipped
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


def test_a_folder_with_nothing_to_read_is_refused(tmp_path):
    (tmp_path / "a.xyz").touch()
    with pytest.raises(InputError, match="holds no file that can be read"):
        Texts.read(tmp_path)


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no devices here")
def test_a_device_is_no_folder():
    with pytest.raises(UsageError, match="No reader for 'null'"):
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


def test_standard_input_is_one_document_where_documents_are_read(stdin):
    stdin(b"one\n\ntwo\n")
    assert [(item.id, item.text) for item in Documents.read("-")] == [("stdin", "one\n\ntwo\n")]


def test_empty_standard_input_is_refused(stdin):
    stdin(b"")
    with pytest.raises(InputError, match="There is no text in standard input"):
        Texts.read("-")
