"""`metier demo`: every workflow that brings samples, on its samples, in one report."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.options import (
    MODEL,
    OUTPUT,
    Common,
    DeviceOption,
    DtypeOption,
    NoCacheOption,
    RerankerOption,
)
from metier.errors import MetierError, PluginError, UsageError

if TYPE_CHECKING:
    from metier.plugins.discovery import Plugin
    from metier.registry.domain import WorkflowSpec
    from metier.runtime import Runtime
    from metier.workflows.result import Result

INSTALL = "pip install -e plugins/finance -e plugins/healthcare -e plugins/code -e plugins/legal"


def demo(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where report.html and a folder for each workflow go.",
            rich_help_panel=OUTPUT,
        ),
    ] = Path("metier-demo"),
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="embedded, a Hugging Face id or a local folder.",
            rich_help_panel=MODEL,
        ),
    ] = "embedded",
    reranker: RerankerOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    no_cache: NoCacheOption = False,
) -> int:
    """Run every installed domain on its samples and write one report."""
    from metier.cli import screen
    from metier.cli.errors import show_failure
    from metier.cli.results import require_folder

    common = Common(model=model, reranker=reranker, device=device, dtype=dtype, no_cache=no_cache)
    rt = common.runtime(cached=True)
    chosen = _with_samples(rt)
    require_folder(out)
    console = screen.output()
    started = time.perf_counter()
    results: dict[str, Result] = {}
    failures: dict[str, MetierError] = {}
    for name, (spec, plugin) in chosen.items():
        console.rule(f"{name}  {spec.summary}", align="left")
        try:
            results[name] = rt.run(name, **_arguments(rt, name, spec, plugin))
        except MetierError as error:
            if str(error) not in {str(other) for other in failures.values()}:
                show_failure(error)  # a missing model fails every workflow alike: said once
            failures[name] = error
            continue
        console.print(results[name])
        results[name].save(out / name)
    if results:
        report = _write_report(out, results)
        seconds = time.perf_counter() - started
        console.print(
            f"Ran {len(results)} of {len(chosen)} workflows in {seconds:.1f} s. Report: {report}",
            soft_wrap=True,
        )
    if failures:
        screen.note(f"failed: {', '.join(failures)}")
    return 1 if failures else 0


def _with_samples(rt: Runtime) -> dict[str, tuple[WorkflowSpec, Plugin]]:
    found = {
        name: (spec, plugin) for name, (spec, plugin) in rt.plugins.workflows().items() if spec.demo
    }
    if not found:
        installed = ", ".join(f"{one.name} ({one.status})" for one in rt.plugins.plugins)
        raise UsageError(
            "No active plugin brings a demo.",
            why=f"Installed plugins: {installed or 'none'}.",
            fix=f"Install some; from a checkout: {INSTALL}",
        )
    return found


def _arguments(rt: Runtime, name: str, spec: WorkflowSpec, plugin: Plugin) -> dict[str, Any]:
    """The demo's texts as arguments: files of the plugin's package for inputs and paths."""
    from metier.cli.generated import is_path
    from metier.cli.inputs import read_inputs

    folder = _package_folder(plugin)
    parameters = {one.name: one for one in rt.workflow(name).parameters}
    values: dict[str, Any] = {}
    paths = {}
    for key, text in spec.demo.items():
        if key not in parameters:
            raise _broken(plugin, f"{name} has no parameter {key!r}")
        kind = parameters[key].input_kind
        if kind is None and not is_path(parameters[key]):
            values[key] = text
            continue
        path = folder / text
        if not path.exists():
            raise _broken(plugin, f"{text!r} is not in its package")
        if kind is None:
            values[key] = path
        else:
            paths[key] = (str(path), kind)
    return values | read_inputs(rt, paths)


def _package_folder(plugin: Plugin) -> Path:
    spec = importlib.util.find_spec(plugin.module)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        return Path(folder)
    raise _broken(plugin, f"its package {plugin.module!r} is not a folder")


def _broken(plugin: Plugin, problem: str) -> PluginError:
    return PluginError(
        f"The demo of {plugin.origin} is broken: {problem}.",
        fix=f"Reinstall it: pip install --force-reinstall {plugin.distribution}",
    )


def _write_report(out: Path, results: dict[str, Result]) -> Path:
    from html import escape

    from metier.workflows.page import page
    from metier.workflows.result import write_files

    sections = [
        f"<p class=note>{escape(name)}</p>\n{result._repr_html_()}"
        for name, result in results.items()
    ]
    return write_files(out, {"report.html": page("metier demo", sections)})[0]
