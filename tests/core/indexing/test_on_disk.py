"""Indexes on disk: what is there is found again, by any process, and nothing makes half of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from metier import Runtime, field
from metier.errors import (
    InputError,
    MetierError,
    MetierWarning,
    MissingExtraError,
    ModelError,
    ParameterError,
    UnknownNameError,
    UsageError,
)
from metier.indexing.lance.store import LanceStore
from metier.indexing.lance.tables import CHUNKS, redacted
from metier.registry.instruction import Instruction
from metier.testing.fakes import FakeEmbedder

ROOT = Path(__file__).parents[3]
TALES = [
    {"id": "fox", "text": "the fox and the sour grapes", "year": 1668},
    {"id": "crow", "text": "the crow with cheese in its beak", "year": 1668},
    {"id": "hare", "text": "the hare that lost a race", "year": 1700},
]
FIND = Instruction(id="find", task="Find the tale that is meant", kind="retrieval", domain="mine")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "tales"


def ids(hits):
    return [hit.document_id for hit in hits]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that runs this code; the tests and metier can be imported in it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_was_built_is_found_when_it_is_opened_again(words_rt, place):
    built = words_rt.index(TALES, at=place)
    opened = words_rt.index(at=str(place))
    assert (len(opened), opened.path) == (3, str(place))
    assert opened.search("sour grapes") == built.search("sour grapes")
    assert ids(opened.search("the race", top_k=1)) == ["hare"]
    assert ids(opened.search("tale", where=field("year") < 1700)) == ids(
        built.search("tale", where=field("year") < 1700)
    )


def test_it_finds_what_one_in_memory_finds(words_rt, place):
    on_disk, in_memory = words_rt.index(TALES, at=place), words_rt.index(TALES)
    for query in ("sour grapes", "cheese in a beak", "lost"):
        pairs = zip(on_disk.search(query), in_memory.search(query), strict=True)
        for one, other in pairs:
            assert (one.id, one.text, one.fields) == (other.id, other.text, other.fields)
            assert one.score == pytest.approx(other.score, abs=2e-3)


def test_after_a_removal_the_words_are_as_rare_as_they_are_in_memory(words_rt, place):
    tales = [*TALES, *({"id": str(n), "text": f"a fox {n} ran to the den"} for n in range(50))]
    on_disk, in_memory = words_rt.index(tales, at=place), words_rt.index(tales)
    for index in (on_disk, in_memory):
        assert index.remove([str(n) for n in range(45)]) == 45
    pairs = zip(on_disk.search("fox grapes"), in_memory.search("fox grapes"), strict=True)
    for one, other in pairs:
        assert one.id == other.id
        assert one.scores["lexical"] == pytest.approx(other.scores["lexical"], abs=1e-5)


def test_a_removal_of_nothing_writes_nothing(words_rt, place):
    index = words_rt.index(TALES, at=place)
    before = files(place)
    assert index.remove(["no", "none"]) == 0
    assert files(place) == before


def test_words_that_a_killed_process_left_behind_are_mended_by_the_next_write(words_rt, place):
    tales = [*TALES, *({"id": str(n), "text": f"a fox {n} ran to the den"} for n in range(50))]
    words_rt.index(tales, at=place)
    store = LanceStore(place)
    gone = [str(n) for n in range(45)]
    store.remove([chunk for one in gone for chunk in store.contents()[one].chunks])  # and no more
    index = words_rt.index([*TALES, *tales[-5:]], at=place)
    expected = words_rt.index([*TALES, *tales[-5:]]).search("fox grapes")
    for one, other in zip(index.search("fox grapes"), expected, strict=True):
        assert one.scores["lexical"] == pytest.approx(other.scores["lexical"], abs=1e-5)


def test_building_again_brings_it_up_to_date(words_rt, place):
    words_rt.index(TALES, at=place)
    index = words_rt.index([TALES[0], {"id": "ant", "text": "the ant in winter"}], at=place)
    assert sorted(ids(index.search("tale"))) == ["ant", "fox"]
    index.add(TALES[2:], source="more")
    assert len(words_rt.index(at=place)) == 3
    index.remove(["fox"])
    assert sorted(ids(words_rt.index(at=place).search("tale"))) == ["ant", "hare"]


def test_there_has_to_be_an_index_or_something_to_build_one_of(words_rt, place):
    with pytest.raises(UsageError, match="There is no index at"):
        words_rt.index(at=place)
    with pytest.raises(UsageError, match="cannot be built again of nothing"):
        words_rt.index(at=place, rebuild=True)
    assert not place.exists()


def test_another_model_dim_or_chunking_is_an_error_that_spells_out_the_difference(words_rt, place):
    words_rt.index(TALES, at=place)
    other = Runtime(FakeEmbedder(dim=64, seed=5), plugins=[], progress=False)
    with pytest.raises(UsageError) as refused:
        other.index(TALES, at=place, dim=32, max_tokens=100, overlap=10, instruction=FIND)
    message = str(refused.value)
    there, here = words_rt.embedder.fingerprint, other.embedder.fingerprint
    assert f"model: fake-embedder (fingerprint {there}, revision fake-1), now" in message
    for part in (here, "dim: 256, now 32", "max_tokens: 512, now 100", "overlap: 0, now 10"):
        assert part in message
    assert f"instruction: none, now mine/find@1 (content {FIND.digest})" in message
    assert "rebuild=True" in message
    assert len(words_rt.index(at=place)) == 3


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"domain": "trade"}, "domain: core, now trade"),
        ({"instruction": FIND}, "instruction: none, now mine/find@1"),
        ({"dim": 128}, "dim: 256, now 128"),
        ({"max_tokens": 100}, "max_tokens: 512, now 100"),
        ({"overlap": 5}, "overlap: 0, now 5"),
        ({"splitter": lambda text, name: []}, "splitter: none, now "),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_every_argument_that_differs_is_told_alone_and_in_a_search_too(
    words_rt, place, tmp_path, given, told
):
    pack = tmp_path / "trade.yaml"
    pack.write_text("schema: 1\ndomain: trade\ntitle: Trade\n")
    rt = Runtime(words_rt.embedder, plugins=[], packs=[pack], progress=False)
    rt.index(TALES, at=place)
    for documents in (None, TALES):
        with pytest.raises(UsageError, match="made with something else") as refused:
            rt.index(documents, at=place, **given)
        (difference,) = refused.value.why.splitlines()
        assert told in difference
    said = {"domain": "core", "dim": 256, "max_tokens": 512, "overlap": 0}
    assert len(rt.index(at=place, **said)) == 3
    assert len(rt.index(TALES, at=place, rebuild=True, **given)) == 3


def test_an_index_of_a_domain_that_is_not_known_is_not_searched_as_another(
    words_rt, place, tmp_path
):
    pack = tmp_path / "trade.yaml"
    pack.write_text("schema: 1\ndomain: trade\ntitle: Trade\n")
    rt = Runtime(words_rt.embedder, plugins=[], packs=[pack], progress=False)
    rt.index(TALES, at=place, domain="trade")
    assert rt.index(at=place).manifest.domain == "trade"
    with pytest.raises(UsageError, match="made for the domain 'trade', which is not known"):
        words_rt.index(at=place)


def test_rebuild_begins_anew(words_rt, place):
    words_rt.index(TALES, at=place)
    other = Runtime(FakeEmbedder(dim=64), plugins=[], progress=False)
    index = other.index(TALES[:1], at=place, rebuild=True)
    assert (len(index), index.manifest.provenance.dim) == (1, 64)
    with pytest.raises(UsageError, match="dim: 64, now 256"):
        words_rt.index(at=place, dim=256)


def test_what_cannot_be_built_leaves_what_was_there(words_rt, place):
    words_rt.index(TALES, at=place)
    with pytest.raises(InputError, match="row 2"):
        words_rt.index([{"text": "good"}, {"text": ""}], at=place, rebuild=True)
    assert sorted(ids(words_rt.index(at=place).search("tale"))) == ["crow", "fox", "hare"]


@pytest.mark.parametrize("wrong", [{"dim": 999}, {"max_tokens": 3}])
def test_a_call_that_cannot_be_met_leaves_what_was_there(words_rt, place, wrong):
    with pytest.raises(MetierError):
        words_rt.index(TALES, at=place, **wrong)
    assert not place.exists()
    words_rt.index(TALES, at=place)
    before = files(place)
    with pytest.raises(MetierError):
        words_rt.index(TALES, at=place, rebuild=True, **wrong)
    assert files(place) == before


def test_tables_of_others_in_the_folder_are_left_alone(words_rt, place):
    import lancedb

    database = lancedb.connect(place)
    for name in ("chunks", "about"):
        database.create_table(name, [{"id": "1", "mine": "a"}])
    words_rt.index(TALES, at=place)
    assert len(words_rt.index(TALES[:2], at=place, rebuild=True)) == 2
    words_rt.index(at=place).drop()
    assert sorted(database.list_tables().tables) == ["about", "chunks"]
    assert database.open_table("chunks").to_arrow().to_pylist() == [{"id": "1", "mine": "a"}]


def test_an_index_that_was_killed_before_its_words_were_indexed_is_whole_when_opened(
    words_rt, place, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(
            "metier.indexing.lance.term_index.TermIndex.create",
            lambda *_: (_ for _ in ()).throw(KeyboardInterrupt),
        )
        with pytest.raises(KeyboardInterrupt):
            words_rt.index(TALES, at=place)
    assert ids(words_rt.index(TALES, at=place).search("sour grapes", top_k=1)) == ["fox"]


def test_what_is_not_valid_unicode_is_refused_and_named(words_rt, place):
    for bad in ({"note": "\ud800"}, {"no\ud800te": 1}, {"note": ["\ud800"]}):
        for at in (place, None):
            with pytest.raises(InputError, match="of the document 'fox' is not valid Unicode"):
                words_rt.index([{**TALES[0], **bad}], at=at)
    index = words_rt.index(TALES, at=place, source="caf\udce9.csv")
    assert list(index.info().sources) == ["caf\\udce9.csv"]


def test_the_instruction_of_an_index_is_remembered(words_rt, place, tmp_path):
    pack = tmp_path / "mine.yaml"
    text = (
        "schema: 1\ndomain: mine\ntitle: Mine\n"
        "instructions:\n  - {id: find, task: %s, kind: retrieval}\n"
    )
    pack.write_text(text % FIND.task)
    rt = Runtime(words_rt.embedder, plugins=[], packs=[pack], progress=False)
    built = rt.index(TALES, at=place, instruction="mine/find")
    opened = rt.index(at=place)
    assert opened.manifest.provenance.instruction == "mine/find@1"
    assert opened.manifest.domain == "mine"
    assert opened.search("grapes") == built.search("grapes")
    with pytest.raises(UsageError, match="'mine/find@1', which is not known here"):
        words_rt.index(at=place)
    pack.write_text(text % "Find a tale by its animal")
    changed = Runtime(words_rt.embedder, plugins=[], packs=[pack], progress=False)
    with pytest.raises(UsageError, match=r"instruction: mine/find@1 \(content \w+\), now"):
        changed.index(at=place)


def test_a_domain_that_is_not_there_is_an_error(words_rt):
    with pytest.raises(UnknownNameError, match="no domain 'lgal'"):
        words_rt.index(TALES, domain="lgal")


def test_the_manifest_says_what_an_index_was_made_with(words_rt, place):
    info = words_rt.index(TALES, at=place, source="tales.csv").info()
    assert (info.documents, info.chunks, dict(info.sources)) == (3, 3, {"tales.csv": 3})
    content = json.loads(json.dumps(info.to_dict()))
    assert content["manifest"]["provenance"]["fingerprint"] == words_rt.embedder.fingerprint
    assert content["manifest"]["revision"] == "fake-1"
    assert content["manifest"]["chunking"]["max_tokens"] == 512
    assert content["manifest"]["terms"] == {"terms": "words", "language": "english"}
    assert content["search"] == "exact: all 256 numbers of every vector"


def test_an_index_of_a_newer_metier_is_told_from_a_damaged_one(words_rt, place, monkeypatch):
    words_rt.index(TALES, at=place)
    monkeypatch.setattr("metier.indexing.manifest.SCHEMA", 0)
    with pytest.raises(InputError, match="has schema 1, and this metier reads up to 0"):
        words_rt.index(at=place)


def test_drop_removes_the_index_and_nothing_else(words_rt, place):
    index = words_rt.index(TALES, at=place)
    index.drop()
    assert not place.exists()
    index = words_rt.index(TALES, at=place)
    (place / "notes.txt").write_text("mine")
    index.drop()
    assert [path.name for path in place.iterdir()] == ["notes.txt"]


def test_a_long_document_is_cut_and_found_by_its_best_chunk(words_rt, place):
    pages = [
        f"Page {number} tells of {animal}s. " * 6
        for number, animal in enumerate(("fox", "owl", "hare"))
    ]
    text = "\n\n".join(pages)
    index = words_rt.index([{"id": "book", "text": text}], at=place, max_tokens=64)
    assert len(index) >= 3
    (hit,) = index.search("owls")
    assert text[hit.start : hit.end] == hit.text
    assert "owls" in hit.text
    edited = text.replace("tells of hares", "tells of hounds")
    done = index.update([{"id": "book", "text": edited}])
    assert done.kept >= 1
    assert done.embedded < len(index)


@pytest.mark.parametrize("damage", ["truncated", "removed"])
def test_a_damaged_index_is_an_error_and_may_be_built_again(words_rt, place, damage):
    words_rt.index(TALES, at=place)
    for path in (place / "metier_chunks.lance").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:10]) if damage == "truncated" else path.unlink()
    with pytest.raises(InputError, match=r"The index at .* cannot be read"):
        words_rt.index(at=place).search("grapes")
    index = words_rt.index(TALES, at=place, rebuild=True)
    assert ids(index.search("sour grapes", top_k=1)) == ["fox"]


def test_writes_that_are_missing_are_told_until_they_are_made_again(words_rt, place):
    index = words_rt.index(TALES, at=place)
    index.add([{"id": "ant", "text": "the ant in winter"}])
    versions = (place / "metier_chunks.lance" / "_versions").glob("*.manifest")
    newest = max(versions, key=lambda path: path.stat().st_mtime_ns)
    newest.unlink()
    with pytest.warns(MetierWarning, match="lacks its last writes"):
        words_rt.index(at=place)
    with pytest.warns(MetierWarning, match="Update it with all its documents"):
        index = words_rt.index([*TALES, {"id": "ant", "text": "the ant in winter"}], at=place)
    assert ids(index.search("winter", top_k=1)) == ["ant"]
    assert len(words_rt.index(at=place)) == 4  # and no warning


def test_what_others_write_while_an_index_is_opened_is_not_taken_for_missing(
    words_rt, place, monkeypatch
):
    other, store = words_rt.index(TALES, at=place), LanceStore(place)
    opened = store._tables.open

    def open_and_write(name: str) -> object:
        table = opened(name)
        if name == CHUNKS:
            other.add([{"id": f"ant {len(other)}", "text": "the ant in winter"}])
        return table

    monkeypatch.setattr(store._tables, "open", open_and_write)
    store.begin(other.manifest)  # with a warning it would fail here
    assert len(other) > len(TALES)


def test_a_damaged_manifest_is_an_error_and_may_be_built_again(words_rt, place):
    words_rt.index(TALES, at=place)
    for path in (place / "metier_about.lance").rglob("*.lance"):
        path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="rebuild=True"):
        words_rt.index(at=place)
    assert len(words_rt.index(TALES, at=place, rebuild=True)) == 3


@pytest.mark.parametrize("record", ["manifest", "funnel", "indexed"])
@pytest.mark.parametrize("content", ['{"shape": 1}', '["a"]', '{"id": 1, "rows": "x", "dim": []}'])
def test_a_record_of_another_form_is_an_error_and_may_be_built_again(
    words_rt, place, record, content
):
    import lancedb

    words_rt.index(TALES, at=place)
    about = lancedb.connect(place).open_table("metier_about")
    about.delete(f"id = '{record}'")
    about.add([{"id": record, "content": content}])
    with pytest.raises(InputError, match=r"Another version of metier wrote it(.|\n)*rebuild=True"):
        words_rt.index(at=place).search("grapes")
    assert len(words_rt.index(TALES, at=place, rebuild=True).search("grapes")) == 3


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="modes bind no administrator")
def test_a_folder_that_cannot_be_written_is_an_error_and_stays(words_rt, place):
    words_rt.index(TALES, at=place)
    before = files(place)
    folders = [place, *(path for path in place.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with pytest.raises(InputError, match="cannot be written"):
            words_rt.index(TALES[:1], at=place)
        assert len(words_rt.index(at=place).search("grapes")) == 3
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert files(place) == before


def test_a_file_where_the_folder_should_be_is_an_error(words_rt, place):
    place.write_text("a file")
    with pytest.raises(InputError, match="cannot be"):
        words_rt.index(TALES, at=place)
    assert place.read_text() == "a file"


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
def test_a_disk_that_takes_no_more_is_an_error_and_leaves_what_was_there(words_rt, place):
    words_rt.index(TALES, at=place)
    out, err = python(FILLER, place).communicate()
    assert "cannot be written" in out, err
    assert "File too large" in out
    assert sorted(ids(words_rt.index(at=place).search("tale"))) == ["crow", "fox", "hare"]


def test_what_was_replaced_is_removed_from_disk_in_time(words_rt, place, monkeypatch):
    index = words_rt.index(TALES, at=place)
    index.remove(["fox"])
    tables = {
        name: place / name / "_versions" for name in ("metier_chunks.lance", "metier_about.lance")
    }

    def versions(name: str) -> int:
        return len(list(tables[name].glob("*.manifest")))

    before = {name: versions(name) for name in tables}
    index.update(TALES[1:])
    assert all(versions(name) >= before[name] > 1 for name in tables)
    monkeypatch.setattr("metier.indexing.lance.store._RETENTION", timedelta(milliseconds=1))
    index.update(TALES[1:])
    assert versions("metier_chunks.lance") == 1
    assert versions("metier_about.lance") < before["metier_about.lance"]
    assert sorted(ids(index.search("tale"))) == ["crow", "hare"]


def test_vectors_that_are_no_numbers_are_refused(words_rt, place):
    class Broken(FakeEmbedder):
        def embed(self, texts, *, prompt, dim, progress):
            made = super().embed(texts, prompt=prompt, dim=dim, progress=progress)
            made.vectors[[text == "the ant in winter" for text in texts]] = np.nan
            return made

    words_rt.index(TALES, at=place)
    broken = Runtime(Broken(), plugins=[], progress=False).index(at=place)
    with pytest.raises(ModelError, match="the document 'ant' contains NaN"):
        broken.add([{"id": "bee", "text": "the bee"}, {"id": "ant", "text": "the ant in winter"}])
    assert len(broken) == 3


@pytest.mark.parametrize(
    "address",
    [
        "s3://key:secret@bucket/tales",
        "s3://key:se/cret+x@bucket/tales",
        "az://container/tales?sig=secret",
        "s3+ddb://bucket/tales?ddbTableName=locks&key=secret",
    ],
)
def test_an_address_with_credentials_in_it_is_refused_and_not_shown(words_rt, address):
    with pytest.raises(UsageError, match="Set credentials in the environment") as refused:
        words_rt.index(at=address)
    assert "cret" not in str(refused.value)
    assert "cret" not in redacted(f"cannot reach {address}: refused")


def test_other_addresses_and_folders_are_taken_as_they_are(words_rt):
    for place in (
        "s3://bucket/tales",
        "s3+ddb://bucket/tales?ddbTableName=locks",
        "abfss://container@account.dfs.core.windows.net/tales",
        "/home/me@work/tales?",
    ):
        assert LanceStore(place).path == place
    with pytest.raises(ParameterError, match="path of an index is empty"):
        words_rt.index(TALES, at="")


def test_an_address_needs_no_folder(words_rt, place):
    address = f"file://{place}"
    words_rt.index(TALES, at=address)
    index = words_rt.index(TALES[:2], at=address)
    assert (index.path, len(index)) == (address, 2)
    assert ids(index.search("sour grapes", top_k=1)) == ["fox"]
    index.drop()
    with pytest.raises(UsageError, match="There is no index at file://"):
        words_rt.index(at=address)


def test_without_the_extra_the_error_names_it(words_rt, place, monkeypatch):
    monkeypatch.setitem(sys.modules, "lancedb", None)
    with pytest.raises(MissingExtraError, match=re.escape("pip install 'metier[store]'")):
        words_rt.index(TALES, at=place)


WRITER = """
import sys
from metier.indexing.lance.store import LanceStore
from metier.indexing.lance.tables import CHUNKS
from tests.core.indexing.given import MANIFEST, rows, vectors
store = LanceStore(sys.argv[1])
store.begin(MANIFEST)
print("begun", flush=True)
sys.stdin.readline()
for start in range(0, 1000, 100):
    numbers = range(start, start + 100)
    store.put(rows(numbers), vectors(numbers))
