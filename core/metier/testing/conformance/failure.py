"""What a plugin's code raised, in one line with the place."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

from metier.errors import MetierError, PluginError
from metier.testing.conformance.check import in_a_line
from metier.testing.conformance.subject import Subject


def told(error: BaseException, subject: Subject) -> str:
    """What was raised and where: the last line in the plugin's folder, else the last one."""
    if isinstance(error, MetierError):
        return in_a_line(error)
    said = " ".join(f"{type(error).__name__}: {error}".split())
    frames = traceback.extract_tb(error.__traceback__)
    for frame in (_own(frames, subject) or frames)[-1:]:
        return f"{said[:300]} ({frame.filename}:{frame.lineno})"
    return said[:300]


def _own(
    frames: Sequence[traceback.FrameSummary], subject: Subject
) -> list[traceback.FrameSummary]:
    try:
        folder = subject.folder
    except PluginError:  # a plugin may be a single file
        return []
    return [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
