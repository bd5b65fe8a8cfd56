"""core/flag: texts that show a sign, described by sentences, under any instruction."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from metier.plugin import (
    Dim,
    FlagReport,
    LongTexts,
    ParameterError,
    Risk,
    Runtime,
    Taxonomy,
    Texts,
    Threshold,
    flag_texts,
    load_data,
    workflow,
)

INSTRUCTION = "core/text-flagging"
THRESHOLD = 0.6
"""Above undecided: texts of a field are more similar to its signs than general sentences are."""

FEWEST_NEUTRAL = 5

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class OrdinaryTexts(BaseModel):
    """Sentences of no field that show nothing in particular."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    neutral: tuple[str, ...]


@workflow("core/flag", instruction=INSTRUCTION)
def flag(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to read.")],
    *,
    signs: Annotated[
        tuple[Sentence, ...], Field(description="Sentences that show what you look for.")
    ] = (),
    contrasts: Annotated[
        tuple[Sentence, ...],
        Field(description="Sentences that come near it and do not show it, denials above all."),
    ] = (),
    neutral: Annotated[
        tuple[Sentence, ...],
        Field(description="Five or more ordinary sentences of your field; of none, by default."),
    ] = (),
    taxonomy: Annotated[
        Path | None,
        Field(description="YAML file of several signs, instead of sentences given here."),
    ] = None,
    instruction: Annotated[
        str | None,
        Field(
            description="Id of a flagging instruction, of any domain or pack; those that the "
            "taxonomy names, else core/text-flagging, by default."
        ),
    ] = None,
    threshold: Threshold = THRESHOLD,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> FlagReport:
    """Score texts for signs that you describe by sentences, with the sentence that says why.

    Every sentence is compared with sentences that show a sign and with sentences that do not. A
    text scores as its highest sentence; 0.5 is undecided.
    """
    if taxonomy is None:
        chosen = _described(signs, contrasts, neutral, instruction or INSTRUCTION)
    elif signs or contrasts or neutral:
        raise ParameterError(
            "core/flag takes either a taxonomy or sentences, and got both.",
            fix="Write the sentences into the taxonomy.",
            parameter="taxonomy",
        )
    else:
        chosen = load_data(taxonomy, Taxonomy)
        if instruction is not None:
            risks = [risk.model_copy(update={"instruction": instruction}) for risk in chosen.risks]
            chosen = chosen.model_copy(update={"risks": tuple(risks)})
    return flag_texts(rt, texts, chosen, threshold=threshold, dim=dim, long_texts=long_texts)


def _described(
    signs: tuple[str, ...],
    contrasts: tuple[str, ...],
    neutral: tuple[str, ...],
    instruction: str,
) -> Taxonomy:
    if not signs:
        raise ParameterError(
            "core/flag has no sign to look for.",
            fix="Give sentences that show it ($signs), or a taxonomy ($taxonomy).",
            parameters={"signs": ["I was overcharged."], "taxonomy": ...},
            parameter="signs",
        )
    if 0 < len(neutral) < FEWEST_NEUTRAL:
        raise ParameterError(
            f"core/flag: {len(neutral)} neutral sentences are too few.",
            why="They tell how near to a sign any sentence comes, and how much that differs.",
            fix=f"Give at least {FEWEST_NEUTRAL}, or none.",
            parameter="neutral",
        )
    risk = Risk(
        id="sign", title="The sign", instruction=instruction, signs=signs, contrasts=contrasts
    )
    return Taxonomy(risks=(risk,), neutral=neutral or ordinary())


@cache
def ordinary() -> tuple[str, ...]:
    """Sentences that show how similar to a sign any sentence is in a model."""
    path = Path(str(files("metier") / "domains" / "core" / "ordinary.yaml"))
    return load_data(path, OrdinaryTexts).neutral
