"""healthcare/divide-notes: each section of clinical notes as a row of its own."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from pydantic import Field

from metier.plugin import (
    Column,
    Documents,
    Excerpt,
    Result,
    Runtime,
    Table,
    hidden_cells,
    hidden_columns,
    rows_beside,
    workflow,
)
from metier_healthcare.patient_identifiers import note_patient_identifiers
from metier_healthcare.section_choice import (
    NotePart,
    OnlySections,
    WithoutSections,
    note_parts,
)
from metier_healthcare.sections import own_sections

_OWN = ("note", "section", "heading", "start", "end")


class DividedNotes(Result):
    """The sections of notes.

    Attributes:
        notes_with_headings: how many notes have one.
        notes_read: how many there are.
        parts: in the order of the notes.
    """

    notes_with_headings: int
    notes_read: int
    parts: tuple[NotePart, ...]

    def title(self) -> str:
        return "Sections of notes"

    def headline(self) -> str:
        return (
            f"{len(self.parts)} sections of {self.notes_read} notes, {self.notes_with_headings} of "
            "which have headings"
        )

    def tables(self) -> list[Table]:
        own = hidden_columns([part.fields for part in self.parts])
        rows = [
            (
                *(part.note, part.section, part.heading, Excerpt(part.text)),
                *hidden_cells(part.fields, own),
            )
            for part in self.parts
        ]
        shown = (Column("section", "label"), "heading", Column("text", main=True))
        columns: tuple[str | Column, ...] = ("note", *shown, *own)
        counts = Counter(part.section for part in self.parts)
        kinds = [(section, number) for section, number in counts.most_common()]
        by_kind = (Column("section", "label"), Column("parts", "count"))
        return [Table("Sections", columns, rows), Table("Kinds of sections", by_kind, kinds)]

    def rows(self) -> list[dict[str, Any]]:
        rows = [
            {"id": part.id, "text": part.text, **{name: getattr(part, name) for name in _OWN}}
            for part in self.parts
        ]
        return rows_beside(rows, [part.fields for part in self.parts])


@workflow("healthcare/divide-notes")
def divide_notes(
    rt: Runtime,
    notes: Annotated[Documents, Field(description="Clinical notes, one a row or a file.")],
    *,
    sections: OnlySections = (),
    without_sections: WithoutSections = (),
) -> DividedNotes:
    """Divide clinical notes at their headings, a row for each section.

    Saved as a table it is the input of other workflows, whose results keep the section and the
    columns of the note. No model is needed.
    """
    headed = sum(bool(own_sections().find(note.text)) for note in notes)
    parts = note_parts(notes, sections, without_sections)
    divided = DividedNotes(notes_read=len(notes), notes_with_headings=headed, parts=tuple(parts))
    return note_patient_identifiers(divided, notes)
