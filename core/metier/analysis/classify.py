"""Classes of vectors by the nearest label text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

_SCALE = 20.0
"""How sharply cosines are told apart: what sentence encoders are trained with (1 / 0.05)."""


def label_shares(texts: Matrix, labels: Matrix) -> npt.NDArray[np.float64]:
    """How much speaks for each label: the softmax of the cosines, sharpened.

    A share orders the labels of a text. It is no probability: nothing was fitted to it.

    Args:
        texts: (n, dim) unit rows.
        labels: (k, dim) unit rows, one for each label.

    Returns:
        (n, k) float64; rows sum to 1.
    """
    cosines = (texts @ labels.T).astype(np.float64)
    raised = np.exp(_SCALE * (cosines - cosines.max(axis=1, keepdims=True)))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
