"""What plugin authors test with. Nothing here is needed to run metier.

Everything public is importable from here and loaded when it is first used, so that pytest, which
imports the plugin in this package whenever it starts, starts as fast as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.lazy_names import lazy_names

if TYPE_CHECKING:
    from metier.testing.checkpoints import write_encoder, write_qwen3_embedder, write_qwen3_reranker
    from metier.testing.conformance.pytest_case import PluginConformance
    from metier.testing.distributions import write_plugin
    from metier.testing.fakes import FakeEmbedder, FakeReranker

_HOMES = {
    "FakeEmbedder": "metier.testing.fakes",
    "FakeReranker": "metier.testing.fakes",
    "PluginConformance": "metier.testing.conformance.pytest_case",
    "write_encoder": "metier.testing.checkpoints",
    "write_plugin": "metier.testing.distributions",
    "write_qwen3_embedder": "metier.testing.checkpoints",
    "write_qwen3_reranker": "metier.testing.checkpoints",
}

__all__ = [
    "FakeEmbedder",
    "FakeReranker",
    "PluginConformance",
    "write_encoder",
    "write_plugin",
    "write_qwen3_embedder",
    "write_qwen3_reranker",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
