"""A search workflow that is asked again: what it searches is prepared once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metier.steps.searching import PreparedSearch, watch_searches

if TYPE_CHECKING:
    from metier.indexing.search_options import SearchOptions
    from metier.results.result import Result
    from metier.runtime.runtime import Runtime
    from metier.workflows.contract import Workflow

_TOP_K, _RERANK = "top_k", "rerank"

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


def kept_between_queries() -> dict[Hashable, Any]:
    """What a workflow keeps from one query to the next, by keys that are its own.

    Where the workflow is asked again, as in `metier shell`, it gets the same dictionary each time,
    until another of its parameters changes. In a run of its own it gets an empty one.
    """
    kept = _kept.get()
    return {} if kept is None else kept


class RepeatedSearch:
    """A workflow with a parameter `query`, for one query after another.

    Where the workflow returns what `search_passages` gives for its own query, as it is, the
    passages are read, divided, embedded and indexed for the first query only, and each result is
    that of a run of its own, with its record. Any other workflow runs as a whole each time, and may
    keep what it opens, see `kept_between_queries`.

    Attributes:
        is_prepared: whether the next query searches what an earlier one has prepared.
    """

    def __init__(self, rt: Runtime, workflow: Workflow[Any], values: Mapping[str, Any]) -> None:
        """Begin without running anything.

        Args:
            rt: runs the workflow.
            workflow: with a parameter `query`.
            values: of its other parameters.
        """
        self._rt = rt
        self._workflow: Workflow[Any] = workflow.wrapped_in(self._run)
        self._values = dict(values)
        self._parameters = {parameter.name: parameter for parameter in workflow.parameters}
        self._prepared: tuple[PreparedSearch, SearchOptions] | None = None
        self._kept: dict[Hashable, Any] = {}

    @property
    def is_prepared(self) -> bool:
        return self._prepared is not None

    def takes(self, name: str) -> bool:
        """Whether the workflow has a parameter of this name."""
        return name in self._parameters

    def change(self, name: str, value: Any) -> None:
        """Set a parameter for the next queries: `top_k` and `rerank` keep what is prepared.

        Raises:
            ParameterError: the workflow refuses the value.
        """
        value = self._parameters[name].validate(value, self._workflow.id)
        if name not in (_TOP_K, _RERANK):
            self._prepared = None
            self._kept = {}
        self._values[name] = value

    def search(self, query: str) -> Result:
        """Run the workflow for a query; raises what the workflow raises."""
        result: Result = self._workflow(self._rt, query=query, **self._values)
        return result

    def _run(self, function: Callable[..., Any], rt: Runtime, **values: Any) -> Any:
        if self._prepared is not None:
            prepared, options = self._prepared
            given = {name: values[name] for name in (_TOP_K, _RERANK) if name in values}
            return prepared.search(rt, values["query"], replace(options, **given))
        token = _kept.set(self._kept)
        try:
            with watch_searches() as searches:
                result = function(rt, **values)
        finally:
            _kept.reset(token)
        if len(searches) == 1:
            prepared, options, plain = searches[0]
            is_plain = (
                plain is result
                and plain.query == values["query"]
                and options.top_k == values.get(_TOP_K, options.top_k)
                and options.rerank == values.get(_RERANK, options.rerank)
            )
            if is_plain:
                self._prepared = prepared, options
        return result
