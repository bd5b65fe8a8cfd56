"""`metier models`: the released Qwen3 models, their sizes and the memory of their weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metier.cli.options import JsonOption

if TYPE_CHECKING:
    from metier.models.catalog import KnownModel


def models(json: JsonOption = False) -> None:
    """List the released Qwen3 models with their sizes and the memory of their weights."""
    from metier.cli import terminal
    from metier.models.catalog import BYTES, CATALOG

    if json:
        terminal.print_json([_facts(model) for model in CATALOG])
        return
    columns = ("model", "role", "dims", "layers", "context", *BYTES, "license")
    table = terminal.listing(*columns, title="Released models, their weights in GB")
    for model in CATALOG:
        dims = f"{model.min_dim}-{model.dim}" if model.dim else None
        sizes = [f"{model.memory(dtype) / 1e9:.1f}" for dtype in BYTES]
        cells = (model.id, model.role, dims, model.shape.layers, model.context, *sizes)
        terminal.row(table, *cells, model.license)
    terminal.output().print(table)


def _facts(model: KnownModel) -> dict[str, Any]:
    from metier.models.catalog import BYTES

    return {
        "model": model.id,
        "role": model.role,
        "dim": model.dim,
        "min_dim": model.min_dim,
        "layers": model.shape.layers,
        "context": model.context,
        "parameters": model.parameters,
        "memory": {dtype: model.memory(dtype) for dtype in BYTES},
        "license": model.license,
        "languages": model.languages,
    }
