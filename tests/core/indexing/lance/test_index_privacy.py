"""Who may read an index on disk, and what stays of texts that were removed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from tests.core.indexing.tales import TALES, ids, python

posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")

BUILDER = """
import os, sys
os.umask(int(sys.argv[2], 8))
from metier import Runtime
from metier.testing.fakes import FakeEmbedder
from tests.core.indexing.tales import TALES
rt = Runtime(FakeEmbedder(), plugins=[], progress=False)
index = rt.index(TALES, at=sys.argv[1])
for number in range(20):
    index.add([{"id": str(number), "text": f"tale {number}", f"field {number}": "x"}])
index.remove(["fox"])
"""


def modes(folder: Path) -> set[tuple[str, str]]:
    """The kinds and modes of everything below a folder, as (kind, octal mode)."""
    return {
        ("folder" if path.is_dir() else "file", oct(stat.S_IMODE(path.stat().st_mode)))
        for path in folder.rglob("*")
    }


@posix
@pytest.mark.parametrize("umask", ["000", "022", "027"])
def test_only_its_owner_can_read_an_index_whatever_the_umask(folder, umask):
    process = python(BUILDER, folder, umask)
    assert process.communicate()[1] == ""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes(folder) == {("folder", "0o700"), ("file", "0o600")}


@posix
def test_a_folder_of_the_user_keeps_its_mode_and_the_tables_in_it_are_private(words_rt, folder):
    folder.mkdir(mode=0o755)
    (folder / "notes.txt").write_text("mine")
    (folder / "notes.txt").chmod(0o644)
    words_rt.index(TALES, at=folder).remove(["fox"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert stat.S_IMODE((folder / "notes.txt").stat().st_mode) == 0o644
    for table in folder.glob("*.lance"):
        assert stat.S_IMODE(table.stat().st_mode) == 0o700
        assert modes(table) == {("folder", "0o700"), ("file", "0o600")}


@posix
def test_an_index_that_its_owner_shares_stays_shared_when_it_is_written(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(stat.S_IMODE(path.stat().st_mode) | (0o050 if path.is_dir() else 0o040))
    index.add([{"id": "ant", "text": "the ant in winter"}])
    assert ids(words_rt.index(at=folder).search("winter", top_k=1)) == ["ant"]
    assert modes(folder) == {("folder", "0o750"), ("file", "0o640")}


@posix
def test_an_index_at_an_address_of_a_folder_is_private_too(words_rt, folder):
    words_rt.index(TALES, at=f"file://{folder}")
    assert modes(folder) == {("folder", "0o700"), ("file", "0o600")}
