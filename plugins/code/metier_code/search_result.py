"""What a search in a source tree finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metier import Hit, LeftOut, Result, Snippet
from metier.plugin import Column, Table
from metier_code.code_passage import CODE_COLUMNS, CodePassage, matching_lines
from metier_code.trees.definitions import cell_of
from metier_code.trees.file_access import whole_path
from metier_code.trees.listing import Listing
from metier_code.trees.source_texts import read_source

_POSITION = ("line", "column", "end_line")
"""Fields of a definition."""


class CodeHit(CodePassage):
    """A definition that was found.

    Attributes:
        rank: 1 for the best.
        score: what the hits are ordered by.
        scores: of each stage by name, see `metier.Hit`.
        id: path, line and column, `src/cart.py:12:1`; of a notebook with the cell,
            `sales.ipynb:cell 3:2:1`.
        snippet: why it was found.
    """

    rank: int
    score: float
    scores: dict[str, float]
    id: str
    snippet: Snippet | None = None


class CodeSearchResult(Result):
    """The definitions that answer a query, best first.

    Attributes:
        query: words or code.
        query_kind: which of the two it was taken for.
        root: folder that paths are below.
        searched: how many definitions there are below the paths that were given.
        hits: those that were found.
        changed: files that changed since the index was written, where it was left as it is.
        indexed: when it was written, where it was left as it is; None otherwise.
    """

    query: str
    query_kind: str
    root: str
    searched: int
    hits: tuple[CodeHit, ...]
    changed: tuple[str, ...] = ()
    indexed: str | None = None

    def title(self) -> str:
        return "Search in source code"

    def headline(self) -> str:
        query = " ".join(self.query.split())
        shown = query if len(query) <= 200 else f"{query[:200]}…"
        return f"Best {len(self.hits)} of {self.searched} definitions for: {shown}"

    def tables(self) -> list[Table]:
        columns = ("rank", Column("score", "score"), *CODE_COLUMNS)
        rows = [(hit.rank, hit.score, *hit.cells()) for hit in self.hits]
        return [Table("", columns, rows, head=len(self.hits))]

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "rank": hit.rank,
                "id": hit.id,
                "location": hit.location,
                "score": hit.score,
                "cosine": hit.scores.get("dense"),
                "rerank": hit.scores.get("rerank"),
                **_row(hit),
            }
            for hit in self.hits
        ]


def code_hits(hits: Sequence[Hit], listing: Listing) -> tuple[CodeHit, ...]:
    """Hits of an index of a tree as definitions, with their whole texts as they are in the files.

    Where a file is not what it was when it was indexed, the text is the part that was found.
    """
    texts = {name: _text_of(listing, name) for name in {hit.document_id for hit in hits}}
    return tuple(_code_hit(hit, listing, texts[hit.document_id]) for hit in hits)


def _code_hit(hit: Hit, listing: Listing, source: str) -> CodeHit:
    fields = hit.fields
    line, column, end_line = (int(fields.get(name, 1)) for name in _POSITION)
    path, file = listing.shown(hit.document_id), listing.files.get(hit.document_id)
    text, hit_line = hit.text, line
    if source[hit.start : hit.end] == hit.text:
        text = _lines_of(source, line, column, end_line, hit.end)
        hit_line = source.count("\n", 0, hit.start) + 1
    cell = cell_of(fields)
    code_hit = CodeHit(
        rank=hit.rank,
        score=round(hit.score, 6),
        scores={name: round(score, 6) for name, score in hit.scores.items()},
        id=f"{path}:{line}:{column}"
        if cell is None
        else f"{path}:cell {cell[0]}:{cell[1]}:{column}",
        snippet=hit.snippet,
        path=path,
        file=whole_path(file.path) if file is not None else "",
        line=line,
        end_line=end_line,
        column=column,
        name=str(fields.get("name", "")),
        kind=str(fields.get("kind", "")),
        signature=str(fields.get("signature", "")),
        language=str(fields.get("language", "")),
        text=text,
        matching_lines=matching_lines(hit.snippet, hit.text, start=hit.start, line=hit_line),
    )
    return code_hit.in_cell(cell)


def _lines_of(source: str, line: int, column: int, end_line: int, end: int) -> str:
    """The text of a definition, from the beginning of its line if only blanks stand before it.

    Args:
        source: the file.
        line: its first, counted from 1.
        column: of its first character, counted from 1.
        end_line: its last line.
        end: offset of the end of a part of it: what follows it in the last line is not its own.
    """
    lines = source.split("\n")
    start = sum(map(len, lines[: line - 1])) + line - 1
    if lines[line - 1][: column - 1].strip():
        start += column - 1
    end_of_line = sum(map(len, lines[:end_line])) + end_line - 1
    is_last = end > end_of_line - len(lines[end_line - 1])
    return source[start : end if is_last else end_of_line].rstrip()


def _text_of(listing: Listing, name: str) -> str:
    """The text of a file as it is indexed; empty where it is not read any more."""
    file = listing.files.get(name)
    source = None if file is None else read_source(file)
    return "" if source is None or isinstance(source, LeftOut) else source.normalized


def _row(hit: CodeHit) -> dict[str, Any]:
    own = ("rank", "score", "scores", "id", "snippet")
    return {name: value for name, value in hit.row().items() if name not in own}
