"""Types of parameters that many workflows have, each with its limits and its description.

A workflow with another description for one writes `Annotated[TopK, Field(description="...")]`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from metier.engine.long_texts import LongTextMode
from metier.errors import InputError
from metier.folders import expand_home
from metier.texts.texts import QueryTexts

AbbreviationsFile = Annotated[
    Path | None, Field(description="YAML file with more abbreviations to read.")
]
"""File of abbreviations beside those of a field."""

DateColumn = Annotated[
    str | None, Field(description="Column of dates that the groups are set against.")
]
"""Column of dates by which groups are counted over time; None for no such table."""

Dim = Annotated[
    int | None, Field(ge=1, description="Vector size; the instruction's default if not given.")
]
"""Vector size; None for the instruction's default."""

FlagThreshold = Annotated[
    float | None,
    Field(
        ge=0.0,
        le=1.0,
        description="Flag what has at least this score, whatever the risk; the threshold of each "
        "risk, by default.",
    ),
]
"""Least score that is flagged, for all risks; None for the threshold of each."""

Groups = Annotated[
    int | None,
    Field(ge=1, description="Number of groups; by default what is most stable on these texts."),
]
"""Number of groups of a clustering; None for a number that depends on the texts."""

InstructionId = Annotated[str, Field(description="Id of an instruction, of any domain or pack.")]
"""Id of an instruction, such as `core/passage-search`."""

LabelColumn = Annotated[
    str | None,
    Field(
        min_length=1,
        description="Column with your own labels, by which thresholds are suggested: ids or titles "
        "of risks, or yes and no.",
    ),
]
"""Column of the input with labels of the user's; None without labels."""

LongTexts = Annotated[
    LongTextMode,
    Field(
        description="Texts longer than the model reads: `pool` reads them in parts, `cut` only "
        "their beginning."
    ),
]
"""How texts longer than the model reads are read: `pool`, all of them in parts, or `cut`."""

MinClusterSize = Annotated[
    int | None,
    Field(
        ge=2,
        description="Smallest group; by default a quarter of the square root of the number of "
        "texts, at least 5, or 2 where there are fewer than 20.",
    ),
]
"""Smallest group of a clustering; None for a size that depends on the number of texts."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str | Path) else value


Paths = Annotated[
    tuple[Path, ...],
    BeforeValidator(_as_tuple),
    Field(min_length=1, description="Files, folders and patterns with the wildcards of a shell."),
]
"""Files, folders and patterns; one may be given by itself. See `find_inputs`."""

Query = Annotated[str | None, Field(min_length=1, description="What to find, in your words.")]
"""What a search looks for; None where there are several queries."""

Queries = Annotated[
    QueryTexts | None, Field(description="Several queries at once, one a row, in place of one.")
]
"""Queries of a search, each with its id and its own columns; None where there is one query.

Of a table they are the field `query` or `question`, else one that holds the text of any table."""

ReassignOutliers = Annotated[
    bool, Field(description="Put what fits no group into the likeliest one, and say so.")
]
"""Whether a clustering puts outliers into groups."""

Rerank = Annotated[
    bool | None,
    Field(description="Let the reranker order the nearest; if there is one, by default."),
]
"""Whether the Runtime's reranker orders the nearest; None if it has one."""

RerankFlags = Annotated[
    bool | None,
    Field(
        description="Let the reranker read what is flagged or ruled out, which changes no score; "
        "if there is one, by default."
    ),
]
"""Whether the Runtime's reranker reads the evidence of flags; None if it has one."""

RulesFile = Annotated[
    Path | None,
    Field(description="YAML file with more rules of what a sentence denies, supposes or dates."),
]
"""File of assertion rules beside those of a language and a field."""

Seed = Annotated[int, Field(ge=0, le=2**31, description="Seed of what is drawn at random.")]
"""Seed of what a workflow draws at random; the same one gives the same result."""


def _read_stop_words(values: tuple[str, ...]) -> tuple[str, ...]:
    """The words themselves: those of files, whose name has a dot or a slash, and those named."""
    words = [
        word
        for value in values
        for word in (_stop_words_of(Path(value)) if _is_file_name(value) else _split(value))
    ]
    return tuple(dict.fromkeys(words))


def _is_file_name(value: str) -> bool:
    return any(mark in value for mark in "./\\")


def _split(text: str) -> list[str]:
    words = (word.strip(".;:") for word in text.replace(",", " ").lower().split())
    return [word for word in words if word and not _is_file_name(word)]


def _stop_words_of(path: Path) -> list[str]:
    try:
        lines = expand_home(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise InputError(
            f"The stop words {str(path)!r} cannot be read: {reason}.",
            why="What has a dot or a slash is the name of a file.",
            fix="Name a text file with a word a line, or the words themselves.",
            code="file-not-readable",
            parameters={"stop_words": ...},
        ) from None
    return [word for line in lines for word in _split(line.partition("#")[0])]


StopWords = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_tuple),
    AfterValidator(_read_stop_words),
    Field(description="Words that name no group, or a text file of them; may be given again."),
]
"""Words that keywords leave out, in lower case, beside those of the language and of the domain."""

Threshold = Annotated[
    float, Field(ge=0.0, le=1.0, description="Flag what has at least this score.")
]
"""Least score that counts, in [0, 1]."""

TopK = Annotated[int, Field(ge=1, le=1000, description="How many results.")]
"""Number of results, at most 1000."""
