"""The samples and the sentences that the plugin ships are embedded once for all of its tests."""

from __future__ import annotations

import pytest

from metier import Runtime


@pytest.fixture(scope="session")
def rt(cached_rt: Runtime) -> Runtime:
    """The Runtime with a cache of vectors."""
    return cached_rt
