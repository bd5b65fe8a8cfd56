"""Thresholds of flags suggested by labels that the texts have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from metier.close_names import brief, did_you_mean
from metier.errors import InputError
from metier.results.table import Column, Table, counted

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.steps.flag_report import FlaggedText

FEWEST = 20
"""Texts of a kind with which precision and recall are known to about 10 points."""

_YES = frozenset({"1", "true", "yes", "y", "x", "flag", "flagged", "risk", "risky"})
_NO = frozenset({"", "0", "false", "no", "n", "none", "ok", "clear", "not flagged", "no risk"})
_SEPARATORS = (re.compile(r"[;|\n]"), re.compile(r","))
"""Between labels, the stronger ones first."""


class SuggestedThreshold(BaseModel):
    """A threshold that fits the labels of the input, and what it gives on them.

    Attributes:
        risk: id; None for a flag of any risk.
        threshold: the one with the largest F1, the harmonic mean of precision and recall.
        flagged: texts from there on.
        precision: share of the flagged texts that have the label.
        recall: share of the texts with the label that are flagged.
        labeled: texts that have the label.
        texts: all that were read.
        note: what to beware of; empty if nothing.
    """

    model_config = ConfigDict(frozen=True)

    risk: str | None
    threshold: float
    flagged: int
    precision: float
    recall: float
    labeled: int
    texts: int
    note: str = ""


class Labels(NamedTuple):
    """What the column of labels says of each text.

    Attributes:
        risks: ids that it names, by text; None where the column has yes and no.
        flagged: whether the text has any label, by text.
        positive: the value that counts as yes; None where the column names risks.
    """

    risks: list[set[str]] | None
    flagged: list[bool]
    positive: str | None


def suggested_thresholds(
    items: Sequence[FlaggedText], titles: Mapping[str, str], column: str
) -> tuple[SuggestedThreshold, ...]:
    """The threshold of each risk that fits the labels of the input, or one for all risks.

    Args:
        items: scored texts with their fields.
        titles: of the risks, by id.
        column: field with the ids or titles of risks, several with commas between them, or with
            yes and no, of which the rarer one of two other words is yes.

    Raises:
        InputError: there is no such field, it holds something else, or the same for every text.
    """
    import numpy as np

    labels = _read(items, titles, column)
    scores = {risk: np.array([_score(item, risk) for item in items]) for risk in titles}
    highest = np.array([max(score.score for score in item.scores) for item in items])
    suggestions = [_suggested(None, np.array(labels.flagged), highest, labels.positive)]
    if labels.risks is not None:
        for risk in titles:
            truth = np.array([risk in named for named in labels.risks])
            if truth.any():
                suggestions.append(_suggested(risk, truth, scores[risk], None))
    return tuple(suggestions)


def suggestions_table(
    suggestions: Sequence[SuggestedThreshold], titles: Mapping[str, str]
) -> Table:
    """Suggested thresholds for people."""
    columns = (
        Column("risk", "label"),
        Column("threshold", "number"),
        Column("flagged", "count"),
        Column("precision", "score"),
        Column("recall", "score"),
        Column("labeled", "count"),
        Column("texts", "count"),
    )
    rows = [
        (
            "any risk" if suggestion.risk is None else titles[suggestion.risk],
            suggestion.threshold,
            suggestion.flagged,
            suggestion.precision,
            suggestion.recall,
            suggestion.labeled,
            suggestion.texts,
        )
        for suggestion in suggestions
    ]
    note = "chosen and measured on the same texts: on others they will be somewhat lower"
    return Table("Thresholds that fit your labels", columns, rows, note=note, head=len(rows))


def _suggested(
    risk: str | None,
    truth: npt.NDArray[np.bool_],
    scores: npt.NDArray[np.float64],
    positive: str | None,
) -> SuggestedThreshold:
    from metier.analysis.best_threshold import best_threshold
    from metier.analysis.shares import wilson_interval

    choice = best_threshold(truth, scores)
    labeled = int(truth.sum())
    notes = [f"Labels: {positive!r} was taken for yes."] if positive is not None else []
    fewest = min(labeled, len(truth) - labeled)
    name = "any risk" if risk is None else risk
    right = round(choice.precision * choice.texts)
    if wilson_interval(right, choice.texts)[0] <= labeled / len(truth):
        notes.append(
            f"The threshold suggested for {name} does not tell these labels apart: of the texts "
            f"that it flags {choice.precision:.0%} have the label, and of all texts "
            f"{labeled / len(truth):.0%}."
        )
    if fewest < FEWEST:
        kind = "with the label" if labeled == fewest else "without it"
        notes.append(
            f"The threshold suggested for {name} stands on {counted(fewest, 'text')} {kind}: with "
            f"fewer than {FEWEST} its precision and recall say little."
        )
    return SuggestedThreshold(
        risk=risk,
        threshold=choice.threshold,
        flagged=choice.texts,
        precision=choice.precision,
        recall=choice.recall,
        labeled=labeled,
        texts=len(truth),
        note=" ".join(notes),
    )


def _score(item: FlaggedText, risk: str) -> float:
    return next(score.score for score in item.scores if score.risk == risk)


def _read(items: Sequence[FlaggedText], titles: Mapping[str, str], column: str) -> Labels:
    """The labels of each text."""
    fields = list(dict.fromkeys(name for item in items for name in item.fields))
    if column not in fields:
        raise InputError(
            f"The input has no column {column!r} with labels.",
            why=did_you_mean(column, fields)
            or f"Its columns, besides text and id: {', '.join(fields) or 'none'}.",
            fix="Name the column with $labels.",
            parameters={"labels": ...},
        )
    known = {name.casefold(): risk for risk, title in titles.items() for name in (risk, title)}
    cells = [item.fields.get(column) for item in items]
    values = [_plain(cell) for cell in cells]
    words = [
        [word for part in (cell if isinstance(cell, list | tuple | set) else [cell])
         for word in _words(_plain(part), known)]
        for cell in cells
    ]  # fmt: skip
    if any(word in known for named in words for word in named):
        risks = [{known[word] for word in named if word not in _NO} for named in _known(
            words, known, column)]  # fmt: skip
        flagged, positive = [bool(named) for named in risks], None
        labels = Labels(risks, flagged, positive)
    else:
        labels = _yes_and_no(values, column, known)
    if len({*labels.flagged}) < 2:
        raise InputError(
            f"The column {column!r} says the same of every text.",
            why="A threshold is chosen by texts that should be flagged and texts that should not.",
            fix="Label texts of both kinds.",
        )
    return labels


def _known(words: list[list[str]], known: Mapping[str, str], column: str) -> list[list[str]]:
    """Words that are risks or say no.

    Raises:
        InputError: there are others.
    """
    for named in words:
        for word in named:
            if word not in known and word not in _NO:
                raise InputError(
                    f"The column {column!r} has {brief(word)!r}, which is no risk of the taxonomy.",
                    why=did_you_mean(word, known) or f"There are: {', '.join(known.values())}.",
                    fix="Write ids or titles of risks, commas between several, or nothing.",
                )
    return words


def _words(value: str, known: Mapping[str, str]) -> Iterator[str]:
    """What a value names: all of it where it is the title of a risk, else its parts.

    Titles may have commas, so values are divided at other signs first.
    """
    for separators in _SEPARATORS:
        if value in known:
            break
        parts = [part.strip() for part in separators.split(value)]
        if len(parts) > 1:
            for part in parts:
                yield from _words(part, known)
            return
    yield value


def _yes_and_no(values: list[str], column: str, known: Mapping[str, str]) -> Labels:
    """Labels of a column that says whether a text is to be flagged, for whatever risk."""
    counts = Counter(values)
    if counts.keys() <= _YES | _NO:
        return Labels(None, [value in _YES for value in values], None)
    if len(counts) != 2:
        raise InputError(
            f"The column {column!r} has {counted(len(counts), 'different value')}, and none is a "
            "risk.",
            why=f"The risks are: {', '.join(dict.fromkeys(known.values()))}.",
            fix="Use a column with yes and no, or with ids or titles of risks.",
        )
    positive = min(counts, key=lambda value: (value in _NO, counts[value], value))
    return Labels(None, [value == positive for value in values], positive)


def _plain(value: Any) -> str:
    """A cell as text to compare: 1.0 as 1, nothing as an empty text."""
    if value is None or value != value:  # NaN differs from itself
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list | tuple | set):
        value = ",".join(map(str, value))
    return str(value).strip().casefold()
