"""What `metier index` prints of indexes and hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from metier.cli import terminal

if TYPE_CHECKING:
    from metier.indexing.info import IndexInfo
    from metier.indexing.search_results import Hit
    from metier.indexing.verification import VerificationReport

_UNFINISHED = "not all documents are in the index yet; if nothing writes them now, build again"

_MOST_NAMED = 12
"""Number of documents or files that a line about damage names; JSON has all."""


def show_info(info: IndexInfo, json: bool) -> None:
    """Print the facts about an index."""
    if json:
        terminal.print_json(info.to_dict())
        return
    manifest = info.manifest
    made_with, revision = manifest.provenance, f", revision {manifest.revision}"
    pairs = [
        ("path", info.path),
        ("documents", info.documents),
        ("chunks", info.chunks),
        ("sources", _named([f"{name} ({count})" for name, count in info.sources.items()])),
        ("unfinished", f"{', '.join(info.unfinished)}: {_UNFINISHED}" if info.unfinished else None),
        ("model", f"{made_with.model} (fingerprint {made_with.fingerprint}{revision})"),
        ("dim", made_with.dim),
        ("instruction", made_with.instruction),
        ("domain", manifest.domain),
        ("chunking", _pairs(manifest.chunking)),
        ("terms", _pairs(manifest.terms)),
        ("search", info.search),
    ]
    terminal.output().print(terminal.facts(pairs))


def show_verification(report: VerificationReport) -> None:
    """Print what a verification found."""
    from metier.results.table import counted

    pairs = [
        ("path", report.path),
        ("intact", "yes" if report.is_intact else "no"),
        ("chunks", report.chunks),
        ("files", report.files),
        ("no checksum", counted(report.unchecked, "chunk") if report.unchecked else None),
    ]
    terminal.output().print(terminal.facts(pairs))
    if report.damage:
        table = terminal.listing("damaged", "what", "where", "what to do")
        for damage in report.damage:
            names = (*damage.documents, *damage.files)
            terminal.row(table, damage.part, damage.message, _named(names), damage.fix)
        terminal.output().print(table)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _pairs(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value != "")


def hit_facts(hit: Hit) -> dict[str, Any]:
    """A hit as plain data for JSON."""
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "document_id": hit.document_id,
        "id": hit.id,
        "source": hit.source,
        "location": hit.location,
        "start": hit.start,
        "end": hit.end,
        "text": hit.text,
        "scores": {name: round(score, 6) for name, score in hit.scores.items()},
        "fields": dict(hit.fields),
        "snippet": None if hit.snippet is None else asdict(hit.snippet),
    }


def hit_text(hit: Hit) -> str:
    """The part of a hit that answers best, shortened."""
    from metier.results.table import shorten

    return shorten(hit.text if hit.snippet is None else hit.snippet.text, 220)


def show_hits(hits: Sequence[Hit], *, json: bool, is_reported: bool = False) -> None:
    """Print hits, best first.

    Args:
        hits: of one query.
        json: as JSON.
        is_reported: whether a warning has said that there are none.
    """
    if json:
        terminal.print_json([hit_facts(hit) for hit in hits])
        return
    if not hits:
        if not is_reported:
            terminal.note("nothing was found")
        return
    table = terminal.listing("", "score", "where", "text")
    for hit in hits:
        terminal.row(
            table, hit.rank, f"{hit.score:.3f}", f"{hit.source}: {hit.location}", hit_text(hit)
        )
    terminal.output().print(table)
