"""Metadata of an index on disk: manifest, funnel with its axes, term index, unfinished sources.

It is kept in LanceDB tables, so that addresses work as folders do and each change is one commit.
"""

from __future__ import annotations

import json
import secrets
import threading
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from metier.errors import InputError, UsageError
from metier.indexing.lance.sql import among
from metier.indexing.lance.table_rows import vectors_array
from metier.indexing.lance.tables import CHUNKS, KEY, Tables
from metier.indexing.manifest import Manifest
from metier.retrieval.funnel import Funnel

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow

METADATA = "metier_about"
"""Name of the table; the name dates from the first version of the format."""

_MANIFEST = "manifest"
_FUNNEL = "funnel"
_TERM_INDEX = "indexed"
_UNFINISHED = "begun "
"""Prefix of the record of an unfinished source, before its name."""
_AXES = "metier_axes_"


class TermIndexRecord(NamedTuple):
    """The record of the last indexing of the terms.

    Attributes:
        id: id of the index in LanceDB.
        rows: number of rows it covers.
        version: version of the table of chunks that contains it.
    """

    id: str
    rows: int
    version: int

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> TermIndexRecord:
        """Make a record from its dict."""
        return cls(str(content["id"]), int(content["rows"]), int(content["version"]))


class IndexMetadata:
    """The tables `metier_about` and `metier_axes_...` of an index.

    A rebuilt index has a table of chunks with a name of its own: what another process commits to
    the one before, whose rebuilding it has not seen, cannot end up among the new chunks. Records
    other than the manifest belong to a build in the same way.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._cache: tuple[int, dict[str, Any]] | None = None  # version, records by id
        self._axes: tuple[str, npt.NDArray[np.float32]] | None = None  # column, axes
        self._writing = threading.local()  # the build that this thread writes to

    def exists(self) -> bool:
        """Return whether the index exists: its manifest is written first and removed last."""
        return METADATA in self._tables.names() and _MANIFEST in self._records()

    def require_tables(self) -> None:
        """Check that the tables exist that the index has according to its records.

        Raises:
            InputError: a table is missing.
        """
        exists = self.exists()
        names = self._tables.names()
        missing = [name for name in self._expected_tables() if name not in names] if exists else []
        if not exists and any(name.startswith(CHUNKS) for name in names):
            missing = [METADATA]
        if missing:
            raise InputError(
                f"The index at {self._tables.path} lacks {' and '.join(missing)}.",
                why="Files of the index were deleted, or left out of a copy of it.",
                fix="Put back the folder of that name, with .lance at its end, from a copy, or "
                "build the index again with $rebuild.",
                code="index-damaged",
                parameters={"rebuild": True},
            )

    def _expected_tables(self) -> list[str]:
        expected = [] if self.term_index() is None else [self.chunks]
        funnel = self.funnel()
        if funnel is not None and not funnel[1].is_exact:
            expected.append(_AXES + funnel[0])
        return expected

    def forget_tables(self) -> None:
        """Remove the records by which `require_tables` knows the tables, before these go."""
        if METADATA in self._tables.names():
            records = [self._key(_TERM_INDEX), self._key(_FUNNEL)]
            self._tables.delete(METADATA, among("id", records))

    def manifest(self) -> Manifest:
        """Read the manifest.

        Raises:
            InputError: it is missing or damaged, or a newer version of metier wrote it.
        """
        records = self._records()
        if _MANIFEST not in records:
            raise InputError(
                f"The index at {self._tables.path} has no manifest.",
                why="Another process dropped or rebuilt the index, or it is damaged.",
                fix="Open it again, or build it again with $rebuild.",
                parameters={"rebuild": True},
            )
        return Manifest.from_dict(records[_MANIFEST])

    def write_manifest(self, manifest: Manifest) -> None:
        """Write the manifest unless another process has written one."""
        self._tables.create(METADATA, _schema())
        self._tables.insert(METADATA, lambda _: _rows(_MANIFEST, manifest.to_dict()))

    def begin_build(self, manifest: Manifest, source: str) -> None:
        """Replace the manifest and all records of the index before by those of a new build.

        The same commit says that the documents of its source are not written yet.
        """
        import pyarrow as pa

        build = secrets.token_hex(4)
        records = [
            _rows(_MANIFEST, replace(manifest, build=build).to_dict()),
            _rows(f"{build} {_UNFINISHED}{source}", {}),
        ]
        self._tables.replace(METADATA, lambda _: pa.concat_tables(records))

    @property
    def chunks(self) -> str:
        """The name of the table of chunks, of the build that this thread writes to if it does."""
        build = self._build()
        return f"{CHUNKS}_{build}" if build else CHUNKS

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Return a context in which this thread writes to one build, though another is begun."""
        outer = getattr(self._writing, "build", None)
        self._writing.build = self._current_build()
        try:
            yield
        finally:
            self._writing.build = outer

    def require_build(self) -> None:
        """Check that the build that this thread writes to is still the index.

        Raises:
            UsageError: the index was rebuilt.
            InputError: the index was dropped.
        """
        build = getattr(self._writing, "build", None)
        if build is not None and build != self.manifest().build:
            raise UsageError(
                f"The index at {self._tables.path} was rebuilt while it was written.",
                why="What was written to the index before is gone with it.",
                fix="Open the index again, and write again what is not in it.",
                code="index-mismatch",
            )

    def funnel(self) -> tuple[str, Funnel] | None:
        """Return the funnel and the column of its short vectors; None without a funnel."""
        record = self._records().get(self._key(_FUNNEL))
        with self._parsing(_FUNNEL):
            return None if record is None else (str(record["column"]), Funnel.from_dict(record))

    def write_funnel(self, column: str, funnel: Funnel) -> None:
        """Make searches use a funnel, whose column has to be filled."""
        self._write(_FUNNEL, {**funnel.to_dict(), "column": column})

    def term_index(self) -> TermIndexRecord | None:
        """Return the record of the last indexing of the terms."""
        record = self._records().get(self._key(_TERM_INDEX))
        with self._parsing(_TERM_INDEX):
            return None if record is None else TermIndexRecord.from_dict(record)

    def write_term_index(self, record: TermIndexRecord) -> None:
        """Record an index of the terms."""
        self._write(_TERM_INDEX, record._asdict())

    def begin_source(self, source: str) -> None:
        """As `Store.begin_source`."""
        if source not in self.unfinished():
            self._write(_UNFINISHED + source, {})

    def end_sources(self, sources: Collection[str]) -> None:
        """As `Store.end_sources`."""
        prefix = self._key(_UNFINISHED)
        ended = [prefix + source for source in self.unfinished() if source in sources]
        if ended:
            self._tables.delete(METADATA, among("id", ended))

    def unfinished(self) -> list[str]:
        """As `Store.unfinished`."""
        prefix = self._key(_UNFINISHED)
        records = [name for name in self._records() if name.startswith(prefix)]
        return sorted(name.removeprefix(prefix) for name in records)

    def axes(self, column: str) -> npt.NDArray[np.float32]:
        """Return the (dim, dim) axes of a funnel, one a column."""
        if self._axes is None or self._axes[0] != column:
            table = self._tables.open(_AXES + column)
            with self._tables.reading(), self._parsing("axes"):
                rows = table.to_arrow().sort_by("number")
                matrix = np.array(rows["axis"].to_pylist(), dtype=np.float32)
                self._axes = (column, np.ascontiguousarray(matrix.T))
        return self._axes[1]

    def write_axes(self, column: str, axes: npt.NDArray[np.float32]) -> None:
        """Write the axes of a funnel before the funnel itself."""
        import pyarrow as pa

        types = [
            pa.field("id", pa.string(), nullable=False, metadata=KEY),
            pa.field("number", pa.int64()),
            pa.field("axis", pa.list_(pa.float32(), len(axes))),
        ]
        numbers = list(range(axes.shape[1]))
        columns = [[str(number) for number in numbers], numbers, vectors_array(axes.T)]
        schema = pa.schema(types)
        self._tables.create(_AXES + column, schema)
        self._tables.upsert(_AXES + column, lambda _: pa.table(columns, schema=schema))

    def drop_axes(self, but: Collection[str] = ()) -> None:
        """Remove the axes of all funnels except those of some columns."""
        for name in self._tables.names():
            if name.startswith(_AXES) and name.removeprefix(_AXES) not in but:
                self._tables.drop(name)

    def drop(self) -> None:
        """Remove the table, and with it the index."""
        self._cache = None
        self._tables.drop(METADATA)

    @contextmanager
    def _parsing(self, name: str) -> Iterator[None]:
        """Return a context that raises failures as `InputError`: the record cannot be parsed."""
        try:
            yield
        except (KeyError, IndexError, TypeError, ValueError):
            raise InputError(
                f"This version of metier cannot read the record {name!r} of the index at "
                f"{self._tables.path}.",
                why="Another version of metier wrote it, or it is damaged.",
                fix="Use that version, or build the index again with $rebuild.",
                parameters={"rebuild": True},
            ) from None

    def _records(self) -> Mapping[str, Any]:
        """Return all records by id, cached until the table changes; none without the table."""
        try:
            table = self._tables.open(METADATA)
        except InputError:
            if METADATA in self._tables.names():
                raise
            return {}
        with self._tables.reading():
            if self._cache is None or self._cache[0] != table.version:
                rows = table.search().select(["id", "content"]).to_list()
                records = {row["id"]: self._parsed(row["id"], row["content"]) for row in rows}
                self._cache = (table.version, records)
            return self._cache[1]

    def _parsed(self, name: str, text: str) -> Any:
        """Parse a record. Records of versions without checksums have none."""
        record = json.loads(text)
        if isinstance(record, dict) and "checksum" in record:
            written = record.pop("checksum")
            if written != _checksum(name, record):
                raise InputError(
                    f"The record {name!r} of the index at {self._tables.path} is damaged.",
                    why="It is not what was written.",
                    fix="Build the index again with $rebuild.",
                    code="index-damaged",
                    parameters={"rebuild": True},
                )
        return record

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        rows = _rows(self._key(name), content)
        self._tables.upsert(METADATA, lambda _: rows)

    def _build(self) -> str:
        build: str | None = getattr(self._writing, "build", None)
        return self._current_build() if build is None else build

    def _current_build(self) -> str:
        """Return the build that the manifest names; empty without one that can be read."""
        manifest = self._records().get(_MANIFEST)
        return str(manifest.get("build", "")) if isinstance(manifest, dict) else ""

    def _key(self, name: str) -> str:
        """Return the id of a record of the build."""
        build = self._build()
        return f"{build} {name}" if build else name


def _rows(name: str, content: Mapping[str, Any]) -> pyarrow.Table:
    import pyarrow as pa

    record = {**content, "checksum": _checksum(name, content)}
    return pa.table([[name], [json.dumps(record)]], schema=_schema())


def _checksum(name: str, content: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps([name, content], sort_keys=True).encode())


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    key = pa.field("id", pa.string(), nullable=False, metadata=KEY)
    return pa.schema([key, pa.field("content", pa.string())])
