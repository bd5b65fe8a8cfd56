"""Weights of search stages on the command line, and the stages of plugins in its help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metier.errors import ParameterError
from metier.retrieval.stages.stage import SearchPhase
from metier.retrieval.stages.table import STAGES, Stages

METAVAR = "STAGE=W"
"""Of an option that takes weights; by it its help is known."""


def name_stages(stages: Stages = STAGES) -> str:
    """The stages that have a weight, for people."""
    *names, last = [name for name, stage in stages.items() if stage.phase is not SearchPhase.RERANK]
    return f"{', '.join(names)} or {last}"


def name_tried(stages: Stages = STAGES) -> str:
    """The weights that a sweep tries by itself, as they would be given."""
    return "; ".join(
        f"{name}={', '.join(f'{weight:g}' for weight in stage.tried)}"
        for name, stage in stages.items()
        if stage.tried
    )


def add_stages_of_plugins(parameters: Sequence[Any]) -> None:
    """Name the stages of plugins in the help of options that take weights.

    Plugin code is imported if there is such an option.
    """
    weights = [option for option in parameters if getattr(option, "metavar", None) == METAVAR]
    if not weights:
        return
    from metier.plugins.host import PluginHost

    stages = PluginHost().search_stages()
    for parameter in weights:
        text = (parameter.help or "").replace(name_stages(), name_stages(stages))
        parameter.help = text.replace(name_tried(), name_tried(stages))


def parse_weights(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Stages with their weights, such as `lexical=0.25`.

    Raises:
        ParameterError: a text is no weight of a stage.
    """
    weights = []
    for text in texts:
        stage, _, weight = text.partition("=")
        try:
            weights.append((stage.strip(), float(weight)))
        except ValueError:
            raise ParameterError(
                f"--weight {text!r} is no weight of a stage.", fix="Write STAGE=W: lexical=0.25."
            ) from None
    return weights
