"""The suite: every check in order, and the verdict on one."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from metier.errors import MetierError, close_names
from metier.plugins.output import on_stderr
from metier.testing.conformance import (
    declaration,
    evidence,
    hostile,
    imports,
    packaging,
    runs,
    signatures,
    sizes,
    splitting,
)
from metier.testing.conformance.check import Check, Seen, Verdict, in_a_line, judged, not_run
from metier.testing.conformance.failure import told
from metier.testing.conformance.subject import Subject

_EXCUSED_IN_VAIN = "Remove the excuse from conformance: in domain.yaml."

_LOOKED_AT = (
    *packaging.CHECKS,
    *declaration.CHECKS,
    *imports.CHECKS,
    *signatures.CHECKS,
    *runs.CHECKS,
    *hostile.CHECKS,
    *splitting.CHECKS,
    *sizes.CHECKS,
    *evidence.CHECKS,
)


def _excuses(subject: Subject) -> Seen:
    return judged(_problems_of_excuses(subject), ", ".join(subject.excuses) or "there are none")


def _problems_of_excuses(subject: Subject) -> Iterator[str]:
    known = [check.name for check in _LOOKED_AT]
    for name in subject.excuses:
        if name not in known:
            close = close_names(name, known, limit=1)
            hint = f" Did you mean {close[0]!r}?" if close else f" Known: {', '.join(known)}."
            yield f"There is no check {name!r} to be excused.{hint}"


CHECKS = (
    *_LOOKED_AT,
    Check(
        "excuses",
        "Every excuse names a check. One for a check that passes makes that check fail.",
        "Name the check that is meant, or remove the excuse from conformance: in domain.yaml.",
        _excuses,
    ),
)
"""Every check, in the order in which they tell most; names are unique."""


def judge(check: Check, subject: Subject) -> Verdict:
    """Make one check, and take the plugin's excuse for it into account.

    What the plugin prints goes to standard error. Nothing it raises gets out.
    """
    with on_stderr(), warnings.catch_warnings(action="ignore"):
        seen = _looked(check, subject)
        excuse = subject.excuses.get(check.name, "")
    if seen.status == "failed" and excuse:
        return Verdict(check, "excused", seen.lines, excuse=excuse)
    if seen.status == "passed" and excuse:
        line = f"It passes, and is excused all the same: {excuse}"
        return Verdict(check, "failed", (line,), fix=_EXCUSED_IN_VAIN)
    return Verdict(
        check, seen.status, seen.lines, fix=check.fix if seen.status == "failed" else None
    )


def _looked(check: Check, subject: Subject) -> Seen:
    if check.needs_code and subject.fault:
        return not_run("the plugin cannot be used: see the check 'loads'")
    try:
        return check.look(subject)
    except MetierError as error:
        return judged([in_a_line(error)], "")
    except (Exception, SystemExit) as error:  # of a plugin's code: it may be any
        return judged([told(error, subject)], "")
