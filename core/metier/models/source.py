"""From what the user wrote to a folder with a model: embedded, a folder, or a hub id. No torch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from metier.errors import ModelNotFoundError, UnknownNameError, UsageError
from metier.models.checkpoint import check_folder
from metier.models.embedded import EMBEDDED, embedded_folder
from metier.models.family import ModelSource
from metier.paths import expanded

Role = Literal["embedder", "reranker"]

_HUB_ID = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(@(?P<revision>[\w.-][\w./-]*))?", re.ASCII
)


def find_model(spec: str, *, role: Role) -> ModelSource:
    """Find the folder of a model; download it from the Hugging Face hub if it is nowhere here.

    Args:
        spec: `embedded`; a folder (anything that exists as one, or looks like a path: it begins
            with `.`, `/` or `~`, or has more than one slash); or a hub id, `org/name`, with
            `@revision` where a branch, tag or commit is meant.
        role: what the model is wanted for.

    Raises:
        UsageError: `spec` is none of the three, or begins with a home that is not there.
        ModelNotFoundError: there is no such folder, or the hub model cannot be had.
        CheckpointError: the folder lacks a file, or one is damaged.
        MissingExtraError: the package of the embedded model is not installed.
    """
    if spec == EMBEDDED:
        if role == "reranker":
            raise UsageError(
                "The embedded model is an embedder and cannot rerank.",
                fix="Give a reranker: a hub id such as Qwen/Qwen3-Reranker-0.6B, or a folder.",
            )
        return ModelSource(spec, embedded_folder())
    folder = expanded(spec)
    if spec and (folder.is_dir() or _looks_like_a_path(spec)):
        return ModelSource(spec, _existing_folder(spec, folder))
    named = _HUB_ID.fullmatch(spec)
    if named is None:
        raise UnknownNameError("model", spec, [EMBEDDED], fix=_choices(role))
    return _from_hub(spec, named["repo"], named["revision"], role)


def _looks_like_a_path(spec: str) -> bool:
    name = spec.partition("@")[0]  # a revision may have slashes of its own
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name


def _existing_folder(spec: str, folder: Path) -> Path:
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.is_file() else "does not exist"
        raise ModelNotFoundError(
            f"The model folder '{spec}' {what}.",
            why=f"It was looked for at '{folder.absolute()}'.",
            fix="Give the folder that holds config.json and model.safetensors.",
        )
    check_folder(folder)
    return folder


def _from_hub(spec: str, repo: str, revision: str | None, role: Role) -> ModelSource:
    from metier.models.hub import find_in_hub

    try:
        folder, commit = find_in_hub(repo, revision)
    except ModelNotFoundError as error:
        raise ModelNotFoundError(error.what, why=error.why, fix=_ways_out(repo, role)) from error
    return ModelSource(spec, folder, commit)


def _ways_out(repo: str, role: Role) -> str:
    ways = [
        f"on a machine with network access run: hf download {repo} --local-dir MODEL",
        f"give a local folder with the {role}, such as ./MODEL, instead of its name",
    ]
    if role == "embedder":
        ways.append("use the model 'embedded' (pip install 'metier[embedded]')")
    return "Choices:\n" + "\n".join(f"  - {way}" for way in ways)


def _choices(role: Role) -> str:
    embedded = " 'embedded'," if role == "embedder" else ""
    return f"Give{embedded} a hub id such as {_EXAMPLES[role]}, or a folder such as ./models/mine."


_EXAMPLES: dict[Role, str] = {
    "embedder": "Qwen/Qwen3-Embedding-0.6B",
    "reranker": "Qwen/Qwen3-Reranker-0.6B",
}
