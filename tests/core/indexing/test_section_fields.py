"""Fields that a splitter gives to sections: in hits, in conditions, and when they change."""

from __future__ import annotations

import pytest

from metier import Section, field
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
