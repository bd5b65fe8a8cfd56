"""Explain: what the registry chose for a text and what the model makes of it, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from metier.models.prompt import Side
from metier.registry.dims import DimChoice
from metier.registry.explanation import Explanation, LayerView, PromptView
from metier.registry.instruction import Instruction
from metier.registry.registry import Registry
from metier.registry.reranking import choose_rerank

if TYPE_CHECKING:
    from metier.models.embedder import Embedder
    from metier.registry.retrieval import RetrievalSettings


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
    from metier.indexing.reading import token_model  # here: it brings numpy with it

    resolution = registry.resolve(instruction)
    found = resolution.instruction
    prompts = tuple(_prompt(found, embedder, one, text) for one in get_args(Side))
    seen = next(one for one in prompts if one.side == side)
    prompt = embedder.prompt(found.task_for(side), side)
    (tokens,) = embedder.count_tokens([text], prompt=prompt)
    retrieval = registry.retrieval(found.domain)
    rerank = choose_rerank(requested=None, declared=found.rerank, domain=retrieval.rerank)
    return Explanation(
        instruction=found.full_id,
        digest=found.digest,
        side=side,
        layers=tuple(
            LayerView(
                layer=one.layer,
                origin=one.origin,
                instruction=one.instruction.full_id,
                task=one.instruction.task,
                chosen=one is resolution.winner,
            )
            for one in resolution.considered
        ),
        silent=resolution.silent,
        reason=resolution.reason,
        model=embedder.profile.id,
        instruction_used=seen.instruction_used,
        instruction_note=seen.note,
        rendered=seen.rendered,
        tokens=tokens,
        tokens_added=seen.tokens_added,
        truncated=tokens > embedder.profile.max_tokens,
        prompts=prompts,
        dim=choice.dim,
        dim_source=choice.source,
        dim_declared=choice.declared,
        dim_reason=choice.caution or choice.reason,
        search=_stages(retrieval, token_model(embedder) is not None),
        rerank=rerank.wanted,
        rerank_reason=rerank.reason,
    )


def _stages(retrieval: RetrievalSettings, reads_tokens: bool) -> str:
    used = retrieval.of_model(reads_tokens=reads_tokens)
    note = "" if used is retrieval else "; no interaction: this model compares whole texts only"
    return used.described() + note


def _prompt(instruction: Instruction, embedder: Embedder, side: Side, text: str) -> PromptView:
    prompt = embedder.prompt(instruction.task_for(side), side)
    (alone,) = embedder.count_tokens([""], prompt=prompt)
    return PromptView(
        side=side,
        rendered=prompt.render(text),
        instruction_used=prompt.task is not None and prompt != embedder.prompt(None, side),
        note=_note(instruction, embedder, side),
        tokens_added=alone,
    )


def _note(instruction: Instruction, embedder: Embedder, side: Side) -> str:
    if not embedder.profile.instruction_aware:
        return f"{embedder.profile.id!r} is not trained to follow instructions, so it gets none"
    if instruction.task_for(side) is None:
        return "the instruction is for queries; documents stay bare"
    return "the instruction stands before the text"
