"""Models of the Hugging Face hub, through huggingface_hub and its cache."""

from __future__ import annotations

from pathlib import Path

from metier.errors import CheckpointError, ModelNotFoundError
from metier.models.checkpoint import check_folder
from metier.models.hubs.hub_models import DOWNLOADED, LEFT_OUT, TOKENIZER_FILES, HubId


def find_model(model: HubId) -> tuple[Path, str]:
    """Folder and commit of a model, complete and checked.

    A model in the local cache needs no network. `HF_HUB_OFFLINE`, `HF_HOME` and `HF_TOKEN` have
    the meaning huggingface_hub gives them.

    Raises:
        ModelNotFoundError: it is neither in the cache nor can it be downloaded.
        CheckpointError: it was downloaded and is damaged or incomplete.
    """
    cached = _cached(model)
    if cached is None:
        cached = _download(model, DOWNLOADED)
        check_folder(cached)
    return cached, cached.name


def find_tokenizer(model: HubId) -> Path:
    """Folder with the tokenizer of a model, whose weights need not be there.

    Raises:
        ModelNotFoundError: it is neither in the cache nor can it be downloaded.
    """
    return _download(model, TOKENIZER_FILES)


def is_downloaded(model: HubId) -> bool:
    """Whether the local cache holds the model, or its configuration at least."""
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(model.repo, "config.json", revision=model.revision)
    return isinstance(path, str)


def _cached(model: HubId) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(
            snapshot_download(
                model.repo,
                revision=model.revision,
                local_files_only=True,
                allow_patterns=DOWNLOADED,
                ignore_patterns=LEFT_OUT,
            )
        )
        check_folder(folder)
    except (LocalEntryNotFoundError, CheckpointError):
        # Another tool may have cached a part of it, which a download completes.
        return None
    return folder


def _download(model: HubId, patterns: list[str]) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                model.repo,
                revision=model.revision,
                allow_patterns=patterns,
                ignore_patterns=LEFT_OUT,
            )
        )
    except Exception as error:
        # The kinds of errors depend on the HTTP library of huggingface_hub.
        raise _unavailable(model, error) from error


def _unavailable(model: HubId, error: Exception) -> ModelNotFoundError:
    from huggingface_hub.errors import (
        GatedRepoError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    if isinstance(error, GatedRepoError):
        why = "The hub gives it only to accounts that accepted its terms (then: hf auth login)."
    elif isinstance(error, RepositoryNotFoundError):
        why = "The hub has no public model of that name (a private one needs: hf auth login)."
    elif isinstance(error, RevisionNotFoundError):
        why = f"The model is there, but has no revision {model.revision!r}."
    elif isinstance(error, LocalEntryNotFoundError):
        why = "It is not in the local cache, and the hub cannot be reached from here."
    else:
        why = f"The hub or the connection to it failed: {type(error).__name__}: {error}"
    return ModelNotFoundError(f"The model '{model.title}' cannot be downloaded.", why=why)
