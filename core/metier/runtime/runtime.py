"""Runtime: the one object a user holds. It ties plugins, instructions, models and workflows."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from metier.engine.engine import Engine, RerankedDocument
from metier.engine.model_loading import ModelRequest, Models
from metier.errors import ParameterError, UnknownNameError, UsageError
from metier.plugins.host import PluginHost
from metier.progress import Progress, choose_progress
from metier.registry.dims import DimChoice, choose_dim
from metier.registry.instruction import Instruction
from metier.registry.layers import with_packs
from metier.registry.registry import Registry
from metier.runtime.explanation import explain
from metier.texts.checks import require_unicode
from metier.texts.texts import Texts, strings_of

if TYPE_CHECKING:
    from metier.caching.vector_cache import VectorCache
    from metier.engine.ledger import Ledger
    from metier.indexing.index import Index
    from metier.models.embedder import Embedder, Side, TokenStateSink
    from metier.models.reranker import Reranker
    from metier.registry.domain import Domain, WorkflowSpec
    from metier.retrieval.vectors import Vectors
    from metier.runtime.explanation import Explanation
    from metier.texts.reader import Reader
    from metier.texts.splitter import Splitter
    from metier.workflows.contract import Workflow
    from metier.workflows.record import RunRecord


class Runtime:
    """One embedding model, perhaps a reranker, and the domains that use them.

    Models are loaded at first use, so a Runtime is cheap to make. Two Runtimes in one process
    share nothing.

    Args:
        model: `embedded`, a Hugging Face id (`org/name`, `org/name@revision`), a local folder, or
            an `Embedder`. None takes METIER_MODEL, else Qwen/Qwen3-Embedding-0.6B.
        reranker: the same kinds, or a `Reranker`. None takes METIER_RERANKER, else no reranker.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`. None takes METIER_DEVICE, else `auto`.
        dtype: `auto`, `float32`, `bfloat16`, `float16`, `int8`. None takes METIER_DTYPE, else
            `auto`.
        cache: True to keep vectors on disk between runs, False not to; a folder or a `VectorCache`
            to keep them there. None takes METIER_CACHE, else keeps nothing.
        plugins: `all`, or the names of plugins that may be active; applied before any code is
            loaded. For `all` METIER_PLUGINS decides, else `metier.toml`.
        block_plugins: names that may not be active, besides those that METIER_BLOCK_PLUGINS and
            `metier.toml` block.
        strict: True to fail where a plugin cannot be used. None takes METIER_STRICT, else
            `metier.toml`, else False.
        packs: paths of instruction packs, the strongest last; those of `metier.toml` and of the
            user's folder are there without being named, and weaker.
        progress: True for bars, False for none, None for bars if standard error is a terminal.

    Raises:
        UsageError: there is no such pack, plugin, device or number format, or `metier.toml` cannot
            be read.
        PackError: a pack breaks the schema.
        PluginError: a plugin asked for by name cannot be used, or strict and one of them cannot.
    """

    def __init__(
        self,
        model: str | Path | Embedder | None = None,
        reranker: str | Path | Reranker | None = None,
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
        self._host = PluginHost(plugins, block=block_plugins, strict=strict)
        if isinstance(packs, str | Path):
            raise UsageError(f"packs={str(packs)!r} is one path.", fix="Put it in a list: [path].")
        self._packs = tuple(packs)
        self._registry = self._make_registry()
        models = Models(model, reranker, device, dtype, cache, self._host.model_families)
        self._engine = Engine(models, choose_progress(progress))

    def __repr__(self) -> str:
        facts = self._engine.models.facts().items()
        return f"Runtime({', '.join(f'{name}={value!r}' for name, value in facts)})"

    def refresh(self) -> None:
        """Look again for plugins, so that one installed meanwhile is found, as in a notebook.

        Models that are loaded stay, and code that is imported stays as it is.

        Raises:
            As the constructor; then everything stays as it was.
        """
        with self._host.refreshing():
            self._registry = self._make_registry()

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
    def engine(self) -> Engine:
        """What computes: models without ids, plugins or domains."""
        return self._engine

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded now if it was not.

        Raises:
            ModelError: it cannot be found, read or run.
        """
        return self._engine.models.embedder

    @property
    def reranker(self) -> Reranker | None:
        """The reranker, loaded now if it was not; None where there is none."""
        return self._engine.models.reranker

    @property
    def asked(self) -> ModelRequest:
        """What models this Runtime was asked for; none is loaded for it."""
        return self._engine.models.asked

    @property
    def progress(self) -> Progress:
        """What long work reports to."""
        return self._engine.progress

    def embed_documents(
        self,
        texts: Sequence[str] | Texts,
        *,
        dim: int | None = None,
        instruction: str | Instruction | None = None,
        progress: Progress | bool | None = None,
        keep: bool = False,
    ) -> Vectors:
        """Embed documents: bare, unless the instruction says both sides.

        Args:
            texts: strings, or `Texts`.
            dim: vector size; None takes the instruction's or the domain's default where the model
                has MRL, else the full size.
            instruction: id or `Instruction`.
            progress: as in the constructor; None takes the Runtime's.
            keep: whether this Runtime keeps the vectors in memory, up to some megabytes, and takes
                them from there; for texts that come again with every run, as of a taxonomy.

        Returns:
            (n, dim) float32, unit rows, in the order of `texts`: a numpy array with its
            `provenance`.

        Raises:
            DimError: `dim` is more than the model has.
            InputError: a text is no string, empty or not valid Unicode.
            ModelError: the model cannot be loaded.
            UsageError: `texts` is one string, or there is no such instruction.

        Warns:
            MetierWarning: a text was cut, or `dim` is a size the model is not trained for.
        """
        return self._embed(texts, "document", instruction, dim, progress, keep=keep)

    def embed_queries(
        self,
        texts: Sequence[str] | Texts,
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
        keep: bool = False,
        states: TokenStateSink | None = None,
    ) -> Vectors:
        """Embed queries under an instruction; without one, under the model's default prompt.

        Other arguments, result and errors are those of `embed_documents`.

        Args:
            states: as in `stream_documents`.
        """
        return self._embed(texts, "query", instruction, dim, progress, keep=keep, states=states)

    def stream_documents(
        self,
        texts: Iterable[str] | Texts,
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        window: int = 4096,
        states: TokenStateSink | None = None,
    ) -> Iterator[Vectors]:
        """Embed documents of any number as they come, in bounded memory.

        Args:
            texts: an iterable of strings, such as a generator, or `Texts`; at most a window of
                them is read ahead.
            instruction: as in `embed_documents`.
            dim: as in `embed_documents`.
            window: texts embedded together, at least 1.
            states: is told the token states of the texts that are computed, where the model has
                any, and says whether it wants more; None for nobody.

        Returns:
            An iterator of (k, dim) float32 unit rows, k at most `window`, in the order of `texts`.

        Raises:
            As `embed_documents`: for what is wrong with the call at once, for a text when its
            window is reached. ParameterError: `window` is less than 1.

        Warns:
            MetierWarning: as `embed_documents`; of cut texts once, when the stream is over.
        """
        chosen = self._resolved(instruction)
        size = self._dim(chosen, dim)
        return self._engine.stream(
            texts, instruction=chosen, dim=size, window=window, states=states
        )

    def rerank(
        self,
        query: str,
        documents: Sequence[str] | Texts,
        *,
        instruction: str | Instruction | None = None,
        top_k: int | None = None,
        progress: Progress | bool | None = None,
    ) -> list[RerankedDocument]:
        """Order documents by how well they answer the query, best first, ties in given order.

        Args:
            query: in the user's words.
            documents: strings, or `Texts`.
            instruction: id or `Instruction`; None for the model's default task.
            top_k: how many to return, at least 1; None for all.
            progress: as in the constructor; None takes the Runtime's.

        Raises:
            UsageError: this Runtime has no reranker, `documents` is one string, or there is no
                such instruction.
            InputError: a text or the query is no string, empty or not valid Unicode.

        Warns:
            MetierWarning: a text was cut.
        """
        return self._engine.rerank(
            query,
            documents,
            instruction=self._resolved(instruction),
            top_k=top_k,
            progress=progress,
        )

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
    ) -> Index:
        """Documents embedded once, to search in.

        An index on disk that is there is brought up to date: what did not change is not embedded
        again, what is not among the documents of its source any more is removed, and a build that
        was interrupted goes on where it stopped.

        Args:
            documents: `Texts`, strings, records, a frame, or an iterator of records, which is
                read as it is needed. A row without an id gets one made of its content. None opens
                an index that is there, or begins an empty one in memory.
            at: folder or object-store address to keep it in; None keeps it in memory.
            rebuild: begin anew in the place of what is there.
            instruction: id or `Instruction`, for the documents and for searches; None for that of
                the index, or none for a new one.
            domain: whose settings searches take; None for that of the index, or of the instruction
                for a new one.
            dim: vector size; None as in `embed_documents`.
            source: what the documents came from; None for what `Texts` say of themselves.
            max_tokens: longest chunk that a document is cut into; None for what the model reads,
                at most 512.
            overlap: tokens that a chunk repeats of the one before; None for 0.
            splitter: what divides documents into sections before they are cut; None for that of
                the index or of the domain, else headings.

        Raises:
            InputError: a text cannot be used, two documents have one id, or the index cannot be
                read or written.
            UsageError: there is no such instruction, no index at `at` and no documents for one,
                or it was made with something else; the message spells out the difference.
            ModelError: the model cannot be loaded.
            MissingExtraError: `at` is given without the extra `store`.

        Warns:
            MetierWarning: there are more chunks in memory than is wise.
        """
        from metier.runtime.opening import Choices, open_index  # here: it brings numpy with it

        found = self._resolved(instruction)
        choices = Choices(found, domain, dim, max_tokens, overlap, splitter)
        return open_index(self, documents, choices, at=at, rebuild=rebuild, source=source)

    def run(self, workflow: str, /, *inputs: Any, **parameters: Any) -> Any:
        """Run a workflow by id.

        Raises:
            UsageError: no plugin brings it, or one that is not active.
            PluginError: its code cannot be used.
            ParameterError: a parameter is missing, unknown or of the wrong kind.
        """
        return self.workflow(workflow)(self, *inputs, **parameters)

    def workflow(self, workflow: str) -> Workflow[Any]:
        """A workflow's code and parameters, imported now."""
        return self._host.load_workflow(workflow)

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
        if side not in ("query", "document"):
            raise ParameterError(f"side={side!r} is neither 'query' nor 'document'.")
        require_unicode([text])
        choice = self._dim_choice(self._resolved(instruction), dim)
        return explain(
            self._registry,
            self._engine,
            instruction,
            text,
            side=side,
            choice=choice,
            stages=self._host.search_stages(),
        )

    def readers(self) -> list[Reader]:
        """File readers, built-in ones and those of plugins."""
        return self._host.readers()

    def splitter(self, domain: str) -> Splitter | None:
        """What divides the documents of a domain; None where it declares nothing.

        Raises:
            UnknownNameError: there is no such domain.
            PluginError: its code cannot be used.
        """
        if domain not in self.domains:
            raise UnknownNameError("domain", domain, self.domains)
        return self._host.load_splitter(self.domains[domain])

    def provider_of(self, workflow: str) -> str:
        """Distribution and version that bring a workflow; empty for one defined outside."""
        found = self._host.workflows().get(workflow)
        return found[1].origin if found else ""

    def not_for(self, workflow: str) -> str:
        """Uses the safety statement of a workflow's domain rules out; empty where it has none."""
        domain = self.domains.get(workflow.partition("/")[0])
        return domain.safety.not_for if domain is not None and domain.safety is not None else ""

    def recording(self, ledger: Ledger) -> Runtime:
        """This Runtime, same models and plugins, writing what it uses into a ledger, too.

        A workflow that runs another stands in for what that one used.
        """
        scoped = copy.copy(self)
        scoped._engine = self._engine.recording(ledger)
        return scoped

    def run_finished(self, record: RunRecord) -> None:
        """Tell the plugins that a run ended well."""
        self._host.run_finished(record)

    def _make_registry(self) -> Registry:
        return Registry(with_packs(self._host.provided(), self._packs))

    def _embed(
        self,
        texts: Sequence[str] | Texts,
        side: Side,
        instruction: str | Instruction | None,
        dim: int | None,
        progress: Progress | bool | None,
        *,
        keep: bool = False,
        states: TokenStateSink | None = None,
    ) -> Vectors:
        strings = strings_of(texts, "texts")
        chosen = self._resolved(instruction)
        return self._engine.embed(
            strings,
            side,
            instruction=chosen,
            dim=self._dim(chosen, dim),
            progress=progress,
            memorize=keep,
            states=states,
        )

    def _resolved(self, instruction: str | Instruction | None) -> Instruction | None:
        if instruction is None or isinstance(instruction, Instruction):
            return instruction
        return self._registry.get(instruction)

    def _dim(self, instruction: Instruction | None, requested: int | None) -> int:
        return self._dim_choice(instruction, requested).dim

    def _dim_choice(self, instruction: Instruction | None, requested: int | None) -> DimChoice:
        return choose_dim(
            self.embedder.profile,
            requested=requested,
            instruction_dim=instruction.dim if instruction else None,
            domain_dim=self._registry.default_dim(instruction.domain) if instruction else None,
        )
