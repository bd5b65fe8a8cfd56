"""`metier run` on the files people really have."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def count(metier, tmp_path):
    """Write an input, count it, and give back the counts or the error."""

    def run(name, content, *options):
        (tmp_path / name).write_bytes(content)
        code, out, err = metier("run", "toy/count", "--json", "--texts", name, *options)
        assert "Traceback" not in err
        return json.loads(out)["counts"] if code == 0 else (code, err)

    return run


def test_csv(count):
    assert count("a.csv", b"id,text\na,bear\n") == [["a", 4]]


def test_jsonl(count):
    assert count("a.jsonl", b'{"id": 7, "text": "bear"}\n"ball"\n') == [["7", 4], ["2", 4]]


def test_lines_of_text(count):
    assert count("a.txt", b"bear\n\nball\n") == [["a.txt:1", 4], ["a.txt:3", 4]]


def test_named_fields(count):
    counts = count("a.csv", b"key,toy\na,bear\n", "--text-field", "toy", "--id-field", "key")
    assert counts == [["a", 4]]


@pytest.mark.parametrize("stdin", ['{"id": "a", "text": "bear"}\n', "bear\n"])
def test_standard_input(metier, stdin):
    code, out, _ = metier("run", "toy/count", "--texts", "-", "--json", stdin=stdin)
    assert code == 0
    assert [length for _, length in json.loads(out)["counts"]] == [4]


def test_standard_input_is_read_once(metier):
    code, _, err = metier("run", "toy/count", "--texts", "-", "--others", "-", stdin="bear")
    assert code == 2
    assert "texts and others" in err


def test_several_inputs(metier, toys, tmp_path):
    (tmp_path / "other.txt").write_text("two\nlines\n")
    out = metier("run", "toy/count", "--texts", str(toys), "--others", "other.txt", "--json").out
    assert ["other.txt", 10] in json.loads(out)["counts"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "no text in empty.csv"),
        ("header.csv", b"id,text\n", "no text in header.csv"),
        ("blank.txt", b"\n \n", "no text in blank.txt"),
        ("binary.csv", bytes(range(256)) * 8, "binary file"),
        ("latin.txt", "Bär".encode("latin-1"), "--encoding"),
        ("column.csv", b"key,toy\na,bear\n", "--text-field"),
        ("holes.csv", b"id,text\na,\nb,bear\n", "row 1 (a) is empty"),
        ("line.txt", b"x" * 2**20, "1,048,576 characters"),
        ("lone.jsonl", b'{"text": "be\\ud800ar"}\n', "lone surrogate"),
        ("loneid.jsonl", b'{"id": "\\ud800", "text": "bear"}\n', "not valid Unicode"),
        ("array.jsonl", b"[1, 2]\n", "line 1"),
        ("cut.jsonl", b'{"text": "be', "line 1"),
    ],
)
def test_unusable_content_fails_on_one_screen_and_says_what_to_do(count, name, content, said):
    code, err = count(name, content)
    assert code == 1
    assert said in err
    assert len(err) < 1500


def test_unusable_texts_can_be_left_out(count):
    assert count("holes.csv", b"id,text\na,\nb,bear\n", "--skip-invalid") == [["b", 4]]


def test_a_missing_file_is_a_usage_error(metier):
    code, _, err = metier("run", "toy/count", "--texts", "nowhere.csv")
    assert code == 2
    assert "'nowhere.csv'" in err


def test_a_file_nobody_reads_is_a_usage_error(count):
    code, err = count("a.exe", b"MZ")
    assert code == 2
    assert ".csv" in err


def test_a_missing_column_names_the_close_one(count):
    code, err = count("Toys.csv", b"id,text\na,bear\n", "--text-field", "txt")
    assert code == 1
    assert "'text'" in err
    assert "Toys.csv" in err


def test_control_characters_of_a_text_do_not_reach_the_terminal(metier, tmp_path):
    (tmp_path / "esc.csv").write_text("id,text\na\x1b]0;owned\x07,bear\n")
    out = metier("run", "toy/count", "--texts", "esc.csv").out
    assert "owned" in out
    assert "\x1b" not in out
    assert "\x07" not in out
