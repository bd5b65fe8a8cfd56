"""`metier replay`: run again what a run record describes, and compare what comes out."""

from __future__ import annotations

import contextlib
import inspect
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from metier.cli.command_classes import PlainCommand
from metier.cli.inputs import READING, read_inputs
from metier.cli.options import CommonOptions, common_options
from metier.cli.recorded_runs import (
    as_recorded,
    recorded_inputs,
    recorded_values,
    require_no_other_reranker,
)
from metier.cli.terminal import require_folder
from metier.cli.workflow_options import GeneratedOption, option_for, value_of
from metier.errors import UsageError

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime
    from metier.texts.texts import Texts
    from metier.workflows.comparison import Difference
    from metier.workflows.contract import Workflow
    from metier.workflows.record import RunRecord


def replay(
    context: typer.Context,
    record: Annotated[
        Path, typer.Argument(metavar="RUN.JSON INPUT...", help="What --out or save() wrote.")
    ],
) -> int:
    """Run again what a run record describes, and compare.

    The inputs follow in the order of the record. Its options: metier replay RUN.JSON --help
    """
    from metier.plugins.host import PluginHost

    read = _read_record(record)
    workflow = PluginHost().load_workflow(read.workflow)
    taken = {"help", "debug", "no_plugins", "strict", "inputs", *READING, *common_options()}
    options = [
        option_for(replace(parameter, default=None), taken)
        for parameter in workflow.parameters
        if not parameter.is_input
    ]
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(
        cls=PlainCommand,
        help=escape(f"Run {read.workflow} again as on {read.started}, and compare."),
        context_settings={"help_option_names": ["-h", "--help"]},
    )(_command(workflow, read, options))
    name = f"metier replay {record}"
    outcome = app(list(context.args), prog_name=name, standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


def _read_record(path: Path) -> RunRecord:
    from pydantic import ValidationError

    from metier.workflows.record import RunRecord

    try:
        record = RunRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no run record"
        raise UsageError(
            f"Cannot read the run record {str(path)!r}: {reason}.",
            fix="Give the run.json that metier run --out wrote.",
        ) from None
    if not record.result:
        raise UsageError(
            f"The run record {str(path)!r} does not say what came out.",
            why="It was written by an earlier version of metier.",
            fix=f"Write a new one: metier run {record.workflow} --out DIR",
        )
    return record


def _command(
    workflow: Workflow[Any], record: RunRecord, options: list[GeneratedOption]
) -> Callable[..., int]:
    """A function with one keyword for each option, which is what Typer reads."""

    def command(**read: Any) -> int:
        common = CommonOptions(
            **{one.name: read[one.name] for one in fields(CommonOptions) if one.name in read}
        )
        given: dict[str, Any] = {}
        for option in options:
            given |= value_of(option, read[option.name])
        reading = {name: read[name] for name in READING}
        places = recorded_inputs(workflow, record, read["inputs"] or [])
        values = recorded_values(workflow, record, given, flags)
        return _replay(workflow, record, common, places, reading, values, set(given))

    flags = {one.parameter.name: "--" + one.name.replace("_", "-") for one in options}
    named = ", ".join(record.inputs) or "none"
    inputs = typer.Argument(metavar="INPUT", help=f"The inputs, in this order: {named}.")
    wanted: dict[str, tuple[Any, Any]] = {"inputs": (Annotated[list[str] | None, inputs], None)}
    wanted |= {option.name: (option.annotation, None) for option in options} | READING
    defaults = asdict(CommonOptions())
    for name, kind in common_options().items():
        if name != "no_cache":  # vectors of other runs would prove nothing
            wanted[name] = (kind, defaults[name])
    command.__annotations__ = {name: kind for name, (kind, _) in wanted.items()}
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
            )
            for name, (kind, default) in wanted.items()
        ]
    )
    return command


