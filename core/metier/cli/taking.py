"""The options a command shares with others, as two arguments: `common` and `reading`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from metier.cli.inputs import READING
from metier.cli.options import Common, common_options

_ARGUMENTS = ("common", "reading")


def takes(*names: str, reading: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command options after its own, and call it with what they say.

    Args:
        names: fields of `Common`, which the command is given as `common`.
        reading: also those of `READING`, which it is given as `reading`, by name.
    """
    kinds, defaults = common_options(), asdict(Common())
    shared = {name: (kinds[name], defaults[name]) for name in names}

    def of(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def taking(**read: Any) -> Any:
            given: dict[str, Any] = {"common": Common(**{name: read.pop(name) for name in names})}
            if reading:
                given["reading"] = {name: read.pop(name) for name in READING}
            return command(**read, **given)

        own = inspect.signature(command, eval_str=True).parameters.values()
        wanted = {
            one.name: (one.annotation, one.default) for one in own if one.name not in _ARGUMENTS
        }
        wanted |= (READING if reading else {}) | shared
        # what Typer reads
        taking.__annotations__ = {name: kind for name, (kind, _) in wanted.items()}
        taking.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(
                    name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
                )
                for name, (kind, default) in wanted.items()
            ]
        )
        del taking.__wrapped__
        return taking

    return of
