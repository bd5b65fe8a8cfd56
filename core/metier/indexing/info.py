"""Facts about indexes, and their removal from disk, without loading a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.datafiles.remote import is_address
from metier.errors import UsageError
from metier.indexing.manifest import Manifest
from metier.indexing.search_results import VectorSearch
from metier.indexing.store import Store
from metier.models.hubs.hub_models import is_on_hub_site
from metier.settings import configured

if TYPE_CHECKING:
    from metier.indexing.lance.store import LanceStore
    from metier.indexing.verification import VerificationReport
    from metier.progress import Progress


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """Facts about an index.

    Attributes:
        path: folder or address; None for an index in memory.
        documents: number of documents.
        chunks: number of chunks.
        sources: number of documents by source.
        manifest: model, instruction, domain and settings of the index.
        unfinished: sources whose documents are not all written: the build was interrupted or is
            still running.
    """

    path: str | None
    documents: int
    chunks: int
    sources: Mapping[str, int]
    manifest: Manifest
    unfinished: tuple[str, ...] = ()

    @property
    def search(self) -> str:
        """How searches find the nearest vectors, as a sentence."""
        return VectorSearch.of(self.manifest).sentence

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as a dict that can be written as JSON."""
        return {
            "path": self.path,
            "documents": self.documents,
            "chunks": self.chunks,
            "sources": dict(self.sources),
            "unfinished": list(self.unfinished),
            "search": self.search,
            "manifest": self.manifest.to_dict(),
        }


def info_of(store: Store) -> IndexInfo:
    """Return the facts about the index in a store."""
    with store.snapshot():
        documents, manifest, unfinished = store.contents(), store.manifest, store.unfinished()
    return IndexInfo(
        path=store.path,
        documents=len(documents),
        chunks=sum(len(document.chunks) for document in documents.values()),
        sources=dict(sorted(Counter(document.source for document in documents.values()).items())),
        manifest=manifest,
        unfinished=tuple(unfinished),
    )


def info_at(path: str | Path) -> IndexInfo:
    """Return the facts about an index on disk.

    Raises:
        UsageError: there is no index.
        InputError: it cannot be read.
    """
    return info_of(_existing(path))


def model_at(path: str | Path) -> str:
    """Return the id of the model that an index on disk was made with.

    An address that only the index names is refused: whoever made the index would choose where
    queries are sent.

    Raises:
        UsageError, InputError: as `info_at`; UsageError also for the address of a server that is
            not the configured model.
    """
    model = _existing(path).manifest.provenance.model
    if is_address(model) and not is_on_hub_site(model) and model != configured("model"):
        raise UsageError(
            f"The index at {path} was made with the model server {model!r}.",
            why="Texts and queries are not sent to an address that only an index names.",
            fix="If they may be sent there, name it: $model.",
            parameters={"model": model},
            code="no-model-name",
        )
    return model


def unfinished_at(path: str | Path) -> list[str]:
    """Return the unfinished sources of an index on disk (see `IndexInfo`); none without an index.

    Raises:
        InputError: it cannot be read.
    """
    store = _store(path)
    return store.unfinished() if store.exists() else []


def verify_at(path: str | Path, progress: Progress) -> VerificationReport:
    """Compare an index on disk with its checksums, without a model: see `Index.verify`.

    Raises:
        UsageError: there is no index.
    """
    store = _store(path)
    if not store.has_tables():
        raise _no_index_at(store)
    return store.verify(progress)


def purge_at(path: str | Path, progress: Progress) -> None:
    """Remove from disk what an index does not hold any more, without a model: see `Index.purge`.

    Raises:
        UsageError: there is no index, or others are reading or writing it.
        InputError: it is damaged, or cannot be read or written.
    """
    _existing(path).purge(progress)


def drop_at(path: str | Path) -> None:
    """Remove an index from disk, even a damaged one. Other files in its folder stay.

    Raises:
        UsageError: there is no index.
        InputError: it cannot be removed.
    """
    store = _store(path)
    if not store.has_tables():
        raise _no_index_at(store)
    store.drop()


def _existing(path: str | Path) -> LanceStore:
    store = _store(path)
    if not store.exists():
        raise _no_index_at(store)
    return store


def _store(path: str | Path) -> LanceStore:
    from metier.indexing.lance.store import LanceStore  # imported here because it needs an extra

    return LanceStore(path)


def _no_index_at(store: LanceStore) -> UsageError:
    return UsageError(
        f"There is no index at {store.path}.",
        fix="Build it with Runtime.index(documents, at=path).",
        code="index-not-found",
    )
