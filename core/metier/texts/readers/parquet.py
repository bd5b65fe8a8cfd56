"""Parquet: typed columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from metier.errors import InputError, MissingExtraError
from metier.texts.reader import Reader, Row

_BATCH = 1024
"""Rows that are read together."""


def _parquet_rows(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingExtraError("Reading .parquet files", "tables", "pyarrow") from None
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        said, *_ = str(error).split("\n")
        raise InputError(
            f"{path.name} is not a readable Parquet file ({said}).",
            fix="Check that the file is complete; write it again with pandas or pyarrow.",
        ) from None


PARQUET = Reader("parquet", (".parquet",), _parquet_rows)
