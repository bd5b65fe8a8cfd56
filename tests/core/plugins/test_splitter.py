"""The splitter that a domain declares: imported at first use, and what indexes are cut with."""

from __future__ import annotations

import sys

import pytest
from tests.core.testing.conforming import NAME, PACKAGE, install_conforming

from metier import Runtime
from metier.errors import PluginError, UnknownNameError, UsageError
from metier.testing import FakeEmbedder
from metier.texts.splitter import Section, undivided

CALLED = f"{PACKAGE}.work.sentences"
TOYS = [{"id": "toys", "text": "A bear of wood. A train of tin"}, {"id": "top", "text": "A top"}]


@pytest.fixture
def rt(installed) -> Runtime:
    install_conforming(installed)
    return Runtime(FakeEmbedder(), plugins=[NAME], progress=False)


def test_a_splitter_is_imported_when_it_is_asked_for(rt):
    assert f"{PACKAGE}.work" not in sys.modules
    splitter = rt.splitter(NAME)
    assert [one.end for one in splitter("One. Two.", "x.txt")] == [3, 8]
    assert rt.splitter("core") is None
    with pytest.raises(UnknownNameError):
        rt.splitter("acme-toy")


def test_an_index_of_the_domain_is_cut_by_it_and_remembers_it(rt):
    index = rt.index(TOYS, domain=NAME)
    assert len(index) == 3
    assert index.manifest.chunking["splitter"] == CALLED
    assert len(rt.index(TOYS, instruction=f"{NAME}/find")) == 3
    assert len(rt.index(TOYS)) == 2


def test_the_call_has_the_last_word(rt):
    def halves(text, name):
        yield from (Section(0, 2), Section(2, len(text)))

    assert len(rt.index(TOYS, domain=NAME, splitter=halves)) == 4
    whole = rt.index(TOYS, domain=NAME, splitter=undivided)
    assert len(whole) == 2
    assert whole.manifest.chunking["splitter"] == ""


def test_an_index_on_disk_goes_on_as_it_was_made(rt, tmp_path):
    pytest.importorskip("lancedb")
    rt.index(TOYS, domain=NAME, at=tmp_path / "divided")
    again = rt.index(at=tmp_path / "divided")
    done = again.update([*TOYS, {"id": "kite", "text": "A kite. A string"}])
    assert (done.kept, done.embedded, len(again)) == (3, 2, 5)
    rt.index(TOYS, domain=NAME, at=tmp_path / "whole", splitter=undivided)
    assert rt.index(TOYS, domain=NAME, at=tmp_path / "whole").manifest.chunking["splitter"] == ""
    with pytest.raises(UsageError, match="chunking, splitter"):
        rt.index(at=tmp_path / "divided", splitter=undivided)


def test_without_the_plugin_an_index_of_its_domain_is_refused(rt, tmp_path):
    pytest.importorskip("lancedb")
    rt.index(TOYS, domain=NAME, at=tmp_path / "index")
    alone = Runtime(FakeEmbedder(), plugins=[], progress=False)
    with pytest.raises(UsageError, match=f"for the domain '{NAME}', which is not known here"):
        alone.index(at=tmp_path / "index")
    assert [hit.document_id for hit in rt.index(at=tmp_path / "index").search("top", top_k=1)] == [
        "top"
    ]


def by_line(text, name):
    start = 0
    for line in text.splitlines(keepends=True):
        yield Section(start, start + len(line.rstrip()))
        start += len(line)


def test_an_index_is_not_written_without_the_splitter_that_it_was_given(rt, tmp_path):
    pytest.importorskip("lancedb")
    rt.index(TOYS, splitter=by_line, at=tmp_path / "index")
    opened = rt.index(at=tmp_path / "index")
    assert [hit.document_id for hit in opened.search("top", top_k=1)] == ["top"]
    with pytest.raises(
        UsageError, match=r"was made with the splitter .*by_line.*\n.*\n.*rebuild=True"
    ):
        opened.update(TOYS)


def test_a_pack_that_extends_the_domain_divides_as_it_does(installed, tmp_path):
    install_conforming(installed)
    pack = tmp_path / "ours.yaml"
    pack.write_text(f"schema: 1\ndomain: ours\ntitle: Our toys\nextends: {NAME}\n")
    rt = Runtime(FakeEmbedder(), plugins=[NAME], packs=[pack], progress=False)
    assert len(rt.index(TOYS, domain="ours")) == 3


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (f"{PACKAGE}.work:sentence", "Did you mean 'sentences'"),
        (f"{PACKAGE}.nothing:x", "cannot be imported"),
        ("os.path:split", "in its own package"),
        (f"{PACKAGE}.work:NUMBER", "is no function"),
    ],
)
def test_a_splitter_that_cannot_be_used_is_refused_with_its_plugin(installed, call, said):
    install_conforming(
        installed,
        (f"{PACKAGE}.work:sentences", call),
        ("import random\n", "import random\nNUMBER = 7\n"),
    )
    rt = Runtime(FakeEmbedder(), plugins=[NAME], progress=False)
    with pytest.raises(PluginError, match=said) as refused:
        rt.index(TOYS, domain=NAME)
    assert "metier-acme-toys" in str(refused.value)
