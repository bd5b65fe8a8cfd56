"""Folders of the user, paths that begin with a home, and files that are written whole."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from metier import Runtime, VectorCache
from metier.domains.core.flag import flag
from metier.errors import UsageError
from metier.folders import expand_home, user_folder, write_atomically
from metier.models.model_lookup import find_model
from metier.steps.searching import SearchResult
from metier.testing import FakeEmbedder

NOBODY = "~nobody-of-that-name/x"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has folders of its own")
@pytest.mark.parametrize("kind", ["cache", "config", "data"])
def test_folders_of_the_user_follow_the_variables_of_the_desktop(kind, monkeypatch, tmp_path):
    monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", str(tmp_path))
    assert user_folder(kind) == tmp_path / "metier"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="paths of Linux")
@pytest.mark.parametrize(
    ("kind", "path"),
    [("cache", ".cache/metier"), ("config", ".config/metier"), ("data", ".local/share/metier")],
)
@pytest.mark.parametrize("unusable", ["", "a/relative/path"])
def test_folders_of_the_user_stand_in_the_home_by_default(
    kind, path, unusable, monkeypatch, tmp_path
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", unusable)
    assert user_folder(kind) == tmp_path / path


def test_a_tilde_is_the_home_and_any_other_path_is_as_it_was(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expand_home("~/a") == tmp_path / "a"
    assert expand_home(Path("a/~")) == Path("a/~")


DOORS = {
    "model": lambda: find_model(NOBODY, role="embedder"),
    "model as a Path": lambda: Runtime(Path(NOBODY)),
    "pack": lambda: Runtime(packs=[NOBODY]),
    "cache": lambda: VectorCache(NOBODY),
    "result": lambda: SearchResult(query="a", noun="texts", searched=0, hits=()).save(NOBODY),
    "workflow": lambda: flag(Runtime(FakeEmbedder()), ["a"], taxonomy=NOBODY),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_home_of_nobody_is_refused_by_name_wherever_a_path_is_taken(
    door, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no home folder '~nobody-of-that-name'"):
        DOORS[door]()
    assert list(tmp_path.iterdir()) == []


def test_files_are_given_back_in_order_and_their_folder_is_made(tmp_path):
    folder = tmp_path / "new" / "folder"
    assert write_atomically(folder, {"b.txt": "two\r\n", "a.txt": "é"}) == [
        folder / "b.txt",
        folder / "a.txt",
    ]
    assert (folder / "b.txt").read_bytes() == b"two\r\n"
    assert (folder / "a.txt").read_text(encoding="utf-8") == "é"


def test_what_cannot_be_written_leaves_everything_as_it_was(tmp_path):
    write_atomically(tmp_path, {"a.txt": "old"})
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path, {"a.txt": "new", "b.txt": "\ud800"})
    with pytest.raises(OSError, match="no"):
        write_atomically(tmp_path, {"a.txt": "new", "no/folder.txt": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_threads_that_write_one_file_at_once_leave_one_of_theirs(tmp_path):
    texts = [str(number) * 5000 for number in range(8)]
    threads = [
        threading.Thread(target=write_atomically, args=(tmp_path, {"a.txt": text}))
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "a.txt").read_text() in texts
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_only_its_owner_can_read_what_is_written_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        (path,) = write_atomically(tmp_path / "new", {"a.txt": "a"})
    finally:
        os.umask(before)
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_folders_and_files_that_exist_keep_their_modes(tmp_path):
    tmp_path.chmod(0o755)
    (path,) = write_atomically(tmp_path, {"a.txt": "a"})
    assert (mode(tmp_path), mode(path)) == (0o755, 0o600)
    path.chmod(0o644)
    write_atomically(tmp_path, {"a.txt": "b"})
    assert (mode(path), path.read_text()) == (0o644, "b")
