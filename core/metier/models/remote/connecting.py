"""From a profile to an embedder or a reranker: ask the server, probe it, and check what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from metier.errors import UsageError, warn_caller
from metier.models.embedder import ModelProfile
from metier.models.remote.connection import Connection
from metier.models.remote.discovery import ServerFacts, ask_server, choose_model, require_role
from metier.models.remote.embedding_requests import EmbeddingShape
from metier.models.remote.plausibility import (
    Observation,
    observe_embedder,
    observe_reranker,
)
from metier.models.remote.remote_embedder import RemoteEmbedder
from metier.models.remote.remote_models import RemoteModel, RemoteRerankModel
from metier.models.remote.remote_reranker import RemoteReranker
from metier.models.remote.request_limits import RequestLimits
from metier.models.remote.rerank_requests import RERANK_SHAPES
from metier.models.remote.server_kinds import (
    KINDS,
    KindFacts,
    ModelFacts,
    embedding_shape,
    kind_of_host,
    model_facts,
    request_url,
    rerank_shape_name,
)
from metier.models.remote.token_counter import token_counter
from metier.texts.paths import printable_name

if TYPE_CHECKING:
    from metier.datafiles.remote import Remote
    from metier.models.family import LoadOptions

MAX_TOKENS = 8192
"""Tokens of the longest text where neither the profile, the model's name nor the server says."""


def connect_embedder(remote: Remote, name: str, options: LoadOptions) -> RemoteEmbedder:
    """An embedder of a server, which is asked what it serves and sent a few texts.

    Args:
        remote: the profile of the server.
        name: what the user calls it.
        options: with the guards of texts.

    Raises:
        ModelServerError: it cannot be reached, refuses, or answers something else.
        UsageError: the key is missing or refused, or it is not clear which model is meant.

    Warns:
        MetierWarning: its vectors are not plausible.
    """
    connection = open_connection(remote)
    facts = ask_server(remote, connection, remote.model)
    require_role(remote, facts, "embedder")
    kind, served = KINDS[facts.kind], choose_model(remote, facts, remote.model)
    known = _known_facts(served, facts)
    shape = embedding_shape(kind, remote.url)
    instructions = _instruction_mode(remote, kind, known, shape)
    sizes = tuple(sorted(remote.dims or known.dims, reverse=True))
    model = RemoteModel(
        served,
        request_url(remote.url, shape.path),
        shape,
        instructions,
        (remote.query_prefix, remote.document_prefix),
        sizes,
        facts.version,
    )
    limits = _limits(remote, kind, known, facts)
    embedder = RemoteEmbedder(
        model,
        _embedding_profile(name, model, known, limits, options.guard_stamp),
        connection,
        limits,
        token_counter(remote.tokenizer),
        guard=options.before_send,
        host=remote.host,
        concurrency=remote.concurrency,
    )
    embedder.learn_size()
    if remote.check:
        _warn_of(name, observe_embedder(embedder))
    return embedder


def connect_reranker(remote: Remote, name: str, options: LoadOptions) -> RemoteReranker:
    """A reranker of a server, which is asked what it serves and sent two documents.

    Raises:
        As `connect_embedder`; UsageError also where servers of that kind cannot rerank.

    Warns:
        MetierWarning: its scores are not plausible.
    """
    connection = open_connection(remote)
    wanted = remote.reranker or remote.model
    facts = ask_server(remote, connection, wanted)
    require_role(remote, facts, "reranker")
    kind, served = KINDS[facts.kind], choose_model(remote, facts, wanted)
    shape_name = rerank_shape_name(kind, remote)
    if shape_name is None:
        raise UsageError(
            f"{remote.url} cannot rerank: servers of the kind {kind.name} have no such request.",
            fix="Name another reranker: a folder, a hub id, or a profile with rerank_url.",
            code="no-reranker",
        )
    shape, known = RERANK_SHAPES[shape_name], model_facts(served)
    model = RemoteRerankModel(
        served,
        remote.rerank_url or request_url(remote.url, shape.path),
        shape,
        remote.rerank_template,
        facts.version,
        reads_apart=known.reads_apart,
    )
    limits = _limits(
        remote, kind, replace(known, max_rows=known.max_rows or kind.max_documents), facts
    )
    reranker = RemoteReranker(
        model,
        _rerank_profile(name, model, limits, options.guard_stamp),
        connection,
        limits,
        token_counter(remote.tokenizer),
        guard=options.before_send,
        host=remote.host,
    )
    if remote.check:
        _warn_of(name, observe_reranker(reranker))
    return reranker


