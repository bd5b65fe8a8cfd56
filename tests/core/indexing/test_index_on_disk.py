"""Indexes on disk: what they can be opened with, and what building them again does."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.core.indexing.tales import TALES, files, ids

from metier import Runtime, field
from metier.errors import (
    InputError,
    MetierError,
    MetierWarning,
    ModelError,
    UnknownNameError,
    UsageError,
)
from metier.registry.instruction import Instruction
from metier.testing.fakes import FakeEmbedder
from metier.texts.checks import lone_surrogate

FIND = Instruction(id="find", task="Find the tale that is meant", kind="retrieval", domain="mine")


def test_an_index_is_the_same_when_it_is_opened_again(words_rt, folder):
    built = words_rt.index(TALES, at=folder)
    opened = words_rt.index(at=str(folder))
    assert (len(opened), opened.path) == (3, str(folder))
    assert opened.search("sour grapes") == built.search("sour grapes")
    assert ids(opened.search("the race", top_k=1)) == ["hare"]
    assert ids(opened.search("tale", where=field("year") < 1700)) == ids(
        built.search("tale", where=field("year") < 1700)
    )


def test_an_index_on_disk_finds_what_one_in_memory_finds(words_rt, folder):
    on_disk, in_memory = words_rt.index(TALES, at=folder), words_rt.index(TALES)
    for query in ("sour grapes", "cheese in a beak", "lost"):
        pairs = zip(on_disk.search(query), in_memory.search(query), strict=True)
        for hit, other in pairs:
            assert (hit.id, hit.text, hit.fields) == (other.id, other.text, other.fields)
            assert hit.score == pytest.approx(other.score, abs=2e-3)


def test_building_again_updates_the_index(words_rt, folder):
    words_rt.index(TALES, at=folder)
    index = words_rt.index([TALES[0], {"id": "ant", "text": "the ant in winter"}], at=folder)
    assert sorted(ids(index.search("tale"))) == ["ant", "fox"]
    index.add(TALES[2:], source="more")
    assert len(words_rt.index(at=folder)) == 3
    index.remove(["fox"])
    assert sorted(ids(words_rt.index(at=folder).search("tale"))) == ["ant", "hare"]


def test_opening_needs_an_index_or_documents(words_rt, folder):
    with pytest.raises(UsageError, match="There is no index at"):
        words_rt.index(at=folder)
    with pytest.raises(UsageError, match="cannot be rebuilt without documents"):
        words_rt.index(at=folder, rebuild=True)
    assert not folder.exists()


def test_another_model_dim_or_chunking_is_an_error_that_lists_the_differences(words_rt, folder):
    words_rt.index(TALES, at=folder)
    other = Runtime(FakeEmbedder(dim=64, seed=5), plugins=[], progress=False)
    with pytest.raises(UsageError) as refused:
        other.index(TALES, at=folder, dim=32, max_tokens=100, overlap=10, instruction=FIND)
    message = str(refused.value)
    old, new = words_rt.embedder.fingerprint, other.embedder.fingerprint
    assert f"model: fake-embedder (fingerprint {old}, revision fake-1), now" in message
    for part in (new, "dim: 256, now 32", "max_tokens: 512, now 100", "overlap: 0, now 10"):
        assert part in message
    assert f"instruction: none, now mine/find@1 (content {FIND.digest})" in message
    assert "rebuild=True" in message
    assert len(words_rt.index(at=folder)) == 3


@pytest.mark.parametrize(
    ("arguments", "difference"),
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
def test_each_argument_that_differs_is_listed_when_building_and_when_opening(
    words_rt, folder, tmp_path, arguments, difference
):
    pack = tmp_path / "trade.yaml"
    pack.write_text("schema: 1\ndomain: trade\ntitle: Trade\n")
    rt = Runtime(words_rt.embedder, plugins=[], packs=[pack], progress=False)
    rt.index(TALES, at=folder)
    for documents in (None, TALES):
        with pytest.raises(UsageError, match="made with other settings") as refused:
            rt.index(documents, at=folder, **arguments)
        (line,) = refused.value.why.splitlines()
        assert difference in line
    same = {"domain": "core", "dim": 256, "max_tokens": 512, "overlap": 0}
    assert len(rt.index(at=folder, **same)) == 3
    assert len(rt.index(TALES, at=folder, rebuild=True, **arguments)) == 3


def test_an_index_of_an_unknown_domain_is_not_opened(words_rt, folder, tmp_path):
    pack = tmp_path / "trade.yaml"
    pack.write_text("schema: 1\ndomain: trade\ntitle: Trade\n")
    rt = Runtime(words_rt.embedder, plugins=[], packs=[pack], progress=False)
    rt.index(TALES, at=folder, domain="trade")
    assert rt.index(at=folder).manifest.domain == "trade"
    with pytest.raises(UsageError, match="made for the domain 'trade', which is not known"):
        words_rt.index(at=folder)


def test_rebuild_replaces_the_index(words_rt, folder):
    words_rt.index(TALES, at=folder)
    other = Runtime(FakeEmbedder(dim=64), plugins=[], progress=False)
    index = other.index(TALES[:1], at=folder, rebuild=True)
    assert (len(index), index.manifest.provenance.dim) == (1, 64)
    with pytest.raises(UsageError, match="dim: 64, now 256"):
        words_rt.index(at=folder, dim=256)


def test_a_failed_rebuild_leaves_the_index_as_it_was(words_rt, folder):
    words_rt.index(TALES, at=folder)
    with pytest.raises(InputError, match="row 2"):
        words_rt.index([{"text": "good"}, {"text": ""}], at=folder, rebuild=True)
    assert sorted(ids(words_rt.index(at=folder).search("tale"))) == ["crow", "fox", "hare"]


@pytest.mark.parametrize("wrong", [{"dim": 999}, {"max_tokens": 3}])
def test_arguments_that_cannot_be_used_leave_the_index_as_it_was(words_rt, folder, wrong):
    with pytest.raises(MetierError):
        words_rt.index(TALES, at=folder, **wrong)
    assert not folder.exists()
    words_rt.index(TALES, at=folder)
    before = files(folder)
    with pytest.raises(MetierError):
        words_rt.index(TALES, at=folder, rebuild=True, **wrong)
    assert files(folder) == before


def test_a_field_that_is_not_valid_unicode_is_kept_as_valid_text(words_rt, folder):
    bad = {"note": "\ud800", "no\ud800te": 1, "notes": ["a\ud800", {"b": "\ud800"}]}
    for at in (folder, None):
        index = words_rt.index([{**TALES[0], **bad}], at=at)
        (hit,) = index.search(TALES[0]["text"], top_k=1)
        assert hit.fields["note"] == "\N{REPLACEMENT CHARACTER}"
        assert hit.fields["no\N{REPLACEMENT CHARACTER}te"] == 1
        assert lone_surrogate(str(hit.fields["notes"])) is None


def test_the_name_of_a_source_is_kept_as_valid_text(words_rt, folder):
    index = words_rt.index(TALES, at=folder, source="caf\udce9.csv")
    assert list(index.info().sources) == ["caf\\udce9.csv"]


def test_an_index_is_opened_with_its_own_instruction(words_rt, folder, tmp_path):
    pack = tmp_path / "mine.yaml"
    text = (
        "schema: 1\ndomain: mine\ntitle: Mine\n"
        "instructions:\n  - {id: find, task: %s, kind: retrieval}\n"
    )
    pack.write_text(text % FIND.task)
    rt = Runtime(words_rt.embedder, plugins=[], packs=[pack], progress=False)
    built = rt.index(TALES, at=folder, instruction="mine/find")
    opened = rt.index(at=folder)
    assert opened.manifest.provenance.instruction == "mine/find@1"
    assert opened.manifest.domain == "mine"
    assert opened.search("grapes") == built.search("grapes")
    with pytest.raises(UsageError, match="'mine/find@1', which is not known here"):
        words_rt.index(at=folder)
    pack.write_text(text % "Find a tale by its animal")
    changed = Runtime(words_rt.embedder, plugins=[], packs=[pack], progress=False)
    with pytest.raises(UsageError, match=r"instruction: mine/find@1 \(content \w+\), now"):
        changed.index(at=folder)


def test_an_unknown_domain_is_an_error(words_rt):
    with pytest.raises(UnknownNameError, match="no domain 'lgal'"):
        words_rt.index(TALES, domain="lgal")


def test_the_manifest_holds_the_model_and_the_settings(words_rt, folder):
    info = words_rt.index(TALES, at=folder, source="tales.csv").info()
    assert (info.documents, info.chunks, dict(info.sources)) == (3, 3, {"tales.csv": 3})
    content = json.loads(json.dumps(info.to_dict()))
    assert content["manifest"]["provenance"]["fingerprint"] == words_rt.embedder.fingerprint
    assert content["manifest"]["revision"] == "fake-1"
    assert content["manifest"]["chunking"]["max_tokens"] == 512
    assert content["manifest"]["terms"] == {"terms": "words", "language": "english"}
    assert content["search"] == "exact: all 256 dimensions of every vector"


def test_an_index_of_a_newer_version_is_an_error_that_says_so(words_rt, folder, monkeypatch):
    words_rt.index(TALES, at=folder)
    monkeypatch.setattr("metier.indexing.manifest.SCHEMA", 0)
    with pytest.raises(InputError, match=r"schema \d, and this version of metier reads up to 0"):
        words_rt.index(at=folder)


def test_a_long_document_is_cut_and_found_by_its_best_chunk(words_rt, folder):
    pages = [
        f"Page {number} tells of {animal}s. " * 6
        for number, animal in enumerate(("fox", "owl", "hare"))
    ]
    text = "\n\n".join(pages)
    index = words_rt.index([{"id": "book", "text": text}], at=folder, max_tokens=64)
    assert len(index) >= 3
    (hit,) = index.search("owls")
    assert text[hit.start : hit.end] == hit.text
    assert "owls" in hit.text
    edited = text.replace("tells of hares", "tells of hounds")
    report = index.update([{"id": "book", "text": edited}])
    assert report.kept >= 1
    assert report.embedded < len(index)


def test_a_rebuild_that_fails_on_the_way_says_that_the_old_index_is_gone(words_rt, folder):
    words_rt.index(TALES, at=folder)
    documents = [{"id": str(n), "text": f"tale {n}"} for n in range(2000)]
    with pytest.raises(InputError, match="held before was removed for the rebuilding") as failed:
        words_rt.index(iter([*documents, {"id": "bad", "text": ""}]), at=folder, rebuild=True)
    assert "without rebuild=True" in str(failed.value)
    assert "1024 chunks were added" in str(failed.value)
    report = words_rt.index(documents, at=folder).update(documents)
    assert (report.kept, report.removed) == (2000, 0)


def test_an_index_whose_rebuild_failed_at_once_says_that_documents_are_missing(words_rt, folder):
    class Failing(FakeEmbedder):
        def embed(self, texts, *, prompt, dim, progress):
            raise ModelError("The memory is full.")

    words_rt.index(TALES, at=folder)
    with pytest.raises(ModelError, match="held before was removed for the rebuilding"):
        Runtime(Failing(), plugins=[], progress=False).index(TALES, at=folder, rebuild=True)
    emptied = words_rt.index(at=folder)
    with pytest.warns(MetierWarning, match="Not all documents of the input are in the index"):
        assert emptied.search("fox") == []
    words_rt.index(TALES, at=folder)
    assert len(emptied.search("fox")) == 3


def test_vectors_with_nan_are_refused(words_rt, folder):
    class Broken(FakeEmbedder):
        def embed(self, texts, *, prompt, dim, progress):
            result = super().embed(texts, prompt=prompt, dim=dim, progress=progress)
            result.vectors[[text == "the ant in winter" for text in texts]] = np.nan
            return result

    words_rt.index(TALES, at=folder)
    broken = Runtime(Broken(), plugins=[], progress=False).index(at=folder)
    with pytest.raises(ModelError, match="the document 'ant' contains NaN"):
        broken.add([{"id": "bee", "text": "the bee"}, {"id": "ant", "text": "the ant in winter"}])
    assert len(broken) == 3


@pytest.mark.parametrize(
    "arguments",
    [{}, {"dim": 128}, {"dim": 999}, {"max_tokens": 10_000}, {"instruction": FIND}],
    ids=["nothing", "dim", "large dim", "max_tokens", "instruction"],
)
def test_an_index_of_another_model_is_refused_for_its_model_first(words_rt, folder, arguments):
    words_rt.index(TALES, at=folder, instruction=FIND)
    small = Runtime(FakeEmbedder(dim=64, seed=5), plugins=[], progress=False)
    for documents in (None, TALES):
        with pytest.raises(UsageError, match="made with other settings") as refused:
            small.index(documents, at=folder, **arguments)
        assert refused.value.why.startswith("model: fake-embedder (fingerprint ")
        assert refused.value.code == "index-mismatch"
        assert "at most" not in str(refused.value)


def test_differences_are_listed_from_model_to_splitter(words_rt, folder):
    words_rt.index(TALES, at=folder)
    small = Runtime(FakeEmbedder(dim=64, seed=5), plugins=[], progress=False)
    with pytest.raises(UsageError) as refused:
        small.index(at=folder, dim=32, instruction=FIND, splitter=lambda text, name: [])
    names = [line.split(":")[0] for line in refused.value.why.splitlines()]
    assert names == ["model", "instruction", "dim", "chunking, splitter"]
