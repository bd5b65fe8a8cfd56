"""Texts of any number: looked at once, then read as they are needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from metier.errors import InputError
from metier.texts.checks import refuse
from metier.texts.parts import Choices, Looked, Part, Taken, look_at, taken_apart
from metier.texts.reader import Fault
from metier.texts.rows import Item

_NUMBER = re.compile(r"(?:row-)*\d+")


class TextStream:
    """Checked texts of any number: each is non-empty, valid Unicode and of sane length.

    Everything is read and checked when a stream is made, so that what cannot be used is told before
    anything is done with the rest. Only ids are kept of that: iterating reads again.

    Args:
        parts: in order. Ids that several of them have get the part's place before them.
        choices: how rows are read.
        source: where the texts come from, for messages.
        left_out: what was not even tried, for `skipped`.

    Raises:
        InputError: nothing in it, no such field, or a text that cannot be used.

    Attributes:
        source: as given.
        skipped: what was left out: files of a folder (`sub/notes.txt`), and rows (`row 7`, with
            the id if it has one).
    """

    def __init__(
        self, parts: Iterable[Part], choices: Choices, *, source: str, left_out: Sequence[str] = ()
    ) -> None:
        self.source = source
        self._choices = choices
        self._parts: list[Looked] = []
        unreadable = self._look(parts)
        problems = [each for one in self._parts for each in one.problems]
        blank = [place for one in self._parts for place in one.blank]
        made = set().union(*(one.made for one in self._parts))
        self._length = len(made) + sum(len(one.own) + one.unnamed for one in self._parts)
        if problems and not (choices.skip_invalid and self._length):
            faults = [one.fault for one in self._parts if one.fault is not None]
            if faults:  # of which nothing could be left out, says more
                raise faults[0]
            raise refuse(problems, sum(one.rows for one in self._parts), source)
        if not self._length:
            raise InputError(
                f"There is no text in {source}.",
                why="The file or list is empty, or holds only a header or blank lines.",
                fix="Give at least one text.",
            )
        self.skipped = (*left_out, *unreadable, *blank, *(place for place, _ in problems))
        self._settle_ids()

    def __len__(self) -> int:
        """How many texts there are."""
        return self._length

    def __iter__(self) -> Iterator[Item]:
        made: set[str] = set()
        for looked in self._parts:
            seen: set[str] = set()
            for row in self._usable(looked):
                if row.id is not None and row.id in looked.repeated:
                    if row.id in seen:
                        continue
                    seen.add(row.id)
                name = self._name(row, looked)
                if row.id is None and self._choices.name_of is not None:
                    if name in made:
                        continue
                    made.add(name)
                yield Item(name, row.text, row.fields)

    def _look(self, parts: Iterable[Part]) -> list[str]:
        """Look at every part; the places of those that are left out."""
        left_out: list[str] = []
        refused: InputError | None = None
        for part in parts:
            try:
                looked = look_at(part, self._choices)
            except InputError as error:
                if not (self._choices.skip_invalid and part.place):
                    raise
                refused = refused or error
                left_out.append(part.place)
                continue
            if self._parts:
                looked.before = self._parts[-1].before + self._parts[-1].rows
            self._parts.append(looked)
        if refused is not None and not self._parts:
            raise refused
        return left_out

    def _settle_ids(self) -> None:
        """Note what the ids depend on, and let go of the ids."""
        owners: dict[str, Looked] = {}
        for looked in self._parts if len(self._parts) > 1 else ():
            for name in looked.own:
                owner = owners.setdefault(name, looked)
                if owner is not looked:
                    owner.shares = looked.shares = True
        self._numbers = (
            {name for one in self._parts for name in one.own if _NUMBER.fullmatch(name)}
            if any(one.unnamed for one in self._parts)
            else set()
        )
        for looked in self._parts:
            looked.own, looked.made = {}, set()

    def _usable(self, looked: Looked) -> Iterator[Taken]:
        for number, given in looked.part.read(skip_faults=self._choices.skip_invalid):
            if isinstance(given, Fault):
                continue
            row = taken_apart(given, number, looked.keys)
            wrong = self._choices.problem_of(row)
            if wrong is None:
                yield row
            elif not (self._choices.skip_invalid or looked.blank):
                place = looked.part.place_of(f"row {number}")
                raise InputError(
                    f"{place} of {self.source} {wrong}, and did not when it was first read.",
                    fix="Leave the file alone while it is read.",
                )

    def _name(self, row: Taken, looked: Looked) -> str:
        if row.id is not None:
            return f"{looked.part.place}:{row.id}" if looked.shares else row.id
        if self._choices.name_of is not None:
            return self._choices.name_of(row.given)
        name = str(looked.before + row.number)
        while name in self._numbers:  # another row may have the number for an id of its own
            name = f"row-{name}"
        return name
