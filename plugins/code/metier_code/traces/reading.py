"""The stack traces in a report."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from metier_code.traces.formats import LanguageFormat, LinePattern, trace_formats
from metier_code.traces.report_lines import plain_report, report_lines
from metier_code.traces.trace import Frame, Role, Trace

MOST_FRAMES = 2_000
"""Frames of a report that are read; recursion repeats them."""
_GAP = 14
"""Lines between two frames of a trace at most: code, variables and marks stand there."""
_BEFORE = 30
"""Lines from the name of an error to the first of its frames at most: its message."""
_LONGEST_MESSAGE = 500
_ERROR = frozenset({"error", "message"})
"""Groups that say what happened."""


@dataclass(slots=True)
class _Header:
    """The name of an error that comes before its frames."""

    number: int
    format: LanguageFormat
    error: str
    message: str
    role: Role = "failure"
    raised: Frame | None = None


@dataclass(slots=True)
class _Head:
    """The first line of a frame of two."""

    number: int
    format: LanguageFormat
    groups: dict[str, str]


@dataclass(slots=True)
class _OpenTrace:
    """A trace that more frames may belong to."""

    format: LanguageFormat
    role: Role
    error: str = ""
    message: str = ""
    raised: Frame | None = None
    frames: list[Frame] = field(default_factory=list)
    number: int = 0
    column: int = 0
    shows_code: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report, read.

    Attributes:
        traces: in their order.
        prose: the other lines, without the codes of terminals.
    """

    traces: tuple[Trace, ...]
    prose: str


def read_traces(report: str) -> tuple[Trace, ...]:
    """Find the stack traces in a text, in their order.

    Args:
        report: an issue, a mail, a log or the output of a terminal.
    """
    return read_report(report).traces


def read_report(report: str) -> Report:
    """Divide a text into stack traces and the lines outside of them."""
    reader = _Reader()
    prose = [line for line in report_lines(plain_report(report)) if not reader.read(line)]
    return Report(reader.finish(), "\n".join(prose).strip())


