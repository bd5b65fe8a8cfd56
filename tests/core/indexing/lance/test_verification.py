"""Verification of indexes on disk: what damage is found, what is said of it, what mends it."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.core.indexing.tales import TALES, ids

from metier.errors import InputError
from metier.indexing.info import verify_at
from metier.indexing.lance.file_checksums import NAME
from metier.indexing.lance.metadata import METADATA
from metier.indexing.lance.store import LanceStore
from metier.progress import NoProgress

MANY = [
    {
        "id": f"d{number}",
        "text": f"fox {number} met hare {number * 7}",
        "n": number,
        "k": f"v{number}",
    }
    for number in range(30)
]


@pytest.fixture
def written(words_rt, folder):
    """An index after several writes, with old versions, deletions and an index of terms."""
    index = words_rt.index(MANY, at=folder)
    index.remove(["d3"])
    index.add([{"id": "new", "text": "a new tale", "late": True}])
    return index


def content(folder: Path) -> tuple[object, ...]:
    """All that can be read of an index."""
    store = LanceStore(folder)
    chunks = store._tables.open(store._metadata.chunks).to_arrow()
    hits = store.search_terms(["fox", "tale"], 40)
    return (
        chunks.sort_by("id").to_pylist(),
        store.manifest,
        store.unfinished(),
        store._metadata.term_index(),
        (hits.ids, hits.scores.tolist()),
    )


def flips(path: Path, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Contents of a file before and after single bits flip, spread over all of the file."""
    before = path.read_bytes()
    random_bits = random.Random(0)
    step = 8 * len(before) / count
    for number in range(count):
        bit = int(step * (number + random_bits.random()))
        after = bytearray(before)
        after[bit // 8] ^= 1 << bit % 8
        yield before, bytes(after)


def flip(path: Path, text: bytes) -> None:
    """Flip a bit of a text that a file holds."""
    before = path.read_bytes()
    assert text in before
    path.write_bytes(before.replace(text, bytes([text[0] ^ 1]) + text[1:], 1))


def data_file(folder: Path, text: bytes, table: str = "metier_chunks") -> Path:
    """The newest data file of a table that holds a text."""
    files = list((folder / f"{table}.lance" / "data").iterdir())
    return max(
        (path for path in files if text in path.read_bytes()),
        key=lambda path: path.stat().st_mtime_ns,
    )


def is_found(folder: Path) -> bool:
    return not verify_at(folder, NoProgress()).is_intact


def is_found_in_rows(folder: Path) -> bool:
    return any(damage.part != "files" for damage in verify_at(folder, NoProgress()).damage)


def test_an_index_is_intact_after_any_writes(words_rt, folder, written):
    report = written.verify()
    assert (report.is_intact, report.chunks, report.unchecked) == (True, 30, 0)
    assert report.files > 10
    words_rt.index(MANY[:5], at=folder, rebuild=True)
    assert words_rt.index(at=folder).verify().is_intact


def test_every_flipped_bit_is_found_or_changes_nothing(folder, written, capfd):
    expected = content(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = harmless = 0
    for path in files:
        for before, after in flips(path, 2):
            path.write_bytes(after)
            if is_found(folder):
                found += 1
            else:
                assert content(folder) == expected, path
                harmless += 1
            path.write_bytes(before)
    # LanceDB's own hint of the newest version is the only file that changes, and needs no checksum
    assert harmless <= 4
    assert found > 50
    assert not is_found(folder)
    capfd.readouterr()  # LanceDB's code in Rust prints where it failed


def test_flipped_bits_of_rows_are_found_without_checksums_of_files(folder, written, capfd):
    """As in an object store, which has its own checksums of files."""
    (folder / NAME).unlink()
    expected = content(folder)
    found = 0
    for path in (folder / "metier_chunks.lance" / "data").iterdir():
        for before, after in flips(path, 120):
            path.write_bytes(after)
            if is_found_in_rows(folder):
                found += 1
            else:
                assert content(folder) == expected, path
            path.write_bytes(before)
    assert found > 30
    capfd.readouterr()


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("metier_chunks", b"fox 7 met hare 49"),
        ("metier_chunks", b"a new tale"),
        ("metier_about", b"fake-embedder"),
    ],
)
def test_damage_is_told_by_document_or_part_with_what_to_do(written, folder, table, text):
    flip(data_file(folder, text, table), text)
    report = written.verify()
    documents = [damage for damage in report.damage if damage.part == "documents"]
    if table == METADATA:
        (damage,) = [damage for damage in report.damage if damage.part == "records"]
        assert "'manifest'" in damage.message
        assert "Build the index again" in damage.fix
    else:
        expected = "d7" if b"fox" in text else "new"
        assert [damage.documents for damage in documents] == [(expected,)]
        assert "embedded again" in documents[0].fix
    assert json.loads(json.dumps(report.to_dict()))["is_intact"] is False


@pytest.mark.parametrize("write", ["update", "add"])
def test_a_write_embeds_the_damaged_chunks_of_its_documents_again(words_rt, folder, write):
    index = words_rt.index(TALES, at=folder)
    before = content(folder)[0]
    flip(data_file(folder, b"sour grapes"), b"sour grapes")
    report = getattr(index, write)(TALES)
    assert (report.embedded, report.kept, report.removed) == (1, 2, 0)
    assert ids(index.search("sour grapes", top_k=1)) == ["fox"]
    assert content(folder)[0] == before
    assert not [damage for damage in index.verify().damage if damage.part == "documents"]


