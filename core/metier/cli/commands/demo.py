"""`metier demo`: run every workflow that has samples on them, and write one report."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metier.cli.errors import error_facts, show_failure
from metier.cli.inputs import takes
from metier.cli.options import MODEL, OUTPUT, CommonOptions
from metier.errors import MetierError
from metier.plugins.discovery import OWN_DOMAIN
from metier.settings import reproducible_dtype

if TYPE_CHECKING:
    from metier.results.result import Result
    from metier.runtime.runtime import Runtime

INSTALL = "pip install -e plugins/finance -e plugins/healthcare -e plugins/code -e plugins/legal"


@takes("reranker", "device", "no_cache", "json")
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
    *,
    common: CommonOptions,
) -> int:
    """Run every installed domain on its samples and write one report."""
    from metier.cli import terminal

    rt = replace(common, model=model, dtype=dtype or reproducible_dtype()).runtime(cached=True)
    terminal.require_folder(out)
    redirected = contextlib.redirect_stdout(sys.stderr) if common.json else contextlib.nullcontext()
    with redirected:
        results, failures, report = _run_all(rt, out)
    if all(name.startswith(f"{OWN_DOMAIN}/") for name in (*results, *failures)):
        terminal.note(f"No domain plugin brings a demo. Install some; from a checkout: {INSTALL}")
    if failures:
        terminal.note(f"failed: {', '.join(failures)}")
    if common.json:
        errors = {name: error_facts(error) for name, error in failures.items()}
        path = None if report is None else str(report)
        terminal.print_json({"report": path, "workflows": list(results), "failures": errors})
    return 1 if failures else 0


def _run_all(
    rt: Runtime, out: Path
) -> tuple[dict[str, Result], dict[str, MetierError], Path | None]:
    """Print and save the result of every workflow that has samples.

    Returns:
        Results and errors by workflow, and the report; None if there is no result.
    """
    from metier.cli import terminal
    from metier.plugins.samples import demo_arguments

    console = terminal.output()
    started = time.perf_counter()
    results: dict[str, Result] = {}
    failures: dict[str, MetierError] = {}
    shown = {name: brings for name, brings in rt.plugins.workflows().items() if brings[0].demo}
    terminal.aside(
        f"{len(shown)} workflows run on the samples of their plugins, about {len(shown) * 5} s on "
        f"a few cores the first time. What they find goes to {out}."
    )
    for name, (spec, plugin) in shown.items():
        console.rule(f"{name}  {spec.summary}", align="left")
        try:
            workflow = rt.plugins.load_workflow(name)
            arguments = demo_arguments(workflow, spec, plugin, rt.plugins.readers())
            results[name] = rt.run(name, **arguments)
        except MetierError as error:
            if str(error) not in {str(other) for other in failures.values()}:
                show_failure(error)  # a missing model fails every workflow in the same way
            failures[name] = error
            continue
        console.print(results[name])
        results[name].save(out / name)
    report = _write_report(out, results) if results else None
    if report is not None:
        count = len(results) + len(failures)
        seconds = time.perf_counter() - started
        console.print(
            f"Ran {len(results)} of {count} workflows in {seconds:.1f} s. Report: {report}",
            soft_wrap=True,
        )
        console.print(_what_next(rt, report, list(results)), soft_wrap=True)
    return results, failures, report


def _what_next(rt: Runtime, report: Path, names: Sequence[str]) -> str:
    """What to look at and to type after a demo."""
    own = [name for name in names if not name.startswith(f"{OWN_DOMAIN}/")] or list(names)
    model = f" --model {rt.config.model}"
    commands = {
        f"metier run {own[0]} FILE{model}": "the same on a table or texts of yours",
        f"metier run {own[0]} --help": "what it takes",
        "metier run": "every workflow",
        f"metier index build FOLDER --at INDEX{model}": "keep documents, to search in them",
    }
    width = max(map(len, commands))
    return "\n".join(
        [
            f"Open it in a browser: {report.resolve().as_uri()}",
            "Then try:",
            *(f"  {command:{width}}  {about}" for command, about in commands.items()),
        ]
    )


def _write_report(out: Path, results: dict[str, Result]) -> Path:
    from metier.results.files import write_files
    from metier.results.page import render_page

    sections = [result.section() for result in results.values()]
    return write_files(out, {"report.html": render_page("metier demo", sections)})[0]
