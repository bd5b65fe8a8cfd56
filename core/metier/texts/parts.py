"""Parts of texts, such as files of a folder and sheets of a workbook, and checks of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from metier.errors import InputError
from metier.texts.checks import REPEATED_ID, is_blank, lone_surrogate, problem_of, valid_text
from metier.texts.reader import CONVERTED_FROM, UNREAD, Fault, LeftOut, SheetRow
from metier.texts.rows import (
    NO_KEYS,
    TEXT_FIELDS,
    InputRow,
    Item,
    Keys,
    id_as_string,
    keys_of,
    missing_field,
    require_id,
    row_of,
)

_FIRST_ROWS = 100
"""Rows that are looked at for the field that is likely to hold the text."""


class Record(NamedTuple):
    """The text of a row, its id and the rest.

    Attributes:
        number: of the row, as `Part.read` gives it.
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


def to_record(row: InputRow, number: int, keys: Keys) -> Record:
    """The text of a row, its id and the rest, by the fields that hold them; nothing is checked.

    Raises:
        InputError: its id is several values, or bytes.
    """
    if isinstance(row, Item):
        require_id(row.id, number)
        return Record(number, id_as_string(row.id), row.text, row.fields, row)
    if not isinstance(row, Mapping):
        return Record(number, None, row, {}, row)
    fields = {str(key): value for key, value in row.items()}
    text = fields.pop(keys.text, None) if keys.text else None
    own_id = fields.pop(keys.id, None) if keys.id else None
    require_id(own_id, number)
    fields = {valid_text(name): _valid(value) for name, value in fields.items()}
    return Record(number, id_as_string(own_id), text, fields, row)


def _valid(value: Any) -> Any:
    """A value without lone surrogates, which no file can hold; a text with one is refused."""
    try:
        return _valid_parts(value)
    except RecursionError:  # it holds itself: what keeps it says which document has it
        return value


def _valid_parts(value: Any) -> Any:
    if isinstance(value, str):
        return valid_text(value)
    if isinstance(value, list):
        return [_valid_parts(part) for part in value]
    if isinstance(value, dict):
        return {_valid_parts(name): _valid_parts(part) for name, part in value.items()}
    return value


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the texts, such as a file of a folder.

    Attributes:
        name: for messages.
        rows: reads the rows, anew at each call.
        path: of a file in its folder; empty where this is the only part.
        is_table: whether its fields were named by its author; else by the reader.
        origin: the path among several that it was found by, as the caller wrote it.
        file: that it is read from; None where there is none.
    """

    name: str
    rows: Callable[[], Iterable[object]]
    path: str = ""
    is_table: bool = True
    origin: str = ""
    file: Path | None = None

    def read(
        self, *, skip_faults: bool, left_out: list[str] | None = None
    ) -> Iterator[tuple[str, int, InputRow | Fault]]:
        """The rows with the names of their sheets, empty where there are none, and their numbers.

        Args:
            skip_faults: give rows that cannot be read as what the reader says of them.
            left_out: takes what the reader leaves out.

        Raises:
            InputError: the part cannot be read, or one of its rows cannot and may not be skipped.
        """
        for number, row in enumerate(self.rows(), start=1):
            if isinstance(row, LeftOut):
                if left_out is not None:
                    left_out.append(f"{self.path or self.name}, {row}")
            elif isinstance(row, SheetRow):
                yield row.sheet, row.number, row.cells
            elif not isinstance(row, Fault):
                yield "", number, row_of(row, number, self.name)
            elif skip_faults:
                yield "", number, row
            else:
                raise row.error


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
        text_fields: names of fields that hold the text, the first found wins.
    """

    max_characters: int
    text_field: str | None = None
    id_field: str | None = None
    skip_invalid: bool = False
    generate_id: Callable[[InputRow], str] | None = None
    text_fields: Sequence[str] = TEXT_FIELDS

    @property
    def names_of_text(self) -> Sequence[str]:
        """The names that the field of the text may have."""
        return self.text_fields if self.text_field is None else (self.text_field,)

    def problem_of(self, record: Record) -> str | None:
        """Why a row cannot be used, whatever the others are; None if it can."""
        if record.id is not None and lone_surrogate(record.id) is not None:
            return "has an id that is not valid Unicode"
        return problem_of(record.text, self.max_characters)


