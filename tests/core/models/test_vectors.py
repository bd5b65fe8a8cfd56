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
def test_rows_are_of_unit_length_or_zero(vectors, dim):
    norms = np.linalg.norm(slice_and_normalize(vectors, dim).astype(np.float64), axis=1)

    zero = ~vectors[:, :dim].any(axis=1)
    assert norms[~zero] == pytest.approx(1.0, abs=1e-6)
    assert (norms[zero] == 0).all()


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
