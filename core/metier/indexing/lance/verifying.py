"""Check of an index on disk: its tables and records, its rows, and its files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from metier.errors import InputError
from metier.indexing.lance.file_checksums import (
    NAME,
    FileChecksum,
    changed_files,
    file_names,
    read_checksums,
)
from metier.indexing.lance.metadata import METADATA, IndexMetadata
from metier.indexing.lance.row_checksums import CHECKSUM, damaged_rows, texts_at
from metier.indexing.lance.short_vectors import ShortVectors
from metier.indexing.lance.tables import Tables
from metier.indexing.lance.term_index import index_folders
from metier.indexing.verification import (
    PURGE,
    REBUILD,
    RECORD,
    REINDEX,
    UPDATE,
    IndexDamage,
    VerificationReport,
)
from metier.progress import Progress, working

_WORDS = "_indices"
_STATE = ("_versions", "_deletions")
"""Folders of the files that say which rows a table has."""


class Verification:
    """One check of an index. It reads everything from disk, and nothing that others have read.

    Args:
        path: folder or address of the index.
    """

    def __init__(self, path: str) -> None:
        self._tables = Tables(path)
        self._metadata = IndexMetadata(self._tables)
        self._short = ShortVectors(self._tables, self._metadata)
        self._damage: list[IndexDamage] = []
        self._chunks = self._unchecked = self._files = 0

    def run(self, progress: Progress) -> VerificationReport:
        """Check everything that can be read."""
        if self._tables.folder is not None:
            self._check_files(self._tables.folder)
        snapshot, reading = self._tables.snapshot(), self._tables.reading()
        with self._reporting("records", REBUILD), snapshot, reading:
            self._check_records()
            self._check_rows(progress)
            self._check_record_of_files()
        return VerificationReport(
            self._tables.path, self._chunks, self._unchecked, self._files, tuple(self._damage)
        )

    def _check_records(self) -> None:
        """Read all records, which compares each with its checksum, and look for their tables."""
        self._metadata.require_tables()
        self._metadata.manifest()
        self._metadata.unfinished()
        record = self._metadata.term_index()
        table = self._tables.open(self._metadata.chunks)
        if record is not None and table.version < record.version:
            message = "The last writes to the index are missing."
            fix = "Update the index with all its documents, or build it again."
            self._damage.append(IndexDamage("documents", message, fix))
        repeated = self._repeated(self._tables.open(METADATA))
        if repeated:
            message = f"The records {', '.join(repeated)} are there more than once."
            self._damage.append(IndexDamage("records", message, REBUILD))

    def _repeated(self, table: Any) -> list[str]:
        with self._tables.reading():
            ids = table.search().select(["id"]).to_arrow()["id"].to_pylist()
        return sorted({name for name in ids if ids.count(name) > 1})

    def _check_rows(self, progress: Progress) -> None:
        table = self._tables.open(self._metadata.chunks)
        funnel = self._short.active(table)
        damaged: dict[str, None] = {}  # ids of documents, in their order
        seen: set[str] = set()
        count = damaged_count = repeated = 0
        with self._reporting("documents", REBUILD), self._tables.reading():
            total = int(table.count_rows())
            with working(progress, "verifying", total) as bar:
                for batch in self._tables.batches(table, table.schema.names):
                    positions, unchecked = damaged_rows(batch, funnel)
                    damaged.update(dict.fromkeys(texts_at(batch, "document", positions)))
                    damaged_count += len(positions)
                    self._unchecked += unchecked
                    count += batch.num_rows
                    ids = texts_at(batch, "id", range(batch.num_rows))
                    repeated += sum(name in seen for name in ids) + len(ids) - len(set(ids))
                    seen.update(ids)
                    bar.advance(batch.num_rows)
        self._chunks = count - self._unchecked
        if damaged_count:
            message = f"Chunks that are not what was written: {damaged_count}."
            self._damage.append(IndexDamage("documents", message, UPDATE, tuple(damaged)))
        if repeated:
            message = f"Chunks that are there more than once: {repeated}."
            self._damage.append(IndexDamage("documents", message, REBUILD))

    def _check_files(self, folder: Path) -> None:
        try:
            checksums = read_checksums(folder)
        except (ValueError, OSError) as error:
            message = f"The record of the checksums of files is damaged ({error})."
            self._damage.append(IndexDamage("files", message, PURGE, files=(NAME,)))
            return
        names = file_names(folder)
        self._files = sum(name in checksums for name in names)
        changed = changed_files(folder, checksums, names)
        gone = set(checksums) - set(file_names(folder))
        if gone:  # unless another process has removed them since
            gone &= set(_checksums_or_none(folder))
        self._report_files(changed, "Files that are not what was written")
        self._report_files(sorted(gone), "Files that are missing")

    def _check_record_of_files(self) -> None:
        """Look for the checksums of files, which an index has if its rows have checksums."""
        folder = self._tables.folder
        if folder is None or (folder / NAME).exists() or self._metadata.unfinished():
            return  # the first write records them at its end
        if CHECKSUM in self._tables.open(self._metadata.chunks).schema.names:
            message = f"The checksums of files are missing ({NAME}), so that no file was checked."
            self._damage.append(IndexDamage("files", message, RECORD, files=(NAME,)))

    def _words_in_use(self) -> set[str] | None:
        try:
            with self._tables.reading():
                return index_folders(self._tables.open(self._metadata.chunks))
        except InputError:  # reported where the table is read
            return None

    def _report_files(self, names: Sequence[str], what: str) -> None:
        by_fix: dict[tuple[str, str], list[str]] = {}
        in_use = self._words_in_use() if names else None
        for name in names:
            by_fix.setdefault(_part_and_fix(name, in_use), []).append(name)
        for (part, fix), files in by_fix.items():
            message = f"{what}: {len(files)}."
            self._damage.append(IndexDamage(part, message, fix, files=tuple(files)))

    @contextmanager
    def _reporting(self, part: str, fix: str) -> Iterator[None]:
        """Return a context whose failures to read are damage."""
        try:
            yield
        except InputError as error:
            message = f"{error.what} {error.why or ''}".strip()
            self._damage.append(IndexDamage(part, message, fix))


def require_intact_state(tables: Tables) -> None:
    """Check the files that say which rows the tables have now, before a write goes by them.

    Raises:
        InputError: one is damaged.
    """
    if tables.folder is None:
        return
    checksums = _checksums_or_none(tables.folder)
    newest: dict[str, str] = {}  # the names of newer manifests sort before those of older ones
    for name in sorted(checksums, reverse=True):
        if "/_versions/" in name and (tables.folder / name).exists():
            newest[name.partition("/")[0]] = name
    deletions = [name for name in checksums if "/_deletions/" in name]
    damaged = changed_files(tables.folder, checksums, [*newest.values(), *deletions])
    if damaged:
        raise InputError(
            f"The index at {tables.path} is damaged: {', '.join(damaged)}.",
            why="These files say which chunks the index has, and a write would go by them.",
            fix="Put them back from a copy, or build the index again with $rebuild.",
            code="index-damaged",
            parameters={"rebuild": True},
        )


def damaged_words(tables: Tables, table: Any) -> list[str]:
    """Return the damaged files of the index of terms that searches in a table use."""
    if tables.folder is None:
        return []
    checksums = _checksums_or_none(tables.folder)
    in_use = index_folders(table)
    names = [name for name in checksums if _is_of_words(name, in_use)]
    return changed_files(tables.folder, checksums, names)


def _is_of_words(name: str, in_use: Collection[str] | None) -> bool:
    """Return whether a file is of an index of terms, and of one in use if those are known."""
    _, kind, index, *_ = (*name.split("/"), "", "")
    return kind == _WORDS and (in_use is None or index in in_use)


def _checksums_or_none(folder: Path) -> dict[str, FileChecksum]:
    try:
        return read_checksums(folder)
    except (ValueError, OSError):
        return {}


def _part_and_fix(name: str, in_use: Collection[str] | None) -> tuple[str, str]:
    table, _, rest = name.partition("/")
    kind = rest.partition("/")[0]
    if _is_of_words(name, in_use):
        return "words", REINDEX
    if kind in _STATE or table.startswith("metier_axes"):
        return "files", REBUILD
    return "files", PURGE
