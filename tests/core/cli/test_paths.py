"""Paths on the command line: without an option, several, patterns, and the format of `-`."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def files(toys, tmp_path):
    """Two tables and two notes; the current folder is theirs."""
    (tmp_path / "more.csv").write_text("id,text\na,a boat\nc,a kite\n")
    (tmp_path / "notes" / "old").mkdir(parents=True)
    (tmp_path / "notes" / "one.txt").write_text("a ball")
    (tmp_path / "notes" / "old" / "one.txt").write_text("a top")
    return tmp_path


def counted(finished):
    assert finished.code == 0, finished.err
    return json.loads(finished.out)["counts"]


def test_the_only_input_needs_no_option(metier, files):
    with_option = counted(metier("run", "toy/count", "--texts", "toys.csv", "--json"))
    assert counted(metier("run", "toy/count", "toys.csv", "--json")) == with_option
    assert counted(metier("run", "--json", "toy/count", "toys.csv", "--limit", "9")) == with_option
    assert counted(metier("run", "toy/count", "--json", "--", "toys.csv")) == with_option


@pytest.mark.parametrize(
    "paths",
    [
        ("toys.csv", "more.csv", "notes/*.txt", "notes/old"),
        ("--texts", "toys.csv", "--texts", "more.csv", "--texts", "notes/**/*.txt"),
    ],
)
def test_several_paths_are_one_input(metier, files, paths):
    ids = [name for name, _ in counted(metier("run", "toy/count", *paths, "--json"))]
    assert ids[:4] == ["toys.csv:a", "toys.csv:b", "more.csv:a", "more.csv:c"]
    assert sorted(ids[4:]) == ["notes/old/one.txt:1", "notes/one.txt:1"]


def test_a_path_given_both_ways_is_a_usage_error(metier, files):
    code, _, err = metier("run", "toy/count", "more.csv", "--texts", "toys.csv")
    assert code == 2
    assert "more.csv" in err
    assert "not both" in err


def test_a_pattern_that_matches_nothing_is_a_usage_error(metier, files):
    code, _, err = metier("run", "toy/count", "*.pdf")
    assert code == 2
    assert "Nothing matches '*.pdf'" in err


def test_files_of_several_paths_are_embedded_under_clear_ids(metier, files, qwen3_folder):
    done = metier("embed", "toys.csv", "more.csv", "notes/*.txt", "--model", str(qwen3_folder))
    assert done.code == 0, done.err
    ids = [json.loads(line)["id"] for line in done.out.splitlines()]
    assert ids == ["toys.csv:a", "toys.csv:b", "more.csv:a", "more.csv:c", "notes/one.txt:1"]


def test_several_files_are_reranked(metier, files, reranker_folder):
    arguments = ("--query", "bear", "--reranker", str(reranker_folder), "--json")
    done = metier("rerank", "toys.csv", "more.csv", *arguments)
    assert {row["id"] for row in json.loads(done.out)} == {
        *("toys.csv:a", "toys.csv:b", "more.csv:a", "more.csv:c"),
    }


def test_each_path_of_an_index_is_a_source_of_its_own(metier, files, qwen3_folder):
    index = ("--at", "index", "--json")
    built = metier(
        "index", "build", "toys.csv", "notes", "*.csv", *index, "--model", str(qwen3_folder)
    )
    assert built.code == 0, built.err
    assert json.loads(built.out)["sources"] == {"toys.csv": 2, "notes": 2, "*.csv": 2}

    (files / "notes" / "old" / "one.txt").unlink()
    (files / "last.csv").write_text("id,text\nz,a drum\n")
    updated = metier("index", "update", "toys.csv", "notes", "*.csv", *index)
    assert updated.code == 0, updated.err
    report = json.loads(updated.out)
    assert (report["documents"], report["removed"]) == (6, 1)
    assert json.loads(metier("index", "info", *index).out)["sources"]["*.csv"] == 3


def test_a_missing_path_of_an_index_is_an_error_before_anything_is_written(
    metier, files, qwen3_folder
):
    model = ("--model", str(qwen3_folder))
    code, _, err = metier("index", "build", "toys.csv", "gone", "--at", "index", *model)
    assert code == 2
    assert "There is no file 'gone'" in err
    assert not (files / "index").exists()


def test_a_run_on_several_files_can_be_replayed(metier, files):
    assert metier("run", "toy/count", "toys.csv", "notes/*.txt", "--out", "out").code == 0
    again = metier("replay", "out/run.json", "toys.csv", "notes/*.txt")
    assert again.code == 0, again.err
    assert metier("replay", "out/run.json", "toys.csv").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("people.csv", "jobs.csv"),
        ("--right", "jobs.csv", "people.csv"),
        ("jobs.csv", "--left", "people.csv"),
        ("--left", "people.csv", "--right", "jobs.csv"),
    ],
    ids=" ".join,
)
def test_two_inputs_are_two_paths_in_their_order(metier, tmp_path, arguments):
    (tmp_path / "people.csv").write_text("id,text\np,a carpenter\n")
    (tmp_path / "jobs.csv").write_text("id,text\nj,we look for a carpenter\n")
    done = metier("run", "core/match", *arguments, "--model", "embedded", "--json")
    assert done.code == 0, done.err
    (pair,) = json.loads(done.out)["pairs"]
    assert (pair["left"]["id"], pair["right"]["id"]) == ("p", "j")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "0 paths without an option, and 2 inputs without a path: --left, --right."),
        (("a.csv",), "1 path without an option, and 2 inputs without a path: --left, --right."),
        (("a.csv", "b.csv", "c.csv"), "3 paths without an option, and 2 inputs"),
        (("--left", "a.csv"), "0 paths without an option, and 1 input without a path: --right."),
        (
            ("--left", "a.csv", "--right", "b.csv", "c.csv"),
            "1 path without an option, and 0 inputs without a path: none.",
        ),
    ],
)
def test_more_or_fewer_paths_than_inputs_are_an_error(metier, arguments, message):
    code, _, err = metier("run", "core/match", *arguments)
    assert code == 2
    assert message in err
    assert "--left FILE --left FILE" in err


def test_the_help_of_two_inputs_names_their_order(metier):
    words = " ".join(metier("run", "core/match", "--help").out.replace("│", " ").split())
    assert "LEFT RIGHT" in words
    assert "One path each, in this order; as --left, --right. [required]" in words


def test_the_format_of_standard_input_can_be_named(metier):
    rows = json.dumps([{"id": "a", "text": "a bear"}])
    assert counted(metier("run", "toy/count", "-", "--json", stdin=rows)) == [["a", 6]]
    as_text = metier("run", "toy/count", "-", "--format", "txt", "--json", stdin=rows)
    assert counted(as_text) == [["stdin:1", len(rows)]]
    code, _, err = metier("run", "toy/count", "-", "--format", "jsnol", stdin=rows)
    assert code == 2
    assert "'jsonl'" in err


def test_an_encoding_is_told_on_screen_or_named(metier, tmp_path):
    text = "Ich möchte mein Geld zurück, die Gebühr ist nicht in Ordnung"
    (tmp_path / "a.csv").write_bytes(f'id,text\na,"{text}"\n'.encode("cp1252"))
    done = metier("run", "toy/count", "a.csv", "--json")
    assert counted(done) == [["a", len(text)]]
    assert "note: a.csv is read as cp1252, by what it holds; if that is wrong, give --encoding" in (
        done.err
    )
    named = metier("run", "toy/count", "a.csv", "--encoding", "cp1250", "--json")
    assert "read as" not in named.err
    code, _, err = metier("run", "toy/count", "a.csv", "--encoding", "utf-8")
    assert code == 1
    assert "a.csv is not utf-8: byte" in err
    assert "--encoding" in err
