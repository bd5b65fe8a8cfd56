"""Checks of models at a server: plausible answers, and the same model on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metier.diagnosis.checks import PLAIN, QUESTION, Check, FloatArray, Status, largest_difference
from metier.errors import MetierError
from metier.models.embedder import Embedder, Side
from metier.models.loading import load_embedder, load_reranker
from metier.models.model_lookup import is_downloaded, parse_hub_id
from metier.models.qwen3.templates import DEFAULT_TASK
from metier.models.remote.plausibility import Observation, observe_embedder, observe_reranker
from metier.progress import NoProgress

if TYPE_CHECKING:
    from metier.datafiles.remote import Remote
    from metier.models.family import LoadOptions, ModelFamily
    from metier.models.remote.remote_embedder import RemoteEmbedder
    from metier.models.remote.remote_reranker import RemoteReranker

SAME_COSINE, NEAR_COSINE = 0.995, 0.95
"""Of vectors of one model in half precision, and in a few bits."""

SAME_SCORE, NEAR_SCORE = 0.02, 0.1
"""Largest differences of scores of one model in half precision, and in a few bits."""

_TEXTS = (
    *PLAIN,
    QUESTION,
    "def add(first, second):\n    return first + second",
    "中国的首都是北京。",
)

_QUANTIZED = "A quantized model differs as much: compare results, or use one with more bits."


def server_vector_checks(
    embedder: RemoteEmbedder, options: LoadOptions, families: Sequence[ModelFamily]
) -> list[Check]:
    """Plausibility of vectors, and their cosines with those of the model in `compare_with`.

    Raises:
        ModelServerError: the server does not answer.
    """
    checks = [_plausibility(observation) for observation in observe_embedder(embedder)]
    name = "compared vectors"
    local = embedder.server.compare_with
    if local is None or _is_missing(local):
        return [*checks, _not_compared(name, local)]
    try:
        here = load_embedder(local, _here(options), families)
    except MetierError as error:
        return [*checks, _not_loaded(name, local, error)]
    return [*checks, _compared_vectors(embedder, here, name)]


def server_score_checks(
    reranker: RemoteReranker, options: LoadOptions, families: Sequence[ModelFamily]
) -> list[Check]:
    """Plausibility of scores, and their differences from those of the model in `compare_with`.

    Raises:
        ModelServerError: the server does not answer.
    """
    checks = [_plausibility(observation) for observation in observe_reranker(reranker)]
    name = "compared scores"
    local = _local_reranker(reranker.server)
    if local is None or _is_missing(local):
        return [*checks, _not_compared(name, local)]
    try:
        here = load_reranker(local, _here(options), families)
    except MetierError as error:
        return [*checks, _not_loaded(name, local, error)]
    there, expected = (
        model.score(QUESTION, PLAIN, task=None, progress=NoProgress()).scores
        for model in (reranker, here)
    )
    difference = largest_difference(there, expected)
    status: Status = "pass" if difference <= SAME_SCORE else "warn"
    fix = None if status == "pass" else _QUANTIZED
    if not difference <= NEAR_SCORE:
        status, fix = (
            "fail",
            (
                "Likely cause: another model, or the server does not render the template of the "
                "model; rerank_template = false sends it."
            ),
        )
    detail = f"scores differ from those of {local} by {difference:.3f} ({SAME_SCORE} is right)"
    return [*checks, Check(name, "server", status, detail, fix)]


def _plausibility(observation: Observation) -> Check:
    if observation.cause is None:
        return Check(observation.name, "server", "pass", observation.measured)
    status: Status = "fail" if observation.is_wrong else "warn"
    fix = f"Likely cause: {observation.cause}."
    return Check(observation.name, "server", status, observation.measured, fix)


def _local_reranker(server: Remote) -> str | None:
    """The model that scores are compared with: of two models at a server `compare_with` names the
    embedder."""
    has_two = server.reranker is not None and server.model not in (None, server.reranker)
    return None if has_two else server.compare_with


def _is_missing(local: str) -> bool:
    hub_id = parse_hub_id(local)
    return hub_id is not None and not is_downloaded(hub_id)


def _here(options: LoadOptions) -> LoadOptions:
    return replace(options, before_send=None, guard_stamp="")


def _not_compared(name: str, local: str | None) -> Check:
    if local is not None:
        why = f"{local} is not on this machine, and is not downloaded for this"
        return Check(name, "server", "skip", why, "Load it once, or name a folder in compare_with.")
    why = "the profile names no model on this machine that is the same"
    fix = "Name its folder or hub id in compare_with."
    return Check(name, "server", "skip", why, fix)


def _not_loaded(name: str, local: str, error: MetierError) -> Check:
    why = f"{local} in compare_with cannot be used: {error.what}"
    return Check(name, "server", "skip", why, error.fix)


def _compared_vectors(embedder: RemoteEmbedder, here: Embedder, name: str) -> Check:
    local = here.profile.id
    if here.profile.dim != embedder.profile.dim:
        detail = f"vectors have {embedder.profile.dim} dimensions, those of {local} "
        detail += str(here.profile.dim)
        return Check(name, "server", "fail", detail, "It is another model, or dims is wrong.")
    queries = _least_cosine(embedder, here, DEFAULT_TASK, "query")
    documents = _least_cosine(embedder, here, None, "document")
    detail = (
        f"with those of {local} queries under one instruction have cosines of at least "
        f"{queries:.4f}, documents {documents:.4f} ({SAME_COSINE} is right)"
    )
    least = min(queries, documents)
    if least >= SAME_COSINE:
        return Check(name, "server", "pass", detail)
    if least >= NEAR_COSINE:
        return Check(name, "server", "warn", detail, _QUANTIZED)
    return Check(name, "server", "fail", detail, f"Likely cause: {_cause(queries, documents)}.")


def _cause(queries: float, documents: float) -> str:
    if documents >= NEAR_COSINE:
        return "instructions reach the model in another form; see instructions and query_prefix"
    if queries >= NEAR_COSINE:
        return "documents get a prompt; see document_prefix"
    return "another model, another pooling, or texts without the closing token"


def _least_cosine(there: Embedder, here: Embedder, task: str | None, side: Side) -> float:
    vectors: list[FloatArray] = []
    for model in (there, here):
        prompt = model.prompt(task, side)
        dim = model.profile.dim
        embedded = model.embed(_TEXTS, prompt=prompt, dim=dim, progress=NoProgress())
        vectors.append(embedded.vectors.astype(np.float64))
    return float((vectors[0] * vectors[1]).sum(axis=1).min())
