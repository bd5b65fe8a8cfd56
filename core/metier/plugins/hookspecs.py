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
    """Specifications: a plugin module implements any of them, marked with `metier.hookimpl`."""

    @hookspec
    def metier_domains(self) -> Iterable[Domain]:  # type: ignore[empty-body]
        """Domains made in code. A plugin with a `domain.yaml` does not need this hook."""

    @hookspec
    def metier_model_families(self) -> Iterable[ModelFamily]:  # type: ignore[empty-body]
        """New kinds of models. A plugin's family is asked before the built-in ones."""

    @hookspec
    def metier_readers(self) -> Iterable[Reader]:  # type: ignore[empty-body]
        """File kinds that workflows can take as input."""

    @hookspec
    def metier_before_send(  # type: ignore[empty-body]
        self, texts: Sequence[str], destination: str
    ) -> Sequence[str]:
        """Guard texts about to leave the machine: return them, changed, in the same number.

        Raise a MetierError to stop them. Guards run one after the other, each on what the one
        before it returned.
        """

    @hookspec
    def metier_run_finished(self, record: RunRecord) -> None:
        """A workflow run ended well; the record holds no texts."""
