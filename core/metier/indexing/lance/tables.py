"""Access to LanceDB tables: paths and addresses, reads, atomic writes, retries and errors."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from metier.errors import InputError, MetierError, MissingExtraError, ParameterError, UsageError
from metier.folders import make_private_folder
from metier.indexing.lance.file_checksums import forget_checksums, record_checksums
from metier.indexing.lance.old_versions import shared
from metier.indexing.lance.table_files import local_folder, make_table_private, share_as_folders
from metier.retrieval.nearest import SLACK

if TYPE_CHECKING:
    import pyarrow

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=://)[^@\s]*:[^@\s]*@")
_PARAMETERS = re.compile(r"\?(?!ddbTableName=[\w.-]+$)[^\s'\"]*")


def is_address(path: str) -> bool:
    """Return whether a path is an address such as `s3://bucket/index`, not a folder."""
    return _ADDRESS.match(path) is not None


def normalized(path: str | Path) -> str:
    """Return a folder with `~` expand_home, or an address as it is.

    Raises:
        UsageError: the address contains credentials or parameters.
        ParameterError: the path is empty, or that of a file.
    """
    text = str(path)
    if not text.strip():
        raise ParameterError("The path of an index is empty.", fix="Name a folder.", parameter="at")
    if not is_address(text):
        folder = Path(text).expanduser()
        if folder.is_file():
            raise ParameterError(
                f"{text!r} is a file, and an index is a folder.",
                fix="Name another folder, or one that there is not yet.",
                parameter="at",
            )
        return str(folder)
    if text != redacted(text):
        raise UsageError(
            f"The address {redacted(text)} contains credentials or parameters.",
            why="Addresses appear in messages and in the history of shells.",
            fix="Set credentials in the environment, such as AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, and give the address without them.",
        )
    return text


def redacted(text: str) -> str:
    """Return a text without the user names, keys and parameters of addresses in it."""
    return _PARAMETERS.sub("", _CREDENTIALS.sub("", text)) if "://" in text else text


T = TypeVar("T")

RowsFor = Callable[[Any], "pyarrow.Table"]
"""Makes rows for a table, with the columns that it has at that moment."""

CHUNKS = "metier_chunks"
"""The table of chunks and their vectors; after a rebuild `_` and the build follow. Tables with
other names are left alone."""

BATCH = 8192
"""Number of rows read at a time where all are read."""

IDS_PER_STATEMENT = 1000
"""Largest number of ids in one SQL statement."""

KEY = {"lance-schema:unenforced-primary-key": "true"}
"""Marks a key column: of equal keys that are written at the same time, one row remains."""

_EXTRA_ROWS = 16
"""Number of rows read beyond those requested, to find rows as good as the last."""

_CONFLICTS = ("conflict", "different schema")
"""Parts of LanceDB's messages after another process wrote, or added or removed a column."""

_LOG = "LANCEDB_LOG"

ATTEMPTS = 20
"""How often a write is tried that conflicts with writes of other processes."""


_PANICS = ("PanicException", "RustPanic")
"""Exceptions of a failed assertion in LanceDB's code, as damaged files cause them.

They are not exported, and the first is no subclass of Exception.
"""


