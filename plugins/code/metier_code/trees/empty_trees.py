"""Errors of trees in which there is nothing to work on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metier import LeftOut
from metier.plugin import InputError
from metier_code.parsing.languages import languages

_MOST_NAMED = 5


def no_sources(paths: Sequence[Path], left_out: Sequence[LeftOut]) -> InputError:
    """The error of paths without a source in a language that is read.

    Args:
        paths: as they were given.
        left_out: what was not read there, with the reasons.
    """
    return _nothing("sources", paths, left_out)


def no_functions(paths: Sequence[Path], left_out: Sequence[LeftOut]) -> InputError:
    """The error of sources without a definition; the arguments are those of `no_sources`."""
    return _nothing("functions", paths, left_out)


def nothing_indexed(paths: Sequence[Path], changed: Sequence[str]) -> InputError:
    """The error of an index that holds nothing, such as one whose first build was killed.

    Args:
        paths: as they were given.
        changed: names of sources that the index does not hold as they are.
    """
    shown = ", ".join(repr(str(path)) for path in paths)
    return InputError(
        f"The index holds nothing of {shown} yet.",
        why=f"Sources that it lacks: {len(changed):,}. "
        "It may not be built now: $update is 'never'.",
        fix="Build it with code/index, or leave $update out.",
        parameters={"update": ...},
    )


def _nothing(noun: str, paths: Sequence[Path], left_out: Sequence[LeftOut]) -> InputError:
    shown = ", ".join(repr(str(path)) for path in paths)
    not_read = ", ".join(str(entry) for entry in left_out[:_MOST_NAMED])
    return InputError(
        f"There are no {noun} in {shown}.",
        why=f"Languages read: {', '.join(sorted(languages()))}."
        + (f" Not read: {not_read}." if not_read else ""),
        fix="Give the path of a source tree in one of them: $path",
        parameters={"path": ...},
    )
