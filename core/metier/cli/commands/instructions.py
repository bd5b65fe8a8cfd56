"""`metier instructions`: list, find and show them, and how one reaches the model."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from metier.cli.command_classes import ListsByDefault
from metier.cli.completion import complete_domain, complete_instruction
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
    str,
    typer.Argument(
        metavar="ID",
        help="domain/name, or domain/name@version.",
        autocompletion=complete_instruction,
    ),
]


@app.command("list")
def list_instructions(
    domain: Annotated[
        str | None,
        typer.Option(
            "--domain",
            metavar="NAME",
            help="Only of this domain.",
            autocompletion=complete_domain,
        ),
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

    known_kind = next((name for name in get_args(Kind) if name == kind), None)
    if kind is not None and known_kind is None:
        raise UnknownNameError("kind of instruction", kind, get_args(Kind))
    registry = _registry(pack)
    instructions = registry.list(domain, known_kind)
    if json:
        terminal.print_json([_facts(registry, instruction) for instruction in instructions])
        return
    if not instructions:
        terminal.note("there is no such instruction; see: metier plugins")
        return
    table = terminal.listing("id", "kind", "dim", "task", "from")
    for instruction in instructions:
        cells = (instruction.full_id, instruction.kind, instruction.dim, instruction.task)
        terminal.row(table, *cells, _origin(registry, instruction))
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
    from metier.cli.instruction_similarity import search_by_similarity

    rt = CommonOptions(model=model, device=device, dtype=dtype, pack=pack).runtime()
    search = partial(search_by_similarity, rt) if model else rt.instructions.search
    matches = search(query, top_k)
    if json:
        terminal.print_json(
            [
                {**_facts(rt.instructions, match.instruction), "score": round(match.score, 4)}
                for match in matches
            ]
        )
        return
    if not matches:
        terminal.note("no instruction has any of these words; with --model it is found by meaning")
        return
    table = terminal.listing("id", "score", "kind", "task", "from")
    for match in matches:
        instruction = match.instruction
        cells = (instruction.full_id, f"{match.score:.3f}", instruction.kind, instruction.task)
        terminal.row(table, *cells, _origin(rt.instructions, instruction))
    terminal.output().print(table)


@app.command("show")
def show_instruction(id: IdArgument, pack: PackOption = None, json: JsonOption = False) -> None:
    """Show one instruction and every definition of it, the strongest first."""
    from metier.cli import terminal

    registry = _registry(pack)
    resolution = registry.resolve(id)
    instruction = resolution.instruction
    if json:
        content = {
            **_facts(registry, instruction),
            "default_dim": resolution.default_dim,
            "reason": resolution.reason,
            "silent": list(resolution.silent),
            "considered": [
                {**_candidate(candidate), "chosen": candidate == resolution.winner}
                for candidate in resolution.considered
            ],
        }
        terminal.print_json(content)
        return
    console = terminal.output()
    console.print(
        terminal.facts(
            [
                ("id", instruction.full_id),
                ("task", instruction.task),
                ("kind", instruction.kind),
                ("sides", instruction.sides),
                ("dim", instruction.dim or resolution.default_dim),
                ("rerank", instruction.rerank),
                ("aliases", ", ".join(map(_show_alias, instruction.aliases))),
                ("content", instruction.digest),
                ("from", _origin(registry, instruction)),
                ("chosen because", resolution.reason),
                ("no definition in", ", ".join(resolution.silent)),
            ]
        )
    )
    table = terminal.listing("layer", "from", "id", "task", "", title="Considered")
    for candidate in resolution.considered:
        choice = "chosen" if candidate == resolution.winner else ""
        cells = (candidate.instruction.full_id, candidate.instruction.task, choice)
        terminal.row(table, candidate.layer, candidate.origin, *cells)
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

    known_side: Side | None = next((name for name in get_args(Side) if name == side), None)
    if known_side is None:
        raise UnknownNameError("side", side, get_args(Side))
    rt = CommonOptions(model=model, device=device, dtype=dtype, pack=pack).runtime()
    explanation = rt.explain(id, text, side=known_side, dim=dim)
    if json:
        terminal.write_json(explanation.model_dump_json(indent=2))
    else:
        terminal.output().print(explanation)


def _registry(packs: list[str] | None) -> Registry:
    return CommonOptions(pack=packs).runtime().instructions


def _facts(registry: Registry, instruction: Instruction) -> dict[str, Any]:
    candidate = registry.origin(instruction)
    return {
        "id": instruction.full_id,
        "domain": instruction.domain,
        "name": instruction.id,
        "version": instruction.version,
        "task": instruction.task,
        "kind": instruction.kind,
        "dim": instruction.dim,
        "sides": instruction.sides,
        "rerank": instruction.rerank,
        "aliases": [alias.model_dump() for alias in instruction.aliases],
        "digest": instruction.digest,
        "layer": candidate.layer if candidate else None,
        "origin": candidate.origin if candidate else None,
    }


def _show_alias(alias: Alias) -> str:
    return alias.name if alias.status == "active" else f"{alias.name} ({alias.status})"


def _candidate(candidate: Candidate) -> dict[str, Any]:
    instruction = candidate.instruction
    return {
        "layer": candidate.layer,
        "origin": candidate.origin,
        "id": instruction.full_id,
        "task": instruction.task,
        "digest": instruction.digest,
    }


def _origin(registry: Registry, instruction: Instruction) -> str:
    candidate = registry.origin(instruction)
    return candidate.origin if candidate else ""
