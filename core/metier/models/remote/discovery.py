"""What answers at an address: the kind of server, its models and its limits, found by asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metier.errors import ModelServerError, UnknownNameError, UsageError
from metier.models.remote.refusals import Refusal
from metier.models.remote.server_kinds import KINDS, kind_of_host, request_url

if TYPE_CHECKING:
    from metier.datafiles.remote import Remote
    from metier.models.remote.connection import Connection


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says of itself.

    Attributes:
        kind: key of `KINDS`.
        models: names of the models it lists; empty where it lists none.
        version: what tells these weights from others, such as a digest; empty if it does not say.
        max_tokens: of the longest text.
        max_rows: texts of one request.
        max_request_tokens: of all texts of one request.
        weights: what it calls the weights, where that is not the name of the model.
        follows_instructions: whether the model was trained with them; None if it does not say.
        role: `embedder` or `reranker`; empty if it does not say.
    """

    kind: str
    models: tuple[str, ...] = ()
    version: str = ""
    max_tokens: int | None = None
    max_rows: int | None = None
    max_request_tokens: int | None = None
    weights: str = ""
    follows_instructions: bool | None = None
    role: str = ""


def ask_server(remote: Remote, connection: Connection, model: str | None) -> ServerFacts:
    """Ask a server what it is, if the profile does not say, and what it serves.

    Args:
        remote: its profile.
        connection: to it.
        model: name of the model that is wanted; None for the only one.

    Raises:
        ModelServerError: it cannot be reached, or nothing that is known answers there.
    """
    kind = remote.kind or kind_of_host(remote.url)
    probes = {"tei": _ask_tei, "ollama": _ask_ollama, "listing": _ask_listing}
    if kind in ("tei", "ollama"):
        probes = {kind: probes[kind]}
    elif kind is not None:
        probes = {"listing": probes["listing"]}
    refusals = []
    for probe in probes.values():
        try:
            facts = probe(remote, connection, model)
        except Refusal as refusal:
            if refusal.reason == "key":
                raise refused_key(remote, refusal) from None
            refusals.append(refusal)
            continue
        if facts is not None:
            return facts if kind is None else _with_kind(facts, kind)
    if kind is not None:  # a deployment that answers requests only, as on PAI-EAS
        return ServerFacts(kind)
    raise ModelServerError(
        f"No model server that metier knows answers at {remote.url}.",
        why=f"It was asked for {', '.join(_ASKED)}; status "
        f"{', '.join(str(refusal.status) for refusal in refusals) or '200'}.",
        fix=f"Check the address, or name the kind in a profile: {', '.join(KINDS)}.",
    )


_ASKED = ("/info", "/api/tags", "/v1/models")


def refused_key(remote: Remote, refusal: Refusal) -> UsageError:
    """The error for a key that is missing or not accepted."""
    variable = remote.key_env
    what = f"{remote.host} does not accept the key in {variable}." if variable else (
        f"{remote.host} asks for a key, and the profile names none."
    )  # fmt: skip
    return UsageError(
        what,
        why=f"Status {refusal.status}: {refusal.message}",
        fix=f"Check {variable}, and whether auth is bearer or raw."
        if variable
        else 'Write a profile with key_env = "NAME_OF_A_VARIABLE" into metier.toml.',
        code="key-refused",
    )


def choose_model(remote: Remote, facts: ServerFacts, named: str | None) -> str:
    """The name of the model to ask for.

    Raises:
        UsageError: the profile names none, and the server has none or several.
        UnknownNameError: the server lists others than the named one.
    """
    if named is not None:
        return _listed_name(remote, facts, named)
    if len(facts.models) == 1 or (facts.kind == "tei" and facts.models):
        return facts.models[0]
    listed = ", ".join(facts.models[:8]) or "none"
    raise UsageError(
        f"It is not clear which model of {remote.url} is meant.",
        why=f"The server lists: {listed}.",
        fix=f"Name one: model in the profile, or {remote.url}#NAME.",
        code="no-model-name",
    )


