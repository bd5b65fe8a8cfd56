"""How a domain searches: the terms compared, the weight of each stage, and reranking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from metier.datafiles.data_model import DataModel
from metier.errors import ParameterError


@dataclass(frozen=True, slots=True)
class RerankChoice:
    """Whether the nearest passages are reranked, and why.

    Attributes:
        wanted: whether they are, where there is a reranker.
        required: whether it is an error that there is none.
        source: `call`, `instruction`, `domain` or `default`.
        reason: one sentence for people.
    """

    wanted: bool
    required: bool
    source: str
    reason: str


def choose_rerank(
    *, requested: bool | None, declared: bool | None, domain: bool | None = None
) -> RerankChoice:
    """Decide whether a call reranks.

    What the call asks for is an order; what an instruction or its domain declares is a default.
    """
    if requested is not None:
        reason = "asked for in the call" if requested else "the call asks for none"
        return RerankChoice(requested, requested, "call", reason)
    for source, decision in (("instruction", declared), ("domain", domain)):
        if decision is not None:
            reason = f"declared by the {source}" if decision else f"the {source} declares none"
            return RerankChoice(decision, False, source, reason)
    return RerankChoice(
        True, False, "default", "neither the call nor the instruction says otherwise"
    )


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

MAX_WEIGHT = 100.0
"""The highest weight that a stage can have."""

Weight = Annotated[float, Field(ge=0.0, le=MAX_WEIGHT, allow_inf_nan=False, strict=False)]

Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=200)]

Asked = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]

Evidence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=12, max_length=600)]


class Aspect(DataModel):
    """Something that is asked of many subjects, such as the price or the treatment."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    asked: tuple[Asked, ...] = Field(
        min_length=1,
        description="Beginnings of words that ask for it, each of one word or several.",
    )
    words: str = Field(
        min_length=3, max_length=200, description="What it is called: the model compares this."
    )
    answers: tuple[Answer, ...] = Field(
        default=(),
        max_length=20,
        description="Sentences as answers to it read, of no subject in particular; they are "
        "compared, too.",
    )

    def fits(self, query: str) -> bool:
        """Whether a query asks for it."""
        beginnings = "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in self.asked)
        return re.search(rf"(?<!\w)(?:{beginnings})", query, re.IGNORECASE) is not None


class NamedValue(DataModel):
    """A value of a field that queries name, such as a programming language."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    values: tuple[Name, ...] = Field(
        min_length=1, description="What the field holds in documents that are meant."
    )
    words: tuple[Name, ...] = Field(
        default=(), description="Names that mean it wherever they stand, in any case."
    )
    unclear: tuple[Name, ...] = Field(
        default=(),
        description="Names that are words of the language, too, and mean it only at the "
        "beginning before a colon and at the end after in: Go.",
    )

    @model_validator(mode="after")
    def _require_a_name(self) -> Self:
        if not self.words and not self.unclear:
            raise ValueError("words and unclear are both empty: nothing names the value")
        return self


class NamedField(DataModel):
    """A field whose values queries name."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    field: Name = Field(description="Name of the field of documents or of their sections.")
    values: tuple[NamedValue, ...] = Field(
        min_length=1, description="Its values, each with the names that it has in queries."
    )


