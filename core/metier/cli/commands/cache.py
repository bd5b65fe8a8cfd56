"""`metier cache`: show and drop the vectors kept between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.options import JsonOption

if TYPE_CHECKING:
    from metier.caching.vector_cache import CacheInfo

app = typer.Typer(no_args_is_help=True, help="Show or drop the vectors kept between runs.")


@app.command("info")
def cache_info(json: JsonOption = False) -> None:
    """Show where vectors are kept, how many, and of which models."""
    from metier.caching.vector_cache import VectorCache
    from metier.cli import terminal

    info = VectorCache().info()
    if json:
        terminal.print_json(_facts(info))
        return
    used = info.oldest.astimezone().strftime("%Y-%m-%d %H:%M") if info.oldest else None
    pairs = [
        ("path", info.path),
        ("vectors", info.entries),
        ("size", f"{_megabytes(info.bytes)} of {_megabytes(info.limit)}"),
        ("oldest use", used),
    ]
    terminal.output().print(terminal.facts(pairs))
    if info.models:
        table = terminal.listing("model", "fingerprint", "dtype", "dim", "vectors")
        for model in info.models:
            terminal.row(table, model.id, model.fingerprint, model.dtype, model.dim, model.entries)
        terminal.output().print(table)


@app.command("clear")
def clear_cache(
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="FINGERPRINT", help="Only the vectors of this model."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> int:
    """Drop the vectors that are kept, of one model or of all."""
    from metier.caching.vector_cache import VectorCache
    from metier.cli import terminal
    from metier.results.table import counted

    cache = VectorCache()
    if not yes and not terminal.is_confirmed(f"Drop the vectors in {cache.info().path}?"):
        terminal.note("nothing was dropped")
        return 1
    dropped = cache.clear(model)
    if json:
        terminal.print_json({"dropped": dropped})
    else:
        terminal.output().print(f"Dropped {counted(dropped, 'vector')}.")
    return 0


def _facts(info: CacheInfo) -> dict[str, Any]:
    return {
        "path": str(info.path),
        "entries": info.entries,
        "bytes": info.bytes,
        "limit": info.limit,
        "oldest_use": info.oldest.isoformat() if info.oldest else None,
        "models": [
            {
                "id": model.id,
                "fingerprint": model.fingerprint,
                "dtype": model.dtype,
                "dim": model.dim,
                "entries": model.entries,
            }
            for model in info.models
        ],
    }


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
