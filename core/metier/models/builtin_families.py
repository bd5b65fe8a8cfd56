"""The built-in model families, and loading a model with the first family that runs it.

No torch in here: a loader imports its family's code when it is called.
"""

from __future__ import annotations

from collections.abc import Sequence

from metier.errors import CheckpointError
from metier.models.checkpoint import read_config
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions, ModelFamily, ModelSource
from metier.models.layout import (
    MODULES,
    read_modules,
    read_pooling,
    read_prompts,
    transformer_folder,
)
from metier.models.locate import Role, find_model
from metier.models.qwen3.templates import task_in
from metier.models.reranker import Reranker


def builtin_families() -> tuple[ModelFamily, ...]:
    """The families metier brings, in the order they are asked."""
    return (
        ModelFamily(
            name="qwen3",
            summary="Qwen3-Embedding and Qwen3-Reranker, and models trained from them",
            recognizes=_is_qwen3,
            load_embedder=_load_qwen3_embedder,
            load_reranker=_load_qwen3_reranker,
        ),
        ModelFamily(
            name="encoder",
            summary="Embedding models in sentence-transformers layout: BERT, MiniLM, E5, BGE, GTE",
            recognizes=_is_encoder,
            load_embedder=_load_encoder,
        ),
    )


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


def _is_qwen3(source: ModelSource) -> bool:
    config = read_config(transformer_folder(source.folder))
    if config["model_type"] != "qwen3" or "auto_map" in config:
        return False
    # Without modules.json it is a checkpoint as Qwen trains them: pooled at the last token.
    if read_pooling(source.folder) not in (None, "lasttoken"):
        return False
    known = {"Transformer", "Pooling", "Normalize", "LogitScore"}
    modules = read_modules(source.folder)
    if not all(module.standard and module.kind in known for module in modules):
        return False
    # Trained further with prompts of another form: those are used then, as its folder says.
    # An empty prompt says nothing: sentence-transformers writes one where none was set.
    prompts = read_prompts(source.folder)
    query = prompts.get("query")
    return not prompts.get("document") and (not query or task_in(query) is not None)


def _is_encoder(source: ModelSource) -> bool:
    return bool(read_modules(source.folder))


def _load_qwen3_embedder(source: ModelSource, options: LoadOptions) -> Embedder:
    from metier.models.qwen3.embedding import load_qwen3_embedder

    return load_qwen3_embedder(source, options)


def _load_qwen3_reranker(source: ModelSource, options: LoadOptions) -> Reranker:
    from metier.models.qwen3.reranking import load_qwen3_reranker

    return load_qwen3_reranker(source, options)


def _load_encoder(source: ModelSource, options: LoadOptions) -> Embedder:
    from metier.models.encoder.encoder_loading import load_encoder

    return load_encoder(source, options)


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
