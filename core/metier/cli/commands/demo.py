"""`metier demo`: run every workflow that has samples on them, and write one report."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metier.cli.errors import error_facts, show_failure
from metier.cli.options import (
    MODEL,
    OUTPUT,
    CommonOptions,
    DeviceOption,
    JsonOption,
    NoCacheOption,
    RerankerOption,
)
from metier.errors import MetierError
from metier.settings import reproducible_dtype

if TYPE_CHECKING:
    from metier.plugins.discovery import Plugin
    from metier.registry.domain import WorkflowSpec
    from metier.runtime.runtime import Runtime
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
    dtype: Annotated[
        str | None,
        typer.Option(
            "--dtype",
            metavar="DTYPE",
            help="auto, float32, bfloat16, float16 or int8; else METIER_DTYPE, else float32, "
            "whose results are the same on every machine but for the last digits.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    no_cache: NoCacheOption = False,
    json: JsonOption = False,
) -> int:
    """Run every installed domain on its samples and write one report."""
    from metier.cli import terminal
    from metier.plugins.discovery import OWN_DOMAIN

    common = CommonOptions(
        model=model,
        reranker=reranker,
        device=device,
        dtype=dtype or reproducible_dtype(),
        no_cache=no_cache,
    )
    rt = common.runtime(cached=True)
    demos = {
        name: (spec, plugin) for name, (spec, plugin) in rt.plugins.workflows().items() if spec.demo
    }
    terminal.require_folder(out)
    started = time.perf_counter()
    redirected = contextlib.redirect_stdout(sys.stderr) if json else contextlib.nullcontext()
    with redirected:
        results, failures = _run_all(rt, demos, out)
        report = _write_report(out, results) if results else None
        if report is not None:
            seconds = time.perf_counter() - started
            terminal.output().print(
                f"Ran {len(results)} of {len(demos)} workflows in {seconds:.1f} s. "
                f"Report: {report}",
                soft_wrap=True,
            )
    if all(name.startswith(f"{OWN_DOMAIN}/") for name in demos):
        terminal.note(f"No domain plugin brings a demo. Install some; from a checkout: {INSTALL}")
    if failures:
        terminal.note(f"failed: {', '.join(failures)}")
    if json:
        terminal.print_json(
            {
                "report": None if report is None else str(report),
                "workflows": list(results),
                "failures": {name: error_facts(error) for name, error in failures.items()},
            }
        )
    return 1 if failures else 0


def _run_all(
    rt: Runtime, demos: Mapping[str, tuple[WorkflowSpec, Plugin]], out: Path
) -> tuple[dict[str, Result], dict[str, MetierError]]:
    """Results and errors by workflow; each result is printed and saved in a folder of `out`."""
    from metier.cli import terminal
    from metier.plugins.samples import demo_arguments

    console = terminal.output()
    results: dict[str, Result] = {}
    failures: dict[str, MetierError] = {}
    for name, (spec, plugin) in demos.items():
        console.rule(f"{name}  {spec.summary}", align="left")
        try:
            arguments = demo_arguments(
                rt.plugins.load_workflow(name), spec, plugin, rt.plugins.readers()
            )
            results[name] = rt.run(name, **arguments)
        except MetierError as error:
            if str(error) not in {str(other) for other in failures.values()}:
                show_failure(error)  # a missing model fails every workflow in the same way
            failures[name] = error
            continue
        console.print(results[name])
        results[name].save(out / name)
    return results, failures


def _write_report(out: Path, results: dict[str, Result]) -> Path:
    from html import escape

    from metier.workflows.html import page
    from metier.workflows.result import write_files

    sections = [
        f"<p class=note>{escape(name)}</p>\n{result._repr_html_()}"
        for name, result in results.items()
    ]
    return write_files(out, {"report.html": page("metier demo", sections)})[0]
