"""Who may read an index on disk, and what stays of texts that were removed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from tests.core.indexing.tales import TALES, ids

from metier.errors import InputError, UsageError

posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")


def modes(folder: Path) -> set[tuple[str, str]]:
    """The kinds and modes of everything below a folder, as (kind, octal mode)."""
    return {
        ("folder" if path.is_dir() else "file", oct(stat.S_IMODE(path.stat().st_mode)))
        for path in folder.rglob("*")
    }


@posix
@pytest.mark.parametrize("umask", [0o000, 0o027], ids=oct)
def test_only_its_owner_can_read_an_index_whatever_the_umask(words_rt, folder, umask):
    before = os.umask(umask)
    try:
        index = words_rt.index(TALES, at=folder)
        for number in range(20):
            index.add([{"id": str(number), "text": f"tale {number}", f"field {number}": "x"}])
        index.remove(["fox"])
    finally:
        os.umask(before)
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


SECRETS = [
    "zebraquark",
    "Quillfeather",
    "marzipanlock",
    "id-of-a-secret",
    "secretfield",
    "ibisnote",
]


def holders(folder: Path, word: str) -> list[str]:
    """The files that hold a word in any case, in clear."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and word.lower().encode() in path.read_bytes().lower()
    ]


@pytest.fixture
def secretive(words_rt, folder):
    """An index from which documents were removed and in which others were replaced."""
    kept = [{"id": f"kept{n}", "text": f"the tale {n} of a fox", "n": n} for n in range(300)]
    index = words_rt.index(kept, at=folder, source="tales")
    index.add(
        [
            {"id": "gone", "text": "a zebraquark by Quillfeather", "secretfield": "marzipanlock"},
            {"id": "id-of-a-secret", "text": "a tale to forget"},
            {"id": "replaced", "text": "the ibisnote in winter"},
        ],
        source="later",
    )
    index.add([{"id": "replaced", "text": "the note in winter"}], source="later")
    index.remove(["gone", "id-of-a-secret", "kept7"])
    return index


def test_after_a_purge_no_file_holds_what_was_removed_or_replaced(words_rt, folder, secretive):
    assert all(holders(folder, word) for word in SECRETS)  # until then, the files hold them
    before = secretive.search("tale of a fox", top_k=400)
    secretive.purge()
    assert [(word, holders(folder, word)) for word in SECRETS if holders(folder, word)] == []
    after = secretive.search("tale of a fox", top_k=400)
    assert [(hit.id, hit.text) for hit in after] == [(hit.id, hit.text) for hit in before]
    assert len(after) == 300
    assert secretive.verify().is_intact


def test_a_purge_leaves_one_version_of_every_table_and_none_of_the_removed_rows(folder, secretive):
    """What a file holds compressed is found by reading every version that is left."""
    import lancedb

    secretive.purge()
    for path in folder.glob("*.lance"):
        assert len(list((path / "_versions").glob("*.manifest"))) == 1
        table = lancedb.connect(folder).open_table(path.stem)
        fragments = table.stats()["fragment_stats"]
        assert fragments["num_fragments"] == 1
        assert not list((path / "_deletions").glob("*"))
        rows = repr(table.to_arrow().to_pylist()).lower()
        assert not any(word.lower() in rows for word in SECRETS)


def test_a_purge_removes_the_rest_of_a_write_that_was_killed(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    data = folder / "metier_chunks.lance" / "data"
    (path,) = data.iterdir()
    (data / f"{'0' * 50}.lance").write_bytes(path.read_bytes() + b"zebraquark")
    assert holders(folder, "zebraquark")
    index.purge()
    assert holders(folder, "zebraquark") == []
    assert len(words_rt.index(at=folder)) == 3


@posix
def test_a_purge_while_others_read_is_refused_and_can_be_repeated(
    words_rt, folder, secretive, monkeypatch
):
    monkeypatch.setattr("metier.indexing.lance.old_versions._ATTEMPTS", 2)
    reader = words_rt.index(at=folder)
    with reader._store.snapshot():
        rows = reader._store.rows(["none"])
        with pytest.raises(UsageError, match="being read or written"):
            secretive.purge()
        assert reader._store.rows(["none"]) == rows
    secretive.purge()
    assert holders(folder, "zebraquark") == []
    assert ids(reader.search("winter", top_k=1)) == ["replaced"]


def test_a_purge_refuses_a_damaged_index(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    for path in (folder / "metier_chunks.lance" / "data").iterdir():
        path.write_bytes(path.read_bytes().replace(b"sour grapes", b"sour gripes"))
    with pytest.raises(InputError, match="damaged, and was not purged"):
        index.purge()
    index.update(TALES)
    index.purge()
    assert index.verify().is_intact


def test_a_purge_mends_damaged_indexes_of_words_and_old_files(words_rt, folder, secretive):
    for path in (folder / "metier_chunks.lance").rglob("*"):
        if path.parent.name == "_transactions" or path.name.startswith("part_0_tokens"):
            path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert not secretive.verify().is_intact
    secretive.purge()
    assert secretive.verify().is_intact
    assert holders(folder, "zebraquark") == []


@posix
def test_what_a_purge_writes_is_private(words_rt, folder, secretive):
    secretive.purge()
    assert modes(folder) == {("folder", "0o700"), ("file", "0o600")}


def test_a_purge_of_an_index_in_memory_changes_nothing(words_rt):
    index = words_rt.index(TALES)
    index.purge()
    assert len(index) == 3
