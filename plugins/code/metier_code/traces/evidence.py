"""What a report says of each definition of a tree, apart from what its words mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from metier_code.traces.error_messages import MessageTemplates
from metier_code.traces.frame_matching import FrameMatch, match_frame
from metier_code.traces.mentions import NameMentions
from metier_code.traces.reading import Report
from metier_code.traces.trace import Trace
from metier_code.traces.tree_definitions import TreeDefinitions

ROLE_WEIGHTS = {"failure": 1.0, "wrapper": 0.5, "background": 0.2}
"""How much the frames of a trace count, by its role."""
_LAST_RANK = 10
"""Frames from which on each counts as the tenth (BRTracer, Wong et al. 2014)."""
_UNSURE = {"name": 0.7, "file": 0.5}
"""How much a frame counts that was not matched by its line or its file."""


@dataclass(frozen=True, slots=True)
class MatchedTrace:
    """A trace with what its frames are in the tree.

    Attributes:
        trace: of a report.
        frames: the one that raised the error comes first.
    """

    trace: Trace
    frames: tuple[FrameMatch, ...]


@dataclass(slots=True)
class Evidence:
    """What a report says of one definition.

    Attributes:
        scores: from 0 to 1, by the kind of evidence: `frames`, `message`, `name`.
        reasons: the same in words, the strongest first.
        lines: lines of its file that frames of a trace name, the innermost first.
    """

    scores: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    reasons: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


class EvidenceReader:
    """Reads what reports say of the definitions of a tree.

    Args:
        tree: that the reports are of.
    """

    def __init__(self, tree: TreeDefinitions) -> None:
        self._tree = tree
        self._templates = MessageTemplates(tree)
        self._mentions = NameMentions(tree)

    def matched_traces(self, report: Report) -> tuple[MatchedTrace, ...]:
        """The traces of a report with the definitions that their frames are in."""
        return tuple(
            MatchedTrace(trace, tuple(match_frame(frame, self._tree) for frame in trace.frames))
            for trace in report.traces
        )

    def evidence(self, report: Report, traces: Sequence[MatchedTrace]) -> dict[int, Evidence]:
        """What a report says, by the positions of definitions.

        Args:
            report: as it was read.
            traces: those of the report.
        """
        evidence: dict[int, Evidence] = defaultdict(Evidence)
        for number, matched in enumerate(traces, start=1):
            self._add_frames(evidence, matched, number if len(traces) > 1 else None)
        messages = [trace.message for trace in report.traces if trace.message]
        for position, match in self._templates.matches(messages, report.prose).items():
            item = evidence[position]
            item.scores["message"] = match.score
            verb = "raises or reports" if match.template.raised else "holds"
            item.reasons.append(f'{verb} this message: "{match.template.shown}"')
        for position, (score, name) in self._mentions.scores(report.prose).items():
            evidence[position].scores["name"] = score
            evidence[position].reasons.append(f"the report names {name}")
        return evidence

    def _add_frames(
        self, evidence: dict[int, Evidence], matched: MatchedTrace, number: int | None
    ) -> None:
        """Weigh the frames of a trace by 1 / rank among those that are in the tree."""
        rank = 0
        for position, match in enumerate(matched.frames, start=1):
            if not match.in_tree:
                continue
            rank += 1
            score = ROLE_WEIGHTS[matched.trace.role] / min(rank, _LAST_RANK)
            score *= _UNSURE.get(match.how, 1.0) / max(len(match.paths), 1)
            for index in match.definitions:
                item = evidence[index]
                item.reasons.append(_frame_reason(match, matched.trace, position, number))
                item.scores["frames"] = max(item.scores["frames"], score)
                line = match.frame.line
                if line and self._tree.definitions[index].holds(line):
                    item.lines.append(line)


def frames_outside(traces: Iterable[MatchedTrace]) -> list[FrameMatch]:
    """The frames that are in no file of the tree."""
    return [match for trace in traces for match in trace.frames if not match.in_tree]


def _frame_reason(match: FrameMatch, trace: Trace, position: int, number: int | None) -> str:
    """Why a definition is that of a frame, for people."""
    which = f"trace {number}" if number is not None else "the trace"
    reason = f"frame {position} of {which}"
    if trace.error:
        reason += f" ({trace.error.rpartition('.')[2] or trace.error})"
    if match.how in ("name in file", "name"):
        reason += ", by its name" if match.how == "name" else ", by its name: the line is elsewhere"
    elif match.how == "code":
        reason += ", by the code that it shows"
    elif match.how == "file":
        reason += ", by the line alone"
    if len(match.paths) > 1:
        reason += f", or another of {len(match.paths)} files"
    return reason
