"""What `Runtime.explain` answers: the layers considered, the winner, the exact prompt, the dim."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel, ConfigDict

from metier.errors import ParameterError
from metier.models.embedder import Side
from metier.registry.instruction import Instruction
from metier.registry.registry import Registry, Resolution
from metier.registry.retrieval_settings import choose_rerank
from metier.retrieval.stages.table import Stages, describe_stages
from metier.texts.checks import require_unicode

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from metier.engine.engine import Engine
    from metier.models.embedder import Embedder
    from metier.registry.retrieval_settings import RetrievalSettings


class LayerView(BaseModel):
    """One definition that was considered."""

    model_config = ConfigDict(frozen=True)

    layer: str
    origin: str
    instruction: str
    task: str
    chosen: bool


class PromptView(BaseModel):
    """What a model reads on one side.

    Attributes:
        side: `query` or `document`.
        rendered: the text as the model reads it, special tokens aside.
        instruction_used: whether the instruction's text reaches the model on this side.
        note: why it does or does not.
        tokens_added: tokens that are not the text's own.
    """

    model_config = ConfigDict(frozen=True)

    side: str
    rendered: str
    instruction_used: bool
    note: str
    tokens_added: int


class Explanation(BaseModel):
    """How one text reaches the model under one instruction.

    Attributes:
        instruction: full id.
        digest: content hash of the instruction.
        side: `query` or `document`.
        layers: definitions considered, strongest first.
        silent: layers that were asked and define nothing of that name, strongest first.
        reason: why the chosen one won.
        model: id of the loaded model.
        instruction_used: whether the instruction's text reaches the model on this side.
        instruction_note: why it does or does not.
        rendered: the text as the model reads it, special tokens aside.
        tokens: tokens of it, special tokens included, before any cut.
        tokens_added: how many of them are not the text's own.
        truncated: whether the text is longer than the model reads.
        prompts: what the model reads on each side.
        dim: vector size used.
        dim_source: `call`, `instruction`, `domain` or `model`: who decided it.
        dim_declared: what they asked for; None where nobody asked. Where it is another than `dim`
            it was clamped, and `dim_reason` says to what.
        dim_reason: why.
        search: the stages of a search under the instruction, with their weights.
        rerank: whether a search under the instruction uses the reranker, where there is one.
        rerank_reason: why.
    """

    model_config = ConfigDict(frozen=True)

    instruction: str
    digest: str
    side: str
    layers: tuple[LayerView, ...]
    silent: tuple[str, ...]
    reason: str
    model: str
    instruction_used: bool
    instruction_note: str
    rendered: str
    tokens: int
    tokens_added: int
    truncated: bool
    prompts: tuple[PromptView, ...]
    dim: int
    dim_source: str
    dim_declared: int | None
    dim_reason: str
    search: str
    rerank: bool
    rerank_reason: str

    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as label and text."""
        cut = ", cut at the model's limit" if self.truncated else ""
        others = [view for view in self.prompts if view.side != self.side]
        return [
            ("instruction", f"{self.instruction}  (content {self.digest})"),
            ("chosen because", self.reason),
            ("no definition in", ", ".join(self.silent) or "no layer"),
            ("model", self.model),
            ("side", f"{self.side}: {self.instruction_note}"),
            ("the model reads", self.rendered),
            ("tokens", f"{self.tokens}, of which {self.tokens_added} are not the text's own{cut}"),
            *((f"as a {view.side}", _other_side(view)) for view in others),
            ("dim", f"{self.dim}: {self.dim_reason}"),
            ("search", self.search),
            (
                "reranker",
                f"{'used if there is one' if self.rerank else 'not used'}: {self.rerank_reason}",
            ),
        ]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.table import Table
        from rich.text import Text

        layers = Table("layer", "from", "instruction", "task", "", title="considered")
        for view in self.layers:
            mark = "chosen" if view.chosen else ""
            cells = (view.layer, view.origin, view.instruction, view.task, mark)
            layers.add_row(*(Text(cell) for cell in cells))
        yield layers
        facts = Table(show_header=False, box=None)
        for label, text in self.rows():
            facts.add_row(Text(label, style="bold"), Text(text))
        yield facts

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(label)}</th>"
            f"<td><pre style='margin:0;white-space:pre-wrap'>{escape(text)}</pre></td></tr>"
            for label, text in self.rows()
        )
        return f"<table>{rows}</table>"


def _other_side(view: PromptView) -> str:
    added = f"{view.tokens_added} tokens are not the text's own"
    return f"{view.rendered}  ({view.note}; {added})"


def explain(
    registry: Registry,
    engine: Engine,
    stages: Stages,
    instruction: str | Instruction,
    text: str,
    side: Side,
    dim: int | None,
) -> Explanation:
    """See `Runtime.explain`; `stages` are those that searches have."""
    if side not in ("query", "document"):
        raise ParameterError(f"side={side!r} is neither 'query' nor 'document'.", parameter="side")
    require_unicode([text])
    resolution = registry.resolve(instruction)
    chosen, embedder = resolution.instruction, engine.embedder
    size = registry.plan(chosen, dim, embedder.profile).size
    prompts = tuple(_prompt(chosen, embedder, prompt_side, text) for prompt_side in get_args(Side))
    shown = next(view for view in prompts if view.side == side)
    prompt = embedder.prompt(chosen.task_for(side), side)
    (tokens,) = embedder.count_tokens([text], prompt=prompt)
    retrieval = registry.retrieval(chosen.domain)
    rerank = choose_rerank(requested=None, declared=chosen.rerank, domain=retrieval.rerank)
    return Explanation(
        instruction=chosen.full_id,
        digest=chosen.digest,
        side=side,
        layers=_layers(resolution),
        silent=resolution.silent,
        reason=resolution.reason,
        model=embedder.profile.id,
        instruction_used=shown.instruction_used,
        instruction_note=shown.note,
        rendered=shown.rendered,
        tokens=tokens,
        tokens_added=shown.tokens_added,
        truncated=tokens > embedder.profile.max_tokens,
        prompts=prompts,
        dim=size.dim,
        dim_source=size.source,
        dim_declared=size.declared,
        dim_reason=size.caution or size.reason,
        search=_stages(retrieval, stages, engine.token_embedder is not None),
        rerank=rerank.wanted,
        rerank_reason=rerank.reason,
    )


def _layers(resolution: Resolution) -> tuple[LayerView, ...]:
    return tuple(
        LayerView(
            layer=candidate.layer,
            origin=candidate.origin,
            instruction=candidate.instruction.full_id,
            task=candidate.instruction.task,
            chosen=candidate is resolution.winner,
        )
        for candidate in resolution.considered
    )


def _stages(retrieval: RetrievalSettings, stages: Stages, reads_tokens: bool) -> str:
    used = retrieval.of_model(reads_tokens=reads_tokens)
    note = "" if used is retrieval else "; no interaction: this model compares whole texts only"
    return describe_stages(used, stages) + note


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
