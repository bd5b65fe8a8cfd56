"""Financial risk assessment for metier. What it brings is declared in domain.yaml, but for its
search stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from metier.plugin import hookimpl

if TYPE_CHECKING:
    from metier.plugin import SearchStage


@hookimpl
def metier_search_stages() -> Iterable[SearchStage]:
    """The stage that knows rows of tables."""
    from metier_finance.line_items import LineItemStage  # here: listings need none

    return [LineItemStage()]
