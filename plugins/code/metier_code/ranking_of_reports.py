"""Which functions of a tree a report leads to: evidence and search as one order."""

from __future__ import annotations

from collections.abc import Sequence

from metier import Hit
from metier.plugin import Item, Runtime
from metier_code.code_passage import CodePassage, MatchingLine, matching_lines
from metier_code.locations import LocatedFrame, LocatedFunction, LocatedReport
from metier_code.traces.evidence import (
    Evidence,
    EvidenceReader,
    MatchedTrace,
    frames_outside,
)
from metier_code.traces.reading import Report, read_report
from metier_code.traces.report_lines import LARGEST
from metier_code.traces.tree_definitions import TreeDefinition, tree_definitions
from metier_code.trees.file_access import whole_path
from metier_code.trees.path_roles import is_example, is_test
from metier_code.trees.tree_index import TreeIndex

WEIGHTS = {"search": 1.0, "frames": 2.0, "message": 0.5, "name": 0.3}
"""What each kind of evidence counts; chosen on histories of projects, see benchmarks/RESULTS.md."""
SEARCH = {"lexical": 4.0, "interaction": 0.0}
"""Weights of the search, where they differ from those of the domain: reports name what they are
about, and comparing single tokens brought nothing for what it costs."""
TEST_SHARE = 0.7
"""How much less functions of tests and examples count, which reports seldom are about."""
_CANDIDATES = 200
"""Functions that the search brings."""
_LONGEST_QUERY = 4_000
"""Characters of a report that are searched for; models read no more of a query."""
_FRAMES_NAMED = 5
_WORDS_SHOWN = 6
_LONGEST_REPORT = 20_000
"""Characters of a report that a result repeats."""


class ReportRanking:
    """Orders the functions of a tree by reports.

    Args:
        rt: the Runtime.
        index: of the tree.
        instruction: of the search.

    Attributes:
        searched: how many functions the tree has.
    """

    def __init__(self, rt: Runtime, index: TreeIndex, *, instruction: str) -> None:
        self._rt = rt
        self._index = index
        self._instruction = instruction
        domain = instruction.partition("/")[0]
        self._retrieval = rt.instructions.retrieval(domain).model_copy(update=SEARCH)
        self._tree = tree_definitions(index)
        self._reader = EvidenceReader(self._tree)
        self._positions = {
            (item.path, item.definition.line, item.definition.name): position
            for position, item in enumerate(self._tree.definitions)
        }
        self.searched = len(self._tree.definitions)

    def located(self, item: Item, top_k: int) -> LocatedReport:
        """The functions that a report leads to, and why.

        Args:
            item: the report.
            top_k: how many functions.
        """
        report = read_report(item.text)
        traces = self._reader.matched_traces(report)
        evidence = self._reader.evidence(report, traces)
        hits = self._search(_query(report, traces))
        highest = max((hit.score for hit in hits.values()), default=1.0)
        scored = []
        for position in {*evidence, *hits}:
            scores = dict(evidence[position].scores) if position in evidence else {}
            if position in hits:
                scores["search"] = max(hits[position].score / highest, 0.0)
            scored.append((self._total(position, scores), -position, scores))
        scored.sort(key=lambda entry: entry[:2], reverse=True)
        functions = [
            self._function(rank, total, -position, scores, evidence.get(-position), hits)
            for rank, (total, position, scores) in enumerate(scored[:top_k], start=1)
        ]
        return LocatedReport(
            id=item.id,
            report=item.text[:_LONGEST_REPORT],
            fields=dict(item.fields),
            functions=tuple(functions),
            frames=tuple(self._frames(traces)),
            remarks=tuple(_remarks(item.text, traces)),
        )

    def _search(self, query: str) -> dict[int, Hit]:
        """What a search finds, by the positions of definitions."""
        answers = self._index.search(
            self._rt,
            [query],
            instruction=self._instruction,
            top_k=_CANDIDATES,
            retrieval=self._retrieval,
        )
        hits: dict[int, Hit] = {}
        for hit in answers[0]:
            path = self._index.listing.shown(hit.document_id)
            key = (path, hit.fields.get("line"), hit.fields.get("name"))
            if key in self._positions:
                hits.setdefault(self._positions[key], hit)
        return hits

    def _total(self, position: int, scores: dict[str, float]) -> float:
        total = sum(WEIGHTS[kind] * score for kind, score in scores.items())
        path = self._tree.definitions[position].path
        return total * (TEST_SHARE if is_test(path) or is_example(path) else 1.0)

    def _function(
        self,
        rank: int,
        total: float,
        position: int,
        scores: dict[str, float],
        evidence: Evidence | None,
        hits: dict[int, Hit],
    ) -> LocatedFunction:
        item = self._tree.definitions[position]
        hit = hits.get(position)
        reasons = list(dict.fromkeys(evidence.reasons)) if evidence else []
        if hit is not None and hit.snippet is not None and hit.snippet.words:
            reasons.append(f"words: {', '.join(hit.snippet.words[:_WORDS_SHOWN])}")
        if not reasons:
            reasons.append("near by meaning")
        return LocatedFunction(
            rank=rank,
            score=round(total, 4),
            passage=_passage(item, evidence.lines if evidence else (), hit),
            reasons=tuple(reasons),
            scores={kind: round(score, 4) for kind, score in scores.items()},
        )

    def _frames(self, traces: Sequence[MatchedTrace]) -> list[LocatedFrame]:
        definitions = self._tree.definitions
        return [
            LocatedFrame(
                trace=number,
                error=matched.trace.error,
                role=matched.trace.role,
                number=position,
                written=str(match.frame),
                how=match.how,
                functions=tuple(
                    f"{definitions[index].definition.location} {definitions[index].definition.name}"
                    for index in match.definitions
                ),
                paths=match.paths,
                minified=match.minified,
            )
            for number, matched in enumerate(traces, start=1)
            for position, match in enumerate(matched.frames, start=1)
        ]


