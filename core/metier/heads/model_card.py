"""The model card of a head: what it learned from, with which evidence, and what it is not for.

Mitchell et al. (2019), Model cards for model reporting.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from metier.heads.head_report import FOUR_FIFTHS, SMALL, GroupQuality, HeadReport, metric_title
from metier.heads.inputs import HeadInputs

if TYPE_CHECKING:
    from metier.heads.head import Head
    from metier.heads.head_options import HeadOptions
    from metier.heads.learning import LearningResult


class MemberUse(BaseModel):
    """A member that was tried.

    Attributes:
        name: of the member.
        source: what it learns from: vectors, terms or columns.
        share: by how much it moves the result; 0 for those that were not chosen.
        log_loss: of it alone on held-out examples; None where none could be held out.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    source: str
    share: float
    log_loss: float | None


class HeadCard(BaseModel):
    """What a head learned from, and the evidence for what was chosen.

    Attributes:
        examples: number of rows.
        labels: number of examples of each label.
        digest: SHA-256 of the examples and their labels, in their order.
        fitted_on: day, in UTC.
        columns: that it could learn from.
        min_texts: number of texts that each of its terms occurs in, at least.
        seed: of folds and intervals.
        members: that were tried, the lowest log loss first.
        calibration: held-out log loss of each way to calibrate.
        report: figures of held-out examples; None where none could be held out.
    """

    model_config = ConfigDict(frozen=True)

    examples: int
    labels: dict[str, int]
    digest: str
    fitted_on: datetime.date
    columns: tuple[str, ...]
    min_texts: int
    seed: int
    members: tuple[MemberUse, ...]
    calibration: dict[str, float]
    report: HeadReport | None


def make_card(
    inputs: HeadInputs,
    labels: Sequence[str],
    options: HeadOptions,
    learned: LearningResult,
    report: HeadReport | None,
) -> HeadCard:
    """The card of a head that has learned.

    Args:
        inputs: that it learned from.
        labels: of these rows.
        options: that were stated.
        learned: from them.
        report: of held-out rows.
    """
    return HeadCard(
        examples=len(inputs),
        labels=dict(Counter(labels)),
        digest=data_digest(inputs, labels),
        fitted_on=datetime.datetime.now(datetime.UTC).date(),
        columns=tuple(inputs.columns or ()),
        min_texts=options.min_texts,
        seed=options.seed,
        members=_member_uses(learned),
        calibration={name: round(loss, 4) for name, loss in learned.calibration.items()},
        report=report,
    )


def _member_uses(learned: LearningResult) -> tuple[MemberUse, ...]:
    shares, losses = learned.pool.shares, learned.losses
    names = sorted(losses or shares, key=lambda name: (losses.get(name, 0.0), name))
    return tuple(
        MemberUse(
            name=name,
            source=learned.sources[name],
            share=round(shares.get(name, 0.0), 4),
            log_loss=round(losses[name], 4) if name in losses else None,
        )
        for name in names
    )


def data_digest(inputs: HeadInputs, labels: Sequence[str]) -> str:
    """Return the SHA-256 of examples and labels: texts where there are any, else vectors."""
    digest = hashlib.sha256()
    columns = sorted((inputs.columns or {}).items())
    for row, label in enumerate(labels):
        cells = [(name, values[row]) for name, values in columns]
        shown = [[name, None if cell is None else str(cell)] for name, cell in cells]
        text = None if inputs.texts is None else inputs.texts[row]
        digest.update(json.dumps([text, label, shown]).encode())
        if text is None and inputs.vectors is not None:
            digest.update(np.ascontiguousarray(inputs.vectors[row]).tobytes())
    return digest.hexdigest()


def write_card(head: Head) -> str:
    """Return the model card in Markdown."""
    return "\n".join(line for part in _parts(head) for line in (*part, "")).rstrip() + "\n"


def _parts(head: Head) -> Iterator[list[str]]:
    card = head.card
    yield ["# Model card of a head", "", f"Labels: {', '.join(map(_code, head.classes))}."]
    yield [
        "## What it learned from",
        "",
        f"- {card.examples} examples, fitted on {card.fitted_on.isoformat()}, seed {card.seed}",
        f"- digest of the examples (SHA-256): `{card.digest}`",
        *_source_lines(head),
        "",
        "| label | examples |",
        "|---|---|",
        *(f"| {_cell(label)} | {count} |" for label, count in sorted(card.labels.items())),
    ]
    yield [
        "## What was chosen",
        "",
        "By log loss on examples that were held out; a share is by how much a member moves the "
        "result.",
        "",
        "| member | learns from | share | log loss alone |",
        "|---|---|---|---|",
        *(
            f"| {use.name} | {use.source} | {use.share:.2f} | {_number(use.log_loss)} |"
            for use in card.members
        ),
        "",
        f"Calibration: {head.calibration}.",
    ]
    if card.report is None:
        yield ["## Quality", "", "No label had two different examples to hold out."]
    else:
        yield _quality_lines(head, card.report)
        if card.report.groups:
            yield _group_lines(card.report)
    yield _limit_lines(head)


