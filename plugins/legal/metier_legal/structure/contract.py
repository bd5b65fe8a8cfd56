"""`Contract`: a contract with its clauses, each with its number, title, path and page."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from metier.plugin import Item, page_at
from metier_legal.structure.clauses import ClauseKind, clause_sections
from metier_legal.structure.defined_terms import (
    DefinedTerm,
    UndefinedTerm,
    find_defined_terms,
    find_undefined_terms,
    find_unused_terms,
)
from metier_legal.structure.parties import Party, find_parties
from metier_legal.structure.references import Reference, find_references
from metier_legal.structure.titles import DEFINITIONS


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a contract: `contract.text[start:end] == text`.

    Attributes:
        number: as it is written, such as `7.2`, `Section 4` or `ARTICLE II`; empty without one.
        title: of its own heading, without the number; empty without one.
        path: headings outermost first, its own last; empty for what stands before the first.
        kind: what it is for; `schedule` for all that stands in a schedule, exhibit or annex.
        start: offset of its first character.
        end: offset after its last one.
        text: without whitespace at its ends; begins with its heading.
        page: counted from 1; None where the contract has no pages.
    """

    number: str
    title: str
    path: tuple[str, ...]
    kind: ClauseKind
    start: int
    end: int
    text: str
    page: int | None

    @property
    def label(self) -> str:
        """The path on one line; empty for what stands before the first heading."""
        return ", ".join(self.path)


@dataclass(frozen=True)
class Contract:
    """A contract and its clauses; definitions, references and parties are read when asked for.

    Attributes:
        id: of the document, such as its file name.
        title: of the document, where its row has one.
        text: the whole of it.
        clauses: in order and without overlap; nothing but whitespace stands between them.
    """

    id: str
    title: str
    text: str
    clauses: tuple[Clause, ...]

    @cached_property
    def definitions(self) -> tuple[DefinedTerm, ...]:
        """The terms that it defines, in order, each with where it is used."""
        lists = [
            (clause.start, clause.end)
            for clause in self.clauses
            if clause.kind == "definitions" or DEFINITIONS.search(clause.title)
        ]
        return find_defined_terms(self.text, lists)

    @cached_property
    def unused_terms(self) -> tuple[DefinedTerm, ...]:
        """The terms that it defines and uses nowhere else."""
        return find_unused_terms(self.definitions)

    @cached_property
    def undefined_terms(self) -> tuple[UndefinedTerm, ...]:
        """Words that it uses as defined terms and does not define."""
        names = [party.name for party in self.parties]
        return find_undefined_terms(self.text, self.definitions, names)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Its references to its own clauses, in order, each with the clause it means."""
        return find_references(self.text, self.clauses)

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """The parties that its preamble names, in order."""
        numbered = (clause.start for clause in self.clauses if clause.number)
        return find_parties(self.text, next(numbered, None))

    def clause_at(self, offset: int) -> Clause | None:
        """The clause that holds a character; None between clauses and outside of the text."""
        index = bisect_right(self.clauses, offset, key=lambda clause: clause.start) - 1
        if index < 0 or offset >= self.clauses[index].end:
            return None
        return self.clauses[index]


def read_contract(document: Item) -> Contract:
    """The contract that a document holds, divided as an index of the domain divides it."""
    text = document.text
    clauses = []
    for section in clause_sections(text, document.id):
        own = text[section.start : section.end]
        start = section.start + len(own) - len(own.lstrip())
        own = own.strip()
        if not own:
            continue
        clauses.append(
            Clause(
                number=section.fields.get("clause_number", ""),
                title=section.fields.get("clause_title", ""),
                path=section.headings,
                kind=section.fields.get("clause_kind", "clause"),
                start=start,
                end=start + len(own),
                text=own,
                page=page_at(document.fields, start),
            )
        )
    return Contract(document.id, document.title or "", text, tuple(clauses))