def require_role(remote: Remote, facts: ServerFacts, role: str) -> None:
    """Refuse a server that says it serves the other kind of model.

    Raises:
        UsageError: it does.
    """
    if facts.role and facts.role != role:
        raise UsageError(
            f"{remote.url} serves no {role} but the {facts.role} {', '.join(facts.models)}.",
            fix=f"Name the server of the {role}.",
            code=f"no-{role}",
        )


_COMPLETE = ("vllm", "ollama", "metier")
"""Kinds of servers that list every model they have."""


def _listed_name(remote: Remote, facts: ServerFacts, named: str) -> str:
    """A name as the server lists it, which for Ollama has a tag after the last slash."""
    if facts.kind == "ollama" and ":" not in named.rpartition("/")[2]:
        named = f"{named}:latest"
    if facts.kind not in _COMPLETE or not facts.models or named in facts.models:
        return named
    fix = f"{remote.host} lists it under another name, or does not serve it."
    if facts.kind == "ollama":
        fix = f"Pull it first: ollama pull {named}"
    raise UnknownNameError("model", named, facts.models, fix=fix)


def _ask_tei(remote: Remote, connection: Connection, model: str | None) -> ServerFacts | None:
    info = _get(connection, request_url(remote.url, "/info"))
    if "model_id" not in info or "max_input_length" not in info:
        return None
    return ServerFacts(
        "tei",
        (str(info["model_id"]),),
        str(info.get("model_sha") or ""),
        _whole(info.get("max_input_length")),
        _whole(info.get("max_client_batch_size")),
        _whole(info.get("max_batch_tokens")),
        role=_tei_role(info.get("model_type")),
    )


def _tei_role(model_type: Any) -> str:
    roles = {"embedding": "embedder", "reranker": "reranker"}
    kinds = model_type if isinstance(model_type, Mapping) else ()
    return next((roles[kind] for kind in kinds if kind in roles), "")


def _ask_ollama(remote: Remote, connection: Connection, model: str | None) -> ServerFacts | None:
    tags = _get(connection, request_url(remote.url, "/api/tags")).get("models")
    if not isinstance(tags, list):
        return None
    listed = _by_name(tags, "name")
    wanted = next(iter(listed)) if model is None and len(listed) == 1 else model
    entry = listed.get(wanted or "") or listed.get(f"{wanted}:latest")
    if entry is None:
        return ServerFacts("ollama", tuple(listed))
    shown = connection.post(
        request_url(remote.url, "/api/show"), {"model": entry["name"]}, texts=()
    )
    details = shown.get("model_info") if isinstance(shown, Mapping) else None
    contexts = [
        _whole(value)
        for key, value in (details.items() if isinstance(details, Mapping) else ())
        if key.endswith(".context_length")
    ]
    longest = next((context for context in contexts if context), None)
    return ServerFacts("ollama", tuple(listed), str(entry.get("digest") or ""), longest)


def _ask_listing(remote: Remote, connection: Connection, model: str | None) -> ServerFacts | None:
    models = _get(connection, request_url(remote.url, "/v1/models")).get("data")
    if not isinstance(models, list):
        return None
    listed = _by_name(models, "id")
    owners = {str(row.get("owned_by")) for row in listed.values()}
    kind = next((name for name in ("vllm", "metier") if name in owners), "openai")
    row = listed.get(model or "") or (next(iter(listed.values())) if len(listed) == 1 else {})
    return ServerFacts(
        kind,
        tuple(listed),
        str(row.get("version") or ""),
        _whole(row.get("max_model_len")),
        _whole(row.get("max_rows")),
        weights=str(row.get("root") or ""),
        follows_instructions=_flag(row.get("instruction_aware")),
    )


def _get(connection: Connection, url: str) -> Mapping[str, Any]:
    answer = connection.get(url)
    return answer if isinstance(answer, Mapping) else {}


def _by_name(rows: list[Any], key: str) -> dict[str, Mapping[str, Any]]:
    """What a server lists, without names that hold control characters: errors show them."""
    named = [row for row in rows if isinstance(row, Mapping) and key in row]
    return {str(row[key]): row for row in named if str(row[key]).isprintable()}


def _whole(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _with_kind(facts: ServerFacts, kind: str) -> ServerFacts:
    return replace(facts, kind=kind)
