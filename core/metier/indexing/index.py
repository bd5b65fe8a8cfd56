"""Index: documents that were embedded once, and search in them."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Unpack

from metier.engine.ledger import Ledger
from metier.errors import InputError, UsageError, warn_caller
from metier.indexing.conditions import require_condition
from metier.indexing.contents import read_contents
from metier.indexing.documents import documents_of, ids_of, require_documents, source_of
from metier.indexing.failures import reporting_removed, reporting_written, tidy
from metier.indexing.info import IndexInfo, info_of
from metier.indexing.manifest import require_unchanged
from metier.indexing.search import Searcher, SearchPlan
from metier.indexing.search_explanation import explain_search
from metier.indexing.search_options import SearchKeywords, SearchOptions
from metier.indexing.search_warnings import (
    warn_of_search,
    warn_of_unknown_ids,
)
from metier.indexing.store import Store
from metier.indexing.writing import WriteReport, write
from metier.models.vectors import check_dim
from metier.progress import working
from metier.registry.provenance import Provenance, require_comparable
from metier.registry.retrieval_settings import RerankChoice, RetrievalSettings, choose_rerank
from metier.retrieval.stages.table import stage_weights
from metier.texts.texts import strings_of

if TYPE_CHECKING:
    from metier.chunking.chunk import Chunk
    from metier.engine.engine import Engine
    from metier.indexing.conditions import Condition
    from metier.indexing.contents import IndexContents
    from metier.indexing.index_settings import IndexSettings
    from metier.indexing.manifest import Manifest
    from metier.indexing.near_search import NearRule, NearSearch
    from metier.indexing.search_results import Hit, SearchExplanation
    from metier.indexing.verification import VerificationReport
    from metier.models.embedder import TokenStateSink
    from metier.registry.instruction import Instruction
    from metier.texts.rows import Item

MANY = 50_000
"""Chunks above which an index in memory is better kept on disk."""


class Index:
    """Documents with their vectors, made by `Runtime.index`.

    Attributes:
        manifest: what it was made with.
        path: the folder or address of the index, None for one in memory.
        instruction: for its documents and queries; None for the model's default.
    """

    def __init__(self, engine: Engine, store: Store, settings: IndexSettings) -> None:
        self._engine = engine
        self._store = store
        self._settings = settings
        self._searcher = Searcher(engine, store)

    def with_engine(self, engine: Engine) -> Index:
        """This index with another engine of the same models, such as one that records its use."""
        clone = copy.copy(self)
        clone._engine = engine
        clone._searcher = self._searcher.with_engine(engine)
        return clone

    @property
    def manifest(self) -> Manifest:
        return self._store.manifest

    @property
    def path(self) -> str | None:
        return self._store.path

    @property
    def instruction(self) -> Instruction | None:
        return self._settings.instruction

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
        """Add documents; a document replaces the one with the same id.

        Args:
            documents: `Texts`, strings, records, a frame, or an iterator of records, which is
                read as needed. A row without an id gets one made of its content.
            source: what they came from; None for the source of `Texts`.

        Raises:
            InputError: a text that cannot be used, an id that two of them have, or that a
                document of another source has; an iterator that gives no document; or the index
                cannot be written. The message says what was written before.

        Warns:
            MetierWarning: the documents were written, and tidying the index after it failed.
        """
        return self._write(documents, source, whole=False, allow_empty=isinstance(documents, Sized))

    def update(
        self, documents: object, *, source: str | None = None, allow_empty: bool = False
    ) -> WriteReport:
        """Make the index hold these documents of their source, and no other of it.

        Only what changed is embedded. Documents of other sources stay; those of a source inside
        this one, as a file of a folder, belong to it.

        Args:
            documents: as for `add`.
            source: as for `add`.
            allow_empty: whether there may be no documents, so that all of the source are removed.

        Raises:
            As `add`. InputError: there are no documents, and nothing says that this is meant.
        """
        return self._write(documents, source, whole=True, allow_empty=allow_empty)

    def remove(self, documents: Iterable[object]) -> int:
        """Remove documents by id. Many take little longer than one.

        Args:
            documents: ids, as strings, numbers or what else they were given as.

        Returns:
            How many were removed.

        Raises:
            InputError: the index cannot be written; the message says how many were removed.

        Warns:
            MetierWarning: there is no document with one of the ids; or they were removed, and
                tidying the index after it failed.
        """
        ids = ids_of(documents)
        with self._writing():
            stored = self._store.contents()
            known = [stored[id] for id in ids if id in stored]
            if known:
                with reporting_removed(self._store, known):
                    self._store.remove([chunk for document in known for chunk in document.chunks])
                tidy(self._store)
            warn_of_unknown_ids(ids, stored)
        return len(known)

    def fields(self) -> list[str]:
        """The names of the fields of documents, for conditions; `id` is one besides these."""
        return self._store.fields()

    def contents(self, where: Condition | None = None) -> IndexContents:
        """The chunks with their vectors, by document; of those that meet a condition only."""
        return read_contents(self._store, None if where is None else require_condition(where))

    def search(
        self,
        query: str,
        *,
        options: SearchOptions | None = None,
        **keywords: Unpack[SearchKeywords],
    ) -> list[Hit]:
        """The documents that answer a query, best first, equal ones in the order of their ids.

        Args:
            query: in the user's words.
            options: what the search is told, such as `top_k` and `where`: see `SearchOptions`.
            keywords: the same one by one, above `options`.

        Raises:
            InputError: the query is empty or not valid Unicode.
            ParameterError: an option cannot be used, see `SearchOptions`.
            DimError: `dim` is not from 1 to the dimensions of the vectors.
            UsageError: the instruction does not fit the vectors of the index, `retrieval` other
                terms than its own, or a stage that there is not, or reranking is asked for and
                there is no reranker.

        Warns:
            MetierWarning: nothing was found, and no document has a field of `where`; a string of
                `where` is no date or number, and those of the field are; or not all documents of a
                source are in the index yet.
        """
        (hits,) = self.search_many([query], options=options, **keywords)
        return hits

    def search_many(
        self,
        queries: Sequence[str] | Iterator[str],
        *,
        options: SearchOptions | None = None,
        **keywords: Unpack[SearchKeywords],
    ) -> list[list[Hit]]:
        """`search` for several queries, which are embedded together; hits in their order."""
        queries = strings_of(queries, "queries")
        chosen = SearchOptions.of(options, keywords)
        with self._store.snapshot():
            plan, _ = self._plan(chosen)
            hits = self._searcher.search(queries, plan)
            warn_of_search(self._store, chosen.where, hits)
            return hits

    def search_near(
        self, queries: Sequence[str], rule: NearRule, options: SearchOptions
    ) -> NearSearch:
        """`search_many`, with what is near, and what is nearest in each of a few documents."""
        with self._store.snapshot():
            plan, _ = self._plan(options)
            result = self._searcher.search_near(queries, plan, rule)
            warn_of_search(self._store, options.where, [query.hits for query in result.queries])
            return result

    def explain(
        self, *, options: SearchOptions | None = None, **keywords: Unpack[SearchKeywords]
    ) -> SearchExplanation:
        """What `search` would do with these options: dimensions compared, stages, reranker.

        `Runtime.explain` says what the model reads of a query under the instruction. What `search`
        would refuse is refused.
        """
        chosen = SearchOptions.of(options, keywords)
        with self._store.snapshot():
            plan, choice = self._plan(chosen)
            return explain_search(self._store, self._engine, plan, choice)

    async def asearch(
        self,
        query: str,
        *,
        options: SearchOptions | None = None,
        **keywords: Unpack[SearchKeywords],
    ) -> list[Hit]:
        """`search` in a thread of its own, so that an event loop goes on meanwhile."""
        return await asyncio.to_thread(self.search, query, options=options, **keywords)

    def info(self) -> IndexInfo:
        """What it holds, what it was made with, and how searches find what is near."""
        return info_of(self._store)

    def verify(self) -> VerificationReport:
        """Compare all texts, fields, terms, vectors and files with their checksums.

        It reads everything, and writes nothing. The report says what is damaged and what to do.
        """
        return self._store.verify(self._engine.progress)

    def purge(self) -> None:
        """Remove from disk what was removed from the index or replaced in it.

        It verifies the index, writes all of it anew without embedding, and drops old versions.

        Raises:
            InputError: the index is damaged, or it cannot be written.
            UsageError: others are reading or writing the index.
        """
        with self._writing():
            self._store.purge(self._engine.progress)

    def drop(self) -> None:
        """Remove everything, from disk too.

        Raises:
            UsageError: it was rebuilt with other settings after it was opened.
        """
        try:
            stored = self._store.manifest
        except InputError:  # somebody dropped it, or it is damaged
            pass
        else:
            require_unchanged(stored, self._settings.manifest, self.path)
        self._store.drop()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Refuse to write to an index of another model or other settings, as `search` does."""
        with self._store.writing(self._settings.manifest):
            self._require_fitting(self._settings.instruction)
            yield

    def _write(
        self, documents: object, source: str | None, *, whole: bool, allow_empty: bool
    ) -> WriteReport:
        with self._writing():
            name = source_of(documents, source)
            items = documents_of(documents, name)
            with reporting_written(WriteReport()):
                items = require_documents(items, name, allow_empty=allow_empty)
            return self._write_items(documents, items, name, whole=whole)

    def _write_items(
        self, documents: object, items: Iterable[Item], name: str, *, whole: bool
    ) -> WriteReport:
        total = len(documents) if isinstance(documents, Sized) else 0
        ledger = Ledger()
        with working(self._engine.progress, "indexing", total) as bar:

            def cut(batch: Sequence[Item]) -> list[list[Chunk]]:
                bar.advance(len(batch))
                return self._chunks(batch)

            report = write(
                self._store,
                items,
                name,
                cut=cut,
                embed=partial(self._embed, self._engine.recording(ledger)),
                whole=whole,
            )
        report.recalled = ledger.texts_recalled
        tidy(self._store)
        if self.path is None and len(self) > MANY:
            warn_caller(
                f"This index holds {len(self)} chunks in memory and is gone with the process. "
                "Give at=FOLDER to keep an index of this size on disk."
            )
        return report

    def _chunks(self, documents: Sequence[Item]) -> list[list[Chunk]]:
        return self._settings.chunker.chunk(
            documents, self._engine.embedder, self._settings.instruction
        )

    def _embed(self, engine: Engine, texts: Iterable[str], window: int) -> Iterator[Any]:
        source = iter(texts)
        first = list(islice(source, 1))
        if not first:
            return iter(())  # everything is in the index
        return engine.stream(
            chain(first, source),
            instruction=self._settings.instruction,
            dim=self.manifest.provenance.dim,
            window=window,
            states=self._token_sink(),
        )

    def _token_sink(self) -> TokenStateSink | None:
        """Keeps the token states of chunks for searches; None for an index on disk."""
        if self.path is not None:
            return None
        return self._searcher.keep_tokens(self._settings.retrieval, self._settings.instruction)

    def _require_fitting(self, instruction: Instruction | None) -> None:
        made_with = self.manifest.provenance
        query = Provenance.of(self._engine.embedder, made_with.dim, instruction)
        require_comparable(query, made_with, names=("the query", "the index"))

    def _plan(self, options: SearchOptions) -> tuple[SearchPlan, RerankChoice]:
        """What a search does where its options leave it open."""
        opened = self._settings
        instruction = opened.instruction
        if options.instruction is not None:
            instruction = opened.find_instruction(options.instruction)
        self._require_fitting(instruction)
        if options.dim is not None:
            check_dim(options.dim, self.manifest.provenance.dim)
        settings = self._retrieval(options.retrieval)
        stages = opened.search_stages()
        stage_weights(settings, stages)  # refuses a stage that there is not
        declared = None if instruction is None else instruction.rerank
        choice = choose_rerank(requested=options.rerank, declared=declared, domain=settings.rerank)
        if choice.required:
            self._engine.require_reranker()  # raises, for `explain` too
        rerank = choice.wanted and self._engine.reranker is not None
        return SearchPlan(options, settings, stages, instruction, rerank), choice

    def _retrieval(self, requested: RetrievalSettings | None) -> RetrievalSettings:
        """The settings of a search; their terms have to be those of the index."""
        requested = self._settings.retrieval if requested is None else requested
        terms, language = self.manifest.terms["terms"], self.manifest.terms["language"]
        if (requested.terms, requested.language) != (terms, language):
            raise UsageError(
                f"The index compares {terms} in {language}, and the search should "
                f"compare {requested.terms} in {requested.language}.",
                fix="Take terms and language from the settings of the index's domain.",
            )
        return requested
