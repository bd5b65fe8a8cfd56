"""Tables of LanceDB and where they lie, with errors that say what to do."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from metier.errors import InputError, MetierError, MissingExtraError, ParameterError, UsageError
from metier.retrieval.nearest import SLACK

if TYPE_CHECKING:
    import pyarrow

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_KEYS = re.compile(r"(?<=://)[^@\s]*:[^@\s]*@")
_PARAMETERS = re.compile(r"\?(?!ddbTableName=[\w.-]+$)[^\s'\"]*")


def is_address(place: str) -> bool:
    """Whether it is an address such as `s3://bucket/index`, not a folder."""
    return _ADDRESS.match(place) is not None


def normal(place: str | Path) -> str:
    """A folder with `~` resolved, an address as it is.

    Raises:
        UsageError: the address holds credentials, which would be shown, and kept in histories.
        ParameterError: the place is empty.
    """
    text = str(place)
    if not text.strip():
        raise ParameterError("An index cannot lie at an empty place.", fix="Name a folder.")
    if not is_address(text):
        return str(Path(text).expanduser())
    if text != shown(text):
        raise UsageError(
            f"The address {shown(text)} was given with credentials or parameters in it.",
            why="Addresses are shown in messages and kept in the histories of shells.",
            fix="Give credentials in the environment, such as AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, and the address without them.",
        )
    return text


def shown(text: str) -> str:
    """A text that may hold an address, without what may be secret in it: user, key, query."""
    return _PARAMETERS.sub("", _KEYS.sub("", text)) if "://" in text else text


T = TypeVar("T")

RowsFor = Callable[[Any], "pyarrow.Table"]
"""Rows with the columns of a table as it is now."""

CHUNKS = "metier_chunks"
"""The table of chunks and their vectors; others in the folder are none of ours."""

BATCH = 8192
"""Rows read at a time where all are read."""

LISTED = 1000
"""Ids named in one statement."""

KEY = {"lance-schema:unenforced-primary-key": "true"}
"""Makes a column the key: writers that bring the same rows at once then leave one of each."""

_SPARE = 16
"""Rows looked at beyond those asked for, to see whether equal ones go on."""

_IN_THE_WAY = ("conflict", "different schema")
"""What LanceDB says where another process has written meanwhile, or added or removed a column."""

ATTEMPTS = 20
"""How often a write is tried that another process comes in the way of."""


class Tables:
    """The tables of a folder or an address.

    Args:
        place: a folder, or an address that LanceDB knows; its credentials come from the
            environment, as those of all tools for that store do.

    Raises:
        MissingExtraError: LanceDB is not installed.
        UsageError: the address holds credentials.
        ParameterError: the place is empty.
    """

    def __init__(self, place: str | Path) -> None:
        self.path = normal(place)
        self._connected: Any = None
        self._steady = threading.local()

    def names(self) -> list[str]:
        """The names of the tables; none where there is no folder, and none is made."""
        if not is_address(self.path) and not Path(self.path).is_dir():
            return []
        with self.reading():
            return list(self._database().list_tables(limit=1000).tables or ())

    def open(self, name: str) -> Any:
        """A table as it is now; what others write later is not seen through it."""
        kept: dict[str, Any] | None = getattr(self._steady, "tables", None)
        if kept is not None and name in kept:
            return kept[name]
        with self.reading():
            table = self._database().open_table(name)
        if kept is not None:
            kept[name] = table
        return table

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Inside, in this thread, a table stays as it is when it is first opened."""
        before = getattr(self._steady, "tables", None)
        self._steady.tables = {} if before is None else before
        try:
            yield
        finally:
            self._steady.tables = before

    def batches(
        self, table: Any, columns: list[str], where: str | None = None
    ) -> Iterator[pyarrow.RecordBatch]:
        """All rows of a table, some at a time and in the same order every time."""
        with self.reading():
            search = table.search().select(columns)
            search = search if where is None else search.where(where)
            yield from search.to_batches(batch_size=BATCH)

    def best(self, search: Any, columns: list[str], count: int) -> pyarrow.Table:
        """The first rows of a search, and all that are as good as the last.

        Which of equal rows come first is not said by LanceDB, so that none may be left out.

        Args:
            search: for a vector or for terms.
            columns: of the rows, the last of them what they are ordered by.
            count: how many at least, where there are as many, 1 or more.
        """
        limit = count + _SPARE
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
        """A table, made if it is not there."""
        with self.writing():
            return self._database().create_table(name, schema=schema, exist_ok=True)

    def drop(self, name: str) -> None:
        """Remove a table if it is there."""
        with self.writing():
            self._database().drop_table(name, ignore_missing=True)

    def remove_folder(self) -> None:
        """Remove the folder if nothing is in it."""
        folder = Path(self.path)
        if not is_address(self.path) and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def upsert(self, name: str, rows: RowsFor) -> None:
        """Add rows, or replace those with the same id: all of them or none."""
        self._merge(name, rows, update=True, insert=True)

    def insert(self, name: str, rows: RowsFor) -> None:
        """Add rows; where there is one with the same id, it stays."""
        self._merge(name, rows, update=False, insert=True)

    def update(self, name: str, rows: RowsFor) -> None:
        """Set columns of the rows with these ids, of those that are there."""
        self._merge(name, rows, update=True, insert=False)

    def delete(self, name: str, condition: str) -> None:
        """Remove the rows that meet a condition in SQL."""
        with self.writing():
            persisted(lambda: self.open(name).delete(condition))

    def _merge(self, name: str, rows: RowsFor, *, update: bool, insert: bool) -> None:
        def work() -> None:
            table = self._database().open_table(name)
            merge = table.merge_insert("id")
            merge = merge.when_matched_update_all() if update else merge
            merge = merge.when_not_matched_insert_all() if insert else merge
            merge.execute(rows(table))

        with self.writing():
            persisted(work)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What fails inside is an index that cannot be read."""
        fix = "Build it again with rebuild=True (--rebuild)."
        if is_address(self.path):
            fix = f"Check the address, the credentials in the environment and the network. {fix}"
        with self._told("read", fix):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """What fails inside is an index that cannot be written; what it held it holds."""
        fix = "Check the permissions and the space that is left; what was there is there still."
        with self._told("written", fix):
            yield

    @contextmanager
    def _told(self, done: str, fix: str) -> Iterator[None]:
        try:
            yield
        except MetierError:
            raise
        except (OSError, RuntimeError, ValueError, ArithmeticError) as error:
            raise InputError(
                f"The index at {self.path} cannot be {done}.",
                why=_reason(error),
                fix=fix,
            ) from error

    def _database(self) -> Any:
        if self._connected is None:
            self._connected = library().connect(self.path)
        return self._connected


def library() -> Any:
    """LanceDB.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import lancedb
    except ImportError:
        raise MissingExtraError("An index on disk", "store", "lancedb") from None
    return lancedb


def persisted(work: Callable[[], T]) -> T:
    """Do work that another process may come in the way of, again if one does."""
    for _ in range(ATTEMPTS - 1):
        try:
            return work()
        except (OSError, RuntimeError, ValueError) as error:
            if not any(sign in str(error).lower() for sign in _IN_THE_WAY):
                raise
    return work()


def _reason(error: Exception) -> str:
    """The first sentence of what the library says; where in its sources it failed helps nobody."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return shown(line.partition(", /")[0])[:300]