class _Reader:
    """Puts lines together to traces."""

    def __init__(self) -> None:
        self._formats = trace_formats()
        self._traces: list[Trace] = []
        self._open: _OpenTrace | None = None
        self._headers: dict[str, _Header] = {}
        self._heads: dict[str, _Head] = {}
        self._next_role: Role = "failure"
        self._starts: set[str] = set()
        self._frames = 0
        self._number = 0
        self._awaits_message: _Header | None = None

    def read(self, line: str) -> bool:
        """Take the next line; whether it belongs to a trace."""
        self._number += 1
        start = self._formats.content_start(line)
        if self._awaits_message is not None:
            self._awaits_message.message = line[start:].strip()[:_LONGEST_MESSAGE]
            self._awaits_message = None
            return True
        for pattern in self._formats.patterns_of(line):
            if self._is_tried(pattern) and (match := pattern.match(line, start)):
                groups = {name: text.strip() for name, text in match.groupdict().items() if text}
                if self._take(pattern, groups, start):
                    return True
        return self._take_code(line, start)

    def finish(self) -> tuple[Trace, ...]:
        """The traces of the lines that were read."""
        self._close()
        for header in list(self._headers.values()):
            self._close_header(header)
        return tuple(self._traces)

    def _is_tried(self, pattern: LinePattern) -> bool:
        """Errors after frames are named by words that could stand anywhere else."""
        if pattern.line.kind != "error" or pattern.language.error == "before":
            return True
        trace = self._open
        return trace is not None and trace.format is pattern.language

    def _take(self, pattern: LinePattern, groups: dict[str, str], column: int) -> bool:
        """Take what a line matches; whether it can be nothing else."""
        kind = pattern.line.kind
        if kind == "head":
            self._heads[pattern.line.name] = _Head(self._number, pattern.language, groups)
        elif kind == "rest":
            return self._complete(pattern, groups, column)
        elif kind == "start":
            self._start(pattern)
        elif kind == "error" and pattern.language.error == "before":
            self._take_header(pattern, groups)
        elif kind == "error":
            return self._take_error(pattern, groups, column)
        elif kind == "frame":
            self._add(pattern, groups, column)
        return kind in ("start", "frame", "note")

    def _start(self, pattern: LinePattern) -> None:
        follows = pattern.line.next
        if follows == "cause" and self._traces:
            self._close()
            self._traces[-1] = replace(self._traces[-1], role="wrapper")
        self._close()
        if follows == "effect":
            self._next_role = "wrapper"
        elif follows == "background" and pattern.line.name in self._starts:
            self._next_role = "background"
        self._starts.add(pattern.line.name)

    def _take_header(self, pattern: LinePattern, groups: dict[str, str]) -> None:
        """Keep the name of an error until its frames come."""
        language = pattern.language.language
        earlier = self._headers.get(language)
        if earlier is not None:
            if earlier.number == self._number:
                return  # a format that is listed earlier understands more of the line
            self._close_header(earlier)
        follows, trace = pattern.line.next, self._open
        if follows == "cause" and trace is not None and trace.format.language == language:
            trace.role = "wrapper"
        header = self._headers[language] = _Header(
            self._number,
            pattern.language,
            groups.get("error", ""),
            groups.get("message", "")[:_LONGEST_MESSAGE],
            "background" if follows == "background" else "failure",
            _frame(language, groups) if "path" in groups else None,
        )
        if pattern.line.message == "below":
            self._awaits_message = header

    def _take_error(self, pattern: LinePattern, groups: dict[str, str], column: int) -> bool:
        """Take the name of an error that comes after its frames."""
        trace = self._open
        assert trace is not None
        is_anywhere = pattern.line.holds == ("",)
        if is_anywhere:
            may_be_code = self._number == trace.number + 1 and column == trace.column
            if column > trace.column or may_be_code:
                return False
        trace.error = trace.error or groups.get("error", "")
        trace.message = trace.message or groups.get("message", "")[:_LONGEST_MESSAGE]
        if is_anywhere:
            self._close()
        return True

    def _complete(self, pattern: LinePattern, groups: dict[str, str], column: int) -> bool:
        """The second line of a frame with its first, if that is near."""
        completes = pattern.line.completes
        heads = [
            head
            for name, head in self._heads.items()
            if head.format is pattern.language
            and completes in (name, "*")
            and self._number - head.number <= pattern.line.within
        ]
        head = max(heads, key=lambda head: head.number, default=None)
        if head is None and "path" not in groups:
            return False
        self._add(pattern, {**(head.groups if head else {}), **groups}, column)
        return True

    def _add(self, pattern: LinePattern, groups: dict[str, str], column: int) -> None:
        """Add a frame to the open trace, or to a new one where it begins that."""
        if self._frames >= MOST_FRAMES:
            return
        trace = self._open
        if trace is None or self._begins_trace(trace, pattern, groups):
            trace = self._begin_trace(pattern, groups)
        frame = _frame(pattern.language.language, groups)
        trace.number, trace.column = self._number, column
        trace.shows_code = pattern.line.code == "below"
        if not trace.frames or trace.frames[-1] != frame:
            trace.frames.append(frame)
            self._frames += 1
        trace.error = trace.error or groups.get("error", "")
        trace.message = trace.message or groups.get("message", "")[:_LONGEST_MESSAGE]

    def _begins_trace(
        self, trace: _OpenTrace, pattern: LinePattern, groups: dict[str, str]
    ) -> bool:
        """Whether a frame belongs to another trace than the one that is open."""
        header = self._headers.get(pattern.language.language)
        return (
            trace.format is not pattern.language
            or (pattern.language.error == "before" and not groups.keys().isdisjoint(_ERROR))
            or (header is not None and header.number > trace.number)
            or groups.get("index") == "0"
            or self._number - trace.number > max(_GAP, pattern.line.within)
        )

    def _begin_trace(self, pattern: LinePattern, groups: dict[str, str]) -> _OpenTrace:
        language = pattern.language.language
        is_another = self._open is not None and self._open.format is pattern.language
        self._close()
        trace = self._open = _OpenTrace(pattern.language, self._next_role)
        self._next_role = "failure"
        header = self._headers.pop(language, None)
        if header is not None and self._number - header.number <= _BEFORE:
            trace.error, trace.message, trace.raised = header.error, header.message, header.raised
            if header.role == "background":
                trace.role = "background"
        elif is_another and groups.get("index") == "0":
            trace.role = "background"  # who allocated what was used, another thread
        return trace

    def _take_code(self, line: str, start: int) -> bool:
        """Keep the line of source that stands below a frame; whether it is one."""
        trace = self._open
        if trace is None or not trace.shows_code or self._number != trace.number + 1:
            return False
        if start <= trace.column:
            return False
        trace.frames[-1] = replace(trace.frames[-1], code=line[start:].strip())
        return True

    def _close(self) -> None:
        """End the open trace."""
        trace, self._open = self._open, None
        if trace is None:
            return
        frames = trace.frames[::-1] if trace.format.innermost == "last" else trace.frames
        if trace.format.names == "callee":
            frames = _named_by_caller(frames, trace.raised)
        elif trace.raised is not None and not _is_among(trace.raised, frames):
            frames = [trace.raised, *frames]
        self._traces.append(
            Trace(trace.format.language, tuple(frames), trace.error, trace.message, trace.role)
        )

    def _close_header(self, header: _Header) -> None:
        """End what names an error without any frames; it is a trace if it says where it was."""
        del self._headers[header.format.language]
        if header.raised is not None:
            trace = Trace(
                header.format.language, (header.raised,), header.error, header.message, header.role
            )
            self._traces.append(trace)


def _frame(language: str, groups: dict[str, str]) -> Frame:
    return Frame(
        language=language,
        path=groups.get("path", ""),
        line=int(groups["line"]) if "line" in groups else None,
        column=int(groups["column"]) if "column" in groups else None,
        function=groups.get("function", ""),
    )


def _named_by_caller(frames: list[Frame], raised: Frame | None) -> list[Frame]:
    """Frames that name what their line calls, as frames that name what holds their line."""
    if raised is not None and raised.function:
        return [raised, *_named_by_caller(frames, None)]
    lines = [*([raised] if raised is not None else []), *frames]
    names = [*(frame.function for frame in frames), ""]
    if raised is None:
        names = names[1:]
    return [replace(frame, function=name) for frame, name in zip(lines, names, strict=False)]


def _is_among(raised: Frame, frames: list[Frame]) -> bool:
    """Whether a frame of a trace has the line where the error was raised."""
    path = re.sub(r"^\./", "", raised.path)
    return any(frame.line == raised.line and frame.path.endswith(path) for frame in frames)
