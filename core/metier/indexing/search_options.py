"""What a search may be told, for Python and the command line."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, SupportsIndex, TypedDict

from metier.close_names import did_you_mean, known_names
from metier.errors import ParameterError
from metier.indexing.conditions import Condition, require_condition
from metier.registry.retrieval_settings import RetrievalSettings

if TYPE_CHECKING:
    from metier.registry.instruction import Instruction


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Options of `Index.search`, `search_many` and `explain`.

    Attributes:
        top_k: how many documents, at least 1.
        where: what the fields of a document have to be: `metier.field("year") >= 2020`.
        rerank: let the Runtime's reranker order the best; None if it has one and neither the
            instruction nor its domain says otherwise.
        dim: compare by so many dimensions of vectors, which are rotated so that the first of them
            tell most; None for all.
        instruction: for the queries, id or `Instruction`; None for that of the index.
        retrieval: weights of the stages; None for those of the index's domain.
        snippets: whether hits say why they were found, which takes some time.
        parts: names of fields, such as those of sections: parts of a document that
            differ in them are hits of their own. None of them: a document is one hit.

    Raises:
        ParameterError: `top_k` is no whole number of 1 or more, `dim` is no whole number, `where`
            is no condition, `retrieval` no settings or `parts` no list of names.
    """

    top_k: int = 10
    where: Condition | None = None
    rerank: bool | None = None
    dim: int | None = None
    instruction: str | Instruction | None = None
    retrieval: RetrievalSettings | None = None
    snippets: bool = True
    parts: Sequence[str] = ()

    def __post_init__(self) -> None:
        if _whole("top_k", self.top_k) < 1:
            raise ParameterError(
                f"top_k={self.top_k} is less than 1.",
                fix="Ask for at least one hit.",
                parameter="top_k",
            )
        if self.dim is not None:
            _whole("dim", self.dim)
        if self.where is not None:
            require_condition(self.where)
        if self.retrieval is not None and not isinstance(self.retrieval, RetrievalSettings):
            raise ParameterError(
                f"retrieval={self.retrieval!r} is of type {type(self.retrieval).__name__}, not "
                "RetrievalSettings.",
                fix="Make them of it: RetrievalSettings(**settings).",
                parameter="retrieval",
            )
        if isinstance(self.parts, str) or not all(isinstance(name, str) for name in self.parts):
            raise ParameterError(
                f"parts={self.parts!r} is no list of names.",
                fix='Give the names of fields: parts=["name", "line"].',
                parameter="parts",
            )

    @classmethod
    def of(cls, options: SearchOptions | None, keywords: Mapping[str, Any]) -> SearchOptions:
        """Options with some of them replaced by keywords.

        Raises:
            ParameterError: as the constructor.
            TypeError: a keyword is no option.
        """
        known = {field.name for field in fields(cls)}
        unknown = [name for name in keywords if name not in known]
        if unknown:
            hint = did_you_mean(unknown[0], known) or known_names(known)
            raise TypeError(f"A search has no option {unknown[0]!r}. {hint}")
        return replace(options or cls(), **keywords)


class SearchKeywords(TypedDict, total=False):
    """The fields of `SearchOptions` as keywords of a call."""

    top_k: int
    where: Condition | None
    rerank: bool | None
    dim: int | None
    instruction: str | Instruction | None
    retrieval: RetrievalSettings | None
    snippets: bool
    parts: Sequence[str]


def _whole(name: str, number: object) -> int:
    """A whole number, numpy's too, but not True."""
    if isinstance(number, bool) or not isinstance(number, SupportsIndex):
        raise ParameterError(
            f"{name}={number!r} is not a whole number.", fix="Give one, such as 10.", parameter=name
        )
    return operator.index(number)
