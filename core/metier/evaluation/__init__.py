"""Quality measured on labeled data, and which settings are best.

Everything public is importable from here and loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.lazy_names import lazy_names

if TYPE_CHECKING:
    from metier.evaluation.evidence import Evidence, read_evidence, write_evidence
    from metier.evaluation.folder_evaluation import evaluate
    from metier.evaluation.grid import Axes
    from metier.evaluation.measurement import Measurement
    from metier.evaluation.mteb import MtebModel, MtebTask
    from metier.evaluation.settings_sweep import sweep
    from metier.evaluation.sweep_result import SweepResult

_HOMES = {
    "Axes": "metier.evaluation.grid",
    "Evidence": "metier.evaluation.evidence",
    "Measurement": "metier.evaluation.measurement",
    "MtebModel": "metier.evaluation.mteb",
    "MtebTask": "metier.evaluation.mteb",
    "SweepResult": "metier.evaluation.sweep_result",
    "evaluate": "metier.evaluation.folder_evaluation",
    "read_evidence": "metier.evaluation.evidence",
    "sweep": "metier.evaluation.settings_sweep",
    "write_evidence": "metier.evaluation.evidence",
}

__all__ = [
    "Axes",
    "Evidence",
    "Measurement",
    "MtebModel",
    "MtebTask",
    "SweepResult",
    "evaluate",
    "read_evidence",
    "sweep",
    "write_evidence",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
