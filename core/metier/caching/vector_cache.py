"""The vector cache on disk: unit vectors at full size, found by a hash. It never holds a text."""

from __future__ import annotations

import math
import re
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from metier.caching.cache_database import Database
from metier.errors import ParameterError, UnknownNameError
from metier.folders import expanded, user_folder
from metier.models.embedder import Embedder, Embeddings
from metier.settings import configured

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*", re.IGNORECASE)


def cache_folder() -> Path:
    """Folder of the vector cache: METIER_CACHE_DIR, else one among the user's caches.

    Raises:
        UsageError: the home folder of the user is not known.
    """
    folder = configured("cache_dir")
    return expanded(folder) if folder else user_folder("cache") / "vectors"


def cache_limit(environment: Mapping[str, str] | None = None) -> int:
    """Largest size of the vector cache in bytes: METIER_CACHE_SIZE, else 2 GB.

    Raises:
        ParameterError: the variable holds no size.
    """
    written = configured("cache_size", environment) or ""
    size = _SIZE.fullmatch(written)
    number = float(size[1]) if size else 0.0
    unit = size[2].upper() if size else ""
    limit = int(number * _UNITS[unit if unit in _UNITS else f"{unit}B"])
    if limit < 1:
        raise ParameterError(
            f"METIER_CACHE_SIZE={written!r} is not a size.",
            fix="Write a number and a unit, such as 500MB or 2GB; METIER_CACHE=0 keeps nothing.",
        )
    return limit


KEPT = 0.9
"""Share of the limit that stays when the oldest vectors are dropped."""

REMEMBERED = 3600
"""Seconds within which a second use of a vector is not written down: reading stays reading."""

_MOST_PARAMETERS = 900  # of one statement; SQLite before 3.32 takes 999


