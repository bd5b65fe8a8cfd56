"""Several paths and patterns: one input, each file once, ids that say from which file."""

from __future__ import annotations

import io
import os
import sys

import pytest

from metier.errors import InputError, UsageError
from metier.texts.files import read_texts, stream_texts
from metier.texts.texts import Documents, Texts


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A folder with two folders of notes, two tables and a picture; it is the current one."""
    for name, content in {
        "a/one.txt": "one\ntwo",
        "b/one.txt": "three",
        "b/deep/four.txt": "four",
        "b/node_modules/five.txt": "five",
        "x.csv": "id,text\n1,six\n",
        "y.csv": "id,text\n1,seven\n2,eight\n",
        "b/picture.png": "no text",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ids_of(paths, kind=Texts, **options):
    return [item.id for item in read_texts(paths, kind, **options)]


def test_several_files_are_one_input_whose_ids_do_not_collide(tree):
    texts = Texts.read(["x.csv", "y.csv"])
    assert [item.id for item in texts] == ["x.csv:1", "y.csv:1", "y.csv:2"]
    assert texts.strings == ["six", "seven", "eight"]
    assert texts.source == "x.csv, y.csv"


def test_files_of_one_name_are_told_apart_by_their_folders(tree):
    assert ids_of(["a/one.txt", "b/one.txt"], Documents) == ["a/one.txt", "b/one.txt"]
    assert ids_of(["a/one.txt", "b/one.txt"]) == ["a/one.txt:1", "a/one.txt:2", "b/one.txt:1"]


def test_folders_and_files_may_be_given_together(tree):
    assert ids_of(["a", "b/deep", "y.csv"], Documents) == [
        "a/one.txt",
        "b/deep/four.txt",
        "1",
        "2",
    ]


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [
        ("a/*.txt", ["one.txt"]),
        ("?/one.txt", ["a/one.txt", "b/one.txt"]),
        ("[b-z]/one.txt", ["b/one.txt"]),
        ("**/*.txt", ["a/one.txt", "b/deep/four.txt", "b/one.txt"]),
        ("b/**", ["deep/four.txt", "one.txt"]),
        ("[ab]", ["a/one.txt", "b/deep/four.txt", "b/one.txt"]),
    ],
)
def test_a_pattern_is_expanded(tree, pattern, ids):
    assert ids_of(pattern, Documents) == ids
    assert [item.id for item in stream_texts(pattern, Documents)] == ids
    assert ids_of(str(tree / pattern), Documents) == ids
    assert ids_of([tree / pattern], Documents) == ids


def test_a_pattern_in_the_home_folder_is_expanded(tree, monkeypatch):
    monkeypatch.setenv("HOME", str(tree))
    assert ids_of("~/*.csv") == ["x.csv:1", "y.csv:1", "y.csv:2"]


def test_what_a_pattern_matches_and_nobody_reads_is_left_out_and_named(tree):
    texts = Documents.read("b/*.*")
    assert texts.strings == ["three"]
    assert texts.skipped == ("picture.png (no reader)",)
    with pytest.raises(UsageError, match=r"No reader for 'picture.png'"):
        Documents.read(["b/picture.png", "x.csv"])


@pytest.mark.parametrize("pattern", ["*.pdf", "nowhere/*.txt", "**/*.docx"])
def test_a_pattern_that_matches_nothing_is_an_error_that_says_so(tree, pattern):
    with pytest.raises(UsageError, match=r"Nothing matches '") as refused:
        Texts.read(["x.csv", pattern])
    assert str(tree) in str(refused.value)


def test_a_pattern_that_matches_only_what_nobody_reads_is_an_error(tree):
    with pytest.raises(InputError, match=r"Nothing that \*\.png names can be read"):
        Texts.read("b/*.png")


def test_a_file_whose_name_looks_like_a_pattern_is_read(tree):
    (tree / "notes[1].txt").write_text("nine")
    assert Texts.read("notes[1].txt").strings == ["nine"]
    assert Texts.read(["notes[1].txt", "a/*.txt"]).strings == ["nine", "one", "two"]


def test_a_file_named_twice_is_read_once(tree):
    assert ids_of(["a", "a/one.txt", "a/*.txt", str(tree / "a")], Documents) == ["a/one.txt"]
    assert len(ids_of([".", "b", "**/*.csv"], Documents)) == 6


def test_a_missing_file_among_others_is_refused(tree):
    with pytest.raises(UsageError, match=r"There is no file 'gone\.csv'"):
        Texts.read(["x.csv", "gone.csv"])
    with pytest.raises(UsageError, match="There is no path"):
        Texts.read([])


def test_names_of_many_files_are_shortened_in_messages(tree):
    for number in range(5):
        (tree / f"{number}.txt").write_text("one")
    texts = Texts.read([f"{number}.txt" for number in range(5)])
    assert texts.source == "0.txt, 1.txt, 2.txt and 2 more"


def test_unusable_files_are_left_out_of_several_where_that_is_asked_for(tree):
    (tree / "z.csv").write_text('id,text\nx,"never closed\n')
    with pytest.raises(InputError, match=r"z.csv, line \d"):
        Texts.read(["x.csv", "z.csv"])
    assert Texts.read(["x.csv", "z.csv"], skip_invalid=True).skipped == ("z.csv (cannot be read)",)


def test_standard_input_may_stand_among_files(tree, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"id,text\n1,nine\n")))
    texts = Texts.read(["x.csv", "-"])
    assert texts.strings == ["six", "nine"]
    assert [item.id for item in texts] == ["x.csv:1", "standard input:1"]


@pytest.mark.skipif(os.name != "posix", reason="links need rights on other systems")
def test_files_outside_of_one_another_are_named_from_the_folder_they_share(tree):
    (tree / "p" / "q").mkdir(parents=True)
    (tree / "p" / "q" / "one.txt").write_text("nine")
    assert ids_of(["../" + tree.name + "/a/one.txt", "p/q"], Documents) == [
        "a/one.txt",
        "p/q/one.txt",
    ]
