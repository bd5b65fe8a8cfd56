"""All checks of a plugin, made in a process of its own: its code may end, hold or change one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from metier.plugins import builtin
from metier.plugins.discovery import Plugin
from metier.plugins.host import PluginHost
from metier.project_file import FILE_NAME
from metier.testing.conformance.check import Verdict
from metier.testing.conformance.process import answering, command, search_path
from metier.testing.conformance.subject import Subject
from metier.testing.conformance.suite import CHECKS, judge
from metier.testing.places import own_places

_SECONDS = 600
"""Longer than any check takes, the process that one of them starts included."""

_FIX = (
    "Let no code of the plugin end its process or wait without end: raise an error of "
    "metier.errors instead."
)


def examine(subject: Subject) -> tuple[Verdict, ...]:
    """Make every check. No settings and no packs of the user or of a project are seen.

    A check in which the new process ends, or that it does not finish, has failed, and those after
    it are not run. What needs the subject's model is done in this process, once it was seen that
    nothing in the plugin ends one.
    """
    answers, ended = _answers(subject.plugin)
    verdicts = [
        Verdict(check, one["status"], tuple(one["found"]), one["fix"], one["excuse"])
        for check, one in zip(CHECKS, answers, strict=False)
    ]
    if ended:
        check, *others = CHECKS[len(verdicts) :]
        unseen = (f"the process came to its end in the check {check.name!r}",)
        verdicts += [
            Verdict(check, "failed", (ended,), fix=_FIX),
            *(Verdict(other, "not run", unseen) for other in others),
        ]
    elif subject.embedder is not None:
        verdicts = [judge(one.check, subject) if one.check.needs_model else one for one in verdicts]
    return tuple(verdicts)


def _answers(plugin: Plugin) -> tuple[list[dict[str, Any]], str]:
    """The verdicts on the first checks as JSON, and why there are no more; empty for all."""
    arguments = (plugin.distribution, plugin.version, plugin.name)
    answers: list[dict[str, Any]] = []
    overdue = threading.Event()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            command(__name__, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd=_without_project(Path(folder)),
            env=_environment(Path(folder)),
        ) as process,
    ):
        assert process.stdout is not None

        def end() -> None:
            overdue.set()
            process.kill()

        try:
            while len(answers) < len(CHECKS):
                limit = threading.Timer(_SECONDS, end)
                limit.start()
                line = process.stdout.readline()
                limit.cancel()
                if not line.endswith(b"\n"):
                    break
                answers.append(json.loads(line))
            else:
                return answers, ""
            code = process.wait()
        finally:
            process.kill()  # of all that it was asked for nothing is left
    if overdue.is_set():
        return answers, f"It is not finished after {_SECONDS} seconds."
    return answers, f"Its code ends the process that runs it, with exit code {code}."


def _without_project(folder: Path) -> Path:
    """The folder, with an empty file of a project, so that none above it is read."""
    (folder / FILE_NAME).touch()
    return folder


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("METIER_")}
    return {**kept, **own_places(folder), "PYTHONPATH": search_path()}


def _main(*key: str) -> None:
    known = (builtin.ITSELF, *PluginHost(strict=False).plugins)
    plugin = next(one for one in known if (one.distribution, one.version, one.name) == key)
    subject = Subject(plugin)
    with answering() as answer:
        for check in CHECKS:
            verdict = judge(check, subject)
            answer(
                {
                    "status": verdict.status,
                    "found": verdict.found,
                    "fix": verdict.fix,
                    "excuse": verdict.excuse,
                }
            )


if __name__ == "__main__":
    _main(*sys.argv[1:])
