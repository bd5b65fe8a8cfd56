"""Streams of texts: every row is checked first, then rows are read again as they are needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from metier.errors import InputError
from metier.texts.checks import NO_TEXTS, is_blank, lone_surrogate, problem_of, unusable_texts
from metier.texts.reader import CONVERTED_FROM, UNREAD, Fault
from metier.texts.rows import (
    InputRow,
    Item,
    Keys,
    id_as_string,
    keys_of,
    missing_field,
    require_id,
    row_of,
    text_of,
)

_NUMBER = re.compile(r"(?:row-)*\d+")
_NO_KEYS = Keys(None, None)


class _Record(NamedTuple):
    """The text of a row, its id and the rest.

    Attributes:
        number: of the row in its part, counted from 1.
        id: its own, if it has one.
        text: not checked.
        fields: all other fields.
        row: as it was read.
    """

    number: int
    id: str | None
    text: Any
    fields: Mapping[str, Any]
    row: InputRow


def _to_record(row: InputRow, number: int, keys: Keys) -> _Record:
    if isinstance(row, Item):
        require_id(row.id, number)
        return _Record(number, id_as_string(row.id), row.text, row.fields, row)
    if not isinstance(row, Mapping):
        return _Record(number, None, row, {}, row)
    fields = {str(key): value for key, value in row.items()}
    text = text_of(row, fields.pop(keys.text, None)) if keys.text else None
    own_id = fields.pop(keys.id, None) if keys.id else None
    require_id(own_id, number)
    return _Record(number, id_as_string(own_id), text, fields, row)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the texts, such as a file of a folder.

    Attributes:
        name: for messages.
        rows: reads the rows, anew at each call.
        path: of a file in its folder; empty where this is the only part.
        is_table: whether its fields were named by its author; else by the reader.
    """

    name: str
    rows: Callable[[], Iterable[object]]
    path: str = ""
    is_table: bool = True

    def read(self, *, skip_faults: bool) -> Iterator[tuple[int, InputRow | Fault]]:
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

    def locate(self, row: str) -> str:
        """A row for people: `row 7`, after the path of the part if it has one."""
        return f"{self.path}, {row}" if self.path else row


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How rows are read.

    Attributes:
        max_characters: most characters of a text.
        text_field: the field of tables that holds the text; None to find it by its name.
        id_field: the field of tables that holds the id; None to find it by its name.
        skip_invalid: leave out unusable texts, and files of a folder that cannot be read.
        generate_id: makes the id of a row that has none; of rows with equal ones only the first
            counts. None numbers rows by their position.
    """

    max_characters: int
    text_field: str | None = None
    id_field: str | None = None
    skip_invalid: bool = False
    generate_id: Callable[[InputRow], str] | None = None

    def problem_of(self, record: _Record) -> str | None:
        """Why a row cannot be used, whatever the others are; None if it can."""
        if record.id is not None and lone_surrogate(record.id) is not None:
            return "has an id that is not valid Unicode"
        return problem_of(record.text, self.max_characters)


@dataclass(slots=True)
class _CheckedPart:
    """A part after its rows were checked.

    Attributes:
        part: as it was.
        keys: the fields of text and id.
        rows: how many rows it has.
        ids: number of the row by id, of usable rows with an id of their own.
        repeated_ids: ids that further rows have, which is a problem.
        generated_ids: of usable rows without an id, where the options generate ids.
        numbered: usable rows without an id that are numbered.
        problems: rows that cannot be used, and why.
        fault: the error of the first row that cannot be read at all.
        blank_files: the path of the part and why, where it is a file without text.
        unread: parts of its files that could not be read.
        rows_before: rows of the parts before this one.
        shares_ids: whether another part has one of its ids.
    """

    part: Part
    keys: Keys
    rows: int = 0
    ids: dict[str, int] = field(default_factory=dict)
    repeated_ids: set[str] = field(default_factory=set)
    generated_ids: set[str] = field(default_factory=set)
    numbered: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    fault: InputError | None = None
    blank_files: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    rows_before: int = 0
    shares_ids: bool = False

    def check_row(self, number: int, row: InputRow | Fault, options: ReadOptions) -> None:
        """Count a row, and note its id or why it cannot be used."""
        self.rows += 1
        if isinstance(row, Fault):
            self.problems.append((self.part.locate(row.location), "cannot be read"))
            self.fault = self.fault or row.error
            return
        record = _to_record(row, number, self.keys)
        if self._is_blank_file(record):
            self.blank_files.append(f"{self.part.path} (empty)")
            return
        if isinstance(row, Mapping) and CONVERTED_FROM in row:
            name = self.part.path or self.part.name
            self.unread += [f"{name}, {unread}" for unread in row.get(UNREAD) or ()]
        problem = options.problem_of(record)
        if problem is None and record.id is not None and record.id in self.ids:
            self.repeated_ids.add(record.id)
            problem = f"has the same id as row {self.ids[record.id]}"
        if problem is not None:
            self.problems.append((self._locate(record), problem))
        elif record.id is not None:
            self.ids[record.id] = number
        elif options.generate_id is not None:
            self.generated_ids.add(options.generate_id(row))
        else:
            self.numbered += 1

    def _is_blank_file(self, record: _Record) -> bool:
        """Whether a file of a folder holds nothing, as the __init__.py of a package."""
        is_file = bool(self.part.path) and not self.part.is_table
        return is_file and isinstance(record.text, str) and is_blank(record.text)

    def _locate(self, record: _Record) -> str:
        own_id = ""
        if record.id is not None:
            own_id = f" ({record.id.encode('utf-8', 'replace').decode()})"
        return self.part.locate(f"row {record.number}{own_id}")


def _check_part(part: Part, options: ReadOptions) -> _CheckedPart:
    """Read a part once; twice where later rows have better fields than the first.

    Raises:
        InputError: it cannot be read, or has no such field.
    """
    # beside tables, nobody can name the fields that a reader makes
    can_be_named = part.is_table or not part.path
    text_field = options.text_field if can_be_named else None
    id_field = options.id_field if can_be_named else None
    keys: Keys | None = None
    while True:
        fields: dict[str, None] = {}
        checked = _CheckedPart(part, keys or _NO_KEYS)
        for number, row in part.read(skip_faults=options.skip_invalid):
            if isinstance(row, Mapping):
                fields.update((str(key), None) for key in row)
                if keys is None:
                    keys = keys_of(fields, text_field=text_field, id_field=id_field)
                    checked.keys = keys
            checked.check_row(number, row, options)
        checked.keys = keys_of(fields, text_field=text_field, id_field=id_field)
        if keys is None or keys == checked.keys:
            break
        keys = checked.keys
    if (fields or (text_field and checked.rows)) and checked.keys.text not in fields:
        raise missing_field(checked.keys.text, list(fields), part.name, option="text_field")
    if id_field is not None and checked.rows and id_field not in fields:
        raise missing_field(id_field, list(fields), part.name, option="id_field")
    if part.path and not checked.rows:
        checked.blank_files.append(f"{part.path} ({'no rows' if part.is_table else 'empty'})")
    return checked


class TextStream:
    """Checked texts of any number: each is non-empty, valid Unicode and of sane length.

    Everything is read and checked when a stream is made, so that unusable texts are named before
    anything is done with the rest. Only ids are kept of that: iterating reads again.

    Args:
        parts: in order. Ids that several of them have get the part's path before them.
        options: how rows are read.
        source: where the texts come from, for messages.
        left_out: what was not even tried, for `skipped`.

    Raises:
        InputError: nothing in it, no such field, or a text that cannot be used.

    Attributes:
        source: as given.
        skipped: what was left out: files of a folder (`sub/notes.xyz (no reader)`), rows (`row 7`,
            with the id if it has one), and parts of files (`deed.pdf, pages 2-10 (no text:
            scanned?)`).
    """

    def __init__(
        self,
        parts: Iterable[Part],
        options: ReadOptions,
        *,
        source: str,
        left_out: Sequence[str] = (),
    ) -> None:
        self.source = source
        self._options = options
        self._parts: list[_CheckedPart] = []
        unreadable = self._check(parts)
        problems = [problem for part in self._parts for problem in part.problems]
        blank_files = [path for part in self._parts for path in part.blank_files]
        generated = set().union(*(part.generated_ids for part in self._parts))
        self._length = len(generated) + sum(len(part.ids) + part.numbered for part in self._parts)
        if problems and not (options.skip_invalid and self._length):
            faults = [part.fault for part in self._parts if part.fault is not None]
            if faults:  # where nothing could be left out, they say more
                raise faults[0]
            raise unusable_texts(problems, sum(part.rows for part in self._parts), source)
        if not self._length:
            raise InputError(
                f"There is no text in {source}.",
                why="The file or list is empty, or holds only a header or blank lines.",
                fix="Give at least one text.",
                code=NO_TEXTS,
            )
        unusable = (location for location, _ in problems)
        unread = (location for part in self._parts for location in part.unread)
        self.skipped = (*left_out, *unreadable, *blank_files, *unusable, *unread)
        self._settle_ids()

    def __len__(self) -> int:
        """How many texts there are."""
        return self._length

    def __iter__(self) -> Iterator[Item]:
        generated: set[str] = set()
        for part in self._parts:
            seen: set[str] = set()
            for record in self._usable(part):
                if record.id is not None and record.id in part.repeated_ids:
                    if record.id in seen:
                        continue
                    seen.add(record.id)
                name = self._name(record, part)
                if record.id is None and self._options.generate_id is not None:
                    if name in generated:
                        continue
                    generated.add(name)
                yield Item(name, record.text, record.fields)

    def _check(self, parts: Iterable[Part]) -> list[str]:
        """Check every part; the paths of those that are left out."""
        left_out: list[str] = []
        refused: InputError | None = None
        for part in parts:
            try:
                checked = _check_part(part, self._options)
            except InputError as error:
                if not (self._options.skip_invalid and part.path):
                    raise
                refused = refused or error
                left_out.append(f"{part.path} (cannot be read)")
                continue
            if self._parts:
                checked.rows_before = self._parts[-1].rows_before + self._parts[-1].rows
            self._parts.append(checked)
        if refused is not None and not self._parts:
            raise refused
        return left_out

    def _settle_ids(self) -> None:
        """Note what the ids depend on, and let go of the ids."""
        owners: dict[str, _CheckedPart] = {}
        for part in self._parts if len(self._parts) > 1 else ():
            for name in part.ids:
                owner = owners.setdefault(name, part)
                if owner is not part:
                    owner.shares_ids = part.shares_ids = True
        self._numbers = (
            {name for part in self._parts for name in part.ids if _NUMBER.fullmatch(name)}
            if any(part.numbered for part in self._parts)
            else set()
        )
        for part in self._parts:
            part.ids, part.generated_ids = {}, set()

    def _usable(self, checked: _CheckedPart) -> Iterator[_Record]:
        for number, row in checked.part.read(skip_faults=self._options.skip_invalid):
            if isinstance(row, Fault):
                continue
            record = _to_record(row, number, checked.keys)
            problem = self._options.problem_of(record)
            if problem is None:
                yield record
            elif not (self._options.skip_invalid or checked.blank_files):
                location = checked.part.locate(f"row {number}")
                raise InputError(
                    f"{location} of {self.source} {problem}, and did not when it was first read.",
                    fix="Leave the file alone while it is read.",
                )

    def _name(self, record: _Record, checked: _CheckedPart) -> str:
        if record.id is not None:
            return f"{checked.part.path}:{record.id}" if checked.shares_ids else record.id
        if self._options.generate_id is not None:
            return self._options.generate_id(record.row)
        name = str(checked.rows_before + record.number)
        while name in self._numbers:  # another row may have the number for an id of its own
            name = f"row-{name}"
        return name
