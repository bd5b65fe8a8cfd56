"""What a sweep tries: every combination of the values that a setting may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from pydantic import ValidationError

from metier.errors import ParameterError, UnknownNameError
from metier.evaluation.pipeline import Pipeline, instructions_for
from metier.registry.dims import choose_dim

if TYPE_CHECKING:
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings
    from metier.runtime.runtime import Runtime

SHORTEST = 64
"""Numbers of the shortest vectors that are tried where nobody says which."""

WEIGHTS: Mapping[str, tuple[float, ...]] = {"lexical": (0.0, 0.25, 0.5)}
"""Weights of stages that are tried, besides the domain's own, where nobody says which."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The values to try; None for those that a sweep tries by itself.

    Attributes:
        instructions: ids; None for those of the domain that are for the task, or for the default
            alone where nothing that runs reads them.
        dims: vector sizes; None for the full one and its halves down to 64 of models with MRL,
            for the full one of others, and for its own of a workflow that takes none.
        weights: of stages of a search by name, as in `RetrievalSettings`; a stage that is not
            named keeps the domain's own weight, and combinations without dense and lexical search
            are left out. None for 0, 0.25, 0.5 and the domain's own of
            `lexical`.
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
    """How a pipeline is set for once; None wherever its own default holds.

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
    pipelines = [replace(default, instruction=one) for one in _instructions(rt, default, axes)]
    dims = _dims(rt, axes)
    if default.task != "retrieval":
        if axes.dims is None and not default.takes_dim:
            return [Trial(default), *map(Trial, pipelines)]
        return [Trial(default), *(Trial(*one) for one in product(pipelines, dims))]
    reranked = _reranked(rt, axes)
    every = (
        Trial(*one)
        for pipeline in pipelines
        for one in product([pipeline], dims, _retrievals(rt, pipeline.searched_as, axes), reranked)
    )
    return [Trial(default), *every]


def _instructions(rt: Runtime, default: Pipeline, axes: Axes) -> Sequence[Instruction | None]:
    if axes.instructions is not None:
        return [rt.instructions.resolve(name).instruction for name in axes.instructions]
    is_read = rt.embedder.profile.instruction_aware or (
        default.task == "retrieval" and rt.reranker is not None
    )
    runs_as_it_is = default.task == "flagging" or (
        default.task == "classification" and not default.is_generic
    )
    if runs_as_it_is or not is_read:
        return [default.instruction]
    own = instructions_for(rt, default.task, default.domain)
    return own or [default.instruction]


def _dims(rt: Runtime, axes: Axes) -> list[int]:
    profile = rt.embedder.profile
    if axes.dims is not None:
        return [choose_dim(profile, requested=dim).dim for dim in axes.dims]
    found = [profile.dim]
    while profile.mrl and found[-1] // 2 >= max(SHORTEST, profile.min_dim):
        found.append(found[-1] // 2)
    return found


def _retrievals(rt: Runtime, domain: str, axes: Axes) -> list[RetrievalSettings]:
    own = rt.instructions.retrieval(domain)
    wanted = axes.weights
    if wanted is None:
        wanted = {name: sorted({*some, own.weights[name]}) for name, some in WEIGHTS.items()}
    for name in wanted:
        if name not in own.weights:
            raise UnknownNameError("stage of a search", name, own.weights)
    every = (dict(zip(wanted, values, strict=True)) for values in product(*wanted.values()))
    found = [_weighted(own, weights) for weights in every]
    kept = [one for one in found if one is not None]
    if not kept:
        raise ParameterError(
            "With these weights a search would find nothing: dense and lexical are 0.",
            fix="Give a weight above 0 to one of them.",
        )
    return kept


def _weighted(own: RetrievalSettings, weights: Mapping[str, float]) -> RetrievalSettings | None:
    """The settings with other weights; None where they leave nothing that finds anything."""
    content = {**own.model_dump(), **weights}
    if not content["dense"] and not content["lexical"]:
        return None
    if not content["aspect"]:
        content["aspects"] = ()
    try:
        return own.model_validate(content)
    except ValidationError as error:
        raise ParameterError(
            "A search cannot be weighted with "
            f"{', '.join(f'{name} {weight:g}' for name, weight in weights.items())}.",
            why="; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors()),
        ) from None


def _reranked(rt: Runtime, axes: Axes) -> list[bool]:
    if axes.rerank and rt.reranker is None:
        rt.rerank("", [])  # says so now: embedding the documents may take long
    if axes.rerank is not None:
        return [axes.rerank]
    return [False, True] if rt.reranker is not None else [False]
