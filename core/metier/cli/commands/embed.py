"""`metier embed`: write the vectors of the texts of a file."""

from __future__ import annotations

import json
import sys
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.completion import choices, complete_instruction
from metier.cli.inputs import FILES, stream_input, takes
from metier.cli.options import OUTPUT, CommonOptions
from metier.errors import InputError, MissingExtraError, UnknownNameError, UsageError
from metier.folders import create_private_file, replace_file
from metier.texts.checks import printable_json

if TYPE_CHECKING:
    from metier.retrieval.vectors import Vectors
    from metier.runtime.runtime import Runtime
    from metier.texts.stream import TextStream

    Part = tuple[Sequence[str], Vectors]

SUFFIXES = (".jsonl", ".npy", ".parquet")


def require_vector_file(path: Path | None) -> None:
    """Refuse a file that vectors cannot be written to, before the work begins.

    Raises:
        UsageError: the name does not end in one of `SUFFIXES`.
        MissingExtraError: a Parquet file, and pyarrow is not installed.
    """
    if path is None:
        return
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"Vectors cannot be written to a file such as {path.name!r}.",
            fix=f"Choose a name that ends in {', '.join(SUFFIXES)}.",
        )
    if path.suffix.lower() == ".parquet":
        _parquet()


def write_vectors(path: Path | None, parts: Iterator[Part], count: int) -> None:
    """Write ids and vectors.

    A `.npy` file holds only the (n, dim) float32 vectors, in the order of the texts. `.parquet` and
    `.jsonl` have a column `id` and a column `vector`; a Parquet file has the provenance, too.

    Args:
        path: None for lines of JSON on standard output.
        parts: ids and (k, dim) vectors; at least one part.
        count: n, the number of vectors of all parts.

    Raises:
        InputError: the file cannot be written; what was there stays.
    """
    if path is None:
        _lines(sys.stdout, parts)
        return
    first = next(parts)
    parts = chain([first], parts)
    with _replacing(path) as partial:
        match path.suffix.lower():
            case ".npy":
                _array(partial, parts, count, first[1].shape[1])
            case ".parquet":
                _table(partial, parts, first[1])
            case _:
                with partial.open("w", encoding="utf-8") as file:
                    _lines(file, parts)


def _lines(file: Any, parts: Iterable[Part]) -> None:
    for ids, vectors in parts:
        for id, vector in zip(ids, vectors.tolist(), strict=True):
            file.write(printable_json(json.dumps({"id": id, "vector": vector})) + "\n")


def _array(path: Path, parts: Iterable[Part], count: int, dim: int) -> None:
    import numpy as np

    rows = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, dim))
    start = 0
    for _, vectors in parts:
        rows[start : start + len(vectors)] = vectors
        start += len(vectors)
    rows.flush()


def _table(path: Path, parts: Iterable[Part], first: Vectors) -> None:
    import numpy as np
    import pyarrow as pa

    dim = first.shape[1]
    provenance = {} if first.provenance is None else asdict(first.provenance)
    fields = [("id", pa.string()), ("vector", pa.list_(pa.float32(), dim))]
    schema = pa.schema(fields, metadata={"metier": json.dumps(provenance)})
    with _parquet().ParquetWriter(path, schema) as writer:
        for ids, vectors in parts:
            flat = pa.array(np.asarray(vectors).reshape(-1))
            column = pa.FixedSizeListArray.from_arrays(flat, dim)
            writer.write_table(pa.table([list(ids), column], schema=schema))


def _parquet() -> Any:
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError("Writing .parquet files", "tables", "pyarrow") from None
    return parquet


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to; it replaces `path` if nothing fails."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        create_private_file(partial)
        yield partial
        replace_file(partial, path)
    except OSError as error:
        raise InputError(
            f"{str(path)!r} cannot be written: {error.strerror or error}.",
            fix="Choose another file, or make room for it.",
        ) from error
    finally:
        partial.unlink(missing_ok=True)


_WINDOW = 1024
_SIDES = ("document", "query")

SideOption = Annotated[
    str,
    typer.Option(
        "--side",
        metavar="SIDE",
        help="document, or query for queries.",
        autocompletion=choices(*_SIDES),
    ),
]
InstructionOption = Annotated[
    str | None,
    typer.Option(
        "--instruction",
        metavar="ID",
        help="Such as core/search; else none.",
        autocompletion=complete_instruction,
    ),
]


@takes("model", "device", "dtype", "no_cache", "pack", "json", reading=True)
def embed(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help=FILES)],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="A .parquet, .npy or .jsonl file; else lines of JSON on standard output.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    side: SideOption = "document",
    instruction: InstructionOption = None,
    dim: Annotated[
        int | None,
        typer.Option("--dim", metavar="N", min=1, help="Vector size; else the instruction's."),
    ] = None,
    *,
    common: CommonOptions,
    reading: Mapping[str, Any],
) -> None:
    """Embed the texts of files."""
    from metier.cli import terminal
    from metier.results.table import counted
    from metier.texts.texts import Texts

    if side not in _SIDES:
        raise UnknownNameError("side", side, _SIDES)
    require_vector_file(out)
    rt = common.runtime(cached=True)
    texts = stream_input(rt, files, Texts, **reading)
    if out is not None:
        terminal.refuse_same([out], texts.files)
    parts = _documents(rt, texts, instruction, dim)
    if side == "query":
        parts = _queries(rt, texts, instruction, dim)
    write_vectors(out, parts, len(texts))
    if out is not None:
        terminal.aside(f"wrote {counted(len(texts), 'vector')} to {out}")
    if out is not None and common.json:
        terminal.print_json({"file": str(out), "vectors": len(texts)})


def _documents(
    rt: Runtime, texts: TextStream, instruction: str | None, dim: int | None
) -> Iterator[Part]:
    ids: deque[str] = deque()  # of texts that were read and not yet embedded

    def strings() -> Iterator[str]:
        for item in texts:
            ids.append(item.id)
            yield item.text

    for vectors in rt.stream_documents(strings(), instruction=instruction, dim=dim, window=_WINDOW):
        yield [ids.popleft() for _ in range(len(vectors))], vectors


def _queries(
    rt: Runtime, texts: TextStream, instruction: str | None, dim: int | None
) -> Iterator[Part]:
    items = iter(texts)
    while part := list(islice(items, _WINDOW)):
        strings = [item.text for item in part]
        yield (
            [item.id for item in part],
            rt.embed_queries(strings, instruction=instruction, dim=dim),
        )
