"""What `explain()` answers: the layers considered, the winner, the exact prompt, the dim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


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
