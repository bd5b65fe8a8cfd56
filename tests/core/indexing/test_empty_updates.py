"""Updates with no documents: refused unless they are meant, and the old index stays."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.core.indexing.tales import TALES, files, ids

from metier import Texts
from metier.errors import InputError


def used():
    """A generator of documents that was read to its end."""
    tales = (tale for tale in TALES)
    assert len(list(tales)) == 3
    return tales


NOTHING = {
    "list": list,
    "tuple": tuple,
    "frame": lambda: pd.DataFrame({"id": [], "text": []}),
    "column": lambda: pd.Series([], dtype=object),
    "texts": lambda: Texts([]),
    "generator": used,
    "iterator": lambda: iter([]),
}
nothings = pytest.mark.parametrize("nothing", NOTHING.values(), ids=NOTHING)


@nothings
@pytest.mark.parametrize("rebuild", [False, True], ids=["build", "rebuild"])
def test_no_documents_do_not_empty_an_index_on_disk(words_rt, folder, nothing, rebuild):
    index = words_rt.index(TALES, at=folder)
    before = files(folder)
    with pytest.raises(InputError) as refused:
        words_rt.index(nothing(), at=folder, rebuild=rebuild)
    assert refused.value.code == "no-texts"
    with pytest.raises(InputError):
        index.update(nothing())
    assert files(folder) == before
    assert len(index) == 3


@nothings
def test_no_documents_do_not_empty_an_index_in_memory(words_rt, nothing):
    index = words_rt.index(TALES)
    with pytest.raises(InputError):
        index.update(nothing())
    assert len(index) == 3
    assert index.info().unfinished == ()


def test_the_error_says_what_would_be_lost_and_how_to_say_that_it_is_meant(words_rt):
    index = words_rt.index(TALES, source="tales.csv")
    with pytest.raises(InputError, match=r"There are no documents in tales\.csv") as refused:
        index.update([], source="tales.csv")
    assert "lose all that it has of this source" in refused.value.why
    assert "allow_empty=True" in refused.value.fix


@nothings
def test_no_documents_that_are_meant_remove_those_of_their_source(words_rt, folder, nothing):
    for at in (None, folder):
        index = words_rt.index(TALES, at=at)
        index.add([{"id": "ant", "text": "the ant in winter"}], source="ants.csv")
        report = index.update(nothing(), source="the input", allow_empty=True)
        assert (report.documents, report.removed) == (0, 3)
        assert ids(index.search("tale")) == ["ant"]
        assert index.info().unfinished == ()


def test_an_index_on_disk_may_be_built_and_rebuilt_empty_on_purpose(words_rt, folder):
    with pytest.raises(InputError, match="There are no documents in the input"):
        words_rt.index([], at=folder)
    assert not folder.exists()
    assert len(words_rt.index([], at=folder, allow_empty=True)) == 0
    words_rt.index(TALES, at=folder)
    assert len(words_rt.index([], at=folder, rebuild=True, allow_empty=True)) == 0
    words_rt.index(TALES, at=folder)
    assert len(words_rt.index([], at=folder, allow_empty=True)) == 0


def test_adding_an_empty_list_changes_nothing(words_rt, folder):
    index = words_rt.index(TALES, at=folder)
    report = index.add([])
    assert (report.documents, report.embedded, report.removed, len(index)) == (0, 0, 0, 3)


def test_documents_are_written_though_none_of_them_is_new(words_rt):
    index = words_rt.index(TALES)
    report = index.update(iter(TALES))
    assert (report.documents, report.embedded, report.kept) == (3, 0, 3)
