"""Parts of the texts, such as a file of a folder, and the check of what each holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from metier.errors import InputError
from metier.texts.checks import lone_surrogate, problem_of
from metier.texts.reader import Fault
from metier.texts.rows import Given, Item, Keys, id_as_string, keys_of, missing_field, row_of


class Taken(NamedTuple):
    """A row taken apart.

    Attributes:
        number: which row of its part it is, counted from 1.
        id: its own, if it has one.
        text: not checked.
        fields: the rest of it.
        given: as it was.
    """

    number: int
    id: str | None
    text: Any
    fields: Mapping[str, Any]
    given: Given


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the texts.

    Attributes:
        name: for messages.
        rows: reads them, anew at each call.
        place: of a file in its folder; empty where this is the only part.
        is_table: whether its fields are named by whoever wrote it; else they are a reader's own.
    """

    name: str
    rows: Callable[[], Iterable[object]]
    place: str = ""
    is_table: bool = True

    def read(self, *, skip_faults: bool) -> Iterator[tuple[int, Given | Fault]]:
        """The rows with their numbers.

        Raises:
            InputError: the part cannot be read, or one of its rows cannot and may not be skipped.
        """
        for number, row in enumerate(self.rows(), start=1):
            if not isinstance(row, Fault):
                yield number, row_of(row, number, self.name)
            elif skip_faults:
                yield number, row
            else:
                raise row.error

    def place_of(self, row: str) -> str:
        """A row of it, for people: `row 7`, after the place of the part if it has one."""
        return f"{self.place}, {row}" if self.place else row


def taken_apart(given: Given, number: int, keys: Keys) -> Taken:
    """A row as its text, its id and the rest."""
    if isinstance(given, Item):
        return Taken(number, given.id, given.text, given.fields, given)
    if not isinstance(given, Mapping):
        return Taken(number, None, given, {}, given)
    fields = {str(key): value for key, value in given.items()}
    text = fields.pop(keys.text, None) if keys.text else None
    own_id = fields.pop(keys.id, None) if keys.id else None
    return Taken(number, id_as_string(own_id), text, fields, given)


_NONE = Keys(None, None)


@dataclass(frozen=True, slots=True)
class Choices:
    """How rows are read.

    Attributes:
        longest: most characters of a text.
        text_field: the field of tables that holds the text; found by its name if not given.
        id_field: the field of tables that holds the id; found by its name if not given.
        skip_invalid: leave out unusable texts, and files of a folder that cannot be read.
        name_of: makes the id of a row that has none, and of rows with equal ones there is one;
            None numbers them by their place.
    """

    longest: int
    text_field: str | None = None
    id_field: str | None = None
    skip_invalid: bool = False
    name_of: Callable[[Given], str] | None = None

    def problem_of(self, row: Taken) -> str | None:
        """Why a row cannot be used, whatever the others are; None if it can."""
        if row.id is not None and lone_surrogate(row.id) is not None:
            return "has an id that is not valid Unicode"
        return problem_of(row.text, self.longest)


@dataclass(slots=True)
class Looked:
    """What a first look at a part showed.

    Attributes:
        part: that was looked at.
        keys: the fields of text and id.
        rows: how many it has.
        own: row by id, of usable rows that have one of their own.
        repeated: those of them that further rows have, which are a problem.
        made: ids made for usable rows without one.
        unnamed: usable rows that are numbered.
        problems: places and what is wrong there.
        fault: the first of them that is of a row which cannot be read at all.
        blank: its place, where it is a file without any text.
        before: rows of the parts before this one.
        shares: whether another part has one of its ids.
    """

    part: Part
    keys: Keys
    rows: int = 0
    own: dict[str, int] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    unnamed: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    fault: InputError | None = None
    blank: list[str] = field(default_factory=list)
    before: int = 0
    shares: bool = False


def look_at(part: Part, choices: Choices) -> Looked:
    """Read a part once; twice where later rows have better fields than the first.

    Raises:
        InputError: it cannot be read, or has no such field.
    """
    # of what a reader makes itself nobody can name the fields, where there are tables beside it
    named = part.is_table or not part.place
    text_field = choices.text_field if named else None
    id_field = choices.id_field if named else None
    keys: Keys | None = None
    while True:
        fields: dict[str, None] = {}
        looked = Looked(part, keys or _NONE)
        for number, row in part.read(skip_faults=choices.skip_invalid):
            if isinstance(row, Mapping):
                fields.update((str(key), None) for key in row)
                if keys is None:
                    keys = keys_of(fields, text_field=text_field, id_field=id_field)
            _note(looked, number, row, keys or _NONE, choices)
        looked.keys = keys_of(fields, text_field=text_field, id_field=id_field)
        if keys is None or keys == looked.keys:
            break
        keys = looked.keys
    if (fields or (text_field and looked.rows)) and looked.keys.text not in fields:
        raise missing_field(looked.keys.text, list(fields), part.name, option="text_field")
    if id_field is not None and looked.rows and id_field not in fields:
        raise missing_field(id_field, list(fields), part.name, option="id_field")
    if part.place and not looked.rows:
        looked.blank.append(part.place)
    return looked


def _note(looked: Looked, number: int, given: Given | Fault, keys: Keys, choices: Choices) -> None:
    looked.rows += 1
    if isinstance(given, Fault):
        looked.problems.append((looked.part.place_of(given.place), "cannot be read"))
        looked.fault = looked.fault or given.error
        return
    row = taken_apart(given, number, keys)
    if _is_blank_file(looked.part, row):
        looked.blank.append(looked.part.place)
        return
    wrong = choices.problem_of(row)
    if wrong is None and row.id is not None and row.id in looked.own:
        looked.repeated.add(row.id)
        wrong = f"has the same id as row {looked.own[row.id]}"
    if wrong is not None:
        looked.problems.append((_place_of(row, looked.part), wrong))
    elif row.id is not None:
        looked.own[row.id] = number
    elif choices.name_of is not None:
        looked.made.add(choices.name_of(given))
    else:
        looked.unnamed += 1


def _is_blank_file(part: Part, row: Taken) -> bool:
    """Whether a file of a folder holds nothing, as the __init__.py of a package."""
    is_file = bool(part.place) and not part.is_table
    return is_file and isinstance(row.text, str) and not row.text.strip()


def _place_of(row: Taken, part: Part) -> str:
    named = "" if row.id is None else f" ({row.id.encode('utf-8', 'replace').decode()})"
    return part.place_of(f"row {row.number}{named}")
