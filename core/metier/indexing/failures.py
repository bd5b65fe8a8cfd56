"""Failures of writes: what each did to the documents of the index before it failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from metier.errors import InputError, MetierError, warn_caller

if TYPE_CHECKING:
    from metier.indexing.store import Store, StoredDocument
    from metier.indexing.writing import WriteReport


def tidy(store: Store) -> None:
    """Compact a store after a write that has succeeded; a failure is a warning."""
    try:
        store.compact()
    except InputError as error:
        warn_caller(
            f"The write to the index at {store.path} is complete, and tidying the index after it "
            f"failed. {error.why} Nothing is lost. Until a later write tidies the index, it takes "
            "more room, and scores of words may be off."
        )


def end_sources(store: Store, source: str, covers: Callable[[str, str], bool]) -> None:
    """Record that all documents of a source are written, which they are; a failure is a warning.

    Args:
        store: the store.
        source: the source.
        covers: whether a source contains another one.
    """
    try:
        store.end_sources([other for other in store.unfinished() if covers(source, other)])
    except InputError as error:
        warn_caller(
            f"All documents of {source} are in the index at {store.path}, and the note "
            f"that they are being written could not be removed. {error.why} Update the index with "
            "the same documents to remove it."
        )


@contextmanager
def reporting_written(report: WriteReport) -> Iterator[None]:
    """Return a context whose failures say what was written to the index before."""
    try:
        yield
    except MetierError as error:
        if not (report.embedded or report.relabeled or report.removed):
            error.add_reason("No document of the index has changed.")
        else:
            error.add_reason(
                f"Before that, {report.embedded} chunks were added, {report.relabeled} got other "
                f"fields or another location, and {report.removed} were removed: the index has "
                "these changes. Give the documents again to make the others."
            )
        raise


@contextmanager
def reporting_rebuilt(path: str) -> Iterator[None]:
    """Return a context whose failures say that the index before is gone."""
    try:
        yield
    except MetierError as error:
        error.parameters["rebuild"] = True
        error.add_reason(
            f"What the index at {path} held before was removed for the rebuilding, which goes on "
            "when the documents are given again without $rebuild."
        )
        raise


@contextmanager
def reporting_removed(store: Store, documents: Sequence[StoredDocument]) -> Iterator[None]:
    """Return a context whose failures say how many of the documents were removed before."""
    try:
        yield
    except InputError as error:
        try:
            left = {chunk for stored in store.contents().values() for chunk in stored.chunks}
        except InputError:
            error.add_reason("Some of the documents may be removed.")
            raise error from None
        kept = sum(not left.isdisjoint(document.chunks) for document in documents)
        if not kept:
            warn_caller(
                f"All {len(documents)} documents are removed from the index at {store.path}, and "
                f"writing failed after it. {error.why}"
            )
            return
        removed = len(documents) - kept
        error.add_reason(
            f"{removed} of {len(documents)} documents are removed, and the others are there still."
        )
        raise
