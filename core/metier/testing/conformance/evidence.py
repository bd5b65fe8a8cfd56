"""The check of the evidence that a plugin keeps beside its domain.yaml."""

from __future__ import annotations

from pathlib import Path

from metier.errors import PluginError
from metier.evaluation.backing import AGAIN, problems_of
from metier.registry.pack import EVIDENCE
from metier.testing.conformance.check import Check, Seen, counted, judged, not_run
from metier.testing.conformance.subject import Subject


def _evidence(subject: Subject) -> Seen:
    found = _files(subject)
    if not found:
        return not_run("it keeps no evidence")
    domains = [one.domain for one in subject.domains]
    problems = (one for path in found for one in problems_of(path, domains, subject.registry))
    return judged(problems, counted(len(found), "file"))


def _files(subject: Subject) -> list[Path]:
    try:
        return sorted(subject.folder.glob(f"*{EVIDENCE}"))
    except PluginError:  # a plugin may be a single file
        return []


CHECKS = (
    Check(
        "evidence",
        f"Figures of a sweep that the package keeps (NAME{EVIDENCE}) are whole, and speak of the "
        "domain, the instructions and the settings of searches as they are now.",
        AGAIN,
        _evidence,
    ),
)
