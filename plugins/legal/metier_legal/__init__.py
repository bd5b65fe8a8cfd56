"""Contracts and clauses for metier. What it brings is declared in domain.yaml, but for its search
stages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from metier.plugin import hookimpl

if TYPE_CHECKING:
    from metier.plugin import SearchStage


@hookimpl
def metier_search_stages() -> Iterable[SearchStage]:
    """The stages that know types of clauses and statements about confidentiality."""
    # here: listings need none
    from metier_legal.checklists.search_stages import ClauseTypeStage, NdaStatementStage

    return [ClauseTypeStage(), NdaStatementStage()]
