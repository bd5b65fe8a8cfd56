"""Handles of an index that was rebuilt after they were opened: what they refuse, and what not."""

from __future__ import annotations

import pytest
from tests.core.indexing.tales import TALES, files, ids, python

from metier import Runtime, field
from metier.errors import InputError, UsageError
from metier.registry.instruction import Instruction
from metier.testing.fakes import FakeEmbedder

FIND = Instruction(id="find", task="Find the tale that is meant", kind="retrieval", domain="core")
ANT = [{"id": "ant", "text": "the ant in winter"}]

WRITES = {
    "add": lambda index: index.add(ANT),
    "update": lambda index: index.update(ANT),
    "relabel": lambda index: index.add([{**TALES[0], "year": 1999}]),
    "remove": lambda index: index.remove(["fox"]),
    "drop": lambda index: index.drop(),
}


def by_half(text: str, name: str) -> list[object]:
    """A splitter that divides nothing, but is another one than none."""
    return []


@pytest.fixture
def other_rt():
    return Runtime(FakeEmbedder(dim=64, seed=5), plugins=[], progress=False)


def handles(rt, folder) -> dict[str, object]:
    """A handle of a new index for each write."""
    rt.index(TALES, at=folder)
    return {name: rt.index(at=folder) for name in WRITES}


def test_a_handle_refuses_every_write_after_another_model_rebuilt_the_index(
    words_rt, other_rt, folder
):
    indexes = handles(words_rt, folder)
    other_rt.index(TALES, at=folder, rebuild=True)
    before = files(folder)
    for name, index in indexes.items():
        with pytest.raises(UsageError, match="rebuilt with other settings after it was") as refused:
            WRITES[name](index)
        assert (refused.value.code, files(folder)) == ("index-mismatch", before), name
    old, new = words_rt.embedder.fingerprint, other_rt.embedder.fingerprint
    model, *rest = refused.value.why.splitlines()
    assert model.startswith("model: ")
    assert f"fingerprint {old}" in model.split(", now ")[0]
    assert f"fingerprint {new}" in model.split(", now ")[1]
    assert rest == ["dim: 256, now 64"]
    with pytest.raises(UsageError, match="cannot be compared"):
        index.search("grapes")
    with pytest.raises(UsageError, match="cannot be compared"):
        index.search("grapes", dim=200)  # not for its dim, which the other model lacks


@pytest.mark.parametrize(
    ("arguments", "difference"),
    [
        ({"dim": 128}, "dim: 256, now 128"),
        ({"instruction": FIND}, "instruction: none, now core/find@1"),
        ({"max_tokens": 100}, "max_tokens: 512, now 100"),
        ({"overlap": 5}, "overlap: 0, now 5"),
        ({"splitter": by_half}, "splitter: none, now "),
    ],
    ids=["dim", "instruction", "max_tokens", "overlap", "splitter"],
)
def test_a_handle_refuses_every_write_after_a_rebuild_with_other_settings(
    words_rt, folder, arguments, difference
):
    indexes = handles(words_rt, folder)
    words_rt.index(TALES, at=folder, rebuild=True, **arguments)
    before = files(folder)
    for name, index in indexes.items():
        with pytest.raises(UsageError, match="rebuilt with other settings") as refused:
            WRITES[name](index)
        assert difference in refused.value.why
        assert files(folder) == before, name


def test_a_handle_goes_on_after_a_rebuild_with_the_same_settings(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    words_rt.index(TALES[:2], at=folder, rebuild=True)
    index.add(ANT)
    assert index.remove(["crow"]) == 1
    assert sorted(ids(words_rt.index(at=folder).search("tale"))) == ["ant", "fox"]
    assert index.search("winter", where=field("year").is_present()) != []


REBUILDER = """
import sys
from metier import Runtime
from metier.testing.fakes import FakeEmbedder
rt = Runtime(FakeEmbedder(dim=64, seed=5), plugins=[], progress=False)
rt.index([{"id": "owl", "text": "the owl at night"}], at=sys.argv[1], rebuild=True)
"""


def test_a_handle_refuses_a_write_after_another_process_rebuilt_the_index(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    running = python(REBUILDER, folder)
    assert running.communicate() == ("", "")
    before = files(folder)
    with pytest.raises(UsageError, match="rebuilt with other settings"):
        index.add(ANT)
    assert files(folder) == before


class Rebuilding(FakeEmbedder):
    """Lets another model rebuild the index when it embeds a text."""

    rebuild = None

    def embed(self, texts, **options):
        if self.rebuild is not None:
            self.rebuild()
        return super().embed(texts, **options)


@pytest.mark.parametrize("dim", [64, 256])
def test_a_write_is_refused_when_the_index_is_rebuilt_while_it_embeds(folder, dim):
    embedder = Rebuilding()
    index = Runtime(embedder, plugins=[], progress=False).index(TALES, at=folder)
    other = Runtime(FakeEmbedder(dim=dim), plugins=[], progress=False)
    embedder.rebuild = lambda: other.index(TALES[:2], at=folder, rebuild=True)
    with pytest.raises(UsageError, match="was rebuilt while it was written"):
        index.add(ANT)
    assert sorted(ids(other.index(at=folder).search("tale"))) == ["crow", "fox"]


@pytest.mark.parametrize("step", ["opening", "committing"])
def test_a_write_that_a_rebuild_overtakes_ends_in_an_error_and_leaves_the_new_index_whole(
    words_rt, other_rt, folder, monkeypatch, step
):
    index = words_rt.index(TALES, at=folder)
    owner, name = {
        "opening": (index._store._tables, "upsert"),
        "committing": (index._store._short, "add_to"),  # the table is open by then
    }[step]
    go_on = getattr(owner, name)

    def rebuild_first(*arguments):
        monkeypatch.undo()
        other_rt.index(TALES[:2], at=folder, rebuild=True)
        return go_on(*arguments)

    monkeypatch.setattr(owner, name, rebuild_first)
    with pytest.raises(UsageError, match="was rebuilt while it was written"):
        index.add(ANT)
    opened = other_rt.index(at=folder)
    assert sorted(ids(opened.search("tale"))) == ["crow", "fox"]
    opened.add(ANT)
    assert len(other_rt.index(at=folder)) == 3
    assert len(list(folder.glob("metier_chunks*"))) == 1


def test_a_handle_of_a_dropped_index_says_that_it_is_gone(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    words_rt.index(at=folder).drop()
    for write in (WRITES["add"], WRITES["update"], WRITES["remove"]):
        with pytest.raises(InputError, match="dropped or rebuilt the index"):
            write(index)
    index.drop()  # it is dropped
    assert not folder.exists()


def test_an_index_refuses_writes_of_a_model_that_changed_since(folder):
    for at in (None, folder):
        embedder = FakeEmbedder()
        index = Runtime(embedder, plugins=[], progress=False).index(TALES, at=at)
        embedder.fingerprint = "of other weights"
        for write in (WRITES["add"], WRITES["update"], WRITES["remove"]):
            with pytest.raises(UsageError, match="cannot be compared"):
                write(index)
        assert len(index) == 3
