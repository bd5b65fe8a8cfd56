"""What an index says of itself: its manifest, its funnel, and the axes its vectors are rotated to.

All of it is in tables, so that an address needs nothing but LanceDB, and a change is one commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.errors import InputError
from metier.indexing.lance.rows import vectors_array
from metier.indexing.lance.tables import KEY, Tables
from metier.indexing.manifest import Manifest
from metier.retrieval.funnel import Funnel

if TYPE_CHECKING:
    import numpy.typing as npt

ABOUT = "about"
_MANIFEST = "manifest"
_FUNNEL = "funnel"
_AXES = "axes_"


class About:
    """The tables `about` and `axes_...` of an index."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._seen: tuple[int, dict[str, Any]] | None = None
        self._axes: tuple[str, npt.NDArray[np.float32]] | None = None

    def is_there(self) -> bool:
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
                f"The index at {self._tables.place} has no manifest.",
                why="It was dropped or begun anew meanwhile, or it is damaged.",
                fix="Open it again, or build it again with rebuild=True (--rebuild).",
            )
        return Manifest.from_dict(facts[_MANIFEST])

    def write_manifest(self, manifest: Manifest) -> None:
        """Write what the index is made with, unless another process has done so."""
        self._write(_MANIFEST, manifest.to_dict(), replace=False)

    def funnel(self) -> tuple[str, Funnel] | None:
        """The funnel in use, with the name of the column its short vectors are in."""
        found = self._facts().get(_FUNNEL)
        return None if found is None else (found["column"], Funnel.from_dict(found))

    def write_funnel(self, column: str, funnel: Funnel) -> None:
        """Let searches use a funnel, whose column is filled."""
        self._write(_FUNNEL, {**funnel.to_dict(), "column": column})

    def axes(self, column: str) -> npt.NDArray[np.float32]:
        """The (dim, dim) axes of a funnel."""
        if self._axes is None or self._axes[0] != column:
            table = self._tables.open(_AXES + column)
            with self._tables.reading():
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
        self._tables.upsert(_AXES + column, pa.table(columns, schema=schema))

    def drop_axes(self, but: str | None = None) -> None:
        """Remove the axes of funnels that are not in use any more."""
        for name in self._tables.names():
            if name.startswith(_AXES) and name != _AXES + (but or ""):
                self._tables.drop(name)

    def drop(self) -> None:
        """Remove the table; then there is no index."""
        self._seen = None
        self._tables.drop(ABOUT)

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

        types = [
            pa.field("id", pa.string(), nullable=False, metadata=KEY),
            pa.field("content", pa.string()),
        ]
        schema = pa.schema(types)
        self._tables.create(ABOUT, schema)
        rows = pa.table([[name], [json.dumps(content)]], schema=schema)
        write = self._tables.upsert if replace else self._tables.insert
        write(ABOUT, rows)
