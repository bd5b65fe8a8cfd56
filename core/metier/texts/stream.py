"""Streams of texts: every row is checked first, then rows are read again as they are needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from metier.errors import InputError
from metier.texts.checks import EMPTY, NO_TEXTS, unusable_texts
from metier.texts.parts import CheckedPart, Part, ReadOptions, Record, check_part, to_record
from metier.texts.reader import Fault
from metier.texts.rows import NO_KEYS, InputRow, Item, Keys

_NUMBER = re.compile(r"(?:row-)*\d+")
_MOST_NAMED = 5


class TextStream:
    """Checked texts of any number: each is non-empty, valid Unicode and of sane length.

    Everything is read and checked when a stream is made, so that unusable texts are named before
    anything is done with the rest. Only ids are kept of that: iterating reads again.

    Args:
        parts: in order. Ids that several of them have get the part's path before them.
        options: how rows are read.
        source: where the texts come from, for messages.
        left_out: what was not even tried, for `skipped`.
        empty_origins: paths that have no part.

    Raises:
        InputError: nothing in it, no such field, or a text that cannot be used.

    Attributes:
        source: as given.
        skipped: what was left out: files of a folder (`sub/notes.xyz (no reader)`), rows (`row 7`,
            with the id if it has one), and parts of files (`deed.pdf, pages 2-10 (no text:
            scanned?)`).
        empty_origins: of several paths those that have no text, as the caller wrote them.
        files: what was read.
        keys: the names of the fields that hold the text and the id; None where there is none, where
            a reader made it, and where they differ from table to table.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        options: ReadOptions,
        *,
        source: str,
        left_out: Sequence[str] = (),
        empty_origins: Sequence[str] = (),
    ) -> None:
        self.source = source
        self._options = options
        self._parts: list[CheckedPart] = []
        parts = list(parts)
        self.files = tuple(dict.fromkeys(part.file for part in parts if part.file is not None))
        unreadable = self._check(parts)
        problems = [problem for part in self._parts for problem in part.problems]
        blank_files = [path for part in self._parts for path in part.blank_files]
        unread = [location for part in self._parts for location in part.unread]
        generated = set().union(*(part.generated_ids for part in self._parts))
        self._length = len(generated) + sum(len(part.ids) + part.numbered for part in self._parts)
        if self._is_empty_document(problems):
            raise _no_text(source)
        if problems and not (options.skip_invalid and self._length):
            faults = [part.fault for part in self._parts if part.fault is not None]
            if faults:  # where nothing could be left out, they say more
                raise faults[0]
            raise unusable_texts(problems, sum(part.rows for part in self._parts), source)
        if not self._length:
            raise _no_text(source, unread)
        unusable = (location for location, _ in problems)
        self.skipped = (*left_out, *unreadable, *blank_files, *unusable, *unread)
        by_origin = self._parts_by_origin()
        self._unusable = [
            origin
            for origin, checked in by_origin.items()
            if not any(part.ids or part.generated_ids or part.numbered for part in checked)
        ]
        self.empty_origins = [
            *(name for name in self._unusable if not any(part.rows for part in by_origin[name])),
            *empty_origins,
        ]
        self.keys = _common_keys(self._parts)
        self._settle_ids()

    def __len__(self) -> int:
        """How many texts there are."""
        return self._length

    def __iter__(self) -> Iterator[Item]:
        return self._items(self._parts, set())

    def by_origin(self) -> dict[str, Iterator[Item]]:
        """The texts of each of several paths, to be gone through one after the other, once.

        Those that are empty are not among them.

        Raises:
            InputError: none of the texts of one of the paths can be used.
        """
        parts = self._parts_by_origin()
        for origin in self._unusable:
            checked = parts.pop(origin)
            problems = [problem for part in checked for problem in part.problems]
            if problems:
                raise unusable_texts(problems, sum(part.rows for part in checked), origin)
        generated: set[str] = set()
        return {origin: self._items(checked, generated) for origin, checked in parts.items()}

    def _is_empty_document(self, problems: Sequence[tuple[str, str]]) -> bool:
        """Whether the only part is a document in which nothing can be read."""
        return (
            len(self._parts) == len(problems) == 1
            and not self._parts[0].part.is_table
            and problems[0][1] in EMPTY
            and not self._length
        )

    def _parts_by_origin(self) -> dict[str, list[CheckedPart]]:
        parts: dict[str, list[CheckedPart]] = {}
        for checked in self._parts:
            parts.setdefault(checked.part.origin, []).append(checked)
        return parts

    def _items(self, parts: Sequence[CheckedPart], generated: set[str]) -> Iterator[Item]:
        """The texts of parts; `generated` collects the generated ids, which count once."""
        seen: set[tuple[int, str]] = set()
        for part, position, record in self._usable(parts):
            if record.id is not None and record.id in part.repeated_ids:
                if (id(part), record.id) in seen:
                    continue
                seen.add((id(part), record.id))
            name = self._name(record, position, part)
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
                checked = check_part(part, self._options)
            except InputError as error:
                if not (self._options.skip_invalid and part.path):
                    raise
                refused = refused or error
                left_out.append(f"{part.path} (cannot be read)")
                continue
            for sheet in checked:
                if self._parts:
                    sheet.rows_before = self._parts[-1].rows_before + self._parts[-1].rows
                self._parts.append(sheet)
        if refused is not None and not self._parts:
            raise refused
        return left_out

    def _settle_ids(self) -> None:
        """Note what the ids depend on, and let go of the ids."""
        owners: dict[str, CheckedPart] = {}
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

    def _usable(self, parts: Sequence[CheckedPart]) -> Iterator[tuple[CheckedPart, int, Record]]:
        """The usable rows, each with its part and its position in it; each file is read once."""
        for _, group in groupby(parts, key=lambda checked: id(checked.part)):
            sheets = {checked.sheet: checked for checked in group}
            part = next(iter(sheets.values())).part
            positions: Counter[str] = Counter()
            for name, number, row in part.read(skip_faults=self._options.skip_invalid):
                positions[name] += 1
                if name in sheets and not isinstance(row, Fault):
                    record = self._usable_record(row, number, sheets[name])
                    if record is not None:
                        yield sheets[name], positions[name], record

    def _usable_record(self, row: InputRow, number: int, checked: CheckedPart) -> Record | None:
        record = to_record(row, number, checked.keys)
        problem = self._options.problem_of(record)
        if problem is None:
            return record
        if not (self._options.skip_invalid or checked.blank_files):
            location = checked.locate(f"row {number}")
            raise InputError(
                f"{location} of {self.source} {problem}, and did not when it was first read.",
                fix="Leave the file alone while it is read.",
            )
        return None

    def _name(self, record: Record, position: int, checked: CheckedPart) -> str:
        if record.id is not None:
            return f"{checked.prefix}:{record.id}" if checked.shares_ids else record.id
        if self._options.generate_id is not None:
            return self._options.generate_id(record.row)
        name = str(checked.rows_before + position)
        while name in self._numbers:  # another row may have the number for an id of its own
            name = f"row-{name}"
        return name


def _no_text(source: str, unread: Sequence[str] = ()) -> InputError:
    more = f", and {len(unread) - _MOST_NAMED} more" if len(unread) > _MOST_NAMED else ""
    left_out = f"Left out are: {'; '.join(unread[:_MOST_NAMED])}{more}."
    return InputError(
        f"There is no text in {source}.",
        why=left_out
        if unread
        else "The file or list is empty, or holds only a header or blank lines.",
        fix="Give at least one text.",
        code=NO_TEXTS,
    )


def _common_keys(parts: Sequence[CheckedPart]) -> Keys:
    """The names of the fields that hold text and id in all parts."""
    used = [checked for checked in parts if checked.rows]
    if not all(checked.part.is_table for checked in used):
        return NO_KEYS
    texts = {checked.keys.text for checked in used}
    ids = {checked.keys.id for checked in used}
    return Keys(texts.pop() if len(texts) == 1 else None, ids.pop() if len(ids) == 1 else None)
