"""Downloads from ModelScope through its client, the package modelscope-hub of the extra.

The client keeps its login and its cookies in a pickled file of the user's home folder. Here it gets
its token from MODELSCOPE_API_TOKEN alone and neither reads nor writes that file.
"""

from __future__ import annotations

import fnmatch
import logging
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from metier.errors import CheckpointError, MetierError, MissingExtraError, ModelNotFoundError
from metier.models.hubs.hub_models import LEFT_OUT, HubId, refuse_gguf
from metier.models.hubs.model_scope import BRANCH, ListedFile, Listing, UnreachableError

try:
    from modelscope_hub import HubApi, HubConfig
    from modelscope_hub.errors import (
        AuthenticationError,
        FileDownloadError,
        FileIntegrityError,
        NetworkError,
        NotExistError,
        PermissionDeniedError,
    )
except ImportError:
    raise MissingExtraError("Models of ModelScope", "modelscope", "modelscope-hub") from None

TOKEN = "MODELSCOPE_API_TOKEN"
"""Environment variable of the token for models that are not public."""

_WEIGHTS = ".safetensors"


class _Settings(HubConfig):
    """Settings of the client without the files of its login in the home folder."""

    def load_cookies(self) -> None:
        """No cookies: the client keeps them as a pickle."""
        return

    def get_session_id(self) -> str:
        """A number of this call alone; the client would keep one for all calls of the user."""
        return uuid.uuid4().hex


def fetch_files(model: HubId, patterns: Sequence[str], folder: Path) -> Listing:
    """Download the files of a model that match into a folder, and check each by its hash.

    What the folder holds is not downloaded again if it has the hash that the hub lists, and what
    was cut off is continued.

    Raises:
        UnreachableError: the hub does not answer, or HF_HUB_OFFLINE forbids to ask it.
        ModelNotFoundError: the hub does not have the model, or gives it only to others.
        CheckpointError: a file that came is not the one that the hub lists.
        UsageError: the model is there in GGUF only.
    """
    from huggingface_hub import is_offline_mode

    if is_offline_mode():
        raise _unavailable(model, UnreachableError, "HF_HUB_OFFLINE=1 forbids the network.")
    hub = HubApi(_Settings(token=_token()))
    revision = model.revision or BRANCH
    with _quiet():
        try:
            entries = hub.legacy.list_repo_files(model.repo, "model", revision=revision)
            chosen = _choose(model, entries, patterns)
            hub.download_repo(
                model.repo, "model", revision=revision, local_dir=folder, file_list=chosen
            )
        except MetierError:
            raise
        except Exception as error:
            # beside its own errors the client lets those of requests and of JSON through
            raise _failed(model, error) from error
    files = tuple(
        ListedFile(_path(entry), int(entry.get("Size") or 0), entry.get("Sha256") or None)
        for entry in chosen
    )
    return Listing(files, _commit(chosen))


def _token() -> str:
    return os.environ.get(TOKEN, "").strip()


def _choose(
    model: HubId, entries: Sequence[Mapping[str, Any]], patterns: Sequence[str]
) -> list[dict[str, Any]]:
    """The listed files that are fetched."""
    chosen = [
        dict(entry)
        for entry in entries
        if entry.get("Type") != "tree"
        and _matches(_path(entry), patterns)
        and not _matches(_path(entry), LEFT_OUT)
    ]
    for entry in chosen:
        path = PurePosixPath(_path(entry))
        if path.is_absolute() or ".." in path.parts or "\\" in str(path):
            raise CheckpointError(
                f"The model '{model.title}' lists a file outside its folder: {str(path)!r}.",
                why="Nothing of it was downloaded.",
            )
        if path.suffix == _WEIGHTS and not entry.get("Sha256"):
            raise CheckpointError(
                f"ModelScope lists no hash for {str(path)!r} of the model '{model.title}'.",
                why="Weights are used only if their hash was compared. Nothing was downloaded.",
            )
    if f"*{_WEIGHTS}" in patterns and not any(_path(entry).endswith(_WEIGHTS) for entry in chosen):
        raise _without_weights(model, [_path(entry) for entry in entries])
    return chosen


def _without_weights(model: HubId, paths: Sequence[str]) -> Exception:
    ggufs = [path for path in paths if path.endswith(".gguf")]
    if ggufs:
        refuse_gguf(f"modelscope:{model.repo}:latest")
    return ModelNotFoundError(
        f"The model '{model.title}' has no safetensors weights.",
        why=f"ModelScope lists: {', '.join(sorted(paths)[:8]) or 'nothing'}.",
        fix="Name another revision or model.",
    )


def _path(entry: Mapping[str, Any]) -> str:
    return str(entry.get("Path") or entry.get("Name") or "")


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def _commit(entries: Sequence[Mapping[str, Any]]) -> str | None:
    """The commit that changed one of the files last: at it, all files are as they were listed."""
    known = [entry for entry in entries if entry.get("Revision")]
    if not known:
        return None
    newest = max(known, key=lambda entry: (int(entry.get("CommittedDate") or 0), _path(entry)))
    return str(newest["Revision"])


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what the client logs of every file; warnings stay."""
    logger = logging.getLogger("modelscope_hub")
    level = logger.level
    logger.setLevel(max(level, logging.WARNING))
    try:
        yield
    finally:
        logger.setLevel(level)


def _failed(model: HubId, error: Exception) -> ModelNotFoundError | CheckpointError:
    if isinstance(error, FileDownloadError) and error.failed_files:
        path, cause = next(iter(error.failed_files.items()))
        if isinstance(cause, FileIntegrityError):
            return CheckpointError(
                f"{path!r} of the model '{model.title}' is not the file that ModelScope lists: "
                "its hash or its size differs.",
                why="It was downloaded several times, and is not kept.",
                fix="Run it again later. If it stays so, the mirror or proxy in between serves "
                "another file: see MODELSCOPE_ENDPOINT.",
            )
        error = cause if isinstance(cause, Exception) else error
    if isinstance(error, NotExistError):
        revision = "" if model.revision is None else f", or it has no revision {model.revision!r}"
        return _unavailable(
            model,
            ModelNotFoundError,
            f"ModelScope has no public model of that name{revision}. A private one needs the "
            f"token in {TOKEN}.",
        )
    if isinstance(error, (AuthenticationError, PermissionDeniedError)):
        why = f"ModelScope gives it only to some accounts, or refuses the token in {TOKEN}."
        return _unavailable(model, ModelNotFoundError, why)
    if isinstance(error, (NetworkError, ConnectionError)):
        why = "It is not in the local cache, and ModelScope cannot be reached from here."
        return _unavailable(model, UnreachableError, why)
    first, *_ = str(error).splitlines() or [""]
    if _token():
        first = first.replace(_token(), "***")  # in case the hub repeats it
    why = f"ModelScope or the connection to it failed: {type(error).__name__}: {first}"
    return _unavailable(model, ModelNotFoundError, why)


def _unavailable(model: HubId, kind: type[ModelNotFoundError], why: str) -> ModelNotFoundError:
    return kind(f"The model '{model.title}' cannot be downloaded.", why=why)