def _replay(
    workflow: Workflow[Any],
    record: RunRecord,
    common: CommonOptions,
    places: Mapping[str, tuple[str, type[Texts]]],
    reading: Mapping[str, Any],
    values: Mapping[str, Any],
    given: Collection[str],
) -> int:
    from metier.workflows.comparison import (
        environment_differences,
        input_differences,
        model_differences,
        parameter_differences,
        run_differences,
    )
    from metier.workflows.record import InputUse

    require_no_other_reranker(record, common)
    if common.out is not None:
        require_folder(common.out)
    aside = contextlib.redirect_stdout(sys.stderr) if common.json else contextlib.nullcontext()
    with aside, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # with a cache texts are embedded in other parts: one of its own, with nothing in it yet
        cache = Path(folder) if record.cached else False
        rt = as_recorded(common, record).runtime(cached=cache)
        skip = reading["skip_invalid"] or any(one.skipped for one in record.inputs.values())
        texts = read_inputs(rt, places, **{**reading, "skip_invalid": skip})
        found = input_differences(
            record.inputs, {name: InputUse.of(one) for name, one in texts.items()}
        )
        found += parameter_differences(record.parameters, _comparable(workflow, rt, values, given))
        found += [
            difference
            for use in record.models
            for difference in model_differences(use, _fingerprint(rt, use.role))
        ]
        result = None if found else rt.run(workflow.id, **texts, **values)
    if result is None:
        return _report(record, common, found, [], 0.0, ran=False)
    now: RunRecord = result.record
    surroundings = environment_differences(record, now)
    tolerance = _tolerance(record, now) if surroundings else 0.0
    if common.out is not None:
        result.save(common.out)
    found = run_differences(record, now, tolerance)
    return _report(record, common, found, surroundings, tolerance, ran=True)


def _comparable(
    workflow: Workflow[Any], rt: Runtime, values: Mapping[str, Any], given: Collection[str]
) -> dict[str, Any]:
    """What the call gave, as a record has it; the same files may lie in another place."""
    by_name = {one.name: one for one in workflow.parameters}
    return {
        name: workflow.recorded(rt, name, values[name])
        for name in given
        if not by_name[name].is_path
    }


def _fingerprint(rt: Runtime, role: str) -> str:
    model = rt.reranker if role == "reranker" else rt.embedder
    return "none" if model is None else model.fingerprint


def _tolerance(*records: RunRecord) -> float:
    from metier.diagnosis.checks import score_tolerance, vector_tolerance

    dtypes = [use.dtype for record in records for use in record.models] or ["float32"]
    return max(vector_tolerance(*dtypes), score_tolerance(*dtypes))


def _report(
    record: RunRecord,
    common: CommonOptions,
    differences: list[Difference],
    surroundings: list[Difference],
    tolerance: float,
    *,
    ran: bool,
) -> int:
    from metier.cli import terminal

    if common.json:
        terminal.print_json(
            {
                "workflow": record.workflow,
                "same": not differences,
                "ran": ran,
                "tolerance": tolerance,
                "differences": [one._asdict() for one in differences],
                "surroundings": [one._asdict() for one in surroundings],
            }
        )
        return int(bool(differences))
    for title, found in (("Surroundings", surroundings), ("Differences", differences)):
        if found:
            table = terminal.listing("what", "recorded", "now", title=title)
            for one in found:
                terminal.row(table, *one)
            terminal.output().print(table)
    terminal.output().print(_verdict(record, differences, tolerance, ran), soft_wrap=True)
    return int(bool(differences))


def _verdict(
    record: RunRecord, differences: Sequence[Difference], tolerance: float, ran: bool
) -> str:
    if not ran:
        return f"Different: {record.workflow} was not run, because what it would be run on is."
    allowed = f"within {tolerance:g}" if tolerance else "to the last digit"
    if differences:
        return f"Different: {record.workflow} did not give the recorded result {allowed}."
    return f"Same: {record.workflow} gave the recorded result {allowed}."
