"""The hooks a plugin may implement. Each returns typed objects; none takes a callback."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from metier.models.family import ModelFamily
    from metier.registry.domain import Domain
    from metier.texts.reader import Reader
    from metier.workflows.record import RunRecord

PROJECT = "metier"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """Specifications: a plugin module implements any of them, marked with `metier.hookimpl`.

    Plugins are asked in the order of their names, metier itself last.
    """

    @hookspec
    def metier_domains(self) -> Iterable[Domain]:  # type: ignore[empty-body]
        """Domains made in code; asked at once, and only of a plugin without a `domain.yaml`."""

    @hookspec
    def metier_model_families(self) -> Iterable[ModelFamily]:  # type: ignore[empty-body]
        """New kinds of models. A plugin's family is asked before the built-in ones."""

    @hookspec
    def metier_readers(self) -> Iterable[Reader]:  # type: ignore[empty-body]
        """File kinds that workflows can take as input. For a suffix that two know, the plugin's
        reader wins over the built-in one, and among plugins the first by name."""

    @hookspec
    def metier_before_send(  # type: ignore[empty-body]
        self, texts: Sequence[str], destination: str
    ) -> Sequence[str]:
        """Guard texts about to leave the machine: return them, changed, in the same number.

        Raise a MetierError to stop them. Guards run one after the other, each on what the one
        before it returned. Nothing is sent while a plugin is broken: it could be a guard.
        """

    @hookspec
    def metier_run_finished(self, record: RunRecord) -> None:
        """A workflow run ended well; the record holds no texts. If it raises, the run's result
        is kept and a MetierWarning says so."""
