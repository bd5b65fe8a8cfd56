"""Checks in a new process with the same Python and path, and how its answers come back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from metier.errors import MetierError, PluginError


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of metier in a new process."""
    # -P: the folder this is called from is no part of the path unless it was
    return [sys.executable, "-P", "-m", module, *arguments]


def search_path() -> str:
    """PYTHONPATH of a process that finds what this one finds, whatever folder it runs in."""
    # what is no folder may mean something to the hook of an editable install
    entries = (
        os.path.abspath(entry) if os.path.isdir(entry or ".") else entry for entry in sys.path
    )
    return os.pathsep.join(entries)


@contextmanager
def answering() -> Iterator[Callable[[Any], None]]:
    """In the new process: a function that writes an answer as a line of JSON to standard output.

    It is the only way there: all that is printed, by whatever means, goes to standard error.
    """
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as channel:
        os.dup2(2, 1)

        def answer(value: Any) -> None:
            channel.write(json.dumps(value) + "\n")
            channel.flush()

        yield answer


_HASH_SEED = "20"
"""Sets of strings have another order in the new process than in this one."""

_SECONDS = 300
"""More than any demo takes, so that a process that waits for something is ended."""


def imported_elsewhere(names: Sequence[str], module: str) -> list[str]:
    """Every module that a process has when it has found plugins and imported a package.

    Args:
        names: of the plugins that are active there.
        module: the package.

    Raises:
        PluginError: the process failed.
    """
    modules: list[str] = _answer("imports", *names, module)
    return modules


def ran_elsewhere(name: str) -> dict[str, Any]:
    """The run records, as JSON, of the demos of a plugin run in a process of its own.

    Args:
        name: of the plugin.

    Raises:
        PluginError: the process failed.
    """
    records: dict[str, Any] = _answer("runs", name)
    return records


def _answer(*arguments: str) -> Any:
    try:
        done = subprocess.run(
            command(__name__, *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": search_path(), "PYTHONHASHSEED": _HASH_SEED},
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PluginError(f"It takes more than {_SECONDS} seconds in a new process.") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PluginError(f"It fails in a new process: {lines[-1] if lines else done.returncode}")
    if not done.stdout:
        raise PluginError("It ends the new process that runs it, with exit code 0.")
    return json.loads(done.stdout)


def _imports(names: Sequence[str], module: str) -> list[str]:
    import importlib

    from metier.plugins.host import PluginHost

    host = PluginHost(names, strict=False)
    host.provided()
    host.workflows()
    importlib.import_module(module)
    return sorted(sys.modules)


def _runs(name: str) -> dict[str, Any]:
    from metier.testing.conformance.subject import Subject

    subject = Subject.named(name)
    records = {}
    for workflow, arguments in subject.runnable.items():
        record = subject.run(workflow, arguments).record
        assert record is not None  # the contract attaches one
        records[workflow] = record.model_dump(mode="json")
    return records


def _main(what: str, *arguments: str) -> None:
    with answering() as answer:
        try:
            answer(_runs(*arguments) if what == "runs" else _imports(arguments[:-1], arguments[-1]))
        except MetierError as error:
            sys.exit(" ".join(str(error).split()))


if __name__ == "__main__":
    _main(*sys.argv[1:])
