"""The table of search stages, and what is made from it: weights, descriptions and help."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import ParamSpec, TypeVar

from metier.errors import MetierError, PluginError, UnknownNameError
from metier.registry.retrieval_settings import MAX_WEIGHT, RetrievalSettings
from metier.retrieval.stages.aspect import AspectStage
from metier.retrieval.stages.dense import DenseStage
from metier.retrieval.stages.feedback import FeedbackStage
from metier.retrieval.stages.heading import HeadingStage
from metier.retrieval.stages.interaction import InteractionStage
from metier.retrieval.stages.lexical import LexicalStage
from metier.retrieval.stages.named import NamedStage
from metier.retrieval.stages.rerank import RerankStage
from metier.retrieval.stages.stage import SearchPhase, SearchStage

P = ParamSpec("P")
T = TypeVar("T")

Stages = Mapping[str, SearchStage]
"""Stages by name, in the order in which they are described and, within a phase, run."""

STAGES: Stages = {
    stage.name: stage
    for stage in (
        DenseStage(),
        LexicalStage(),
        InteractionStage(),
        HeadingStage(),
        AspectStage(),
        NamedStage(),
        FeedbackStage(),
        RerankStage(),
    )
}
"""The stages that metier brings."""

FUSED = "fused"
"""The name under which hits have the weighted mean of the stages."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def with_stages(stages: Iterable[SearchStage]) -> Stages:
    """The table of these stages.

    Raises:
        PluginError: a stage has no name that it can have, or that of another one; its weight or its
            phase is none; or it reranks.
    """
    table: dict[str, SearchStage] = {}
    for stage in stages:
        _require_usable(stage)
        if stage.name in table or stage.name == FUSED:
            raise PluginError(
                f"The search stage {type(stage).__qualname__} has the name {stage.name!r}, which "
                "another stage has.",
                fix="Rename one of them, or block one of the plugins.",
            )
        table[stage.name] = stage
    return table


def _require_usable(stage: SearchStage) -> None:
    if not isinstance(stage, SearchStage):
        raise PluginError(
            f"{stage!r} is no search stage.", fix="Give an instance of a class of SearchStage."
        )
    what = f"The search stage {type(stage).__qualname__}"
    if not _NAME.fullmatch(str(getattr(stage, "name", ""))) or not getattr(stage, "summary", ""):
        raise PluginError(
            f"{what} needs a name and a summary.",
            why="The name is the key of its weight and of its scores.",
            fix="Set name to lowercase letters, digits and underscores, and summary to a line.",
        )
    if not isinstance(stage.phase, SearchPhase):
        raise PluginError(
            f"{what} has the phase {stage.phase!r}.", fix="Set phase to a member of SearchPhase."
        )
    for weight in (stage.weight, *stage.tried):
        if not _is_weight(weight):
            raise PluginError(
                f"{what} has the weight {weight!r}.",
                fix=f"Set weight, and each of tried, to a number from 0 to {MAX_WEIGHT:g}.",
            )
    if stage.phase is SearchPhase.RERANK and not isinstance(stage, RerankStage):
        raise PluginError(
            f"{what} reranks.",
            why="Only the reranker of a Runtime decides on the order alone.",
            fix="Bring a Reranker with a model family, or let the stage run in another phase.",
        )


def _is_weight(weight: object) -> bool:
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        return False
    return 0.0 <= weight <= MAX_WEIGHT


def call_stage(
    stage: SearchStage, method: Callable[P, T], *arguments: P.args, **keywords: P.kwargs
) -> T:
    """What a method of a stage returns.

    Raises:
        MetierError: the method raised it.
        PluginError: the method of a plugin's stage raised anything else.
    """
    try:
        return method(*arguments, **keywords)
    except MetierError:
        raise
    except Exception as error:
        if stage.name in STAGES:
            raise
        raise PluginError(
            f"The search stage {stage.name!r} failed: {type(error).__name__}: {error}.",
            why=f"{type(stage).__module__}.{method.__qualname__} raised it.",
            fix="Report it to the plugin's authors, or give the stage no weight.",
        ) from error


def stage_weights(settings: RetrievalSettings, stages: Stages) -> dict[str, float]:
    """The weight of each stage by its name; those that rerank have none.

    Raises:
        UnknownNameError: the settings weigh a stage that there is not.
    """
    known = {name: stage for name, stage in stages.items() if stage.phase is not SearchPhase.RERANK}
    weights = settings.weights
    for name in weights:
        if name not in known:
            raise UnknownNameError("search stage", name, known)
    return {name: weights.get(name, stage.weight) for name, stage in known.items()}


def describe_stages(
    settings: RetrievalSettings, stages: Stages = STAGES, *, has_headings: bool = True
) -> str:
    """The stages that run, with their weights, for people.

    Args:
        settings: of a domain or of a call.
        stages: that there are; a weight in the settings for another one is told without details.
        has_headings: whether the index has titles or headings to compare.
    """
    defaults = {
        name: stage.weight
        for name, stage in stages.items()
        if stage.phase is not SearchPhase.RERANK
    }
    described = []
    for name, weight in {**defaults, **settings.weights}.items():
        stage = stages.get(name)
        is_useless = stage is not None and stage.needs_headings and not has_headings
        if is_useless or not (weight or (stage is not None and stage.always)):
            continue
        details = "" if stage is None else call_stage(stage, stage.details, settings)
        described.append(f"{name} {weight:g}" + (f" ({details})" if details else ""))
    return ", ".join(described)
