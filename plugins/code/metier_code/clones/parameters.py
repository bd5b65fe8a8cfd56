"""Types of the parameters of code/similar, each with its limits and its description."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field


def _as_tuple(value: object) -> object:
    """Several values, of which one may stand by itself."""
    return (value,) if isinstance(value, str | int) else value


DefinitionName = Annotated[
    str | None,
    Field(
        min_length=1,
        description="Look for clones of this function alone: its name, such as `Cart.total`, or "
        "`file:line`.",
    ),
]
"""Name or position of a definition; None for all."""

CodeText = Annotated[
    str | None, Field(min_length=1, description="Look for clones of this piece of code alone.")
]
"""Source text; None for none."""

CodeLanguage = Annotated[
    str | None,
    Field(
        description="Language of the piece of code; by default one of the tree that it is a "
        "function in."
    ),
]
"""Name of a language, in any case; None to recognize it."""

CloneTypes = Annotated[
    tuple[int, ...],
    BeforeValidator(_as_tuple),
    Field(
        description="Types to report: 1 the same but for layout and comments, 2 with other names "
        "and literals, 3 with statements added, removed, changed or reordered, 4 the same in "
        "another language, by vectors."
    ),
]
"""Types of clones, from 1 to 4."""

CloneThreshold = Annotated[
    float,
    Field(
        ge=0.3,
        le=1.0,
        description="Share of tokens that clones of type 3 have in common; up to 0.2 more is "
        "needed the more of their names differ.",
    ),
]
"""Least similarity of clones of type 3."""

MinLines = Annotated[int, Field(ge=1, description="Lines of the shortest function.")]
"""Least number of lines of a definition that is compared."""

MinTokens = Annotated[
    int, Field(ge=1, description="Tokens of the shortest function, without comments.")
]
"""Least number of tokens of a definition that is compared."""

ExcludedPaths = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_tuple),
    Field(description="Patterns of paths to leave out, such as 'legacy/*'."),
]
"""Patterns of paths below the tree."""

WithTests = Annotated[bool, Field(description="Whether tests are compared, too.")]
"""Whether sources that are tests by their names count."""
