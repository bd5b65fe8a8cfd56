"""The check of what a plugin makes metier import before anything runs."""

from __future__ import annotations

from collections.abc import Iterator

from metier.testing.conformance.check import Check, Seen, judged
from metier.testing.conformance.elsewhere import imported_elsewhere
from metier.testing.conformance.subject import Subject

HEAVY = (
    "torch",
    "transformers",
    "tokenizers",
    "sklearn",
    "hdbscan",
    "scipy",
    "pandas",
    "pyarrow",
    "plotly",
)
"""Packages that take a second or more to import, or most of a second."""


def _import_budget(subject: Subject) -> Seen:
    modules = imported_elsewhere(subject.names, subject.plugin.module)
    return judged(_problems(subject, modules), f"{len(modules)} modules, none of them heavy")


def _problems(subject: Subject, modules: list[str]) -> Iterator[str]:
    roots = {name.partition(".")[0] for name in modules}
    for heavy in HEAVY:
        if heavy in roots:
            yield f"It imports {heavy}."
    code = {spec.call.partition(":")[0] for spec in subject.specs.values()}
    for module in sorted(code - {subject.plugin.module}):
        if module in modules:
            yield f"It imports {module}, the code of a workflow."


CHECKS = (
    Check(
        "import-budget",
        "Finding the plugin and importing its package, as every listing and every hook does, "
        "imports no heavy library and no workflow.",
        "Import them inside the functions that use them, and keep the package's __init__.py to its "
        "hooks.",
        _import_budget,
    ),
)
