"""`metier run`: list the workflows, or run one with its parameters as options."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from metier.cli.command_classes import PlainCommand, set_options
from metier.cli.completion import complete_workflow
from metier.cli.inputs import READING, files_of, paths_of, read_inputs, reading_options
from metier.cli.options import (
    CommonOptions,
    CrossOption,
    DeviceOption,
    DropOption,
    DtypeOption,
    JsonOption,
    KeepOption,
    ModelOption,
    NoCacheOption,
    OutOption,
    PackOption,
    RerankerOption,
    common_options,
)
from metier.cli.terminal import refuse_replacing, require_output, show_result
from metier.cli.workflow_options import (
    GeneratedOption,
    option_for,
    take_positional,
    value_of,
    with_positional,
)
from metier.errors import ParameterError

if TYPE_CHECKING:
    from metier.plugins.host import PluginHost
    from metier.results.result import Result
    from metier.texts.texts import Texts
    from metier.workflows.contract import Workflow
    from metier.workflows.parameter import Parameter


def run_workflow(
    workflow: Workflow[Any], host: PluginHost, weaker: CommonOptions, arguments: list[str]
) -> int:
    """Parse the arguments with the options of a workflow, and run it.

    Args:
        workflow: to run.
        host: knows the plugin of the workflow.
        weaker: options before the workflow's name; those after it override them.
        arguments: everything after the workflow's name.

    Returns:
        The exit code.
    """
    app = workflow_app(workflow, host, weaker)
    outcome = app(arguments, prog_name=f"metier run {workflow.id}", standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


Execute = Callable[
    ["Workflow[Any]", list[GeneratedOption], dict[str, Any], dict[str, Any], CommonOptions], None
]
"""What is done with a workflow, its options, what Typer read for them and for those of reading,
and the common options."""


def workflow_app(
    workflow: Workflow[Any],
    host: PluginHost,
    weaker: CommonOptions,
    *,
    execute: Execute | None = None,
    without: Collection[str] = (),
) -> typer.Typer:
    """The command of a workflow.

    Args:
        workflow, host, weaker: as of `run_workflow`.
        execute: what the command does; None runs the workflow.
        without: parameters that are no options of it.
    """
    spec, plugin = host.workflows()[workflow.id]
    options = _options(
        [parameter for parameter in workflow.parameters if parameter.name not in without]
    )
    about = f"{spec.summary}\n\nBrought by {plugin.origin}."
    if workflow.instruction is not None:
        about += f" Instruction: {workflow.instruction}"
    safety = plugin.domain.safety if plugin.domain is not None else None
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(
        cls=PlainCommand,
        help=escape(about),
        epilog=escape(f"Not for: {safety.not_for}") if safety is not None else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )(_command(workflow, options, weaker, execute or _execute))
    return app


def app_of_parameters(parameters: Sequence[Parameter]) -> typer.Typer:
    """A command with the options of a workflow, to complete them; it runs nothing."""
    app = typer.Typer(add_completion=False)
    options = _options(parameters)
    app.command(cls=PlainCommand)(_command(None, options, CommonOptions(), _execute))
    return app


_RESERVED = {"help", "debug", "no_plugins", "strict", *READING, *common_options()}


def _options(parameters: Sequence[Parameter]) -> list[GeneratedOption]:
    inputs = [parameter.name for parameter in parameters if parameter.is_input]
    reserved = _RESERVED | reading_options(inputs).keys()
    return [option_for(parameter, reserved) for parameter in parameters]


def _command(
    workflow: Workflow[Any] | None,
    options: list[GeneratedOption],
    weaker: CommonOptions,
    execute: Execute,
) -> Callable[..., None]:
    """A function that runs the workflow, if there is one, with one keyword for each option."""
    inputs = [option.parameter.name for option in options if option.parameter.is_input]
    of_reading = reading_options(inputs) if inputs else {}

    def command(**values: Any) -> None:
        assert workflow is not None
        values = take_positional(options, values, workflow.id)
        own = CommonOptions(**{field.name: values[field.name] for field in fields(CommonOptions)})
        reading = {name: values[name] for name in of_reading}
        parameters = {option.name: values[option.name] for option in options}
        execute(workflow, options, parameters, reading, own.or_else(weaker))

    keywords = with_positional(options) | of_reading
    defaults = asdict(CommonOptions())
    keywords |= {
        name: (annotation, defaults[name]) for name, annotation in common_options().items()
    }
    set_options(command, keywords)
    return command


def _execute(
    workflow: Workflow[Any],
    options: list[GeneratedOption],
    read: dict[str, Any],
    reading: dict[str, Any],
    common: CommonOptions,
) -> None:
    paths, values = read_values(workflow, options, read)
    common.require_groups(workflow)
    if common.out is not None:
        require_output(common.out)
        refuse_replacing(common.out, paths_of(values))
    # what a plugin or a library prints must not get into the JSON
    redirected = contextlib.redirect_stdout(sys.stderr) if common.json else contextlib.nullcontext()
    with redirected:
        rt = common.runtime(cached=True)
        texts = read_inputs(rt, paths, **reading)
        refuse_replacing(common.out, files_of(texts))
        common.require_columns(workflow, texts.values())
        result = rt.run(workflow.id, **values, **texts)
    _show(result, common)


def _show(result: Result, common: CommonOptions) -> None:
    """Show and write a result; without its cross tables where its columns are not as expected.

    Raises:
        ParameterError: it lacks a column of the input; what can be shown is shown before.
    """
    try:
        selected = common.select_columns(result)
    except ParameterError as error:
        if not common.cross:
            raise
        show_result(common.keep_columns(result), as_json=common.json, out=common.out)
        error.add_reason("The result is shown without cross tables.")
        raise
    show_result(selected, as_json=common.json, out=common.out)


def read_values(
    workflow: Workflow[Any], options: list[GeneratedOption], read: dict[str, Any]
) -> tuple[dict[str, tuple[list[str], type[Texts]]], dict[str, Any]]:
    """The paths of inputs, each with the class of its texts, and the values of other parameters.

    Args:
        workflow: whose parameters they are.
        options: of the workflow.
        read: what Typer read for each.
    """
    paths: dict[str, tuple[list[str], type[Texts]]] = {}
    values: dict[str, Any] = {}
    for option in options:
        kind = option.parameter.input_kind
        value = value_of(option, read[option.name])
        if kind is not None:
            paths |= {name: (files, kind) for name, files in value.items()}
        elif value:
            # before any file is read and any model loaded
            values[option.parameter.name] = option.parameter.validate(
                value[option.parameter.name], workflow.id
            )
    return paths, values


def run(
    context: typer.Context,
    workflow: Annotated[
        str | None,
        typer.Argument(
            metavar="WORKFLOW [ITS OPTIONS]",
            show_default=False,
            help="Its id, such as core/search.",
            autocompletion=complete_workflow,
        ),
    ] = None,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    no_cache: NoCacheOption = False,
    pack: PackOption = None,
    json: JsonOption = False,
    out: OutOption = None,
    keep: KeepOption = None,
    drop: DropOption = None,
    cross: CrossOption = None,
) -> int:
    """Run a workflow; without one, list them.

    These options may stand before the workflow or among its own: metier run WORKFLOW --help
    """
    from metier.plugins.host import PluginHost

    common = CommonOptions(
        model, reranker, device, dtype, no_cache, pack, json, out, keep, drop, cross
    )
    host = PluginHost()
    if workflow is None:
        _list_workflows(host, json)
        return 0
    return run_workflow(host.load_workflow(workflow), host, common, context.args)


def _list_workflows(host: PluginHost, json: bool) -> None:
    from metier.cli import terminal

    workflows = host.workflows()
    if json:
        terminal.print_json(
            [
                {"id": name, "summary": spec.summary, "provider": plugin.origin}
                for name, (spec, plugin) in workflows.items()
            ]
        )
        return
    if not workflows:
        terminal.note("no active plugin brings a workflow; see: metier plugins")
        return
    table = terminal.listing("workflow", "what it does", "from")
    for name, (spec, plugin) in workflows.items():
        terminal.row(table, name, spec.summary, plugin.origin)
    terminal.output().print(table)
    terminal.output().print("The options of a workflow: metier run WORKFLOW --help")
