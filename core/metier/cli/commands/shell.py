"""`metier shell`: one query after another, with what is searched prepared once."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli import terminal
from metier.cli.commands.run import read_values, workflow_app
from metier.cli.completion import complete_workflow
from metier.cli.inputs import files_of, paths_of, read_inputs
from metier.cli.options import (
    CommonOptions,
    DeviceOption,
    DtypeOption,
    JsonOption,
    ModelOption,
    NoCacheOption,
    PackOption,
    RerankerOption,
)
from metier.cli.workflow_completion import ASKED
from metier.errors import UsageError

if TYPE_CHECKING:
    from metier.cli.shell_session import Search
    from metier.cli.workflow_options import GeneratedOption
    from metier.indexing.index import Index
    from metier.results.result import Result
    from metier.runtime.runtime import Runtime
    from metier.steps.repeated_search import RepeatedSearch
    from metier.workflows.contract import Workflow

_NO_HISTORY = "--no-history"


def shell(
    context: typer.Context,
    workflow: Annotated[
        str | None,
        typer.Argument(
            metavar="WORKFLOW [ITS OPTIONS]",
            show_default=False,
            help="A search, such as core/search, without its query.",
            autocompletion=complete_workflow,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="FOLDER",
            help="An index to search, in place of a workflow: a folder, or an address.",
        ),
    ] = None,
    no_history: Annotated[
        bool, typer.Option(_NO_HISTORY, help="Do not keep queries for the next shell.")
    ] = False,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    no_cache: NoCacheOption = False,
    pack: PackOption = None,
    json: JsonOption = False,
) -> int:
    """Ask one query after another: the model stays loaded, and what is searched stays prepared.

    Each line is a query, and :help lists the commands. Lines may also come from a file or a pipe.
    """
    if (workflow is None) == (at is None):
        raise UsageError(
            "There is nothing to search in."
            if at is None
            else "There are a workflow and an index.",
            fix="Give a search workflow with its input, or the folder of an index with --at.",
        )
    common = CommonOptions(model, reranker, device, dtype, no_cache, pack, json)
    if at is not None:
        return _ask(_IndexSearch.open(at, common), as_json=json, keep_history=not no_history)
    assert workflow is not None
    arguments = [argument for argument in context.args if argument != _NO_HISTORY]
    keep_history = not no_history and len(arguments) == len(context.args)
    return _ask_workflow(workflow, common, arguments, keep_history)


def _ask_workflow(
    name: str, common: CommonOptions, arguments: list[str], keep_history: bool
) -> int:
    from metier.plugins.host import PluginHost

    host = PluginHost()
    workflow = host.load_workflow(name)
    if all(parameter.name != "query" for parameter in workflow.parameters):
        raise UsageError(
            f"{name} is no search: it has no parameter 'query'.",
            fix=f"Run it with: metier run {name}",
        )
    codes: list[int] = []

    def execute(
        workflow: Workflow[Any],
        options: list[GeneratedOption],
        read: dict[str, Any],
        reading: dict[str, Any],
        common: CommonOptions,
    ) -> None:
        search = _open_workflow(workflow, options, read, reading, common)
        codes.append(_ask(search, as_json=common.json, keep_history=keep_history))

    app = workflow_app(workflow, host, common, execute=execute, without=ASKED)
    outcome = app(arguments, prog_name=f"metier shell {name}", standalone_mode=False)
    return codes[0] if codes else outcome if isinstance(outcome, int) else 0


def _open_workflow(
    workflow: Workflow[Any],
    options: list[GeneratedOption],
    read: dict[str, Any],
    reading: dict[str, Any],
    common: CommonOptions,
) -> _WorkflowSearch:
    from metier.steps.repeated_search import RepeatedSearch

    if common.out is not None:
        raise UsageError("A shell has no single result for --out.", fix="Save one with :save PATH")
    common.require_groups(workflow)
    paths, values = read_values(workflow, options, read)
    rt = common.runtime(cached=True)
    texts = read_inputs(rt, paths, **reading)
    inputs = (*paths_of(values), *files_of(texts))
    values |= texts
    return _WorkflowSearch(rt, RepeatedSearch(rt, workflow, values), workflow.id, common, inputs)


def _ask(search: Search, *, as_json: bool, keep_history: bool) -> int:
    """Put every line to a search; 1 where a line of a file or a pipe failed."""
    from metier.cli.shell_input import read_lines
    from metier.cli.shell_session import COMMANDS, ShellSession

    is_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    session = ShellSession(search, is_terminal=is_terminal, as_json=as_json)
    if is_terminal:
        terminal.aside("A line is a query. :help lists the commands, and Ctrl-D ends.")
    session.run(read_lines(COMMANDS, is_terminal=is_terminal, keep_history=keep_history))
    return 1 if session.has_failed and not is_terminal else 0


class _WorkflowSearch:
    """A workflow that is asked again."""

    def __init__(
        self,
        rt: Runtime,
        repeated: RepeatedSearch,
        workflow: str,
        common: CommonOptions,
        inputs: tuple[Path, ...],
    ) -> None:
        self.inputs = inputs
        self._rt = rt
        self._repeated = repeated
        self._workflow = workflow
        self._common = common

    def search(self, query: str) -> Result:
        return self._common.select_columns(self._repeated.search(query))

    def show(self, result: Result) -> None:
        terminal.show_result(result, as_json=self._common.json, out=None)

    def set_top(self, count: int) -> None:
        self._change("top_k", count)

    def set_rerank(self, is_on: bool) -> None:
        self._change("rerank", is_on)

    def set_where(self, condition: str) -> None:
        raise UsageError(
            f"{self._workflow} searches in all of its input: conditions are for an index.",
            fix="Build one with: metier index build",
        )

    def _change(self, name: str, value: object) -> None:
        if not self._repeated.takes(name):
            raise UsageError(f"{self._workflow} has no parameter {name!r}.")
        if name == "rerank" and value:
            self._rt.engine.require_reranker()
        self._repeated.change(name, value)


class _IndexSearch:
    """An index on disk."""

    inputs = ()

    def __init__(self, rt: Runtime, index: Index, as_json: bool) -> None:
        from metier.indexing.search_options import SearchOptions

        self._rt = rt
        self._index = index
        self._as_json = as_json
        self._options = SearchOptions()

    @classmethod
    def open(cls, at: str, common: CommonOptions) -> _IndexSearch:
        from metier.indexing.info import model_at

        rt = replace(common, model=common.model or model_at(at)).runtime()
        return cls(rt, rt.index(at=at), common.json)

    def search(self, query: str) -> Result:
        from metier.steps.searching import SearchResult

        hits = self._index.search(query, options=self._options)
        count = self._index.info().documents
        return SearchResult(query=query, noun="documents", searched=count, hits=tuple(hits))

    def show(self, result: Result) -> None:
        from metier.cli.index_output import show_hits

        show_hits(getattr(result, "hits", ()), json=self._as_json)

    def set_top(self, count: int) -> None:
        self._options = replace(self._options, top_k=count)

    def set_rerank(self, is_on: bool) -> None:
        if is_on:
            self._rt.engine.require_reranker()
        self._options = replace(self._options, rerank=is_on)

    def set_where(self, condition: str) -> None:
        from metier.indexing.condition_parsing import parse_condition

        where = parse_condition(condition) if condition else None
        self._options = replace(self._options, where=where)
