"""The vector cache on disk: full unit vectors by a hash key. It stores no texts."""

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
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from metier.caching.cache_database import Database
from metier.errors import ParameterError, UnknownNameError
from metier.folders import expand_home, user_folder
from metier.models.embedder import Embedder, Embeddings
from metier.settings import configured

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*", re.IGNORECASE)


def cache_folder(use: str = "") -> Path:
    """Return a folder for caches: METIER_CACHE_DIR, else the user's cache folder.

    Args:
        use: name of a folder in it, for what is no vector; that of vectors if empty.

    Raises:
        UsageError: the home folder of the user is not known.
    """
    folder = configured("cache_dir")
    if folder:
        return expand_home(folder) / use
    return user_folder("cache") / (use or "vectors")


def cache_limit(environment: Mapping[str, str] | None = None) -> int:
    """Return the maximum size of the vector cache in bytes: METIER_CACHE_SIZE, else 2 GB.

    Raises:
        ParameterError: the variable is not a size.
    """
    setting = configured("cache_size", environment) or ""
    match = _SIZE.fullmatch(setting)
    number = float(match[1]) if match else 0.0
    unit = match[2].upper() if match else ""
    limit = int(number * _UNITS[unit if unit in _UNITS else f"{unit}B"])
    if limit < 1:
        raise ParameterError(
            f"METIER_CACHE_SIZE={setting!r} is not a size.",
            fix="Write a number and a unit, such as 500MB or 2GB; METIER_CACHE=0 turns it off.",
        )
    return limit


FILL_AFTER_EVICTION = 0.9
"""Share of the limit that stays filled when old vectors are dropped."""

USE_RESOLUTION = 3600
"""Seconds in which further uses of a vector are not recorded, so that most reads write nothing."""

_MAX_PARAMETERS = 900  # of a statement; SQLite before 3.32 allows 999


@dataclass(frozen=True, slots=True)
class CachedModel:
    """A model whose vectors are in a cache.

    Attributes:
        id: id of the model when its first vector was stored.
        fingerprint: fingerprint of the model.
        dtype: number format it computed in.
        dim: dimensions of its full vectors.
        entries: number of its vectors in the cache.
    """

    id: str
    fingerprint: str
    dtype: str
    dim: int
    entries: int


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """Contents and size of a cache.

    Attributes:
        path: file of the cache, whether or not it exists.
        entries: number of vectors.
        bytes: size of the file.
        limit: size above which the least recently used vectors are dropped.
        oldest: last use of the least recently used vector in UTC, exact to the hour.
        models: models of the vectors.
    """

    path: Path
    entries: int
    bytes: int
    limit: int
    oldest: datetime | None
    models: tuple[CachedModel, ...]


