"""Explain: what the registry chose for a text and what the model makes of it, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.registry.dims import DimChoice
from metier.registry.explanation import Explanation, LayerView
from metier.registry.instruction import Instruction
from metier.registry.registry import Registry

if TYPE_CHECKING:
    from metier.models.embedder import Embedder
    from metier.models.prompt import Side


def explain(
    registry: Registry,
    embedder: Embedder,
    instruction: str | Instruction,
    text: str,
    *,
    side: Side,
    choice: DimChoice,
) -> Explanation:
    """How a text reaches a model under an instruction of a registry, or one made in code."""
    layers, reason, found = _considered(registry, instruction)
    prompt = embedder.prompt(found.task_for(side), side)
    tokens, alone = embedder.count_tokens([text, ""], prompt=prompt)
    return Explanation(
        instruction=found.full_id,
        digest=found.digest,
        side=side,
        layers=layers,
        reason=reason,
        model=embedder.profile.id,
        instruction_used=prompt.task is not None and prompt != embedder.prompt(None, side),
        instruction_note=_note(found, embedder, side),
        rendered=prompt.render(text),
        tokens=tokens,
        tokens_added=alone,
        truncated=tokens > embedder.profile.max_tokens,
        dim=choice.dim,
        dim_reason=choice.caution or choice.reason,
    )


def _considered(
    registry: Registry, instruction: str | Instruction
) -> tuple[tuple[LayerView, ...], str, Instruction]:
    if isinstance(instruction, Instruction):
        view = _view("call", "Instruction object", instruction, chosen=True)
        return (view,), "given in the call", instruction
    resolution = registry.resolve(instruction)
    views = tuple(
        _view(one.layer, one.origin, one.instruction, chosen=one is resolution.winner)
        for one in resolution.considered
    )
    return views, resolution.reason, resolution.instruction


def _view(layer: str, origin: str, instruction: Instruction, *, chosen: bool) -> LayerView:
    return LayerView(
        layer=layer,
        origin=origin,
        instruction=instruction.full_id,
        task=instruction.task,
        chosen=chosen,
    )


def _note(instruction: Instruction, embedder: Embedder, side: Side) -> str:
    if not embedder.profile.instruction_aware:
        return f"{embedder.profile.id!r} is not trained to follow instructions, so it gets none"
    if instruction.task_for(side) is None:
        return "the instruction is for queries; documents stay bare"
    return "the instruction stands before the text"
