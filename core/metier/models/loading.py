"""Loading the model that a user named, with the family that runs it. No torch in here."""

from __future__ import annotations

from collections.abc import Sequence

from metier.errors import CheckpointError
from metier.models.checkpoint import read_config
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions, ModelFamily, ModelSource
from metier.models.layout import MODULES, transformer_folder
from metier.models.model_lookup import Role, find_model
from metier.models.reranker import Reranker


def load_embedder(spec: str, options: LoadOptions, families: Sequence[ModelFamily]) -> Embedder:
    """Load the embedder a user named, with the first family that recognizes it.

    Raises:
        UnknownNameError, ModelNotFoundError, MissingExtraError: as `find_model`.
        CheckpointError: the folder is damaged, or no family runs it.
        ParameterError: the device or dtype asked for is not there.
    """
    source = find_model(spec, role="embedder")
    for family in families:
        if family.load_embedder is not None and family.recognizes(source):
            return family.load_embedder(source, options)
    raise _nobody_runs(source, "embedder", [f for f in families if f.load_embedder])


def load_reranker(spec: str, options: LoadOptions, families: Sequence[ModelFamily]) -> Reranker:
    """Load the reranker a user named, with the first family that recognizes it.

    Raises:
        As `load_embedder`; UsageError for the embedded model, which cannot rerank.
    """
    source = find_model(spec, role="reranker")
    for family in families:
        if family.load_reranker is not None and family.recognizes(source):
            return family.load_reranker(source, options)
    raise _nobody_runs(source, "reranker", [f for f in families if f.load_reranker])


def _nobody_runs(
    source: ModelSource, role: Role, families: Sequence[ModelFamily]
) -> CheckpointError:
    kind = read_config(transformer_folder(source.folder))["model_type"]
    known = "; ".join(f"{family.name} ({family.summary})" for family in families) or "none"
    why = f"Families with an {role}: {known}." if role == "embedder" else f"Families: {known}."
    if role == "embedder" and not (source.folder / MODULES).is_file():
        why += (
            f" The folder has no {MODULES}, so how it pools tokens into a vector is unknown, and "
            "the wrong pooling gives vectors that look right and are not."
        )
    return CheckpointError(
        f"No model family runs '{source.spec}' as {role}: it is of type {kind!r}.",
        why=why,
        fix="Use the sentence-transformers version of the model, or install a plugin that brings "
        "its family.",
    )
