"""Models of ModelScope in the cache of its own tools, with the hashes they were checked by.

A snapshot is a folder `models/ORG--NAME/snapshots/REVISION` below MODELSCOPE_CACHE. Beside its
files lies a record of their hashes, sizes and times of change, so that a later run sees without the
network and without reading everything that they are still those which the hub listed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metier.errors import CheckpointError, ModelNotFoundError, warn_caller
from metier.folders import expand_home, write_atomically
from metier.models.checkpoint import check_folder
from metier.models.hubs.hub_models import DOWNLOADED, TOKENIZER_FILES, HubId

RECORD = ".metier-files.json"
"""Name of the record in a snapshot."""

BRANCH = "master"
"""What ModelScope calls the branch that is meant where none is named."""

_COMMIT = re.compile(r"[0-9a-f]{40}")


class UnreachableError(ModelNotFoundError):
    """The hub does not answer, or may not be asked."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file as the hub lists it.

    Attributes:
        path: in the repository, with `/`.
        size: in bytes.
        sha256: of its content; None where the hub lists none.
    """

    path: str
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a model at a revision that are fetched, and the commit that they are of."""

    files: tuple[ListedFile, ...]
    commit: str | None


def find_model(model: HubId) -> tuple[Path, str | None]:
    """Folder and commit of a model, complete and with the files that the hub listed.

    A model in the local cache needs no network. One that another tool downloaded is compared with
    the hashes of the hub once; where the hub cannot be reached, it is used as it is.

    Raises:
        ModelNotFoundError: it is neither in the cache nor can it be downloaded.
        CheckpointError: a file is not the one that the hub lists, damaged or missing.
        MissingExtraError: the extra `modelscope` is not installed, and the model not in the cache.

    Warns:
        MetierWarning: its files could not be compared with the hashes of the hub.
    """
    target, unrecorded, changed = _snapshot(model), None, None
    for folder in _candidates(model):
        record = _read_record(folder)
        if record is None:
            unrecorded = unrecorded or (folder if _is_complete(folder) else None)
            continue
        changed = _changed_file(folder, record)
        if changed is not None:
            target = folder
        elif _is_complete(folder) and _covers_weights(folder, record):
            return folder, record.get("commit")
    if changed is None and unrecorded is not None:
        target = unrecorded
    try:
        commit = _fetch(model, DOWNLOADED, target)
    except UnreachableError as error:
        if changed is not None:
            raise _was_changed(changed, error) from error
        if unrecorded is None:
            raise
        warn_caller(
            f"The files of the model '{model.name}' in '{unrecorded}' were not compared with the "
            f"hashes that ModelScope lists. {error.why}"
        )
        return unrecorded, None
    check_folder(target)
    return target, commit


def find_tokenizer(model: HubId) -> Path:
    """Folder with the tokenizer of a model, whose weights need not be there.

    Raises:
        ModelNotFoundError, MissingExtraError: it is neither in the cache nor can it be downloaded.
    """
    for folder in _candidates(model):
        record = _read_record(folder)
        if record is None or not any(name.startswith("tokenizer") for name in record["files"]):
            continue
        if _changed_file(folder, record) is None:
            return folder
    _fetch(model, TOKENIZER_FILES, _snapshot(model))
    return _snapshot(model)


def is_downloaded(model: HubId) -> bool:
    """Whether the local cache holds the model, or its configuration at least."""
    return any((folder / "config.json").is_file() for folder in _candidates(model))


def _cache() -> Path:
    named = os.environ.get("MODELSCOPE_CACHE")
    return expand_home(named) if named else expand_home("~/.cache/modelscope")


def _snapshots(model: HubId) -> Path:
    return _cache() / "models" / model.repo.replace("/", "--") / "snapshots"


def _snapshot(model: HubId) -> Path:
    return _snapshots(model) / (model.revision or BRANCH)


def _candidates(model: HubId) -> Iterator[Path]:
    """Folders that may hold the model, the most likely first."""
    yield _snapshot(model)
    if model.revision is not None:
        for folder in sorted(_snapshots(model).glob("*")):
            record = _read_record(folder)
            if record is not None and record.get("commit") == model.revision:
                yield folder
        return
    # Versions of ModelScope's tools before 1.38 had other folders, without revisions.
    owner, _, name = model.repo.partition("/")
    for parent in (_cache() / "models", _cache() / "hub" / "models"):
        folder = parent / owner / name.replace(".", "___")
        if folder.is_dir():
            yield folder


def _is_complete(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    try:
        check_folder(folder)
    except CheckpointError:
        return False
    return True


def _fetch(model: HubId, patterns: list[str], folder: Path) -> str | None:
    """Download files into a folder, checked by hash; the commit that they are of."""
    from metier.models.hubs.model_scope_client import fetch_files

    listing = fetch_files(model, patterns, folder)
    commit = listing.commit
    if model.revision is not None and _COMMIT.fullmatch(model.revision):
        commit = model.revision
    # A folder that others wrote may be read-only; its files are checked again the next time then.
    with suppress(OSError):
        _write_record(folder, listing.files, commit)
    return commit


def _write_record(folder: Path, files: tuple[ListedFile, ...], commit: str | None) -> None:
    facts: dict[str, Any] = {}
    for file in files:
        state = (folder / file.path).stat()
        facts[file.path] = {
            "sha256": file.sha256 or _hash(folder / file.path),
            "size": state.st_size,
            "changed": state.st_mtime_ns,
        }
    record = {"commit": commit, "files": facts}
    (path,) = write_atomically(folder, {RECORD: json.dumps(record, indent=1)})
    path.chmod(stat.S_IMODE((folder / files[0].path).stat().st_mode))  # who reads those, reads it


def _read_record(folder: Path) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files = record["files"]
        usable = all({"sha256", "size", "changed"} <= facts.keys() for facts in files.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return record if usable else None


def _covers_weights(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether all weights are of the download that the record is of, and not an earlier one."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*.safetensors"))
    return all(path in record["files"] for path in paths)


def _changed_file(folder: Path, record: Mapping[str, Any]) -> Path | None:
    """The first file that is not the recorded one. A file as old as recorded is not read."""
    files: Mapping[str, Mapping[str, Any]] = record["files"]
    for name, facts in files.items():
        path = folder / name
        if not path.is_file():
            return path
        state = path.stat()
        if state.st_size != facts["size"]:
            return path
        if state.st_mtime_ns != facts["changed"] and _hash(path) != facts["sha256"]:
            return path
    return None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _was_changed(path: Path, error: ModelNotFoundError) -> CheckpointError:
    return CheckpointError(
        f"'{path}' is not the file that was downloaded: it was changed since, or deleted.",
        why=f"It cannot be downloaded again. {error.why}",
        fix="Connect to the network and run it again, or copy the folder again.",
    )
