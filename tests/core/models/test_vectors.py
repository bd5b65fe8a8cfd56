import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metier.errors import DimError, ModelError
from metier.models.vectors import slice_and_normalize

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


def test_slice_comes_before_normalization():
    made = slice_and_normalize(np.array([[3.0, 4.0, 12.0]]), 2)

    assert made == pytest.approx(np.array([[0.6, 0.8]]))
    assert made.dtype == np.float32


@given(arrays(np.float32, (4, 6), elements=finite), st.integers(1, 6))
def test_rows_are_of_unit_length(vectors, dim):
    nonzero = vectors[vectors[:, :dim].any(axis=1)]

    norms = np.linalg.norm(slice_and_normalize(nonzero, dim).astype(np.float64), axis=1)

    assert norms == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("row", "dim"), [([0, 0, 0, 0], 4), ([0, 0, 0, 1], 3), ([-0.0] * 4, 2)])
def test_a_row_of_length_zero_is_refused_by_name(row, dim):
    vectors = np.ones((3, 4))
    vectors[2] = row

    with pytest.raises(ModelError, match="length zero for text 9"):
        slice_and_normalize(vectors, dim, rows=[5, 17, 9])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_that_is_not_finite_is_named(bad):
    vectors = np.ones((3, 4))
    vectors[1, 2] = bad

    with pytest.raises(ModelError, match="text 17"):
        slice_and_normalize(vectors, 4, rows=[5, 17, 9])
    assert slice_and_normalize(vectors, 2).shape == (3, 2), "what is sliced off does not count"


@pytest.mark.parametrize("dim", [0, -1, 5])
def test_a_dim_the_vectors_do_not_have_is_refused(dim):
    with pytest.raises(DimError, match="from 1 to 4"):
        slice_and_normalize(np.ones((1, 4)), dim)
