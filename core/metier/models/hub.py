"""Models of the Hugging Face hub: from the local cache, or else downloaded once."""

from __future__ import annotations

from pathlib import Path

from metier.errors import CheckpointError, ModelNotFoundError
from metier.models.checkpoint import check_folder

WANTED = ["*.json", "*.txt", "*.model", "*.safetensors"]
"""Configuration, vocabularies and weights. Python code and pickles are never fetched."""

UNWANTED = ["onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*", "original/*"]
"""Exports of the same weights for other engines."""


def find_in_hub(repo: str, revision: str | None = None) -> tuple[Path, str]:
    """Folder and commit of a hub model, complete and checked.

    The cache is asked first, so a model that is there needs no network. `HF_HUB_OFFLINE`,
    `HF_HOME` and `HF_TOKEN` have the meaning huggingface_hub gives them.

    Raises:
        ModelNotFoundError: it is neither in the cache nor to be had from the hub.
        CheckpointError: it was fetched and is damaged or incomplete.
    """
    cached = _cached(repo, revision)
    if cached is None:
        cached = _download(repo, revision)
        check_folder(cached)
    return cached, cached.name


def _cached(repo: str, revision: str | None) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(
            snapshot_download(
                repo,
                revision=revision,
                local_files_only=True,
                allow_patterns=WANTED,
                ignore_patterns=UNWANTED,
            )
        )
        check_folder(folder)
    except (LocalEntryNotFoundError, CheckpointError):
        # Another tool may have cached a part of it: a download completes what is there.
        return None
    return folder


def _download(repo: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                repo, revision=revision, allow_patterns=WANTED, ignore_patterns=UNWANTED
            )
        )
    except Exception as error:
        # Which errors come through depends on the client's HTTP library; no code of ours runs here.
        raise _not_to_be_had(repo, revision, error) from error


def _not_to_be_had(repo: str, revision: str | None, error: Exception) -> ModelNotFoundError:
    from huggingface_hub.errors import (
        GatedRepoError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    name = repo if revision is None else f"{repo}@{revision}"
    if isinstance(error, GatedRepoError):
        why = "The hub gives it only to accounts that accepted its terms (then: hf auth login)."
    elif isinstance(error, RepositoryNotFoundError):
        why = "The hub knows no public model of that name (a private one needs: hf auth login)."
    elif isinstance(error, RevisionNotFoundError):
        why = f"The model is there, but has no revision {revision!r}."
    elif isinstance(error, LocalEntryNotFoundError):
        why = "It is not in the local cache, and the hub cannot be reached from here."
    else:
        why = f"The hub or the way to it failed: {type(error).__name__}: {error}"
    return ModelNotFoundError(f"The model '{name}' cannot be had.", why=why)
