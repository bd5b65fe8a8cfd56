"""Opening an index: begun anew, or found and checked against what it is opened with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.chunking.chunker import Chunker, name_of
from metier.errors import UnknownNameError, UsageError
from metier.indexing.documents import WINDOW, documents_of, source_of
from metier.indexing.index import Index, IndexSettings
from metier.indexing.manifest import Manifest, require_same
from metier.indexing.memory_store import MemoryStore
from metier.registry.provenance import Provenance
from metier.retrieval.terms import Analyzer

if TYPE_CHECKING:
    from metier.indexing.lance.store import LanceStore
    from metier.indexing.store import Analyze
    from metier.registry.instruction import Instruction
    from metier.runtime.runtime import Runtime
    from metier.texts.rows import Item
    from metier.texts.splitter import Splitter


@dataclass(frozen=True, slots=True)
class Choices:
    """What a call says of an index; None wherever it says nothing.

    Attributes:
        instruction: for documents and queries.
        domain: whose settings searches take.
        dim: vector size.
        max_tokens: of a chunk.
        overlap: of a chunk with the one before, in tokens.
        splitter: what divides documents before they are cut; None for that of the domain.
    """

    instruction: Instruction | None = None
    domain: str | None = None
    dim: int | None = None
    max_tokens: int | None = None
    overlap: int | None = None
    splitter: Splitter | None = None


def open_index(
    rt: Runtime,
    documents: object | None,
    choices: Choices,
    *,
    at: str | Path | None,
    rebuild: bool,
    source: str | None,
) -> Index:
    """See `Runtime.index`."""
    if choices.domain is not None and choices.domain not in rt.domains:
        raise UnknownNameError("domain", choices.domain, rt.domains)
    if at is not None:
        return _on_disk(rt, documents, choices, at, rebuild, source)
    cutting = _cutting(rt, choices, {})
    manifest = _manifest(rt, choices, cutting)
    store = MemoryStore(manifest, _analyze(rt, manifest))
    index = Index(rt.engine, store, _settings(rt, manifest, choices, cutting))
    if documents is not None:
        index.update(documents, source=source)
    return index


def _on_disk(
    rt: Runtime,
    documents: object | None,
    choices: Choices,
    at: str | Path,
    rebuild: bool,
    source: str | None,
) -> Index:
    from metier.indexing.lance.store import LanceStore  # here: it needs an extra

    store = LanceStore(at)
    if not rebuild and store.exists():
        index = _opened(rt, store, choices)
    elif documents is None:
        raise UsageError(
            f"There is no index at {store.path}."
            if not rebuild
            else f"The index at {store.path} cannot be built again of nothing.",
            fix="Give its documents.",
        )
    else:
        source = source_of(documents, source)
        first, documents = _read_ahead(documents, source)
        cutting = _cutting(rt, choices, {})
        manifest = _manifest(rt, choices, cutting)
        cutting.chunk(first[:1], rt.embedder, choices.instruction)
        if rebuild:  # what is wrong with the call has been told
            store.drop()
        index = _begun(rt, store, choices, manifest, cutting)
    if documents is not None:
        index.update(documents, source=source)
    return index


def _begun(
    rt: Runtime, store: LanceStore, choices: Choices, manifest: Manifest, cutting: Chunker
) -> Index:
    """A new index."""
    store.begin(manifest)
    require_same(store.manifest, manifest, store.path)  # another process may have been quicker
    store.analyze = _analyze(rt, manifest)
    return Index(rt.engine, store, _settings(rt, manifest, choices, cutting))


def _opened(rt: Runtime, store: LanceStore, choices: Choices) -> Index:
    """The index that is there, if it was made with what is asked for."""
    there = store.manifest
    if choices.instruction is None:
        _require_domain(rt, there, store.path)
    known = replace(
        choices,
        instruction=choices.instruction or _recorded(rt, there, store.path),
        domain=choices.domain or there.domain,
        dim=there.provenance.dim if choices.dim is None else choices.dim,
    )
    cutting = _cutting(rt, known, there.chunking)
    require_same(there, _manifest(rt, known, cutting), store.path)
    store.begin(there)  # the process that began it may have been killed on the way
    store.analyze = _analyze(rt, there)
    return Index(rt.engine, store, _settings(rt, there, known, cutting))


def _require_domain(rt: Runtime, there: Manifest, place: str) -> None:
    """Refuse to search by general settings what was made for those of a domain."""
    if there.provenance.instruction is None and there.domain not in rt.domains:
        raise UsageError(
            f"The index at {place} was made for the domain {there.domain!r}, which is not known "
            "here.",
            why="Searches would be weighted in another way than it was made for.",
            fix="Install the plugin or give the pack that brings it, or build it again with "
            "$rebuild.",
            parameters={"rebuild": True},
        )


def _recorded(rt: Runtime, there: Manifest, place: str) -> Instruction | None:
    """The instruction an index was made with."""
    name = there.provenance.instruction
    if name is None:
        return None
    try:
        return rt.instructions.get(name)
    except UnknownNameError as error:
        raise UsageError(
            f"The index at {place} was made with the instruction {name!r}, which is not known "
            "here.",
            why=error.why,
            fix="Install the plugin or give the pack that brings it, or pass instruction=...",
        ) from None


def _read_ahead(documents: object, source: str) -> tuple[list[Item], Iterator[Item]]:
    """The first of the documents, read before anything is removed, and all of them."""
    items = documents_of(documents, source)
    first = list(islice(items, WINDOW))
    return first, chain(first, items)


def _cutting(rt: Runtime, choices: Choices, known: Mapping[str, Any]) -> Chunker:
    return Chunker.of(
        rt.embedder,
        known,
        max_tokens=choices.max_tokens,
        overlap=choices.overlap,
        splitter=_splitter(rt, choices, known),
    )


def _splitter(rt: Runtime, choices: Choices, known: Mapping[str, Any]) -> Splitter | None:
    """That of the call, else the domain's: for a new index, or one that was made with it."""
    domain, made_with = _domain(choices), known.get("splitter")
    if choices.splitter is not None or made_with == "" or domain not in rt.domains:
        return choices.splitter
    own = rt.splitter(domain)
    return own if own is not None and made_with in (None, name_of(own)) else None


def _settings(rt: Runtime, manifest: Manifest, choices: Choices, cutting: Chunker) -> IndexSettings:
    def find_instruction(name: str | Instruction) -> Instruction:
        return rt.instructions.resolve(name).instruction  # as it is known after a refresh, too

    retrieval = rt.instructions.retrieval(manifest.domain)
    return IndexSettings(
        cutting, retrieval, choices.instruction, find_instruction, rt.plugins.search_stages
    )


def _domain(choices: Choices) -> str:
    instruction = choices.instruction
    return choices.domain or (instruction.domain if instruction is not None else "") or "core"


def _manifest(rt: Runtime, choices: Choices, cutting: Chunker) -> Manifest:
    embedder, instruction = rt.embedder, choices.instruction
    profile, domain = embedder.profile, _domain(choices)
    plan = rt.instructions.plan(instruction, choices.dim, profile, domain=domain)
    provenance = Provenance.of(embedder, plan.dim, instruction)
    settings = rt.instructions.retrieval(domain)
    terms = {"terms": settings.terms, "language": settings.language}
    return Manifest(provenance, profile.revision, domain, cutting.to_dict(), terms)


def _analyze(rt: Runtime, manifest: Manifest) -> Analyze:
    return Analyzer(rt.instructions.retrieval(manifest.domain)).names