@dataclass(slots=True)
class CheckedPart:
    """A part, or a sheet of one, after its rows were checked.

    Attributes:
        part: as it was.
        sheet: name of the sheet; empty where the part has none.
        keys: the fields of text and id.
        prefix: before its ids where another has the same.
        rows: how many rows it has.
        ids: number of the row by id, of usable rows with an id of their own.
        repeated_ids: ids that further rows have, which is a problem.
        generated_ids: of usable rows without an id, where the options generate ids.
        numbered: usable rows without an id that are numbered.
        problems: rows that cannot be used, and why.
        fault: the error of the first row that cannot be read at all.
        blank_files: the path of the part and why, where it is a file without text.
        unread: parts of its files that could not be read, or were left out.
        rows_before: rows of the parts before this one.
        shares_ids: whether another part has one of its ids.
    """

    part: Part
    sheet: str
    keys: Keys
    prefix: str = ""
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
            self.problems.append((self.locate(row.location), "cannot be read"))
            self.fault = self.fault or row.error
            return
        record = to_record(row, number, self.keys)
        if self._is_blank_file(record):
            self.blank_files.append(f"{self.part.path} (empty)")
            return
        if isinstance(row, Mapping) and CONVERTED_FROM in row:
            name = self.part.path or self.part.name
            self.unread += [f"{name}, {unread}" for unread in row.get(UNREAD) or ()]
        problem = options.problem_of(record)
        if problem is None and record.id is not None and record.id in self.ids:
            self.repeated_ids.add(record.id)
            problem = f"{REPEATED_ID} row {self.ids[record.id]}"
        if problem is not None:
            self.problems.append((self._locate(record), problem))
        elif record.id is not None:
            self.ids[record.id] = number
        elif options.generate_id is not None:
            self.generated_ids.add(options.generate_id(row))
        else:
            self.numbered += 1

    def _is_blank_file(self, record: Record) -> bool:
        """Whether a file of a folder holds nothing, as the __init__.py of a package."""
        is_file = bool(self.part.path) and not self.part.is_table
        return is_file and isinstance(record.text, str) and is_blank(record.text)

    def _locate(self, record: Record) -> str:
        own_id = ""
        if record.id is not None:
            own_id = f" ({record.id.encode('utf-8', 'replace').decode()})"
        return self.locate(f"row {record.number}{own_id}")

    def locate(self, row: str) -> str:
        """A row for people: `row 7`, after the path of the part and the sheet if it has them."""
        return ", ".join(filter(None, (self.part.path, self.sheet and f"sheet {self.sheet}", row)))


def check_part(part: Part, options: ReadOptions) -> list[CheckedPart]:
    """Read a part once; twice where later rows have better fields than the first.

    Each sheet is checked with the fields of its own. One without a text is left out if another has
    one.

    Raises:
        InputError: it cannot be read, or has no such field.
    """
    # beside tables, nobody can name the fields that a reader makes
    can_be_named = part.is_table or not part.path
    text_field = options.text_field if can_be_named else None
    id_field = options.id_field if can_be_named else None
    find_keys = partial(
        keys_of, text_field=text_field, id_field=id_field, text_fields=options.text_fields
    )
    keys: dict[str, Keys] = {}
    while True:
        fields: dict[str, dict[str, None]] = {}
        sheets: dict[str, CheckedPart] = {}
        left_out: list[str] = []
        for name, number, row in part.read(skip_faults=options.skip_invalid, left_out=left_out):
            if name not in sheets:
                sheets[name] = CheckedPart(part, name, keys.get(name, NO_KEYS))
                fields[name] = {}
            if isinstance(row, Mapping):
                fields[name].update((str(key), None) for key in row)
                if name not in keys:
                    keys[name] = sheets[name].keys = find_keys(fields[name])
            sheets[name].check_row(number, row, options)
        before, keys = keys, {name: find_keys(names) for name, names in fields.items()}
        if all(before.get(name, better) == better for name, better in keys.items()):
            break
    for name, sheet in sheets.items():
        sheet.keys = keys[name]
    all_fields = list(dict.fromkeys(field for names in fields.values() for field in names))
    checked = [
        sheet
        for name, sheet in sheets.items()
        if sheet.keys.text in fields[name] or not (fields[name] or text_field)
    ]
    if sheets and not checked:
        longest = None if text_field else _longest_field(part)
        raise missing_field(text_field, all_fields, part.name, option="text_field", longest=longest)
    if id_field is not None and checked and id_field not in all_fields:
        raise missing_field(id_field, all_fields, part.name, option="id_field")
    checked = _with_prefixes(part, checked, sheets)
    checked[0].unread += left_out
    return checked


def _longest_field(part: Part) -> str | None:
    """The field with the longest strings in the first rows, which is likely to hold the text."""
    lengths: Counter[str] = Counter()
    for _, _, row in islice(part.read(skip_faults=True), _FIRST_ROWS):
        if isinstance(row, Mapping):
            lengths.update(
                {str(name): len(value) for name, value in row.items() if isinstance(value, str)}
            )
    return max(lengths, key=lengths.__getitem__, default=None)


def _with_prefixes(
    part: Part, checked: list[CheckedPart], sheets: Mapping[str, CheckedPart]
) -> list[CheckedPart]:
    """The sheets of a part that are read, after those that are left out were noted."""
    if not checked:
        blank = f"{part.path} ({'no rows' if part.is_table else 'empty'})"
        return [CheckedPart(part, "", NO_KEYS, blank_files=[blank] if part.path else [])]
    for sheet in checked:
        sheet.prefix = part.path
        if len(checked) > 1:
            sheet.prefix = ":".join(filter(None, (part.path, sheet.sheet)))
    checked[0].unread += [
        f"{part.path or part.name}, sheet {name} (no column with the text)"
        for name, sheet in sheets.items()
        if all(sheet is not read for read in checked)
    ]
    return checked
