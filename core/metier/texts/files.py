"""From a path to texts: choose the reader, read, check."""

from __future__ import annotations

import codecs
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from metier.errors import InputError, UsageError
from metier.texts.reader import Reader, Row, decode
from metier.texts.readers import builtin_readers
from metier.texts.readers.json_rows import json_lines
from metier.texts.readers.plain import text_lines
from metier.texts.texts import Documents, Texts, field_of_id, id_as_string

T = TypeVar("T", bound=Texts)


def read_texts(
    path: str | Path,
    kind: type[T],
    *,
    readers: Sequence[Reader] = (),
    text_field: str | None = None,
    id_field: str | None = None,
    skip_invalid: bool = False,
) -> T:
    """Read a file, every known file of a folder, or standard input (`-`).

    Args:
        path: a file, a folder, or `-` for standard input (JSON lines or one text a line). Of a
            folder, hidden files and readmes are left out, and files no reader knows are named in
            `skipped`. Tables of a folder that share an id get their file's name before each id.
        kind: `Texts`, or `Documents` where a plain-text file is one document.
        readers: readers beyond the built-in ones; they win for a suffix both know.
        text_field: see `Texts.of`.
        id_field: see `Texts.of`.
        skip_invalid: see `Texts.of`; of a folder, files that cannot be read are left out, too.

    Raises:
        UsageError: no such file, or no reader for its suffix.
        InputError: the content cannot be used.
    """
    left_out: list[str] = []
    if str(path) == "-":
        rows, source = list(_stdin_rows(kind)), "standard input"
    else:
        file = _existing(path)
        by_suffix = _by_suffix([*builtin_readers(), *readers])
        source = file.name
        if file.is_dir():
            found, left_out = _folder_rows(file, by_suffix, kind, skip_invalid)
            rows = _with_own_ids(found, id_field)
        else:
            rows = _rows(file, by_suffix, kind)
    texts = kind.of(
        rows,
        text_field=text_field,
        id_field=id_field,
        skip_invalid=skip_invalid,
        source=source,
    )
    if not left_out:
        return texts
    return kind(tuple(texts), source=source, skipped=(*left_out, *texts.skipped))


def _existing(path: str | Path) -> Path:
    try:
        file = Path(path).expanduser()
        if file.exists():
            return file
        absolute = file.is_absolute()
    except (OSError, RuntimeError, ValueError):  # a text given as a path is no possible name
        absolute = True
    shown = str(path) if len(str(path)) <= 80 else str(path)[:77] + "..."
    raise UsageError(
        f"There is no file {shown!r}.",
        why=None if absolute else f"Looked in {Path.cwd()}.",
        fix="Check the path. To give a text directly, pipe it to the option with - for the file.",
    )


def _by_suffix(readers: Iterable[Reader]) -> dict[str, Reader]:
    return {suffix: reader for reader in readers for suffix in reader.suffixes}


def _folder_rows(
    folder: Path, by_suffix: dict[str, Reader], kind: type[Texts], skip_invalid: bool
) -> tuple[dict[str, list[Row]], list[str]]:
    """The rows of each file by its place in the folder, and the places of files left out."""
    rows: dict[str, list[Row]] = {}
    left_out: list[str] = []
    refused: InputError | None = None
    for file in sorted(file for file in folder.rglob("*") if _is_wanted(file, folder)):
        place = file.relative_to(folder).as_posix()
        if file.suffix.lower() not in by_suffix:
            left_out.append(place)
            continue
        try:
            rows[place] = [_named_within(folder, file, row) for row in _rows(file, by_suffix, kind)]
        except InputError as error:
            if not skip_invalid:
                raise
            refused = refused or error
            left_out.append(place)
    if not rows:
        raise refused or InputError(
            f"The folder {folder.name!r} holds no file that can be read.",
            why=f"Readable are: {', '.join(sorted(by_suffix))}.",
        )
    return rows, left_out


def _is_wanted(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return not hidden and file.stem.upper() != "README" and file.is_file()


def _with_own_ids(found: Mapping[str, list[Row]], id_field: str | None) -> list[Row]:
    """All rows; those of files that share an id have their file's place before each of theirs."""
    everything = [row for rows in found.values() for row in rows]
    key = id_field or field_of_id(everything)
    ids = {place: {_id_of(row, key) for row in rows} - {None} for place, rows in found.items()}
    files = Counter(one for each in ids.values() for one in each)
    sharing = {place for place, each in ids.items() if any(files[one] > 1 for one in each)}
    if not sharing:
        return everything
    return [
        {**row, key: f"{place}:{own}"}
        if place in sharing and key and (own := _id_of(row, key)) is not None
        else row
        for place, rows in found.items()
        for row in rows
    ]


def _id_of(row: Row, key: str | None) -> str | None:
    return id_as_string(row.get(key)) if key else None


def _named_within(folder: Path, file: Path, row: Row) -> Row:
    """The row, its id made of the file's place in the folder where it is made of its name."""
    own = row.get("id")
    if file.parent == folder or not isinstance(own, str):
        return row
    if own != file.name and not own.startswith(f"{file.name}:"):
        return row
    return {**row, "id": f"{file.parent.relative_to(folder).as_posix()}/{own}"}


def _rows(path: Path, by_suffix: dict[str, Reader], kind: type[Texts]) -> list[Row]:
    reader = by_suffix.get(path.suffix.lower())
    if reader is None:
        raise UsageError(
            f"No reader for {path.name!r}.",
            why=f"Readable are: {', '.join(sorted(by_suffix))}.",
            fix="Convert the file, or install a plugin that reads it.",
        )
    try:
        if issubclass(kind, Documents) and reader.read_document is not None:
            return [reader.read_document(path)]
        return list(reader.read(path))
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read: {error.strerror or error}.",
            fix="Check the file's permissions.",
        ) from None


def _stdin_rows(kind: type[Texts]) -> Iterator[Row]:
    """Standard input is JSON lines if it starts like an object, else text."""
    raw = sys.stdin.buffer.read()
    if raw.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{":
        yield from json_lines(raw, "stdin")
    elif issubclass(kind, Documents):
        yield {"id": "stdin", "text": decode(raw, "stdin")}
    else:
        yield from text_lines(raw, "stdin")
