"""What a plugin's code raised, in one line with the place."""

from __future__ import annotations

import traceback
from pathlib import Path

from metier.errors import MetierError
from metier.testing.conformance.check import in_a_line


def told(error: BaseException, folder: Path) -> str:
    """What was raised and where: the last line in the plugin's folder, else the last one.

    Args:
        error: that was raised.
        folder: of the plugin's package.
    """
    if isinstance(error, MetierError):
        return in_a_line(error)
    said = " ".join(f"{type(error).__name__}: {error}".split())
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
    for frame in (own or frames)[-1:]:
        return f"{said[:300]} ({frame.filename}:{frame.lineno})"
    return said[:300]
