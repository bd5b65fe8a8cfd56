"""`Duty`: who must, must not or may do what, by when and on what condition."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import OwnFields
from metier_legal.duties.rules import DueKind, Modality
from metier_legal.duties.times import MarkKind


class DutyMark(BaseModel):
    """Words of a duty that matter: `text` is the contract's from `start` to `end`.

    Attributes:
        kind: `due`, `condition` or `amount`.
        due: what kind of time it is; None for what is no time.
    """

    model_config = ConfigDict(frozen=True)

    kind: MarkKind
    start: int
    end: int
    text: str
    due: DueKind | None = None


class Duty(BaseModel):
    """What a sentence of a contract lays down: `quote` is the contract's from `start` to `end`.

    Attributes:
        contract: id of the contract.
        modality: whether a party must, must not, may or need not do it; or what something else is
            conditional on.
        parties: whose it is, as the contract calls them; `each party` for both or all; empty where
            nobody is named, as in "all fees shall be paid in euros".
        is_party_unsure: whether the words say "it" where no sentence before is about a party: the
            party is the one named last, or none.
        action: what is to be done, on one line.
        quote: the words of the contract, without those of other duties in the sentence.
        introduction: what introduces the list that it is an item of; empty where it is none.
        modal: the words that lay it down, such as `shall not`.
        marks: times, conditions and amounts, in order; for an item of a list those of what
            introduces it, too, which stand before it.
        number: of the clause.
        clause: headings of the clause on one line.
        page: counted from 1; None where the contract has no pages.
        points: what it is ranked by.
        reasons: what it has points for.
        fields: of the contract's row in the input.
    """

    model_config = ConfigDict(frozen=True)

    contract: str
    modality: Modality
    parties: tuple[str, ...]
    is_party_unsure: bool = False
    action: str
    quote: str
    introduction: str = ""
    modal: str
    start: int
    end: int
    marks: tuple[DutyMark, ...] = ()
    number: str = ""
    clause: str = ""
    page: int | None = None
    points: float = 0.0
    reasons: tuple[str, ...] = ()
    fields: OwnFields = Field(default_factory=dict)

    @property
    def party(self) -> str:
        """The parties in one string; empty where nobody is named."""
        return " and ".join(self.parties)

    @property
    def due_kinds(self) -> set[DueKind]:
        """The kinds of its times."""
        return {mark.due for mark in self.marks if mark.due is not None}

    def texts(self, kind: MarkKind) -> str:
        """The words of the marks of a kind, each on one line."""
        return "; ".join(" ".join(mark.text.split()) for mark in self.marks if mark.kind == kind)
