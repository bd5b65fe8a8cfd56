"""What an index says of itself: its manifest, its funnel, and the axes its vectors are rotated to.

All of it is in tables, so that an address needs nothing but LanceDB, and a change is one commit.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from metier.errors import InputError
from metier.indexing.lance.sql import among
from metier.indexing.lance.table_rows import vectors_array
from metier.indexing.lance.tables import KEY, Tables
from metier.indexing.manifest import Manifest
from metier.retrieval.funnel import Funnel

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow

ABOUT = "metier_about"
_MANIFEST = "manifest"
_FUNNEL = "funnel"
_INDEXED = "indexed"
_BEGUN = "begun "
"""Before the name of a source: its documents are being written."""
_AXES = "metier_axes_"


class Indexed(NamedTuple):
    """Terms that were indexed.

    Attributes:
        id: of what LanceDB made.
        rows: of how many rows.
        version: of the table of chunks with it.
    """

    id: str
    rows: int
    version: int

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Indexed:
        """What plain data says."""
        return cls(str(content["id"]), int(content["rows"]), int(content["version"]))


class About:
    """The tables `metier_about` and `metier_axes_...` of an index."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._seen: tuple[int, dict[str, Any]] | None = None
        self._axes: tuple[str, npt.NDArray[np.float32]] | None = None

    def exists(self) -> bool:
        """Whether there is an index: its manifest is written first and removed last."""
        return ABOUT in self._tables.names() and _MANIFEST in self._facts()

    def manifest(self) -> Manifest:
        """What the index was made with.

        Raises:
            InputError: it is damaged, or of a newer metier.
        """
        facts = self._facts()
        if _MANIFEST not in facts:
            raise InputError(
                f"The index at {self._tables.path} has no manifest.",
                why="It was dropped or begun anew meanwhile, or it is damaged.",
                fix="Open it again, or build it again with rebuild=True (--rebuild).",
            )
        return Manifest.from_dict(facts[_MANIFEST])

    def write_manifest(self, manifest: Manifest) -> None:
        """Write what the index is made with, unless another process has done so."""
        self._tables.create(ABOUT, _schema())
        self._write(_MANIFEST, manifest.to_dict(), replace=False)

    def funnel(self) -> tuple[str, Funnel] | None:
        """The funnel in use, with the name of the column its short vectors are in."""
        found = self._facts().get(_FUNNEL)
        with self._known_form(_FUNNEL):
            return None if found is None else (str(found["column"]), Funnel.from_dict(found))

    def write_funnel(self, column: str, funnel: Funnel) -> None:
        """Let searches use a funnel, whose column is filled."""
        self._write(_FUNNEL, {**funnel.to_dict(), "column": column})

    def indexed(self) -> Indexed | None:
        """What was noted when the terms were last indexed."""
        found = self._facts().get(_INDEXED)
        with self._known_form(_INDEXED):
            return None if found is None else Indexed.from_dict(found)

    def write_indexed(self, indexed: Indexed) -> None:
        """Note what the terms were indexed of."""
        self._write(_INDEXED, indexed._asdict())

    def begin_source(self, source: str) -> None:
        """Note that the documents of a source are being written."""
        if source not in self.unfinished():
            self._write(_BEGUN + source, {})

    def end_sources(self, sources: Collection[str]) -> None:
        """Note that those of sources have been written."""
        ended = [_BEGUN + one for one in self.unfinished() if one in sources]
        if ended:
            self._tables.delete(ABOUT, among("id", ended))

    def unfinished(self) -> list[str]:
        """Sources that were begun and not ended."""
        return sorted(one.removeprefix(_BEGUN) for one in self._facts() if one.startswith(_BEGUN))

    def axes(self, column: str) -> npt.NDArray[np.float32]:
        """The (dim, dim) axes of a funnel."""
        if self._axes is None or self._axes[0] != column:
            table = self._tables.open(_AXES + column)
            with self._tables.reading(), self._known_form("axes"):
                rows = table.to_arrow().sort_by("number")
                matrix = np.array(rows["axis"].to_pylist(), dtype=np.float32)
                self._axes = (column, np.ascontiguousarray(matrix.T))
        return self._axes[1]

    def write_axes(self, column: str, axes: npt.NDArray[np.float32]) -> None:
        """Keep the axes of a funnel that is to come."""
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
        """Remove the axes of funnels, but those of some columns."""
        for name in self._tables.names():
            if name.startswith(_AXES) and name.removeprefix(_AXES) not in but:
                self._tables.drop(name)

    def drop(self) -> None:
        """Remove the table; then there is no index."""
        self._seen = None
        self._tables.drop(ABOUT)

    @contextmanager
    def _known_form(self, name: str) -> Iterator[None]:
        """What fails inside is a record of another form than the one it is written in here."""
        try:
            yield
        except (KeyError, IndexError, TypeError, ValueError):
            raise InputError(
                f"The index at {self._tables.path} keeps its {name!r} in a form that this metier "
                "does not know.",
                why="Another version of metier wrote it, or it is damaged.",
                fix="Use that version, or build the index again with rebuild=True (--rebuild).",
            ) from None

    def _facts(self) -> Mapping[str, Any]:
        table = self._tables.open(ABOUT)
        with self._tables.reading():
            if self._seen is None or self._seen[0] != table.version:
                rows = table.search().select(["id", "content"]).to_list()
                facts = {row["id"]: json.loads(row["content"]) for row in rows}
                self._seen = (table.version, facts)
            return self._seen[1]

    def _write(self, name: str, content: Mapping[str, Any], *, replace: bool = True) -> None:
        import pyarrow as pa

        rows = pa.table([[name], [json.dumps(content)]], schema=_schema())
        write = self._tables.upsert if replace else self._tables.insert
        write(ABOUT, lambda _: rows)


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    key = pa.field("id", pa.string(), nullable=False, metadata=KEY)
    return pa.schema([key, pa.field("content", pa.string())])
