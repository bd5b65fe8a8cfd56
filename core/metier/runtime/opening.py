"""Opening an index: a new one, or an existing one that fits what it is opened with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.chunking.chunker import Chunker, name_of
from metier.errors import UnknownNameError, UsageError
from metier.indexing.documents import WINDOW, documents_of, require_documents, source_of
from metier.indexing.failures import reporting_rebuilt
from metier.indexing.index import Index
from metier.indexing.index_settings import IndexSettings
from metier.indexing.manifest import Manifest, require_model, require_same
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
class IndexChoices:
    """What a call of `Runtime.index` chooses; None where it leaves a choice open.

    Attributes:
        instruction: for documents and queries.
        domain: whose settings searches take.
        dim: vector size.
        max_tokens: of a chunk.
        overlap: of a chunk with the one before, in tokens.
        splitter: what divides documents before they are cut; None for that of the domain.
        allow_empty: whether there may be no documents.
    """

    instruction: Instruction | None = None
    domain: str | None = None
    dim: int | None = None
    max_tokens: int | None = None
    overlap: int | None = None
    splitter: Splitter | None = None
    allow_empty: bool = False


def open_index(
    rt: Runtime,
    documents: object | None,
    choices: IndexChoices,
    *,
    at: str | Path | None,
    rebuild: bool,
    source: str | None,
) -> Index:
    """See `Runtime.index`."""
    if choices.domain is not None and choices.domain not in rt.domains:
        raise UnknownNameError("domain", choices.domain, rt.domains)
    if at is not None:
        return _open_on_disk(rt, documents, choices, at, rebuild, source)
    chunker = _chunker(rt, choices, {})
    manifest = _manifest(rt, choices, chunker)
    store = MemoryStore(manifest, _analyze(rt, manifest))
    index = Index(rt.engine, store, _settings(rt, manifest, choices, chunker))
    if documents is not None:
        # a new index in memory has nothing to lose, and an empty list is meant to be empty
        allow_empty = choices.allow_empty or isinstance(documents, Sized)
        index.update(documents, source=source, allow_empty=allow_empty)
    return index


def _open_on_disk(
    rt: Runtime,
    documents: object | None,
    choices: IndexChoices,
    at: str | Path,
    rebuild: bool,
    source: str | None,
) -> Index:
    from metier.indexing.lance.store import LanceStore  # here: it needs an extra

    store = LanceStore(at)
    if not rebuild and store.exists():
        index = _open_existing(rt, store, choices)
    elif documents is None:
        raise UsageError(
            f"There is no index at {store.path}."
            if not rebuild
            else f"The index at {store.path} cannot be rebuilt without documents.",
            fix="Give its documents.",
        )
    else:
        source = source_of(documents, source)
        first, documents = _read_ahead(documents, source, choices.allow_empty)
        chunker = _chunker(rt, choices, {})
        manifest = _manifest(rt, choices, chunker)
        chunker.chunk(first[:1], rt.embedder, choices.instruction)
        # not before the call and the first document are known to be usable
        store.rebuild(manifest, source) if rebuild else store.begin(manifest)
        index = _create(rt, store, choices, manifest, chunker)
    if documents is not None:
        with reporting_rebuilt(store.path) if rebuild else nullcontext():
            index.update(documents, source=source, allow_empty=choices.allow_empty)
    return index


def _create(
    rt: Runtime,
    store: LanceStore,
    choices: IndexChoices,
    manifest: Manifest,
    chunker: Chunker,
) -> Index:
    """A new index, which the store has begun."""
    require_same(store.manifest, manifest, store.path)  # another process may have been quicker
    store.analyze = _analyze(rt, manifest)
    return Index(rt.engine, store, _settings(rt, manifest, choices, chunker))


def _open_existing(rt: Runtime, store: LanceStore, choices: IndexChoices) -> Index:
    """An existing index, if it was made with what the call chooses."""
    manifest = store.manifest
    require_model(manifest, _with_model(manifest, rt, choices), store.path)
    if choices.instruction is None:
        _require_domain(rt, manifest, store.path)
    known = replace(
        choices,
        instruction=choices.instruction or _recorded_instruction(rt, manifest, store.path),
        domain=choices.domain or manifest.domain,
        dim=manifest.provenance.dim if choices.dim is None else choices.dim,
    )
    chunker = _chunker(rt, known, manifest.chunking)
    require_same(manifest, _manifest(rt, known, chunker), store.path)
    store.begin(manifest)  # the process that began it may have been killed on the way
    store.analyze = _analyze(rt, manifest)
    return Index(rt.engine, store, _settings(rt, manifest, known, chunker))


def _with_model(manifest: Manifest, rt: Runtime, choices: IndexChoices) -> Manifest:
    """The manifest with the model of a Runtime and what the call chooses, not checked."""
    embedder, provenance = rt.embedder, manifest.provenance
    dim = provenance.dim if choices.dim is None else choices.dim
    if choices.instruction is not None:
        provenance = Provenance.of(embedder, dim, choices.instruction)
    profile, splitter = embedder.profile, choices.splitter
    chosen = {
        "max_tokens": choices.max_tokens,
        "overlap": choices.overlap,
        "splitter": None if splitter is None else name_of(splitter),
    }
    return replace(
        manifest,
        provenance=replace(provenance, model=profile.id, fingerprint=embedder.fingerprint, dim=dim),
        revision=profile.revision,
        domain=choices.domain or manifest.domain,
        chunking={
            **manifest.chunking,
            **{name: value for name, value in chosen.items() if value is not None},
        },
    )


def _require_domain(rt: Runtime, manifest: Manifest, path: str) -> None:
    """Refuse general settings for an index that was made for those of a domain."""
    if manifest.provenance.instruction is None and manifest.domain not in rt.domains:
        raise UsageError(
            f"The index at {path} was made for the domain {manifest.domain!r}, which is not known "
            "here.",
            why="Searches would be weighted in another way than it was made for.",
            fix="Install the plugin or give the pack that brings it, or build it again with "
            "$rebuild.",
            parameters={"rebuild": True},
        )


def _recorded_instruction(rt: Runtime, manifest: Manifest, path: str) -> Instruction | None:
    """The instruction an index was made with."""
    name = manifest.provenance.instruction
    if name is None:
        return None
    try:
        return rt.instructions.get(name)
    except UnknownNameError as error:
        raise UsageError(
            f"The index at {path} was made with the instruction {name!r}, which is not known here.",
            why=error.why,
            fix="Install the plugin or give the pack that brings it, or pass instruction=...",
        ) from None


def _read_ahead(
    documents: object, source: str, allow_empty: bool
) -> tuple[list[Item], Iterator[Item]]:
    """The first window of documents, and an iterator over all of them."""
    items = require_documents(documents_of(documents, source), source, allow_empty=allow_empty)
    first = list(islice(items, WINDOW))
    return first, chain(first, items)


def _chunker(rt: Runtime, choices: IndexChoices, known: Mapping[str, Any]) -> Chunker:
    return Chunker.of(
        rt.embedder,
        known,
        max_tokens=choices.max_tokens,
        overlap=choices.overlap,
        splitter=_splitter(rt, choices, known),
    )


def _splitter(rt: Runtime, choices: IndexChoices, known: Mapping[str, Any]) -> Splitter | None:
    """The splitter of the call, else that of the domain unless the index was made with another."""
    domain, made_with = _domain(choices), known.get("splitter")
    if choices.splitter is not None or made_with == "" or domain not in rt.domains:
        return choices.splitter
    own = rt.splitter(domain)
    return own if own is not None and made_with in (None, name_of(own)) else None


def _settings(
    rt: Runtime, manifest: Manifest, choices: IndexChoices, chunker: Chunker
) -> IndexSettings:
    def find_instruction(name: str | Instruction) -> Instruction:
        return rt.instructions.resolve(name).instruction  # as it is known after a refresh, too

    retrieval = rt.instructions.retrieval(manifest.domain)
    return IndexSettings(
        manifest,
        chunker,
        retrieval,
        choices.instruction,
        find_instruction,
        rt.plugins.search_stages,
    )


def _domain(choices: IndexChoices) -> str:
    instruction = choices.instruction
    return choices.domain or (instruction.domain if instruction is not None else "") or "core"


def _manifest(rt: Runtime, choices: IndexChoices, chunker: Chunker) -> Manifest:
    embedder, instruction = rt.embedder, choices.instruction
    profile, domain = embedder.profile, _domain(choices)
    plan = rt.instructions.plan(instruction, choices.dim, profile, domain=domain)
    provenance = Provenance.of(embedder, plan.dim, instruction)
    settings = rt.instructions.retrieval(domain)
    terms = {"terms": settings.terms, "language": settings.language}
    return Manifest(provenance, profile.revision, domain, chunker.to_dict(), terms)


def _analyze(rt: Runtime, manifest: Manifest) -> Analyze:
    return Analyzer(rt.instructions.retrieval(manifest.domain)).names
