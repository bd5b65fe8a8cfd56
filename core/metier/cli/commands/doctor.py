"""`metier doctor`: whether the machine and the models do what they should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from metier.cli.options import (
    MODEL,
    CommonOptions,
    DeviceOption,
    DtypeOption,
    JsonOption,
    ModelOption,
    RerankerOption,
)

if TYPE_CHECKING:
    from rich.table import Table

    from metier.diagnosis.checks import Check, Diagnosis, Remedy

_COMMANDS: dict[Remedy, str] = {
    "record": "metier doctor --record",
    "require embedder": "metier doctor --model {model}",
    "require reranker": "metier doctor --reranker {reranker}",
}
"""What to type for each remedy of a check."""

_COLORS = {"pass": "green", "warn": "yellow", "fail": "bold red", "skip": "dim"}


def doctor(
    model: ModelOption = None,
    reranker: RerankerOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help="Take the results of models without published ones as right from now on.",
            rich_help_panel=MODEL,
        ),
    ] = False,
    json: JsonOption = False,
) -> int:
    """Check the machine, and whether the models compute what they should."""
    from metier.cli import terminal
    from metier.diagnosis.checks import Diagnosis
    from metier.diagnosis.examine import examine
    from metier.models.model_lookup import Role

    rt = CommonOptions(model=model, reranker=reranker, device=device, dtype=dtype).runtime()
    specs: tuple[tuple[Role, str | None], ...] = (("embedder", model), ("reranker", reranker))
    diagnosis = examine(
        rt,
        required=[role for role, spec in specs if spec is not None],
        record=record,
    )
    models = rt.engine.models
    requested = {"model": models.embedder_name, "reranker": models.reranker_name}
    diagnosis = Diagnosis(
        tuple(replace(check, fix=_fix(check, requested)) for check in diagnosis.checks)
    )
    if json:
        checks = [_facts(check) for check in diagnosis.checks]
        terminal.print_json({"checks": checks, "summary": diagnosis.summary})
    else:
        _print(diagnosis)
    return int(diagnosis.failed)


def _fix(check: Check, requested: Mapping[str, str | None]) -> str | None:
    """What to do, with the command to type where there is one."""
    if check.remedy is None:
        return check.fix
    command = _COMMANDS[check.remedy].format_map(requested)
    return f"{check.fix} Type: {command}"


def _facts(check: Check) -> dict[str, str | None]:
    facts = asdict(check)
    del facts["remedy"]
    return facts


def _print(diagnosis: Diagnosis) -> None:
    from metier.cli import terminal
    from metier.diagnosis.checks import Group

    console = terminal.output()
    for group in get_args(Group):
        checks = diagnosis.of(group)
        if checks:
            table = terminal.listing("", "check", "seen", title=group.capitalize())
            for check in checks:
                _add(table, check)
            console.print(table)
    counts = (f"{count} {status}" for status, count in diagnosis.summary.items() if count)
    console.print(", ".join(counts))


def _add(table: Table, check: Check) -> None:
    from rich.text import Text

    detail = Text(check.detail)
    if check.fix:
        detail.append(f"\n{check.fix}", style="cyan")
    table.add_row(Text(check.status, style=_COLORS[check.status]), Text(check.name), detail)
