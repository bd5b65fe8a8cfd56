"""The domain of metier itself conforms as a plugin's does."""

from __future__ import annotations

from metier.testing import PluginConformance


class TestCore(PluginConformance):
    plugin = "core"
