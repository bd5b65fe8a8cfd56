"""What a whole process shares, kept as it is while the code of a plugin is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from metier.errors import warn_caller


class _State(NamedTuple):
    """Something that code can change for the whole process.

    Attributes:
        name: for people.
        read: gives its value; None where it has none.
        write: sets it to a value that was read.
    """

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object]


def _folder() -> str | None:
    with suppress(OSError):  # it may have been removed
        return os.getcwd()
    return None


def _of_loaded(module: str, read: Callable[[Any], Any], at_first: Any) -> Callable[[], Any]:
    """Reads a value of a library, which is `at_first` before the library is loaded."""

    def value() -> Any:
        library = sys.modules.get(module)
        return at_first if library is None else read(library)

    return value


def _set_device(device: str) -> None:
    torch = sys.modules["torch"]
    torch.set_default_device(None if device == "cpu" else device)


_STATES = (
    _State("the working directory", _folder, os.chdir),
    _State("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    _State(
        "what numpy does at floating-point errors",
        _of_loaded(
            "numpy",
            lambda numpy: numpy.geterr(),
            {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"},
        ),
        lambda errors: sys.modules["numpy"].seterr(**errors),
    ),
    _State(
        "the default number format of torch",
        _of_loaded("torch", lambda torch: str(torch.get_default_dtype()), "torch.float32"),
        lambda dtype: sys.modules["torch"].set_default_dtype(
            getattr(sys.modules["torch"], dtype.removeprefix("torch."))
        ),
    ),
    _State(
        "the default device of torch",
        _of_loaded("torch", lambda torch: str(torch.get_default_device()), "cpu"),
        _set_device,
    ),
)
"""States on which paths and results depend."""


@contextmanager
def kept_process_state(origin: str) -> Iterator[None]:
    """Set back what code in this context changes for the whole process.

    Args:
        origin: of the code, for the warning.

    Warns:
        MetierWarning: something was changed.
    """
    before = [state.read() for state in _STATES]
    try:
        yield
    finally:
        changed = []
        for state, value in zip(_STATES, before, strict=True):
            if value is not None and state.read() != value:
                state.write(value)
                changed.append(state.name)
        if changed:
            warn_caller(
                f"The import of {origin} changed {' and '.join(changed)} for the whole process. "
                "It was set back."
            )
