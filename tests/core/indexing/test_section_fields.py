"""Fields that a splitter gives to sections: in hits, in conditions, and when they change."""

from __future__ import annotations

import numpy as np
import pytest

from metier import Section, VectorCache, field
from metier.errors import InputError

PLAYS = [
    {
        "id": "storm",
        "text": "ANN: the ship is lost\nBEN: we shall swim\nANN: hold the mast",
        "year": 1611,
        "kind": "play",
    },
    {"id": "letter", "text": "the ship came home", "year": 1620, "kind": "letter"},
]


class Speeches:
    """Divides a play into speeches, whose fields name the speaker."""

    def __init__(self, **fields: object) -> None:
        self.fields = fields

    def __call__(self, text, name):
        start = 0
        for line in text.splitlines(keepends=True) if ": " in text else []:
            end = start + len(line)
            speaker = line.partition(":")[0]
            yield Section(start, end, (speaker,), {"speaker": speaker, **self.fields})
            start = end


@pytest.fixture(params=["memory", "disk"])
def at(request, tmp_path):
    return None if request.param == "memory" else tmp_path / "plays"


def test_hits_have_the_fields_of_their_section_above_those_of_the_document(words_rt, at):
    index = words_rt.index(PLAYS, at=at, splitter=Speeches(kind="speech"))
    storm, letter = index.search("ship", top_k=2)
    assert {storm.document_id, letter.document_id} == {"storm", "letter"}
    fields = {hit.document_id: dict(hit.fields) for hit in (storm, letter)}
    assert fields == {
        "storm": {"year": 1611, "kind": "speech", "speaker": "ANN"},
        "letter": {"year": 1620, "kind": "letter"},
    }
    assert index.fields() == ["kind", "speaker", "year"]


def test_conditions_compare_the_fields_of_sections(words_rt, at):
    index = words_rt.index(PLAYS, at=at, splitter=Speeches(kind="speech"))

    def texts(where):
        return [hit.text for hit in index.search("ship", where=where)]

    assert texts(field("speaker") == "BEN") == ["BEN: we shall swim"]
    assert texts(~field("speaker").is_present()) == ["the ship came home"]
    assert texts(field("kind") == "play") == []
    assert len(texts((field("kind") == "speech") & (field("year") < 1620))) == 1


def test_fields_that_change_relabel_and_embed_nothing(words_rt, at):
    speeches = Speeches(act=1)
    index = words_rt.index(PLAYS, at=at, splitter=speeches)
    before = index.search("swim", top_k=1)
    speeches.fields["act"] = 2
    report = index.update(PLAYS)
    assert (report.embedded, report.kept, report.removed, report.relabeled) == (0, 4, 0, 3)
    after = index.search("swim", top_k=1)
    assert [hit.fields["act"] for hit in (*before, *after)] == [1, 2]
    assert [hit.id for hit in before] == [hit.id for hit in after]
    assert index.verify().is_intact


def test_a_document_that_stays_whole_has_the_fields_of_its_only_section(words_rt, at):
    only = words_rt.index([{"id": "a", "text": "ANN: alone"}], at=at, splitter=Speeches())
    (hit,) = only.search("alone")
    assert (hit.text, hit.fields) == ("ANN: alone", {"speaker": "ANN"})


def test_a_field_of_a_section_that_cannot_be_kept_is_named(words_rt, at):
    with pytest.raises(InputError, match="field 'act' of the document 'storm' cannot be kept"):
        words_rt.index(PLAYS, at=at, splitter=Speeches(act=b"\x01"))


def test_a_search_for_parts_finds_each_of_them_once(words_rt, at):
    long = [{"id": "play", "text": f"ANN: the ship{' is lost' * 80}\nBEN: no ship\nANN: ship ahoy"}]
    index = words_rt.index(long, at=at, splitter=Speeches(), max_tokens=60)
    assert len(index) > 3  # the first speech is several chunks
    assert [hit.document_id for hit in index.search("ship")] == ["play"]
    hits = index.search("ship", parts=["speaker"])
    assert sorted(hit.fields["speaker"] for hit in hits) == ["ANN", "BEN"]
    assert [hit.rank for hit in hits] == [1, 2]
    assert len(index.search("ship", parts=["speaker"], top_k=1)) == 1


def test_contents_are_chunks_in_order_with_the_vectors_of_their_texts(words_rt, at):
    index = words_rt.index(PLAYS, at=at, splitter=Speeches())
    contents = index.contents()
    assert [chunk.chunk.text for chunk in contents.chunks] == [
        "the ship came home",
        "ANN: the ship is lost",
        "BEN: we shall swim",
        "ANN: hold the mast",
    ]
    embedded = words_rt.embed_documents([chunk.chunk.content for chunk in contents.chunks])
    np.testing.assert_allclose(contents.vectors, embedded, atol=2e-3)
    assert contents.vectors.provenance == index.manifest.provenance
    by_ben = index.contents(field("speaker") == "BEN")
    assert [chunk.fields["speaker"] for chunk in by_ben.chunks] == ["BEN"]
    assert by_ben.vectors.shape == (1, contents.vectors.shape[1])
    assert index.contents(field("speaker") == "EVE").vectors.shape == (0, contents.vectors.shape[1])


def test_vectors_of_a_cache_of_its_own_are_recalled(words_rt, at, tmp_path):
    cache = VectorCache(tmp_path / "vectors")
    rt = words_rt.with_engine(words_rt.engine.caching(cache))
    index = rt.index(PLAYS[:1], at=at, splitter=Speeches())
    moved = [{**PLAYS[0], "id": "tempest"}]
    report = index.update(moved)
    assert (report.embedded, report.recalled, report.removed) == (3, 3, 3)
    assert cache.info().entries == 3