def _query(report: Report, traces: Sequence[MatchedTrace]) -> str:
    """What is searched for: the words of a report and its errors, without the lines of traces."""
    errors = [
        ": ".join(part for part in (trace.error, trace.message) if part) for trace in report.traces
    ]
    parts = [report.prose[:_LONGEST_QUERY], *dict.fromkeys(error for error in errors if error)]
    query = "\n".join(part for part in parts if part.strip())
    if query:
        return query
    named = [match.frame.function or match.frame.path for trace in traces for match in trace.frames]
    return " ".join(named[:_FRAMES_NAMED])


def _passage(item: TreeDefinition, lines: Sequence[int], hit: Hit | None) -> CodePassage:
    definition = item.definition
    rows = item.text.split("\n")
    marked = tuple(
        MatchingLine(line=line, text=text, marks=((0, len(text)),) if text else ())
        for line in dict.fromkeys(lines)
        if 0 <= line - definition.line < len(rows)
        for text in (rows[line - definition.line].strip(),)
    )
    start = item.text.find(hit.text) if hit is not None else -1
    if not marked and hit is not None and start >= 0:
        line = definition.line + item.text.count("\n", 0, start)
        marked = matching_lines(hit.snippet, hit.text, start=hit.start, line=line)
    return CodePassage(
        path=item.path,
        file=whole_path(item.file),
        line=definition.line,
        end_line=definition.end_line,
        column=definition.column,
        name=definition.name,
        kind=definition.kind,
        signature=definition.signature,
        language=definition.language,
        text=item.text,
        matching_lines=marked,
    ).in_cell(definition.cell)


def _remarks(text: str, traces: Sequence[MatchedTrace]) -> list[str]:
    remarks = []
    outside = [match for match in frames_outside(traces) if not match.minified]
    count = sum(len(matched.frames) for matched in traces)
    if outside:
        shown = ", ".join(dict.fromkeys(str(match.frame) for match in outside[:3]))
        more = f" and {len(outside) - 3} more" if len(outside) > 3 else ""
        remarks.append(f"{len(outside)} of {count} frames are outside of the tree: {shown}{more}.")
    several = [match for matched in traces for match in matched.frames if len(match.paths) > 1]
    if several:
        match = several[0]
        remarks.append(
            f"{len(several)} frames may be in several files, such as {match.frame}: "
            f"{', '.join(match.paths[:4])}."
        )
    if any(match.minified for matched in traces for match in matched.frames):
        remarks.append(
            "Frames of minified code have no line of a source: apply the source map to the trace "
            "first."
        )
    if len(text) > LARGEST:
        remarks.append(
            f"The report has {len(text):,} characters, of which the first and the last "
            f"{LARGEST // 2:,} were read."
        )
    return remarks
