"""The checklist that a workflow reads: that of its plugin, changed by packs and by a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from metier.datafiles.loader import read_source, validate
from metier.errors import PackError
from metier.registry.checklist import (
    Checklist,
    ChecklistChanges,
    ChecklistPart,
    ChecklistQuestion,
    changed_checklist,
)
from metier.registry.entry_changes import problem_at
from metier.registry.pack import refuse_pack

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime


def load_checklist(paths: Iterable[Path]) -> Checklist:
    """Read a checklist from one or several YAML or TOML files, in their order.

    Args:
        paths: files with `questions`, `neutral` or both, and a `group` for questions without one.

    Raises:
        PackError: a file cannot be read or breaks the schema, or together they do.
    """
    questions: list[ChecklistQuestion] = []
    neutral: list[str] = []
    for path in paths:
        source = read_source(path)
        part = validate(source, ChecklistPart)
        known = {question.id for question in questions}
        repeated = [
            problem_at(f"question {question.id} is in another file, too.", source,
                       ("questions", index))
            for index, question in enumerate(part.questions)
            if question.id in known
        ]  # fmt: skip
        if repeated:
            raise PackError.listing(repeated)
        questions += [
            question if question.group else question.model_copy(update={"group": part.group})
            for question in part.questions
        ]
        neutral += part.neutral
    return Checklist(questions=tuple(questions), neutral=tuple(dict.fromkeys(neutral)))


def domain_checklist(
    rt: Runtime,
    domain: str,
    checklist: Checklist,
    path: Path | None = None,
    *,
    key: Literal["checklist", "hypotheses"] = "checklist",
) -> Checklist:
    """A checklist as packs of its domain and a file of the user change it, the file last.

    Args:
        rt: the Runtime, with its packs.
        domain: of the workflow.
        checklist: that the domain ships.
        path: YAML or TOML file of changes: `questions` to add or to change by id, `remove`,
            `neutral`.
        key: of packs that change it.

    Raises:
        PackError: the file cannot be read, or it or a pack changes what is not there.
    """
    for origin, changes in rt.instructions.checklist_changes(domain, key):
        checklist = changed_checklist(checklist, changes, origin)
    return checklist if path is None else change_checklist(checklist, path)


def change_checklist(checklist: Checklist, path: Path) -> Checklist:
    """A checklist as a file of the user changes it.

    Args:
        checklist: that is changed.
        path: YAML or TOML file of changes, as of `domain_checklist`.

    Raises:
        PackError: the file cannot be read, is a pack, or changes what is not there.
    """
    source = read_source(path)
    refuse_pack(source, path)
    return changed_checklist(checklist, validate(source, ChecklistChanges), source)
