"""`metier instructions`: list, find and show them, and how one reaches the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from metier.cli.command_classes import ListsByDefault
from metier.cli.options import (
    MODEL,
    CommonOptions,
    DeviceOption,
    DtypeOption,
    JsonOption,
    ModelOption,
    PackOption,
)
from metier.errors import UnknownNameError

if TYPE_CHECKING:
    from metier.registry.ids import Alias
    from metier.registry.instruction import Instruction
    from metier.registry.registry import Candidate, Registry

app = typer.Typer(
    cls=ListsByDefault, help="List or search the instructions, show one, or explain how it is used."
)

IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="domain/name, or domain/name@version.")
]


@app.command("list")
def list_instructions(
    domain: Annotated[
        str | None, typer.Option("--domain", metavar="NAME", help="Only of this domain.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="Only of this kind, such as retrieval."),
    ] = None,
    pack: PackOption = None,
    json: JsonOption = False,
) -> None:
    """List the instructions (what `metier instructions` does)."""
    from metier.cli import terminal
    from metier.registry.instruction import Kind

    wanted = next((one for one in get_args(Kind) if one == kind), None)
    if kind is not None and wanted is None:
        raise UnknownNameError("kind of instruction", kind, get_args(Kind))
    registry = _registry(pack)
    found = registry.list(domain, wanted)
    if json:
        terminal.print_json([_facts(registry, one) for one in found])
        return
    if not found:
        terminal.note("there is no such instruction; see: metier plugins")
        return
    table = terminal.listing("id", "kind", "dim", "task", "from")
    for one in found:
        terminal.row(table, one.full_id, one.kind, one.dim, one.task, _from(registry, one))
    terminal.output().print(table)


@app.command("search")
def search_instructions(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What the task is about.")],
    top_k: Annotated[int, typer.Option("--top-k", metavar="N", min=1, help="At most so many.")] = 5,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="Search by meaning, with this model: embedded, a Hugging Face id or a folder. "
            "Without it by words, and no model is loaded.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    pack: PackOption = None,
    json: JsonOption = False,
) -> None:
    """Find the instructions for a task, by words or, with --model, by meaning."""
    from metier.cli import terminal
    from metier.cli.instruction_similarity import search_by_meaning

    rt = CommonOptions(model=model, device=device, dtype=dtype, pack=pack).runtime()
    found = search_by_meaning(rt, query, top_k) if model else rt.instructions.search(query, top_k)
    if json:
        scored = [(one.instruction, round(one.score, 4)) for one in found]
        terminal.print_json([{**_facts(rt.instructions, one), "score": s} for one, s in scored])
        return
    if not found:
        terminal.note("no instruction has any of these words; with --model it is found by meaning")
        return
    table = terminal.listing("id", "score", "kind", "task", "from")
    for match in found:
        one, score = match.instruction, f"{match.score:.3f}"
        terminal.row(table, one.full_id, score, one.kind, one.task, _from(rt.instructions, one))
    terminal.output().print(table)


@app.command("show")
def show_instruction(id: IdArgument, pack: PackOption = None, json: JsonOption = False) -> None:
    """Show one instruction and every definition of it, the strongest first."""
    from metier.cli import terminal

    registry = _registry(pack)
    resolution = registry.resolve(id)
    one = resolution.instruction
    if json:
        content = {
            **_facts(registry, one),
            "default_dim": resolution.default_dim,
            "reason": resolution.reason,
            "silent": list(resolution.silent),
            "considered": [
                {**_candidate(every), "chosen": every == resolution.winner}
                for every in resolution.considered
            ],
        }
        terminal.print_json(content)
        return
    console = terminal.output()
    console.print(
        terminal.facts(
            [
                ("id", one.full_id),
                ("task", one.task),
                ("kind", one.kind),
                ("sides", one.sides),
                ("dim", one.dim or resolution.default_dim),
                ("rerank", one.rerank),
                ("aliases", ", ".join(map(_named, one.aliases))),
                ("content", one.digest),
                ("from", _from(registry, one)),
                ("chosen because", resolution.reason),
                ("no definition in", ", ".join(resolution.silent)),
            ]
        )
    )
    table = terminal.listing("layer", "from", "id", "task", "", title="Considered")
    for every in resolution.considered:
        mark = "chosen" if every == resolution.winner else ""
        found = every.instruction
        terminal.row(table, every.layer, every.origin, found.full_id, found.task, mark)
    console.print(table)


@app.command("explain")
def explain_instruction(
    id: IdArgument,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="A text to use it on.")] = "",
    side: Annotated[
        str, typer.Option("--side", metavar="SIDE", help="query or document.")
    ] = "query",
    dim: Annotated[
        int | None, typer.Option("--dim", metavar="N", help="Vector size to ask for.")
    ] = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    pack: PackOption = None,
    json: JsonOption = False,
) -> None:
    """Load the model and show how a text reaches it under an instruction, and why so."""
    from metier.cli import terminal
    from metier.models.embedder import Side

    chosen: Side | None = next((one for one in get_args(Side) if one == side), None)
    if chosen is None:
        raise UnknownNameError("side", side, get_args(Side))
    rt = CommonOptions(model=model, device=device, dtype=dtype, pack=pack).runtime()
    explanation = rt.explain(id, text, side=chosen, dim=dim)
    if json:
        terminal.write_json(explanation.model_dump_json(indent=2))
    else:
        terminal.output().print(explanation)


def _registry(packs: list[str] | None) -> Registry:
    return CommonOptions(pack=packs).runtime().instructions


def _facts(registry: Registry, one: Instruction) -> dict[str, Any]:
    candidate = registry.origin(one)
    return {
        "id": one.full_id,
        "domain": one.domain,
        "name": one.id,
        "version": one.version,
        "task": one.task,
        "kind": one.kind,
        "dim": one.dim,
        "sides": one.sides,
        "rerank": one.rerank,
        "aliases": [alias.model_dump() for alias in one.aliases],
        "digest": one.digest,
        "layer": candidate.layer if candidate else None,
        "origin": candidate.origin if candidate else None,
    }


def _named(alias: Alias) -> str:
    return alias.name if alias.status == "active" else f"{alias.name} ({alias.status})"


def _candidate(candidate: Candidate) -> dict[str, Any]:
    found = candidate.instruction
    return {
        "layer": candidate.layer,
        "origin": candidate.origin,
        "id": found.full_id,
        "task": found.task,
        "digest": found.digest,
    }


def _from(registry: Registry, one: Instruction) -> str:
    candidate = registry.origin(one)
    return candidate.origin if candidate else ""
