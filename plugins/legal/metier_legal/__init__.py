"""Contracts and clauses for metier. What it brings is declared in domain.yaml, but for its search
stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from metier.plugin import hookimpl

if TYPE_CHECKING:
    from metier.plugin import SearchStage


@hookimpl
def metier_search_stages() -> Iterable[SearchStage]:
    """The stage that knows types of clauses."""
    from metier_legal.checklists.search_stage import ClauseTypeStage  # here: listings need none

    return [ClauseTypeStage()]