def _source_lines(head: Head) -> Iterator[str]:
    if head.provenance is not None:
        origin = head.provenance
        yield f"- model `{origin.model}`, fingerprint `{origin.fingerprint}`, dim {origin.dim}"
        yield f"- instruction: {origin.instruction_label}"
    yield f"- learned from: {', '.join(head.sources)}"
    if head.columns:
        yield f"- columns: {', '.join(map(_code, head.columns))}"
    if head.unused_columns:
        yield f"- {unused_note(tuple(map(_code, head.unused_columns)))}"


def _quality_lines(head: Head, report: HeadReport) -> list[str]:
    conformal, alone = report.conformal, report.frequency_metrics
    lines = [
        "## Quality",
        "",
        f"On {report.texts} examples held out in {report.folds} parts, with 95 % intervals.",
        "",
        "| figure | value | baseline |",
        "|---|---|---|",
        *(
            f"| {metric_title(name)} | {estimate} | {_number(alone.get(name))} |"
            for name, estimate in report.metrics.items()
        ),
        "",
        "Baseline: the figure of one who knows how frequent each label is and reads no text.",
        "",
        f"Conformal sets of level {conformal.level:g} held the label of {conformal.coverage:.1%}: "
        f"{conformal.sure:.1%} one label, {conformal.not_sure:.1%} several (not sure), "
        f"{conformal.none_known:.1%} none (none of the known).",
        "",
        *(
            f"- sure of {_code(quality.label)}: {quality.sure} texts, of which "
            f"{quality.sure_right:.1%} have it"
            for quality in report.classes
            if quality.sure_right is not None
        ),
    ]
    if head.threshold is not None:
        reached = head.threshold
        lines += [
            "",
            f"Texts are flagged as {_code(head.positive or '')} from {reached.value:.4f} on, for "
            f"{reached.goal}: precision {reached.precision:.3f}, recall {reached.recall:.3f}, "
            f"{reached.flagged} of {reached.texts} flagged.",
        ]
    return lines


def _group_lines(report: HeadReport) -> list[str]:
    return [
        "## Groups",
        "",
        "A ratio is that of a share to the highest one of the column: of the share that is "
        "flagged, and of the share that is spared. The four-fifths rule of thumb for adverse "
        "impact (29 CFR 1607.4 D) looks at the better outcome: a ratio of it below "
        f"{FOUR_FIFTHS:g} needs a closer look. Groups of fewer than {SMALL} texts are uncertain.",
        "",
        "| column | group | texts | flagged | flagged ratio | spared ratio | recall | precision "
        "| |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {_cell(group.column)} | {_cell(group.group or 'none')} | {group.count} "
            f"| {group.selection_rate} | {_number(group.ratio)} | {_number(spared)} "
            f"| {_number(group.recall)} | {_number(group.precision)} "
            f"| {group_remark(group, spared)} |"
            for group, spared in zip(report.groups, report.spared_ratios, strict=True)
        ),
    ]


def _limit_lines(head: Head) -> list[str]:
    return [
        "## Use and limits",
        "",
        "- For texts like its examples: the figures are theirs. A change of the texts, of who "
        "writes them or of what is done with the result makes them void.",
        "- A probability says how often such texts had the label, not why. People decide on what "
        "matters to people.",
        "- The members, the threshold and the calibration were chosen on the examples; figures on "
        "new texts may be a little lower.",
        f"- Terms that occur in {head.card.min_texts} texts or more are kept in "
        "`head.safetensors`, names among them. Whoever reads the folder can read them.",
        *_kept_lines(head),
    ]


def unused_note(columns: Sequence[str]) -> str:
    """That columns are not used, and why.

    Args:
        columns: that were offered, as they are to be shown.
    """
    return (
        f"Not used: {', '.join(columns)}, which does not lower the log loss of held-out examples "
        "by more than chance may."
        if len(columns) == 1
        else f"Not used: {', '.join(columns)}, which do not lower the log loss of held-out "
        "examples by more than chance may."
    )


def group_remark(group: GroupQuality, spared: float | None) -> str:
    """What to beware of in the figures of a group.

    Args:
        group: a group.
        spared: ratio of its share that is not flagged.
    """
    remarks = ["flagged below four fifths"] * group.below_four_fifths
    remarks += ["spared below four fifths"] * (spared is not None and spared < FOUR_FIFTHS)
    remarks += ["few texts"] * group.small
    return ", ".join(remarks)


def _kept_lines(head: Head) -> Iterator[str]:
    if head.keeps_examples:
        yield (
            "- What single examples were turned into (vectors, or ranks of columns) is kept in "
            "`head.safetensors`, too: from it one may guess what they say. Keep the folder as you "
            "keep the examples."
        )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _code(text: str) -> str:
    return "`" + " ".join(text.split()).replace("`", "'") + "`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
