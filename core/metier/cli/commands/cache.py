"""`metier cache`: what vectors are kept between runs, and dropping them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.options import JsonOption
from metier.errors import UsageError

if TYPE_CHECKING:
    from metier.caching.vector_cache import CacheInfo

app = typer.Typer(no_args_is_help=True, help="Show or drop the vectors kept between runs.")


@app.command("info")
def cache_info(json: JsonOption = False) -> None:
    """Show where vectors are kept, how many, and of which models."""
    from metier.caching.vector_cache import VectorCache
    from metier.cli import terminal

    found = VectorCache().info()
    if json:
        terminal.print_json(_facts(found))
        return
    used = found.oldest.astimezone().strftime("%Y-%m-%d %H:%M") if found.oldest else None
    pairs = [
        ("path", found.path),
        ("vectors", found.entries),
        ("size", f"{_megabytes(found.bytes)} of {_megabytes(found.limit)}"),
        ("oldest use", used),
    ]
    terminal.output().print(terminal.facts(pairs))
    if found.models:
        table = terminal.listing("model", "fingerprint", "dtype", "dim", "vectors")
        for one in found.models:
            terminal.row(table, one.id, one.fingerprint, one.dtype, one.dim, one.entries)
        terminal.output().print(table)


@app.command("clear")
def clear_cache(
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="FINGERPRINT", help="Only the vectors of this model."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Drop the vectors that are kept, of one model or of all."""
    from metier.caching.vector_cache import VectorCache
    from metier.cli import terminal

    kept = VectorCache()
    if not yes and not _agreed(f"Drop the vectors in {kept.info().path}?"):
        terminal.note("nothing was dropped")
        return 1
    dropped = kept.clear(model)
    terminal.output().print(f"Dropped {dropped} vectors.")
    return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("Nobody can be asked whether to drop the vectors.", fix="Pass --yes.")
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        raise KeyboardInterrupt from None


def _facts(found: CacheInfo) -> dict[str, Any]:
    return {
        "path": str(found.path),
        "entries": found.entries,
        "bytes": found.bytes,
        "limit": found.limit,
        "oldest_use": found.oldest.isoformat() if found.oldest else None,
        "models": [
            {
                "id": one.id,
                "fingerprint": one.fingerprint,
                "dtype": one.dtype,
                "dim": one.dim,
                "entries": one.entries,
            }
            for one in found.models
        ],
    }


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
