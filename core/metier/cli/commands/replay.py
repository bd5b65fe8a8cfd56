"""`metier replay`: run again what a run record describes, and compare what comes out."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from metier.cli.command_classes import PlainCommand, set_options
from metier.cli.inputs import files_of, read_inputs, reading_options
from metier.cli.options import CommonOptions, common_options
from metier.cli.recorded_runs import (
    as_recorded,
    recorded_fields,
    recorded_inputs,
    recorded_values,
    require_no_other_reranker,
)
from metier.cli.terminal import refuse_replacing, require_output
from metier.cli.workflow_options import GeneratedOption, option_for, value_of
from metier.errors import UsageError

if TYPE_CHECKING:
    from metier.results.record import RunRecord
    from metier.runtime.runtime import Runtime
    from metier.texts.texts import Texts
    from metier.workflows.comparison import Difference
    from metier.workflows.contract import Workflow


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
    own = {"help", "debug", "no_plugins", "strict", "inputs"}
    reserved = {*own, *reading_options(list(read.inputs)), *common_options()}
    options = [
        option_for(replace(parameter, default=None), reserved)
        for parameter in workflow.parameters
        if not parameter.is_input
    ]
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(
        cls=PlainCommand,
        help=escape(f"Run {read.workflow} again as on {read.started}, and compare."),
        context_settings={"help_option_names": ["-h", "--help"]},
    )(_command(workflow, read, options, record))
    name = f"metier replay {record}"
    outcome = app(list(context.args), prog_name=name, standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


def _read_record(path: Path) -> RunRecord:
    from pydantic import ValidationError

    from metier.results.record import RunRecord

    try:
        record = RunRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a run record"
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
    workflow: Workflow[Any], record: RunRecord, options: list[GeneratedOption], path: Path
) -> Callable[..., int]:
    """A function that replays the run, with one keyword for each option."""

    def command(**values: Any) -> int:
        common = CommonOptions(
            **{
                field.name: values[field.name]
                for field in fields(CommonOptions)
                if field.name in values
            }
        )
        if common.out is not None:
            require_output(common.out)
            refuse_replacing(common.out, [path])
        arguments: dict[str, Any] = {}
        for option in options:
            arguments |= value_of(option, values[option.name])
        reading = {name: values[name] for name in of_reading}
        paths = recorded_inputs(workflow, record, values["inputs"] or [])
        parameters = recorded_values(workflow, record, arguments, flags)
        return _replay(workflow, record, common, paths, reading, parameters, set(arguments))

    of_reading = reading_options(list(record.inputs))
    flags = {option.parameter.name: "--" + option.name.replace("_", "-") for option in options}
    names = ", ".join(record.inputs) or "none"
    inputs = typer.Argument(metavar="INPUT", help=f"The inputs, in this order: {names}.")
    keywords: dict[str, tuple[Any, Any]] = {"inputs": (Annotated[list[str] | None, inputs], None)}
    keywords |= {option.name: (option.annotation, None) for option in options}
    keywords |= of_reading
    defaults = asdict(CommonOptions())
    for name, annotation in common_options().items():
        if name != "no_cache":  # vectors of other runs would prove nothing
            keywords[name] = (annotation, defaults[name])
    set_options(command, keywords)
    return command


def _replay(
    workflow: Workflow[Any],
    record: RunRecord,
    common: CommonOptions,
    paths: Mapping[str, tuple[Sequence[str], type[Texts]]],
    reading: Mapping[str, Any],
    values: Mapping[str, Any],
    names: Collection[str],
) -> int:
    """Compare what the run would start from, run, and compare the result.

    Args:
        workflow: to run.
        record: of the run that is repeated.
        common: options of this command.
        paths: the path of each input, and its class.
        reading: as of `read_inputs`.
        values: of the parameters, by name.
        names: of those that this command was given.

    Returns:
        The exit code.
    """
    from metier.runtime.runtime import Runtime
    from metier.workflows.comparison import environment_differences, run_differences

    require_no_other_reranker(record, common)
    common.require_groups(workflow)
    redirected = contextlib.redirect_stdout(sys.stderr) if common.json else contextlib.nullcontext()
    with redirected, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # with a cache texts are embedded in other parts: one of its own, with nothing in it yet
        cache = Path(folder) if record.cached else False
        rt = Runtime.from_config(as_recorded(common.config(cached=cache), record))
        skip = reading["skip_invalid"] or any(use.skipped for use in record.inputs.values())
        fields = recorded_fields(record, reading)
        texts = read_inputs(rt, paths, **{**reading, **fields, "skip_invalid": skip})
        refuse_replacing(common.out, files_of(texts))
        common.require_columns(workflow, texts.values())
        requested = {name: values[name] for name in names}
        differences = _differences_before(workflow, record, rt, texts, requested)
        result = None if differences else rt.run(workflow.id, **texts, **values)
    if result is None:
        return _report(record, common, differences, [], 0.0, ran=False)
    now: RunRecord = result.record
    surroundings = environment_differences(record, now)
    tolerance = _tolerance(record, now) if surroundings else 0.0
    if common.out is not None:
        common.select_columns(result).save(common.out)
    differences = run_differences(record, now, tolerance)
    return _report(record, common, differences, surroundings, tolerance, ran=True)


def _differences_before(
    workflow: Workflow[Any],
    record: RunRecord,
    rt: Runtime,
    texts: Mapping[str, Texts],
    values: Mapping[str, Any],
) -> list[Difference]:
    """Differences in inputs, parameters and models, which make a run pointless."""
    from metier.results.record import InputUse
    from metier.workflows.comparison import (
        input_differences,
        model_differences,
        parameter_differences,
    )

    inputs = {name: InputUse.of(text) for name, text in texts.items()}
    is_path = {parameter.name: parameter.is_path for parameter in workflow.parameters}
    comparable = {  # a path may differ and lead to the same files
        name: workflow.recorded(rt, name, value)
        for name, value in values.items()
        if not is_path[name]
    }
    return [
        *input_differences(record.inputs, inputs),
        *parameter_differences(record.parameters, comparable),
        *(
            difference
            for use in record.models
            for difference in model_differences(use, _fingerprint(rt, use.role))
        ),
    ]


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
                "differences": [difference._asdict() for difference in differences],
                "surroundings": [difference._asdict() for difference in surroundings],
            }
        )
        return int(bool(differences))
    for title, rows in (("Surroundings", surroundings), ("Differences", differences)):
        if rows:
            table = terminal.listing("what", "recorded", "now", title=title)
            for row in rows:
                terminal.row(table, *row)
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