class Tables:
    """The tables in a folder or at an address.

    Args:
        path: a folder, or an address that LanceDB supports, with credentials in the environment.

    Attributes:
        folder: the folder; None for an address of an object store.

    Raises:
        MissingExtraError: LanceDB is not installed.
        UsageError: the address contains credentials.
        ParameterError: the path is empty.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = normalized(path)
        self.folder: Path | None = local_folder(self.path)
        self._connection: Any = None
        self._pinned = threading.local()  # tables that a snapshot of this thread opened, by name

    def names(self) -> list[str]:
        """Return the names of the tables; none without a folder, which is not created."""
        if not is_address(self.path) and not Path(self.path).is_dir():
            return []
        with self.reading():
            return list(self._database().list_tables(limit=1000).tables or ())

    def open(self, name: str) -> Any:
        """Return a table in its current version; later writes of others do not show in it."""
        pinned: dict[str, Any] | None = getattr(self._pinned, "tables", None)
        if pinned is not None and name in pinned:
            return pinned[name]
        with self.reading():
            table = self._database().open_table(name)
        if pinned is not None:
            pinned[name] = table
        return table

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Return a context in which this thread opens each table once and keeps its version."""
        outer = getattr(self._pinned, "tables", None)
        self._pinned.tables = {} if outer is None else outer
        try:
            with self.shared():
                yield
        finally:
            self._pinned.tables = outer

    def shared(self) -> AbstractContextManager[None]:
        """Return a context in which no process removes the versions that are read or changed."""
        return shared(self.folder)

    def batches(
        self, table: Any, columns: list[str], where: str | None = None
    ) -> Iterator[pyarrow.RecordBatch]:
        """Yield all rows of a table in batches, always in the same order."""
        with self.reading():
            search = table.search().select(columns)
            search = search if where is None else search.where(where)
            yield from search.to_batches(batch_size=BATCH)

    def best(self, search: Any, columns: list[str], count: int) -> pyarrow.Table:
        """Return the best rows of a search, and all rows as good as the last of them.

        LanceDB does not define the order of equal rows, so none of them may be left out.

        Args:
            search: a search for a vector or for terms.
            columns: columns to return; the last is the one that rows are ordered by.
            count: minimum number of rows, at least 1, if the search has as many.
        """
        limit = count + _EXTRA_ROWS
        with self.reading():
            while True:
                rows = search.limit(limit).select(columns).to_arrow()
                if rows.num_rows < limit:
                    return rows
                order = rows[columns[-1]].to_numpy()
                if abs(order[-1] - order[count - 1]) > SLACK:
                    return rows
                limit *= 4

    def create(self, name: str, schema: pyarrow.Schema) -> Any:
        """Return a table, which is created if it does not exist."""
        with self.writing():
            is_new = name not in self.names()
            folder = self.folder
            if folder is not None:
                make_private_folder(folder)
            if folder is not None and is_new:
                forget_checksums(folder, name)
            table = self._database().create_table(name, schema=schema, exist_ok=True)
            if folder is not None and is_new:  # before any row is in it
                make_table_private(folder, name)
            return table

    def finish_files(self) -> None:
        """Give files that were written the access of their folders, and record checksums of them.

        An object store does both in its own way.
        """
        with self.writing():
            if self.folder is not None:
                share_as_folders(self.folder)
                record_checksums(self.folder)

    def drop(self, name: str) -> None:
        """Remove a table if it exists."""
        with self.writing():
            if self.folder is not None:
                forget_checksums(self.folder, name)
            self._database().drop_table(name, ignore_missing=True)

    def remove_folder(self) -> None:
        """Remove the folder if it is empty."""
        folder = Path(self.path)
        if not is_address(self.path) and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def upsert(self, name: str, rows: RowsFor) -> None:
        """Add rows, or replace rows with the same id, in one commit."""
        self._merge(name, rows, update=True, insert=True)

    def insert(self, name: str, rows: RowsFor) -> None:
        """Add rows; existing rows with the same id stay."""
        self._merge(name, rows, update=False, insert=True)

    def update(self, name: str, rows: RowsFor) -> None:
        """Set columns of existing rows with these ids; other ids are ignored."""
        self._merge(name, rows, update=True, insert=False)

    def add_columns(self, name: str, columns: Mapping[str, pyarrow.DataType]) -> None:
        """Add those of some columns that a table lacks; its rows have null there."""
        import pyarrow as pa

        def work() -> None:
            table = self.open(name)
            existing = table.schema.names
            missing = [
                pa.field(column, kind) for column, kind in columns.items() if column not in existing
            ]
            if missing:
                table.add_columns(pa.schema(missing))

        with self.writing():
            retry_conflicts(work)

    def delete(self, name: str, condition: str) -> None:
        """Remove the rows that meet a SQL condition."""
        with self.writing(), self.shared():
            retry_conflicts(lambda: self.open(name).delete(condition))

    def replace(self, name: str, rows: RowsFor) -> None:
        """Put rows in the place of all others, in one commit."""
        self._merge(name, rows, update=True, insert=True, delete=True)

    def _merge(
        self, name: str, rows: RowsFor, *, update: bool, insert: bool, delete: bool = False
    ) -> None:
        def work() -> None:
            table = self._database().open_table(name)
            merge = table.merge_insert("id")
            merge = merge.when_matched_update_all() if update else merge
            merge = merge.when_not_matched_insert_all() if insert else merge
            merge = merge.when_not_matched_by_source_delete() if delete else merge
            merge.execute(rows(table))

        with self.writing(), self.shared():
            retry_conflicts(work)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Return a context that raises failures as `InputError`: the index cannot be read."""
        fix = "Build it again with $rebuild."
        if is_address(self.path):
            fix = f"Check the address, the credentials in the environment and the network. {fix}"
        with self._translated_errors("read", fix):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Return a context that raises failures as `InputError`: the index cannot be written."""
        fix = "Check the permissions and the free disk space."
        with self._translated_errors("written", fix):
            yield

    @contextmanager
    def _translated_errors(self, action: str, fix: str) -> Iterator[None]:
        try:
            yield
        except MetierError:
            raise
        except BaseException as error:
            is_failure = isinstance(error, OSError | RuntimeError | ValueError | ArithmeticError)
            if not is_failure and type(error).__name__ not in _PANICS:
                raise
            raise InputError(
                f"The index at {self.path} cannot be {action}.",
                why=_reason(error),
                fix=fix,
                parameters={"rebuild": True},
            ) from error

    def _database(self) -> Any:
        if self._connection is None:
            self._connection = lancedb_module().connect(self.path)
        return self._connection


def lancedb_module() -> Any:
    """Import LanceDB, which then writes no log unless the environment asks for it.

    It reads `LANCEDB_LOG` when it is imported, and writes warnings to standard error without it.
    What matters of them is raised as an error.

    Raises:
        MissingExtraError: LanceDB is not installed.
    """
    is_set = _LOG in os.environ
    if not is_set:
        os.environ[_LOG] = os.environ.get("LANCE_LOG", "off")
    try:
        import lancedb
    except ImportError:
        raise MissingExtraError("An index on disk", "store", "lancedb") from None
    finally:
        if not is_set:
            del os.environ[_LOG]
    return lancedb


def retry_conflicts(work: Callable[[], T]) -> T:
    """Call `work`, and call it again when a write of another process conflicts with it."""
    for _ in range(ATTEMPTS - 1):
        try:
            return work()
        except (OSError, RuntimeError, ValueError) as error:
            if not any(part in str(error).lower() for part in _CONFLICTS):
                raise
    return work()


def _reason(error: BaseException) -> str:
    """Return the first line of an error of the library, without locations in its source code."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return redacted(line.partition(", /")[0])[:300]
