"""Runtime: the one object a user holds. It ties plugins, instructions, models and workflows."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from metier.errors import MetierWarning, UsageError
from metier.loading import Models
from metier.plugins.host import PluginHost
from metier.progress import Progress, choose_progress, working
from metier.registry.dims import DimChoice, choose_dim
from metier.registry.explanation import Explanation, LayerView
from metier.registry.instruction import Instruction
from metier.registry.pack import load_pack
from metier.registry.registry import Provided, Registry
from metier.texts.checks import require_unicode

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.models.embedder import Embedder
    from metier.models.prompt import Side
    from metier.models.reranker import Reranker
    from metier.registry.domain import Domain, WorkflowSpec
    from metier.texts.reader import Reader
    from metier.workflows.contract import Workflow
    from metier.workflows.ledger import Ledger
    from metier.workflows.record import RunRecord


@dataclass(frozen=True, slots=True)
class Ranked:
    """A reranked document.

    Attributes:
        index: its place in the list that was given.
        score: probability of relevance, in [0, 1].
        text: the document.
    """

    index: int
    score: float
    text: str


class Runtime:
    """One embedding model, perhaps a reranker, and the domains that use them.

    Models are loaded at first use, so a Runtime is cheap to make. Two Runtimes in one process
    share nothing.

    Args:
        model: `embedded`, a Hugging Face id (`org/name`, `org/name@revision`), a local folder, or
            an `Embedder`. None takes METIER_MODEL, else Qwen/Qwen3-Embedding-0.6B.
        reranker: the same kinds, or a `Reranker`. None takes METIER_RERANKER, else no reranker.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`. None takes METIER_DEVICE, else `auto`.
        dtype: `auto`, `float32`, `bfloat16`, `float16`. None takes METIER_DTYPE, else `auto`.
        plugins: `all`, or the names of plugins that may be active; applied before any is loaded.
        packs: paths of instruction packs, the strongest last.
        progress: True for bars, False for none, None for bars if standard error is a terminal.

    Raises:
        UsageError, PackError: a pack cannot be used, or a plugin is not installed.
    """

    def __init__(
        self,
        model: str | Path | Embedder | None = None,
        reranker: str | Path | Reranker | None = None,
        *,
        device: str | None = None,
        dtype: str | None = None,
        plugins: Literal["all"] | Collection[str] = "all",
        packs: Sequence[str | Path] = (),
        progress: Progress | bool | None = None,
    ) -> None:
        self._host = PluginHost(plugins)
        loaded = [(load_pack(Path(path).expanduser()), Path(path).name) for path in packs]
        self._registry = Registry(
            [
                *self._host.provided(),
                *(Provided(domain, "argument", name) for domain, name in reversed(loaded)),
            ]
        )
        self._models = Models(model, reranker, device, dtype, self._host.model_families)
        self._progress = choose_progress(progress)
        self._ledger: Ledger | None = None

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
        """The embedding model, loaded now if it was not.

        Raises:
            ModelError: it cannot be found, read or run.
        """
        return self._models.embedder

    @property
    def reranker(self) -> Reranker | None:
        """The reranker, loaded now if it was not; None where there is none."""
        return self._models.reranker

    @property
    def progress(self) -> Progress:
        """What long work reports to."""
        return self._progress

    def embed_documents(
        self,
        texts: Sequence[str],
        *,
        dim: int | None = None,
        instruction: str | Instruction | None = None,
        progress: Progress | bool | None = None,
    ) -> npt.NDArray[np.float32]:
        """Embed documents: bare, unless the instruction says both sides.

        Args:
            texts: strings.
            dim: vector size; None takes the instruction's or the domain's default where the model
                has MRL, else the full size.
            instruction: id or `Instruction`.
            progress: as in the constructor; None takes the Runtime's.

        Returns:
            (n, dim) float32, unit rows, in the order of `texts`.

        Raises:
            DimError: `dim` is more than the model has.
            InputError: a text is not valid Unicode.
            ModelError: the model cannot be loaded.
        """
        return self._embed(texts, "document", instruction, dim, progress)

    def embed_queries(
        self,
        texts: Sequence[str],
        *,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        progress: Progress | bool | None = None,
    ) -> npt.NDArray[np.float32]:
        """Embed queries under an instruction; without one, under the model's default prompt.

        Arguments, result and errors are those of `embed_documents`.
        """
        return self._embed(texts, "query", instruction, dim, progress)

    def rerank(
        self,
        query: str,
        documents: Sequence[str],
        *,
        instruction: str | Instruction | None = None,
        top_k: int | None = None,
        progress: Progress | bool | None = None,
    ) -> list[Ranked]:
        """Order documents by how well they answer the query, best first, ties in given order.

        Raises:
            UsageError: this Runtime has no reranker.
            InputError: a text is not valid Unicode.
        """
        reranker = self.reranker
        if reranker is None:
            raise UsageError(
                "This Runtime has no reranker.",
                fix="Make it with one: Runtime(..., reranker='Qwen/Qwen3-Reranker-0.6B').",
            )
        require_unicode([query, *documents])
        task = None
        if instruction is not None:
            task = self._instruction(instruction).task
        with working(self._chosen(progress), "reranking", len(documents)) as bar:
            scored = reranker.score(query, documents, task=task, progress=bar)
        self._account("reranker", reranker, scored.truncated)
        order = sorted(range(len(documents)), key=lambda index: (-scored.scores[index], index))
        ranked = [Ranked(index, float(scored.scores[index]), documents[index]) for index in order]
        return ranked[:top_k]

    def run(self, workflow: str, *inputs: Any, **parameters: Any) -> Any:
        """Run a workflow by id.

        Raises:
            UnknownNameError: no active plugin brings it.
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
        """How a text reaches the loaded model under an instruction, and why so."""
        found = self._instruction(instruction)
        embedder = self.embedder
        prompt = embedder.prompt(found.task_for(side), side)
        bare = embedder.prompt(None, side)
        tokens, alone = (
            embedder.count_tokens([text], prompt=prompt)[0],
            embedder.count_tokens([""], prompt=prompt)[0],
        )
        choice = self._dim(found, dim)
        return Explanation(
            instruction=found.full_id,
            digest=found.digest,
            side=side,
            layers=self._layers(instruction),
            reason=self._reason(instruction),
            model=embedder.profile.id,
            instruction_used=prompt.task is not None and prompt != bare,
            instruction_note=_instruction_note(found, embedder, side),
            rendered=prompt.render(text),
            tokens=tokens,
            tokens_added=alone,
            truncated=tokens > embedder.profile.max_tokens,
            dim=choice.dim,
            dim_reason=choice.caution or choice.reason,
        )

    def readers(self) -> list[Reader]:
        """File readers, built-in ones and those of plugins."""
        return self._host.readers()

    def provider_of(self, workflow: str) -> str:
        """Distribution and version that bring a workflow; empty for one defined outside."""
        found = self._host.workflows().get(workflow)
        return found[1].origin if found else ""

    def not_for(self, workflow: str) -> str:
        """Uses the safety statement of a workflow's domain rules out; empty where it has none."""
        domain = self.domains.get(workflow.partition("/")[0])
        return domain.safety.not_for if domain is not None and domain.safety is not None else ""

    def recording(self, ledger: Ledger) -> Runtime:
        """This Runtime, same models and plugins, writing what it uses into a ledger."""
        scoped = copy.copy(self)
        scoped._ledger = ledger
        return scoped

    def run_finished(self, record: RunRecord) -> None:
        """Tell the plugins that a run ended well."""
        self._host.run_finished(record)

    def _embed(
        self,
        texts: Sequence[str],
        side: Side,
        instruction: str | Instruction | None,
        dim: int | None,
        progress: Progress | bool | None,
    ) -> npt.NDArray[np.float32]:
        if isinstance(texts, str):
            raise UsageError("texts is one string.", fix="Put it in a list: [text].")
        require_unicode(texts)
        found = None if instruction is None else self._instruction(instruction)
        choice = self._dim(found, dim)
        if choice.caution:
            warnings.warn(choice.caution, MetierWarning, stacklevel=3)
        embedder = self.embedder
        prompt = embedder.prompt(found.task_for(side) if found else None, side)
        label = "embedding queries" if side == "query" else "embedding documents"
        with working(self._chosen(progress), label, len(texts)) as bar:
            encoded = embedder.embed(texts, prompt=prompt, dim=choice.dim, progress=bar)
        if self._ledger is not None and found is not None:
            self._ledger.used_instruction(found, choice.dim)
        self._account("embedder", embedder, encoded.truncated)
        return encoded.vectors

    def _instruction(self, instruction: str | Instruction) -> Instruction:
        if isinstance(instruction, Instruction):
            return instruction
        return self._registry.get(instruction)

    def _dim(self, instruction: Instruction | None, requested: int | None) -> DimChoice:
        return choose_dim(
            self.embedder.profile,
            requested=requested,
            instruction_dim=instruction.dim if instruction else None,
            domain_dim=self._registry.default_dim(instruction.domain) if instruction else None,
        )

    def _layers(self, instruction: str | Instruction) -> tuple[LayerView, ...]:
        if isinstance(instruction, Instruction):
            return (
                LayerView(
                    layer="call",
                    origin="Instruction object",
                    instruction=instruction.full_id,
                    task=instruction.task,
                    chosen=True,
                ),
            )
        resolution = self._registry.resolve(instruction)
        return tuple(
            LayerView(
                layer=one.layer,
                origin=one.origin,
                instruction=one.instruction.full_id,
                task=one.instruction.task,
                chosen=one == resolution.winner,
            )
            for one in resolution.considered
        )

    def _reason(self, instruction: str | Instruction) -> str:
        if isinstance(instruction, Instruction):
            return "given in the call"
        return self._registry.resolve(instruction).reason

    def _chosen(self, progress: Progress | bool | None) -> Progress:
        return self._progress if progress is None else choose_progress(progress)

    def _account(
        self, role: str, model: Embedder | Reranker, truncated: npt.NDArray[np.bool_]
    ) -> None:
        if self._ledger is not None:
            self._ledger.used_model(role, model)
            self._ledger.count(role, truncated)
        elif truncated.any():
            warnings.warn(
                f"{int(truncated.sum())} of {len(truncated)} texts were longer than "
                f"{model.profile.id!r} reads ({model.profile.max_tokens} tokens) and were cut.",
                MetierWarning,
                stacklevel=4,
            )


def _instruction_note(instruction: Instruction, embedder: Embedder, side: Side) -> str:
    if not embedder.profile.instruction_aware:
        return f"{embedder.profile.id!r} is not trained to follow instructions, so it gets none"
    if instruction.task_for(side) is None:
        return "the instruction is for queries; documents stay bare"
    return "the instruction stands before the text"
