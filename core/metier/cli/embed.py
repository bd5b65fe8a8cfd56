"""`metier embed`: the vectors of a file's texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metier.cli.inputs import (
    IdFieldOption,
    SkipInvalidOption,
    TextFieldOption,
    read_inputs,
)
from metier.cli.options import (
    OUTPUT,
    Common,
    DeviceOption,
    DtypeOption,
    ModelOption,
    NoCacheOption,
    PackOption,
)
from metier.errors import UnknownNameError

if TYPE_CHECKING:
    from metier.cli.vector_file import Part
    from metier.runtime import Runtime
    from metier.texts.texts import Texts

_WINDOW = 1024
_SIDES = ("document", "query")


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
    text_field: TextFieldOption = None,
    id_field: IdFieldOption = None,
    skip_invalid: SkipInvalidOption = False,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    no_cache: NoCacheOption = False,
    pack: PackOption = None,
) -> None:
    """Embed the texts of a file."""
    from metier.cli.screen import aside
    from metier.cli.vector_file import require_known, write_vectors
    from metier.texts.texts import Texts

    if side not in _SIDES:
        raise UnknownNameError("side", side, _SIDES)
    require_known(out)
    common = Common(model=model, device=device, dtype=dtype, no_cache=no_cache, pack=pack)
    rt = common.runtime(cached=True)
    texts = read_inputs(
        rt,
        {"file": (file, Texts)},
        text_field=text_field,
        id_field=id_field,
        skip_invalid=skip_invalid,
    )["file"]
    parts = _documents(rt, texts, instruction, dim)
    if side == "query":
        parts = _queries(rt, texts, instruction, dim)
    write_vectors(out, parts, len(texts))
    if out is not None:
        aside(f"wrote {len(texts)} vectors to {out}")


def _documents(
    rt: Runtime, texts: Texts, instruction: str | None, dim: int | None
) -> Iterator[Part]:
    begun = 0
    stream = rt.stream_documents(texts, instruction=instruction, dim=dim, window=_WINDOW)
    for vectors in stream:
        yield [item.id for item in texts[begun : begun + len(vectors)]], vectors
        begun += len(vectors)


def _queries(rt: Runtime, texts: Texts, instruction: str | None, dim: int | None) -> Iterator[Part]:
    for start in range(0, len(texts), _WINDOW):
        part = texts[start : start + _WINDOW]
        strings = [item.text for item in part]
        yield (
            [item.id for item in part],
            rt.embed_queries(strings, instruction=instruction, dim=dim),
        )
