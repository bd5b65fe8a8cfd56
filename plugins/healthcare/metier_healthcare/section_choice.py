"""Some sections of notes in place of the whole notes, and each section as a text of its own."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from metier.plugin import InputError, Item, MetierWarning, ParameterError, Texts
from metier_healthcare.sections import NoteSection, NoteSections, own_sections

_MOST_NAMED = 5


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


OnlySections = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_tuple),
    Field(
        description="Only these sections of each note, such as hpi or assessment-and-plan; may be "
        "given again."
    ),
]
"""Sections to read of notes, by id or heading; empty for whole notes."""

WithoutSections = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_tuple),
    Field(
        description="Leave these sections of each note out, such as family-history; may be given "
        "again."
    ),
]
"""Sections to leave out of notes, by id or heading."""


def choose_sections(
    notes: Texts,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    *,
    kinds: NoteSections | None = None,
) -> Texts:
    """The chosen sections of each note as its text, with the field `sections`.

    The field says of each part its `section`, and its `start` and `end` in the note. Where some are
    only left out, what stands before the first heading stays, and a note without headings is whole.

    Args:
        notes: as they are.
        only: ids or headings of the sections to read; empty for all.
        without: ids or headings of those to leave out.
        kinds: the kinds of sections; None for those that metier-healthcare knows.

    Raises:
        ParameterError: there is no such section.
        InputError: no note has any of them.

    Warns:
        MetierWarning: some notes have none of them, and are left out.
    """
    known = kinds or own_sections()
    chosen = _resolved(only, known, "sections")
    left_out = _resolved(without, known, "without_sections")
    if not (only or without):
        return notes
    items, empty = [], []
    for note in notes:
        parts = [
            _part(section, note.text)
            for section in _whole(note.text, known)
            if (not only or known.is_among(section, chosen))
            and not known.is_within(section, left_out)
        ]
        parts = [part for part in parts if part["start"] < part["end"]]
        if parts:
            text = "\n\n".join(note.text[part["start"] : part["end"]] for part in parts)
            items.append(Item(note.id, text, {**note.fields, "sections": parts}))
        else:
            empty.append(note.id)
    _report_empty(empty, len(notes), notes.source)
    return type(notes)(
        items, source=notes.source, skipped=notes.skipped, files=notes.files, keys=notes.keys
    )


def divide_notes(notes: Iterable[Item], *, kinds: NoteSections | None = None) -> list[Item]:
    """Each section of notes as a text of its own, for an index that filters by them.

    Their ids are those of the notes with the id of the section (`n1:plan`), a repeated one with a
    number. Fields are those of the note and `note`, `section`, `heading`, `start` and `end`. What
    stands before the first heading, and a note without headings, has the section `none`.

    Args:
        notes: as they are.
        kinds: the kinds of sections; None for those that metier-healthcare knows.
    """
    known = kinds or own_sections()
    items = []
    for note in notes:
        names: Counter[str] = Counter()
        for section in _whole(note.text, known):
            part = _part(section, note.text)
            if part["start"] >= part["end"]:
                continue
            names[part["section"]] += 1
            times = names[part["section"]]
            number = f"-{times}" if times > 1 else ""
            fields = {**note.fields, "note": note.id, "heading": section.heading, **part}
            text = note.text[part["start"] : part["end"]]
            items.append(Item(f"{note.id}:{part['section']}{number}", text, fields))
    return items


def _whole(text: str, known: NoteSections) -> list[NoteSection]:
    """All of a note: what stands before the first heading, of no kind, then its sections."""
    sections = known.find(text)
    first = sections[0].start if sections else len(text)
    return [NoteSection((), "", "", 0, 0, first), *sections]


def _part(section: NoteSection, text: str) -> dict[str, Any]:
    """What a section says, without the heading and the spaces and commas around it."""
    body = text[section.body : section.end]
    start = section.end - len(body.lstrip(" ,;\t\r\n"))
    end = section.body + len(body.rstrip(" ,\t\r\n"))
    return {"section": "/".join(section.kinds) or "none", "start": start, "end": end}


def _resolved(names: Sequence[str], known: NoteSections, option: str) -> set[str]:
    """The ids of the kinds that names stand for.

    Raises:
        ParameterError: one stands for none.
    """
    ids: set[str] = set()
    for name in names:
        kinds = (name,) if name in known.kinds else known.kinds_of(name)
        if not kinds:
            raise ParameterError(
                f"There is no section {name!r} that ${option} could choose.",
                why=f"There are: {', '.join(known.kinds)}, and each by its headings, such as hpi.",
                fix="Name one of them.",
                parameters={option: ...},
                parameter=option,
            )
        ids.update(kinds)
    return ids


def _report_empty(empty: Sequence[str], notes: int, source: str) -> None:
    """Say which notes are left out.

    Raises:
        InputError: all are.
    """
    if not empty:
        return
    if len(empty) == notes:
        raise InputError(
            f"No text in {source} has the sections that were chosen.",
            why="Sections are found by their headings, such as `Family history:`.",
            fix="Choose others with $sections, or read whole texts.",
            parameters={"sections": ...},
        )
    more = f" and {len(empty) - _MOST_NAMED} more" if len(empty) > _MOST_NAMED else ""
    warnings.warn(
        f"{len(empty)} of {notes} notes have none of the chosen sections and are left out: "
        f"{', '.join(empty[:_MOST_NAMED])}{more}.",
        MetierWarning,
        stacklevel=3,
    )
