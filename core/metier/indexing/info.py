"""What there is to know of an index, without a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.errors import UsageError
from metier.indexing.manifest import Manifest
from metier.indexing.search_results import Nearness
from metier.indexing.store import Store

if TYPE_CHECKING:
    from metier.indexing.lance.store import LanceStore


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """Facts of an index.

    Attributes:
        path: the folder or address, None for one in memory.
        documents: how many it holds.
        chunks: how many they are cut into.
        sources: documents of each source.
        manifest: what it was made with.
        unfinished: sources of which not all documents were written: the build was interrupted, or
            is under way.
    """

    path: str | None
    documents: int
    chunks: int
    sources: Mapping[str, int]
    manifest: Manifest
    unfinished: tuple[str, ...] = ()

    @property
    def search(self) -> str:
        """How searches find what is near, for people."""
        return Nearness.of(self.manifest).sentence

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
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
    """What there is to know of what a store holds."""
    with store.snapshot():
        held, manifest, unfinished = store.contents(), store.manifest, store.unfinished()
    return IndexInfo(
        path=store.path,
        documents=len(held),
        chunks=sum(len(one.chunks) for one in held.values()),
        sources=dict(sorted(Counter(one.source for one in held.values()).items())),
        manifest=manifest,
        unfinished=tuple(unfinished),
    )


def info_at(path: str | Path) -> IndexInfo:
    """What there is to know of an index on disk.

    Raises:
        UsageError: there is none.
        InputError: it cannot be read.
    """
    return info_of(_existing(path))


def model_at(path: str | Path) -> str:
    """The id of the model an index was made with.

    Raises:
        UsageError, InputError: as `info_at`.
    """
    return _existing(path).manifest.mark.model


def unfinished_at(path: str | Path) -> list[str]:
    """The sources of an index on disk of which not all documents were written; none where there is
    no index.

    Raises:
        InputError: it cannot be read.
    """
    store = _store(path)
    return store.unfinished() if store.exists() else []


def drop_at(path: str | Path) -> None:
    """Remove an index from disk, damaged or not, though no other files in its folder.

    Raises:
        UsageError: there is none.
        InputError: it cannot be removed.
    """
    store = _store(path)
    if not store.has_tables():
        raise _none_at(store)
    store.drop()


def _existing(path: str | Path) -> LanceStore:
    store = _store(path)
    if not store.exists():
        raise _none_at(store)
    return store


def _store(path: str | Path) -> LanceStore:
    from metier.indexing.lance.store import LanceStore  # here: it needs an extra

    return LanceStore(path)


def _none_at(store: LanceStore) -> UsageError:
    return UsageError(
        f"There is no index at {store.path}.", fix="Build it with: metier index build"
    )
