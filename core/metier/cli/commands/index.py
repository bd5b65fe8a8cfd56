"""`metier index`: indexes on disk, built, brought up to date, searched, shown and dropped."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.completion import complete_domain, complete_instruction
from metier.cli.inputs import FILES, STDIN, read_inputs, stream_input, takes
from metier.cli.options import MODEL, CommonOptions, JsonOption
from metier.cli.stage_weights import METAVAR, name_stages, parse_weights
from metier.errors import InputError, ParameterError
from metier.folders import expand_home
from metier.texts.checks import NO_TEXTS

if TYPE_CHECKING:
    from metier.indexing.conditions import Condition
    from metier.runtime.runtime import Runtime
    from metier.texts.rows import Item


app = typer.Typer(no_args_is_help=True, help="Build, search and show indexes on disk.")

OwnModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="Where the model is, if it has moved; else the one the index was made with.",
        rich_help_panel=MODEL,
    ),
]
PathsArgument = Annotated[list[str], typer.Argument(metavar="PATH", help=FILES)]
AtOption = Annotated[
    str,
    typer.Option(
        "--at", metavar="FOLDER", help="The index: a folder, or an address such as s3://..."
    ),
]
InstructionOption = Annotated[
    str | None,
    typer.Option(
        "--instruction",
        metavar="ID",
        help="Else that of the index, else none.",
        autocompletion=complete_instruction,
    ),
]
DomainOption = Annotated[
    str | None,
    typer.Option(
        "--domain",
        metavar="NAME",
        help="Whose settings searches take; else the instruction's.",
        autocompletion=complete_domain,
    ),
]


AllowEmptyOption = Annotated[
    bool,
    typer.Option(
        "--allow-empty", help="A path may have no documents: the index loses all of this path."
    ),
]


@app.command("build")
@takes("model", "device", "dtype", "pack", "json", reading=True)
def build_index(
    paths: PathsArgument,
    at: AtOption,
    instruction: InstructionOption = None,
    domain: DomainOption = None,
    dim: Annotated[
        int | None, typer.Option("--dim", metavar="N", min=1, help="Vector size.")
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option("--max-tokens", metavar="N", min=1, help="Longest chunk of a document."),
    ] = None,
    overlap: Annotated[
        int | None,
        typer.Option("--overlap", metavar="N", min=0, help="What chunks repeat, in tokens."),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Begin anew in the place of what is there.")
    ] = False,
    allow_empty: AllowEmptyOption = False,
    *,
    common: CommonOptions,
    reading: Mapping[str, Any],
) -> None:
    """Make an index of documents, or go on with one that was interrupted."""
    from metier.cli.index_output import show_info

    rt = common.runtime()
    (source, documents), *others = _documents(rt, paths, reading, allow_empty).items()
    with _note_of_interrupt(at, paths, " without --rebuild" if rebuild else ""):
        index = rt.index(
            documents,
            at=at,
            rebuild=rebuild,
            instruction=instruction,
            domain=domain,
            dim=dim,
            source=source,
            max_tokens=max_tokens,
            overlap=overlap,
            allow_empty=allow_empty,
        )
        for source, documents in others:
            index.update(documents, source=source, allow_empty=allow_empty)
    show_info(index.info(), common.json)


@app.command("update")
@takes("device", "dtype", "pack", "json", reading=True)
def update_index(
    paths: PathsArgument,
    at: AtOption,
    model: OwnModelOption = None,
    allow_empty: AllowEmptyOption = False,
    *,
    common: CommonOptions,
    reading: Mapping[str, Any],
) -> None:
    """Bring an index up to date with files and folders: only what changed is embedded."""
    from metier.cli import terminal
    from metier.indexing.info import model_at
    from metier.results.table import counted

    rt = replace(common, model=model or model_at(at)).runtime()
    index = rt.index(at=at)
    documents = _documents(rt, paths, reading, allow_empty)
    with _note_of_interrupt(at, paths):
        reports = [
            index.update(texts, source=source, allow_empty=allow_empty)
            for source, texts in documents.items()
        ]
    facts = {
        name: sum(getattr(report, name) for report in reports)
        for name in ("documents", "embedded", "kept", "removed")
    } | {"chunks": len(index)}
    if common.json:
        terminal.print_json(facts)
        return
    terminal.output().print(
        f"{counted(facts['documents'], 'document')}: {counted(facts['embedded'], 'chunk')} "
        f"embedded, {facts['kept']} kept, {facts['removed']} removed. The index has "
        f"{counted(len(index), 'chunk')}."
    )


TopKOption = Annotated[int, typer.Option("--top-k", metavar="N", min=1, help="How many hits.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Only documents whose fields meet it, such as 'year>=2020'; may be given again, "
        "and all have to be met.",
    ),
]
RerankOption = Annotated[
    bool | None,
    typer.Option("--rerank/--no-rerank", help="Let the reranker order the best; else if any."),
]
ShortDimOption = Annotated[
    int | None,
    typer.Option(
        "--dim", metavar="N", min=1, help="Compare so many dimensions of rotated vectors."
    ),
]
WeightOption = Annotated[
    list[str] | None,
    typer.Option(
        "--weight",
        metavar=METAVAR,
        help=f"Weight of a stage of this search: {name_stages()}; may be given again, else "
        "those of the index's domain.",
    ),
]


QueryArgument = Annotated[str | None, typer.Argument(metavar="QUERY", help="What is looked for.")]
QueriesOption = Annotated[
    str | None,
    typer.Option("--queries", metavar="FILE", help="Several queries, one a row, in place of one."),
]


@app.command("search")
@takes("reranker", "device", "dtype", "pack", "json", "out", "keep", "drop", reading=True)
def search_index(
    query: QueryArgument = None,
    *,
    at: AtOption,
    queries: QueriesOption = None,
    top_k: TopKOption = 10,
    where: WhereOption = None,
    rerank: RerankOption = None,
    dim: ShortDimOption = None,
    instruction: InstructionOption = None,
    weight: WeightOption = None,
    model: OwnModelOption = None,
    common: CommonOptions,
    reading: Mapping[str, Any],
) -> None:
    """Find the documents of an index that answer a query, or each of several."""
    from metier.cli import terminal
    from metier.cli.index_output import show_hits
    from metier.indexing.info import model_at
    from metier.indexing.search_options import SearchOptions
    from metier.indexing.store import ID
    from metier.steps.query_batches import search_index
    from metier.steps.searching import SearchResult
    from metier.texts.texts import QueryTexts

    _require_one(query, queries)
    if common.out is not None:
        terminal.require_output(common.out)
        terminal.refuse_replacing(common.out, expand_home(at).glob("*"))
    condition, weights = _condition(where or []), dict(parse_weights(weight or ()))
    rt = replace(common, model=model or model_at(at)).runtime()
    index = rt.index(at=at)
    own = rt.instructions.retrieval(index.manifest.domain)
    retrieval = own.weighted(weights) if weights else None
    options = SearchOptions(top_k, condition, rerank, dim, instruction, retrieval)
    if queries is not None:
        texts = read_inputs(rt, {"queries": ([queries], QueryTexts)}, **reading)["queries"]
        terminal.refuse_replacing(common.out, texts.files)
        batch = search_index(rt, index, texts, options)
        terminal.show_result(common.select_columns(batch), as_json=common.json, out=common.out)
        return
    hits = index.search(query or "", options=options)
    if common.out is not None:
        count = index.info().documents
        result = SearchResult(query=query or "", noun="documents", searched=count, hits=hits)
        for path in common.select_columns(result).save(common.out):
            terminal.aside(f"wrote {path}")
    names = set() if condition is None else condition.names()
    is_reported = bool(names.difference(index.fields(), [ID])) and len(index) > 0  # by a warning
    show_hits(hits, json=common.json, is_reported=is_reported)


@app.command("info")
def index_info(at: AtOption, json: JsonOption = False) -> None:
    """Show what an index holds and what it was made with; no model is loaded."""
    from metier.cli.index_output import show_info
    from metier.indexing.info import info_at

    show_info(info_at(at), json)


@app.command("verify")
def verify_index(at: AtOption, json: JsonOption = False) -> int:
    """Compare all an index holds with its checksums, and say what to do about damage."""
    from metier.cli import terminal
    from metier.cli.index_output import show_verification
    from metier.indexing.info import verify_at
    from metier.progress import choose_progress

    report = verify_at(at, choose_progress(False if json else None))
    if json:
        terminal.print_json(report.to_dict())
    else:
        show_verification(report)
    return 0 if report.is_intact else 1


@app.command("purge")
def purge_index(at: AtOption, json: JsonOption = False) -> None:
    """Remove texts from the files of an index that were removed from it or replaced in it."""
    from metier.cli import terminal
    from metier.indexing.info import purge_at
    from metier.progress import choose_progress

    purge_at(at, choose_progress(False if json else None))
    if json:
        terminal.print_json({"purged": at})
    else:
        terminal.output().print(f"Purged the index at {at}.")


@app.command("drop")
def drop_index(
    at: AtOption,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> int:
    """Remove an index from disk."""
    from metier.cli import terminal
    from metier.indexing.info import drop_at

    if not yes and not terminal.is_confirmed(f"Drop the index at {at}?"):
        terminal.note("nothing was dropped")
        return 1
    drop_at(at)
    if json:
        terminal.print_json({"dropped": at})
    else:
        terminal.output().print(f"Dropped the index at {at}.")
    return 0


def _require_one(query: str | None, queries: str | None) -> None:
    """Refuse a search with neither a query nor queries, or with both.

    Raises:
        ParameterError: neither of them is given, or both are.
    """
    from metier.cli.errors import OptionName
    from metier.steps.query_batches import require_one

    try:
        require_one(query, queries)
    except ParameterError as error:
        error.parameters["query"] = OptionName("QUERY")  # it has no name
        raise


def _documents(
    rt: Runtime, paths: Sequence[str], reading: Mapping[str, Any], allow_empty: bool
) -> dict[str, Iterable[Item]]:
    """The documents of each path, which is a source of its own, by the name of the source.

    They are an empty list where there are none and that is allowed.

    Raises:
        InputError: a path has no documents, and that is not allowed.
    """
    from metier.indexing.documents import generate_id, no_documents
    from metier.texts.texts import Documents

    try:
        stream = stream_input(
            rt, paths, Documents, generate_id=generate_id, may_be_empty=True, **reading
        )
    except InputError as error:
        if error.code != NO_TEXTS:
            raise
        if allow_empty:
            return {_source(path): [] for path in paths}
        refused = no_documents(", ".join(map(_source, paths)))
        refused.add_reason(error.what)
        raise refused from None
    if len(paths) == 1:
        return {_source(paths[0]): stream}
    if stream.empty_origins and not allow_empty:  # before anything is written
        raise no_documents(", ".join(map(_source, stream.empty_origins)))
    documents: dict[str, Iterable[Item]] = {
        _source(path): items for path, items in stream.by_origin().items()
    }
    return documents | {_source(path): [] for path in stream.empty_origins}


@contextmanager
def _note_of_interrupt(at: str, paths: Sequence[str], how: str = "") -> Iterator[None]:
    """Whoever interrupts what is done inside is told what is kept, if something is.

    Args:
        at: the index.
        paths: of what is written into it.
        how: the command has to be given again.
    """
    try:
        yield
    except KeyboardInterrupt:
        from metier.cli import terminal
        from metier.indexing.info import unfinished_at

        if not {_source(path) for path in paths}.isdisjoint(unfinished_at(at)):
            terminal.note(
                f"what is in the index at {at} is kept; the same command{how} goes on from there"
            )
        raise


def _source(path: str) -> str:
    """The path as documents remember it, the same however it was written."""
    return "standard input" if path == STDIN else expand_home(path).as_posix()


def _condition(texts: Sequence[str]) -> Condition | None:
    """All of the conditions together."""
    from metier.indexing.condition_parsing import parse_condition

    conditions = [parse_condition(text) for text in texts]
    return functools.reduce(operator.and_, conditions) if conditions else None
