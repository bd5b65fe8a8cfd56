"""The store on disk: damaged files, full disks, addresses, and several processes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest
from tests.core.indexing.tales import ROOT, TALES, files, ids, python
from tests.core.indexing.toy_rows import MANIFEST, rows, vectors

from metier.errors import (
    InputError,
    MetierWarning,
    MissingExtraError,
    ParameterError,
    UsageError,
)
from metier.indexing.info import info_at
from metier.indexing.lance.store import LanceStore
from metier.indexing.lance.tables import CHUNKS, Tables, redacted
from metier.retrieval.funnel import Funnel


def test_after_a_removal_the_rarity_of_terms_is_as_in_memory(words_rt, folder):
    tales = [*TALES, *({"id": str(n), "text": f"a fox {n} ran to the den"} for n in range(50))]
    on_disk, in_memory = words_rt.index(tales, at=folder), words_rt.index(tales)
    for index in (on_disk, in_memory):
        assert index.remove([str(n) for n in range(45)]) == 45
    pairs = zip(on_disk.search("fox grapes"), in_memory.search("fox grapes"), strict=True)
    for hit, other in pairs:
        assert hit.id == other.id
        assert hit.scores["lexical"] == pytest.approx(other.scores["lexical"], abs=1e-5)


def test_a_removal_of_nothing_writes_nothing(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    before = files(folder)
    with pytest.warns(MetierWarning, match="of no document in the index"):
        assert index.remove(["no", "none"]) == 0
    assert files(folder) == before


def test_the_next_write_corrects_the_terms_that_a_killed_process_left(words_rt, folder):
    tales = [*TALES, *({"id": str(n), "text": f"a fox {n} ran to the den"} for n in range(50))]
    words_rt.index(tales, at=folder)
    store = LanceStore(folder)
    removed = [str(n) for n in range(45)]
    store.remove([chunk for name in removed for chunk in store.contents()[name].chunks])
    index = words_rt.index([*TALES, *tales[-5:]], at=folder)
    expected = words_rt.index([*TALES, *tales[-5:]]).search("fox grapes")
    for hit, other in zip(index.search("fox grapes"), expected, strict=True):
        assert hit.scores["lexical"] == pytest.approx(other.scores["lexical"], abs=1e-5)


def test_other_tables_in_the_folder_are_left_alone(words_rt, folder):
    import lancedb

    database = lancedb.connect(folder)
    for name in ("chunks", "about"):
        database.create_table(name, [{"id": "1", "mine": "a"}])
    words_rt.index(TALES, at=folder)
    assert len(words_rt.index(TALES[:2], at=folder, rebuild=True)) == 2
    words_rt.index(at=folder).drop()
    assert sorted(database.list_tables().tables) == ["about", "chunks"]
    assert database.open_table("chunks").to_arrow().to_pylist() == [{"id": "1", "mine": "a"}]


def test_an_index_whose_creation_was_killed_is_completed_when_opened(words_rt, folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(
            "metier.indexing.lance.term_index.TermIndex.create",
            lambda *_: (_ for _ in ()).throw(KeyboardInterrupt),
        )
        with pytest.raises(KeyboardInterrupt):
            words_rt.index(TALES, at=folder)
    assert ids(words_rt.index(TALES, at=folder).search("sour grapes", top_k=1)) == ["fox"]


def test_drop_removes_the_index_and_no_other_files(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    index.drop()
    assert not folder.exists()
    index = words_rt.index(TALES, at=folder)
    (folder / "notes.txt").write_text("mine")
    index.drop()
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("damage", ["truncated", "removed"])
def test_a_damaged_index_is_an_error_and_can_be_rebuilt(words_rt, folder, damage):
    words_rt.index(TALES, at=folder)
    for path in (folder / "metier_chunks.lance").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:10]) if damage == "truncated" else path.unlink()
    with pytest.raises(InputError, match=r"The index at .* cannot be read"):
        words_rt.index(at=folder).search("grapes")
    index = words_rt.index(TALES, at=folder, rebuild=True)
    assert ids(index.search("sour grapes", top_k=1)) == ["fox"]


@pytest.mark.parametrize("table", ["metier_chunks", "metier_about"])
def test_an_index_that_lacks_a_table_is_refused_with_its_name(words_rt, folder, table):
    words_rt.index(TALES, at=folder)
    shutil.rmtree(folder / f"{table}.lance")
    before = files(folder)
    for use in (
        lambda: words_rt.index(at=folder),
        lambda: words_rt.index(TALES, at=folder),
        lambda: info_at(folder),
    ):
        with pytest.raises(InputError, match=rf"lacks {table}\.(.|\n)*rebuild=True") as refused:
            use()
        assert refused.value.code == "index-damaged"
    assert files(folder) == before
    assert len(words_rt.index(TALES, at=folder, rebuild=True)) == 3


def test_a_large_index_that_lacks_its_axes_is_refused_with_their_name(folder):
    store = LanceStore(folder)
    store.begin(MANIFEST)
    store.put(rows(range(200)), vectors(range(200)))
    axes = np.eye(16, dtype=np.float32)
    store._metadata.write_axes("short_0", axes)
    store._metadata.write_funnel("short_0", Funnel(4, (10, 100), (1.0, 1.0), fitted=200))
    assert LanceStore(folder).exists()
    shutil.rmtree(folder / "metier_axes_short_0.lance")
    with pytest.raises(InputError, match="lacks metier_axes_short_0"):
        LanceStore(folder).exists()


@pytest.mark.parametrize("dropped", [0, 1])
def test_a_drop_that_was_interrupted_leaves_no_damaged_index(
    words_rt, folder, monkeypatch, dropped
):
    words_rt.index(TALES, at=folder)
    drop, names = Tables.drop, []

    def interrupted(tables: Tables, name: str) -> None:
        names.append(name)
        if len(names) > dropped:
            raise KeyboardInterrupt
        drop(tables, name)

    with monkeypatch.context() as patched:
        patched.setattr(Tables, "drop", interrupted)
        with pytest.raises(KeyboardInterrupt):
            words_rt.index(at=folder).drop()
    assert len(words_rt.index(TALES, at=folder)) == 3


def test_missing_writes_give_a_warning_until_they_are_repeated(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    index.add([{"id": "ant", "text": "the ant in winter"}])
    versions = (folder / "metier_chunks.lance" / "_versions").glob("*.manifest")
    newest = max(versions, key=lambda path: path.stat().st_mtime_ns)
    newest.unlink()
    with pytest.warns(MetierWarning, match="lacks its last writes"):
        words_rt.index(at=folder)
    with pytest.warns(MetierWarning, match="Update it with all its documents"):
        index = words_rt.index([*TALES, {"id": "ant", "text": "the ant in winter"}], at=folder)
    assert ids(index.search("winter", top_k=1)) == ["ant"]
    assert len(words_rt.index(at=folder)) == 4  # and no warning


def test_writes_of_others_during_opening_give_no_warning(words_rt, folder, monkeypatch):
    other, store = words_rt.index(TALES, at=folder), LanceStore(folder)
    open_table = store._tables.open

    def open_and_write(name: str) -> object:
        table = open_table(name)
        if name == CHUNKS:
            other.add([{"id": f"ant {len(other)}", "text": "the ant in winter"}])
        return table

    monkeypatch.setattr(store._tables, "open", open_and_write)
    store.begin(other.manifest)  # a warning would fail the test
    assert len(other) > len(TALES)


def test_a_damaged_manifest_is_an_error_and_the_index_can_be_rebuilt(words_rt, folder):
    words_rt.index(TALES, at=folder)
    for path in (folder / "metier_about.lance").rglob("*.lance"):
        path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="rebuild=True"):
        words_rt.index(at=folder)
    assert len(words_rt.index(TALES, at=folder, rebuild=True)) == 3


@pytest.mark.parametrize("record", ["manifest", "funnel", "indexed"])
@pytest.mark.parametrize("content", ['{"shape": 1}', '["a"]', '{"id": 1, "rows": "x", "dim": []}'])
def test_a_record_of_another_form_is_an_error_and_the_index_can_be_rebuilt(
    words_rt, folder, record, content
):
    import lancedb

    words_rt.index(TALES, at=folder)
    metadata = lancedb.connect(folder).open_table("metier_about")
    metadata.delete(f"id = '{record}'")
    metadata.add([{"id": record, "content": content}])
    with pytest.raises(InputError, match=r"Another version of metier wrote it(.|\n)*rebuild=True"):
        words_rt.index(at=folder).search("grapes")
    assert len(words_rt.index(TALES, at=folder, rebuild=True).search("grapes")) == 3


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="modes bind no administrator")
def test_a_folder_that_cannot_be_written_is_an_error_and_unchanged(words_rt, folder):
    words_rt.index(TALES, at=folder)
    before = files(folder)
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="cannot be written"):
            words_rt.index(TALES[:1], at=folder)
        assert len(words_rt.index(at=folder).search("grapes")) == 3
    finally:
        for path in folders:
            path.chmod(0o700)
    assert files(folder) == before


def test_a_file_at_the_path_of_the_folder_is_an_error(words_rt, folder):
    folder.write_text("a file")
    for documents in (TALES, None):
        with pytest.raises(ParameterError, match="is a file, and an index is a folder"):
            words_rt.index(documents, at=folder)
    assert folder.read_text() == "a file"


FILLER = """
import resource, sys
from metier import Runtime
from metier.errors import InputError
from metier.testing.fakes import FakeEmbedder
index = Runtime(FakeEmbedder(), plugins=[], progress=False).index(at=sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    index.add({"id": f"n{n}", "text": f"tale number {n}"} for n in range(500))
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX")
def test_a_full_disk_is_an_error_and_leaves_the_index_as_it_was(words_rt, folder):
    words_rt.index(TALES, at=folder)
    out, err = python(FILLER, folder).communicate()
    assert "cannot be written" in out, err
    assert "File too large" in out
    assert "No document of the index has changed." in out
    assert sorted(ids(words_rt.index(at=folder).search("tale"))) == ["crow", "fox", "hare"]


REMOVER = """
import resource, sys, warnings
from metier import Runtime
from metier.errors import InputError
from metier.testing.fakes import FakeEmbedder
index = Runtime(FakeEmbedder(), plugins=[], progress=False).index(at=sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    try:
        print("removed", index.remove([str(number) for number in range(100)]))
    except InputError as error:
        print("failed:", error)
for warning in caught:
    print("warned:", warning.message)
"""


@pytest.fixture
def many(words_rt, folder):
    """An index of 3,000 documents, whose terms take more than 100 kB on disk."""
    return words_rt.index(
        ({"id": str(number), "text": f"tale{number} of fox{number}"} for number in range(3000)),
        at=folder,
    )


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX")
def test_a_removal_whose_tidying_finds_the_disk_full_says_that_all_is_removed(many, folder):
    out, err = python(REMOVER, folder, 30_000).communicate()
    assert "removed 100" in out, err
    assert "warned: The write to the index" in out
    assert "is complete, and tidying the index after it failed" in out
    assert "failed:" not in out
    assert len(many) == 2900
    assert many.remove(["2999"]) == 1  # and the next write tidies without a warning


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX")
def test_a_removal_that_finds_the_disk_full_says_that_nothing_is_removed(many, folder):
    out, err = python(REMOVER, folder, 100).communicate()
    assert "failed: The index at" in out, err
    assert "0 of 100 documents are removed" in out
    assert len(many) == 3000


def test_a_write_that_fails_on_the_way_says_what_was_written_before(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    documents = [{"id": f"n{number}", "text": f"tale number {number}"} for number in range(1500)]
    with pytest.raises(InputError, match="1024 chunks were added, 0 got other") as failed:
        index.add(iter([*documents, {"id": "bad", "text": ""}]))
    assert "the index has these changes" in str(failed.value)
    assert len(index) == len(TALES) + 1024
    with pytest.raises(InputError, match="No document of the index has changed"):
        index.add([{"id": "bad", "text": ""}])


def test_old_versions_are_removed_from_disk_after_a_while(words_rt, folder, monkeypatch):
    index = words_rt.index(TALES, at=folder)
    index.remove(["fox"])
    tables = {
        name: folder / name / "_versions" for name in ("metier_chunks.lance", "metier_about.lance")
    }

    def versions(name: str) -> int:
        return len(list(tables[name].glob("*.manifest")))

    before = {name: versions(name) for name in tables}
    index.update(TALES[1:])
    assert all(versions(name) >= before[name] > 1 for name in tables)
    monkeypatch.setattr("metier.indexing.lance.old_versions.RETENTION", timedelta(milliseconds=1))
    index.update(TALES[1:])
    assert versions("metier_chunks.lance") < before["metier_chunks.lance"]
    assert versions("metier_about.lance") < before["metier_about.lance"]
    assert sorted(ids(index.search("tale"))) == ["crow", "hare"]


@pytest.mark.parametrize(
    "address",
    [
        "s3://key:secret@bucket/tales",
        "s3://key:se/cret+x@bucket/tales",
        "az://container/tales?sig=secret",
        "s3+ddb://bucket/tales?ddbTableName=locks&key=secret",
    ],
)
def test_an_address_with_credentials_is_refused_and_not_shown(words_rt, address):
    with pytest.raises(UsageError, match="Set credentials in the environment") as refused:
        words_rt.index(at=address)
    assert "cret" not in str(refused.value)
    assert "cret" not in redacted(f"cannot reach {address}: refused")


def test_other_addresses_and_folders_are_used_unchanged(words_rt):
    for path in (
        "s3://bucket/tales",
        "s3+ddb://bucket/tales?ddbTableName=locks",
        "abfss://container@account.dfs.core.windows.net/tales",
        "/home/me@work/tales?",
    ):
        assert LanceStore(path).path == path
    with pytest.raises(ParameterError, match="path of an index is empty"):
        words_rt.index(TALES, at="")


def test_an_address_needs_no_folder(words_rt, folder):
    address = f"file://{folder}"
    words_rt.index(TALES, at=address)
    index = words_rt.index(TALES[:2], at=address)
    assert (index.path, len(index)) == (address, 2)
    assert ids(index.search("sour grapes", top_k=1)) == ["fox"]
    index.drop()
    with pytest.raises(UsageError, match="There is no index at file://"):
        words_rt.index(at=address)


def test_without_lancedb_the_error_names_the_extra(words_rt, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "lancedb", None)
    with pytest.raises(MissingExtraError, match=re.escape("pip install 'metier[store]'")):
        words_rt.index(TALES, at=folder)


WRITER = """
import sys
from metier.indexing.lance.store import LanceStore
from metier.indexing.lance.tables import CHUNKS
from tests.core.indexing.toy_rows import MANIFEST, rows, vectors
store = LanceStore(sys.argv[1])
store.begin(MANIFEST)
print("begun", flush=True)
sys.stdin.readline()
for start in range(0, 1000, 100):
    numbers = range(start, start + 100)
    store.put(rows(numbers), vectors(numbers))
store.compact()
"""


def test_two_processes_that_write_the_same_ids_leave_one_row_for_each(folder):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        assert process.stdout.readline() == "begun\n"
    errors = [process.communicate("go\n")[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], errors
    store = LanceStore(folder)
    assert len(store) == 1000
    documents = store.contents()
    assert len(documents) == 1000
    assert {len(document.chunks) for document in documents.values()} == {1}


BUILDER = """
import sys
from metier import Runtime
from metier.testing.fakes import FakeEmbedder
from metier.indexing import writing
class PrintingEmbedder(FakeEmbedder):
    def embed(self, texts, **options):
        print(len(texts), flush=True)
        return super().embed(texts, **options)
rt = Runtime(PrintingEmbedder(), plugins=[], progress=False)
rt.index(({"id": str(n), "text": f"tale number {n} of many"} for n in range(6000)), at=sys.argv[1])
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_build_that_is_killed_continues_where_it_stopped(words_rt, folder):
    written = 0
    for windows in (1, 2, 3):
        running = python(BUILDER, folder)
        for _ in range(windows):
            assert running.stdout.readline()
        running.send_signal(signal.SIGKILL)
        running.communicate()
        if (folder / "metier_about.lance").exists():
            documents = LanceStore(folder).contents()
            assert len(documents) >= written
            assert {len(document.chunks) for document in documents.values()} <= {1}
            written = len(documents)
            if written:
                assert LanceStore(folder).unfinished() == ["the input"]
    running = python(BUILDER, folder)
    out, err = running.communicate()
    assert running.returncode == 0, err
    assert sum(map(int, out.split())) == 6000 - written
    index = words_rt.index(at=folder)
    assert len(index) == index.info().documents == 6000
    assert index.info().unfinished == ()
    assert index.search("tale number 4321 of many", top_k=1)[0].document_id == "4321"


LOGGED = """
import os, sys
from metier import Runtime
from metier.errors import InputError
from metier.testing.fakes import FakeEmbedder
rt = Runtime(FakeEmbedder(), plugins=[], progress=False)
try:
    rt.index(at=sys.argv[1]).search("grapes")
except InputError as error:
    print(error.message)
print(os.environ.get("LANCEDB_LOG"))
"""


@pytest.mark.parametrize(
    ("environment", "is_logged"),
    [
        ({}, False),
        ({"LANCEDB_LOG": "warn"}, True),
        ({"LANCE_LOG": "info"}, True),
        ({"LANCEDB_LOG": "off", "LANCE_LOG": "info"}, False),
    ],
)
def test_lines_of_the_library_reach_the_terminal_only_when_asked_for(
    words_rt, folder, monkeypatch, environment, is_logged
):
    words_rt.index(["the fox and the sour grapes"], at=folder)
    for path in folder.glob("metier_chunks.lance/_indices/*/metadata.lance"):
        path.unlink()  # what is left looks like an index of an old version, which LanceDB logs
    for name in ("LANCEDB_LOG", "LANCE_LOG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out, err = python(LOGGED, folder).communicate()
    assert "cannot be read" in out
    assert out.splitlines()[-1] == str(environment.get("LANCEDB_LOG"))
    assert ("lance" in err) == is_logged, err
