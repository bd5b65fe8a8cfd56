"""Paths that begin with a home."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier import Runtime, VectorCache
from metier.domains.core.flag import flag
from metier.errors import UsageError
from metier.folders import expanded
from metier.models.locate import find_model
from metier.steps.searching import SearchResult
from metier.testing import FakeEmbedder

NOBODY = "~nobody-of-that-name/x"


def test_a_tilde_is_the_home_and_any_other_path_is_as_it_was(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expanded("~/a") == tmp_path / "a"
    assert expanded(Path("a/~")) == Path("a/~")


DOORS = {
    "model": lambda: find_model(NOBODY, role="embedder"),
    "model as a Path": lambda: Runtime(Path(NOBODY)),
    "pack": lambda: Runtime(packs=[NOBODY]),
    "cache": lambda: VectorCache(NOBODY),
    "result": lambda: SearchResult(query="a", noun="texts", searched=0, hits=()).save(NOBODY),
    "workflow": lambda: flag(Runtime(FakeEmbedder()), ["a"], taxonomy=NOBODY),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_home_of_nobody_is_refused_by_name_wherever_a_path_is_taken(
    door, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no home folder '~nobody-of-that-name'"):
        DOORS[door]()
    assert list(tmp_path.iterdir()) == []
