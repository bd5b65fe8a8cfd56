"""A model is compared with what it gave before, as closely as its number format allows."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tests.core.diagnosis.fixed_models import FixedEmbedder

from metier.diagnosis.recorded_values import data_home, recorded_vector_check
from metier.folders import user_folder


def pointing(off, dtype):
    """An embedder whose vectors are all turned by 1 - cos = `off`."""

    def vectors(texts, side):
        angles = np.array([len(text) / 10 for text in texts]) + math.acos(1 - off)
        return np.stack([np.cos(angles), np.sin(angles), 0 * angles, 0 * angles], axis=1)

    return FixedEmbedder(
        vectors,
        dtype=dtype,
        finishing=lambda full, dim: full[:, :dim].astype(np.float32),
    )


@pytest.mark.parametrize(
    ("then", "now", "off", "status"),
    [
        ("float32", "float32", 0, "pass"),
        ("float32", "float32", 5e-7, "pass"),
        ("float32", "float32", 2e-6, "fail"),
        ("float32", "float32", 1e-4, "fail"),
        ("float32", "float16", 9e-4, "pass"),
        ("float32", "float16", 1.1e-3, "fail"),
        ("bfloat16", "float32", 1.9e-3, "pass"),
        ("bfloat16", "float32", 2.1e-3, "fail"),
        ("bfloat16", "int8", 9e-3, "pass"),
        ("int8", "int8", 1.1e-2, "fail"),
    ],
)
def test_vectors_may_turn_by_no_more_than_the_coarser_format_explains(home, then, now, off, status):
    first = recorded_vector_check(pointing(0, then), home, name="mine", record=False)
    later = recorded_vector_check(pointing(off, now), home, name="mine", record=False)

    assert first.status == "skip"
    assert later.status == status
    assert f"record in {then}" in later.detail


def test_numbers_that_are_none_are_told(home):
    recorded_vector_check(pointing(0, "float32"), home, name="mine", record=False)
    broken = FixedEmbedder(
        lambda texts, side: np.full((len(texts), 4), np.nan), finishing=lambda full, dim: full
    )
    assert recorded_vector_check(broken, home, name="mine", record=False).status == "fail"


def test_a_damaged_note_of_a_name_is_written_anew(home):
    model = pointing(0, "float32")
    recorded_vector_check(model, home, name="mine", record=False)
    (note,) = (home / "golden" / "names").iterdir()
    whole = note.read_bytes()

    note.write_text("{")
    assert recorded_vector_check(model, home, name="mine", record=False).status == "pass"
    assert note.read_bytes() == whole


def test_what_is_kept_goes_where_the_user_says_else_among_the_users_data(monkeypatch):
    monkeypatch.setenv("METIER_HOME", "kept")
    assert data_home() == Path("kept")
    monkeypatch.delenv("METIER_HOME")
    assert data_home() == user_folder("data")
