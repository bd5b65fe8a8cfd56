"""Files that are written whole: the old one or the new one is there, and never a rest."""

from __future__ import annotations

import threading

import pytest

from metier.folders import write_whole


def test_files_are_given_back_in_order_and_their_folder_is_made(tmp_path):
    folder = tmp_path / "new" / "folder"
    assert write_whole(folder, {"b.txt": "two\r\n", "a.txt": "é"}) == [
        folder / "b.txt",
        folder / "a.txt",
    ]
    assert (folder / "b.txt").read_bytes() == b"two\r\n"
    assert (folder / "a.txt").read_text(encoding="utf-8") == "é"


def test_what_cannot_be_written_leaves_everything_as_it_was(tmp_path):
    write_whole(tmp_path, {"a.txt": "old"})
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path, {"a.txt": "new", "b.txt": "\ud800"})
    with pytest.raises(OSError, match="no"):
        write_whole(tmp_path, {"a.txt": "new", "no/folder.txt": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_threads_that_write_one_file_at_once_leave_one_of_theirs(tmp_path):
    texts = [str(number) * 5000 for number in range(8)]
    threads = [
        threading.Thread(target=write_whole, args=(tmp_path, {"a.txt": text})) for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "a.txt").read_text() in texts
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
