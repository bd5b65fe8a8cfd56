"""Readers that share a suffix with others and recognize their files by how they begin."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from metier.errors import InputError, PluginError, UsageError
from metier.texts.files import stream_texts
from metier.texts.reader import Fault, LeftOut, Reader, Row
from metier.texts.texts import Documents, Texts


def tickets(path: Path) -> Iterator[Row | Fault | LeftOut]:
    """Lines `#7 text`, those that are closed left out."""
    for number, line in enumerate(path.read_text().splitlines()[1:], start=2):
        name, _, text = line.partition(" ")
        if text == "closed":
            yield LeftOut(f"line {number}", "closed")
        elif not text:
            yield Fault(f"line {number}", InputError(f"{path.name}, line {number}: no text."))
        else:
            yield {"id": name, "text": text}
    yield LeftOut("", "1 picture")


TICKETS = Reader(
    "tickets", (".txt", ".jsonl", ".ticket"), tickets, recognizes=lambda raw: raw[:2] == b"#!"
)
CONTENT = "#!\n#7 no light\n#8 closed\n#9 no sound\n"


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.ticket", "a.txt.gz"])
@pytest.mark.parametrize("kind", [Texts, Documents])
def test_a_file_is_read_by_the_reader_that_recognizes_it(tmp_path, name, kind):
    raw = CONTENT.encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    (tmp_path / "b.txt").write_text("plain")
    texts = kind.read(tmp_path / name, readers=[TICKETS])
    assert [(item.id, item.text) for item in texts] == [("#7", "no light"), ("#9", "no sound")]
    assert texts.skipped == (f"{name}, line 3 (closed)", f"{name}, 1 picture")
    assert kind.read(tmp_path / "b.txt", readers=[TICKETS]).strings == ["plain"]
    assert kind.read(tmp_path, readers=[TICKETS]).strings == ["no light", "no sound", "plain"]


def test_a_stream_leaves_out_what_its_reader_does(tmp_path):
    (tmp_path / "a.txt").write_text(CONTENT)
    stream = stream_texts(tmp_path / "a.txt", Texts, readers=[TICKETS])
    assert [item.text for item in stream] == ["no light", "no sound"]
    assert stream.skipped == ("a.txt, line 3 (closed)", "a.txt, 1 picture")


def test_standard_input_is_recognized(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CONTENT.encode())))
    assert Texts.read("-", readers=[TICKETS]).strings == ["no light", "no sound"]


def test_a_suffix_of_recognizing_readers_alone_has_no_reader_for_other_files(tmp_path):
    (tmp_path / "a.ticket").write_text("other")
    (tmp_path / "b.txt").write_text("plain")
    with pytest.raises(UsageError, match=r"No reader for 'a\.ticket'"):
        Texts.read(tmp_path / "a.ticket", readers=[TICKETS])
    assert Texts.read(tmp_path, readers=[TICKETS]).skipped == ("a.ticket (no reader)",)


def test_where_all_is_left_out_the_error_says_why(tmp_path):
    (tmp_path / "a.txt").write_text("#!\n#8 closed\n")
    with pytest.raises(InputError, match=r"Left out are: a\.txt, line 2 \(closed\); a\.txt, 1 pic"):
        Texts.read(tmp_path / "a.txt", readers=[TICKETS])


def test_a_fault_is_an_error_and_what_is_left_out_is_none(tmp_path):
    (tmp_path / "a.txt").write_text(CONTENT + "#10\n")
    with pytest.raises(InputError, match="line 5: no text"):
        Texts.read(tmp_path / "a.txt", readers=[TICKETS])
    texts = Texts.read(tmp_path / "a.txt", readers=[TICKETS], skip_invalid=True)
    assert texts.strings == ["no light", "no sound"]
    assert texts.skipped == ("line 5", "a.txt, line 3 (closed)", "a.txt, 1 picture")


def test_a_reader_that_fails_to_look_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "one"}))
    broken = Reader("broken", (".jsonl",), tickets, recognizes=lambda raw: raw[1_000_000] > 0)
    with pytest.raises(PluginError, match=r"reader 'broken' failed on the beginning of a\.jsonl"):
        Texts.read(tmp_path / "a.jsonl", readers=[broken])
