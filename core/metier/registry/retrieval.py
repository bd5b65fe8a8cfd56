"""How a domain searches: what lexical search compares, and what each stage counts."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Language = Literal[
    "none",
    "arabic",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hungarian",
    "italian",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "spanish",
    "swedish",
    "turkish",
]
"""Languages whose words are brought to their stem; with `none` words are compared as they are."""

Weight = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False, strict=False)]

Evidence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=12, max_length=600)]


class RetrievalSettings(BaseModel):
    """How a domain's searches rank: the key `retrieval` of `domain.yaml` and of packs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    terms: Literal["words", "identifiers"] = Field(
        default="words",
        description="What lexical search compares: words, or identifiers of source code, whole and "
        "in their parts.",
    )
    language: Language = Field(
        default="english", description="Language by whose rules words are brought to their stem."
    )
    dense: Weight = Field(
        default=1.0, description="Weight of the likeness of the texts' vectors, a cosine."
    )
    lexical: Weight = Field(
        default=0.25,
        description="Weight of BM25, as a share of the best thinkable score of the query. With 0 "
        "there is no lexical search.",
    )
    interaction: Weight = Field(
        default=0.5,
        description="Weight of the likeness of query and passage token by token, for models that "
        "have it. With 0 it is not computed.",
    )
    emphasis: Literal["rare", "even"] = Field(
        default="rare",
        description="Which tokens of a query count in that: those of rare words more, or all alike.",
    )
    rerank: bool | None = Field(
        default=None,
        description="Whether searches use the reranker, if there is one and neither call nor "
        "instruction says otherwise. Left out: yes.",
    )
    evidence: Evidence | None = Field(
        default=None, description="What the weights were measured on, and what they gave."
    )

    @model_validator(mode="after")
    def _require_a_stage(self) -> Self:
        if not self.dense and not self.lexical:
            raise ValueError("dense and lexical are both 0: a search would find nothing")
        return self