store.compact()
"""


def test_two_processes_that_write_the_same_ids_leave_one_row_of_each(place):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(place)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for one in running:
        assert one.stdout.readline() == "begun\n"
    errors = [one.communicate("go\n")[1] for one in running]
    assert [one.returncode for one in running] == [0, 0], errors
    store = LanceStore(place)
    assert len(store) == 1000
    held = store.contents()
    assert len(held) == 1000
    assert {len(one.chunks) for one in held.values()} == {1}


BUILDER = """
import sys
from metier import Runtime
from metier.testing.fakes import FakeEmbedder
from metier.indexing import writing
class Telling(FakeEmbedder):
    def embed(self, texts, **options):
        print(len(texts), flush=True)
        return super().embed(texts, **options)
rt = Runtime(Telling(), plugins=[], progress=False)
rt.index(({"id": str(n), "text": f"tale number {n} of many"} for n in range(6000)), at=sys.argv[1])
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_build_that_is_killed_goes_on_where_it_stopped(words_rt, place):
    written = 0
    for windows in (1, 2, 3):
        running = python(BUILDER, place)
        for _ in range(windows):
            assert running.stdout.readline()
        running.send_signal(signal.SIGKILL)
        running.communicate()
        if (place / "metier_about.lance").exists():
            held = LanceStore(place).contents()
            assert len(held) >= written
            assert {len(one.chunks) for one in held.values()} <= {1}
            written = len(held)
            if written:
                assert LanceStore(place).unfinished() == ["the input"]
    running = python(BUILDER, place)
    out, err = running.communicate()
    assert running.returncode == 0, err
    assert sum(map(int, out.split())) == 6000 - written
    index = words_rt.index(at=place)
    assert len(index) == index.info().documents == 6000
    assert index.info().unfinished == ()
    assert index.search("tale number 4321 of many", top_k=1)[0].document_id == "4321"
