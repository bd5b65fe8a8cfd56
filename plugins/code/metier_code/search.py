"""code/search: definitions of a source tree by what they do, or by code that is like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from metier import Condition, Hit, RetrievalSettings, SearchOptions, Texts
from metier.plugin import (
    BatchResult,
    Dim,
    ParameterError,
    Paths,
    Queries,
    Query,
    Runtime,
    TopK,
    search_index,
    workflow,
)
from metier_code.filters import FilePatterns, Kinds, LanguageNames, condition_of
from metier_code.index_parameters import (
    IncludeGenerated,
    IndexFolder,
    IndexUpdate,
    KeepIndex,
    index_options,
)
from metier_code.parsing.notebooks import location_of
from metier_code.query_kind import INSTRUCTIONS, WEIGHTS, QueryKind, embedded_text, kind_of
from metier_code.search_result import CodeSearchResult, code_hits
from metier_code.trees.definitions import PARTS, cell_of
from metier_code.trees.file_access import whole_path
from metier_code.trees.tree_index import TreeIndex, Update, ask_index


@workflow("code/search", instruction="code/function-search")
def search(
    rt: Runtime,
    path: Annotated[
        Paths, Field(description="Source trees, source files, or patterns such as 'src/**/*.py'.")
    ],
    query: Annotated[
        Query, Field(description="What the code does, in your words, or code that is like it.")
    ] = None,
    *,
    queries: Queries = None,
    query_kind: Annotated[
        Literal["auto", "words", "code"],
        Field(description="Whether queries are words or code; by default as they look."),
    ] = "auto",
    instruction: Annotated[
        str | None,
        Field(description="Instruction id, such as code/bug-report-to-code; that of the kind."),
    ] = None,
    language: LanguageNames = (),
    files: FilePatterns = (),
    kind: Kinds = (),
    top_k: Annotated[TopK, Field(description="How many definitions.")] = 10,
    dim: Dim = None,
    update: IndexUpdate = "auto",
    at: IndexFolder = None,
    keep_index: KeepIndex = True,
    include_generated: IncludeGenerated = False,
) -> CodeSearchResult | BatchResult:
    """Find definitions of a source tree by what they do or by similar code, as path and line.

    The tree is indexed in the user's cache. Each search brings the index up to date: only what
    changed is read and embedded. Hidden folders, dependencies, build outputs and what git ignores
    are left out, and what cannot be read or parsed is named in the result with the reason.
    """
    texts = _texts(query, queries)
    chosen = _kind(texts) if query_kind == "auto" else query_kind
    used = instruction or INSTRUCTIONS[chosen]

    def answer(tree: TreeIndex) -> CodeSearchResult | BatchResult:
        where = condition_of(tree.listing, language=language, files=files, kind=kind)
        if queries is not None:
            return _several(rt, tree, queries, chosen, used, where, top_k)
        hits = _hits(rt, tree, texts[0], chosen, used, where, top_k)
        return _result(tree, texts[0], chosen, hits, update, where)

    options = index_options(dim, update, at, keep_index, include_generated)
    return ask_index(answer, rt, path, instruction=used, **options)


def _hits(
    rt: Runtime,
    tree: TreeIndex,
    query: str,
    kind: QueryKind,
    instruction: str,
    where: Condition | None,
    top_k: int,
) -> list[Hit]:
    (hits,) = tree.search(
        rt,
        [embedded_text(query, kind)],
        instruction=instruction,
        top_k=top_k,
        where=where,
        retrieval=_weights(rt, kind),
    )
    return hits


def _weights(rt: Runtime, kind: QueryKind) -> RetrievalSettings:
    """The settings of the domain with the weights for queries of a kind."""
    return rt.instructions.retrieval("code").model_copy(update=WEIGHTS[kind])


def _kind(texts: Sequence[str]) -> QueryKind:
    """Code where all queries look like it."""
    return "code" if texts and all(kind_of(text) == "code" for text in texts) else "words"


def _result(
    tree: TreeIndex,
    query: str,
    kind: QueryKind,
    hits: Sequence[Hit],
    update: Update,
    where: Condition | None,
) -> CodeSearchResult:
    freshness = tree.freshness
    unmet = () if hits or where is None else (_unmet(tree),)
    written = freshness.written if update == "never" else None
    return CodeSearchResult(
        query=query,
        query_kind=kind,
        root=whole_path(tree.listing.base.resolve()),
        searched=tree.count,
        hits=code_hits(hits, tree.listing),
        skipped=tree.left_out,
        remarks=(*freshness.remarks(), *unmet),
        changed=freshness.changed,
        indexed=None if written is None else datetime.fromtimestamp(written, UTC).isoformat(),
    )


def _unmet(tree: TreeIndex) -> str:
    """What to say where conditions leave nothing."""
    there = sorted({file.language for file in tree.listing.files.values()})
    return (
        "No definition meets all conditions (language, files and kind). "
        f"The tree has {', '.join(there)}."
    )


def _several(
    rt: Runtime,
    tree: TreeIndex,
    queries: Texts,
    kind: QueryKind,
    instruction: str,
    where: Condition | None,
    top_k: int,
) -> BatchResult:
    options = SearchOptions(
        top_k=top_k,
        where=tree.within(where),
        instruction=instruction,
        retrieval=_weights(rt, kind),
        parts=PARTS,
    )
    index = tree.index.with_engine(rt.engine)
    asked = Texts([replace(item, text=embedded_text(item.text, kind)) for item in queries])
    with tree.reading():
        batch = search_index(rt, index, asked, options, noun="definitions")
    prefix = tree.listing.prefix
    shown = [
        query.model_copy(
            update={
                "query": item.text,
                "hits": tuple(_located(hit, tree) for hit in query.hits),
                "matches": tuple(
                    match
                    and match.model_copy(
                        update={
                            "id": match.id.removeprefix(prefix),
                            "location": match.location.removeprefix(prefix),
                        }
                    )
                    for match in query.matches
                ),
            }
        )
        for query, item in zip(batch.queries, queries, strict=True)
    ]
    return batch.model_copy(
        update={
            "queries": tuple(shown),
            "searched": tree.count,
            "documents": tuple(name.removeprefix(prefix) for name in batch.documents),
            "skipped": tree.left_out,
            "remarks": tree.freshness.remarks(),
        }
    )


def _located(hit: Hit, tree: TreeIndex) -> Hit:
    """A hit with the path and line of its definition as its location."""
    path = tree.listing.shown(hit.document_id)
    cell, line = cell_of(hit.fields) or (None, int(hit.fields["line"]))
    location = location_of(path, line, cell)
    fields = {**hit.fields, "path": path}
    return replace(hit, document_id=path, location=location, fields=fields)


def _texts(query: str | None, queries: Texts | None) -> list[str]:
    """The queries of a call.

    Raises:
        ParameterError: none is given, or one and several.
    """
    if query is not None and queries is None:
        return [query]
    if query is None and queries is not None:
        return list(queries.strings)
    nothing = query is None
    raise ParameterError(
        "There is nothing to look for: neither $query nor $queries is given."
        if nothing
        else "$query and $queries are given both.",
        fix="Give one query, or several of them with $queries."
        if nothing
        else "Give one query, or several of them, but not both.",
        parameters={"query": ..., "queries": ...},
    )
