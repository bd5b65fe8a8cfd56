"""Streams: what reading whole gives, in memory that does not grow with the texts."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from metier.errors import InputError
from metier.texts.files import read_texts, stream_texts
from metier.texts.reader import Reader
from metier.texts.texts import Documents, Texts


def test_a_stream_gives_what_reading_whole_does_and_gives_it_again(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.csv").write_text("id,text\n1,one\n,two\n")
    (tmp_path / "b.jsonl").write_text('{"_id": 1, "body": "three"}\n{"_id": 4, "body": "four"}\n')
    (tmp_path / "sub" / "c.html").write_text("<title>five</title><p>six")
    (tmp_path / "sub" / "d.txt").write_text("seven\neight")
    for kind in (Texts, Documents):
        whole = read_texts(tmp_path, kind)
        stream = stream_texts(tmp_path, kind)
        assert list(stream) == list(stream) == list(whole)
        assert (len(stream), stream.source) == (len(whole), whole.source)
    assert [item.id for item in whole] == [
        "a.csv:1", "2", "b.jsonl:1", "b.jsonl:4", "sub/c.html", "sub/d.txt",
    ]  # fmt: skip


def test_the_memory_it_takes_is_not_that_of_its_texts(tmp_path):
    text = "word " * 400
    jsonl = json.dumps({"id": "ID", "text": text})
    for suffix, line in (("csv", f"ID,{text}"), ("jsonl", jsonl)):
        with (tmp_path / f"a.{suffix}").open("w") as file:
            file.write("id,text\n" if suffix == "csv" else "")
            file.writelines(line.replace("ID", str(number)) + "\n" for number in range(10_000))
        tracemalloc.start()
        try:
            stream = stream_texts(tmp_path / f"a.{suffix}", Documents)
            assert sum(len(item.text) for item in stream) >= 19_000_000
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < 8_000_000


def test_what_cannot_be_used_is_told_before_the_first_text_is_given(tmp_path):
    rows = [{"id": number, "text": "one"} for number in range(3000)]
    rows += [{"id": 7, "text": "two"}, {"id": "x", "text": ""}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(
        InputError, match=r"2 of 3002 texts.*\(7\) has the same id as row 8; row 3002"
    ):
        stream_texts(tmp_path / "a.jsonl", Texts)
    stream = stream_texts(tmp_path / "a.jsonl", Texts, skip_invalid=True)
    assert [item.id for item in stream] == [str(number) for number in range(3000)]
    assert stream.skipped == ("row 3001 (7)", "row 3002 (x)")


def test_a_broken_line_may_be_left_out_and_the_rest_is_read(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{broken\n\n{"text": "two"}\n')
    (tmp_path / "b.csv").write_text("text,n\nthree,1\nfour, or five,2\nsix,3\n")
    with pytest.raises(InputError, match=r"a.jsonl, line 2: not valid JSON"):
        stream_texts(tmp_path / "a.jsonl", Texts)
    texts = Texts.read(tmp_path, skip_invalid=True)
    assert texts.strings == ["one", "two", "three", "six"]
    assert texts.skipped == ("a.jsonl, line 2", "b.csv, line 3")
    (tmp_path / "a.jsonl").write_text("{broken\n")
    with pytest.raises(InputError, match="not valid JSON"):
        Texts.read(tmp_path / "a.jsonl", skip_invalid=True)


def test_rows_without_ids_may_be_named_by_their_content_and_equal_ones_are_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,n\none,1\ntwo,2\none,1\n")
    stream = stream_texts(path, Texts, generate_id=lambda row: f"is-{row['text']}")
    assert [item.id for item in stream] == ["is-one", "is-two"]
    assert len(stream) == 2


def test_each_table_of_a_folder_has_the_fields_it_has(tmp_path):
    (tmp_path / "a.csv").write_text("key,body\nx,one\n")
    (tmp_path / "b.csv").write_text("id,text\ny,two\n")
    (tmp_path / "c.txt").write_text("three")
    assert Texts.read(tmp_path).strings == ["one", "two", "three"]
    (tmp_path / "b.csv").write_text("id,body\ny,two\n")
    assert Texts.read(tmp_path, text_field="body").strings == ["one", "two", "three"]
    (tmp_path / "d.csv").write_text("id,price\ny,7\n")
    with pytest.raises(InputError, match=r"Which field of d.csv holds the text"):
        Texts.read(tmp_path)


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,one\n2,two\n")
    stream = stream_texts(path, Texts)
    path.write_text("id,text\n1,one\n2,\n")
    with pytest.raises(InputError, match=r"row 2 of a.csv is empty, and did not when"):
        list(stream)


@pytest.mark.parametrize("rest", [{"pages": [1, 2]}, {"pages": {1: 2}}, {"pages": {1, 2}}])
def test_what_was_converted_is_the_same_the_second_time(tmp_path, rest):
    (tmp_path / "a.x").touch()
    row = {"text": "one", "converted_from": "x", **rest}
    reader = Reader("x", (".x",), lambda path: iter([row]), lambda path: row)
    stream = stream_texts(tmp_path / "a.x", Documents, readers=[reader])
    fields = {name: value for name, value in row.items() if name != "text"}
    assert [item.fields for item in stream] == [item.fields for item in stream] == [fields]


def test_a_converted_file_is_converted_once(tmp_path):
    (tmp_path / "a.x").write_text("x")
    converted = []

    def read(path):
        converted.append(path.name)
        return {"id": path.name, "text": "one", "converted_from": "x"}

    stream = stream_texts(
        tmp_path, Documents, readers=[Reader("x", (".x",), lambda path: iter([read(path)]), read)]
    )
    assert [item.text for item in stream] == ["one"]
    assert converted == ["a.x"]
