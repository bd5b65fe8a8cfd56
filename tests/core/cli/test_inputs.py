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


def test_an_empty_file_beside_others_is_noted_with_json_too(metier, tmp_path):
    folder = tmp_path / "toys"
    folder.mkdir()
    (folder / "bear.txt").write_text("bear")
    (folder / "empty.txt").write_text("")
    code, out, err = metier("run", "toy/count", "--texts", "toys", "--json")
    assert code == 0
    assert json.loads(out)["record"]["inputs"]["texts"]["skipped"] == ["empty.txt (empty)"]
    assert "1 unusable text left out: empty.txt (empty)" in err


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


@pytest.fixture
def two_tables(tmp_path):
    """Inputs of `toy/count` whose texts are in columns of different names."""
    (tmp_path / "toys.csv").write_text("id,text\na,bear\n")
    (tmp_path / "wares.csv").write_text("nr,ware\nw1,a wheel\n")
    return "run", "toy/count", "--texts", "toys.csv", "--others", "wares.csv"


def test_each_of_two_inputs_has_options_for_its_own_columns(metier, two_tables):
    own = ("--others-text-field", "ware", "--others-id-field", "nr")
    code, out, err = metier(*two_tables, *own, "--json")
    assert code == 0, err
    assert json.loads(out)["counts"] == [["a", 4], ["w1", 7]]


def test_the_general_option_is_that_of_inputs_without_their_own(metier, two_tables):
    options = ("--text-field", "ware", "--id-field", "nr")
    own = ("--texts-text-field", "text", "--texts-id-field", "id")
    code, out, err = metier(*two_tables, *options, *own, "--json")
    assert code == 0, err
    assert json.loads(out)["counts"] == [["a", 4], ["w1", 7]]


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ((), "Name it with --others-text-field"),
        (("--text-field", "ware"), "Name it with --texts-text-field"),
        (("--others-text-field", "war"), "Did you mean 'ware'?"),
        (("--others-text-field", "ware", "--id-field", "nr"), "Name it with --texts-id-field"),
    ],
)
def test_an_error_names_the_option_of_its_input(metier, two_tables, options, advice):
    code, _, err = metier(*two_tables, *options)
    assert code == 1
    assert advice in err


def test_files_of_one_input_whose_columns_differ_need_runs_of_their_own(metier, two_tables):
    code, _, err = metier("run", "toy/count", "toys.csv", "wares.csv", "--text-field", "ware")
    assert code == 1
    assert "--text-field holds for all files of an input" in err
    assert "run of their own" in err


def test_a_column_that_could_be_the_ids_is_named(metier, tmp_path):
    (tmp_path / "notes.csv").write_text("ward_id,note_id,note\nw,n7,bear\nw,n8,ball\n")
    advice = "--id-field note_id makes these the ids"
    code, out, err = metier("run", "toy/count", "notes.csv", "--json")
    assert (code, json.loads(out)["counts"]) == (0, [["1", 4], ["2", 4]])
    assert advice in " ".join(err.split())
    code, out, err = metier("run", "toy/count", "notes.csv", "--json", "--id-field", "note_id")
    assert (code, json.loads(out)["counts"]) == (0, [["n7", 4], ["n8", 4]])
    assert "id-field" not in err


def test_an_option_of_an_input_that_is_not_given_is_refused(metier, toys):
    code, _, err = metier("run", "toy/count", str(toys), "--others-text-field", "ware")
    assert code == 2
    assert "--others-text-field: no such input is given." in err
    assert "Inputs of this run are: texts." in err


def test_options_of_several_inputs_are_in_help_and_completion(metier):
    out = " ".join(metier("run", "core/match", "--help").out.replace("│", " ").split())
    assert "--left-text-field NAME Column or field of left that holds the text" in out
    assert "--right-id-field" in out
    assert "--texts-text-field" not in metier("run", "core/cluster", "--help").out


@pytest.mark.parametrize("column", ["query", "Question"])
def test_queries_are_found_in_a_column_that_says_so(metier, toys, qwen3_folder, tmp_path, column):
    (tmp_path / "asked.csv").write_text(f"{column},note\na bear,by Ann\n")
    command = ("run", "core/search", str(toys), "--model", str(qwen3_folder), "--json")
    code, out, err = metier(*command, "--queries", "asked.csv")
    assert code == 0, err
    (query,) = json.loads(out)["queries"]
    assert (query["query"], query["fields"]) == ("a bear", {"note": "by Ann"})
    piped = metier(*command, "--queries", "-", stdin=f"{column};who\na bear;Ann\n")
    assert [query["query"] for query in json.loads(piped.out)["queries"]] == ["a bear"]