class VectorCache:
    """A cache of vectors on disk, shared by any number of threads and processes.

    A damaged cache is replaced by an empty one, and a cache that cannot be read or written is not
    used. Both give a MetierWarning, and vectors are computed as without a cache.

    Args:
        folder: folder of the cache; None for METIER_CACHE_DIR, else the user's cache folder.
        limit: maximum size in bytes; None for METIER_CACHE_SIZE, else 2 GB.

    Raises:
        ParameterError: `limit` is less than 1, or METIER_CACHE_SIZE is not a size.
    """

    persistent = True

    def __init__(self, folder: str | Path | None = None, *, limit: int | None = None) -> None:
        self.folder = cache_folder() if folder is None else expand_home(folder)
        self.limit = cache_limit() if limit is None else limit
        if self.limit < 1:
            raise ParameterError(f"limit={limit} bytes is less than 1.")
        self._database = Database(self.folder)

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), limit=self.limit), (self.folder,)

    def find(self, keys: Sequence[bytes], dim: int) -> tuple[list[int], Embeddings]:
        """Look up vectors.

        Args:
            keys: n distinct keys.
            dim: dimensions of the model's full vectors.

        Returns:
            Positions in `keys` of the k keys in the cache, and their (k, dim) vectors.
        """

        def work(connection: sqlite3.Connection) -> dict[bytes, _Row]:
            return _read(connection, keys, dim)

        empty: dict[bytes, _Row] = {}
        stored = self._database.use(work, empty, create=False)
        positions = [index for index, key in enumerate(keys) if key in stored]
        rows = [stored[keys[index]] for index in positions]
        raw = np.frombuffer(b"".join(row.vector for row in rows), dtype="<f4")
        return positions, Embeddings(
            raw.reshape(len(rows), dim).astype(np.float32),
            np.array([row.tokens for row in rows], dtype=np.int32),
            np.array([row.truncated for row in rows], dtype=np.bool_),
        )

    def put(self, embedder: Embedder, keys: Sequence[bytes], encoded: Embeddings) -> None:
        """Store vectors in one transaction.

        Args:
            embedder: the embedder that computed them.
            keys: n distinct keys.
            encoded: (n, full dim) unit vectors.
        """
        now = int(time.time())
        vectors = encoded.vectors.astype("<f4")
        rows = []
        for index, key in enumerate(keys):
            row = _Row(
                vectors[index].tobytes(),
                int(encoded.tokens[index]),
                bool(encoded.truncated[index]),
            )
            rows.append((key, row.tokens, row.truncated, now, row.checksum(key), row.vector))

        def work(connection: sqlite3.Connection) -> None:
            with _transaction(connection):
                model = _model_id(connection, embedder)
                connection.executemany(
                    "INSERT OR REPLACE INTO vectors "
                    "(model, key, tokens, truncated, used, checksum, vector) "
                    f"VALUES ({model}, ?, ?, ?, ?, ?, ?)",
                    rows,
                )
                _shrink(connection, self.limit)
            # free pages below the limit are kept, as they are filled again soon
            _release_pages(connection, self.limit)

        self._database.use(work, None, create=True)

    def info(self) -> CacheInfo:
        """Return contents and size of the cache, without creating it."""
        empty = CacheInfo(self._database.path, 0, 0, self.limit, None, ())

        def work(connection: sqlite3.Connection) -> CacheInfo:
            # only plausible times: those of damaged rows are ignored
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
            cached = tuple(CachedModel(*row) for row in models)
            pages, size = _pragma(connection, "page_count"), _pragma(connection, "page_size")
            return CacheInfo(
                self._database.path,
                sum(model.entries for model in cached),
                pages * size,
                self.limit,
                None if oldest is None else datetime.fromtimestamp(oldest, UTC),
                cached,
            )

        return self._database.use(work, empty, create=False)

    def clear(self, model: str | None = None) -> int:
        """Drop the vectors of a model, or all of them.

        Without a model, the files of other versions of metier and a file that was set aside are
        removed too; their vectors do not count.

        Args:
            model: fingerprint of the model; None for all models.

        Returns:
            Number of vectors dropped.

        Raises:
            UnknownNameError: the cache has no vectors of such a model.
        """

        def work(connection: sqlite3.Connection) -> int | None:
            known = [name for (name,) in connection.execute("SELECT fingerprint FROM models")]
            if model is not None and model not in known:
                raise _unknown_model(model, known)
            selected = "SELECT id FROM models WHERE ? IS NULL OR fingerprint = ?"
            with _transaction(connection):
                dropped = connection.execute(
                    f"DELETE FROM vectors WHERE model IN ({selected})", (model, model)
                ).rowcount
                _drop_unused_models(connection)
            _release_pages(connection, 0)
            return dropped

        if model is None:
            self._database.remove_others()
        dropped = self._database.use(work, None, create=False)
        if dropped is None and model is not None:
            raise _unknown_model(model, ())
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
    """Return the rows of keys that are in the cache and intact, and record their use."""
    intact = {}
    outdated = []
    now = int(time.time())
    for part in _parts(keys):
        rows = connection.execute(
            "SELECT id, key, tokens, truncated, used, checksum, vector FROM vectors "
            f"WHERE key IN ({_placeholders(part)})",
            part,
        )
        for row_id, key, tokens, truncated, used, checksum, vector in rows:
            # a damaged row counts as missing: its vector is computed and written again
            if not isinstance(key, bytes) or not isinstance(vector, bytes):
                continue
            row = _Row(vector, tokens, bool(truncated))
            if len(vector) == 4 * dim and row.checksum(key) == checksum:
                intact[key] = row
                if not isinstance(used, int) or used < now - USE_RESOLUTION:
                    outdated.append(row_id)
    # a failure to record the use must not lose the vectors
    with suppress(sqlite3.Error):
        _record_use(connection, outdated, now)
    return intact


def _record_use(connection: sqlite3.Connection, row_ids: Sequence[int], now: int) -> None:
    if not row_ids:
        return
    with _transaction(connection):
        for part in _parts(row_ids):
            connection.execute(
                f"UPDATE vectors SET used = {now} WHERE id IN ({_placeholders(part)})", part
            )


def _model_id(connection: sqlite3.Connection, embedder: Embedder) -> int:
    """Return the id of a model in the file; a new model is added."""
    profile, key = embedder.profile, (embedder.fingerprint, embedder.dtype)
    connection.execute(
        "INSERT OR IGNORE INTO models (fingerprint, dtype, name, dim) VALUES (?, ?, ?, ?)",
        (*key, profile.id, profile.dim),
    )
    (model_id,) = connection.execute(
        "SELECT id FROM models WHERE fingerprint = ? AND dtype = ?", key
    ).fetchone()
    return int(model_id)


def _shrink(connection: sqlite3.Connection, limit: int) -> None:
    """Drop the least recently used vectors if there are more than `limit` bytes."""
    size = _pragma(connection, "page_size")
    if _filled(connection) * size <= limit:
        return
    while (filled := _filled(connection) * size) > limit * FILL_AFTER_EVICTION:
        (count,) = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()
        if not count:
            break
        share = math.ceil(count * (filled - limit * FILL_AFTER_EVICTION) / filled)
        connection.execute(
            "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors ORDER BY used, id LIMIT ?)",
            (share,),
        )
    _drop_unused_models(connection)


def _release_pages(connection: sqlite3.Connection, limit: int) -> None:
    """Shrink the file by its free pages if it is larger than `limit`."""
    excess = _pragma(connection, "page_count") - limit // _pragma(connection, "page_size")
    if excess > 0:
        # a script, since `execute` runs one step, which frees one page
        connection.executescript(f"PRAGMA incremental_vacuum({excess})")


def _drop_unused_models(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM models WHERE id NOT IN (SELECT model FROM vectors)")


def _filled(connection: sqlite3.Connection) -> int:
    """Return the number of pages in use."""
    return _pragma(connection, "page_count") - _pragma(connection, "freelist_count")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run a transaction that takes the write lock at its start, so that it cannot fail midway."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def _unknown_model(model: str, known: Sequence[str]) -> UnknownNameError:
    return UnknownNameError(
        "cached model", model, known, fix="Give a fingerprint that VectorCache().info() lists."
    )


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _MAX_PARAMETERS):
        yield values[start : start + _MAX_PARAMETERS]


def _placeholders(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))