@dataclass(frozen=True, slots=True)
class CachedModel:
    """A model that vectors are kept of.

    Attributes:
        id: what it was asked for by when its first vector was kept.
        fingerprint: of the model.
        dtype: what it computed in.
        dim: size of its full vectors.
        entries: how many vectors are kept.
    """

    id: str
    fingerprint: str
    dtype: str
    dim: int
    entries: int


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What a cache holds.

    Attributes:
        path: its file, there or not.
        entries: how many vectors are kept.
        bytes: size of the file.
        limit: size above which the vectors that were not used for longest are dropped.
        oldest: when the vector not used for longest was last used, to the hour; UTC.
        models: the models of the vectors.
    """

    path: Path
    entries: int
    bytes: int
    limit: int
    oldest: datetime | None
    models: tuple[CachedModel, ...]


class VectorCache:
    """Vectors on disk, shared by any number of threads and processes.

    A cache that is damaged is begun anew, and one that cannot be read or written is left alone.
    Either is a MetierWarning, and vectors are computed as without a cache.

    Args:
        folder: where it lies; None takes METIER_CACHE_DIR, else the platform's cache folder.
        limit: bytes it may take; None takes METIER_CACHE_SIZE, else 2 GB.

    Raises:
        ParameterError: `limit` is less than 1, or METIER_CACHE_SIZE holds no size.
    """

    lasting = True

    def __init__(self, folder: str | Path | None = None, *, limit: int | None = None) -> None:
        self.folder = cache_folder() if folder is None else expanded(folder)
        self.limit = cache_limit() if limit is None else limit
        if self.limit < 1:
            raise ParameterError(f"limit={limit} bytes is less than 1.")
        self._database = Database(self.folder)

    def find(self, keys: Sequence[bytes], dim: int) -> tuple[list[int], Embeddings]:
        """The vectors that are kept.

        Args:
            keys: n distinct keys.
            dim: size of the model's full vectors.

        Returns:
            The places in `keys` of the k that were found, and their (k, dim) vectors.
        """

        def work(connection: sqlite3.Connection) -> dict[bytes, _Row]:
            return _read(connection, keys, dim)

        nothing: dict[bytes, _Row] = {}
        found = self._database.use(work, nothing, create=False)
        places = [place for place, key in enumerate(keys) if key in found]
        rows = [found[keys[place]] for place in places]
        raw = np.frombuffer(b"".join(row.vector for row in rows), dtype="<f4")
        return places, Embeddings(
            raw.reshape(len(rows), dim).astype(np.float32),
            np.array([row.tokens for row in rows], dtype=np.int32),
            np.array([row.truncated for row in rows], dtype=np.bool_),
        )

    def put(self, embedder: Embedder, keys: Sequence[bytes], encoded: Embeddings) -> None:
        """Keep vectors, all of them or, where the process ends on the way, none.

        Args:
            embedder: what made them.
            keys: n distinct keys.
            encoded: (n, full dim) unit vectors.
        """
        now = int(time.time())
        vectors = encoded.vectors.astype("<f4")
        rows = []
        for place, key in enumerate(keys):
            row = _Row(
                vectors[place].tobytes(),
                int(encoded.tokens[place]),
                bool(encoded.truncated[place]),
            )
            rows.append((key, row.tokens, row.truncated, now, row.checksum(key), row.vector))

        def work(connection: sqlite3.Connection) -> None:
            with _writing(connection):
                model = _model(connection, embedder)
                connection.executemany(
                    "INSERT OR REPLACE INTO vectors "
                    "(model, key, tokens, truncated, used, checksum, vector) "
                    f"VALUES ({model}, ?, ?, ?, ?, ?, ?)",
                    rows,
                )
                _shrink(connection, self.limit)
            # what is free below the limit is filled again soon
            _give_back(connection, self.limit)

        self._database.use(work, None, create=True)

    def info(self) -> CacheInfo:
        """What is kept, without beginning a cache where there is none."""
        nothing = CacheInfo(self._database.path, 0, 0, self.limit, None, ())

        def work(connection: sqlite3.Connection) -> CacheInfo:
            # only times that can be: a damaged row has to be told of by nobody
            (oldest,) = connection.execute(
                "SELECT MIN(used) FROM vectors "
                "WHERE typeof(used) = 'integer' AND used BETWEEN 0 AND ?",
                (int(time.time()),),
            ).fetchone()
            models = connection.execute(
                "SELECT name, fingerprint, dtype, dim, COUNT(vectors.model) FROM models "
                "LEFT JOIN vectors ON vectors.model = models.id GROUP BY models.id "
                "ORDER BY name, dtype"
            )
            found = tuple(CachedModel(*row) for row in models)
            pages, size = _pragma(connection, "page_count"), _pragma(connection, "page_size")
            return CacheInfo(
                self._database.path,
                sum(model.entries for model in found),
                pages * size,
                self.limit,
                None if oldest is None else datetime.fromtimestamp(oldest, UTC),
                found,
            )

        return self._database.use(work, nothing, create=False)

    def clear(self, model: str | None = None) -> int:
        """Drop the vectors of a model, or all.

        All means too the files of other versions of metier and one that was set aside, whose
        vectors are not counted.

        Args:
            model: fingerprint; None for every model.

        Returns:
            How many were dropped.

        Raises:
            UnknownNameError: nothing is kept of such a model.
        """

        def work(connection: sqlite3.Connection) -> int | None:
            known = [one for (one,) in connection.execute("SELECT fingerprint FROM models")]
            if model is not None and model not in known:
                raise _unknown(model, known)
            chosen = "SELECT id FROM models WHERE ? IS NULL OR fingerprint = ?"
            with _writing(connection):
                dropped = connection.execute(
                    f"DELETE FROM vectors WHERE model IN ({chosen})", (model, model)
                ).rowcount
                _forget_models(connection)
            _give_back(connection, 0)
            return dropped

        if model is None:
            self._database.remove_others()
        dropped = self._database.use(work, None, create=False)
        if dropped is None and model is not None:
            raise _unknown(model, ())
        return dropped or 0


@dataclass(frozen=True, slots=True)
class _Row:
    vector: bytes
    tokens: int
    truncated: bool

    def checksum(self, key: bytes) -> int:
        facts = f"{self.tokens} {int(self.truncated)}".encode()
        return zlib.crc32(self.vector, zlib.crc32(facts, zlib.crc32(key)))


def _read(connection: sqlite3.Connection, keys: Sequence[bytes], dim: int) -> dict[bytes, _Row]:
    found = {}
    outdated = []
    now = int(time.time())
    for part in _parts(keys):
        rows = connection.execute(
            "SELECT id, key, tokens, truncated, used, checksum, vector FROM vectors "
            f"WHERE key IN ({_marks(part)})",
            part,
        )
        for number, key, tokens, truncated, used, checksum, vector in rows:
            # a vector that is not as it was written is none; it is computed and written again
            if not isinstance(key, bytes) or not isinstance(vector, bytes):
                continue
            row = _Row(vector, tokens, bool(truncated))
            if len(vector) == 4 * dim and row.checksum(key) == checksum:
                found[key] = row
                if not isinstance(used, int) or used < now - REMEMBERED:
                    outdated.append(number)
    # what was found counts for more than when it was used
    with suppress(sqlite3.Error):
        _remember_use(connection, outdated, now)
    return found


def _remember_use(connection: sqlite3.Connection, rows: Sequence[int], now: int) -> None:
    if not rows:
        return
    with _writing(connection):
        for part in _parts(rows):
            connection.execute(
                f"UPDATE vectors SET used = {now} WHERE id IN ({_marks(part)})", part
            )


def _model(connection: sqlite3.Connection, embedder: Embedder) -> int:
    """The number of a model in the file, written there if it is new."""
    profile, mark = embedder.profile, (embedder.fingerprint, embedder.dtype)
    connection.execute(
        "INSERT OR IGNORE INTO models (fingerprint, dtype, name, dim) VALUES (?, ?, ?, ?)",
        (*mark, profile.id, profile.dim),
    )
    (number,) = connection.execute(
        "SELECT id FROM models WHERE fingerprint = ? AND dtype = ?", mark
    ).fetchone()
    return int(number)


def _shrink(connection: sqlite3.Connection, limit: int) -> None:
    """Drop what was not used for longest once there is more than `limit` bytes."""
    size = _pragma(connection, "page_size")
    if _filled(connection) * size <= limit:
        return
    while (filled := _filled(connection) * size) > limit * KEPT:
        (count,) = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()
        if not count:
            break
        share = math.ceil(count * (filled - limit * KEPT) / filled)
        connection.execute(
            "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors ORDER BY used, id LIMIT ?)",
            (share,),
        )
    _forget_models(connection)


def _give_back(connection: sqlite3.Connection, limit: int) -> None:
    """Make the file smaller where it is above `limit` and has free pages."""
    above = _pragma(connection, "page_count") - limit // _pragma(connection, "page_size")
    if above > 0:
        # a script: `execute` makes one step, and that is one page
        connection.executescript(f"PRAGMA incremental_vacuum({above})")


def _forget_models(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM models WHERE id NOT IN (SELECT model FROM vectors)")


def _filled(connection: sqlite3.Connection) -> int:
    """Pages of the file that hold anything."""
    return _pragma(connection, "page_count") - _pragma(connection, "freelist_count")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction, begun as a writer's, so that none has to give way half done."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def _unknown(model: str, known: Sequence[str]) -> UnknownNameError:
    return UnknownNameError(
        "cached model", model, known, fix="Give a fingerprint that VectorCache().info() lists."
    )


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _MOST_PARAMETERS):
        yield values[start : start + _MOST_PARAMETERS]


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))
