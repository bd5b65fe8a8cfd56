"""Purge of an index on disk: removed texts leave its files, and old versions go."""

from __future__ import annotations

from typing import Any

from metier.errors import InputError, UsageError
from metier.indexing.lance.file_checksums import forget_checksums
from metier.indexing.lance.metadata import METADATA, IndexMetadata
from metier.indexing.lance.old_versions import NOW, exclusive
from metier.indexing.lance.sql import KINDS
from metier.indexing.lance.table_files import PREFIX
from metier.indexing.lance.tables import Tables, retry_conflicts
from metier.indexing.lance.term_index import TermIndex
from metier.indexing.verification import PURGE, RECORD, REINDEX, VerificationReport


def require_purgeable(report: VerificationReport) -> None:
    """Check that a purge, which writes everything anew, carries no damage over.

    Raises:
        InputError: the index is damaged in a way that a purge does not mend.
    """
    damage = [part for part in report.damage if part.fix not in (PURGE, RECORD, REINDEX)]
    if damage:
        raise InputError(
            f"The index at {report.path} is damaged, and was not purged.",
            why=" ".join(part.message for part in damage),
            fix=f"{damage[0].fix} A verification of the index names all that is damaged.",
            code="index-damaged",
        )


def write_anew(tables: Tables, metadata: IndexMetadata, terms: TermIndex) -> None:
    """Write all rows of an index into new files, and index its terms anew.

    LanceDB's own compaction leaves removed rows in their files as long as they are few.

    Raises:
        InputError: the index cannot be read or written.
    """

    def write_chunks() -> None:
        table = tables.open(metadata.chunks)
        _drop_empty_fields(table)  # first, since files name the columns that they hold
        _write_rows(table, "source")
        table.optimize()
        terms.rebuild(table)

    with tables.writing(), tables.shared():
        retry_conflicts(write_chunks)
        retry_conflicts(lambda: _write_rows(tables.open(METADATA), "content"))


def remove_old_files(tables: Tables) -> None:
    """Remove all files of an index but those of the newest versions of its tables.

    Raises:
        UsageError: somebody is reading or writing the index; the old files are there still.
        InputError: files cannot be removed.
    """
    with tables.writing(), exclusive(tables.folder) as is_alone:
        if not is_alone:
            raise UsageError(
                f"The index at {tables.path} is being read or written, so that old files of it "
                "could not be removed.",
                fix="Purge it again when nobody uses it.",
            )
        for name in tables.names():
            if name.startswith(PREFIX):
                tables.open(name).optimize(cleanup_older_than=NOW, delete_unverified=True)
                if tables.folder is not None:  # all files of the table are new
                    forget_checksums(tables.folder, name)
    tables.finish_files()


def _write_rows(table: Any, column: str) -> None:
    table.update(values_sql={column: column})


def _drop_empty_fields(table: Any) -> None:
    """Remove the columns of fields that no document has any more: a name may say much."""
    columns = [name for name in table.schema.names if name.startswith(KINDS)]
    empty = [name for name in columns if table.count_rows(f"{name} IS NOT NULL") == 0]
    if empty:
        table.drop_columns(empty)