class RetrievalSettings(DataModel):
    """How a domain's searches rank: the key `retrieval` of `domain.yaml` and of packs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    terms: Literal["words", "phrases", "identifiers"] = Field(
        default="words",
        description="What lexical search compares: words; phrases, which are words and each two "
        "neighbors; or identifiers of source code, whole and in their parts.",
    )
    language: Language = Field(
        default="english", description="Language by whose rules words are brought to their stem."
    )
    dense: Weight = Field(
        default=1.0, description="Weight of the similarity of the texts' vectors, a cosine."
    )
    lexical: Weight = Field(
        default=0.5,
        description="Weight of BM25, as a share of the highest possible score of the query. With 0 "
        "there is no lexical search.",
    )
    interaction: Weight = Field(
        default=1.0,
        description="Weight of the similarity of query and passage token by token; with a model "
        "that compares whole texts only it is added to dense. With 0 it is not computed.",
    )
    emphasis: Literal["rare", "even"] = Field(
        default="rare",
        description="Which tokens of a query count in that: rare words' more, or all alike.",
    )
    close_look: int = Field(
        default=50,
        ge=10,
        le=1000,
        strict=True,
        description="How many of the best passages are looked at by the stages that cost a "
        "forward pass of the model for each: interaction and heading. A search takes nearly as "
        "many times as long.",
    )
    heading: Weight = Field(
        default=0.0,
        description="Weight of the similarity of a passage's title and headings by themselves; "
        "where a passage has none, that of all of it. It pays where titles name what is searched, "
        "such as a product. With 0 it is not computed.",
    )
    aspect: Weight = Field(
        default=0.0,
        description="Weight of the similarity to what a query asks of its subject, beyond that to "
        "other aspects, see aspects.",
    )
    aspects: tuple[Aspect, ...] = Field(
        default=(),
        description="What queries ask of their subject, the first that fits: in how is it treated "
        "the model sees the subject, and hardly that treatment is wanted.",
    )
    named: Weight = Field(
        default=0.0,
        description="Weight of documents that have the value of a field that the query names, see "
        "named_fields.",
    )
    named_fields: tuple[NamedField, ...] = Field(
        default=(),
        description="Fields whose values queries name: read a file in Go. The name is left out of "
        "what is compared.",
    )
    requests: tuple[Name, ...] = Field(
        default=(),
        description="Words with which queries ask, and which say nothing of what is looked for: "
        "how do I. They are left out at the beginning of what is compared.",
    )
    feedback: Weight = Field(
        default=0.0,
        description="Weight of the similarity in terms to the best few of what was found: it pays "
        "where several passages answer a query. With 0 it is not computed.",
    )
    stages: dict[str, Weight] = Field(
        default={}, description="Weights of the search stages that plugins bring, by their names."
    )
    rerank: bool | None = Field(
        default=None,
        description="Whether searches use the reranker, if there is one and neither call nor "
        "instruction says otherwise. Left out: yes.",
    )
    evidence: Evidence | None = Field(
        default=None, description="What the weights were measured on, and what they gave."
    )

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each stage by its name, as far as the settings say."""
        own = {name: float(getattr(self, name)) for name in BUILT_IN_STAGES}
        return {**own, **self.stages}

    def weighted(self, weights: Mapping[str, float]) -> RetrievalSettings:
        """The settings with other weights of some stages, built-in ones or those of plugins.

        Raises:
            ParameterError: a search cannot be weighted so.
        """
        content = self.model_dump()
        own = {name: weight for name, weight in weights.items() if name in BUILT_IN_STAGES}
        others = {name: weight for name, weight in weights.items() if name not in own}
        content |= {**own, "stages": {**self.stages, **others}}
        if not content["aspect"]:
            content["aspects"] = ()
        try:
            return type(self).model_validate(content)
        except ValidationError as error:
            raise ParameterError(
                "A search cannot be weighted with "
                f"{', '.join(f'{name} {weight:g}' for name, weight in weights.items())}.",
                why="; ".join(
                    problem["msg"].removeprefix("Value error, ") for problem in error.errors()
                ),
            ) from None

    def aspect_of(self, query: str) -> str | None:
        """What a query asks of its subject, in words for the model; None where nothing is known."""
        if not self.aspect:
            return None
        return next((aspect.words for aspect in self.aspects if aspect.fits(query)), None)

    @model_validator(mode="after")
    def _require_a_stage(self) -> Self:
        if not self.dense and not self.lexical:
            raise ValueError("dense and lexical are both 0: a search would find nothing")
        if bool(self.aspect) != bool(self.aspects):
            raise ValueError("aspect and aspects go together: a weight, and what it is for")
        if self.named and not self.named_fields:
            raise ValueError("named needs named_fields: a weight, and what it is for")
        return self

    def of_model(self, *, reads_tokens: bool) -> RetrievalSettings:
        """The settings with a model that has token states, or has none and so no interaction."""
        if reads_tokens or not self.interaction:
            return self
        whole = self.dense + self.interaction
        return self.model_copy(update={"dense": whole, "interaction": 0.0})


BUILT_IN_STAGES = tuple(
    name for name, field in RetrievalSettings.model_fields.items() if field.annotation is float
)
"""The stages whose weights are keys of their own."""
