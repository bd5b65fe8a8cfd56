"""Index: documents that were embedded once, and search in them."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex

from metier.errors import ParameterError, UsageError, close_names, warn_caller
from metier.indexing.conditions import Condition, require_condition
from metier.indexing.documents import documents_of, source_of
from metier.indexing.info import IndexInfo, info_of
from metier.indexing.search import Searcher, SearchRequest
from metier.indexing.search_results import Hit, Nearness, SearchExplanation
from metier.indexing.store import Store
from metier.indexing.writing import WriteReport, write
from metier.models.vectors import check_dim
from metier.progress import working
from metier.registry.provenance import Provenance, require_comparable
from metier.registry.retrieval_settings import RerankChoice, RetrievalSettings, choose_rerank

if TYPE_CHECKING:
    from metier.chunking.chunk import Chunk
    from metier.chunking.chunker import Cutting
    from metier.engine.engine import Engine
    from metier.indexing.manifest import Manifest
    from metier.models.embedder import ModelProfile, TokenStateSink
    from metier.registry.instruction import Instruction
    from metier.texts.rows import Item

MANY = 50_000
"""Chunks above which an index in memory is better kept on disk."""

MOST_NAMED = 12
"""Fields that a warning names."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What an index is opened with.

    Attributes:
        cutting: how documents become chunks.
        retrieval: how its domain searches.
        instruction: for documents and queries; None for the model's default.
        find_instruction: the instruction that an id means.
    """

    cutting: Cutting
    retrieval: RetrievalSettings
    instruction: Instruction | None
    find_instruction: Callable[[str | Instruction], Instruction]


class Index:
    """Documents with their vectors, made by `Runtime.index`.

    Attributes:
        manifest: what it was made with.
        path: the folder or address of the index, None for one in memory.
    """

    def __init__(self, engine: Engine, store: Store, settings: IndexSettings) -> None:
        self._engine = engine
        self._store = store
        self._opened_with = settings
        self._searcher = Searcher(engine, store)

    @property
    def manifest(self) -> Manifest:
        return self._store.manifest

    @property
    def path(self) -> str | None:
        return self._store.path

    def __repr__(self) -> str:
        provenance, domain = self.manifest.provenance, self.manifest.domain
        return (
            f"Index(path={self.path!r}, model={provenance.model!r}, dim={provenance.dim}, "
            f"instruction={provenance.instruction!r}, domain={domain!r})"
        )

    def __len__(self) -> int:
        """How many chunks it holds."""
        return len(self._store)

    def add(self, documents: object, *, source: str | None = None) -> WriteReport:
        """Add documents; one whose id is there takes the place of the old one.

        Args:
            documents: `Texts`, strings, records, a frame, or an iterator of records, which is
                read as it is needed. A row without an id gets one made of its content.
            source: what they came from; None for what `Texts` say of themselves.

        Raises:
            InputError: a text that cannot be used, an id that two of them have, or that a
                document of another source has.
        """
        return self._write(documents, source, whole=False)

    def update(self, documents: object, *, source: str | None = None) -> WriteReport:
        """Make the index hold these documents of their source, and no other of it.

        Only what changed is embedded. Documents of other sources stay; those of a source inside
        this one, as a file of a folder, belong to it.

        Args:
            documents: as for `add`.
            source: as for `add`.

        Raises:
            As `add`.
        """
        return self._write(documents, source, whole=True)

    def remove(self, documents: Sequence[str]) -> int:
        """Remove documents by id; ids that are not there are passed over.

        Many at once take little longer than one.

        Returns:
            How many were removed.
        """
        if isinstance(documents, str) or not isinstance(documents, Iterable):
            raise ParameterError(
                f"documents={documents!r} is no list of ids.", fix="Put it in a list: [id]."
            )
        held = self._store.contents()
        found = [held[one] for one in dict.fromkeys(documents) if one in held]
        if found:
            self._store.remove([chunk for one in found for chunk in one.chunks])
            self._store.compact()
        return len(found)

    def search(
        self,
        query: str,
        *,
        top_k: int = 10,
        where: Condition | None = None,
        rerank: bool | None = None,
        dim: int | None = None,
        instruction: str | Instruction | None = None,
        retrieval: RetrievalSettings | None = None,
        snippets: bool = True,
    ) -> list[Hit]:
        """The documents that answer a query, best first, equal ones in the order of their ids.

        Args:
            query: in the user's words.
            top_k: how many, at least 1.
            where: what the fields of a document have to be: `metier.field("year") >= 2020`.
            rerank: let the Runtime's reranker order the best; None if it has one and neither the
                instruction nor its domain says otherwise.
            dim: compare by so many numbers of vectors, which are rotated so that the first of
                them tell most; None for all.
            instruction: for this query; None for that of the index.
            retrieval: weights of the stages; None for those of the index's domain.
            snippets: whether hits say why they were found, which takes some time.

        Raises:
            InputError: the query is empty or not valid Unicode.
            ParameterError: `top_k` is no whole number of 1 or more, `dim` is none, `where` is no
                condition or `retrieval` no settings.
            DimError: `dim` is not from 1 to the numbers of the vectors.
            UsageError: the instruction does not fit the vectors of the index, `retrieval` other
                terms than its own, or reranking is asked for and there is no reranker.

        Warns:
            MetierWarning: nothing was found, and no document has a field of `where`; or not all
                documents of a source are in the index yet.
        """
        (hits,) = self.search_many(
            [query],
            top_k=top_k,
            where=where,
            rerank=rerank,
            dim=dim,
            instruction=instruction,
            retrieval=retrieval,
            snippets=snippets,
        )
        return hits

    def search_many(
        self,
        queries: Sequence[str] | Iterator[str],
        *,
        top_k: int = 10,
        where: Condition | None = None,
        rerank: bool | None = None,
        dim: int | None = None,
        instruction: str | Instruction | None = None,
        retrieval: RetrievalSettings | None = None,
        snippets: bool = True,
    ) -> list[list[Hit]]:
        """`search` for several queries, which are embedded together; hits in their order."""
        if isinstance(queries, Iterator):
            queries = list(queries)
        if where is not None:
            require_condition(where)
        with self._store.snapshot():
            chosen, settings, choice = self._chosen(top_k, rerank, dim, instruction, retrieval)
            reads = choice.wanted and self._engine.reranker is not None
            wanted = SearchRequest(
                settings, chosen, top_k, where, dim, rerank=reads, snippets=snippets
            )
            found = self._searcher.search(queries, wanted)
            self._warn_of_unfinished()
            if where is not None and found and not any(found):
                self._warn_of_unknown_fields(where)
            return found

    def explain(
        self,
        *,
        top_k: int = 10,
        rerank: bool | None = None,
        dim: int | None = None,
        instruction: str | Instruction | None = None,
        retrieval: RetrievalSettings | None = None,
    ) -> SearchExplanation:
        """What `search` would do with these options: numbers compared, stages, reranker, and why.

        `Runtime.explain` says what the model reads of a query under the instruction. What `search`
        would refuse is refused.
        """
        with self._store.snapshot():
            chosen, settings, choice = self._chosen(top_k, rerank, dim, instruction, retrieval)
            manifest, headed = self.manifest, self._store.has_headings()
        near = Nearness.of(manifest, dim, top_k)
        embedder = self._engine.embedder
        stages = settings.of_model(reads_tokens=self._engine.token_embedder is not None)
        if stages.heading and not headed:
            stages = stages.model_copy(update={"heading": 0.0})
        there = self._engine.reranker is not None
        return SearchExplanation(
            instruction=None if chosen is None else chosen.full_id,
            dim=manifest.provenance.dim,
            dim_reason=_of_size(manifest.provenance.dim, embedder.profile),
            compared=near.compared,
            rotated=near.rotated,
            shortlist=near.shortlist,
            nearness=near.sentence,
            search=stages.described(),
            rerank=choice.wanted and there,
            rerank_reason=choice.reason if there or not choice.wanted else "there is none",
        )

    async def asearch(self, query: str, **options: Any) -> list[Hit]:
        """`search` in a thread of its own, so that an event loop goes on meanwhile."""
        return await asyncio.to_thread(self.search, query, **options)

    def info(self) -> IndexInfo:
        """What it holds, what it was made with, and how searches find what is near."""
        return info_of(self._store)

    def drop(self) -> None:
        """Remove everything, from disk too."""
        self._store.drop()

    def _write(self, documents: object, source: str | None, *, whole: bool) -> WriteReport:
        name = source_of(documents, source)
        total = len(documents) if isinstance(documents, Sized) else 0
        with working(self._engine.progress, "indexing", total) as bar:

            def cut(batch: Sequence[Item]) -> list[list[Chunk]]:
                bar.advance(len(batch))
                return self._chunks(batch)

            written = write(
                self._store,
                documents_of(documents, name),
                name,
                cut=cut,
                embed=self._embed,
                whole=whole,
            )
        self._store.compact()
        if self.path is None and len(self) > MANY:
            warn_caller(
                f"This index holds {len(self)} chunks in memory and is gone with the process. "
                "Give at=FOLDER to keep an index of this size on disk."
            )
        return written

    def _chunks(self, documents: Sequence[Item]) -> list[list[Chunk]]:
        return self._opened_with.cutting.cut(
            documents, self._engine.embedder, self._opened_with.instruction
        )

    def _embed(self, texts: Any, window: int) -> Iterator[Any]:
        return self._engine.stream(
            texts,
            instruction=self._opened_with.instruction,
            dim=self.manifest.provenance.dim,
            window=window,
            states=self._kept_tokens(),
        )

    def _kept_tokens(self) -> TokenStateSink | None:
        """In memory, what an index is made of is at hand when it is searched."""
        if self.path is not None:
            return None
        return self._searcher.keep_tokens(self._settings(None), self._opened_with.instruction)

    def _require_fitting(self, instruction: Instruction | None) -> None:
        made_with = self.manifest.provenance
        query = Provenance.of(self._engine.embedder, made_with.dim, instruction)
        require_comparable(query, made_with, names=("the query", "the index"))

    def _chosen(
        self,
        top_k: int,
        rerank: bool | None,
        dim: int | None,
        instruction: str | Instruction | None,
        retrieval: RetrievalSettings | None,
    ) -> tuple[Instruction | None, RetrievalSettings, RerankChoice]:
        """What a search takes for what it is not told."""
        if _whole("top_k", top_k) < 1:
            raise ParameterError(f"top_k={top_k} is less than 1.", fix="Ask for at least one hit.")
        if dim is not None:
            check_dim(_whole("dim", dim), self.manifest.provenance.dim)
        find = self._opened_with.find_instruction
        chosen = self._opened_with.instruction if instruction is None else find(instruction)
        self._require_fitting(chosen)
        settings = self._settings(retrieval)
        declared = chosen.rerank if chosen is not None else None
        choice = choose_rerank(requested=rerank, declared=declared, domain=settings.rerank)
        if choice.required:
            self._engine.require_reranker()  # raises, for `explain` too
        return chosen, settings, choice

    def _warn_of_unfinished(self) -> None:
        sources = self._store.unfinished()
        if sources:
            warn_caller(
                f"Not all documents of {', '.join(sources)} are in the index: they are being "
                "written, or that was interrupted. Give them again, and it goes on from there."
            )

    def _warn_of_unknown_fields(self, where: Condition) -> None:
        """Nothing was found: a condition on what no document has is a slip more often than not."""
        known = self._store.fields()
        for name in sorted(where.names().difference(known)) if len(self) else ():
            close = close_names(name, known)
            hint = f"Did you mean {close[0]!r}?" if close else _known(known)
            warn_caller(f"Nothing was found, and no document has the field {name!r}. {hint}")

    def _settings(self, given: RetrievalSettings | None) -> RetrievalSettings:
        """The weights of a search, with the terms that the index is made of."""
        if given is not None and not isinstance(given, RetrievalSettings):
            raise ParameterError(
                f"retrieval={given!r} is of type {type(given).__name__}, not RetrievalSettings.",
                fix="Make them of it: RetrievalSettings(**settings).",
            )
        made = self.manifest.terms
        chosen = given or self._opened_with.retrieval
        if given is not None and (given.terms, given.language) != (made["terms"], made["language"]):
            raise UsageError(
                f"The index compares {made['terms']} in {made['language']}, and the search should "
                f"compare {given.terms} in {given.language}.",
                fix="Take terms and language from the settings of the index's domain.",
            )
        return chosen


def _whole(name: str, number: object) -> int:
    """A whole number, numpy's too; True is none."""
    if isinstance(number, bool) or not isinstance(number, SupportsIndex):
        raise ParameterError(
            f"{name}={number!r} is not a whole number.", fix="Give one, such as 10."
        )
    return operator.index(number)


def _known(fields: Sequence[str]) -> str:
    more = f" and {len(fields) - MOST_NAMED} more" if len(fields) > MOST_NAMED else ""
    named = ", ".join(map(repr, fields[:MOST_NAMED]))
    return f"Known: {named}{more}." if fields else "They have none."


def _of_size(dim: int, profile: ModelProfile) -> str:
    if dim == profile.dim:
        return "all numbers that the model gives"
    trained = "" if profile.mrl else ", for which it was not trained (no MRL)"
    return f"the first of the {profile.dim} numbers that the model gives{trained}"
