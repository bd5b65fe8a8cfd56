"""The suite: every check in order, and the verdict on one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metier.close_names import did_you_mean, known_names
from metier.datafiles.project_file import FILE_NAME
from metier.errors import MetierError
from metier.plugins import builtin
from metier.plugins.discovery import Plugin
from metier.plugins.host import PluginHost
from metier.plugins.importing import on_stderr
from metier.testing.conformance import (
    declarations,
    hostile_inputs,
    packaging,
    vector_sizes,
    workflow_runs,
)
from metier.testing.conformance.check import (
    Check,
    CheckOutcome,
    Verdict,
    in_a_line,
    judged,
    not_run,
)
from metier.testing.conformance.subject import Subject, describe
from metier.testing.conformance.subprocesses import answering, command, search_path
from metier.testing.distributions import user_folders

_EXCUSED_IN_VAIN = "Remove the excuse from conformance: in domain.yaml."

_CHECKS = (
    *packaging.CHECKS,
    *declarations.CHECKS,
    *packaging.IMPORT_CHECKS,
    *workflow_runs.SIGNATURE_CHECKS,
    *workflow_runs.CHECKS,
    *hostile_inputs.CHECKS,
    *hostile_inputs.SPLITTER_CHECKS,
    *vector_sizes.CHECKS,
    *declarations.EVIDENCE_CHECKS,
)


def _excuses(subject: Subject) -> CheckOutcome:
    return judged(_problems_of_excuses(subject), ", ".join(subject.excuses) or "there are none")


def _problems_of_excuses(subject: Subject) -> Iterator[str]:
    known = [check.name for check in _CHECKS]
    for name in subject.excuses:
        if name not in known:
            hint = did_you_mean(name, known) or known_names(known)
            yield f"There is no check {name!r} to be excused. {hint}"


CHECKS = (
    *_CHECKS,
    Check(
        "excuses",
        "Every excuse names a check. One for a check that passes makes that check fail.",
        "Name the check that is meant, or remove the excuse from conformance: in domain.yaml.",
        _excuses,
    ),
)
"""Every check, in the order of the report; names are unique."""


def judge(check: Check, subject: Subject) -> Verdict:
    """Make one check, and take the plugin's excuse for it into account.

    What the plugin prints goes to standard error. Nothing it raises gets out.
    """
    with on_stderr(), warnings.catch_warnings(action="ignore"):
        outcome = _outcome(check, subject)
        excuse = subject.excuses.get(check.name, "")
    if outcome.status == "failed" and excuse:
        return Verdict(check, "excused", outcome.lines, excuse=excuse)
    if outcome.status == "passed" and excuse:
        line = f"It passes, and is excused all the same: {excuse}"
        return Verdict(check, "failed", (line,), fix=_EXCUSED_IN_VAIN)
    return Verdict(
        check, outcome.status, outcome.lines, fix=check.fix if outcome.status == "failed" else None
    )


def _outcome(check: Check, subject: Subject) -> CheckOutcome:
    if check.needs_code and subject.fault:
        return not_run("the plugin cannot be used: see the check 'loads'")
    try:
        return check.look(subject)
    except MetierError as error:
        return judged([in_a_line(error)], "")
    except (Exception, SystemExit) as error:  # of a plugin's code: it may be any
        return judged([describe(error, subject)], "")


_SECONDS = 600
"""More than any check takes, the process that one of them starts included."""

_FIX = (
    "Let no code of the plugin end its process or wait without end: raise an error of "
    "metier.errors instead."
)


def examine(subject: Subject) -> tuple[Verdict, ...]:
    """Make every check, without settings and packs of the user or of a project.

    A check in which the new process ends, or that it does not finish, has failed, and those after
    it are not run. Checks that need the subject's model run in this process, after it is clear that
    nothing in the plugin ends one.
    """
    answers, ended = _answers(subject.plugin)
    verdicts = [
        Verdict(check, answer["status"], tuple(answer["lines"]), answer["fix"], answer["excuse"])
        for check, answer in zip(CHECKS, answers, strict=False)
    ]
    if ended:
        check, *others = CHECKS[len(verdicts) :]
        unseen = (f"the process came to its end in the check {check.name!r}",)
        verdicts += [
            Verdict(check, "failed", (ended,), fix=_FIX),
            *(Verdict(other, "not run", unseen) for other in others),
        ]
    elif subject.embedder is not None:
        verdicts = [
            judge(verdict.check, subject) if verdict.check.needs_model else verdict
            for verdict in verdicts
        ]
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
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("METIER_")
    }
    return {**inherited, **user_folders(folder), "PYTHONPATH": search_path()}


def _main(*key: str) -> None:
    known = (builtin.ITSELF, *PluginHost(strict=False).plugins)
    plugin = next(
        plugin for plugin in known if (plugin.distribution, plugin.version, plugin.name) == key
    )
    subject = Subject(plugin)
    with answering() as answer:
        for check in CHECKS:
            verdict = judge(check, subject)
            answer(
                {
                    "status": verdict.status,
                    "lines": verdict.lines,
                    "fix": verdict.fix,
                    "excuse": verdict.excuse,
                }
            )


if __name__ == "__main__":
    _main(*sys.argv[1:])
