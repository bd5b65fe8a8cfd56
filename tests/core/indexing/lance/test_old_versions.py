"""Old versions of an index on disk: how much room they take, and that readers keep theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from tests.core.indexing.tales import ROOT, TALES, files, ids

from metier.indexing.lance.old_versions import age_to_remove

POSIX = pytest.mark.skipif(os.name != "posix", reason="locks of folders are POSIX")


@pytest.fixture
def little_room(monkeypatch):
    """Old versions of the small indexes here are many bytes."""
    monkeypatch.setattr("metier.indexing.lance.old_versions._DEAD_BYTES", 400_000)


def size(folder) -> int:
    return sum(map(len, files(folder).values()))


def versions(folder) -> int:
    return len(list((folder / "metier_chunks.lance" / "_versions").glob("*.manifest")))


@POSIX
def test_single_upserts_take_no_more_room_than_a_bound(words_rt, folder, little_room):
    index = words_rt.index(TALES, at=folder)
    sizes = []
    for number in range(40):
        index.add([{"id": f"ant {number % 3}", "text": f"the ant in winter {number}"}])
        sizes.append(size(folder))
    assert max(sizes) < 900_000
    assert min(sizes[20:]) < max(sizes) / 3  # and did not only grow slowly
    assert len(index) == 6
    expected = words_rt.index(
        [*TALES, *({"id": f"ant {n % 3}", "text": f"the ant in winter {n}"} for n in (37, 38, 39))]
    )
    for hit, other in zip(index.search("ant 39"), expected.search("ant 39"), strict=True):
        assert hit.document_id == other.document_id
        assert hit.scores["lexical"] == pytest.approx(other.scores["lexical"], abs=1e-5)


def test_a_single_upsert_does_not_write_the_vectors_of_others_again(words_rt, folder):
    index = words_rt.index(
        ({"id": str(n), "text": f"tale number {n} of many"} for n in range(2000)), at=folder
    )
    data = folder / "metier_chunks.lance" / "data"
    before = set(data.iterdir())
    for number in range(10):
        index.add([{"id": "ant", "text": f"the ant in winter {number}"}])
    written = set(data.iterdir()) - before
    assert sum(path.stat().st_size for path in written) < 2000 * 256 * 2 / 10


@POSIX
def test_a_reader_keeps_its_version_however_much_room_others_need(words_rt, folder, little_room):
    index, reader = words_rt.index(TALES, at=folder), words_rt.index(at=folder)
    with reader._store.snapshot():
        before = reader.search("the fox and the crow")
        for number in range(30):
            index.add([{"id": "fox", "text": f"the fox {number} and the sour grapes"}])
        during = versions(folder)
        assert reader.search("the fox and the crow") == before
        assert before[0].text == "the fox and the sour grapes"
    assert during > 30
    index.add([{"id": "fox", "text": "the fox and the sour grapes again"}])
    assert versions(folder) < 5
    assert reader.search("the sour grapes", top_k=1)[0].text.endswith("again")


READER = """
import sys
from metier import Runtime
from metier.testing.fakes import FakeEmbedder
index = Runtime(FakeEmbedder(), plugins=[], progress=False).index(at=sys.argv[1])
with index._store.snapshot():
    print(len(index), flush=True)
    sys.stdin.readline()
    print([hit.document_id for hit in index.search("sour grapes")])
"""


@POSIX
def test_a_reader_in_another_process_keeps_its_version(words_rt, folder, little_room):
    index = words_rt.index(TALES, at=folder)
    running = subprocess.Popen(
        [sys.executable, "-c", READER, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout.readline() == "3\n"
    for number in range(30):
        index.add([{"id": "ant", "text": f"the ant in winter {number}"}])
    assert versions(folder) > 30
    assert running.communicate("go on\n") == ("['fox', 'hare', 'crow']\n", "")
    index.remove(["crow", "hare"])
    assert versions(folder) < 5
    assert sorted(ids(index.search("tale"))) == ["ant", "fox"]


HOUR = timedelta(hours=1)
NOW = datetime(2024, 5, 6, 12)


@pytest.mark.parametrize(
    ("hours", "kept"),
    [
        ([0.5, 0.1], 0),  # both were replaced, or written, a moment ago
        ([300, 0.1], 0),  # the first is old, but was the last one until a moment ago
        ([300, 2, 0.1], 1),
        ([5, 4, 3], 2),
        ([5, 4, 0.5, 0.1], 1),
        ([5], 0),
        ([], 0),
    ],
)
def test_a_version_stays_for_a_while_after_it_was_replaced(hours, kept):
    made = [NOW - hour * HOUR for hour in hours]
    age = age_to_remove(made, HOUR, NOW)
    left = made if age is None else [time for time in made if time >= NOW - age]
    assert left == made[kept:]
