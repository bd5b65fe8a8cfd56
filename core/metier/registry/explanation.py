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


class Explanation(BaseModel):
    """How one text reaches the model under one instruction.

    Attributes:
        instruction: full id.
        digest: content hash of the instruction.
        side: `query` or `document`.
        layers: definitions considered, strongest first.
        reason: why the chosen one won.
        model: id of the loaded model.
        instruction_used: whether the instruction's text reaches the model on this side.
        instruction_note: why it does or does not.
        rendered: the text as the model reads it, special tokens aside.
        tokens: tokens of it, special tokens included, before any cut.
        tokens_added: how many of them are not the text's own.
        truncated: whether the text is longer than the model reads.
        dim: vector size used.
        dim_reason: why.
    """

    model_config = ConfigDict(frozen=True)

    instruction: str
    digest: str
    side: str
    layers: tuple[LayerView, ...]
    reason: str
    model: str
    instruction_used: bool
    instruction_note: str
    rendered: str
    tokens: int
    tokens_added: int
    truncated: bool
    dim: int
    dim_reason: str

    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as label and text."""
        cut = ", cut at the model's limit" if self.truncated else ""
        return [
            ("instruction", f"{self.instruction}  (content {self.digest})"),
            ("chosen because", self.reason),
            ("model", self.model),
            ("side", f"{self.side}: {self.instruction_note}"),
            ("the model reads", self.rendered),
            ("tokens", f"{self.tokens}, of which {self.tokens_added} are not the text's own{cut}"),
            ("dim", f"{self.dim}: {self.dim_reason}"),
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
