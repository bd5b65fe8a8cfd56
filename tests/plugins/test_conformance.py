"""The plugins that ship conform, with no excuse."""

from __future__ import annotations

import pytest

from metier.testing import PluginConformance
from metier.testing.conformance.subject import Subject


class TestFinance(PluginConformance):
    plugin = "finance"


class TestHealthcare(PluginConformance):
    plugin = "healthcare"


class TestCode(PluginConformance):
    plugin = "code"


class TestLegal(PluginConformance):
    plugin = "legal"


@pytest.mark.parametrize("name", ["finance", "healthcare", "code", "legal"])
def test_nothing_is_excused(name):
    assert Subject.named(name).excuses == {}
