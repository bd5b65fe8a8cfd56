"""`metier embed`: the vectors of a file's texts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.inputs import stream_input
from metier.cli.options import OUTPUT, Common
from metier.cli.taking import takes
from metier.errors import UnknownNameError

if TYPE_CHECKING:
    from metier.cli.vector_file import Part
    from metier.runtime import Runtime
    from metier.texts.stream import TextStream

_WINDOW = 1024
_SIDES = ("document", "query")


@takes("model", "device", "dtype", "no_cache", "pack", reading=True)
def embed(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A file, a folder, or - for standard input.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="A .parquet, .npy or .jsonl file; else lines of JSON on standard output.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    side: Annotated[
        str, typer.Option("--side", metavar="SIDE", help="document, or query for queries.")
    ] = "document",
    instruction: Annotated[
        str | None,
        typer.Option("--instruction", metavar="ID", help="Such as core/search; else none."),
    ] = None,
    dim: Annotated[
        int | None,
        typer.Option("--dim", metavar="N", min=1, help="Vector size; else the instruction's."),
    ] = None,
    *,
    common: Common,
    reading: Mapping[str, Any],
) -> None:
    """Embed the texts of a file."""
    from metier.cli.screen import aside
    from metier.cli.vector_file import require_known, write_vectors
    from metier.texts.texts import Texts

    if side not in _SIDES:
        raise UnknownNameError("side", side, _SIDES)
    require_known(out)
    rt = common.runtime(cached=True)
    texts = stream_input(rt, file, Texts, **reading)
    parts = _documents(rt, texts, instruction, dim)
    if side == "query":
        parts = _queries(rt, texts, instruction, dim)
    write_vectors(out, parts, len(texts))
    if out is not None:
        aside(f"wrote {len(texts)} vectors to {out}")


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