@pytest.mark.parametrize("damaged", [b"crow", b"hare"])
def test_an_update_mends_a_document_whose_id_is_damaged(words_rt, folder, damaged):
    tales = [{**tale, "id": f"{tale['id']}-tale"} for tale in TALES]
    index = words_rt.index(tales, at=folder)
    before = content(folder)[0]
    flip(data_file(folder, damaged + b"-tale"), damaged + b"-tale")
    index.update(tales)
    assert content(folder)[0] == before


def test_damage_is_not_carried_over_by_compaction_or_new_fields(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    flip(data_file(folder, b"sour grapes"), b"sour grapes")
    for number in range(40):  # enough for LanceDB to write the rows anew
        index.add([{"id": str(number), "text": f"tale {number}", f"f{number % 3}": number}])
    (damage,) = [damage for damage in index.verify().damage if damage.part == "documents"]
    assert damage.documents == ("fox",)
    relabeled = [{**tale, "year": 1} for tale in TALES]
    assert index.update(relabeled).embedded == 1  # its vector is not taken from the damaged row
    assert not [damage for damage in index.verify().damage if damage.part == "documents"]


def test_damaged_words_are_told_and_indexed_anew_by_the_next_write(words_rt, folder):
    index = words_rt.index(MANY, at=folder)
    before = content(folder)[4]
    for path in (folder / "metier_chunks.lance" / "_indices").rglob("part_0_docs.lance"):
        _, after = next(flips(path, 1))
        path.write_bytes(after)
    (damage,) = index.verify().damage
    assert (damage.part, len(damage.files)) == ("words", 1)
    assert "update" in damage.fix
    index.update(MANY)
    assert not [damage for damage in index.verify().damage if damage.part == "words"]
    assert content(folder)[4] == before


@pytest.mark.parametrize("kind", ["_versions", "_deletions"])
def test_a_write_does_not_go_by_a_damaged_list_of_rows(words_rt, folder, written, kind):
    newest = min if kind == "_versions" else max
    path = newest(path for path in (folder / "metier_chunks.lance" / kind).glob("[0-9]*"))
    before, after = next(flips(path, 1))
    path.write_bytes(after)
    with pytest.raises(InputError, match=r"damaged|cannot be") as refused:
        written.add([{"id": "ant", "text": "the ant in winter"}])
    assert "rebuild=True" in str(refused.value)
    path.write_bytes(before)
    assert written.add([{"id": "ant", "text": "the ant in winter"}]).embedded == 1


@pytest.mark.parametrize("mend", ["update", "purge"])
def test_missing_checksums_of_files_are_damage_until_the_next_write_or_purge(
    words_rt, folder, mend
):
    index = words_rt.index(TALES, at=folder)
    (folder / NAME).unlink()
    report = index.verify()
    (damage,) = report.damage
    assert (report.files, damage.part, damage.files) == (0, "files", (NAME,))
    assert "missing" in damage.message
    assert "purge" in damage.fix
    if mend == "update":
        index.update([*TALES, {"id": "ant", "text": "the ant in winter"}])
    else:
        index.purge()
    assert index.verify().is_intact
    assert index.verify().files > 5


def test_missing_tables_files_and_writes_are_told(words_rt, folder, written):
    shutil.copytree(folder, folder.parent / "copy")
    versions = (folder / "metier_chunks.lance" / "_versions").glob("*.manifest")
    min(versions).unlink()  # the newest
    messages = " ".join(damage.message for damage in written.verify().damage)
    assert "Files that are missing: 1." in messages
    shutil.rmtree(folder)
    shutil.copytree(folder.parent / "copy", folder)
    shutil.rmtree(folder / "metier_chunks.lance")
    messages = " ".join(damage.message for damage in written.verify().damage)
    assert "lacks metier_chunks" in messages


def test_an_index_in_the_place_of_a_deleted_one_is_intact(words_rt, folder, written):
    for table in folder.glob("*.lance"):
        shutil.rmtree(table)
    assert words_rt.index(TALES, at=folder).update(TALES).kept == 3
    assert words_rt.index(at=folder).verify().is_intact


def test_rows_of_a_version_without_checksums_are_counted_and_not_damaged(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    table = LanceStore(folder)._open()
    table.drop_columns(["checksum"])
    assert (index.verify().chunks, index.verify().unchecked) == (0, 3)
    assert index.verify().is_intact
    index.add([{"id": "ant", "text": "the ant in winter"}])
    assert (index.verify().chunks, index.verify().unchecked) == (1, 3)


def test_an_index_in_memory_has_nothing_to_verify(words_rt):
    report = words_rt.index(TALES).verify()
    assert (report.is_intact, report.chunks, report.files) == (True, 3, 0)


def test_a_large_index_has_its_short_vectors_verified(folder, monkeypatch):
    import numpy as np
    from tests.core.indexing.toy_rows import MANIFEST, rows, vectors

    from metier.retrieval.funnel import Funnel, principal_axes

    store = LanceStore(folder)
    store.begin(MANIFEST)
    store.put(rows(range(60)), vectors(range(60)))
    store._short._add("short_0", 4)
    store._metadata.write_axes("short_0", principal_axes(vectors(range(60))))
    funnel = Funnel(4, (10, 100), (1.0, 1.0), fitted=60)
    store._short._fill("short_0", funnel)
    store._metadata.write_funnel("short_0", funnel)
    store._tables.finish_files()
    assert store.verify(NoProgress()).is_intact
    wrong = np.zeros(4, dtype=np.float32).tolist()
    store._open().update(where="document = 'document 7'", values={"short_0": wrong})
    (damage,) = store.verify(NoProgress()).damage
    assert damage.documents == ("document 7",)


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_the_record_of_checksums_is_private_and_goes_with_the_index(words_rt, folder, written):
    assert (folder / NAME).stat().st_mode & 0o077 == 0
    written.drop()
    assert not folder.exists()
