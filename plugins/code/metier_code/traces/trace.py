"""Stack traces as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["failure", "wrapper", "background"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a stack trace, as it is written there.

    Attributes:
        language: of the trace.
        path: of the source, on the machine where the program ran; empty where none is named.
        line: in the source, from 1; None where none is named.
        column: from 1; None where none is named.
        function: as the language writes it; empty where none is named.
        code: the line of the source where the trace shows it; else empty.
    """

    language: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    function: str = ""
    code: str = ""

    def __str__(self) -> str:
        position = self.path if self.line is None else f"{self.path}:{self.line}"
        return (
            f"{self.function} ({position})"
            if self.function and position
            else (self.function or position)
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """A stack trace of one error.

    Attributes:
        language: whose format it has.
        frames: the one that raised the error comes first.
        error: kind of the error, such as `ValueError`; empty where none is named.
        message: of the error.
        role: `failure`; `wrapper` where another trace of the text is of the error that caused this
            one; `background` for what ran beside the failure, such as other threads.
    """

    language: str
    frames: tuple[Frame, ...]
    error: str = ""
    message: str = ""
    role: Role = "failure"