def open_connection(remote: Remote) -> Connection:
    """The connection to a server, with its key.

    Public services take the key of their usual variable where the profile names none, and only
    over https.
    """
    host_kind = kind_of_host(remote.url)
    kind = KINDS.get(remote.kind or host_kind or "openai", KINDS["openai"])
    is_encrypted = remote.url.startswith("https://")
    if remote.key_env is None and host_kind is not None and is_encrypted:
        remote = remote.with_usual_key(KINDS[host_kind].key_env)
    else:
        _warn_of_key(remote, host_kind)
    return Connection(remote, remote.auth or kind.auth)


_OWN_KEY = "METIER_"
"""What names of variables begin with that are meant for metier."""


def _warn_of_key(remote: Remote, host_kind: str | None) -> None:
    """Say which variable a file sends where: whoever wrote the file may be somebody else."""
    variable, folder = remote.key_env, remote.folder
    if variable is None or folder is None or remote.is_on_this_machine:
        return
    usual = KINDS[host_kind].key_env if host_kind is not None else None
    if variable == usual or variable.startswith(_OWN_KEY):
        return
    warn_caller(
        f"{printable_name(str(folder / 'metier.toml'))} sends the value of the environment "
        f"variable {variable} to {remote.host}. If that is wanted, a variable whose name begins "
        f"with {_OWN_KEY} is sent without this warning."
    )


def _known_facts(served: str, facts: ServerFacts) -> ModelFacts:
    """What is known of a model by its name, by that of its weights, and by the server's word."""
    known = model_facts(served)
    if known == ModelFacts():
        known = model_facts(facts.weights)
    if facts.follows_instructions is not None:
        known = replace(known, follows_instructions=facts.follows_instructions)
    return known


def _instruction_mode(
    remote: Remote, kind: KindFacts, known: ModelFacts, shape: EmbeddingShape
) -> str:
    """How instructions are sent: in a parameter where requests have one, else in the text.

    Raises:
        UsageError: the profile says `parameter`, and the requests have none.
    """
    if remote.instructions == "parameter" and not shape.takes_task:
        raise UsageError(
            f"{remote.url} has no parameter for an instruction.",
            why=f"Requests of the kind {kind.name} have none.",
            fix="Write instructions = 'text', which writes them before the text.",
        )
    if remote.instructions is not None:
        return remote.instructions
    if not known.follows_instructions:
        return "none"
    return "parameter" if shape.takes_task else "text"


def _limits(
    remote: Remote, kind: KindFacts, known: ModelFacts, facts: ServerFacts
) -> RequestLimits:
    rows = [limit for limit in (kind.max_rows, known.max_rows, facts.max_rows) if limit]
    if known.max_rows or facts.max_rows:
        rows = rows[1:]  # the model's own and the server's word count more than the kind's
    lengths = [n for n in (kind.max_tokens, known.max_tokens, facts.max_tokens) if n]
    return RequestLimits(
        remote.max_rows or min(rows),
        remote.max_request_tokens
        or known.max_request_tokens
        or facts.max_request_tokens
        or kind.max_request_tokens,
        remote.max_tokens or min(lengths, default=MAX_TOKENS),
        takes_base64=kind.takes_base64,
    )


def _embedding_profile(
    name: str, model: RemoteModel, known: ModelFacts, limits: RequestLimits, stamp: str
) -> ModelProfile:
    """The facts that are known before the first vector, which tells the full size."""
    full = max(model.sizes, default=0)
    shortest = min(model.sizes) if len(model.sizes) > 1 else (known.min_dim or full)
    return ModelProfile(
        id=name,
        family="remote",
        revision=model.revision,
        dim=full,
        mrl=len(model.sizes) > 1 or known.min_dim is not None,
        min_dim=shortest,
        max_tokens=limits.max_tokens or MAX_TOKENS,
        instruction_aware=model.instructions != "none",
        stamp=stamp,
    )


def _rerank_profile(
    name: str, model: RemoteRerankModel, limits: RequestLimits, stamp: str
) -> ModelProfile:
    return ModelProfile(
        id=name,
        family="remote",
        revision=model.revision,
        dim=1,
        mrl=False,
        min_dim=1,
        max_tokens=limits.max_tokens or MAX_TOKENS,
        instruction_aware=bool(model.shape.task_key) or not model.renders,
        stamp=stamp,
    )


def _warn_of(name: str, observations: list[Observation]) -> None:
    for observation in observations:
        if observation.cause is not None:
            warn_caller(
                f"The model server {name!r}: {observation.measured}. "
                f"Likely cause: {observation.cause}."
            )
