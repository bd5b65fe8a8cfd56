"""Runtime: the object a user holds. It ties plugins, instructions, models and workflows."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from metier.engine.engine import Engine, RerankedDocument
from metier.engine.model_loading import Models
from metier.errors import UnknownNameError
from metier.plugins.host import PluginHost
from metier.progress import Progress, choose_progress
from metier.registry.layers import with_packs
from metier.registry.registry import Registry
from metier.runtime.config import RuntimeConfig
from metier.runtime.explanation import explain
from metier.texts.texts import Texts, strings_of

if TYPE_CHECKING:
    from metier.caching.vector_cache import VectorCache
    from metier.datafiles.remote import Remote
    from metier.engine.long_texts import LongTextMode
    from metier.indexing.index import Index
    from metier.models.embedder import Embedder, Side
    from metier.models.reranker import Reranker
    from metier.registry.domain import Domain, WorkflowSpec
    from metier.registry.instruction import Instruction
    from metier.retrieval.vectors import Vectors
    from metier.runtime.explanation import Explanation
    from metier.texts.reader import Reader
    from metier.texts.splitter import Splitter

T = TypeVar("T", bound=Texts)


class Runtime:
    """One embedding model, perhaps a reranker, and the domains that use them.

    Models are loaded at first use. Two Runtimes in one process share nothing. A Runtime pickles and
    deep-copies as its `config`.

    Args:
        model, reranker, device, dtype, cache, plugins, block_plugins, strict, packs: as in
            `RuntimeConfig`.
        progress: True for bars, False for none, None for bars if standard error is a terminal.

    Raises:
        UsageError: there is no such pack, plugin, device or number format, or `metier.toml` cannot
            be read.
        PackError: a pack breaks the schema.
        PluginError: a plugin asked for by name cannot be used, or strict and one of them cannot.
    """

    def __init__(
        self,
        model: str | Path | Remote | Embedder | None = None,
        reranker: str | Path | Remote | Reranker | Literal[False] | None = None,
        *,
        device: str | None = None,
        dtype: str | None = None,
        cache: VectorCache | str | Path | bool | None = None,
        plugins: Literal["all"] | Collection[str] = "all",
        block_plugins: Collection[str] = (),
        strict: bool | None = None,
        packs: Sequence[str | Path] = (),
        progress: Progress | bool | None = None,
    ) -> None:
        config = RuntimeConfig(
            model, reranker, device, dtype, cache, plugins, block_plugins, strict, packs
        )
        self._host = PluginHost(plugins, block=block_plugins, strict=strict)
        self._config = config = config.resolve()
        self._registry = self._make_registry()
        models = Models(
            config.model,
            None if config.reranker is False else config.reranker,
            device=config.device,
            dtype=config.dtype,
            cache=config.cache,
            families=self._host.model_families,
            before_send=self._host.before_send,
            guard_stamp=self._host.guard_stamp,
        )
        self._engine = Engine(models, choose_progress(progress))

    @classmethod
    def from_config(cls, config: RuntimeConfig, *, progress: Progress | bool | None = None) -> Self:
        """A Runtime as a configuration describes it; raises as the constructor."""
        values = {field.name: getattr(config, field.name) for field in fields(config)}
        return cls(**values, progress=progress)

    def __repr__(self) -> str:
        facts = self._engine.models.facts().items()
        return f"Runtime({', '.join(f'{name}={value!r}' for name, value in facts)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_config, (self._config,)  # a deep copy, too, is made of it

    def __copy__(self) -> Self:
        clone = object.__new__(type(self))
        vars(clone).update(vars(self))
        return clone

    def refresh(self) -> None:
        """Find plugins that were installed meanwhile, as in a notebook.

        Models stay loaded, and imported code stays as it is. Raises as the constructor; then
        everything stays as it was.
        """
        with self._host.refreshing():
            self._registry = self._make_registry()

    @property
    def config(self) -> RuntimeConfig:
        """What this Runtime was made of, the values of environment variables included."""
        return self._config

    @property
    def engine(self) -> Engine:
        """What embeds and reranks, with model objects and `Instruction` objects."""
        return self._engine

    @property
    def domains(self) -> Mapping[str, Domain]:
        """Domains by name."""
        return self._registry.domains

    @property
    def instructions(self) -> Registry:
        """The registry: `get`, `list`, `resolve`."""
        return self._registry

    @property
    def workflows(self) -> Mapping[str, WorkflowSpec]:
        """Workflows by full id; their code is imported when they run."""
        return MappingProxyType({name: spec for name, (spec, _) in self._host.workflows().items()})

    @property
    def plugins(self) -> PluginHost:
        """The plugin host of this Runtime."""
        return self._host

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded now if it was not; a ModelError where that fails."""
        return self._engine.embedder

    @property
    def reranker(self) -> Reranker | None:
        """The reranker, loaded now if it was not; None where there is none."""
        return self._engine.reranker

    def embed_documents(
        self,
        texts: Sequence[str] | Texts,
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
        long_texts: LongTextMode = "cut",
    ) -> Vectors:
        """Embed documents: bare, unless the instruction is for both sides.

        Args:
            texts: strings, or `Texts`.
            instruction: id or `Instruction`; None for the model's default prompt.
            dim: vector size; None takes the instruction's or the domain's default where the model
                has MRL, else the full size.
            progress: as in the constructor; None takes the Runtime's.
            long_texts: of texts longer than the model reads, `cut` takes the beginning, with a
                warning, and `pool` the mean of the vectors of their parts, weighted by tokens.

        Returns:
            (n, dim) float32 unit rows in the order of `texts`, with their `provenance`.

        Raises:
            DimError: `dim` is more than the model has.
            InputError: a text is no string, empty or not valid Unicode, or an iterator gives none.
            ModelError: the model cannot be loaded.
            UsageError: `texts` is one string, there is no such instruction, or no room for parts.

        Warns:
            MetierWarning: a text was cut, or `dim` is a size the model is not trained for.
        """
        strings, planned = strings_of(texts, "texts"), self._planned(instruction, dim)
        return self._engine.embed(
            strings, "document", **planned, progress=progress, long_texts=long_texts
        )

    def embed_queries(
        self,
        texts: Sequence[str] | Texts,
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
        long_texts: LongTextMode = "cut",
    ) -> Vectors:
        """Embed queries under an instruction.

        Arguments, result, errors and warnings are those of `embed_documents`.
        """
        strings, planned = strings_of(texts, "texts"), self._planned(instruction, dim)
        planned |= {"progress": progress, "long_texts": long_texts}
        return self._engine.embed(strings, "query", **planned)

    def stream_documents(
        self,
        texts: Iterable[str] | Texts,
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
        window: int = 4096,
    ) -> Iterator[Vectors]:
        """Embed any number of documents as they come, in bounded memory.

        Other arguments, errors and warnings are those of `embed_documents`; errors of a text come
        when its window is reached, and the warning of cut texts when the stream is over.

        Args:
            texts: strings, such as of a generator, or `Texts`; at most `window` are read ahead.
            window: texts embedded together, at least 1.

        Returns:
            An iterator of (k, dim) float32 unit rows, k at most `window`, in the order of `texts`.
        """
        planned = self._planned(instruction, dim)
        return self._engine.stream(texts, **planned, progress=progress, window=window)

    def rerank(
        self,
        query: str,
        documents: Sequence[str] | Texts,
        *,
        instruction: str | Instruction | None = None,
        top_k: int | None = None,
        progress: Progress | bool | None = None,
    ) -> list[RerankedDocument]:
        """Order documents by how well they answer a query, best first, ties in the given order.

        Args:
            query: in the user's words.
            documents: strings, or `Texts`.
            instruction: id or `Instruction`; None for the model's default task.
            top_k: how many to return, at least 1; None for all.
            progress: as for `embed_documents`.

        Raises:
            UsageError: there is no reranker or no such instruction, or `documents` is one string.
            InputError: a text or the query is no string, empty or not valid Unicode.
        """
        known = self._find(instruction)
        return self._engine.rerank(
            query, documents, instruction=known, top_k=top_k, progress=progress
        )

    def read(
        self,
        path: str | Path | Sequence[str | Path],
        kind: type[T] = Texts,  # type: ignore[assignment]
        *,
        text_field: str | None = None,
        id_field: str | None = None,
        skip_invalid: bool = False,
        encoding: str | None = None,
        format: str | None = None,
    ) -> T:
        """Read texts as `Texts.read`, with the built-in readers and those of plugins.

        Args:
            kind: `Texts`, or `Documents` for plain-text files that are one document each.
        """
        return kind.read(
            path,
            readers=self._host.readers(),
            text_field=text_field,
            id_field=id_field,
            skip_invalid=skip_invalid,
            encoding=encoding,
            format=format,
        )

    def readers(self) -> list[Reader]:
        """Deprecated: `read` uses the readers of plugins, which `plugins.readers()` lists."""
        text = "Runtime.readers() is now Runtime.plugins.readers(); Runtime.read() uses them"
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        return self._host.readers()

    def index(
        self,
        documents: object | None = None,
        *,
        at: str | Path | None = None,
        rebuild: bool = False,
        instruction: str | Instruction | None = None,
        domain: str | None = None,
        dim: int | None = None,
        source: str | None = None,
        max_tokens: int | None = None,
        overlap: int | None = None,
        splitter: Splitter | None = None,
        allow_empty: bool = False,
    ) -> Index:
        """Embed documents once, to search in them.

        An index on disk is brought up to date: unchanged documents are not embedded again, those
        of the source that are no longer given are removed, and an interrupted build goes on.

        Args:
            documents: `Texts`, strings, records, a frame or an iterator of records. A row without
                an id gets one made of its content. None opens an index, or begins one in memory.
            at: folder or object-store address to keep it in; None keeps it in memory.
            rebuild: replace what is there.
            instruction: id or `Instruction`; None for that of the index, or none for a new one.
            domain: whose settings searches take; None for that of the index, or of the instruction.
            dim: vector size; None as in `embed_documents`.
            source: what the documents came from; None for what `Texts` say of themselves.
            max_tokens: longest chunk; None for what the model reads, at most 512.
            overlap: tokens that a chunk repeats of the one before; None for 0.
            splitter: divides documents into sections; None: the index's, the domain's or headings.
            allow_empty: whether an index on disk may lose all of a source that has no documents.

        Raises:
            InputError: a text or the index cannot be used, there are none, or two have one id.
            UsageError: there is no such instruction, no index at `at` and no documents for one, or
                it was made with something else; the message lists the differences.
            ModelError, MissingExtraError: the model or the extra `store` is missing.
        """
        from metier.runtime.opening import IndexChoices, open_index  # here: it brings numpy with it

        known = self._find(instruction)
        choices = IndexChoices(known, domain, dim, max_tokens, overlap, splitter, allow_empty)
        return open_index(self, documents, choices, at=at, rebuild=rebuild, source=source)

    def run(self, workflow: str, /, *inputs: Any, **parameters: Any) -> Any:
        """Run a workflow by id.

        Raises:
            UsageError: no plugin brings it, or one that is not active.
            PluginError: its code cannot be used.
            ParameterError: a parameter is missing, unknown or of the wrong kind.
        """
        return self._host.load_workflow(workflow)(self, *inputs, **parameters)

    def explain(
        self,
        instruction: str | Instruction,
        text: str = "",
        *,
        side: Side = "query",
        dim: int | None = None,
    ) -> Explanation:
        """How a text reaches the loaded model under an instruction, and why so.

        Args:
            instruction: id or `Instruction`.
            text: what would be embedded.
            side: `query` or `document`.
            dim: as it would be given to `embed_queries`.

        Raises:
            UsageError: there is no such instruction or side.
            DimError: `dim` is more than the model has.
        """
        stages = self._host.search_stages()
        return explain(self._registry, self._engine, stages, instruction, text, side, dim)

    def splitter(self, domain: str) -> Splitter | None:
        """What divides the documents of a domain; None where it declares nothing.

        Raises:
            UnknownNameError: there is no such domain.
            PluginError: its code cannot be used.
        """
        if domain in self.domains:
            return self._host.load_splitter(self.domains[domain])
        raise UnknownNameError("domain", domain, self.domains)

    def with_engine(self, engine: Engine) -> Self:
        """This Runtime with another engine, such as one that records what it uses."""
        clone = copy.copy(self)
        clone._engine = engine
        return clone

    def _make_registry(self) -> Registry:
        return Registry(with_packs(self._host.provided(), self._config.packs))

    def _find(self, instruction: str | Instruction | None) -> Instruction | None:
        return None if instruction is None else self._registry.resolve(instruction).instruction

    def _planned(self, instruction: str | Instruction | None, dim: int | None) -> dict[str, Any]:
        known = self._find(instruction)  # an unknown one is refused before the model is loaded
        plan = self._registry.plan(known, dim, self._engine.embedder.profile)
        return {"instruction": plan.instruction, "dim": plan.dim}
