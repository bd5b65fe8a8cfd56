"""Problems that show only when data files are put together, with their positions."""

from __future__ import annotations

from collections.abc import Sequence

from metier.datafiles.parsed_file import KeyPath, ParsedFile
from metier.errors import PackError, ParameterError, Problem


def problem_in(source: ParsedFile | None, path: KeyPath, what: str) -> Problem:
    """A problem with the position of the value that it is about.

    Args:
        source: the file; None for data that was made in code, which has no positions.
        path: keys and indexes of the value.
        what: a sentence.
    """
    return Problem(what, None if source is None else source.error_position(path))


def raise_problems(problems: Sequence[Problem], subject: str) -> None:
    """Raise one error for all problems; none where there are none.

    Args:
        problems: in the order in which they are shown.
        subject: what cannot be used, such as `These rules`, where the data was made in code.

    Raises:
        PackError: there are problems in files.
        ParameterError: there are problems in data that was made in code.
    """
    if not problems:
        return
    if problems[0].position is not None:
        raise PackError.listing(problems)
    raise ParameterError(
        f"{subject} cannot be used.", why="\n".join(problem.what for problem in problems)
    )
