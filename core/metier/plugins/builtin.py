"""What metier itself brings, through the same hooks as everyone else."""

from __future__ import annotations

from collections.abc import Iterable

from metier.models.families import builtin_families
from metier.models.family import ModelFamily
from metier.plugins.hookspecs import hookimpl
from metier.texts.reader import Reader
from metier.texts.readers import builtin_readers


@hookimpl
def metier_model_families() -> Iterable[ModelFamily]:
    """Qwen3 and encoders in sentence-transformers layout."""
    return builtin_families()


@hookimpl
def metier_readers() -> Iterable[Reader]:
    """txt, md, csv, tsv, jsonl, ndjson and parquet."""
    return builtin_readers()
