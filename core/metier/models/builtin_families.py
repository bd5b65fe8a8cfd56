"""The built-in model families. No torch in here: a loader imports its family's code itself."""

from __future__ import annotations

from metier.datafiles.project_file import read_project
from metier.datafiles.remote import is_address, remote_at
from metier.models.checkpoint import read_config
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions, ModelFamily, ModelSource
from metier.models.hubs.hub_models import is_on_hub_site
from metier.models.layout import (
    read_modules,
    read_pooling,
    read_prompts,
    transformer_folder,
)
from metier.models.qwen3.templates import task_in
from metier.models.reranker import Reranker

REMOTE = "remote"
"""Name of the family of model servers."""


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
        ModelFamily(
            name=REMOTE,
            summary="Models behind HTTP: OpenAI's API, Model Studio, PAI-EAS, vLLM, TEI, Ollama",
            locate=_locate_server,
            load_embedder=_connect_embedder,
            load_reranker=_connect_reranker,
        ),
    )


def _locate_server(spec: str) -> ModelSource | None:
    if is_address(spec) and not is_on_hub_site(spec):
        return ModelSource(spec, server=remote_at(spec))
    server = read_project().profiles.get(spec)
    return None if server is None else ModelSource(spec, server=server)


def _connect_embedder(source: ModelSource, options: LoadOptions) -> Embedder:
    from metier.models.remote.connecting import connect_embedder

    return connect_embedder(source.require_server(), source.spec, options)


def _connect_reranker(source: ModelSource, options: LoadOptions) -> Reranker:
    from metier.models.remote.connecting import connect_reranker

    return connect_reranker(source.require_server(), source.spec, options)


def _is_qwen3(source: ModelSource) -> bool:
    folder = source.require_folder()
    config = read_config(transformer_folder(folder))
    if config["model_type"] != "qwen3" or "auto_map" in config:
        return False
    # Without modules.json it is a checkpoint as Qwen trains them: pooled at the last token.
    if read_pooling(folder) not in (None, "lasttoken"):
        return False
    known = {"Transformer", "Pooling", "Normalize", "LogitScore"}
    modules = read_modules(folder)
    if not all(module.standard and module.kind in known for module in modules):
        return False
    # Trained further with prompts of another form: those are used then, as its folder says.
    # An empty prompt says nothing: sentence-transformers writes one where none was set.
    prompts = read_prompts(folder)
    query = prompts.get("query")
    return not prompts.get("document") and (not query or task_in(query) is not None)


def _is_encoder(source: ModelSource) -> bool:
    return bool(read_modules(source.require_folder()))


def _load_qwen3_embedder(source: ModelSource, options: LoadOptions) -> Embedder:
    from metier.models.qwen3.qwen3_embedder import load_qwen3_embedder

    return load_qwen3_embedder(source, options)


def _load_qwen3_reranker(source: ModelSource, options: LoadOptions) -> Reranker:
    from metier.models.qwen3.qwen3_reranker import load_qwen3_reranker

    return load_qwen3_reranker(source, options)


def _load_encoder(source: ModelSource, options: LoadOptions) -> Embedder:
    from metier.models.encoder.encoder_embedder import load_encoder

    return load_encoder(source, options)
