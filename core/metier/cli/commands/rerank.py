"""`metier rerank`: order the texts of a file by how well they answer a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from metier.cli.completion import complete_instruction
from metier.cli.inputs import FILES, read_inputs, takes
from metier.cli.options import CommonOptions


@takes("reranker", "device", "dtype", "pack", "json", reading=True)
def rerank(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help=FILES)],
    query: Annotated[
        str, typer.Option("--query", "-q", metavar="TEXT", help="What the texts are to answer.")
    ],
    top_k: Annotated[
        int | None, typer.Option("--top-k", metavar="N", min=1, help="How many; else all.")
    ] = None,
    instruction: Annotated[
        str | None,
        typer.Option(
            "--instruction",
            metavar="ID",
            help="Else the model's default task.",
            autocompletion=complete_instruction,
        ),
    ] = None,
    *,
    common: CommonOptions,
    reading: Mapping[str, Any],
) -> None:
    """Order the texts of files by how well they answer a query."""
    from metier.cli import terminal
    from metier.results.table import shorten
    from metier.texts.texts import Texts

    rt = common.runtime()
    texts = read_inputs(rt, {"texts": (files, Texts)}, **reading)["texts"]
    ranked = rt.rerank(query, texts, instruction=instruction, top_k=top_k)
    if common.json:
        rows = [(texts[document.index], document.score) for document in ranked]
        terminal.print_json(
            [
                {"rank": rank, "id": item.id, "score": round(score, 6), "text": item.text}
                for rank, (item, score) in enumerate(rows, start=1)
            ]
        )
        return
    table = terminal.listing("", "score", "id", "text")
    for rank, document in enumerate(ranked, start=1):
        item = texts[document.index]
        terminal.row(table, rank, f"{document.score:.3f}", item.id, shorten(item.text, 220))
    terminal.output().print(table)
