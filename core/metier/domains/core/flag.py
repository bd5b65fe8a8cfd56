"""core/flag: texts that show a sign, described by sentences, under any instruction."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from metier.plugin import (
    Abbreviations,
    AbbreviationsFile,
    AssertionRules,
    Denial,
    Dim,
    FlagReport,
    FlagThreshold,
    LabelColumn,
    LongTexts,
    ParameterError,
    RerankFlags,
    Risk,
    RulesFile,
    Runtime,
    Taxonomy,
    Texts,
    flag_texts,
    load_data,
    workflow,
)

INSTRUCTION = "core/text-flagging"
THRESHOLD = 0.6
"""Above undecided: texts of a field are more similar to its signs than general sentences are."""

FEWEST_NEUTRAL = 5

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

Signs = Annotated[tuple[Sentence, ...], Field(description="Sentences that show what you look for.")]
Contrasts = Annotated[
    tuple[Sentence, ...],
    Field(description="Sentences that come near it and do not show it."),
]
Neutral = Annotated[
    tuple[Sentence, ...],
    Field(description="Five or more ordinary sentences of your field; of none, by default."),
]
Terms = Annotated[
    tuple[Sentence, ...],
    Field(
        description="Words that name it, such as `bankrupt*`: a sentence that negates them is no "
        "sign."
    ),
]
RulesOut = Annotated[
    tuple[Denial, ...] | None,
    Field(
        description="What is no sign if a sentence says it: negated, hypothetical, other person, "
        "family, past, uncertain; the first two, by default."
    ),
]
TaxonomyFile = Annotated[
    Path | None, Field(description="YAML file of several signs, instead of sentences given here.")
]
FlaggingInstruction = Annotated[
    str | None,
    Field(
        description="Id of a flagging instruction, of any domain or pack; those that the taxonomy "
        "names, else core/text-flagging, by default."
    ),
]
Language = Annotated[
    str,
    Field(
        description="Language whose rules say what a sentence denies, supposes or dates: en, de or "
        "zh; none to count every sentence."
    ),
]


class OrdinaryTexts(BaseModel):
    """Sentences of no field that show nothing in particular."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    neutral: tuple[str, ...]


@workflow("core/flag", instruction=INSTRUCTION)
def flag(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to read.")],
    *,
    signs: Signs = (),
    contrasts: Contrasts = (),
    neutral: Neutral = (),
    terms: Terms = (),
    rules_out: RulesOut = None,
    taxonomy: TaxonomyFile = None,
    instruction: FlaggingInstruction = None,
    threshold: FlagThreshold = None,
    assertion: Language = "en",
    rules: RulesFile = None,
    abbreviations: AbbreviationsFile = None,
    labels: LabelColumn = None,
    rerank: RerankFlags = None,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> FlagReport:
    """Score texts for signs that you describe by sentences, with the sentence that says why.

    Every sentence is compared with sentences that show a sign and with sentences that do not. A
    text scores as its highest sentence that is not ruled out by what it says of the sign.
    """
    chosen = _chosen_taxonomy(taxonomy, signs, contrasts, neutral, terms, rules_out, instruction)
    more_rules = () if rules is None else (rules,)
    return flag_texts(
        rt,
        texts,
        chosen if threshold is None else chosen.with_one_threshold(),
        threshold=THRESHOLD if threshold is None else threshold,
        dim=dim,
        long_texts=long_texts,
        assertion=None if assertion == "none" else AssertionRules.load(assertion, *more_rules),
        abbreviations=None if abbreviations is None else Abbreviations.load(abbreviations),
        rerank=rerank,
        labels=labels,
    )


def _chosen_taxonomy(
    path: Path | None,
    signs: tuple[str, ...],
    contrasts: tuple[str, ...],
    neutral: tuple[str, ...],
    terms: tuple[str, ...],
    rules_out: tuple[Denial, ...] | None,
    instruction: str | None,
) -> Taxonomy:
    """The taxonomy of a file, or one of the sentences that were given."""
    if path is None:
        risk = _described(signs, contrasts, terms, rules_out, instruction or INSTRUCTION)
        return Taxonomy(risks=(risk,), neutral=_enough(neutral) or ordinary())
    if signs or contrasts or neutral or terms or rules_out is not None:
        raise ParameterError(
            "core/flag takes either a taxonomy or sentences, and got both.",
            fix="Write the sentences into the taxonomy.",
            parameter="taxonomy",
        )
    taxonomy = load_data(path, Taxonomy)
    if instruction is None:
        return taxonomy
    risks = [risk.model_copy(update={"instruction": instruction}) for risk in taxonomy.risks]
    return taxonomy.model_copy(update={"risks": tuple(risks)})


def _described(
    signs: tuple[str, ...],
    contrasts: tuple[str, ...],
    terms: tuple[str, ...],
    rules_out: tuple[Denial, ...] | None,
    instruction: str,
) -> Risk:
    if not signs:
        raise ParameterError(
            "core/flag has no sign to look for.",
            fix="Give sentences that show it ($signs), or a taxonomy ($taxonomy).",
            parameters={"signs": ["I was overcharged."], "taxonomy": ...},
            parameter="signs",
        )
    risk = Risk(
        id="sign",
        title="The sign",
        instruction=instruction,
        signs=signs,
        contrasts=contrasts,
        terms=terms,
    )
    return risk if rules_out is None else risk.model_copy(update={"rules_out": rules_out})


def _enough(neutral: tuple[str, ...]) -> tuple[str, ...]:
    if 0 < len(neutral) < FEWEST_NEUTRAL:
        raise ParameterError(
            f"core/flag: {len(neutral)} neutral sentences are too few.",
            why="They tell how near to a sign any sentence comes, and how much that differs.",
            fix=f"Give at least {FEWEST_NEUTRAL}, or none.",
            parameter="neutral",
        )
    return neutral


@cache
def ordinary() -> tuple[str, ...]:
    """Sentences that show how similar to a sign any sentence is in a model."""
    path = Path(str(files("metier") / "domains" / "core" / "ordinary.yaml"))
    return load_data(path, OrdinaryTexts).neutral
