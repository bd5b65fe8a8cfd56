"""Some sections of notes in place of the whole notes, and each section as a text of its own."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from metier.plugin import InputError, Item, MetierWarning, OwnFields, ParameterError, Texts
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


class NotePart(BaseModel):
    """A section of a note: what stands under the heading is `note_text[start:end]`.

    Attributes:
        id: of the note and the section, `n1:plan`; a repeated one has a number.
        text: without the heading.
        note: id of the note.
        section: id of the kind, several ones joined by `/`; `none` for what stands under no
            heading.
        heading: as the note has it.
        start: offset of the text in the note.
        end: offset after it.
        fields: the other fields of the note.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    note: str
    section: str
    heading: str
    start: int
    end: int
    fields: OwnFields = Field(default_factory=dict)


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
    if not (only or without):
        return notes
    items = []
    for note, parts in _parts_by_note(notes, only, without, kinds):
        kept = [part.model_dump(include={"section", "start", "end"}) for part in parts]
        text = "\n\n".join(part.text for part in parts)
        items.append(Item(note.id, text, {**note.fields, "sections": kept}))
    return type(notes)(
        items, source=notes.source, skipped=notes.skipped, files=notes.files, keys=notes.keys
    )


def note_parts(
    notes: Texts,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    *,
    kinds: NoteSections | None = None,
) -> list[NotePart]:
    """Each section of notes as a part of its own; arguments, errors, warnings: `choose_sections`.

    What stands before the first heading, and a note without headings, has the section `none`.
    """
    divided = _parts_by_note(notes, only, without, kinds)
    return [part for _, parts in divided for part in parts]


def section_items(
    notes: Texts,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    *,
    kinds: NoteSections | None = None,
) -> list[Item]:
    """Each section of notes as a text of its own, for an index that filters by them.

    Fields are those of the note, and `note`, `section`, `heading`, `start` and `end`; arguments,
    errors and warnings are those of `choose_sections`.
    """
    own = {"note", "section", "heading", "start", "end"}
    return [
        Item(part.id, part.text, {**part.fields, **part.model_dump(include=own)})
        for part in note_parts(notes, only, without, kinds=kinds)
    ]


def _parts_by_note(
    notes: Texts, only: Sequence[str], without: Sequence[str], kinds: NoteSections | None
) -> list[tuple[Item, list[NotePart]]]:
    """The chosen parts of each note that has some."""
    known = kinds or own_sections()
    chosen = _resolved(only, known, "sections")
    left_out = _resolved(without, known, "without_sections")
    divided, empty = [], []
    for note in notes:
        sections = [
            section
            for section in _whole(note.text, known)
            if (not only or known.is_among(section, chosen))
            and not known.is_within(section, left_out)
        ]
        if parts := list(_parts(note, sections)):
            divided.append((note, parts))
        else:
            empty.append(note.id)
    _report_empty(empty, len(notes), notes.source)
    return divided


def _whole(text: str, known: NoteSections) -> list[NoteSection]:
    """All of a note: what stands before the first heading, of no kind, then its sections."""
    sections = known.find(text)
    first = sections[0].start if sections else len(text)
    return [NoteSection((), "", "", 0, 0, first), *sections]


def _parts(note: Item, sections: Iterable[NoteSection]) -> Iterator[NotePart]:
    """What sections say, without headings and the spaces and commas around; none of empty ones."""
    times: Counter[str] = Counter()
    for section in sections:
        body = note.text[section.body : section.end]
        start = section.end - len(body.lstrip(" ,;\t\r\n"))
        end = section.body + len(body.rstrip(" ,\t\r\n"))
        if start >= end:
            continue
        name = "/".join(section.kinds) or "none"
        times[name] += 1
        number = f"-{times[name]}" if times[name] > 1 else ""
        yield NotePart(
            id=f"{note.id}:{name}{number}",
            text=note.text[start:end],
            note=note.id,
            section=name,
            heading=section.heading,
            start=start,
            end=end,
            fields=dict(note.fields),
        )


def _resolved(names: Sequence[str], known: NoteSections, option: str) -> set[str]:
    """The ids of the kinds that names stand for.

    Raises:
        ParameterError: one stands for none.
    """
    ids: set[str] = set()
    for name in names:
        kinds = (name,) if name in known.kinds else known.kinds_of(name)
        if not kinds:
            close = get_close_matches(name.lower().replace(" ", "-"), known.kinds, n=1)
            meant = f"Did you mean {close[0]!r}? " if close else ""
            raise ParameterError(
                f"There is no section {name!r} that ${option} could choose.",
                why=f"{meant}There are: {', '.join(known.kinds)}. Headings will do, such as hpi.",
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
