"""The grid of a sweep: every combination of the values that its settings may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from metier.errors import ParameterError, UnknownNameError
from metier.evaluation.pipeline import Pipeline, instructions_for
from metier.registry.dims import choose_dim
from metier.retrieval.stages.table import stage_weights

if TYPE_CHECKING:
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings
    from metier.runtime.runtime import Runtime

SHORTEST = 64
"""Dimensions of the shortest vectors that a sweep tries by itself."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The values to try; None for those that a sweep tries by itself.

    Attributes:
        instructions: ids; None for those of the domain that are for the task, or for the default
            alone where nothing that runs reads them.
        dims: vector sizes; None for the full one and, of models with MRL, its halves down to 64,
            and for that of the workflow if it takes none.
        weights: of search stages by name, built-in ones or those of plugins; a stage that is not
            named keeps the domain's own weight, and combinations without dense and lexical search
            are left out. None for the domain's own and the weights that a stage names as
            `tried`: 0, 0.25 and 0.5 of `lexical`.
        rerank: None for both where there is a reranker.
    """

    instructions: Sequence[str] | None = None
    dims: Sequence[int] | None = None
    weights: Mapping[str, Sequence[float]] | None = None
    rerank: bool | None = None

    @property
    def of_searches(self) -> list[str]:
        """Names of the axes given that only searches have."""
        return [name for name in ("weights", "rerank") if getattr(self, name) is not None]


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting of a pipeline; None wherever its own default holds.

    Attributes:
        pipeline: with the instruction.
        dim: vector size.
        retrieval: how a search ranks.
        rerank: whether a search is reranked.
    """

    pipeline: Pipeline
    dim: int | None = None
    retrieval: RetrievalSettings | None = None
    rerank: bool | None = None


def trials(rt: Runtime, default: Pipeline, axes: Axes) -> list[Trial]:
    """The default setting, then every combination of the axes; equal ones may be among them.

    Raises:
        UnknownNameError: there is no such instruction, or stage of a search.
        DimError: a vector size is more than the model has.
        ParameterError: a weight cannot be, or none is left with which a search finds anything.
        UsageError: reranking is asked for, and there is no reranker.
    """
    pipelines = [
        replace(default, instruction=instruction)
        for instruction in _instructions(rt, default, axes)
    ]
    dims = _dims(rt, axes)
    if default.task != "retrieval":
        if axes.dims is None and not default.takes_dim:
            return [Trial(default), *map(Trial, pipelines)]
        return [Trial(default), *(Trial(*values) for values in product(pipelines, dims))]
    reranked = _reranked(rt, axes)
    tried = [Trial(default)]
    for pipeline in pipelines:
        retrievals = _retrievals(rt, pipeline.searched_as, axes)
        tried += [Trial(*values) for values in product([pipeline], dims, retrievals, reranked)]
    return tried


def _instructions(rt: Runtime, default: Pipeline, axes: Axes) -> Sequence[Instruction | None]:
    if axes.instructions is not None:
        return [rt.instructions.resolve(name).instruction for name in axes.instructions]
    is_read = rt.embedder.profile.instruction_aware or (
        default.task == "retrieval" and rt.reranker is not None
    )
    runs_as_it_is = default.task == "flagging" or (
        default.task == "classification" and not default.learns_from_examples
    )
    if runs_as_it_is or not is_read:
        return [default.instruction]
    own = instructions_for(rt, default.task, default.domain)
    return own or [default.instruction]


def _dims(rt: Runtime, axes: Axes) -> list[int]:
    profile = rt.embedder.profile
    if axes.dims is not None:
        return [choose_dim(profile, requested=dim).dim for dim in axes.dims]
    dims = [profile.dim]
    while profile.mrl and dims[-1] // 2 >= max(SHORTEST, profile.min_dim):
        dims.append(dims[-1] // 2)
    return dims


def _retrievals(rt: Runtime, domain: str, axes: Axes) -> list[RetrievalSettings]:
    own, stages = rt.instructions.retrieval(domain), rt.plugins.search_stages()
    current = stage_weights(own, stages)
    tried = axes.weights
    if tried is None:
        tried = {
            name: sorted({*stages[name].tried, weight})
            for name, weight in current.items()
            if stages[name].tried
        }
    for name in tried:
        if name not in current:
            raise UnknownNameError("stage of a search", name, current)
    retrievals = []
    for weights in product(*tried.values()):
        changed = {
            name: weight
            for name, weight in zip(tried, weights, strict=True)
            if weight != current[name]
        }
        combined = {**current, **changed}
        if combined["dense"] or combined["lexical"]:
            retrievals.append(own.weighted(changed))
    if not retrievals:
        raise ParameterError(
            "With these weights a search would find nothing: dense and lexical are 0.",
            fix="Give a weight above 0 to one of them.",
        )
    return retrievals


def _reranked(rt: Runtime, axes: Axes) -> list[bool]:
    if axes.rerank:
        rt.engine.require_reranker()  # before the documents are embedded
    if axes.rerank is not None:
        return [axes.rerank]
    return [False, True] if rt.reranker is not None else [False]
