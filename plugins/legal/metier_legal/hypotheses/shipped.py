"""The hypotheses about nondisclosure agreements that the plugin ships."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from metier.plugin import Checklist, load_checklist

_FOLDER = Path(str(files("metier_legal") / "checklists" / "nda"))
_FILES = ("information", "disclosure", "use", "end", "neutral")


@cache
def shipped_hypotheses() -> Checklist:
    """The 17 hypotheses: examples entail what a description says, and contrasts contradict it."""
    return load_checklist(_FOLDER / f"{name}.yaml" for name in _FILES)


def subjects_of(hypotheses: Checklist) -> Checklist:
    """A checklist that asks for the subjects of hypotheses, whatever is said of them."""
    questions = tuple(
        hypothesis.model_copy(
            update={"examples": (*hypothesis.examples, *hypothesis.contrasts), "contrasts": ()}
        )
        for hypothesis in hypotheses.questions
    )
    return hypotheses.model_copy(update={"questions": questions})
