"""What metier itself brings, by the hooks that plugins use."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from metier import __version__
from metier.plugins.discovery import MANIFEST, OWN_DOMAIN, Plugin
from metier.plugins.hookspecs import hookimpl
from metier.registry.domain import Domain
from metier.registry.pack import load_domain

if TYPE_CHECKING:
    from metier.models.family import ModelFamily
    from metier.retrieval.stages.stage import SearchStage
    from metier.texts.reader import Reader

ITSELF = Plugin(name="=metier", module="metier", distribution="metier", version=__version__)
"""metier as a plugin of its own: under a name no entry point can have, always active."""


@hookimpl
def metier_domains() -> Iterable[Domain]:
    """The workflows that run with the instructions of any domain."""
    return [load_domain(Path(str(files("metier") / "domains" / OWN_DOMAIN / MANIFEST)))]


@hookimpl
def metier_model_families() -> Iterable[ModelFamily]:
    """Qwen3 and encoders in sentence-transformers layout."""
    from metier.models.builtin_families import builtin_families  # here: listings need none

    return builtin_families()


@hookimpl
def metier_readers() -> Iterable[Reader]:
    """txt, md, csv, tsv, jsonl, ndjson, parquet, html, pdf and docx."""
    from metier.texts.readers import builtin_readers

    return builtin_readers()


@hookimpl
def metier_search_stages() -> Iterable[SearchStage]:
    """dense, lexical, interaction, heading, aspect, feedback and rerank."""
    from metier.retrieval.stages.table import STAGES

    return STAGES.values()
