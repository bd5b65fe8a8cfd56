"""The exception tree of metier. Nothing here imports anything of metier.

    MetierError                 anything metier refuses or fails at; the command line exits with 1
    ├── UsageError              the call itself is wrong; the command line exits with 2
    │   ├── UnknownNameError    no such instruction, workflow, domain ...; suggests close names
    │   ├── ParameterError      a parameter has a value it cannot have
    │   └── DimError            a vector dimension the loaded model cannot give
    ├── InputError              texts or files that cannot be used
    ├── ModelError              a model cannot be found, read or run
    │   ├── ModelNotFoundError
    │   └── CheckpointError
    ├── PackError               a domain.yaml or instruction pack breaks the schema
    ├── PluginError             a plugin cannot be loaded, or two collide
    └── MissingExtraError       an optional dependency is not installed

Every error says what failed, why it usually does, and what to do next.
"""

from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Iterable
from types import FrameType
from typing import Any


class MetierError(Exception):
    """Base of all errors metier raises on purpose.

    Args:
        what: one sentence that says what failed, names quoted.
        why: the usual cause, if there is more to say than `what`.
        fix: what to do or type next.
    """

    exit_code = 1

    def __init__(self, what: str, *, why: str | None = None, fix: str | None = None) -> None:
        self.what = what
        self.why = why
        self.fix = fix
        super().__init__("\n".join(part for part in (what, why, fix) if part))

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls the class with the finished message, which subclasses refuse
        return _restored, (type(self), self.args, self.__dict__)


class UsageError(MetierError):
    """The call is wrong: a name, an option or a value the caller has to change."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name nobody registered. The message lists close names, or a few known ones."""

    def __init__(
        self, kind: str, name: str, known: Iterable[str], *, fix: str | None = None
    ) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(
            f"There is no {kind} {name!r}.", why=_known_names(name, self.known), fix=fix
        )


class ParameterError(UsageError):
    """A parameter of a workflow or a call has a value it cannot have."""


class DimError(UsageError):
    """A vector dimension the loaded model cannot give."""


class InputError(MetierError):
    """Texts or files that cannot be used as they are."""


class ModelError(MetierError):
    """A model cannot be found, read or run."""


class ModelNotFoundError(ModelError):
    """No model of that name can be had on this machine."""


class CheckpointError(ModelError):
    """A model folder is there but incomplete, damaged or of a kind metier does not run."""


class PackError(MetierError):
    """A domain.yaml or instruction pack breaks the schema."""


class PluginError(MetierError):
    """A plugin cannot be loaded, or two of them collide."""


class MissingExtraError(MetierError):
    """An optional dependency is needed and not installed."""

    def __init__(self, purpose: str, extra: str, package: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed.",
            fix=f"Install it with: pip install 'metier[{extra}]'",
        )


class MetierWarning(UserWarning):
    """Something the caller should know: a cut text, a dimension the model was not trained for."""


def warn_caller(message: str) -> None:
    """Warn with a `MetierWarning` that names the line outside of metier which led here."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _is_ours(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, MetierWarning, stacklevel=level)


def _is_ours(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", ""))
    return name.partition(".")[0] == "metier" or name == "contextlib"  # our `with` leads through it


def _restored(kind: type[MetierError], args: tuple[Any, ...], state: dict[str, Any]) -> MetierError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def close_names(
    name: str, known: Iterable[str], limit: int = 3, *, cutoff: float = 0.55
) -> list[str]:
    """Known names that look like `name`, best first.

    Args:
        name: as somebody wrote it.
        known: names; what follows the last slash is compared, too.
        limit: at most this many.
        cutoff: the least similarity, from 0 to 1 (`difflib.SequenceMatcher.ratio`).
    """
    candidates = list(known)
    close = difflib.get_close_matches(name, candidates, n=limit, cutoff=cutoff)
    tails = {candidate.rpartition("/")[2]: candidate for candidate in candidates}
    tail = name.rpartition("/")[2]
    for match in difflib.get_close_matches(tail, tails, n=limit, cutoff=max(cutoff, 0.6)):
        if tails[match] not in close:
            close.append(tails[match])
    return close[:limit]


def _known_names(name: str, known: tuple[str, ...]) -> str:
    if not known:
        return "None is registered: is the plugin or pack that brings it installed?"
    close = close_names(name, known)
    if close:
        return "Did you mean " + " or ".join(repr(candidate) for candidate in close) + "?"
    shown = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    return f"Known: {shown}."
